//! What practices send: PDFs, pictures, FHIR bundles and files of laboratories, and how an upload is put together.

use std::{fs, path::Path};

use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::{
    house::number,
    http::Call,
    people::{CANARY, Patient, device_secret},
};

/// A committed example file, by its path under `tests/fixtures/formats`.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/formats");
    fs::read(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// Lower-case hex of SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A sound PDF of one page that no other test sends, about `size` bytes long.
pub(crate) fn pdf_of(size: usize) -> Vec<u8> {
    pdf_with(&"% filling\n".repeat(size.saturating_sub(800) / 10))
}

/// The same, of bytes that hardly get smaller by packing.
pub(crate) fn noise(size: usize) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ u64::from(number());
    let letters = (0..size).map(|at| {
        // xorshift (Marsaglia 2003)
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let place = usize::try_from(state >> 58).expect("six bits");
        if at % 64 == 0 {
            '%'
        } else if at % 64 == 63 {
            '\n'
        } else {
            char::from(LETTERS[place])
        }
    });
    pdf_with(&letters.collect::<String>())
}

fn pdf_with(filling: &str) -> Vec<u8> {
    let words = format!("BT /F1 18 Tf 40 360 Td ({CANARY} {}) Tj ET\n", number());
    let stream = format!("{words}{filling}");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 298 420]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>".to_owned(),
        format!("<</Length {}>>stream\n{stream}\nendstream", stream.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned(),
    ];
    let mut text = String::from("%PDF-1.4\n%ABCD\n");
    let mut places = String::from("0000000000 65535 f \n");
    for (at, object) in objects.iter().enumerate() {
        places.push_str(&format!("{:010} 00000 n \n", text.len()));
        text.push_str(&format!("{} 0 obj\n{object}\nendobj\n", at + 1));
    }
    let start = text.len();
    text.push_str(&format!("xref\n0 6\n{places}trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"));
    text.into_bytes()
}

/// A small PDF that no other test sends.
pub(crate) fn pdf() -> Vec<u8> {
    pdf_of(0)
}

/// A laboratory report like those of the MII profiles: twelve values and a conclusion, for this patient.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    patient: Patient,
    number: String,
    issued: String,
    status: String,
    revision: Option<u32>,
    potassium: String,
}

impl Report {
    /// A report that no other test sends. The patient's TSH is 5.10, with a zero at the end.
    pub(crate) fn new(patient: &Patient) -> Self {
        Self {
            patient: patient.clone(),
            number: format!("B-{}", number()),
            issued: "2026-11-18T16:02:11+01:00".into(),
            status: "final".into(),
            revision: None,
            potassium: "6.90".into(),
        }
    }

    /// The same report, issued at another moment.
    pub(crate) fn issued(&self, at: &str) -> Self {
        Self { issued: at.into(), ..self.clone() }
    }

    /// The same report with another status.
    pub(crate) fn status(&self, status: &str) -> Self {
        Self { status: status.into(), ..self.clone() }
    }

    /// The same report as another revision of the resource.
    pub(crate) fn revision(&self, revision: u32) -> Self {
        Self { revision: Some(revision), ..self.clone() }
    }

    /// The same report with another value for potassium (LOINC 2823-3).
    pub(crate) fn potassium(&self, value: &str) -> Self {
        Self { potassium: value.into(), ..self.clone() }
    }

    /// The bundle.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let text = String::from_utf8(named("fhir/laboratory-bundle.json", &self.patient)).unwrap();
        let mut bundle: Value = serde_json::from_str(&text).unwrap();
        for entry in bundle["entry"].as_array_mut().unwrap() {
            let resource = &mut entry["resource"];
            if resource["resourceType"] == "DiagnosticReport" {
                resource["identifier"][1]["value"] = json!(self.number);
                resource["issued"] = json!(self.issued);
                resource["status"] = json!(self.status);
                if let Some(revision) = self.revision {
                    resource["meta"] = json!({"versionId": revision.to_string()});
                }
            }
            if resource["id"] == "k" {
                resource["valueQuantity"]["value"] = serde_json::from_str(&self.potassium).unwrap();
            }
        }
        bundle.to_string().into_bytes()
    }
}

/// An example file with this patient in the place of the invented one.
pub(crate) fn named(name: &str, patient: &Patient) -> Vec<u8> {
    let text = String::from_utf8(fixture(name)).expect("UTF-8");
    text.replace("P-20417", &patient.reference).replace("1987-03-14", &patient.birth_date).into_bytes()
}

/// An example file of a laboratory or a device, with other contents in the place of some fields; the lengths of its lines and
/// its checksum are made anew.
pub(crate) fn laboratory(name: &str, changes: &[(&str, &str)]) -> Vec<u8> {
    let mut file: Vec<u8> = Vec::new();
    for line in fixture(&format!("xdt/{name}")).split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r\n").unwrap_or_else(|| panic!("{name}: lines end with CR LF"));
        let (field, content) = line[3..].split_at(4);
        let changed = changes.iter().find(|(old, _)| old.as_bytes() == content).map(|(_, new)| new.as_bytes().to_vec());
        let sum = || Sha1::digest(&file).iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes();
        let content = if field == b"9300" { sum() } else { changed.unwrap_or_else(|| content.to_vec()) };
        file.extend_from_slice(format!("{:03}", content.len() + 9).as_bytes());
        file.extend_from_slice(field);
        file.extend_from_slice(&content);
        file.extend_from_slice(b"\r\n");
    }
    file
}

/// The same, with a patient of the house in the place of the invented one.
pub(crate) fn laboratory_for(patient: &Patient, name: &str) -> Vec<u8> {
    let born = patient.birth_date.replace('-', "");
    let (year, day) = born.split_at(4);
    let day_first = format!("{}{}{year}", &day[2..], &day[..2]);
    laboratory(name, &[("P-20417", &patient.reference), ("19870314", &born), ("14031987", &day_first)])
}

/// An upload.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    key: Option<String>,
    metadata: Option<Value>,
    file: Vec<u8>,
    name: String,
    media_type: String,
    /// Alone in the body instead of in a form.
    alone: bool,
    dry_run: bool,
}

impl Upload {
    /// A file in a form, with everything a practice can say about it.
    pub(crate) fn file(patient: &Patient, file: Vec<u8>) -> Self {
        let metadata = json!({
            "patient_reference": patient.reference, "birth_date": patient.birth_date,
            "title": format!("Befund {CANARY} {}", number()), "document_class": "DG020110", "date": "2026-11-20",
            "author": format!("Radiologie {CANARY}"), "note": format!("Bitte anrufen, {CANARY}."),
        });
        Self { metadata: Some(metadata), ..Self::bare(file) }
    }

    /// A small PDF with everything a practice can say about it.
    pub(crate) fn pdf(patient: &Patient) -> Self {
        Self::file(patient, pdf())
    }

    /// A file in a form without a word about it.
    pub(crate) fn bare(file: Vec<u8>) -> Self {
        Self {
            key: Some(device_secret()),
            metadata: None,
            file,
            name: format!("{CANARY}.pdf"),
            media_type: "application/octet-stream".into(),
            alone: false,
            dry_run: false,
        }
    }

    /// FHIR alone in the body.
    pub(crate) fn fhir(bytes: Vec<u8>) -> Self {
        Self { alone: true, media_type: "application/fhir+json".into(), ..Self::bare(bytes) }
    }

    /// A file of a laboratory or a device alone in the body.
    pub(crate) fn laboratory(bytes: Vec<u8>) -> Self {
        Self { alone: true, ..Self::bare(bytes) }
    }

    /// HL7 v2 messages alone in the body.
    pub(crate) fn hl7(bytes: Vec<u8>) -> Self {
        Self { alone: true, media_type: "x-application/hl7-v2+er7".into(), ..Self::bare(bytes) }
    }

    /// A CDA document alone in the body.
    pub(crate) fn cda(bytes: Vec<u8>) -> Self {
        Self { alone: true, media_type: "application/cda+xml".into(), ..Self::bare(bytes) }
    }

    /// Under this idempotency key, or without one.
    pub(crate) fn key(mut self, key: Option<&str>) -> Self {
        self.key = key.map(str::to_owned);
        self
    }

    /// The key it is sent under.
    pub(crate) fn key_text(&self) -> &str {
        self.key.as_deref().expect("a key")
    }

    /// Says something else about the file; `null` takes a word back.
    pub(crate) fn saying(mut self, field: &str, value: Value) -> Self {
        let words = self.metadata.get_or_insert_with(|| json!({})).as_object_mut().expect("an object");
        if value.is_null() {
            words.remove(field);
        } else {
            words.insert(field.to_owned(), value);
        }
        self
    }

    /// Under this file name and declared type, which must not matter.
    pub(crate) fn declared(mut self, name: &str, media_type: &str) -> Self {
        self.name = name.into();
        self.media_type = media_type.into();
        self
    }

    /// Only asks what would become of it.
    pub(crate) fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    /// The title the practice gave it.
    pub(crate) fn title(&self) -> String {
        self.metadata.as_ref().and_then(|m| m["title"].as_str()).unwrap_or_default().to_owned()
    }

    /// SHA-256 of the file.
    pub(crate) fn sha256(&self) -> String {
        sha256(&self.file)
    }

    /// The bytes of the file.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.file
    }

    pub(crate) const fn path(&self) -> &'static str {
        if self.dry_run { "/v1/practice/findings?dry_run=true" } else { "/v1/practice/findings" }
    }

    /// The content type and the body.
    pub(crate) fn body(&self) -> (String, Vec<u8>) {
        if self.alone {
            return (self.media_type.clone(), self.file.clone());
        }
        let boundary = "house-2fd1c0a9";
        let mut body = Vec::with_capacity(self.file.len() + 2_000);
        let mut part = |head: &str, content: &[u8]| {
            body.extend_from_slice(
                format!("--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes(),
            );
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        };
        if let Some(metadata) = &self.metadata {
            part("name=\"metadata\"\r\nContent-Type: application/json", metadata.to_string().as_bytes());
        }
        let head = format!("name=\"file\"; filename=\"{}\"\r\nContent-Type: {}", self.name, self.media_type);
        part(&head, &self.file);
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        (format!("multipart/form-data; boundary={boundary}"), body)
    }

    /// Puts it on a request.
    pub(crate) fn on<'a>(&self, call: Call<'a>) -> Call<'a> {
        let (media_type, body) = self.body();
        let call = call.bytes(&media_type, body);
        match &self.key {
            Some(key) => call.header("idempotency-key", key),
            None => call,
        }
    }
}
