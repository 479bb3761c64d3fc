//! Brute force: how long a person waits after wrong secrets (SR-A06). Counters live in the database and survive a
//! restart; the ladder itself is here.

use jiff::{SignedDuration, Timestamp};

/// The wrong tries of one device or account since the last right one.
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
/// tries lock it for a day.
#[must_use]
pub fn staff_gate(failures: Failures, now: Timestamp) -> Gate {
    let wait = match failures.count {
        ..1 => return Gate::Open,
        1..3 => SignedDuration::from_secs(1),
        3..9 => SignedDuration::from_secs(3),
        9..25 => SignedDuration::from_secs(5),
        25..100 => SignedDuration::from_secs(10),
        100.. => SignedDuration::from_hours(24),
    };
    wait_from(failures, wait, now)
}

fn wait_from(failures: Failures, wait: SignedDuration, now: Timestamp) -> Gate {
    let Some(last) = failures.last_at else { return Gate::Open };
    // A clock that jumped back must not lock anyone out for longer than the ladder says.
    let until = last.min(now) + wait;
    if now < until { Gate::Wait(until) } else { Gate::Open }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(count: i32, seconds: i64, gate: impl Fn(Failures, Timestamp) -> Gate) -> Gate {
        let last = Timestamp::from_second(1_000_000).unwrap();
        gate(Failures { count, last_at: Some(last) }, last + SignedDuration::from_secs(seconds))
    }

    #[test]
    fn the_pin_ladder() {
        for (count, seconds) in [(5, 60), (6, 300), (7, 900), (8, 3_600), (9, 3_600)] {
            assert!(matches!(after(count, seconds - 1, pin_gate), Gate::Wait(_)), "{count}");
            assert_eq!(after(count, seconds, pin_gate), Gate::Open, "{count}");
        }
        assert_eq!(after(4, 0, pin_gate), Gate::Open);
        assert_eq!(after(10, 1_000_000, pin_gate), Gate::Unbound);
    }

    #[test]
    fn the_staff_ladder() {
        for (count, seconds) in [(1, 1), (2, 1), (3, 3), (9, 5), (25, 10), (100, 86_400)] {
            assert!(matches!(after(count, seconds - 1, staff_gate), Gate::Wait(_)), "{count}");
            assert_eq!(after(count, seconds, staff_gate), Gate::Open, "{count}");
        }
        assert_eq!(staff_gate(Failures::default(), Timestamp::UNIX_EPOCH), Gate::Open);
    }
}
