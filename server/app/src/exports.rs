//! Room exports: what residents take away. One finding as a FHIR R4 document, one decision as a FHIR R4 consent, or a copy
//! of everything.

mod decisions;
mod record;
mod registrations;
mod running;

use nahraum_domain::{disclosure::FindingRecord, ids::FindingId, private::Private};
use nahraum_formats::{ExportedDocument, FhirExport, fhir_document};
use nahraum_store::{actions, findings as store};

pub use self::record::RecordExport;
pub(crate) use self::running::Running;
use crate::{App, Call, Refusal};

/// The system of the identifier under which a resident appears in their own export: no name, no insurance number.
const RESIDENT_SYSTEM: &str = "urn:ietf:rfc:3986";

impl App {
    /// One of the caller's findings as a FHIR R4 document Bundle in JSON.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`], [`Refusal::Recalled`].
    pub async fn export_finding(&self, call: &Call, id: FindingId) -> Result<Private<Vec<u8>>, Refusal> {
        let ((record, document), resident) = self
            .read_by_rules(call, move |tx, caller| {
                let permit = tx.permit::<actions::ExportFinding>(caller, id)?;
                let resident = caller.principal().ok_or(Refusal::Forbidden)?;
                Ok(store::export(tx, &permit)?.beside(resident))
            })
            .await?;
        if !record.summary.state.has_content() {
            self.count_answer();
            return Err(Refusal::Recalled);
        }
        let now = call.moment.now;
        let record = call.disclose(record).into_inner();
        let bundle = move || whole(&record, document.as_ref(), resident, now);
        tokio::task::spawn_blocking(bundle).await.map_err(|_| Refusal::Internal)
    }
}

/// One finding with its document, about a patient who is known by this id only.
pub(crate) fn whole(
    record: &FindingRecord,
    document: Option<&Private<Vec<u8>>>,
    patient: impl std::fmt::Display,
    now: jiff::Timestamp,
) -> Private<Vec<u8>> {
    let within = record.summary.document.zip(document);
    let within = within.map(|(document, bytes)| ExportedDocument::Within(document.media_type, bytes.reveal()));
    bundle(record, within, patient, now)
}

fn bundle(
    record: &FindingRecord,
    document: Option<ExportedDocument<'_>>,
    patient: impl std::fmt::Display,
    now: jiff::Timestamp,
) -> Private<Vec<u8>> {
    let identifier = format!("urn:uuid:{patient}");
    let summary = &record.summary;
    let title = summary.title.as_ref().map_or(summary.class.name, |t| t.reveal().as_str());
    Private::new(fhir_document(&FhirExport {
        id: *summary.id.as_bytes(),
        exported_at: now,
        practice_name: &summary.practice.name,
        patient_identifier: (RESIDENT_SYSTEM, &identifier),
        class: summary.class,
        title,
        author: record.author.as_ref().map(|a| a.reveal().as_str()),
        note: record.note.as_ref().map(|n| n.reveal().as_str()),
        status: record.report_status,
        clinical_date: Some(summary.date),
        issued_at: record.issued_at,
        observations: &record.observations,
        document,
    }))
}
