//! What the practice uploads: laboratory reports with twelve values, and PDFs.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
};

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::people::BIRTH_DATE;

/// The example of the formats' tests: twelve observations and a conclusion for an invented patient. The conclusion is
/// stored as one more value, so it is left out.
const LABORATORY: &str = include_str!("../../fixtures/formats/fhir/laboratory-bundle.json");

const CONCLUSION: &str = ",\n    \"conclusion\": \"Kalium kritisch erhöht, Probe hämolytisch.\"";

/// How many values the laboratory report has.
pub(crate) const VALUES: usize = 12;

/// A file on its way, with the key it is repeated under.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) key: String,
    pub(crate) media_type: String,
    pub(crate) body: Vec<u8>,
    /// SHA-256 of the file, in lower-case hex.
    pub(crate) sha256: String,
    pub(crate) is_document: bool,
}

impl Upload {
    /// A laboratory report that was never sent before; `day` is 1 to 28.
    pub(crate) fn report(reference: &str, number: usize, day: usize) -> Self {
        let text = LABORATORY
            .replace(CONCLUSION, "")
            .replace("P-20417", reference)
            .replace("1987-03-14", BIRTH_DATE)
            .replace("B-2026-118", &format!("B-{number}-{}", random_word()))
            .replace("2026-11-18", &format!("2026-10-{day:02}"));
        let sha256 = sha256(text.as_bytes());
        let media_type = String::from("application/fhir+json");
        Self { key: random_word(), media_type, body: text.into_bytes(), sha256, is_document: false }
    }

    /// A PDF of about `size` bytes that was never sent before.
    pub(crate) fn document(reference: &str, size: usize) -> Self {
        Self::form(reference, &pdf(&random_word(), &"% filling\n".repeat(size / 10)))
    }

    /// The same, of bytes that hardly get smaller by packing.
    pub(crate) fn noise(reference: &str, size: usize) -> Self {
        let words = (0..size / 34).map(|_| format!("% {}", random_letters()));
        Self::form(reference, &pdf(&random_word(), &words.collect::<String>()))
    }

    fn form(reference: &str, file: &[u8]) -> Self {
        let sha256 = sha256(file);
        let boundary = format!("bench-{}", random_word());
        let metadata = json!({
            "patient_reference": reference, "birth_date": BIRTH_DATE, "title": "Röntgen der linken Hand",
            "document_class": "DG020110", "date": "2026-10-20", "author": "Radiologie",
        });
        let mut body = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"metadata\"\r\nContent-Type: application/json\r\n\r\n\
             {metadata}\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"befund.pdf\"\r\n\
             Content-Type: application/pdf\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(file);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        let media_type = format!("multipart/form-data; boundary={boundary}");
        Self { key: random_word(), media_type, body, sha256, is_document: true }
    }
}

/// A sound PDF of one page.
fn pdf(words: &str, filling: &str) -> Vec<u8> {
    let stream = format!("BT /F1 18 Tf 40 360 Td ({words}) Tj ET\n{filling}");
    let objects = [
        String::from("<</Type/Catalog/Pages 2 0 R>>"),
        String::from("<</Type/Pages/Kids[3 0 R]/Count 1>>"),
        String::from(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 298 420]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        ),
        format!("<</Length {}>>stream\n{stream}\nendstream", stream.len()),
        String::from("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"),
    ];
    let mut text = String::from("%PDF-1.4\n%ABCD\n");
    let mut places = String::from("0000000000 65535 f \n");
    for (number, object) in (1..).zip(&objects) {
        places.push_str(&format!("{:010} 00000 n \n", text.len()));
        text.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let start = text.len();
    text.push_str(&format!("xref\n0 6\n{places}trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"));
    text.into_bytes()
}

/// Lower-case hex of SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A number that nobody can guess.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// 31 random letters and a line end, of 64 letters each.
fn random_letters() -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits = [random(), random(), random(), random()];
    let places = bits.iter().flat_map(|bits| (0..10).map(move |n| (bits >> (6 * n)) & 63)).take(31);
    let letters = places.filter_map(|place| LETTERS.get(usize::try_from(place).ok()?).copied().map(char::from));
    letters.chain(['\n']).collect()
}

/// 128 random bits as hex.
pub(crate) fn random_word() -> String {
    format!("{:016x}{:016x}", random(), random())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_report_names_its_patient_and_has_twelve_values() {
        let upload = Upload::report("P-1", 7, 3);
        let bundle: Value = serde_json::from_slice(&upload.body).unwrap();
        let resources: Vec<&Value> = bundle["entry"].as_array().unwrap().iter().map(|e| &e["resource"]).collect();
        let count = |kind: &str| resources.iter().filter(|r| r["resourceType"] == kind).count();
        assert_eq!((count("Observation"), count("DiagnosticReport")), (VALUES, 1));
        let text = String::from_utf8(upload.body).unwrap();
        assert!(!text.contains("conclusion") && text.contains("\"P-1\"") && text.contains("2026-10-03"));
    }

    #[test]
    fn a_document_begins_and_ends_as_a_pdf() {
        let file = pdf("x", &"% filling\n".repeat(500));
        assert!(file.starts_with(b"%PDF-") && file.ends_with(b"%%EOF\n") && file.len() > 5_000);
    }
}
