//! The chain of the access log: how an entry is linked to those before it, and how a log is walked to see that nobody
//! changed it.
//!
//! Every entry is in the chain over all, numbered from 1 without gaps. An entry about a resident is in that resident's
//! own chain as well, so that what one resident takes away can be verified without anybody else's entries:
//!
//! ```text
//! resident_hash = SHA-256("nahraum/log/1/resident\n" ‖ resident's previous hash ‖ body)
//! alone         = SHA-256("nahraum/log/1/alone\n" ‖ body)                  for an entry without a resident
//! hash          = SHA-256("nahraum/log/1/all\n" ‖ previous hash ‖ (resident_hash or alone))
//! ```
//!
//! Both chains begin with 32 zero bytes. `body` is the canonical text of [`Record::body`](super::record::Record::body).

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::record::Record;
use crate::ids::{AccessLogId, ResidentId};

/// A SHA-256.
pub type Hash = [u8; 32];

const RESIDENT: &[u8] = b"nahraum/log/1/resident\n";
const ALONE: &[u8] = b"nahraum/log/1/alone\n";
const ALL: &[u8] = b"nahraum/log/1/all\n";

/// Where a chain stands: how many entries it has had, and the hash of the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// How many entries; also the number of the newest. Never negative.
    pub count: i64,
    /// The hash of the newest; zeros before the first.
    pub hash: Hash,
}

impl Position {
    /// Before the first entry.
    pub const START: Self = Self { count: 0, hash: [0; 32] };

    /// A resident's chain after one more entry.
    #[must_use]
    pub fn with_entry(self, body: &str) -> Self {
        Self { count: self.count.saturating_add(1), hash: sha256(&[RESIDENT, &self.hash, body.as_bytes()]) }
    }

    /// The chain over all after one more entry, of which `inner` is the resident's hash or [`alone`].
    #[must_use]
    pub fn with_hash(self, inner: &Hash) -> Self {
        Self { count: self.count.saturating_add(1), hash: sha256(&[ALL, &self.hash, inner]) }
    }
}

/// What stands in the chain over all for an entry that is about no resident.
#[must_use]
pub fn alone(body: &str) -> Hash {
    sha256(&[ALONE, body.as_bytes()])
}

pub(super) fn sha256(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// An entry with its place in both chains, as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Linked<'a> {
    /// Its number in the chain over all, from 1.
    pub seq: i64,
    /// Its hash there.
    pub hash: Hash,
    /// Number and hash in its resident's chain, if it is about one.
    pub own: Option<Position>,
    /// The entry.
    pub record: Record<'a>,
}

/// What is wrong with a log. The first thing that is found; what comes after it proves nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// A number is left out.
    #[error("entry {seq} is missing")]
    Missing {
        /// The number.
        seq: i64,
    },
    /// A row is no entry that this program writes.
    #[error("entry {seq} cannot be read as an entry: it was changed or put in")]
    Unreadable {
        /// Its number.
        seq: i64,
    },
    /// The entry is not the one that was written, or does not follow its resident's entry before it.
    #[error("entry {seq} ({id}) was changed, put in or moved: it does not fit its hash")]
    Changed {
        /// Its number.
        seq: i64,
        /// The entry.
        id: AccessLogId,
    },
    /// The entry is not numbered on from its resident's entry before it.
    #[error("entry {seq} ({id}) has the wrong number in its resident's log: one before it is missing or was put in")]
    Misnumbered {
        /// Its number in the chain over all.
        seq: i64,
        /// The entry.
        id: AccessLogId,
    },
    /// The entry fits its resident's chain and does not follow the entry before it.
    #[error("entry {seq} ({id}) does not follow entry {} in the chain over all", seq - 1)]
    Unlinked {
        /// Its number.
        seq: i64,
        /// The entry.
        id: AccessLogId,
    },
    /// The newest entries are gone.
    #[error("the newest entries are missing: the log ends with entry {last}, and there were {count}")]
    CutOff {
        /// The last one there is.
        last: i64,
        /// How many there were.
        count: i64,
    },
    /// Something stands behind the end.
    #[error("entry {seq} stands behind the end of the log: it was put in")]
    BehindTheEnd {
        /// Its number.
        seq: i64,
    },
    /// The stored end is not the end of the chain.
    #[error("the stored end of the log is not the hash of entry {seq}")]
    OtherEnd {
        /// The number of the last entry.
        seq: i64,
    },
}

/// A walk along the log, entry by entry, from where it begins.
#[derive(Debug, Clone)]
pub struct Walk {
    at: Position,
    residents: HashMap<ResidentId, Position>,
}

impl Walk {
    /// Begins after `anchor`, the last entry that was pruned, with what was pruned of each resident's chain.
    #[must_use]
    pub const fn from(anchor: Position, residents: HashMap<ResidentId, Position>) -> Self {
        Self { at: anchor, residents }
    }

    /// Where the walk is.
    #[must_use]
    pub const fn at(&self) -> Position {
        self.at
    }

    /// Where the chain of a resident is.
    #[must_use]
    pub fn of_resident(&self, resident: ResidentId) -> Position {
        self.residents.get(&resident).copied().unwrap_or(Position::START)
    }

    /// Goes on to the next entry. Entries come in the order of their numbers.
    ///
    /// # Errors
    /// The [`Flaw`] that it shows.
    pub fn step(&mut self, entry: &Linked<'_>) -> Result<(), Flaw> {
        let (seq, id) = (entry.seq, entry.record.id);
        let expected = self.at.count.saturating_add(1);
        if seq != expected {
            return Err(Flaw::Missing { seq: expected });
        }
        let body = entry.record.body().map_err(|_| Flaw::Unreadable { seq })?;
        let inner = match (entry.record.resident, entry.own) {
            (None, None) => alone(&body),
            (Some(resident), Some(own)) => {
                let next = self.of_resident(resident).with_entry(&body);
                if own.count != next.count {
                    return Err(Flaw::Misnumbered { seq, id });
                }
                if own.hash != next.hash {
                    return Err(Flaw::Changed { seq, id });
                }
                self.residents.insert(resident, next);
                next.hash
            }
            (None, Some(_)) | (Some(_), None) => return Err(Flaw::Changed { seq, id }),
        };
        let next = self.at.with_hash(&inner);
        if next.hash != entry.hash {
            // An entry about nobody has no hash of its own that tells these two apart.
            return Err(if entry.own.is_none() { Flaw::Changed { seq, id } } else { Flaw::Unlinked { seq, id } });
        }
        self.at = next;
        Ok(())
    }

    /// Compares where the walk ended with where the log said it ends.
    ///
    /// # Errors
    /// The [`Flaw`] that the comparison shows.
    pub fn end(&self, head: Position) -> Result<(), Flaw> {
        let (last, count) = (self.at.count, head.count);
        if last < count {
            Err(Flaw::CutOff { last, count })
        } else if last > count {
            Err(Flaw::BehindTheEnd { seq: count.saturating_add(1) })
        } else if self.at.hash != head.hash {
            Err(Flaw::OtherEnd { seq: last })
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
