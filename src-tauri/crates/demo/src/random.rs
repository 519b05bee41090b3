//! Chance from a seed: the same seed and stream give the same draws on every machine.
//!
//! A splitmix generator of a few lines, because what it draws is part of the format of the demo: a library may change
//! its stream in any release. Not for secrets.

/// A stream of draws.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

/// Spreads a number over 64 bits; equal inputs give equal outputs, neighbours have nothing in common.
pub(crate) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Spreads a word over 64 bits.
pub(crate) fn mix_word(word: &str) -> u64 {
    word.bytes().fold(0, |so_far, byte| mix(so_far ^ u64::from(byte)))
}

impl Random {
    /// Opens stream `stream` of a seed.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        Self(mix(mix(seed) ^ stream))
    }

    /// Draws 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// Draws a number below `count`; 0 when there is nothing to draw from.
    pub(crate) fn below(&mut self, count: u64) -> u64 {
        let wide = u128::from(self.bits()) * u128::from(count);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// Draws from `low..high`; `low` when the range is empty.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high.saturating_sub(low)).unwrap_or(0);
        low + i64::try_from(self.below(width)).unwrap_or(0)
    }

    /// Is true in `per_mille` of a thousand draws.
    pub(crate) fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// Draws one of a list; the default when the list is empty.
    pub(crate) fn pick<T: Copy + Default>(&mut self, from: &[T]) -> T {
        let at = self.below(from.len() as u64);
        usize::try_from(at).ok().and_then(|at| from.get(at)).copied().unwrap_or_default()
    }

    /// Draws one of a list in which each entry stands with its weight; the default when the list is empty.
    pub(crate) fn weighted<T: Copy + Default>(&mut self, from: &[(u64, T)]) -> T {
        let mut rest = self.below(from.iter().map(|(weight, _)| weight).sum());
        for (weight, value) in from {
            if rest < *weight {
                return *value;
            }
            rest -= weight;
        }
        T::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_part_of_the_format() {
        let mut random = Random::new(7, 1);
        let drawn: Vec<u64> = (0..4).map(|_| random.below(1000)).collect();
        assert_eq!(drawn, [156, 89, 215, 700]);
        assert_ne!(Random::new(7, 2).bits(), Random::new(7, 1).bits());
    }

    #[test]
    fn weights_are_kept() {
        let mut random = Random::new(1, 1);
        let rare = (0..10_000).filter(|_| random.weighted(&[(1, true), (9, false)])).count();
        assert!((800..1200).contains(&rare), "{rare}");
        assert_eq!(random.weighted::<u8>(&[]), 0);
        assert_eq!(random.pick::<u8>(&[]), 0);
    }
}
