//! Runs the check of PDFs over those inside public example files, which are not part of this repository.
//!
//! The folder is named by `NAHRAUM_TEST_DATA`. Without it the test says that it was skipped.

#![expect(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

#[expect(dead_code, reason = "what is expected of the synthetic files is not asked here")]
mod examples;

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use examples::folder;
use nahraum_formats::{PdfRefusal, pdf};

fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// Documents as base64 in one piece, white space between it allowed.
fn documents(text: &str) -> Vec<Vec<u8>> {
    let starts = text.match_indices("JVBERi0").map(|(at, _)| at);
    let documents = starts.filter_map(|at| {
        let rest = text.get(at..)?;
        let end = rest.find(|sign: char| !sign.is_ascii_alphanumeric() && !"+/=\r\n\t ".contains(sign));
        let base64: String = rest.get(..end.unwrap_or(rest.len()))?.split_whitespace().collect();
        STANDARD.decode(base64).ok()
    });
    documents.collect()
}

#[test]
fn no_public_document_is_refused_for_what_it_could_do() {
    let Some(folder) = folder() else { return };
    let mut all = Vec::new();
    files(&folder, &mut all);
    all.sort();
    let mut checked = 0;
    for file in all {
        let bytes = fs::read(&file).unwrap();
        let mut found = documents(&String::from_utf8_lossy(&bytes));
        if bytes.starts_with(b"%PDF-") {
            found.push(bytes);
        }
        for document in found {
            let outcome = pdf::check(&document);
            eprintln!("{}: {} bytes, {outcome:?}", file.display(), document.len());
            let refused = [PdfRefusal::Active, PdfRefusal::Attachments, PdfRefusal::Uncheckable];
            assert!(outcome.err().is_none_or(|refusal| !refused.contains(&refusal)), "{}", file.display());
            checked += 1;
        }
    }
    eprintln!("{checked} documents checked");
    assert!(checked > 0);
}
