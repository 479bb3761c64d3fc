//! Sessions as rules: how long each kind lasts, when a refresh is a lost answer and when it is a theft, how fresh a
//! sign-in must be for delicate acts, and how long a phone stays bound. Nothing here knows a clock or a database.

use jiff::{SignedDuration, Timestamp};

/// What a session is for. It decides how long the session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionKind {
    /// A resident on their phone.
    Resident,
    /// A person who works for a practice.
    Practice,
    /// A person who works for a kiosk, a social institution or the district office.
    District,
    /// A person who runs the installation.
    Operator,
    /// A practice's software.
    Software,
}

/// How long a session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// One access token (SR-S01).
    pub access: SignedDuration,
    /// Without any use (SR-S02).
    pub idle: SignedDuration,
    /// Altogether, whatever the use (SR-S02).
    pub absolute: SignedDuration,
    /// Whether a new access token can be had without signing in again.
    pub refresh: bool,
}

impl SessionKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Resident, Self::Practice, Self::District, Self::Operator, Self::Software];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resident => "resident",
            Self::Practice => "practice",
            Self::District => "district",
            Self::Operator => "operator",
            Self::Software => "software",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The limits of this kind.
    #[must_use]
    pub const fn limits(self) -> Limits {
        match self {
            Self::Resident => limits(10, 15, 12 * 60, true),
            Self::Practice => limits(10, 30, 12 * 60, true),
            Self::District => limits(10, 60, 12 * 60, true),
            Self::Operator => limits(5, 15, 8 * 60, false),
            // A machine proves its key anew each time, so nothing outlives one token.
            Self::Software => limits(10, 10, 10, false),
        }
    }
}

const fn limits(access: i64, idle: i64, absolute: i64, refresh: bool) -> Limits {
    Limits {
        access: SignedDuration::from_mins(access),
        idle: SignedDuration::from_mins(idle),
        absolute: SignedDuration::from_mins(absolute),
        refresh,
    }
}

/// A session's clock readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// When the last use was noted.
    pub last_used_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
}

impl Times {
    /// Whether the session is still running. A clock that jumped back ends nothing.
    #[must_use]
    pub fn running(self, kind: SessionKind, now: Timestamp) -> bool {
        now < self.expires_at && now.duration_since(self.last_used_at) < kind.limits().idle
    }

    /// Whether a use now should be noted. Not every one is: a note is a write, and idle limits are minutes. A session
    /// may therefore end up to this much earlier than its limit, and never later.
    #[must_use]
    pub fn worth_noting(self, now: Timestamp) -> bool {
        now.duration_since(self.last_used_at).abs() >= NOTED_EVERY
    }
}

/// How often the use of a session is noted.
pub const NOTED_EVERY: SignedDuration = SignedDuration::from_secs(30);

/// For how long a sign-in counts as fresh for delicate acts (SR-A08).
pub const FRESH_FOR: SignedDuration = SignedDuration::from_mins(5);

/// Whether a sign-in is fresh enough for a delicate act.
#[must_use]
pub fn is_fresh(authenticated_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(authenticated_at) <= FRESH_FOR
}

/// Why a session is over. The person is told where it helps them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EndReason {
    /// The person signed out.
    SignedOut,
    /// The person ended it from another session.
    Ended,
    /// Somebody signed in anew in its place.
    Replaced,
    /// An old refresh token was used after its successor: one of the two holders is a thief (RFC 9700, 4.14).
    Replayed,
    /// The phone was cut off.
    DeviceRevoked,
    /// The phone's registration ran out.
    DeviceExpired,
    /// Login or account was locked, or the membership ended.
    Locked,
}

impl EndReason {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::SignedOut,
        Self::Ended,
        Self::Replaced,
        Self::Replayed,
        Self::DeviceRevoked,
        Self::DeviceExpired,
        Self::Locked,
    ];

    /// A stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed-out",
            Self::Ended => "ended",
            Self::Replaced => "replaced",
            Self::Replayed => "replayed",
            Self::DeviceRevoked => "device-revoked",
            Self::DeviceExpired => "device-expired",
            Self::Locked => "locked",
        }
    }

    /// The reason with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

/// A refresh token as it stands when it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// The newest of its session.
    Current,
    /// Another one was given out for it.
    Superseded {
        /// Whether that one, or its access token, was ever used.
        successor_used: bool,
        /// When that one was given out.
        successor_at: Timestamp,
        /// How many were given out for the same answer within the running minute.
        retries: i32,
    },
}

/// What to do with a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresh {
    /// Give out the next pair.
    Rotate,
    /// The last answer was lost on its way: take the pair back that nobody ever used, and give out another. Carries how
    /// many that were within the minute.
    Repeat(i32),
    /// Too many lost answers in a minute; not before.
    SlowDown(Timestamp),
    /// It was used up long ago: one of two holders is a thief. End everything.
    Replayed,
}

/// How many lost answers a minute are believed.
pub const REPEATS_PER_MINUTE: i32 = 5;

/// Judges a refresh token that was shown with the right key.
#[must_use]
pub fn judge_refresh(shown: Shown, now: Timestamp) -> Refresh {
    let minute = SignedDuration::from_mins(1);
    match shown {
        Shown::Current => Refresh::Rotate,
        Shown::Superseded { successor_used: true, .. } => Refresh::Replayed,
        Shown::Superseded { successor_at, .. } if now.duration_since(successor_at) >= minute => Refresh::Repeat(1),
        Shown::Superseded { successor_at, retries: REPEATS_PER_MINUTE.., .. } => {
            Refresh::SlowDown(successor_at.min(now) + minute)
        }
        Shown::Superseded { retries, .. } => Refresh::Repeat(retries.saturating_add(1)),
    }
}

/// How many phones a resident can have at the same time (SR-S06).
pub const MAX_DEVICES: usize = 5;
/// How long a phone stays bound (SR-S06): 24 months, as days.
pub const DEVICE_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 730);
/// How long a phone that is not used stays bound (SR-S06).
pub const DEVICE_IDLE: SignedDuration = SignedDuration::from_hours(24 * 180);

/// When a phone's registration ends, if nothing happens.
#[must_use]
pub fn device_ends(created_at: Timestamp, last_used_at: Timestamp) -> Timestamp {
    (created_at + DEVICE_LIFETIME).min(last_used_at + DEVICE_IDLE)
}

/// How many days before the end of its registration a phone is reminded (SR-S06).
pub const DEVICE_REMINDERS: [i64; 3] = [90, 40, 2];

/// What there is to do about the end of a phone's registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceReminder {
    /// Whether its resident is reminded now.
    pub due: bool,
    /// When to look again. Until then there is nothing to do, whatever the phone is used for: a use never brings the end
    /// nearer.
    pub next: Timestamp,
}

/// Judges a phone at the moment that an earlier judgement named as its next, or for the first time. After a pause one
/// reminder stands for those that were missed, and there is none after the end.
#[must_use]
pub fn device_reminder(ends_at: Timestamp, now: Timestamp) -> DeviceReminder {
    let moments = DEVICE_REMINDERS.map(|days| ends_at - SignedDuration::from_hours(24 * days));
    DeviceReminder {
        due: now < ends_at && moments.iter().any(|moment| *moment <= now),
        next: moments.into_iter().find(|moment| *moment > now).unwrap_or(ends_at),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    /// SR-S02: four kinds of people, two limits each, one second before and after.
    #[test]
    fn sr_s02_sessions_end_at_their_idle_and_absolute_limits() {
        for (kind, idle, absolute) in [
            (SessionKind::Resident, 15, 12),
            (SessionKind::Practice, 30, 12),
            (SessionKind::District, 60, 12),
            (SessionKind::Operator, 15, 8),
        ] {
            let fresh = Times { last_used_at: at(0), expires_at: at(absolute * 3_600) };
            assert!(fresh.running(kind, at(idle * 60 - 1)) && !fresh.running(kind, at(idle * 60)), "{kind:?}");
            let busy = Times { last_used_at: at(absolute * 3_600 - 5), ..fresh };
            assert!(busy.running(kind, at(absolute * 3_600 - 1)), "{kind:?}");
            assert!(!busy.running(kind, at(absolute * 3_600)), "{kind:?}");
            assert_eq!(kind.limits().absolute, SignedDuration::from_hours(absolute));
        }
    }

    /// SR-A08
    #[test]
    fn sr_a08_a_sign_in_is_fresh_for_five_minutes() {
        assert!(is_fresh(at(0), at(299)) && is_fresh(at(0), at(300)) && !is_fresh(at(0), at(301)));
    }

    /// SR-S06
    #[test]
    fn sr_s06_a_phone_stays_bound_for_two_years_of_use_or_half_a_year_of_rest() {
        let day = 86_400;
        assert_eq!(device_ends(at(0), at(0)), at(180 * day));
        assert_eq!(device_ends(at(0), at(600 * day)), at(730 * day));
    }

    /// SR-S06: somebody looks every hour, and judges when it is time.
    #[test]
    fn sr_s06_three_reminders_and_none_twice() {
        let (day, end) = (86_400, at(730 * 86_400));
        let (mut look_at, mut reminded) = (at(0), Vec::new());
        for hour in 0..731 * 24 {
            let now = at(hour * 3_600);
            if now < look_at || now >= end {
                continue;
            }
            let judged = device_reminder(end, now);
            reminded.extend(judged.due.then_some(730 - hour / 24));
            look_at = judged.next;
        }
        assert_eq!(reminded, DEVICE_REMINDERS);
        assert_eq!(device_reminder(end, at(640 * day - 1)), DeviceReminder { due: false, next: at(640 * day) });
        assert_eq!(device_reminder(end, at(640 * day)), DeviceReminder { due: true, next: at(690 * day) });
        assert_eq!(device_reminder(end, at(729 * day)), DeviceReminder { due: true, next: end });
        assert_eq!(device_reminder(end, end), DeviceReminder { due: false, next: end });
    }

    #[test]
    fn words_of_reasons_are_unique() {
        for reason in EndReason::ALL {
            assert_eq!(EndReason::parse(reason.as_str()), Some(reason));
        }
    }

    /// One phone that loses answers, and a thief who shows an old token from time to time.
    #[derive(Debug, Default)]
    struct Model {
        /// For each token given out: the one it replaced, when it was given out, the lost answers counted with it,
        /// whether it was used, whether it was taken back.
        tokens: Vec<(Option<usize>, i64, i32, bool, bool)>,
        over: bool,
    }

    impl Model {
        fn show(&mut self, token: usize, now: i64) {
            if self.over || self.tokens[token].4 {
                return;
            }
            let successor = (0..self.tokens.len()).find(|n| self.tokens[*n].0 == Some(token) && !self.tokens[*n].4);
            let shown = successor.map_or(Shown::Current, |n| {
                let (_, given, retries, used, _) = self.tokens[n];
                // what replaced it may have been replaced itself, which is a use
                let replaced = self.tokens.iter().any(|t| t.0 == Some(n));
                Shown::Superseded { successor_used: used || replaced, successor_at: at(given), retries }
            });
            match judge_refresh(shown, at(now)) {
                Refresh::Rotate => self.tokens.push((Some(token), now, 0, false, false)),
                Refresh::Repeat(retries) => {
                    self.tokens[successor.unwrap()].4 = true;
                    self.tokens.push((Some(token), now, retries, false, false));
                }
                Refresh::SlowDown(_) => {}
                Refresh::Replayed => self.over = true,
            }
        }

        /// Tokens that would be rotated if they were shown.
        fn current(&self) -> usize {
            let live = |n: &usize| !self.tokens[*n].4;
            let tokens = || (0..self.tokens.len()).filter(live);
            tokens().filter(|n| !tokens().any(|m| self.tokens[m].0 == Some(*n))).count()
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        /// SR-S03: whatever is shown and lost in whatever order, there is never more than one current token.
        #[test]
        fn sr_s03_there_is_never_more_than_one_current_token(steps in prop::collection::vec((0_usize..50, any::<bool>(), 0_i64..90), 1..50)) {
            let mut model = Model { tokens: vec![(None, 0, 0, false, false)], over: false };
            let mut now = 0;
            for (pick, use_it, pause) in steps {
                now += pause;
                let token = pick % model.tokens.len();
                if use_it && !model.tokens[token].4 {
                    model.tokens[token].3 = true;
                } else {
                    model.show(token, now);
                }
                prop_assert_eq!(model.current(), 1);
            }
        }

        /// SR-S03: after a successor was used, its predecessor ends everything; before, it never does.
        #[test]
        fn sr_s03_only_a_used_successor_makes_a_replay(used in any::<bool>(), retries in 0_i32..20, pause in 0_i64..200) {
            let shown = Shown::Superseded { successor_used: used, successor_at: at(0), retries };
            prop_assert_eq!(judge_refresh(shown, at(pause)) == Refresh::Replayed, used);
        }
    }
}
