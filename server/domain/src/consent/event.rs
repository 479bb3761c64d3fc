//! The history of decisions: events that are only ever added, and what was the case at a moment, or known at one.

use jiff::Timestamp;

/// What happened to a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// Somebody was asked and has not answered.
    Asked,
    /// Yes.
    Granted,
    /// No, to what was asked.
    Refused,
    /// A yes was taken back.
    Withdrawn,
    /// A yes ran out.
    Expired,
    /// The terms of a yes were changed: its end.
    Changed,
    /// What was recorded was wrong and never counted.
    Corrected,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Asked, Self::Granted, Self::Refused, Self::Withdrawn, Self::Expired, Self::Changed, Self::Corrected];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Changed => "changed",
            Self::Corrected => "corrected",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Where a decision stands. "Not asked", "refused" and "withdrawn" are three things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Nobody asked.
    NotAsked,
    /// Asked, and no answer yet.
    Asked,
    /// Yes.
    Granted,
    /// No.
    Refused,
    /// A yes that was taken back.
    Withdrawn,
    /// A yes that ran out.
    Expired,
    /// It was recorded by mistake.
    Corrected,
}

impl Standing {
    /// A stable word for it, in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAsked => "not-asked",
            Self::Asked => "asked",
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Corrected => "corrected",
        }
    }
}

/// One event: when it counts from, and when it was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// From when it counts. A decision on paper counts from its day.
    pub at: Timestamp,
    /// When it was written down.
    pub recorded_at: Timestamp,
    /// Whether somebody took it who acts for the resident.
    pub in_place: bool,
}

/// Where a decision stood at `as_of`, by what was written down until `known_at`. Events are given in the order in which they
/// were written down; of two that count from the same moment, the later one holds.
#[must_use]
pub fn standing(events: &[Event], as_of: Timestamp, known_at: Timestamp) -> Standing {
    let known = events.iter().filter(|event| event.recorded_at <= known_at);
    if known.clone().any(|event| event.kind == EventKind::Corrected) {
        return Standing::Corrected;
    }
    let last = known.filter(|event| event.at <= as_of && event.kind != EventKind::Changed);
    match last.max_by_key(|event| event.at).map(|event| event.kind) {
        None => Standing::NotAsked,
        Some(EventKind::Asked) => Standing::Asked,
        Some(EventKind::Granted | EventKind::Changed) => Standing::Granted,
        Some(EventKind::Refused) => Standing::Refused,
        Some(EventKind::Withdrawn) => Standing::Withdrawn,
        Some(EventKind::Expired) => Standing::Expired,
        Some(EventKind::Corrected) => Standing::Corrected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(n: i64) -> Timestamp {
        Timestamp::from_second(n).unwrap()
    }

    fn event(kind: EventKind, at: i64, recorded: i64) -> Event {
        Event { kind, at: second(at), recorded_at: second(recorded), in_place: false }
    }

    #[test]
    fn not_asked_refused_and_withdrawn_stay_apart() {
        let at = |events: &[Event]| standing(events, second(100), second(100));
        assert_eq!(at(&[]), Standing::NotAsked);
        assert_eq!(at(&[event(EventKind::Asked, 1, 1)]), Standing::Asked);
        assert_eq!(at(&[event(EventKind::Asked, 1, 1), event(EventKind::Refused, 2, 2)]), Standing::Refused);
        assert_eq!(at(&[event(EventKind::Granted, 1, 1), event(EventKind::Withdrawn, 2, 2)]), Standing::Withdrawn);
    }

    /// A decision on paper counts from its day, and was not known before it was entered.
    #[test]
    fn what_was_the_case_and_what_was_known_are_two_questions() {
        let paper = [event(EventKind::Granted, 10, 50)];
        assert_eq!(standing(&paper, second(20), second(60)), Standing::Granted);
        assert_eq!(standing(&paper, second(20), second(40)), Standing::NotAsked);
        assert_eq!(standing(&paper, second(5), second(60)), Standing::NotAsked);
    }

    #[test]
    fn what_was_recorded_by_mistake_never_counted() {
        let wrong = [event(EventKind::Granted, 10, 10), event(EventKind::Corrected, 10, 30)];
        assert_eq!(standing(&wrong, second(20), second(40)), Standing::Corrected);
        assert_eq!(standing(&wrong, second(20), second(20)), Standing::Granted);
    }

    #[test]
    fn every_kind_has_a_word_of_its_own() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::parse(kind.as_str()), Some(kind));
        }
    }
}
