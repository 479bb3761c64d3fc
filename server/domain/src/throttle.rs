//! Brute force: how long a person waits after wrong secrets (SR-A06). Counters live in the database and survive a
//! restart; the ladder itself is here.

use jiff::{SignedDuration, Timestamp};

use crate::calendar;

/// Wrong passwords a day after which the account of a person waits for the next day.
const STAFF_A_DAY: i32 = 100;
/// The same for operators.
const OPERATOR_A_DAY: i32 = 10;
/// What may come without a name from one network in a day.
const VOICES_A_DAY: i32 = 30;
/// Bad assertions an hour after which software is suspended.
const ASSERTIONS_AN_HOUR: i32 = 20;

/// The wrong tries of one device or account since the last right one. Those with a password are counted for a day: a
/// count is made with [`and_one_today`](Self::and_one_today).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Failures {
    /// How many in a row.
    pub count: i32,
    /// The last of them.
    pub last_at: Option<Timestamp>,
}

/// Whether a try may be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Yes.
    Open,
    /// Not before this moment.
    Wait(Timestamp),
    /// Never again with this device; the practice can give a new slip.
    Unbound,
}

/// The ladder of a resident's PIN: five wrong tries cost a minute, then 5, 15 and 60; ten unbind the device.
#[must_use]
pub fn pin_gate(failures: Failures, now: Timestamp) -> Gate {
    let wait = match failures.count {
        ..5 => return Gate::Open,
        5 => SignedDuration::from_mins(1),
        6 => SignedDuration::from_mins(5),
        7 => SignedDuration::from_mins(15),
        8 | 9 => SignedDuration::from_mins(60),
        10.. => return Gate::Unbound,
    };
    wait_from(failures, wait, now)
}

/// The ladder of a staff account: seconds at first, so that nobody can lock a colleague out for long; a hundred wrong
/// tries of one day lock it until that day ends in Berlin.
#[must_use]
pub fn staff_gate(failures: Failures, now: Timestamp) -> Gate {
    daily_gate(failures, STAFF_A_DAY, now)
}

/// The ladder of an operator: the same, but ten wrong tries are enough for a day.
#[must_use]
pub fn operator_gate(failures: Failures, now: Timestamp) -> Gate {
    daily_gate(failures, OPERATOR_A_DAY, now)
}

/// The ladder of a network from which links are opened that nobody has (any more). Only seconds: others of the network may
/// hold good ones.
#[must_use]
pub fn link_gate(failures: Failures, now: Timestamp) -> Gate {
    let failures = failures.today(now);
    let wait = match failures.count {
        ..50 => return Gate::Open,
        50..200 => SignedDuration::from_secs(1),
        200.. => SignedDuration::from_secs(5),
    };
    wait_from(failures, wait, now)
}

/// The gate of a network from which things come without a name: feedback and wishes. Enough for a waiting room, too little for a flood.
#[must_use]
pub fn voice_gate(failures: Failures, now: Timestamp) -> Gate {
    if failures.today(now).count < VOICES_A_DAY { Gate::Open } else { Gate::Wait(calendar::end_of_day(now)) }
}

fn daily_gate(failures: Failures, a_day: i32, now: Timestamp) -> Gate {
    let failures = failures.today(now);
    let wait = match failures.count {
        count if count >= a_day => return Gate::Wait(calendar::end_of_day(now)),
        ..1 => return Gate::Open,
        1..3 => SignedDuration::from_secs(1),
        3..9 => SignedDuration::from_secs(3),
        9..25 => SignedDuration::from_secs(5),
        25.. => SignedDuration::from_secs(10),
    };
    wait_from(failures, wait, now)
}

impl Failures {
    /// One wrong try more, in place of those of earlier days.
    #[must_use]
    pub fn and_one_today(self, now: Timestamp) -> Self {
        Self { count: self.today(now).count.saturating_add(1), last_at: Some(now) }
    }

    /// What of it counts today. A clock that jumped back forgives nothing.
    fn today(self, now: Timestamp) -> Self {
        let earlier = self.last_at.is_some_and(|last| calendar::day(last) < calendar::day(now));
        if earlier { Self::default() } else { self }
    }
}

/// The bad assertions of one software client, counted by the hour that begins with the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BadAssertions {
    /// How many.
    pub count: i32,
    /// When the first of them came.
    pub since: Option<Timestamp>,
}

impl BadAssertions {
    /// One more.
    #[must_use]
    pub fn and_one(self, now: Timestamp) -> Self {
        match self.since {
            Some(since) if now.duration_since(since) < SignedDuration::from_hours(1) => {
                Self { count: self.count.saturating_add(1), since: Some(since) }
            }
            _ => Self { count: 1, since: Some(now) },
        }
    }

    /// Whether the client is to be suspended, until a person has looked at it.
    #[must_use]
    pub const fn suspend(self) -> bool {
        self.count >= ASSERTIONS_AN_HOUR
    }
}

fn wait_from(failures: Failures, wait: SignedDuration, now: Timestamp) -> Gate {
    let Some(last) = failures.last_at else { return Gate::Open };
    // A clock that jumped back must not lock anyone out for longer than the ladder says.
    let until = last.min(now) + wait;
    if now < until { Gate::Wait(until) } else { Gate::Open }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn after(count: i32, seconds: i64, gate: impl Fn(Failures, Timestamp) -> Gate) -> Gate {
        let last = Timestamp::from_second(1_000_000).unwrap();
        gate(Failures { count, last_at: Some(last) }, last + SignedDuration::from_secs(seconds))
    }

    #[test]
    fn sr_a06_the_pin_ladder() {
        for (count, seconds) in [(5, 60), (6, 300), (7, 900), (8, 3_600), (9, 3_600)] {
            assert!(matches!(after(count, seconds - 1, pin_gate), Gate::Wait(_)), "{count}");
            assert_eq!(after(count, seconds, pin_gate), Gate::Open, "{count}");
        }
        assert_eq!(after(4, 0, pin_gate), Gate::Open);
        assert_eq!(after(10, 1_000_000, pin_gate), Gate::Unbound);
    }

    /// Wrong tries of one day, the last of them at noon.
    fn at_noon(count: i32) -> (Failures, Timestamp) {
        let noon = "2026-07-01T10:00:00Z".parse().unwrap();
        (Failures { count, last_at: Some(noon) }, noon)
    }

    #[test]
    fn sr_a06_the_staff_ladder() {
        for (count, seconds) in [(1, 1), (2, 1), (3, 3), (8, 3), (9, 5), (24, 5), (25, 10), (99, 10)] {
            let (failures, noon) = at_noon(count);
            let until = noon + SignedDuration::from_secs(seconds);
            assert_eq!(staff_gate(failures, until - SignedDuration::from_millis(1)), Gate::Wait(until), "{count}");
            assert_eq!(staff_gate(failures, until), Gate::Open, "{count}");
        }
        assert_eq!(staff_gate(Failures::default(), Timestamp::UNIX_EPOCH), Gate::Open);
    }

    fn waits_for_midnight(gate: fn(Failures, Timestamp) -> Gate, a_day: i32) {
        let midnight: Timestamp = "2026-07-01T22:00:00Z".parse().unwrap();
        let (failures, noon) = at_noon(a_day);
        for now in [noon, noon + SignedDuration::from_hours(5), midnight - SignedDuration::from_millis(1)] {
            assert_eq!(gate(failures, now), Gate::Wait(midnight));
        }
        assert_eq!(gate(failures, midnight), Gate::Open);
        let (fewer, _) = at_noon(a_day - 1);
        assert_eq!(gate(fewer, noon + SignedDuration::from_secs(10)), Gate::Open);
    }

    #[test]
    fn sr_a06_too_many_tries_wait_for_the_next_day() {
        waits_for_midnight(staff_gate, 100);
        waits_for_midnight(operator_gate, 10);
    }

    #[test]
    fn sr_a06_the_ladder_of_links_keeps_nobody_out_for_long() {
        for (count, seconds) in [(50, 1), (199, 1), (200, 5), (1_000_000, 5)] {
            let (failures, noon) = at_noon(count);
            let until = noon + SignedDuration::from_secs(seconds);
            assert_eq!(link_gate(failures, until - SignedDuration::from_millis(1)), Gate::Wait(until), "{count}");
            assert_eq!(link_gate(failures, until), Gate::Open, "{count}");
        }
        let (few, noon) = at_noon(49);
        assert_eq!(link_gate(few, noon), Gate::Open);
    }

    #[test]
    fn what_comes_without_a_name_is_for_a_day_enough_and_then_waits_for_the_next() {
        let (few, noon) = at_noon(29);
        assert_eq!(voice_gate(few, noon), Gate::Open);
        let (many, _) = at_noon(30);
        let midnight: Timestamp = "2026-07-01T22:00:00Z".parse().unwrap();
        assert_eq!(voice_gate(many, noon), Gate::Wait(midnight));
        assert_eq!(voice_gate(many, midnight), Gate::Open);
    }

    #[test]
    fn sr_a06_a_new_day_counts_anew() {
        let (failures, noon) = at_noon(100);
        let next = noon + SignedDuration::from_hours(24);
        let counted = failures.and_one_today(next);
        assert_eq!(counted, Failures { count: 1, last_at: Some(next) });
        assert_eq!(staff_gate(counted, next + SignedDuration::from_secs(1)), Gate::Open);
        assert_eq!(failures.and_one_today(noon).count, 101);
        let back = noon - SignedDuration::from_hours(48);
        assert_eq!(failures.and_one_today(back).count, 101, "a clock that jumped back forgives nothing");
        assert!(matches!(staff_gate(failures, back), Gate::Wait(_)));
    }

    #[test]
    fn sr_a06_twenty_bad_assertions_in_an_hour_suspend_software() {
        let start = Timestamp::from_second(1_000_000).unwrap();
        let at = |minute: i64| start + SignedDuration::from_mins(minute);
        let count = |apart: i64| (0..20).fold(BadAssertions::default(), |bad, n| bad.and_one(at(n * apart)));
        assert!(count(0).suspend() && count(3).suspend());
        assert!(!count(4).suspend());
        assert!(!(0..19).fold(BadAssertions::default(), |bad, n| bad.and_one(at(n))).suspend());
    }

    proptest! {
        #[test]
        fn sr_a06_nobody_tries_more_than_the_ladder_allows(tries in prop::collection::vec(0_i64..7_200, 1..400)) {
            let mut now: Timestamp = "2026-03-28T10:00:00Z".parse().unwrap();
            let (mut failures, mut made) = (Failures::default(), std::collections::HashMap::<_, i32>::new());
            for pause in tries {
                now += SignedDuration::from_secs(pause);
                match staff_gate(failures, now) {
                    Gate::Open => {
                        failures = failures.and_one_today(now);
                        *made.entry(calendar::day(now)).or_default() += 1;
                    }
                    Gate::Wait(until) => prop_assert!(until > now && until <= calendar::end_of_day(now).max(now + SignedDuration::from_secs(10))),
                    Gate::Unbound => prop_assert!(false, "an account is never lost"),
                }
            }
            prop_assert!(made.values().all(|tries| *tries <= 100));
        }
    }
}
