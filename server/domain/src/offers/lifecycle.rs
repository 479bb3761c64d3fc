//! The life of an offer: from a draft to the public and into the archive, and when a second person has to look.

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

/// How much care an offer needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sensitivity {
    /// Like most.
    Normal,
    /// Addiction, mental health, sexual health, violence: taking part tells something.
    Sensitive,
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

impl Status {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Draft, Self::InReview, Self::Published, Self::Paused, Self::Archived];

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

/// Whether a second person has to look before an offer is public: where taking part tells something, and at the first offer of an
/// organisation, whose ways nobody knows yet.
#[must_use]
pub const fn needs_review(sensitivity: Sensitivity, published_before: bool) -> bool {
    matches!(sensitivity, Sensitivity::Sensitive) || !published_before
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Step; 7] =
        [Step::Submit, Step::Approve, Step::Return, Step::Pause, Step::Resume, Step::Archive, Step::Reopen];

    #[test]
    fn nothing_delicate_and_nothing_first_is_public_without_a_second_person() {
        for (sensitivity, before) in [(Sensitivity::Sensitive, true), (Sensitivity::Normal, false)] {
            assert!(needs_review(sensitivity, before));
        }
        assert!(!needs_review(Sensitivity::Normal, true));
        let public = |status: Status, step| status.after(step, true).is_some_and(Status::is_public);
        for status in [Status::Draft, Status::InReview, Status::Archived] {
            for step in STEPS.into_iter().filter(|step| *step != Step::Approve) {
                assert!(!public(status, step), "{status:?} {step:?}");
            }
        }
    }

    #[test]
    fn what_is_archived_comes_back_as_a_draft_only() {
        for step in STEPS {
            let expected = (step == Step::Reopen).then_some(Status::Draft);
            assert_eq!(Status::Archived.after(step, false), expected);
        }
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
    }
}
