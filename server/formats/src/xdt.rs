//! xDT: what laboratories (LDT 2 and LDT 3 of the KBV) and devices (GDT of the QMS) send practices in German outpatient care.
//!
//! A file is read by its structure, never by the version it names. Fields that are not known are passed over; what could
//! lose or change a result is refused: a line that is none, an end that is missing, a checksum that is wrong. How every
//! field is understood stands in `docs/formats.md`.

mod date;
mod flat;
mod gdt;
mod ldt2;
mod ldt3;
mod line;
mod patient;
mod record;
mod refusal;
mod report;
mod result;
mod sender;
mod text;
mod tree;
mod verdict;

use nahraum_domain::finding::Warning;

pub(crate) use line::is_first;
pub use refusal::XdtRefusal;

use crate::charset::{self, Charset, Decision};
use crate::read::{Read, Warnings};
use line::Line;
use record::Kind;
use text::Text;

/// Reads one file: a data package of LDT, or records of GDT. A file may speak of many people, one in each report.
///
/// # Errors
/// [`XdtRefusal`] when the file is damaged, no finding, or holds nothing that could be shown.
pub fn read(bytes: &[u8]) -> Result<Read, XdtRefusal> {
    let mut warnings = Warnings::default();
    let lines = line::split(bytes, &mut warnings)?;
    let records = record::records(&lines, bytes.len())?;
    let kind = record::kind(&records)?;
    let decision = decide(bytes, &lines, kind);
    if decision.contradicts {
        warnings.add(Warning::CharsetContradicts);
    }
    let text = Text(decision.charset);
    let findings = match kind {
        Kind::Ldt2 => ldt2::read(&records, text, &mut warnings)?,
        Kind::Ldt3 => ldt3::read(bytes, &records, text, &mut warnings)?,
        Kind::Gdt => gdt::read(&records, text, &mut warnings)?,
    };
    Ok(Read { findings: findings.done, warnings: warnings.0 })
}

/// Which set of characters a file is taken to be in.
///
/// # Errors
/// As [`read`], as far as it gets.
pub fn charset_of(bytes: &[u8]) -> Result<Charset, XdtRefusal> {
    let lines = line::split(bytes, &mut Warnings::default())?;
    let kind = record::kind(&record::records(&lines, bytes.len())?)?;
    Ok(decide(bytes, &lines, kind).charset)
}

/// What a file does not declare cannot be contradicted.
fn decide(bytes: &[u8], lines: &[Line<'_>], kind: Kind) -> Decision {
    let (declared, usual) = match kind {
        Kind::Ldt2 => (ldt2::declared(lines), Charset::Iso8859_15),
        // LDT 3 knows no other set, so there is no field for it.
        Kind::Ldt3 => (Some(Charset::Iso8859_15), Charset::Iso8859_15),
        Kind::Gdt => (gdt::declared(lines), Charset::Ibm437),
    };
    let decision = charset::decide(bytes, declared.unwrap_or(usual));
    Decision { contradicts: decision.contradicts && declared.is_some(), ..decision }
}
