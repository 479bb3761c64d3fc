//! Disclosure control: which counts may be told so that they lead to nobody. Small ones never are, the others are rounded; nothing is added
//! up and told beside its parts.

/// The least count that is told.
pub const LEAST: i64 = 10;

/// What stands in the place of a smaller one, zero included.
pub const HIDDEN: &str = "<10";

/// A count as it may be told: none below [`LEAST`], zero included; the others to the nearest multiple of five, half up.
#[must_use]
pub const fn published(count: i64) -> Option<i64> {
    if count < LEAST { None } else { Some(count.saturating_add(2) / 5 * 5) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn small_counts_are_hidden_and_the_others_rounded() {
        for hidden in [0, 1, 4, 5, 7, 9] {
            assert_eq!(published(hidden), None);
        }
        for (count, told) in [
            (10, 10),
            (11, 10),
            (12, 10),
            (13, 15),
            (14, 15),
            (17, 15),
            (18, 20),
            (22, 20),
            (23, 25),
            (99, 100),
            (102, 100),
            (103, 105),
        ] {
            assert_eq!(published(count), Some(told), "{count}");
        }
    }

    proptest! {
        #[test]
        fn what_is_told_is_near_and_says_nothing_about_one_person(count in 0_i64..1_000_000) {
            match published(count) {
                None => prop_assert!(count < LEAST),
                Some(told) => prop_assert!(told % 5 == 0 && told >= LEAST && (told - count).abs() <= 2),
            }
            // A hidden count stays hidden whoever joins or leaves within it: nothing tells zero from nine.
            prop_assert!(count >= LEAST || published(count) == published(0));
        }
    }
}
