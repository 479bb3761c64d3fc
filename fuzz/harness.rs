//! What every input must satisfy, whoever makes it: the fuzzer or the property tests of `nahraum-formats`.
//!
//! Nothing may panic, hang or overflow the stack, and what a reader accepts must be consistent with itself.

use nahraum_domain::finding::{Flag, MediaType, ReadFinding, Value};
use nahraum_domain::kdl;
use nahraum_domain::offers::holidays::Land;
use nahraum_domain::private::Private;
use nahraum_formats::{
    ExportedDocument, FhirExport, Refusal, Upload, cda, fhir, fhir_document, hl7, image,
    offer_list::{MOST_FAULTS, MOST_OFFERS, OfferList, read_offers},
    pdf, read_upload,
    recurrence::{MAX_OCCURRENCES, Recurrence, Wanted},
    sniff, xdt,
};

/// Any bytes: the kind decides what the door says.
pub(crate) fn any_upload(bytes: &[u8]) {
    let kind = sniff(bytes);
    match read_upload(bytes) {
        Ok(Upload::Findings(read)) => assert!(!read.findings.is_empty()),
        Ok(Upload::Document { media_type, .. }) => match media_type {
            MediaType::Pdf => assert!(pdf::check(bytes).is_ok()),
            MediaType::Jpeg | MediaType::Png => assert!(image::check(bytes).is_ok()),
        },
        Err(refusal) => {
            assert!(Refusal::CODES.contains(&refusal.code()));
            assert!(!refusal.to_string().is_empty() && !refusal.german().is_empty());
            assert!(kind.is_some() || matches!(refusal, Refusal::Unknown | Refusal::Empty));
        }
    }
}

/// PDF bytes: an accepted document has a header, an end, and is still accepted with white space behind it.
pub(crate) fn any_pdf(bytes: &[u8]) {
    if let Ok(facts) = pdf::check(bytes) {
        assert_ne!(facts.pages, Some(0));
        assert!(pdf::check(&[bytes, b"\n"].concat()).is_ok());
    }
}

/// Image bytes: an accepted image is small enough, and not accepted any more without its last bytes.
pub(crate) fn any_image(bytes: &[u8]) {
    if let Ok(facts) = image::check(bytes) {
        assert!(u64::from(facts.width) * u64::from(facts.height) <= image::MAX_PIXELS);
        assert!(facts.width > 0 && facts.height > 0);
        assert_eq!(image::check(bytes), Ok(facts));
    }
}

/// FHIR bytes: what was read can be exported and read again, with the same values.
pub(crate) fn any_fhir(bytes: &[u8]) {
    let Ok(read) = fhir::read(bytes) else { return };
    assert!(!read.findings.is_empty());
    for finding in &read.findings {
        assert!(kdl::find(finding.class.code).is_some());
        if finding.observations.len() <= 4000 {
            same_after_export(finding);
        }
    }
}

/// xDT bytes: what was read can be exported and read as FHIR, with the same values, and names nobody by an insurance number.
pub(crate) fn any_xdt(bytes: &[u8]) {
    let Ok(read) = xdt::read(bytes) else { return };
    assert!(!read.findings.is_empty() && xdt::charset_of(bytes).is_ok());
    for finding in &read.findings {
        assert!(kdl::find(finding.class.code).is_some());
        if finding.observations.len() <= 4000 {
            same_after_export(finding);
        }
    }
}

/// HL7 v2 bytes: what was read can be exported and read again, and its part lies within the file.
#[expect(clippy::expect_used, reason = "a check may panic: that is how it fails")]
pub(crate) fn any_hl7(bytes: &[u8]) {
    let Ok(read) = hl7::read(bytes) else { return };
    assert!(!read.findings.is_empty());
    for finding in &read.findings {
        let part = finding.part.clone().map_or(bytes, |part| bytes.get(part).expect("within the file"));
        assert!(part.starts_with(b"MSH") || finding.part.is_none());
        let has_content = !finding.observations.is_empty() || finding.embedded.is_some();
        if has_content && finding.observations.len() <= 4000 {
            same_after_export(finding);
        }
    }
}

/// CDA bytes: what was read can be exported and read again, and holds nothing of the sender's markup.
pub(crate) fn any_cda(bytes: &[u8]) {
    let Ok(read) = cda::read(bytes) else { return };
    assert_eq!(read.findings.len(), 1, "a document is one finding");
    for finding in &read.findings {
        assert!(kdl::find(finding.class.code).is_some());
        let has_content = !finding.observations.is_empty() || finding.embedded.is_some();
        if has_content && finding.observations.len() <= 4000 {
            same_after_export(finding);
        }
    }
}

/// Exports a finding, reads the export and compares.
#[expect(clippy::expect_used, reason = "a check may panic: that is how it fails")]
pub(crate) fn same_after_export(finding: &ReadFinding) {
    let exported = fhir_document(&export_of(finding));
    let mut again = fhir::read(&exported).expect("an export is readable").findings;
    assert_eq!(again.len(), 1, "one finding stays one");
    let again = again.remove(0);
    assert_eq!(again.class, finding.class);
    assert_eq!(again.title.reveal().trim(), finding.title.reveal().trim());
    assert_eq!(again.embedded, finding.embedded);
    assert_eq!(again.observations.len(), finding.observations.len());
    for (was, is) in finding.observations.iter().zip(&again.observations) {
        assert_eq!(plain(&is.value), plain(&was.value));
        assert_eq!(is.ranges, was.ranges);
        // A code without system may look like one with a system.
        if was.local_code.as_deref().is_none_or(|code| !code.starts_with("http://loinc.org")) {
            assert_eq!(is.loinc, was.loinc);
        }
        assert_eq!(is.name, was.name);
        assert_eq!(is.effective_at, was.effective_at);
        // A code that itself holds the separator of codes cannot be told from two codes.
        if was.flag_raw.as_deref().is_none_or(|raw| !raw.contains(',')) {
            assert_eq!(is.flag, was.flag);
            // A sign that means something else in HL7 goes out as its translation.
            assert!(is.flag_raw == was.flag_raw || is.flag_raw.as_deref() == was.flag.map(Flag::as_str));
        }
    }
}

/// A value without white space around its words: it may lay out a text, and FHIR has none.
fn plain(value: &Value) -> Value {
    if let Value::Text(words) = value {
        return Value::Text(Private::new(words.reveal().trim().to_owned()));
    }
    value.clone()
}

/// A time zone, a start, how many minutes, and a rule, one a line: what is taken has a date, can be written and read again, and gives
/// no more dates than it may.
pub(crate) fn any_recurrence(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut lines = text.splitn(4, '\n');
    let (Some(zone), Some(starts), Some(minutes)) = (lines.next(), lines.next(), lines.next()) else { return };
    let (Ok(starts), Ok(minutes)) = (starts.parse(), minutes.parse()) else { return };
    let rule = lines.next().map(str::to_owned);
    let mut wanted = Wanted {
        time_zone: zone.to_owned(),
        starts,
        minutes,
        rule,
        skip: Vec::new(),
        extra: Vec::new(),
        skip_holidays_in: Some(Land::Hh),
    };
    let Ok(recurrence) = Recurrence::parse(&wanted) else { return };
    let to = jiff::Timestamp::MAX;
    let dates = recurrence.between(in_a_year(), to);
    assert!(dates.len() <= MAX_OCCURRENCES && dates.is_sorted());
    wanted.rule = recurrence.rule();
    let again = Recurrence::parse(&wanted);
    assert!(again.is_ok_and(|again| again.rule() == recurrence.rule() && again.between(in_a_year(), to) == dates));
}

/// Bytes of a list of offers: what is read has keys of its own and texts, and no more of anything than there can be.
pub(crate) fn any_offer_list(bytes: &[u8]) {
    let OfferList { offers, faults, .. } = read_offers(bytes, jiff::civil::date(2026, 11, 27));
    let (faults, more) = faults.into_parts();
    assert!(faults.len() <= MOST_FAULTS && (more == 0 || faults.len() == MOST_FAULTS));
    assert!(!faults.is_empty() || offers.len() <= MOST_OFFERS);
    assert!(faults.iter().all(|fault| !fault.code.is_empty() && !fault.detail.is_empty()));
    for offer in &offers {
        assert!(!offer.key.is_empty() && !offer.texts.is_empty());
        assert_eq!(offers.iter().filter(|other| other.key == offer.key).count(), 1);
    }
}

/// A moment at which some rules are over and others have begun.
fn in_a_year() -> jiff::Timestamp {
    jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(60 * 365 * 24)
}

/// The export of a finding as it would be stored.
pub(crate) fn export_of(finding: &ReadFinding) -> FhirExport<'_> {
    FhirExport {
        id: [7; 16],
        exported_at: jiff::Timestamp::UNIX_EPOCH,
        practice_name: "Praxis am Beispielplatz",
        patient_identifier: ("urn:ietf:rfc:3986", "urn:uuid:00000000-0000-4000-8000-000000000000"),
        class: finding.class,
        title: finding.title.reveal(),
        author: finding.author.as_ref().map(|a| a.reveal().as_str()),
        note: finding.note.as_ref().map(|n| n.reveal().as_str()),
        status: finding.status,
        clinical_date: finding.clinical_date,
        issued_at: finding.issued_at,
        observations: &finding.observations,
        document: finding
            .embedded
            .as_ref()
            .map(|e| ExportedDocument::Within(e.media_type, e.bytes.reveal().as_slice())),
    }
}
