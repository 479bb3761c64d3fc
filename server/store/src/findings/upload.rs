//! Storing what a practice sends.

use diesel::{insert_into, prelude::*, update};
use jiff::{Timestamp, civil::Date};
use nahraum_domain::{
    access::{Actor, FindingFacts},
    audit::LogAction,
    finding::{EmbeddedDocument, FindingState, Flag, Observation, ReadFinding, ReportVersion, SourceFormat},
    ids::{BlobId, FindingId, PatientId, PracticeId, ResidentId},
    matching::MatchReason,
    release::needs_a_person,
};

use super::{
    blobs::{self, StoredFile},
    index,
    keys::{content_hash_key, subject},
    known::{name_of_all, report_key},
    orders, release,
    stored::{Named, Summary, Values},
};
use crate::{
    access::{
        Permit, Scope, Tx,
        actions::{ActionMarker, ReplaceFinding, UploadFinding},
        log,
    },
    db::types::{Day, Instant, Sql},
    error::StoreError,
    schema::{finding_keys, finding_values, findings},
    vault::{FindingKey, Place, Subject},
};

/// Where a new finding goes.
#[derive(Debug, Clone, Copy)]
pub enum Destination {
    /// To its resident.
    Delivered(PatientId, ResidentId),
    /// To a patient who has consented on paper and not activated yet.
    Waiting(PatientId),
    /// To the practice's inbox.
    Inbox,
}

impl Destination {
    const fn state(self) -> FindingState {
        match self {
            Self::Delivered(..) => FindingState::Delivered,
            Self::Waiting(_) => FindingState::Waiting,
            Self::Inbox => FindingState::Inbox,
        }
    }

    const fn patient(self) -> Option<PatientId> {
        match self {
            Self::Delivered(patient, _) | Self::Waiting(patient) => Some(patient),
            Self::Inbox => None,
        }
    }

    const fn resident(self) -> Option<ResidentId> {
        match self {
            Self::Delivered(_, resident) => Some(resident),
            Self::Waiting(_) | Self::Inbox => None,
        }
    }
}

/// A finding to store.
#[derive(Debug, Clone, Copy)]
pub struct NewFinding<'a> {
    /// What was read.
    pub read: &'a ReadFinding,
    /// The upload itself, or its part that is about this finding.
    pub original: StoredFile<'a>,
    /// SHA-256 of the upload: the practice's proof of what it delivered.
    pub upload_sha256: [u8; 32],
    /// SHA-256 by which exactly this finding is recognised when it comes again.
    pub content_sha256: [u8; 32],
    /// The document to show, when it is not the upload itself.
    pub embedded: Option<(&'a EmbeddedDocument, [u8; 32])>,
    /// Where it goes.
    pub destination: Destination,
    /// Why.
    pub reason: MatchReason,
    /// The day it is sorted under.
    pub date: Date,
    /// The finding whose place it takes.
    pub replaces: Option<FindingId>,
    /// Until when the physician holds it back at most.
    pub held_until: Option<Timestamp>,
}

/// Stores a finding with everything that belongs to it: bytes, values, index, log line, notice. One commit.
///
/// # Errors
/// The database's.
pub fn store_finding(
    tx: &mut Tx<'_>,
    scope: &Scope<'_, UploadFinding>,
    new: &NewFinding<'_>,
) -> Result<FindingId, StoreError> {
    let id = tx.new_id(FindingId::new);
    let (_, _, practice) = sender(scope.actor())?;
    let (key, wrapped) = tx.vault().new_finding(subject(new.destination.resident(), practice), id)?;
    let original = blobs::store(tx, &key, new.original)?;
    let document = match (new.embedded, new.read.source_format) {
        (Some((document, sha256)), _) => Some(blobs::store(
            tx,
            &key,
            StoredFile { bytes: document.bytes.reveal(), media_type: document.media_type.as_str(), sha256 },
        )?),
        (
            None,
            SourceFormat::FhirR4
            | SourceFormat::Ldt2
            | SourceFormat::Ldt3
            | SourceFormat::Gdt
            | SourceFormat::Hl7V2
            | SourceFormat::Cda,
        ) => None,
        (None, SourceFormat::Pdf | SourceFormat::Jpeg | SourceFormat::Png) => Some(original),
    };
    insert_row(tx, scope, id, new, (&key, wrapped), (original, document))?;
    insert_key(tx, scope, id, new)?;
    if let Some((number, patient)) = new.read.subject.order.as_ref().zip(new.destination.patient()) {
        orders::remember(tx, practice, number, patient)?;
    }
    release::note(tx, id, new.held_until, needs_a_person(new.read))?;
    insert_values(tx, id, &key, &new.read.observations)?;
    if let Some(resident) = new.destination.resident() {
        index::add(tx, id, resident, &new.read.observations)?;
        release::settle(tx, id, resident)?.tell(tx, resident)?;
        let entry = nahraum_domain::audit::LogEntry {
            resident: Some(resident),
            finding: Some(id),
            action: if new.replaces.is_some() { LogAction::Replace } else { LogAction::Deliver },
            ..scope.entry(tx)
        };
        log::insert_with(tx, &entry)?;
    }
    Ok(id)
}

fn insert_row(
    tx: &mut Tx<'_>,
    scope: &Scope<'_, UploadFinding>,
    id: FindingId,
    new: &NewFinding<'_>,
    (key, wrapped): (&FindingKey<'_>, Vec<u8>),
    (original, document): (BlobId, Option<BlobId>),
) -> Result<(), StoreError> {
    let read = new.read;
    let (uploader_kind, uploader, practice) = sender(scope.actor())?;
    let summary = key.seal_json(summary_place(&id), &summary(new))?;
    let receipt = tx.vault().seal(Subject::Practice(practice), hash_place(&id), &new.upload_sha256)?;
    let expires_at = match new.destination {
        Destination::Delivered(..) => None,
        Destination::Waiting(_) | Destination::Inbox => {
            Some(Instant::from(tx.now() + nahraum_domain::activation::WAITING_LIFETIME))
        }
    };
    let flagged = read.observations.iter().filter(|o| o.flag.is_some_and(Flag::is_abnormal)).count();
    let warnings: Vec<&str> = read.warnings.iter().map(|w| w.as_str()).collect();
    insert_into(findings::table)
        .values((
            (
                findings::id.eq(Sql(id)),
                findings::practice_id.eq(Sql(practice)),
                findings::patient_id.eq(new.destination.patient().map(Sql)),
                findings::resident_id.eq(new.destination.resident().map(Sql)),
                findings::uploader_kind.eq(uploader_kind),
                findings::uploader_id.eq(uploader.to_vec()),
                findings::state.eq(new.destination.state().as_str()),
                findings::match_reason.eq(new.reason.as_str()),
                findings::source_format.eq(source_word(read.source_format)),
                findings::class.eq(read.class.code),
                findings::kind.eq(read.class.kind.as_str()),
                findings::report_status.eq(read.status.as_str()),
            ),
            (
                findings::sort_date.eq(Day::from(new.date)),
                findings::clinical_date.eq(read.clinical_date.map(Day::from)),
                findings::issued_at.eq(read.issued_at.map(Instant::from)),
                findings::received_at.eq(Instant::from(tx.now())),
                findings::expires_at.eq(expires_at),
                findings::sha256_key.eq(content_hash_key(tx, &new.content_sha256)),
                findings::sha256_sealed.eq(receipt),
                findings::key_wrapped.eq(Some(wrapped)),
                findings::original_blob.eq(Some(Sql(original))),
                findings::document_blob.eq(document.map(Sql)),
                findings::summary_sealed.eq(Some(summary)),
                findings::value_count.eq(count(read.observations.len())?),
                findings::flagged_count.eq(count(flagged)?),
                findings::warnings.eq(warnings.join(" ")),
                findings::replaces.eq(new.replaces.map(Sql)),
            ),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// The words to keep. Whom the file names is only kept while it is not clear whose it is.
fn summary(new: &NewFinding<'_>) -> Summary {
    let unclear = matches!(new.destination, Destination::Inbox);
    Summary {
        title: new.read.title.reveal().clone(),
        author: new.read.author.as_ref().map(|a| a.reveal().clone()),
        note: new.read.note.as_ref().map(|n| n.reveal().clone()),
        subject: unclear.then(|| Named::from(&new.read.subject)),
    }
}

pub(super) fn sender(actor: Actor) -> Result<(&'static str, [u8; 16], PracticeId), StoreError> {
    match actor {
        Actor::Staff { staff, practice } => Ok(("staff", *staff.as_bytes(), practice)),
        Actor::Software { credential, practice } => Ok(("software", *credential.as_bytes(), practice)),
        Actor::Resident(_)
        | Actor::Representative { .. }
        | Actor::District { .. }
        | Actor::Operator { .. }
        | Actor::Holder { .. } => Err(StoreError::Unauthenticated),
    }
}

const fn source_word(format: SourceFormat) -> &'static str {
    match format {
        SourceFormat::Pdf => "pdf",
        SourceFormat::Jpeg => "jpeg",
        SourceFormat::Png => "png",
        SourceFormat::FhirR4 => "fhir-r4",
        SourceFormat::Ldt2 => "ldt-2",
        SourceFormat::Ldt3 => "ldt-3",
        SourceFormat::Gdt => "gdt",
        SourceFormat::Hl7V2 => "hl7-v2",
        SourceFormat::Cda => "cda-r2",
    }
}

fn count(n: usize) -> Result<i32, StoreError> {
    i32::try_from(n).map_err(|_| StoreError::Corrupt("a count"))
}

fn insert_key(
    tx: &mut Tx<'_>,
    scope: &Scope<'_, UploadFinding>,
    id: FindingId,
    new: &NewFinding<'_>,
) -> Result<(), StoreError> {
    let Some(key) = &new.read.business_key else { return Ok(()) };
    let (_, _, practice) = sender(scope.actor())?;
    let (number, issued) = match key.version {
        Some(ReportVersion::Number(n)) => (Some(i64::from(n)), None),
        Some(ReportVersion::Issued(at)) => (None, Some(Instant::from(at))),
        None => (None, None),
    };
    let name = name_of_all(tx, practice, &key.key)?;
    let own = key.own.as_ref().map(|own| report_key(tx, own));
    insert_into(finding_keys::table)
        .values((
            finding_keys::finding_id.eq(Sql(id)),
            finding_keys::practice_id.eq(Sql(practice)),
            finding_keys::report_key.eq(name),
            finding_keys::own_key.eq(own),
            finding_keys::version_number.eq(number),
            finding_keys::version_issued.eq(issued),
            finding_keys::revision.eq(key.revision.map(i64::from)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

fn insert_values(
    tx: &mut Tx<'_>,
    id: FindingId,
    key: &FindingKey<'_>,
    observations: &[Observation],
) -> Result<(), StoreError> {
    if observations.is_empty() {
        return Ok(());
    }
    let sealed = key.seal_json(values_place(&id), &Values::new(observations))?;
    insert_into(finding_values::table)
        .values((finding_values::finding_id.eq(Sql(id)), finding_values::body_sealed.eq(sealed)))
        .execute(tx.conn())?;
    Ok(())
}

/// Puts a new version into a finding's place. The old one stays readable, with a banner.
///
/// # Errors
/// The database's.
#[expect(clippy::needless_pass_by_value, reason = "a permit to change something is used up by it")]
pub fn supersede(tx: &mut Tx<'_>, permit: Permit<'_, ReplaceFinding>, by: FindingId) -> Result<(), StoreError> {
    update(findings::table.find(Sql(permit.finding())))
        .set((
            findings::state.eq(FindingState::Superseded.as_str()),
            findings::superseded_by.eq(Some(Sql(by))),
            findings::expires_at.eq(None::<Instant>),
        ))
        .execute(tx.conn())?;
    Ok(())
}

pub(super) const fn summary_place(id: &FindingId) -> Place<'_> {
    Place { column: "findings.summary", row: id.as_bytes() }
}

/// The hash of the upload stays with the practice's receipt, also when the content is gone.
pub(super) const fn hash_place(id: &FindingId) -> Place<'_> {
    Place { column: "findings.sha256", row: id.as_bytes() }
}

pub(super) const fn values_place(id: &FindingId) -> Place<'_> {
    Place { column: "finding_values.body", row: id.as_bytes() }
}

/// Whose finding a permit is about, for rules that compare patients.
pub(super) fn patient_of(tx: &mut Tx<'_>, id: FindingId) -> Result<Option<PatientId>, StoreError> {
    let patient: Option<Sql<PatientId>> =
        findings::table.find(Sql(id)).select(findings::patient_id).first(tx.conn())?;
    Ok(patient.map(|p| p.0))
}

impl<A: ActionMarker> Permit<'_, A> {
    /// The patient the finding is for, as far as that is settled.
    ///
    /// # Errors
    /// The database's.
    pub fn patient(&self, tx: &mut Tx<'_>) -> Result<Option<PatientId>, StoreError> {
        patient_of(tx, self.finding())
    }

    /// Where the finding is on its way.
    #[must_use]
    pub const fn state(&self) -> FindingState {
        let FindingFacts { state, .. } = *self.facts();
        state
    }
}
