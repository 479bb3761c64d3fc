//! How fast the readers are, and how far from what cannot be faster: `cargo run --release -p nahraum-formats --example reading`.
//!
//! Each reader gets a long file made of this project's own fixtures, again and again for a second. Beside it, in the same run and
//! over the same bytes: for lines, finding the line ends (`memchr`); for JSON, reading it into `serde_json::Value`; for XML, the
//! tree of `roxmltree`. A ratio says how much longer the reader takes.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a program that measures and tells"
)]

use std::{
    fs,
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

use nahraum_formats::read_upload;

/// How long each measurement takes at least.
const LONG_ENOUGH: Duration = Duration::from_secs(1);

fn main() {
    let ldt2 = repeated("xdt/ldt2-two-people.ldt", "01380008201", "01380008221", 240);
    let hl7 = fixture("hl7/oru.hl7").repeat(400);
    let fhir = fixture("fhir/laboratory-bundle.json");
    let cda = fixture("cda/laboratory.xml");
    println!("| file | KiB | MB/s | floor | MB/s | ratio |\n|---|---|---|---|---|---|");
    row("LDT 2", &ldt2, "line ends", line_ends);
    row("LDT 2, two reports", &fixture("xdt/ldt2-two-people.ldt"), "line ends", line_ends);
    row("LDT 3", &fixture("xdt/ldt3-values.ldt"), "line ends", line_ends);
    row("HL7 v2", &hl7, "line ends", line_ends);
    row("HL7 v2, one message", &fixture("hl7/oru.hl7"), "line ends", line_ends);
    row("FHIR R4", &fhir, "serde_json::Value", |bytes| {
        black_box(serde_json::from_slice::<serde_json::Value>(bytes).unwrap());
    });
    row("CDA R2", &cda, "roxmltree", |bytes| {
        let text = std::str::from_utf8(bytes).unwrap();
        black_box(roxmltree::Document::parse(text).unwrap().root().has_children());
    });
}

fn line_ends(bytes: &[u8]) {
    black_box(memchr::memchr2_iter(b'\n', b'\r', bytes).count());
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/formats");
    fs::read(folder.join(name)).unwrap()
}

/// A file with its records, from this line up to that line, so many times.
fn repeated(name: &str, from: &str, to: &str, times: usize) -> Vec<u8> {
    let bytes = fixture(name);
    let at = |line: &str| memchr::memmem::find(&bytes, line.as_bytes()).unwrap();
    let (from, to) = (at(from), at(to));
    [&bytes[..from], &bytes[from..to].repeat(times), &bytes[to..]].concat()
}

fn row(name: &str, bytes: &[u8], floor: &str, plain: impl Fn(&[u8])) {
    assert!(read_upload(bytes).is_ok(), "{name} is not read");
    let reader = speed(bytes, |bytes| {
        black_box(read_upload(bytes).unwrap());
    });
    let least = speed(bytes, plain);
    let kib = bytes.len() / 1024;
    println!("| {name} | {kib} | {reader:.0} | {floor} | {least:.0} | {:.1} |", least / reader);
}

/// Millions of bytes a second, the best of three.
fn speed(bytes: &[u8], work: impl Fn(&[u8])) -> f64 {
    let once = || {
        let (begin, mut times) = (Instant::now(), 0_u32);
        while begin.elapsed() < LONG_ENOUGH {
            work(bytes);
            times += 1;
        }
        f64::from(times) * f64::from(u32::try_from(bytes.len()).unwrap()) / begin.elapsed().as_secs_f64() / 1e6
    };
    (0..3).map(|_| once()).fold(0.0, f64::max)
}
