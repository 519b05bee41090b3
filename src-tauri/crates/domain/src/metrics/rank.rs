//! Percentiles by nearest rank: always a value that occurred.

/// Gives the ⌈p·n⌉-th smallest value of a sorted list; `None` of an empty one.
///
/// **Units**: `percent` is 1 to 100.
#[must_use]
pub fn nearest_rank<T>(sorted: &[T], percent: u8) -> Option<&T> {
    let rank = (sorted.len() * usize::from(percent)).div_ceil(100);
    sorted.get(rank.max(1) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rank_is_rounded_up() {
        let to = |count: u32| (1..=count).collect::<Vec<_>>();
        for (count, percent, value) in [(1, 95, 1), (20, 95, 19), (21, 95, 20), (100, 99, 99), (3, 50, 2), (4, 50, 2)] {
            assert_eq!(nearest_rank(&to(count), percent), Some(&value), "{percent} % of {count}");
        }
        assert_eq!(nearest_rank::<u32>(&[], 95), None);
    }
}
