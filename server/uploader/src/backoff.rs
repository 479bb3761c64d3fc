//! How long to wait after something went wrong on the way: longer each time, spread, and never shorter than the server says.

use std::time::Duration;

/// The longest wait that is ours to choose.
const LONGEST: Duration = Duration::from_secs(300);
/// The longest wait that a server can ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(3600);

/// Tries that failed, one after the other.
#[derive(Debug)]
pub(crate) struct Backoff {
    first: Duration,
    failures: u32,
}

impl Backoff {
    /// Begins with this wait.
    pub(crate) const fn new(first: Duration) -> Self {
        Self { first, failures: 0 }
    }

    /// Something went well.
    pub(crate) const fn reset(&mut self) {
        self.failures = 0;
    }

    /// How long to wait after one more failure: twice as long as the last time, of which a random part of up to one half is
    /// left out, so that the practices of a district do not come back in step; and at least as long as was asked for.
    pub(crate) fn next(&mut self, asked: Option<Duration>, random: u32) -> Duration {
        let doubled = self.first.saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX)).min(LONGEST);
        self.failures = self.failures.saturating_add(1).min(31);
        let half = doubled / 2;
        let own = half + half.mul_f64(f64::from(random) / f64::from(u32::MAX));
        own.max(asked.unwrap_or_default().min(LONGEST_ASKED))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn waits_grow_to_five_minutes_and_begin_anew() {
        let mut backoff = Backoff::new(Duration::from_secs(2));
        let waits: Vec<u64> = (0..10).map(|_| backoff.next(None, u32::MAX).as_secs()).collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        backoff.reset();
        assert_eq!(backoff.next(None, 0), Duration::from_secs(1));
    }

    proptest! {
        #[test]
        fn a_wait_is_never_shorter_than_asked_and_never_endless(failures in 0..100_u32, random: u32, asked in 0..10_000_u64) {
            let mut backoff = Backoff::new(Duration::from_secs(2));
            for _ in 0..failures {
                backoff.next(None, random);
            }
            let wait = backoff.next(Some(Duration::from_secs(asked)), random);
            prop_assert!(wait >= Duration::from_secs(asked.min(3600)));
            prop_assert!(wait >= Duration::from_secs(1) && wait <= LONGEST_ASKED);
        }
    }
}
