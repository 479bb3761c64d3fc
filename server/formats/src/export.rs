//! One finding as a FHIR R4 document (FHIR 3.3): what a resident takes along, readable by any FHIR system.
//!
//! A document bundle begins with a Composition. Values become a DiagnosticReport with Observations; a document without
//! values becomes a DocumentReference; its bytes are a Binary of the bundle. The patient is only an identifier: a file
//! that gets lost should not name anyone.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use nahraum_domain::calendar::berlin;
use nahraum_domain::finding::{MediaType, Observation, Quantity, RangeKind, ReferenceRange, ReportStatus, Value};
use nahraum_domain::kdl::{DocumentClass, KDL_SYSTEM, KDL_VERSION};
use rust_decimal::Decimal;
use serde_json::{Map, Number, Value as Json, json};
use uuid::Uuid;

use crate::fhir::{LOINC, UCUM, gravest};

const INTERPRETATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
const RANGE_MEANING: &str = "http://terminology.hl7.org/CodeSystem/referencerange-meaning";
const ABSENT_REASON: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";

/// What is exported. All words are the sender's.
#[derive(Clone, Copy)]
pub struct FhirExport<'a> {
    /// The id of the finding. The bundle's identifier and the addresses of its entries are made from it.
    pub id: [u8; 16],
    /// When the export is made.
    pub exported_at: Timestamp,
    /// The practice that sent the finding.
    pub practice_name: &'a str,
    /// System and value of the one identifier the patient is known by.
    pub patient_identifier: (&'a str, &'a str),
    /// The document class.
    pub class: &'static DocumentClass,
    /// The title.
    pub title: &'a str,
    /// The responsible physician or institution.
    pub author: Option<&'a str>,
    /// The sender's note for the patient.
    pub note: Option<&'a str>,
    /// The status of the report.
    pub status: ReportStatus,
    /// The day the examination belongs to.
    pub clinical_date: Option<Date>,
    /// When the report was issued.
    pub issued_at: Option<Timestamp>,
    /// The values.
    pub observations: &'a [Observation],
    /// The document.
    pub document: Option<ExportedDocument<'a>>,
}

/// A document that goes with a finding.
#[derive(Clone, Copy)]
pub enum ExportedDocument<'a> {
    /// In the bundle, as a Binary.
    Within(MediaType, &'a [u8]),
    /// A file beside the bundle: its type, a link to it, its size in bytes.
    Beside(MediaType, &'a str, u64),
}

impl ExportedDocument<'_> {
    const fn media_type(&self) -> MediaType {
        match self {
            Self::Within(media_type, _) | Self::Beside(media_type, ..) => *media_type,
        }
    }
}

/// Writes the finding as a FHIR R4 document bundle, UTF-8 JSON.
///
/// Numbers are exact: 5.10 is written as 5.10. [`crate::fhir::read`] gives the same values back. The same input gives
/// the same bytes.
#[must_use]
pub fn fhir_document(export: &FhirExport<'_>) -> Vec<u8> {
    let is_report = !export.observations.is_empty() || export.document.is_none();
    let main = if is_report { report(export) } else { document_reference(export) };
    let mut entries = vec![
        entry(export, Part::Composition, composition(export)),
        entry(export, Part::Patient, patient(export)),
        entry(export, Part::Organization, json!({"resourceType": "Organization", "name": export.practice_name})),
        entry(export, Part::Main, main),
    ];
    for (index, one) in export.observations.iter().enumerate() {
        entries.push(entry(export, Part::Observation(index), observation(export, one)));
    }
    if let Some(ExportedDocument::Within(media_type, bytes)) = export.document {
        let binary = json!({
            "resourceType": "Binary", "contentType": media_type.as_str(), "data": STANDARD.encode(bytes),
        });
        entries.push(entry(export, Part::Binary, binary));
    }
    let bundle = json!({
        "resourceType": "Bundle",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": format!("urn:uuid:{}", Uuid::from_bytes(export.id))},
        "type": "document",
        "timestamp": export.exported_at.to_string(),
        "entry": entries,
    });
    bundle.to_string().into_bytes()
}

/// The entries of the bundle.
#[derive(Clone, Copy)]
enum Part {
    Composition,
    Patient,
    Organization,
    Main,
    Binary,
    Observation(usize),
}

impl Part {
    /// Distinct for each entry, never 0.
    fn number(self) -> u16 {
        match self {
            Self::Composition => 1,
            Self::Patient => 2,
            Self::Organization => 3,
            Self::Main => 4,
            Self::Binary => 5,
            Self::Observation(index) => u16::try_from(index).unwrap_or(u16::MAX).saturating_add(16),
        }
    }
}

/// An address made from the finding's id: the last two bytes, which are random, are combined with the entry's number.
fn address(export: &FhirExport<'_>, part: Part) -> String {
    let mut bytes = export.id;
    let [high, low] = part.number().to_be_bytes();
    let [.., before_last, last] = &mut bytes;
    *before_last ^= high;
    *last ^= low;
    format!("urn:uuid:{}", Uuid::from_bytes(bytes))
}

fn reference(export: &FhirExport<'_>, part: Part) -> Json {
    json!({"reference": address(export, part)})
}

fn entry(export: &FhirExport<'_>, part: Part, mut resource: Json) -> Json {
    let url = address(export, part);
    if let (Some(fields), Some(id)) = (resource.as_object_mut(), url.strip_prefix("urn:uuid:")) {
        fields.insert("id".into(), id.into());
    }
    json!({"fullUrl": url, "resource": resource})
}

fn patient(export: &FhirExport<'_>) -> Json {
    let (system, value) = export.patient_identifier;
    json!({"resourceType": "Patient", "identifier": [{"system": system, "value": value}]})
}

fn class(export: &FhirExport<'_>) -> Json {
    json!({"coding": [{
        "system": KDL_SYSTEM, "version": KDL_VERSION, "code": export.class.code, "display": export.class.name,
    }]})
}

fn composition(export: &FhirExport<'_>) -> Json {
    let status = match export.status {
        ReportStatus::Partial | ReportStatus::Preliminary => "preliminary",
        ReportStatus::Final => "final",
        ReportStatus::Amended | ReportStatus::Corrected | ReportStatus::Appended => "amended",
        ReportStatus::Cancelled | ReportStatus::EnteredInError => "entered-in-error",
    };
    json!({
        "resourceType": "Composition",
        "status": status,
        "type": class(export),
        "subject": reference(export, Part::Patient),
        "date": export.issued_at.unwrap_or(export.exported_at).to_string(),
        "author": [reference(export, Part::Organization)],
        "title": export.title,
        "section": [{"title": export.title, "entry": [reference(export, Part::Main)]}],
    })
}

/// Adds a property that has a value.
pub(crate) fn put(object: &mut Json, name: &str, value: Option<impl Into<Json>>) {
    if let (Some(fields), Some(value)) = (object.as_object_mut(), value) {
        fields.insert(name.to_owned(), value.into());
    }
}

fn author(export: &FhirExport<'_>) -> Json {
    let mut by_practice = reference(export, Part::Organization);
    match export.author {
        Some(name) => json!([{"display": name}]),
        None => {
            put(&mut by_practice, "display", Some(export.practice_name));
            json!([by_practice])
        }
    }
}

fn report(export: &FhirExport<'_>) -> Json {
    let result: Vec<Json> =
        (0..export.observations.len()).map(|index| reference(export, Part::Observation(index))).collect();
    let mut report = json!({
        "resourceType": "DiagnosticReport",
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": format!("urn:uuid:{}", Uuid::from_bytes(export.id))}],
        "status": export.status.as_str(),
        "category": [class(export)],
        "code": {"text": export.title},
        "subject": reference(export, Part::Patient),
        "performer": author(export),
    });
    put(&mut report, "effectiveDateTime", export.clinical_date.map(|day| day.to_string()));
    put(&mut report, "issued", export.issued_at.map(|at| at.to_string()));
    put(&mut report, "result", (!result.is_empty()).then_some(result));
    // R4 has no note in DiagnosticReport; R5 has, and this is its name in R4 (FHIR 5.0 cross-version extensions).
    let note = export.note.map(|text| json!([{"url": crate::fhir::REPORT_NOTE, "valueAnnotation": {"text": text}}]));
    put(&mut report, "extension", note);
    put(&mut report, "presentedForm", export.document.map(|document| json!([attachment(export, Some(document))])));
    report
}

/// Where the bytes are: in the bundle, or in a file beside it.
fn attachment(export: &FhirExport<'_>, document: Option<ExportedDocument<'_>>) -> Json {
    let mut attachment = json!({"title": export.title});
    put(&mut attachment, "contentType", document.map(|document| document.media_type().as_str()));
    let (url, size) = match document {
        Some(ExportedDocument::Beside(_, link, size)) => (link.to_owned(), Some(size)),
        Some(ExportedDocument::Within(..)) | None => (address(export, Part::Binary), None),
    };
    put(&mut attachment, "url", Some(url));
    put(&mut attachment, "size", size);
    attachment
}

fn document_reference(export: &FhirExport<'_>) -> Json {
    let doc_status = match export.status {
        ReportStatus::Partial | ReportStatus::Preliminary => "preliminary",
        ReportStatus::Final => "final",
        ReportStatus::Amended | ReportStatus::Corrected | ReportStatus::Appended => "amended",
        ReportStatus::Cancelled | ReportStatus::EnteredInError => "entered-in-error",
    };
    let mut attachment = attachment(export, export.document);
    put(&mut attachment, "creation", export.clinical_date.map(|day| day.to_string()));
    let mut document = json!({
        "resourceType": "DocumentReference",
        "masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": format!("urn:uuid:{}", Uuid::from_bytes(export.id))},
        "status": "current",
        "docStatus": doc_status,
        "type": class(export),
        "subject": reference(export, Part::Patient),
        "author": author(export),
        "description": export.title,
        "content": [{"attachment": attachment}],
    });
    put(&mut document, "date", export.issued_at.map(|at| at.to_string()));
    document
}

fn observation(export: &FhirExport<'_>, one: &Observation) -> Json {
    let loinc = one.loinc.iter().map(|code| json!({"system": LOINC, "code": code}));
    let codings: Vec<Json> = loinc.chain(one.local_code.as_deref().map(coding)).collect();
    let mut code = json!({"text": one.name.reveal()});
    put(&mut code, "coding", (!codings.is_empty()).then_some(codings));
    let mut category = vec![json!({"coding": [{"system": CATEGORY, "code": "laboratory"}]})];
    category.extend(one.group.iter().map(|group| json!({"text": group})));
    let mut observation = json!({
        "resourceType": "Observation",
        "status": one.status,
        "category": category,
        "code": code,
        "subject": reference(export, Part::Patient),
    });
    if let Some((name, value)) = value(&one.value) {
        put(&mut observation, name, Some(value));
    }
    put(&mut observation, "interpretation", interpretation(one));
    let ranges: Vec<Json> = one.ranges.iter().map(range).collect();
    put(&mut observation, "referenceRange", (!ranges.is_empty()).then_some(ranges));
    put(&mut observation, "effectiveDateTime", effective(one));
    put(&mut observation, "method", one.method.as_ref().map(|text| json!({"text": text})));
    put(&mut observation, "specimen", one.specimen.as_ref().map(|text| json!({"display": text})));
    put(&mut observation, "note", one.comment.as_ref().map(|text| json!([{"text": text.reveal()}])));
    observation
}

/// `system|code`, or a bare code, as a coding.
fn coding(token: &str) -> Json {
    match token.split_once('|') {
        Some((system, code)) if is_filled(system) && is_filled(code) => json!({"system": system, "code": code}),
        Some(_) | None => json!({"code": token}),
    }
}

fn is_filled(text: &str) -> bool {
    !text.is_empty() && text.trim() == text
}

/// The sender's flags as sent, if they mean in HL7 what they were understood to mean; else the translation, and beside it in
/// words what was sent: `HH` is critical in HL7 and not in LDT.
fn interpretation(one: &Observation) -> Option<Json> {
    let sent: Vec<&str> = one.flag_raw.iter().flat_map(|codes| codes.split(", ")).collect();
    let coding = |code: &str| json!({"system": INTERPRETATION, "code": code});
    if !sent.is_empty() && gravest(&sent) == one.flag {
        return Some(json!([{"coding": sent.into_iter().map(coding).collect::<Vec<Json>>()}]));
    }
    let mut concept = json!({"coding": [coding(one.flag?.as_str())]});
    put(&mut concept, "text", one.flag_raw.as_deref());
    Some(json!([concept]))
}

/// The time of the value in the local time of the practices, so that the day stays the sender's day.
fn effective(one: &Observation) -> Option<String> {
    let Some(at) = one.effective_at else { return one.effective_date.map(|day| day.to_string()) };
    let berlin = berlin().to_offset(at);
    // FHIR offsets are whole minutes; before 1893 Berlin's was not.
    let offset = if berlin.seconds() % 60 == 0 { berlin } else { Offset::UTC };
    Some(at.display_with_offset(offset).to_string())
}

fn value(value: &Value) -> Option<(&'static str, Json)> {
    Some(match value {
        Value::Quantity(one) => ("valueQuantity", quantity(one)),
        Value::Range { low, high } => {
            let mut range = Json::Object(Map::new());
            put(&mut range, "low", low.as_ref().map(quantity));
            put(&mut range, "high", high.as_ref().map(quantity));
            ("valueRange", range)
        }
        Value::Ratio { numerator, denominator } => {
            ("valueRatio", json!({"numerator": quantity(numerator), "denominator": quantity(denominator)}))
        }
        Value::Text(words) => ("valueString", words.reveal().as_str().into()),
        Value::Coded { code, text } => {
            let mut concept = json!({"text": text.reveal()});
            put(&mut concept, "coding", code.as_deref().map(|token| json!([coding(token)])));
            ("valueCodeableConcept", concept)
        }
        Value::Absent { reason: Some(code) } => {
            ("dataAbsentReason", json!({"coding": [{"system": ABSENT_REASON, "code": code}]}))
        }
        Value::Absent { reason: None } => return None,
    })
}

fn quantity(one: &Quantity) -> Json {
    let mut quantity = json!({"value": number(*one.value.reveal())});
    put(&mut quantity, "comparator", one.comparator.map(nahraum_domain::finding::Comparator::as_str));
    put(&mut quantity, "unit", one.unit.as_deref());
    put(&mut quantity, "system", one.ucum.as_ref().map(|_| UCUM));
    put(&mut quantity, "code", one.ucum.as_deref());
    quantity
}

/// A decimal as a JSON number with exactly its digits.
fn number(value: Decimal) -> Json {
    let text = value.to_string();
    text.parse::<Number>().map_or(Json::String(text), Json::Number)
}

fn range(one: &ReferenceRange) -> Json {
    let limit = |value: &Decimal| {
        let mut limit = json!({"value": number(*value)});
        put(&mut limit, "unit", one.unit.as_deref());
        limit
    };
    let kind = match one.kind {
        RangeKind::Normal => json!({"coding": [{"system": RANGE_MEANING, "code": "normal"}]}),
        RangeKind::Therapeutic => json!({"coding": [{"system": RANGE_MEANING, "code": "treatment"}]}),
        RangeKind::Other => json!({"text": one.text.as_deref().unwrap_or("anderer Bereich")}),
    };
    let mut range = json!({"type": kind});
    put(&mut range, "low", one.low.as_ref().map(|low| limit(low.reveal())));
    put(&mut range, "high", one.high.as_ref().map(|high| limit(high.reveal())));
    put(&mut range, "text", one.text.as_deref());
    put(&mut range, "appliesTo", one.applies_to.as_ref().map(|text| json!([{"text": text}])));
    range
}
