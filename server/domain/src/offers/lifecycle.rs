//! The life of an offer: from a draft to the public and into the archive, and when a second person has to look.

use crate::ids::StaffId;

/// Where an offer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Being written. Nobody else sees it.
    Draft,
    /// It waits for a second person.
    InReview,
    /// Everybody sees it.
    Published,
    /// For a while nobody can take part; it is still there.
    Paused,
    /// Over. It is never deleted: phones that have it are told that it is gone.
    Archived,
}

/// Why an offer was archived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArchiveReason {
    /// It has come to its end.
    Ended,
    /// Nobody has said for too long that it is still true.
    Stale,
    /// Its publisher has taken it back.
    Withdrawn,
    /// It is the same as another one.
    Merged,
}

impl ArchiveReason {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Ended, Self::Stale, Self::Withdrawn, Self::Merged];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Stale => "stale",
            Self::Withdrawn => "withdrawn",
            Self::Merged => "merged",
        }
    }

    /// The reason with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

/// How much care an offer needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sensitivity {
    /// Like most.
    Normal,
    /// Addiction, mental health, sexual health, violence: taking part tells something.
    Sensitive,
}

impl Sensitivity {
    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Sensitive => "sensitive",
        }
    }

    /// The care with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Normal, Self::Sensitive].into_iter().find(|care| care.as_str() == word)
    }
}

/// What is done with an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Its publisher wants it to be public.
    Submit,
    /// A second person agrees.
    Approve,
    /// A second person does not: it goes back.
    Return,
    /// For a while it cannot be taken part in.
    Pause,
    /// It can again.
    Resume,
    /// It is over.
    Archive,
    /// It begins anew, as a draft.
    Reopen,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 7] =
        [Self::Submit, Self::Approve, Self::Return, Self::Pause, Self::Resume, Self::Archive, Self::Reopen];

    /// A stable word for it, in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Approve => "approve",
            Self::Return => "return",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Archive => "archive",
            Self::Reopen => "reopen",
        }
    }

    /// The step with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == word)
    }
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Draft, Self::InReview, Self::Published, Self::Paused, Self::Archived];

    /// The words of those in which everybody sees it.
    pub const PUBLIC: [&str; 2] = [Self::Published.as_str(), Self::Paused.as_str()];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in-review",
            Self::Published => "published",
            Self::Paused => "paused",
            Self::Archived => "archived",
        }
    }

    /// The status with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether everybody sees it.
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Published | Self::Paused)
    }

    /// Where the offer stands after a step; none where that step is none. `needs_review` is [`needs_review`].
    #[must_use]
    pub const fn after(self, step: Step, needs_review: bool) -> Option<Self> {
        match (self, step) {
            (Self::Draft, Step::Submit) if needs_review => Some(Self::InReview),
            (Self::Draft, Step::Submit) | (Self::InReview, Step::Approve) | (Self::Paused, Step::Resume) => {
                Some(Self::Published)
            }
            (Self::InReview, Step::Return) | (Self::Archived, Step::Reopen) => Some(Self::Draft),
            (Self::Published, Step::Pause) => Some(Self::Paused),
            (Self::Draft | Self::InReview | Self::Published | Self::Paused, Step::Archive) => Some(Self::Archived),
            (Self::Draft | Self::InReview | Self::Published | Self::Paused | Self::Archived, _) => None,
        }
    }
}

impl Status {
    /// Where an offer stands after its facts have changed: what has become delicate goes out of the public until a second person has
    /// looked at it.
    #[must_use]
    pub const fn after_facts(self, before: Sensitivity, now: Sensitivity) -> Self {
        match (before, now) {
            (Sensitivity::Normal, Sensitivity::Sensitive) if self.is_public() => Self::InReview,
            _ => self,
        }
    }
}

/// Whether this person may agree to an offer that waits, or send it back: not the one who submitted it.
#[must_use]
pub fn may_review(person: StaffId, submitted_by: Option<StaffId>) -> bool {
    submitted_by.is_none_or(|other| other != person)
}

/// Whether a second person has to look before an offer is public: where taking part tells something, and at the first offer of an
/// organisation, whose ways nobody knows yet.
#[must_use]
pub const fn needs_review(sensitivity: Sensitivity, published_before: bool) -> bool {
    matches!(sensitivity, Sensitivity::Sensitive) || !published_before
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_delicate_and_nothing_first_is_public_without_a_second_person() {
        for (sensitivity, before) in [(Sensitivity::Sensitive, true), (Sensitivity::Normal, false)] {
            assert!(needs_review(sensitivity, before));
        }
        assert!(!needs_review(Sensitivity::Normal, true));
        let public = |status: Status, step| status.after(step, true).is_some_and(Status::is_public);
        for status in [Status::Draft, Status::InReview, Status::Archived] {
            for step in Step::ALL.into_iter().filter(|step| *step != Step::Approve) {
                assert!(!public(status, step), "{status:?} {step:?}");
            }
        }
    }

    #[test]
    fn what_becomes_delicate_waits_for_another_person() {
        for status in Status::ALL {
            let next = status.after_facts(Sensitivity::Normal, Sensitivity::Sensitive);
            assert_eq!(next, if status.is_public() { Status::InReview } else { status });
            assert_eq!(status.after_facts(Sensitivity::Sensitive, Sensitivity::Sensitive), status);
        }
        let [one, two] = [1, 2].map(|n| StaffId::from_bytes([n; 16]));
        assert!(!may_review(one, Some(one)) && may_review(two, Some(one)));
    }

    #[test]
    fn what_is_archived_comes_back_as_a_draft_only() {
        for step in Step::ALL {
            let expected = (step == Step::Reopen).then_some(Status::Draft);
            assert_eq!(Status::Archived.after(step, false), expected);
        }
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
    }
}
