//! Room practices: upload credentials, uploads, receipts, the inbox, recalls.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The practice of the person who asks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Practice {
    /// The practice.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    pub id: String,
    /// Its name.
    #[schema(example = "Hausarztpraxis am Markt")]
    pub name: String,
    /// How many uploads wait in the inbox.
    #[schema(example = 2)]
    pub inbox_count: u32,
    /// How many requests to correct a finding wait for an answer.
    #[schema(example = 1)]
    pub open_corrections: u32,
}

/// A name for a new upload credential.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUploadCredential {
    /// Which software it is for.
    #[schema(example = "Rechner Anmeldung")]
    pub label: String,
}

/// An upload credential: it can upload and read its own receipts, nothing else.
#[derive(Debug, Serialize, ToSchema)]
pub struct UploadCredential {
    /// The credential.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a04")]
    pub id: String,
    /// Which software it is for.
    #[schema(example = "Rechner Anmeldung")]
    pub label: String,
    /// When it was made.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub created_at: String,
    /// When it was taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-23T09:30:00Z")]
    pub revoked_at: Option<String>,
}

/// A new upload credential with its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedUploadCredential {
    /// The credential.
    pub credential: UploadCredential,
    /// The secret for `Authorization: Bearer`. It is shown once and stored nowhere.
    #[schema(example = "nru_0yBfD2m5mJ3bq0mC9e8rT1vWzXaK4sLd7uPhNcGiQoE2Zt")]
    pub token: String,
}

/// The practice's upload credentials.
#[derive(Debug, Serialize, ToSchema)]
pub struct UploadCredentialList {
    /// The credentials, newest first.
    pub items: Vec<UploadCredential>,
}

/// What a practice says about a PDF or a picture: the part `metadata` of the upload. Beside FHIR, LDT and GDT it may name
/// the patient when the file itself does not.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UploadMetadata {
    /// The practice's own number for the patient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "P-10442")]
    pub patient_reference: Option<String>,
    /// The patient's birth date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "1961-03-14", format = Date)]
    pub birth_date: Option<String>,
    /// The title the resident will see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Röntgen der linken Hand")]
    pub title: Option<String>,
    /// The KDL code of the document class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "DG020110")]
    pub document_class: Option<String>,
    /// The day of the examination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-20", format = Date)]
    pub date: Option<String>,
    /// The physician or institution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Radiologie Elbinsel")]
    pub author: Option<String>,
    /// A word to the patient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Kein Bruch. Bitte in zwei Wochen wiederkommen.")]
    pub note: Option<String>,
    /// The finding whose place this one takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02")]
    pub replaces: Option<String>,
}

/// The multipart form of an upload.
#[derive(Debug, ToSchema)]
pub struct UploadForm {
    /// Who, what, when.
    pub metadata: UploadMetadata,
    /// The PDF, JPEG, PNG, FHIR, LDT, GDT, HL7 v2 or CDA file.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    pub file: Vec<u8>,
}

/// A FHIR R4 resource in JSON. Sent, it is a Bundle, a `DiagnosticReport`, an `Observation` or a `DocumentReference`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(value_type = Object)]
pub struct FhirResource(serde_json::Map<String, serde_json::Value>);

/// What became of an upload. One file may hold several findings.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UploadResult {
    /// Whether this was only a preview.
    #[schema(example = false)]
    pub dry_run: bool,
    /// One receipt per finding.
    pub documents: Vec<Receipt>,
}

/// The practice's receipt for one finding.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// The finding. Absent in a preview, and if it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02")]
    pub id: Option<String>,
    /// `delivered`, `waiting`, `inbox`, `superseded`, `recalled`, `rejected`, `expired`, or `refused`: nothing of it was stored,
    /// though others of its file were, and the first warning says why. Treat an unknown word as "look into the inbox".
    #[schema(example = "delivered")]
    pub state: String,
    /// Whether exactly this was already there: nothing was stored again.
    #[schema(example = false)]
    pub duplicate: bool,
    /// How sure the match is.
    pub matching: Match,
    /// The practice's number of the patient, once it is clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "P-10442")]
    pub patient_reference: Option<String>,
    /// The KDL code of the document class.
    #[schema(example = "LB120107")]
    pub document_class: String,
    /// The German name of the class.
    #[schema(example = "Laborbefund")]
    pub document_class_name: String,
    /// The day of the examination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-20", format = Date)]
    pub date: Option<String>,
    /// How many values could be read.
    #[schema(example = 12)]
    pub value_count: u32,
    /// SHA-256 of the uploaded bytes in lower-case hex: the practice's proof of what it delivered.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub sha256: String,
    /// When it arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-22T09:30:00Z")]
    pub received_at: Option<String>,
    /// The finding whose place it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    pub replaces: Option<String>,
    /// The finding that took its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a03")]
    pub superseded_by: Option<String>,
    /// When it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-23T08:00:00Z")]
    pub recalled_at: Option<String>,
    /// When the resident first opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-22T19:12:45Z")]
    pub first_opened_at: Option<String>,
    /// That the practice holds it back. Absent when it does not, or does not any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub hold: Option<Hold>,
    /// What was odd about it, as stable codes such as `title-missing`.
    #[schema(example = json!(["class-assumed"]))]
    pub warnings: Vec<String>,
}

/// That a finding does not show before somebody has talked with the patient (`release_finding`).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Hold {
    /// When it shows without a talk. Absent when no date alone releases it: a value is critical, the report is not final,
    /// confidential or about genes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-12-05T23:00:00Z")]
    pub until: Option<String>,
}

/// What a practice talks about before it shows on a phone, unless an upload says otherwise (`hold_days`).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldRules {
    /// `critical`, `not-final`, `confidential`, `genetics`, `infections` (HIV, hepatitis B and C, syphilis and others; what must be notified), `pregnancy`,
    /// `pathology`, `mental-health`, `drugs`: from the start all of them. Show an unknown word as it is.
    #[schema(example = json!(["critical", "not-final", "confidential", "genetics", "infections", "pathology"]))]
    pub topics: Vec<String>,
    /// For so many days at most, today being the first: 1 to 14.
    #[schema(minimum = 1, maximum = 14, example = 14)]
    pub days: u16,
    /// Everything else for so many days at most; 0: it shows at once.
    #[schema(minimum = 0, maximum = 14, example = 0)]
    pub other_days: u16,
}

/// Why a finding was matched, or was not.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Match {
    /// `certain` (reference or order, and birth date, agree) or `unclear`. Treat an unknown word as `unclear`.
    #[schema(example = "certain")]
    pub certainty: String,
    /// Why: `reference-and-birth-date`, `order-and-birth-date` (earlier reports under the same order were theirs), `chosen-by-staff`, `reference-unknown`, `reference-missing`,
    /// `birth-date-missing`, `birth-date-differs`, `ambiguous`, `older-version`, `file-doubtful` (the warnings say why).
    #[schema(example = "reference-and-birth-date")]
    pub reason: String,
}

/// A page of receipts, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptList {
    /// The receipts.
    pub items: Vec<Receipt>,
    /// Ask for more with this; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "b3BhcXVl")]
    pub next_cursor: Option<String>,
}

/// An upload that waits for a decision.
#[derive(Debug, Serialize, ToSchema)]
pub struct InboxItem {
    /// Its receipt.
    pub receipt: Receipt,
    /// The title in the file.
    #[schema(example = "Laborbefund")]
    pub title: String,
    /// The patient numbers in the file.
    #[schema(example = json!(["P-10442"]))]
    pub references: Vec<String>,
    /// The birth date in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "1961-03-14", format = Date)]
    pub birth_date: Option<String>,
    /// The name in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Muster, Erika")]
    pub name: Option<String>,
    /// The number that the practice gave its order, if the file says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "A8353429")]
    pub order_number: Option<String>,
    /// The practice's own patients it may belong to, likeliest first.
    #[schema(example = json!(["P-10442"]))]
    pub proposals: Vec<String>,
    /// When it will be thrown away.
    #[schema(example = "2026-12-22T09:30:00Z")]
    pub expires_at: String,
}

/// The inbox, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Inbox {
    /// The uploads that wait.
    pub items: Vec<InboxItem>,
}

/// Whose it is. The birth date is asked again, because choosing by hand is where mistakes happen.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// The practice's own number for the patient.
    #[schema(example = "P-10442")]
    pub patient_reference: String,
    /// The patient's birth date.
    #[schema(example = "1961-03-14", format = Date)]
    pub birth_date: String,
}

/// Why a finding is taken back.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Recall {
    /// `wrong-patient`, `wrong-content` or `other`.
    #[schema(example = "wrong-patient")]
    pub reason: String,
}

/// A recalled finding and who had seen it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecallReport {
    /// The receipt after the recall.
    pub receipt: Receipt,
    /// Everyone who had opened it, oldest first.
    pub openings: Vec<Opening>,
}

/// One opening of a finding before it was recalled.
#[derive(Debug, Serialize, ToSchema)]
pub struct Opening {
    /// Who: `resident`. Other readers come with sharing; treat an unknown word as a reader.
    #[schema(example = "resident")]
    pub who: String,
    /// What was done: `open`, `download`, `export` or `trend`.
    #[schema(example = "open")]
    pub action: String,
    /// When.
    #[schema(example = "2026-11-22T19:12:45Z")]
    pub at: String,
}
