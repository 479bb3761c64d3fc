//! What comes out is read by another reader of the same format, whatever pieces went in; what breaks off never looks whole.

use std::io::{Cursor, Read};

use jiff::civil::datetime;
use proptest::prelude::*;
use serde_json::Value;
use zip::ZipArchive;

use super::*;

fn archive() -> Archive {
    Archive::new(datetime(2026, 11, 27, 9, 30, 0, 0))
}

const ABOUT: Manifest<'static> = Manifest {
    format: "test-1",
    resident: "r",
    made_at: "2026-11-27T08:30:00Z",
    findings: 1,
    left_out: &[],
    key: "k",
    signature: "s",
};

fn read(bytes: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|n| {
            let mut file = zip.by_index(n).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            (file.name().unwrap().into_owned(), content)
        })
        .collect()
}

proptest! {
    /// Pieces of any size make the same file, and the manifest says what is in it.
    #[test]
    fn what_goes_in_comes_out(files in proptest::collection::vec(
        proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..2000), 0..6), 0..8)) {
        let mut archive = archive();
        let mut sent = Vec::new();
        for (n, pieces) in files.iter().enumerate() {
            archive.begin(&file_name(n, "2026-11-27", "Röntgen: links/rechts", "pdf")).unwrap();
            for piece in pieces {
                archive.write(piece).unwrap();
                sent.extend(archive.take());
            }
        }
        sent.extend(archive.finish(&ABOUT).unwrap());
        let mut found = read(sent);
        let (last, manifest) = found.pop().unwrap();
        prop_assert_eq!(last, MANIFEST);
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        prop_assert_eq!(&manifest["complete"], &Value::Bool(true));
        prop_assert_eq!(found.len(), files.len());
        for (n, (name, content)) in found.iter().enumerate() {
            prop_assert_eq!(content, &files[n].concat());
            prop_assert_eq!(manifest["files"][n]["name"].as_str(), Some(name.as_str()));
            let sha256 = hex(&Sha256::digest(content));
            prop_assert_eq!(manifest["files"][n]["sha256"].as_str(), Some(sha256.as_str()));
        }
    }

    /// Wherever it breaks off, no reader takes it for an archive.
    #[test]
    fn what_breaks_off_is_no_archive(content in proptest::collection::vec(any::<u8>(), 1..5000), cut in 0.0..1.0_f64) {
        let mut archive = archive();
        archive.add("a.pdf", &content).unwrap();
        let mut whole = archive.take();
        whole.extend(archive.finish(&ABOUT).unwrap());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, clippy::as_conversions, reason = "a place in a short text")]
        let at = (whole.len() as f64 * cut) as usize;
        whole.truncate(at.min(whole.len() - 1));
        prop_assert!(ZipArchive::new(Cursor::new(whole)).is_err());
    }
}

/// Java, and with it much of what runs on phones, cannot unpack on the way what is stored with its size behind it.
#[test]
fn no_entry_is_stored_with_its_size_behind_it() {
    let mut archive = archive();
    archive.add("leer.txt", b"").unwrap();
    archive.add("ein/ordner.pdf", b"%PDF").unwrap();
    let mut bytes = archive.take();
    bytes.extend(archive.finish(&ABOUT).unwrap());
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    assert_eq!(zip.len(), 3);
    for n in 0..zip.len() {
        assert_eq!(zip.by_index_raw(n).unwrap().compression(), CompressionMethod::Deflated);
    }
}

#[test]
fn a_name_is_readable_and_safe() {
    assert_eq!(
        file_name(7, "2026-10-20", "Röntgen der Hand (links)", "pdf"),
        "0007-2026-10-20-Röntgen-der-Hand-links.pdf"
    );
    assert_eq!(file_name(1, "2026-10-20", "../../etc/passwd\u{202e}", "pdf"), "0001-2026-10-20-etc-passwd.pdf");
    assert_eq!(file_name(1, "2026-10-20", "…", "jpg"), "0001-2026-10-20.jpg");
    assert!(file_name(1, "2026-10-20", &"ä".repeat(500), "pdf").chars().count() < 90);
    assert_eq!(link("documents/0007-Röntgen.pdf"), "documents/0007-R%C3%B6ntgen.pdf");
}

#[test]
fn what_is_signed_names_every_file() {
    let mut archive = archive();
    archive.add("a", b"1").unwrap();
    archive.add("b", b"").unwrap();
    let empty = hex(&Sha256::digest(b""));
    let listing = archive.listing("test-1", "r", "t");
    assert!(listing.starts_with("test-1 r t\n") && listing.ends_with(&format!("{empty}  b\n")));
    assert_eq!(listing.lines().count(), 3);
}

#[test]
fn a_name_is_given_once() {
    let mut archive = archive();
    archive.add("a", b"1").unwrap();
    assert!(archive.add("a", b"2").is_err());
    assert!(archive.write(b"3").is_err());
}
