//! Writes FHIR R4 (HL7 FHIR 4.0.1) as the hospitals' and laboratories' software does: laboratory reports as transaction
//! bundles after the MII module "Laborbefund", documents as `ISiK` `DocumentReference`.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{Span, Zoned, civil::Date};
use nahraum_domain::kdl;
use serde_json::{Number, Value, json};

use super::{
    DistrictError, Sex,
    analytes::{Band, Measure, Who},
    measure::{Outcome, Reading},
    paper,
    plan::{Addressee, Planned, Report, Version},
    random::SplitMix,
    schedule::Fault,
    sheets::Sheet,
};

/// The invented laboratory.
pub(super) const LABORATORY: &str = "Labor Lerchenbrook (Demo)";

const LOINC: &str = "http://loinc.org";
const UCUM: &str = "http://unitsofmeasure.org";
const SNOMED: &str = "http://snomed.info/sct";
const INTERPRETATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
const IDENTIFIER_TYPE: &str = "http://terminology.hl7.org/CodeSystem/v2-0203";
const RANGE_MEANING: &str = "http://terminology.hl7.org/CodeSystem/referencerange-meaning";
const OBSERVATION_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
const MII_REPORT: &str =
    "https://www.medizininformatik-initiative.de/fhir/core/modul-labor/StructureDefinition/DiagnosticReportLab";
const MII_OBSERVATION: &str =
    "https://www.medizininformatik-initiative.de/fhir/core/modul-labor/StructureDefinition/ObservationLab";
const REPORT_NOTE: &str = "http://hl7.org/fhir/5.0/StructureDefinition/extension-DiagnosticReport.note";
const ISIK_DOCUMENT: &str =
    "https://gematik.de/fhir/isik/v3/Dokumentenaustausch/StructureDefinition/ISiKDokumentenMetadaten";
/// A name space of our own below a top-level domain reserved for examples (RFC 2606).
const OWN: &str = "https://lerchenbrook.example/fhir";

/// One report in this many carries the printed report as well, if it fits onto one page.
const PRINT_EVERY: u32 = 5;
const PRINTED_ROWS: usize = 16;

/// The patient number that the upload gives, right or wrong.
pub(super) fn reference(to: &Addressee) -> &'static str {
    match to.fault {
        Some(Fault::UnknownReference(wrong)) => wrong,
        Some(Fault::WrongBirthDate) | None => to.registration.reference,
    }
}

/// The birth date that the upload gives, right or wrong.
pub(super) fn birth_date(to: &Addressee) -> Result<Date, DistrictError> {
    match to.fault {
        Some(Fault::WrongBirthDate) => Ok(to.resident.birth_date.checked_add(Span::new().try_days(40)?)?),
        Some(Fault::UnknownReference(_)) | None => Ok(to.resident.birth_date),
    }
}

/// A laboratory report as a transaction bundle: patient, observations, report.
pub(super) fn report_bundle(
    item: &Planned,
    report: &Report,
    readings: &[Reading],
    seed: u64,
) -> Result<Vec<u8>, DistrictError> {
    let mut random = SplitMix::for_words(seed, &[&report.number, "bundle"]);
    let patient = format!("urn:uuid:{}", random.uuid());
    let mut entries = vec![entry("Patient", &patient, &patient_resource(&item.to)?)];
    let mut results = Vec::new();
    for reading in readings {
        let address = format!("urn:uuid:{}", random.uuid());
        results.push(json!({ "reference": address }));
        entries.push(entry("Observation", &address, &observation(item, report, reading, &patient)?));
    }
    let mut resource = diagnostic_report(item, report, &patient, &results);
    if readings.len() <= PRINTED_ROWS && random.below(PRINT_EVERY) == 0 {
        let print = paper::report_pdf(item, report, readings)?;
        put(&mut resource, "presentedForm", json!([attachment(&print, "Laborbefund", &item.issued)]));
    }
    entries.push(entry("DiagnosticReport", &format!("urn:uuid:{}", random.uuid()), &resource));
    let bundle = json!({ "resourceType": "Bundle", "meta": test_data(None), "type": "transaction", "entry": entries });
    Ok(serde_json::to_vec(&bundle)?)
}

/// A document as a `DocumentReference` with the PDF inside and the patient contained.
pub(super) fn document_reference(
    item: &Planned,
    sheet: &Sheet,
    pdf: &[u8],
    author: &str,
    seed: u64,
) -> Result<Vec<u8>, DistrictError> {
    let issued = instant(&item.issued);
    let mut random = SplitMix::for_words(seed, &[item.to.registration.reference, sheet.title, &issued]);
    let class = kdl::find(sheet.class).ok_or(DistrictError::Table("KDL classes"))?;
    let mut patient = patient_resource(&item.to)?;
    put(&mut patient, "id", json!("patient"));
    let document = json!({
        "resourceType": "DocumentReference",
        "meta": test_data(Some(ISIK_DOCUMENT)),
        "contained": [patient],
        "masterIdentifier": { "system": "urn:ietf:rfc:3986", "value": format!("urn:uuid:{}", random.uuid()) },
        "status": "current",
        "docStatus": "final",
        "type": { "coding": [{ "system": kdl::KDL_SYSTEM, "version": kdl::KDL_VERSION, "code": class.code, "display": class.name }] },
        "description": sheet.title,
        "subject": { "reference": "#patient" },
        "author": [{ "display": author }],
        "date": issued,
        "securityLabel": [{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "N" }] }],
        "content": [{
            "attachment": attachment(pdf, sheet.title, &item.issued),
            "format": {
                "system": "http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode",
                "code": "urn:ihe:iti:xds:2017:mimeTypeSufficient",
            },
        }],
        "context": { "period": { "start": item.issued.date().to_string() } },
    });
    Ok(serde_json::to_vec(&document)?)
}

fn patient_resource(to: &Addressee) -> Result<Value, DistrictError> {
    Ok(json!({
        "resourceType": "Patient",
        "meta": test_data(None),
        "identifier": [{
            "use": "usual",
            "type": { "coding": [{ "system": IDENTIFIER_TYPE, "code": "MR" }] },
            "system": format!("{OWN}/sid/patienten/{}", to.registration.practice + 1),
            "value": reference(to),
            "assigner": { "display": to.practice.name },
        }],
        "name": [{ "use": "official", "family": to.resident.family_name, "given": [to.resident.given_name] }],
        "gender": match to.resident.sex { Sex::Female => "female", Sex::Male => "male" },
        "birthDate": birth_date(to)?.to_string(),
    }))
}

fn diagnostic_report(item: &Planned, report: &Report, patient: &str, results: &[Value]) -> Value {
    let corrected = report.correction.is_some_and(|(_, version)| version == Version::Corrected);
    let mut resource = json!({
        "resourceType": "DiagnosticReport",
        "meta": test_data(Some(MII_REPORT)),
        "identifier": [{
            "type": { "coding": [{ "system": IDENTIFIER_TYPE, "code": "FILL" }] },
            "system": format!("{OWN}/sid/befunde"),
            "value": report.number,
        }],
        "status": if corrected { "corrected" } else { "final" },
        "category": [{ "coding": [
            { "system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": report.panel.section },
            { "system": LOINC, "code": "26436-6", "display": "Laboruntersuchungen" },
        ] }],
        "code": {
            "coding": [{ "system": LOINC, "code": "11502-2", "display": "Laborbericht" }],
            "text": report.panel.title,
        },
        "subject": { "reference": patient },
        "effectiveDateTime": instant(&report.sampled),
        "issued": instant(&item.issued),
        "performer": [{ "display": LABORATORY }],
        "resultsInterpreter": [{ "display": paper::author(item) }],
        "result": results,
    });
    if let Some(note) = report.note {
        // R4 has no note in the report; this is the official extension that brings R5's.
        put(&mut resource, "extension", json!([{ "url": REPORT_NOTE, "valueAnnotation": { "text": note } }]));
    }
    resource
}

fn observation(item: &Planned, report: &Report, reading: &Reading, patient: &str) -> Result<Value, DistrictError> {
    let analyte = reading.analyte;
    let local = json!({ "system": format!("{OWN}/CodeSystem/laborkatalog"), "code": analyte.key });
    let loinc = analyte.loinc.map(|code| json!({ "system": LOINC, "code": code }));
    let codes: Vec<Value> = loinc.into_iter().chain([local]).collect();
    let mut resource = json!({
        "resourceType": "Observation",
        "meta": test_data(Some(MII_OBSERVATION)),
        "identifier": [{
            "type": { "coding": [{ "system": IDENTIFIER_TYPE, "code": "OBI" }] },
            "system": format!("{OWN}/sid/laborwerte"),
            "value": format!("{}-{}", report.number, analyte.key),
        }],
        "status": if reading.remark.is_some() { "corrected" } else { "final" },
        "category": [
            { "coding": [
                { "system": LOINC, "code": "26436-6", "display": "Laboruntersuchungen" },
                { "system": OBSERVATION_CATEGORY, "code": "laboratory", "display": "Laboratory" },
            ] },
            {
                "coding": [{ "system": format!("{OWN}/CodeSystem/laborgruppe"), "code": analyte.group, "display": analyte.group }],
                "text": analyte.group,
            },
        ],
        "code": { "coding": codes, "text": analyte.name },
        "subject": { "reference": patient },
        "effectiveDateTime": instant(&report.sampled),
        "issued": instant(&item.issued),
        "performer": [{ "display": LABORATORY }],
        "specimen": { "display": analyte.specimen },
    });
    put_result(&mut resource, &reading.result)?;
    if let Some(flag) = reading.flag {
        put(&mut resource, "interpretation", json!([{ "coding": [{ "system": INTERPRETATION, "code": flag }] }]));
    }
    if let Some(remark) = reading.remark {
        put(&mut resource, "note", json!([{ "text": remark }]));
    }
    Ok(resource)
}

fn put_result(resource: &mut Value, result: &Outcome) -> Result<(), DistrictError> {
    match result {
        Outcome::Number { comparator, digits, measure, band } => {
            let mut quantity = json!({ "value": digits.parse::<Number>()?, "system": UCUM, "code": measure.ucum });
            if !measure.unit.is_empty() {
                put(&mut quantity, "unit", json!(measure.unit));
            }
            if let Some(comparator) = comparator {
                put(&mut quantity, "comparator", json!(comparator));
            }
            put(resource, "valueQuantity", quantity);
            if let Some(band) = band {
                put(resource, "referenceRange", json!([reference_range(measure, band)?]));
            }
        }
        Outcome::Answer { answer, normal } => {
            let coding = json!({ "system": SNOMED, "code": answer.code, "display": answer.text });
            put(resource, "valueCodeableConcept", json!({ "coding": [coding], "text": answer.text }));
            put(resource, "referenceRange", json!([{ "text": normal }]));
        }
        Outcome::Words(words) => put(resource, "valueString", json!(words)),
    }
    Ok(())
}

fn reference_range(measure: &Measure, band: &Band) -> Result<Value, DistrictError> {
    let (meaning, applies_to) = match band.who {
        Who::Anticoagulated => ("therapeutic", Some("Zielbereich unter Blutverdünnung")),
        Who::HeartPatient => ("therapeutic", Some("Zielwert bei koronarer Herzkrankheit")),
        Who::Pregnant => ("normal", Some("Schwangerschaft")),
        Who::Child => ("normal", Some("Kinder")),
        Who::Female => ("normal", Some("Frauen")),
        Who::Male => ("normal", Some("Männer")),
        Who::All => ("normal", None),
    };
    let mut range = json!({ "type": { "coding": [{ "system": RANGE_MEANING, "code": meaning }] } });
    for (side, limit) in [("low", band.low), ("high", band.high)] {
        let Some(limit) = limit else { continue };
        let value: Number = paper::digits(limit, measure).parse()?;
        put(&mut range, side, json!({ "value": value, "system": UCUM, "code": measure.ucum }));
    }
    if let Some(words) = applies_to {
        put(&mut range, "appliesTo", json!([{ "text": words }]));
    }
    Ok(range)
}

fn attachment(pdf: &[u8], title: &str, created: &Zoned) -> Value {
    json!({
        "contentType": "application/pdf",
        "language": "de",
        "data": STANDARD.encode(pdf),
        "title": title,
        "creation": instant(created),
    })
}

fn entry(kind: &str, address: &str, resource: &Value) -> Value {
    json!({ "fullUrl": address, "resource": resource, "request": { "method": "POST", "url": kind } })
}

/// Marks a resource as test data, so that no one ever takes it for a person's.
fn test_data(profile: Option<&str>) -> Value {
    let security = json!([{
        "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
        "code": "HTEST",
        "display": "test health data",
    }]);
    match profile {
        Some(profile) => json!({ "profile": [profile], "security": security }),
        None => json!({ "security": security }),
    }
}

fn put(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(map) = object {
        map.insert(String::from(name), value);
    }
}

/// FHIR `instant`: RFC 3339 with seconds and offset.
fn instant(moment: &Zoned) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}
