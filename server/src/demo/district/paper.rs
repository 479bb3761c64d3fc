//! Hands what the practices print to the printing floor: laboratory reports, letters and plans as PDF.

use nahraum_domain::{finding::MediaType, private::Private};
use nahraum_print::{LabReport, LabRow, Letter, Letterhead, lab_report, letter};

use super::{
    DistrictError, SeedContent, SeedMetadata,
    analytes::{Band, Measure},
    fhir,
    measure::{Outcome, Reading},
    people::{BROOKMANN, GENERAL, HARMSDORF},
    plan::{Planned, Report, Version},
    sheets::{Sender, Sheet, SheetForm},
};

/// KDL class of a printed report that another laboratory made.
const EXTERNAL_REPORT: &str = "LB120102";

/// Who answers for what a practice sends.
pub(super) fn author(item: &Planned) -> &'static str {
    if item.to.registration.practice == GENERAL { HARMSDORF } else { BROOKMANN }
}

/// A document as its practice sends it.
pub(super) fn sheet_content(item: &Planned, sheet: &Sheet, seed: u64) -> Result<SeedContent, DistrictError> {
    let (letterhead, author) = sender(item, sheet.sender);
    let page = Letter {
        letterhead,
        patient_reference: Private::new(String::from(fhir::reference(&item.to))),
        birth_date: Private::new(fhir::birth_date(&item.to)?),
        date: item.issued.date(),
        heading: Private::new(String::from(sheet.title)),
        paragraphs: Private::new(sheet.paragraphs.iter().copied().map(String::from).collect()),
        signature: String::from(author),
    };
    let bytes = letter(&page, item.issued.timestamp())?;
    match sheet.form {
        SheetForm::Isik => Ok(SeedContent::Fhir(fhir::document_reference(item, sheet, &bytes, author, seed)?)),
        SheetForm::Pdf => Ok(SeedContent::Document {
            metadata: SeedMetadata {
                patient_reference: String::from(fhir::reference(&item.to)),
                birth_date: fhir::birth_date(&item.to)?,
                title: String::from(sheet.title),
                class: sheet.class,
                clinical_date: item.issued.date(),
                author: String::from(author),
                note: sheet.note.map(String::from),
            },
            media_type: MediaType::Pdf,
            bytes,
        }),
    }
}

/// A laboratory report that comes only on paper.
pub(super) fn printed_report(
    item: &Planned,
    report: &Report,
    readings: &[Reading],
) -> Result<SeedContent, DistrictError> {
    let metadata = SeedMetadata {
        patient_reference: String::from(fhir::reference(&item.to)),
        birth_date: fhir::birth_date(&item.to)?,
        title: format!("{} (Ausdruck)", report.panel.title),
        class: EXTERNAL_REPORT,
        clinical_date: report.sampled.date(),
        author: String::from(author(item)),
        note: None,
    };
    let bytes = report_pdf(item, report, readings)?;
    Ok(SeedContent::Document { metadata, media_type: MediaType::Pdf, bytes })
}

/// The printed form of a laboratory report.
pub(super) fn report_pdf(item: &Planned, report: &Report, readings: &[Reading]) -> Result<Vec<u8>, DistrictError> {
    let remark = report.correction.filter(|(_, version)| *version == Version::Corrected).map(|(c, _)| c.remark);
    let page = LabReport {
        letterhead: Letterhead {
            practice: String::from(fhir::LABORATORY),
            address: String::from("Speicherweg 2, 00000 Lerchenbrook"),
            contact: String::from("Telefon 0000 555-030"),
        },
        patient_reference: Private::new(String::from(fhir::reference(&item.to))),
        birth_date: Private::new(fhir::birth_date(&item.to)?),
        report_number: report.number.clone(),
        collected_on: report.sampled.date(),
        reported_on: item.issued.date(),
        rows: readings.iter().map(row).collect(),
        comment: remark.map(|remark| Private::new(String::from(remark))),
        signature: String::from(author(item)),
    };
    Ok(lab_report(&page, item.issued.timestamp())?)
}

fn row(reading: &Reading) -> LabRow {
    let (result, unit, range) = match &reading.result {
        Outcome::Number { comparator, digits, measure, band } => {
            let result: String = comparator.iter().copied().chain([digits.as_str()]).collect();
            (german(&result), measure.unit, band.map(|band| span(measure, band)).unwrap_or_default())
        }
        Outcome::Answer { answer, normal } => (String::from(answer.text), "", String::from(*normal)),
        Outcome::Words(words) => (String::from(*words), "", String::new()),
    };
    LabRow {
        group: Some(String::from(reading.analyte.group)),
        name: Private::new(String::from(reading.analyte.name)),
        result: Private::new(result),
        unit: String::from(unit),
        range,
        flag: String::from(reading.flag.filter(|flag| *flag != "N").unwrap_or_default()),
    }
}

fn span(measure: &Measure, band: &Band) -> String {
    german(&match (band.low, band.high) {
        (Some(low), Some(high)) => format!("{} - {}", digits(low, measure), digits(high, measure)),
        (None, Some(high)) => format!("bis {}", digits(high, measure)),
        (Some(low), None) => format!("ab {}", digits(low, measure)),
        (None, None) => String::new(),
    })
}

/// A limit with as many digits as the value beside it.
pub(super) fn digits(limit: f64, measure: &Measure) -> String {
    format!("{limit:.*}", measure.decimals)
}

/// German laboratories print a decimal comma.
fn german(number: &str) -> String {
    number.replace('.', ",")
}

fn sender(item: &Planned, sender: Sender) -> (Letterhead, &'static str) {
    let elsewhere = |practice: &str, address: &str, contact: &str| Letterhead {
        practice: String::from(practice),
        address: String::from(address),
        contact: String::from(contact),
    };
    match sender {
        Sender::Practice => {
            let practice = item.to.practice;
            (elsewhere(practice.name, practice.address, practice.contact), author(item))
        }
        Sender::Hospital => (
            elsewhere("Klinik am Lerchenbrook", "Parkallee 1, 00000 Lerchenbrook", "Telefon 0000 555-100"),
            "Klinik am Lerchenbrook",
        ),
        Sender::Radiology => (
            elsewhere("Röntgenpraxis am Brookufer", "Am Brookufer 3, 00000 Lerchenbrook", "Telefon 0000 555-040"),
            "Röntgenpraxis am Brookufer",
        ),
        Sender::Gynaecology => (
            elsewhere("Frauenarztpraxis Lerchenbrook", "Mühlengang 9, 00000 Lerchenbrook", "Telefon 0000 555-050"),
            "Frauenarztpraxis Lerchenbrook",
        ),
    }
}
