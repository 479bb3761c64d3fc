//! What an audience may see of a finding. Only this module makes a [`Disclosed`], and only a [`Disclosed`] becomes an
//! answer: the web floor has no other way to a finding's content.

use jiff::{Timestamp, civil::Date};

use crate::{
    consent::Verdict,
    finding::{FindingState, MediaType, Observation, ReportStatus},
    ids::{BlobId, FindingId, PracticeId},
    kdl::DocumentClass,
    private::Private,
};

/// Something an audience may see. Cannot be made elsewhere.
#[derive(Debug, Clone)]
pub struct Disclosed<T>(T);

impl<T> Disclosed<T> {
    /// Looks at it.
    pub const fn get(&self) -> &T {
        &self.0
    }

    /// Hands it out.
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// A practice, by id and name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PracticeName {
    /// The practice.
    pub id: PracticeId,
    /// Its name.
    pub name: String,
}

/// One line of the list as it is stored.
#[derive(Debug, Clone)]
pub struct SummaryRecord {
    /// The finding.
    pub id: FindingId,
    /// Where it is on its way.
    pub state: FindingState,
    /// Its document class.
    pub class: &'static DocumentClass,
    /// Its title; none once the content is gone.
    pub title: Option<Private<String>>,
    /// Who sent it.
    pub practice: PracticeName,
    /// The day it is sorted under.
    pub date: Date,
    /// When it arrived.
    pub received_at: Timestamp,
    /// When the resident marked it as read.
    pub read_at: Option<Timestamp>,
    /// How many values were read from it.
    pub value_count: u32,
    /// How many of them the laboratory flagged.
    pub flagged_count: u32,
    /// The document to open.
    pub document: Option<DocumentRecord>,
}

/// The stored document of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentRecord {
    /// Where its bytes are.
    pub blob: BlobId,
    /// Its type.
    pub media_type: MediaType,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

/// One finding as it is stored.
#[derive(Debug, Clone)]
pub struct FindingRecord {
    /// What the list shows of it.
    pub summary: SummaryRecord,
    /// The status of the report.
    pub report_status: ReportStatus,
    /// The physician or institution.
    pub author: Option<Private<String>>,
    /// A word to the resident.
    pub note: Option<Private<String>>,
    /// When it was issued.
    pub issued_at: Option<Timestamp>,
    /// Its values.
    pub observations: Vec<Observation>,
    /// The version that took its place.
    pub superseded_by: Option<FindingId>,
    /// The version whose place it took.
    pub replaces: Option<FindingId>,
    /// When it was taken back.
    pub recalled_at: Option<Timestamp>,
}

/// One point of a trend as it is stored.
#[derive(Debug, Clone)]
pub struct TrendRecord {
    /// The finding it stands in.
    pub finding: FindingId,
    /// Where that finding is on its way.
    pub state: FindingState,
    /// The day it belongs to.
    pub date: Date,
    /// Who sent it.
    pub practice: PracticeName,
    /// The laboratory or whoever else answers for it, as the finding has it.
    pub author: Option<Private<String>>,
    /// The value.
    pub observation: Observation,
}

/// The list as its owner sees it.
#[must_use]
pub fn list_to_owner(records: Vec<SummaryRecord>) -> Disclosed<Vec<SummaryRecord>> {
    Disclosed(records.into_iter().map(summary_to_owner).collect())
}

/// One finding as its owner sees it.
#[must_use]
pub fn finding_to_owner(mut record: FindingRecord) -> Disclosed<FindingRecord> {
    record.summary = summary_to_owner(record.summary);
    if !record.summary.state.has_content() {
        record.author = None;
        record.note = None;
        record.observations.clear();
    }
    Disclosed(record)
}

/// One finding as somebody sees it who acts in its owner's place: as the owner does, without earlier and later versions, which
/// may be closed to them.
#[must_use]
pub fn finding_in_place(record: FindingRecord) -> Disclosed<FindingRecord> {
    let Disclosed(mut record) = finding_to_owner(record);
    record.superseded_by = None;
    record.replaces = None;
    Disclosed(record)
}

/// The list as somebody sees it whom the owner has let in.
#[must_use]
pub fn list_to_recipient(records: Vec<SummaryRecord>) -> Disclosed<Vec<SummaryRecord>> {
    Disclosed(records.into_iter().map(summary_to_recipient).collect())
}

/// One finding as somebody sees it whom the owner has let in. Earlier and later versions are not theirs to know of.
#[must_use]
pub fn finding_to_recipient(mut record: FindingRecord) -> Disclosed<FindingRecord> {
    record.summary = summary_to_recipient(record.summary);
    record.superseded_by = None;
    record.replaces = None;
    Disclosed(record)
}

/// What a reader would see of the owner's findings, as the owner sees it.
#[must_use]
pub fn preview_to_owner(records: Vec<(SummaryRecord, Verdict)>) -> Disclosed<Vec<(SummaryRecord, Verdict)>> {
    Disclosed(records.into_iter().map(|(record, verdict)| (summary_to_owner(record), verdict)).collect())
}

/// Whether the owner has read it is the owner's.
fn summary_to_recipient(record: SummaryRecord) -> SummaryRecord {
    SummaryRecord { read_at: None, ..summary_to_owner(record) }
}

/// A trend as its owner sees it: values of findings that were replaced or taken back are not part of the story.
#[must_use]
pub fn trend_to_owner(mut records: Vec<TrendRecord>) -> Disclosed<Vec<TrendRecord>> {
    records.retain(|r| r.state == FindingState::Delivered);
    // They come newest first; a stable sort keeps what cannot be told apart in the order of its arrival.
    records.reverse();
    records.sort_by_key(|r| (r.date, r.observation.effective_at));
    Disclosed(records)
}

/// A stub is all that is left of a finding that was taken back, also if its content should still lie somewhere.
fn summary_to_owner(mut record: SummaryRecord) -> SummaryRecord {
    if !record.state.has_content() {
        record.title = None;
        record.document = None;
        record.value_count = 0;
        record.flagged_count = 0;
    }
    record
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kdl;

    fn record(state: FindingState) -> FindingRecord {
        FindingRecord {
            summary: SummaryRecord {
                id: FindingId::from_bytes([1; 16]),
                state,
                class: &kdl::LABORATORY_REPORT,
                title: Some("Titel".to_owned().into()),
                practice: PracticeName { id: PracticeId::from_bytes([2; 16]), name: "Praxis".into() },
                date: jiff::civil::date(2026, 11, 22),
                received_at: Timestamp::UNIX_EPOCH,
                read_at: None,
                value_count: 3,
                flagged_count: 1,
                document: Some(DocumentRecord {
                    blob: BlobId::from_bytes([3; 16]),
                    media_type: MediaType::Pdf,
                    size: 9,
                    sha256: [0; 32],
                }),
            },
            report_status: ReportStatus::Final,
            author: Some("Dr. A".to_owned().into()),
            note: Some("Bitte anrufen".to_owned().into()),
            issued_at: None,
            observations: Vec::new(),
            superseded_by: None,
            replaces: None,
            recalled_at: None,
        }
    }

    #[test]
    fn nothing_but_a_stub_is_left_of_a_recalled_finding() {
        let seen = finding_to_owner(record(FindingState::Recalled)).into_inner();
        assert!(seen.summary.title.is_none() && seen.summary.document.is_none());
        assert!(seen.author.is_none() && seen.note.is_none());
        assert_eq!((seen.summary.value_count, seen.summary.flagged_count), (0, 0));
    }

    #[test]
    fn others_learn_nothing_of_versions_and_of_reading() {
        let mut shared = record(FindingState::Delivered);
        shared.summary.read_at = Some(Timestamp::UNIX_EPOCH);
        shared.replaces = Some(FindingId::from_bytes([4; 16]));
        shared.superseded_by = Some(FindingId::from_bytes([5; 16]));
        let seen = finding_to_recipient(shared).into_inner();
        assert!(seen.summary.read_at.is_none() && seen.replaces.is_none() && seen.superseded_by.is_none());
        assert!(seen.summary.title.is_some());
    }

    #[test]
    fn a_superseded_finding_stays_whole() {
        let seen = finding_to_owner(record(FindingState::Superseded)).into_inner();
        assert!(seen.summary.title.is_some() && seen.summary.document.is_some() && seen.note.is_some());
    }
}
