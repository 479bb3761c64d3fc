//! What comes in bursts when somebody attacks, counted for the whole installation: wrong codes (SR-B08), and wishes to be
//! paired that push others out (SR-A06). Whoever does it from many addresses is still one flood.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Over which time they are counted together.
const WINDOW: SignedDuration = SignedDuration::from_mins(10);

/// How many within that time are more than people do.
const MANY: u32 = 100;

/// What came in the running window, in this process. Nothing is refused because of it: that would lock people out who are
/// right. The operator is told.
#[derive(Debug)]
pub(crate) struct Burst(Mutex<(Timestamp, u32)>);

impl Burst {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new((Timestamp::UNIX_EPOCH, 0)))
    }

    /// One more. Gives the number when it is time for an alarm: at a hundred, and at each tenfold of that.
    pub(crate) fn one_more(&self, now: Timestamp) -> Option<u32> {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now.duration_since(window.0).abs() >= WINDOW {
            *window = (now, 0);
        }
        window.1 = window.1.saturating_add(1);
        let alarms = [MANY, MANY * 10, MANY * 100, MANY * 1_000];
        alarms.contains(&window.1).then_some(window.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SR-B08
    #[test]
    fn sr_b08_many_wrong_codes_raise_one_alarm_and_few_raise_none() {
        let guesses = Burst::new();
        let at = |s| Timestamp::from_second(1_000_000 + s).unwrap();
        let alarms = |from: i64, count: i64, pause: i64| -> Vec<u32> {
            (0..count).filter_map(|n| guesses.one_more(at(from + n * pause))).collect()
        };
        assert_eq!(alarms(0, 1_500, 0), [100, 1_000]);
        assert_eq!(alarms(10_000, 1_000, 10), [0_u32; 0], "sixty in ten minutes are people");
    }
}
