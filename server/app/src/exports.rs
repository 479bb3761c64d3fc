//! Room exports: one finding as a FHIR R4 document, for the resident to take away.

use nahraum_domain::{
    disclosure::{self, FindingRecord},
    ids::{FindingId, ResidentId},
    private::Private,
};
use nahraum_formats::{FhirExport, fhir_document};
use nahraum_store::{actions, findings as store};

use crate::{App, Call, Refusal};

/// The system of the identifier under which a resident appears in their own export: no name, no insurance number.
const RESIDENT_SYSTEM: &str = "urn:ietf:rfc:3986";

impl App {
    /// One of the caller's findings as a FHIR R4 document Bundle in JSON.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`], [`Refusal::Recalled`].
    pub async fn export_finding(&self, call: &Call, id: FindingId) -> Result<Private<Vec<u8>>, Refusal> {
        let (sealed, resident) = self
            .read(call, move |tx, caller| {
                let permit = tx.permit::<actions::ExportFinding>(caller, id)?;
                let resident = caller.resident().ok_or(Refusal::Forbidden)?;
                Ok((store::export(tx, &permit)?, resident))
            })
            .await?;
        let (record, document) = sealed.unseal(self.store().access_log()).await?;
        if !record.summary.state.has_content() {
            self.count_answer();
            return Err(Refusal::Recalled);
        }
        let now = call.moment.now;
        let record = disclosure::finding_to_owner(record).into_inner();
        let bytes = tokio::task::spawn_blocking(move || bundle(&record, document.as_ref(), resident, now)).await;
        bytes.map_err(|_| Refusal::Internal)
    }
}

fn bundle(
    record: &FindingRecord,
    document: Option<&Private<Vec<u8>>>,
    resident: ResidentId,
    now: jiff::Timestamp,
) -> Private<Vec<u8>> {
    let identifier = format!("urn:uuid:{resident}");
    let summary = &record.summary;
    let title = summary.title.as_ref().map_or(summary.class.name, |t| t.reveal().as_str());
    let media_type = summary.document.map(|d| d.media_type);
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
        document: media_type.zip(document).map(|(media_type, bytes)| (media_type, bytes.reveal().as_slice())),
    }))
}
