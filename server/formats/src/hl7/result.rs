//! OBX segments become rows, documents, or nothing any more.

use jiff::tz::Offset;
use nahraum_domain::finding::{EmbeddedDocument, Observation, ReportStatus, Value, Warning};
use nahraum_domain::private::Private;

use super::Hl7Refusal;
use super::code::{Coded, Unit};
use super::moment::Moment;
use super::segment::Segment;
use super::status::ResultStatus;
use super::value;
use crate::embedded::{self, BadDocument};
use crate::fhir::NAMELESS;
use crate::read::Warnings;
use crate::refusal::Position;

/// The name of a text that has none.
pub(crate) const TEXT: &str = "Befundtext";

/// One result: its segment, further lines of the same text, and the notes below it.
#[derive(Debug)]
pub(super) struct Sent<'m> {
    pub(super) first: Segment<'m>,
    pub(super) lines: Vec<Segment<'m>>,
    pub(super) notes: Vec<Segment<'m>>,
    /// What all lines of one text have in common; none if it is no text.
    text: Option<[&'m str; 3]>,
}

/// What a result inherits from its report.
pub(super) struct Inherited<'r> {
    pub(super) when: Moment,
    pub(super) specimen: Option<&'r str>,
    pub(super) group: Option<&'r str>,
    pub(super) offset: Option<Offset>,
}

/// What came of a result.
pub(super) enum Outcome {
    /// A row.
    Row(Box<Observation>),
    /// A document to show.
    Document(EmbeddedDocument),
    /// Nothing that could be shown: withdrawn, only linked, or a document that is not there.
    Nothing,
}

impl<'m> Sent<'m> {
    pub(super) fn new(first: Segment<'m>) -> Self {
        Self { first, lines: Vec::new(), notes: Vec::new(), text: text_of(&first) }
    }

    /// Whether a segment is another line of this text: many senders make a segment of each line.
    pub(super) fn goes_on_with(&self, next: &Segment<'_>) -> bool {
        self.notes.is_empty() && self.text.is_some() && self.text == text_of(next)
    }

    /// Whether it is one at all: a state `O` only describes the order.
    pub(super) fn is_result(&self) -> bool {
        self.first.words(11, 1).as_deref() != Some("O")
    }

    /// Its state.
    pub(super) fn status(&self, report: Option<ReportStatus>) -> ResultStatus {
        ResultStatus::of(self.first.words(11, 1).as_deref(), report)
    }

    /// What it says in this state.
    pub(super) fn read(
        &self,
        status: ResultStatus,
        inherited: &Inherited<'_>,
        warnings: &mut Warnings,
    ) -> Result<Outcome, Hl7Refusal> {
        if status == ResultStatus::Withdrawn {
            return Ok(Outcome::Nothing);
        }
        match self.first.words(2, 1).as_deref() {
            Some("ED") => return self.document(warnings),
            // An address is never followed.
            Some("RP") => {
                warnings.add(Warning::DocumentOnlyLinked);
                return Ok(Outcome::Nothing);
            }
            Some(_) | None => {}
        }
        Ok(Outcome::Row(Box::new(self.row(status, inherited, warnings))))
    }

    fn row(&self, status: ResultStatus, inherited: &Inherited<'_>, warnings: &mut Warnings) -> Observation {
        let obx = &self.first;
        let code = Coded::of(obx.field(3).first());
        let unit = Coded::unit(obx.field(6).first());
        let absent = |reason: Option<&str>| (Value::Absent { reason: reason.map(str::to_owned) }, String::new());
        let (value, raw) = match status.absent() {
            // What cannot be had has no value, whatever stands there from before.
            Some(reason) => absent(Some(reason)),
            None => self.value(&unit, warnings).unwrap_or_else(|| absent(None)),
        };
        let nameless = if matches!(value, Value::Text(_)) { TEXT } else { NAMELESS };
        let (flag, flag_raw) = value::flag(obx.field(8));
        let when = self.when(inherited, warnings);
        Observation {
            local_code: code.other_than_loinc(),
            loinc: code.loinc().map(str::to_owned),
            name: Private::new(code.words_or_code().unwrap_or(nameless).to_owned()),
            group: inherited.group.map(str::to_owned),
            status: status.as_str().to_owned(),
            value,
            raw_text: Private::new(raw),
            flag: flag.filter(|_| status.absent().is_none()),
            flag_raw: flag_raw.filter(|_| status.absent().is_none()),
            ranges: value::ranges(obx.field(7), unit.0.as_deref()),
            effective_at: when.at,
            effective_date: when.date,
            method: Coded::of(obx.field(17).first()).words_or_code().map(str::to_owned),
            specimen: inherited.specimen.map(str::to_owned),
            comment: notes(&self.notes).map(Private::new),
        }
    }

    fn value(&self, unit: &Unit<'_>, warnings: &mut Warnings) -> value::Read {
        if self.lines.is_empty() {
            return value::read(&self.first, unit, warnings);
        }
        let all = std::iter::once(&self.first).chain(&self.lines);
        let lines: Vec<String> = all.map(|obx| value::lines(obx.field(5)).unwrap_or_default()).collect();
        let text = lines.join("\n").trim_matches('\n').to_owned();
        (!text.trim().is_empty()).then(|| value::text(text))
    }

    fn when(&self, inherited: &Inherited<'_>, warnings: &mut Warnings) -> Moment {
        let Some(sent) = self.first.words(14, 1) else { return inherited.when };
        let when = Moment::parse(&sent, inherited.offset);
        if when.is_partial {
            warnings.add(Warning::DatePartial);
        }
        when
    }

    /// ED: source, type, subtype, encoding, data.
    fn document(&self, warnings: &mut Warnings) -> Result<Outcome, Hl7Refusal> {
        let sent = self.first.field(5).first();
        let data = sent.component(5);
        if data.is_empty() {
            return Ok(Outcome::Nothing);
        }
        let position = Position::at_line(self.first.line);
        let is_base64 = sent.component(4).words().is_none_or(|encoding| encoding.eq_ignore_ascii_case("base64"));
        if !is_base64 {
            return Err(Hl7Refusal::BadBase64(position));
        }
        match embedded::from_base64(data.text().as_bytes()) {
            Ok((document, odd)) => {
                warnings.add_all(odd);
                Ok(Outcome::Document(document))
            }
            Err(BadDocument::Base64) => Err(Hl7Refusal::BadBase64(position)),
            Err(BadDocument::Refused(reason)) => Err(Hl7Refusal::EmbeddedDocument(position, Box::new(reason))),
        }
    }
}

/// Name, sub-id and state of a result that is a text.
fn text_of<'m>(obx: &Segment<'m>) -> Option<[&'m str; 3]> {
    let is_text = matches!(obx.field(2).raw().trim(), "TX" | "FT");
    is_text.then(|| [3, 4, 11].map(|field| obx.field(field).raw()))
}

/// The words of NTE segments, one below the other.
pub(super) fn notes(segments: &[Segment<'_>]) -> Option<String> {
    let lines: Vec<String> = segments.iter().filter_map(|note| value::lines(note.field(3))).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}
