//! How fast the readers are, and how far from what cannot be faster: `cargo run --release -p nahraum-formats --example reading`.
//!
//! Each reader gets a long file made of this project's own fixtures, again and again for a second. Beside it, in the same run and
//! over the same bytes: for lines, finding the line ends (`memchr`); for JSON, reading it into `serde_json::Value`; for XML, the
//! tree of `roxmltree`. A ratio says how much longer the reader takes. Then, how much memory the largest file takes: an LDT 3
//! report with a long PDF, whose bytes are there as base64 lines, as a document, and as what is read.
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

use base64::{Engine as _, prelude::BASE64_STANDARD};
use nahraum_formats::read_upload;
use sha1::{Digest as _, Sha1};

/// How long each measurement takes at least.
const LONG_ENOUGH: Duration = Duration::from_secs(1);

/// How long a PDF is that makes an upload of about 25 MiB.
const LONG_PDF: usize = 18 << 20;

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
    tell_memory();
}

fn tell_memory() {
    let bytes = with_long_pdf();
    // From here on the peak counts anew (proc(5), `clear_refs`).
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = kib("VmRSS:");
    assert!(read_upload(&bytes).is_ok(), "the LDT 3 report with a long PDF is not read");
    let more = (kib("VmHWM:") - before) >> 10;
    println!("\nLDT 3 with a PDF, {} MiB: reading it takes {more} MiB beside it at its peak", bytes.len() >> 20);
}

/// A line about the memory of this process (proc(5), `status`), in KiB.
fn kib(name: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// The fixture, its document filled up with comments.
fn with_long_pdf() -> Vec<u8> {
    let small = fixture("xdt/ldt3-pdf.ldt");
    let lines = || small.split_inclusive(|byte| *byte == b'\n').map(|line| (&line[3..7], &line[7..line.len() - 2]));
    let text: Vec<u8> = lines().filter(|(field, _)| *field == b"6329").flat_map(|(_, text)| text).copied().collect();
    let pdf = BASE64_STANDARD.decode(text).unwrap();
    let (table, end) =
        (memchr::memmem::find(&pdf, b"xref").unwrap(), memchr::memmem::rfind(&pdf, b"startxref").unwrap());
    let filling = b"% filling\n".repeat(LONG_PDF / 10);
    let place = format!("startxref\n{}\n%%EOF\n", table + filling.len());
    let long = [&pdf[..table], &filling, &pdf[table..end], place.as_bytes()].concat();
    let long = BASE64_STANDARD.encode(long);
    let mut file = Vec::new();
    let mut is_there = false;
    for (field, content) in lines() {
        match field {
            b"6329" if is_there => {}
            b"6329" => {
                is_there = true;
                long.as_bytes().chunks(988).for_each(|part| line(&mut file, field, part));
            }
            b"9300" => {
                let sum: String = Sha1::digest(&file).iter().map(|byte| format!("{byte:02x}")).collect();
                line(&mut file, field, sum.as_bytes());
            }
            _ => line(&mut file, field, content),
        }
    }
    file
}

fn line(file: &mut Vec<u8>, field: &[u8], content: &[u8]) {
    file.extend(format!("{:03}", content.len() + 9).as_bytes());
    file.extend([field, content, b"\r\n"].concat());
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
