//! What a report is to the one already stored under the same name: the same, newer, or too old.

use std::cmp::Ordering;

use crate::finding::{ReportStatus, ReportVersion};

/// The stored report with the same business key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredReport {
    /// Its version, if it had one.
    pub version: Option<ReportVersion>,
    /// What orders two reports with equal versions, if it had such.
    pub revision: Option<u32>,
    /// Whether its bytes are the same as those that come now.
    pub same_bytes: bool,
}

/// What to do with the report that comes now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Succession {
    /// Nothing like it is there: store it.
    First,
    /// Exactly this is there already: answer with the old receipt.
    Duplicate,
    /// Store it and put it in the old one's place.
    Replace,
    /// The sender says the old one was a mistake: take it back.
    Withdraw,
    /// It is older than what is stored: refuse, because an overwrite would bring back what was corrected.
    Older,
}

/// Decides by status and version. Reports that cannot be ordered are taken in the order of their arrival.
#[must_use]
pub fn succession(
    stored: Option<StoredReport>,
    status: ReportStatus,
    version: Option<ReportVersion>,
    revision: Option<u32>,
) -> Succession {
    let Some(stored) = stored else { return Succession::First };
    if stored.same_bytes {
        return Succession::Duplicate;
    }
    if is_older((version, revision), (stored.version, stored.revision)) {
        return Succession::Older;
    }
    if status == ReportStatus::EnteredInError { Succession::Withdraw } else { Succession::Replace }
}

type Version = (Option<ReportVersion>, Option<u32>);

fn is_older(new: Version, old: Version) -> bool {
    let order = match (new.0, old.0) {
        (Some(ReportVersion::Number(new)), Some(ReportVersion::Number(old))) => new.cmp(&old),
        (Some(ReportVersion::Issued(new)), Some(ReportVersion::Issued(old))) => new.cmp(&old),
        // A number and a time cannot be compared, and what has no version cannot be late.
        (Some(_) | None, Some(_) | None) => Ordering::Equal,
    };
    let revisions = new.1.zip(old.1).map_or(Ordering::Equal, |(new, old)| new.cmp(&old));
    order.then(revisions) == Ordering::Less
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_report_never_overwrites() {
        let stored =
            |n| Some(StoredReport { version: Some(ReportVersion::Number(n)), revision: None, same_bytes: false });
        let now = |n| Some(ReportVersion::Number(n));
        assert_eq!(succession(None, ReportStatus::Final, now(1), None), Succession::First);
        assert_eq!(succession(stored(2), ReportStatus::Corrected, now(3), None), Succession::Replace);
        assert_eq!(succession(stored(2), ReportStatus::Final, now(1), None), Succession::Older);
        assert_eq!(succession(stored(2), ReportStatus::EnteredInError, now(1), None), Succession::Older);
        assert_eq!(succession(stored(2), ReportStatus::EnteredInError, now(3), None), Succession::Withdraw);
        assert_eq!(succession(stored(2), ReportStatus::Final, None, None), Succession::Replace);
    }

    #[test]
    fn between_equal_versions_the_revision_decides() {
        let stored = Some(StoredReport { version: None, revision: Some(2), same_bytes: false });
        assert_eq!(succession(stored, ReportStatus::Final, None, Some(1)), Succession::Older);
        assert_eq!(succession(stored, ReportStatus::Corrected, None, Some(3)), Succession::Replace);
    }

    #[test]
    fn the_same_bytes_are_the_same_report() {
        let stored = Some(StoredReport { version: None, revision: None, same_bytes: true });
        for status in ReportStatus::ALL {
            assert_eq!(succession(stored, status, None, None), Succession::Duplicate);
        }
    }
}
