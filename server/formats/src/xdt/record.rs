//! Records of an xDT file, and what kind of file they make.

use std::ops::Range;

use super::XdtRefusal;
use super::line::{Line, digits};
use crate::refusal::Position;

/// One record: from a field 8000 to the next.
#[derive(Clone, Copy)]
pub(super) struct Record<'l, 'a> {
    /// Its code, e.g. 8201.
    pub(super) code: u16,
    /// All of its lines, the first being the field 8000.
    pub(super) lines: &'l [Line<'a>],
    /// Where it ends in the file, in bytes.
    end: usize,
}

impl Record<'_, '_> {
    /// The number of its first line.
    pub(super) fn line(&self) -> usize {
        self.lines.first().map_or(1, |line| line.number)
    }

    /// Its bytes in the file.
    pub(super) fn part(&self) -> Range<usize> {
        self.lines.first().map_or(self.end, |line| line.start)..self.end
    }
}

/// The records of a file. What stands before the first one is refused.
pub(super) fn records<'l, 'a>(lines: &'l [Line<'a>], size: usize) -> Result<Vec<Record<'l, 'a>>, XdtRefusal> {
    let mut records: Vec<Record<'l, 'a>> = Vec::new();
    let starts = lines.chunk_by(|_, next| next.field != 8000);
    for lines in starts {
        let Some(first) = lines.first() else { continue };
        let code = digits(first.content).filter(|_| first.field == 8000);
        let code = code.and_then(|code| u16::try_from(code).ok());
        if let Some(before) = records.last_mut() {
            before.end = first.start;
        }
        let code = code.ok_or_else(|| XdtRefusal::UnknownRecord(first.position()))?;
        records.push(Record { code, lines, end: size });
    }
    Ok(records)
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// LDT 2.
    Ldt2,
    /// LDT 3.
    Ldt3,
    /// GDT.
    Gdt,
}

/// Tells the kind from the records and from whether there are objects, never from a version.
pub(super) fn kind(records: &[Record<'_, '_>]) -> Result<Kind, XdtRefusal> {
    let first = |codes: &[u16]| records.iter().find(|record| codes.contains(&record.code)).map(Record::line);
    if let Some(line) = first(&[8230, 8231, 8218, 8219, 8215]) {
        return Err(XdtRefusal::Order(Position::at_line(line)));
    }
    if let Some(line) = first(&[6100, 6200, 6101, 6105, 6106, 6107]) {
        return Err(XdtRefusal::PracticeExport(Position::at_line(line)));
    }
    if first(&[8220, 8221, 8201, 8202, 8203, 8204, 8205]).is_some() {
        let has_objects = records.iter().flat_map(|record| record.lines).any(|line| matches!(line.field, 8001 | 8002));
        return Ok(if has_objects { Kind::Ldt3 } else { Kind::Ldt2 });
    }
    if first(&[6310]).is_some() {
        return Ok(Kind::Gdt);
    }
    if let Some(line) = first(&[6300, 6301, 6302, 6311]) {
        return Err(XdtRefusal::Request(Position::at_line(line)));
    }
    Err(XdtRefusal::UnknownRecord(Position::at_line(records.first().map_or(1, Record::line))))
}

#[cfg(test)]
mod tests {
    use super::super::line::split;
    use super::*;
    use crate::read::Warnings;

    fn of(text: &str) -> Result<Kind, &'static str> {
        let lines = split(text.as_bytes(), &mut Warnings::default()).unwrap();
        records(&lines, text.len()).and_then(|records| kind(&records)).map_err(|refusal| refusal.code())
    }

    #[test]
    fn the_records_tell_the_kind() {
        assert_eq!(of("01380008220\r\n01380008201\r\n"), Ok(Kind::Ldt2));
        assert_eq!(of("01380008220\r\n0178002Obj_0032\r\n"), Ok(Kind::Ldt3));
        assert_eq!(of("01380008205\r\n01380018205\r\n"), Ok(Kind::Ldt3));
        assert_eq!(of("01380006310\r\n"), Ok(Kind::Gdt));
        assert_eq!(of("01380006301\r\n01380006310\r\n"), Ok(Kind::Gdt));
        for (text, code) in [
            ("01380008230\r\n0178002Obj_0032\r\n", "xdt-order"),
            ("01380008220\r\n01380008219\r\n", "xdt-order"),
            ("01380000020\r\n01380006100\r\n", "xdt-practice-export"),
            ("01380006302\r\n", "xdt-request"),
            ("01380004711\r\n", "xdt-record-unknown"),
            ("013800047110815\r\n", "xdt-record-unknown"),
            ("0153101Name\r\n01380006310\r\n", "xdt-record-unknown"),
        ] {
            assert_eq!(of(text), Err(code), "{text}");
        }
    }
}
