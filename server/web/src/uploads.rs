//! Room uploads: one endpoint, the content type decides.

use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use nahraum_api_spec::practices::{FhirResource, Receipt, UploadForm, UploadMetadata, UploadResult};
use nahraum_app::{
    App, Call, Fault, Refusal, Spool, Spooled,
    receipts::ReceiptRecord,
    uploads::{Outcome, Preview, UploadDetails, UploadRequest, Uploaded},
};
use nahraum_domain::{audit::statement::hex, finding::FindingState, private::Private, release::LONGEST_HOLD};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    extract::{IdempotencyKey, Query, Signed, parse_date},
    kept,
    multipart::{Incoming, WITH_BASE64_LIMIT},
    problem::{Answer, Failure},
    receipts,
    register::ServiceConfig,
};

/// The state of what is not taken, though others of its file are.
const REFUSED: &str = "refused";

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(upload_finding);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct UploadQuery {
    /// `true`: only say what would become of it, and store nothing.
    #[param(nullable = false, example = true)]
    dry_run: Option<bool>,
    /// Hold it back for at most so many days, today being the first, until you have talked with the patient: then call
    /// `release_finding`. What is critical or not final is never released by the date alone. 0: it shows at once. Without it the
    /// rules of the practice count (`get_hold_rules`).
    #[param(nullable = false, minimum = 0, maximum = 14, example = 5)]
    hold_days: Option<u16>,
}

/// Upload a finding.
///
/// As `multipart/form-data` with a part `file` (PDF, JPEG, PNG, FHIR, LDT, GDT, HL7 v2 or CDA) and a part `metadata`; or alone, FHIR R4
/// as `application/fhir+json`, LDT 2, LDT 3 and GDT as `application/octet-stream`, HL7 v2 as `x-application/hl7-v2+er7`, CDA
/// R2 as `application/cda+xml`. What a file is, is judged from its bytes. A file may hold several findings; all of them are stored, or none. LDT, GDT and HL7 v2 may
/// speak of several patients: what stands against one of them, as a missing consent, does not stand against the others, and its
/// report is `refused`. Every finding ends in one visible state: delivered, waiting for the patient's activation, or in the
/// practice's inbox because it is not clear whose it is. Retry with the same `Idempotency-Key` until there is an answer: nothing
/// is ever stored twice.
#[utoipa::path(
    tag = "uploads",
    security(("bearer" = [])),
    params(UploadQuery, crate::extract::IdempotencyHeader),
    request_body(content(
        (UploadForm = "multipart/form-data"),
        (FhirResource = "application/fhir+json", example = json!({"resourceType": "DiagnosticReport", "status": "final"})),
        (Vec<u8> = "application/octet-stream"),
        (Vec<u8> = "x-application/hl7-v2+er7"),
        (Vec<u8> = "application/cda+xml"),
    )),
    responses(
        (status = 200, description = "Nothing new was stored: a preview, or exactly this was there already.", body = UploadResult),
        (status = 201, description = "Stored, and clear whose it is.", body = UploadResult),
        (status = 404, description = "There is no such finding to replace."),
        (status = 202, description = "Stored, and waits in the inbox for a decision.", body = UploadResult),
    ),
)]
#[post("/v1/practice/findings")]
async fn upload_finding(
    app: Data<App>,
    call: Signed,
    key: Option<IdempotencyKey>,
    query: Query<UploadQuery>,
    incoming: Incoming,
) -> Answer {
    app.may_upload(&call).await?;
    let dry_run = query.0.dry_run.unwrap_or(false);
    if key.is_none() && !dry_run {
        return Err(Refusal::IdempotencyKeyMissing.into());
    }
    if query.0.hold_days.is_some_and(|days| days > LONGEST_HOLD) {
        return Err(Fault { pointer: "hold_days", code: "out-of-range", detail: "0 to 14 days." }.into());
    }
    let (file, details) = receive(&app, incoming).await?;
    let details = UploadDetails { hold_days: query.0.hold_days, ..details };
    match key {
        Some(key) if !dry_run => {
            store(&app, &call, UploadRequest { file, details, idempotency_key: key.into_string() }).await
        }
        Some(_) | None => {
            let previews = app.preview_upload(&call, file, details).await?;
            let documents = previews.into_iter().map(preview).collect();
            Ok(HttpResponse::Ok().json(UploadResult { dry_run: true, documents }))
        }
    }
}

async fn store(app: &App, call: &Call, request: UploadRequest) -> Answer {
    kept::answer(app.upload(call, request, render).await?)
}

/// The answer, made inside the unit of work, because it is kept for retries in the same commit.
fn render(uploaded: &Uploaded) -> (u16, String) {
    let documents: Vec<Receipt> = uploaded.outcomes.iter().map(outcome).collect();
    let status = if documents.iter().all(|d| d.duplicate || d.id.is_none()) {
        StatusCode::OK
    } else if documents.iter().any(|d| d.state == "inbox") {
        StatusCode::ACCEPTED
    } else {
        StatusCode::CREATED
    };
    let body = serde_json::to_string(&UploadResult { dry_run: false, documents }).unwrap_or_default();
    (status.as_u16(), body)
}

fn outcome(outcome: &Outcome) -> Receipt {
    match outcome {
        Outcome::Kept(record, duplicate) => receipts::wire(ReceiptRecord::clone(record), *duplicate),
        Outcome::Refused(refused) => preview(Preview::clone(refused)),
    }
}

/// Takes the file in, to disk and not to memory.
async fn receive(app: &App, incoming: Incoming) -> Result<(Spooled, UploadDetails), Failure> {
    let mut spool = Spool::create(&app.settings().spool_dir).map_err(|error| spool_failed(&error))?;
    let details = match incoming.media_type() {
        Some("multipart/form-data") => {
            let limit = app.settings().max_upload_bytes;
            let form = incoming.form::<UploadMetadata>(&mut spool, limit).await?;
            details(form.metadata.unwrap_or_default())?
        }
        Some(
            "application/fhir+json"
            | "application/json"
            | "application/octet-stream"
            | "x-application/hl7-v2+er7"
            | "application/cda+xml"
            | "application/xml"
            | "text/xml",
        ) => {
            incoming.raw(&mut spool, WITH_BASE64_LIMIT).await?;
            UploadDetails::default()
        }
        _ => return Err(Failure::of("unsupported-media-type")),
    };
    Ok((spool.finish().map_err(|error| spool_failed(&error))?, details))
}

fn spool_failed(error: &std::io::Error) -> Failure {
    if error.kind() == std::io::ErrorKind::StorageFull {
        return Refusal::StorageFull.into();
    }
    tracing::error!(%error, "the spool cannot be written");
    Refusal::Internal.into()
}

fn details(metadata: UploadMetadata) -> Result<UploadDetails, Failure> {
    let birth_date = metadata.birth_date.as_deref().map(|d| parse_date("/metadata/birth_date", d)).transpose()?;
    let replaces = metadata.replaces.as_deref().map(str::parse).transpose();
    Ok(UploadDetails {
        patient_reference: metadata.patient_reference.map(Private::new),
        birth_date: birth_date.map(Private::new),
        title: metadata.title.map(Private::new),
        document_class: metadata.document_class,
        date: metadata.date.as_deref().map(|d| parse_date("/metadata/date", d)).transpose()?,
        author: metadata.author.map(Private::new),
        note: metadata.note.map(Private::new),
        replaces: replaces.map_err(|_| Fault {
            pointer: "/metadata/replaces",
            code: "invalid-id",
            detail: "The id of a finding, as its receipt has it.",
        })?,
        hold_days: None,
    })
}

fn preview(preview: Preview) -> Receipt {
    Receipt {
        id: None,
        state: preview.state.map_or(REFUSED, FindingState::as_str).into(),
        duplicate: preview.duplicate,
        matching: receipts::matching(preview.reason),
        patient_reference: preview.reference.map(Private::into_revealed),
        document_class: preview.class.code.into(),
        document_class_name: preview.class.name.into(),
        date: preview.date.map(|day| day.to_string()),
        value_count: u32::try_from(preview.value_count).unwrap_or(u32::MAX),
        sha256: hex(&preview.sha256),
        received_at: None,
        replaces: preview.replaces.map(|id| id.to_string()),
        superseded_by: None,
        recalled_at: None,
        first_opened_at: None,
        hold: preview.hold.map(receipts::hold),
        warnings: preview.warnings.into_iter().map(str::to_owned).collect(),
    }
}
