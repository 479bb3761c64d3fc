//! Who was affected between two instants, and by whom: what has to be told of a breach (GDPR, Art. 33 and 34; SR-L08).

use std::collections::HashMap;

use super::{ActorParts, LogAction, LogOutcome};
use crate::ids::ResidentId;

/// What an action does to whom it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Something about them was seen.
    Looked,
    /// A document or an export was taken away.
    Downloaded,
    /// Something of theirs is another than before.
    Changed,
}

impl LogAction {
    /// What it does to whom it is about; none for the server's own check, which is about nobody.
    #[must_use]
    pub const fn effect(self) -> Option<Effect> {
        match self {
            Self::List
            | Self::Open
            | Self::Trend
            | Self::Receipt
            | Self::Inbox
            | Self::ReadLog
            | Self::ReadCorrection
            | Self::ReadRegistration
            | Self::ReadContact => Some(Effect::Looked),
            Self::Sync | Self::Download | Self::Export | Self::ExportEverything => Some(Effect::Downloaded),
            Self::Deliver
            | Self::MarkRead
            | Self::Recall
            | Self::Replace
            | Self::Assign
            | Self::Reject
            | Self::Link
            | Self::Activate
            | Self::Expire
            | Self::Erase
            | Self::Confirm
            | Self::Unlink
            | Self::Share
            | Self::Unshare
            | Self::Block
            | Self::Unblock
            | Self::CutOff
            | Self::UseCode
            | Self::Adjust
            | Self::Release
            | Self::Emergency
            | Self::AskCorrection
            | Self::AnswerCorrection
            | Self::Recommend => Some(Effect::Changed),
            Self::Check => None,
        }
    }
}

/// How often somebody did what to one resident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Looks at what was theirs.
    pub looks: u64,
    /// Documents and exports taken away.
    pub downloads: u64,
    /// Changes.
    pub changes: u64,
    /// Tries that were refused: nothing was shown and nothing changed.
    pub refused: u64,
    /// The first of all these, in microseconds since 1970-01-01T00:00:00Z.
    pub first: i64,
    /// The last.
    pub last: i64,
}

impl Tally {
    /// Whether anything was shown or changed.
    #[must_use]
    pub const fn is_affected(&self) -> bool {
        self.looks + self.downloads + self.changes > 0
    }
}

/// The answer, as it grows entry by entry. Its size grows with residents and with those who acted, not with entries.
#[derive(Debug, Default)]
pub struct Affected {
    tallies: HashMap<(ResidentId, ActorParts), Tally>,
    entries: u64,
    nobodys: u64,
}

impl Affected {
    /// Takes one entry in.
    pub fn note(&mut self, resident: Option<ResidentId>, by: ActorParts, what: LogAction, how: LogOutcome, at: i64) {
        let Some(effect) = what.effect() else { return };
        self.entries += 1;
        let Some(resident) = resident else {
            self.nobodys += 1;
            return;
        };
        let fresh = Tally { first: at, last: at, ..Tally::default() };
        let tally = self.tallies.entry((resident, by)).or_insert(fresh);
        tally.first = tally.first.min(at);
        tally.last = tally.last.max(at);
        match (how, effect) {
            (LogOutcome::Denied, _) => tally.refused += 1,
            (LogOutcome::Done, Effect::Looked) => tally.looks += 1,
            (LogOutcome::Done, Effect::Downloaded) => tally.downloads += 1,
            (LogOutcome::Done, Effect::Changed) => tally.changes += 1,
        }
    }

    /// How many entries were taken in.
    #[must_use]
    pub const fn entries(&self) -> u64 {
        self.entries
    }

    /// How many of them name no resident: looks into an inbox, and findings whose owner was not known yet.
    #[must_use]
    pub const fn nobodys(&self) -> u64 {
        self.nobodys
    }

    /// Each resident with each of those who acted, in a fixed order.
    #[must_use]
    pub fn rows(&self) -> Vec<(ResidentId, ActorParts, Tally)> {
        let mut rows: Vec<_> = self.tallies.iter().map(|((resident, by), tally)| (*resident, *by, *tally)).collect();
        rows.sort_unstable_by_key(|(resident, by, _)| (*resident, *by));
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_alone_affect_nobody_and_what_names_nobody_is_counted_apart() {
        let by = ActorParts { kind: "staff", id: Some([7; 16]), organisation: Some([8; 16]) };
        let system = ActorParts { kind: "system", id: None, organisation: None };
        let [one, two] = [1, 2].map(|n| ResidentId::from_bytes([n; 16]));
        let mut all = Affected::default();
        all.note(Some(two), by, LogAction::Open, LogOutcome::Denied, 5);
        all.note(Some(one), by, LogAction::Receipt, LogOutcome::Done, 9);
        all.note(Some(one), by, LogAction::Export, LogOutcome::Done, 3);
        all.note(Some(one), system, LogAction::Expire, LogOutcome::Done, 4);
        all.note(None, by, LogAction::Inbox, LogOutcome::Done, 4);
        all.note(None, system, LogAction::Check, LogOutcome::Done, 4);
        let rows = all.rows();
        let tally = Tally { looks: 1, downloads: 1, first: 3, last: 9, ..Tally::default() };
        assert_eq!(rows[0], (one, by, tally));
        assert_eq!((rows[1].0, rows[1].2.changes), (one, 1));
        assert_eq!((rows[2].0, rows[2].2.refused, rows[2].2.is_affected()), (two, 1, false));
        assert_eq!((rows.len(), all.entries(), all.nobodys()), (3, 5, 1));
    }
}
