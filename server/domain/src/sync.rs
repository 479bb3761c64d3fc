//! What changed for somebody since they last asked: what they see now, compared with what was handed out before.
//!
//! Nothing has to remember to announce a change. A finding that time releases, a rule that hides one, a practice that is renamed: each
//! is noticed because the view is another one, and what is not in the view any more is gone for a reader, whatever the cause was.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::finding::FindingState;

/// How long what is gone is remembered, and so how long a cursor leads on after it was given out (RFC 8620, 5.2 asks for no less).
pub const REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal),+ $(,)?) => {
        /// A kind of thing that is handed out.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $name,)+
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Its word, as it is stored and sent.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// The kind with this word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

kinds! {
    /// An answer to what the resident was asked: a yes, a no, or a yes taken back.
    Consent = "consent",
    /// A finding with its content.
    Finding = "finding",
    /// What stays of a finding that was taken back.
    Recall = "recall",
    /// A permission for somebody to see findings.
    Share = "share",
    /// A rule that closes findings to somebody.
    Block = "block",
    /// Taking part in an offer.
    Registration = "registration",
    /// An offer that is kept.
    Bookmark = "bookmark",
    /// An offer that was recommended.
    Recommendation = "recommendation",
    /// What to ask at the next visit.
    Question = "question",
    /// What is said to be wrong with a finding.
    Correction = "correction",
}

/// Why something is not seen any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gone {
    /// It does not exist any more.
    Deleted,
    /// It exists, and is not shown to this reader any more, or not here.
    AccessEnded,
    /// The practice took the finding back.
    Recalled,
}

impl Gone {
    /// The word for it, as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::AccessEnded => "access_ended",
            Self::Recalled => "recalled",
        }
    }

    /// The reason with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Deleted, Self::AccessEnded, Self::Recalled].into_iter().find(|gone| gone.as_str() == word)
    }

    /// Why a finding is not seen any more that is in this state; none when it does not exist.
    #[must_use]
    pub const fn of_finding(state: Option<FindingState>) -> Self {
        match state {
            None => Self::Deleted,
            Some(FindingState::Recalled) => Self::Recalled,
            Some(
                FindingState::Waiting
                | FindingState::Inbox
                | FindingState::Delivered
                | FindingState::Superseded
                | FindingState::Rejected
                | FindingState::Expired,
            ) => Self::AccessEnded,
        }
    }
}

/// One thing: its kind and the bytes of its id.
pub type Thing = (Kind, [u8; 16]);

/// Stands for everything that a reader is shown of a thing: another mark, another look.
pub type Mark = [u8; 32];

/// What somebody sees now.
pub type View = BTreeMap<Thing, Mark>;

/// What was handed out: with its mark, or none when it was said to be gone.
pub type HandedOut = BTreeMap<Thing, Option<Mark>>;

/// What is to be handed out about a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is new, or looks different, or is back.
    Shown(Thing, Mark),
    /// It is not seen any more.
    Hidden(Thing),
}

/// What differs between what somebody sees and what was handed out.
#[must_use]
pub fn differences(view: &View, handed_out: &HandedOut) -> Vec<Change> {
    let shown = view
        .iter()
        .filter(|(thing, mark)| handed_out.get(*thing) != Some(&Some(**mark)))
        .map(|(thing, mark)| Change::Shown(*thing, *mark));
    let hidden = handed_out
        .iter()
        .filter(|(thing, mark)| mark.is_some() && !view.contains_key(*thing))
        .map(|(thing, _)| Change::Hidden(*thing));
    shown.chain(hidden).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_read_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(*kind));
        }
        for gone in [Gone::Deleted, Gone::AccessEnded, Gone::Recalled] {
            assert_eq!(Gone::parse(gone.as_str()), Some(gone));
        }
        assert_eq!((Kind::parse("patient"), Gone::parse("")), (None, None));
    }

    fn things() -> impl Strategy<Value = BTreeMap<Thing, Mark>> {
        let kind = prop::sample::select(Kind::ALL);
        prop::collection::btree_map((kind, (0_u8..6).prop_map(|n| [n; 16])), (0_u8..3).prop_map(|n| [n; 32]), 0..20)
    }

    proptest! {
        /// Whatever was handed out, once the differences are handed out as well a reader has the view, and nothing is left to say.
        #[test]
        fn the_differences_make_the_one_from_the_other(before in things(), gone in things(), view in things()) {
            let mut handed_out: HandedOut = before.into_iter().map(|(thing, mark)| (thing, Some(mark))).collect();
            handed_out.extend(gone.into_keys().map(|thing| (thing, None)));
            for change in differences(&view, &handed_out) {
                let (thing, mark) = match change {
                    Change::Shown(thing, mark) => (thing, Some(mark)),
                    Change::Hidden(thing) => (thing, None),
                };
                handed_out.insert(thing, mark);
            }
            prop_assert_eq!(differences(&view, &handed_out), Vec::new());
            let has: View = handed_out.into_iter().filter_map(|(thing, mark)| Some((thing, mark?))).collect();
            prop_assert_eq!(has, view);
        }
    }
}
