//! The scale of the figures: which range an axis spans and where its ticks lie.
//!
//! Ticks are whole numbers of the unit and "nice" to people: 1, 2, 2.5 or 5 times a power of ten. The range ends at a
//! tick; only below zero it may end a third of a step beyond the last one, so that small losses do not cost much height.

/// Steps that people count in, in tenths.
const NICE_TENTHS: [i128; 5] = [10, 20, 25, 50, 100];

/// Spans a range of figures with evenly spaced ticks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scale {
    /// Lowest end of the range.
    pub low: i64,
    /// Highest end of the range.
    pub high: i64,
    /// Ticks from lowest to highest.
    pub ticks: Vec<i64>,
    /// Distance of the ticks.
    pub step: i64,
}

impl Scale {
    /// Covers all figures with about `wanted` steps, and includes zero.
    pub(crate) fn from_zero(figures: impl IntoIterator<Item = i64>, wanted: u32) -> Self {
        Self::covering(figures.into_iter().chain([0]), wanted)
    }

    /// Covers all figures; includes zero unless that would waste half of the height.
    pub(crate) fn fitted(figures: impl IntoIterator<Item = i64>, wanted: u32) -> Self {
        let figures: Vec<i64> = figures.into_iter().collect();
        let low = figures.iter().copied().min().unwrap_or(0);
        let high = figures.iter().copied().max().unwrap_or(0);
        let leaves_half_empty = low < high && (low > high / 2 || high < low / 2);
        if leaves_half_empty { Self::covering(figures, wanted) } else { Self::from_zero(figures, wanted) }
    }

    fn covering(figures: impl IntoIterator<Item = i64>, wanted: u32) -> Self {
        let (low, high) = figures
            .into_iter()
            .map(i128::from)
            .fold((i128::MAX, i128::MIN), |(low, high), figure| (low.min(figure), high.max(figure)));
        if low >= high {
            // No figure at all, or only zeros: the axis still needs a height, but has nothing to say.
            return Self { low: 0, high: 1, ticks: vec![0], step: 1 };
        }
        let step = nice_step(high - low, wanted);
        let (mut first, last) = (low.div_euclid(step), -(-high).div_euclid(step));
        let mut end = first * step;
        let third = end + step - step / 3;
        if high > 0 && end < 0 && third <= low {
            (first, end) = (first + 1, third);
        }
        // A figure at either end of 64 bits may not round outwards; the range then ends at it.
        let ticks = (first..=last).map(|index| saturated(index * step)).collect();
        Self { low: saturated(end), high: saturated(last * step), ticks, step: saturated(step) }
    }

    /// Gives the value nearest to zero: where bars and areas stand.
    pub(crate) fn base(&self) -> i64 {
        0.clamp(self.low, self.high)
    }
}

fn nice_step(span: i128, wanted: u32) -> i128 {
    let rough = (span / i128::from(wanted.max(1))).max(1);
    let power = 10_i128.pow(rough.ilog10());
    NICE_TENTHS
        .iter()
        // Below ten only whole numbers are steps: a quarter of a cent is no figure.
        .filter(|&&tenths| power * tenths % 10 == 0)
        .map(|&tenths| power * tenths / 10)
        .find(|&step| step * i128::from(wanted.max(1)) >= span)
        .unwrap_or(power * 10)
}

fn saturated(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ticks_are_the_ones_people_would_choose() {
        for (figures, wanted, ticks) in [
            (vec![1_230_000, 2_340_000], 5, vec![0, 500_000, 1_000_000, 1_500_000, 2_000_000, 2_500_000]),
            (vec![0, 7], 4, vec![0, 2, 4, 6, 8]),
            (vec![-300, 900], 4, vec![-500, 0, 500, 1000]),
            (vec![-80, 900], 4, vec![0, 250, 500, 750, 1000]),
            (vec![5], 4, vec![0, 2, 4, 6]),
            (vec![0], 4, vec![0]),
            (vec![], 4, vec![0]),
        ] {
            assert_eq!(Scale::from_zero(figures.clone(), wanted).ticks, ticks, "{figures:?}");
        }
        assert_eq!(Scale::fitted(vec![9_810, 10_040], 4).ticks, vec![9_800, 9_900, 10_000, 10_100]);
        assert_eq!(Scale::fitted(vec![100, 10_040], 4).low, 0);
        assert_eq!(Scale::from_zero(vec![-80, 900], 4).low, -83);
    }

    proptest! {
        #[test]
        fn every_figure_lies_on_the_scale(figures in prop::collection::vec(any::<i64>(), 0..20), wanted in 1u32..12) {
            for scale in [Scale::from_zero(figures.clone(), wanted), Scale::fitted(figures.clone(), wanted)] {
                prop_assert!(figures.iter().all(|figure| (scale.low..=scale.high).contains(figure)));
                prop_assert!(scale.low < scale.high);
                prop_assert!(scale.ticks.len() <= wanted as usize + 3);
                prop_assert!(scale.ticks.is_sorted_by(|a, b| a < b));
            }
        }
    }
}
