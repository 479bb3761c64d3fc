//! One message: what kind it is, and which segments belong to which report.

use std::ops::Range;

use jiff::tz::Offset;

use super::Hl7Refusal;
use super::moment::Moment;
use super::result::Sent;
use super::segment::{Part, Segment};
use crate::refusal::Position;

/// What is read of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// ORU^R01: results under orders, the specimen behind them.
    Results,
    /// OUL^R22: results under orders under specimens.
    SpecimenFirst,
    /// MDM^T02 and its like: a document with what is known about it.
    Document,
    /// MDM^T10: a document that takes the place of another one.
    Replacement,
    /// MDM^T11: a document is taken back.
    Cancellation,
}

/// A report as its segments came.
#[derive(Debug)]
pub(super) struct Report<'m> {
    /// OBR, or TXA of a document.
    pub(super) head: Segment<'m>,
    pub(super) order: Option<Order<'m>>,
    /// Which of the message's specimens it is about.
    pub(super) specimens: Range<usize>,
    pub(super) results: Vec<Sent<'m>>,
    pub(super) notes: Vec<Segment<'m>>,
}

/// The numbers of an order (ORC): the placer's and the filler's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order<'m> {
    pub(super) placer: Part<'m>,
    pub(super) filler: Part<'m>,
}

/// A message taken apart. What every report of it needs of the header is read once.
#[derive(Debug)]
pub(super) struct Message<'m> {
    /// The line of its header.
    pub(super) line: usize,
    pub(super) kind: Kind,
    /// When it was sent (MSH-7); its offset from UTC holds for times without one.
    pub(super) sent: Moment,
    /// The facility it is from (MSH-4).
    pub(super) facility: Option<String>,
    /// The application it is from (MSH-3).
    pub(super) application: Option<String>,
    pub(super) specimens: Vec<Segment<'m>>,
    pub(super) patients: Vec<Segment<'m>>,
    pub(super) reports: Vec<Report<'m>>,
    /// Whether results stood where no report was, such as the patient's weight.
    pub(super) ignored: bool,
}

/// Where notes belong.
#[derive(Clone, Copy)]
enum Below {
    Nothing,
    Report,
    Result,
}

impl<'m> Message<'m> {
    /// Takes a message apart.
    pub(super) fn of(segments: &[Segment<'m>]) -> Result<Self, Hl7Refusal> {
        let header = *segments.first().ok_or_else(|| Hl7Refusal::NoHeader(Position::default()))?;
        let kind = kind(&header)?;
        let name = |field: usize| header.field(field).first().component(1).brief();
        let mut message = Self {
            line: header.line,
            kind,
            sent: Moment::parse(&name(7).unwrap_or_default(), None),
            facility: name(4),
            application: name(3),
            specimens: Vec::new(),
            patients: Vec::new(),
            reports: Vec::new(),
            ignored: false,
        };
        let mut sorting = Sorting { order: None, specimens: 0, open: false, below: Below::Nothing };
        for segment in segments.iter().skip(1) {
            message.sort(*segment, &mut sorting);
        }
        Ok(message)
    }

    /// The offset from UTC of times without one.
    pub(super) const fn offset(&self) -> Option<Offset> {
        self.sent.offset
    }

    /// Whom it is from, as far as names of reports go: the facility, else the application.
    pub(super) fn sender(&self) -> &str {
        self.facility.as_deref().or(self.application.as_deref()).unwrap_or_default()
    }

    fn sort(&mut self, segment: Segment<'m>, sorting: &mut Sorting<'m>) {
        let specimen_first = self.kind == Kind::SpecimenFirst;
        let documents = matches!(self.kind, Kind::Document | Kind::Replacement | Kind::Cancellation);
        let report = self.reports.last_mut().filter(|_| sorting.open);
        match (segment.name(), report) {
            ("PID", _) => {
                self.patients.push(segment);
                let specimens = self.specimens.len();
                *sorting = Sorting { order: None, specimens, open: false, below: Below::Nothing };
            }
            ("OBR", _) if !documents => self.begin(segment, sorting),
            ("TXA", _) if documents => self.begin(segment, sorting),
            // In OUL the order stands behind what it orders.
            ("ORC", Some(report)) if specimen_first => report.order = Some(Order::of(&segment)),
            ("ORC", _) => {
                sorting.order = Some(Order::of(&segment));
                sorting.open = documents && sorting.open;
            }
            ("SPM", _) if specimen_first => {
                if sorting.open {
                    sorting.specimens = self.specimens.len();
                }
                self.specimens.push(segment);
                sorting.open = false;
            }
            ("SPM", Some(report)) => {
                self.specimens.push(segment);
                report.specimens.end = self.specimens.len();
                sorting.below = Below::Report;
            }
            ("OBX", Some(report)) => {
                sorting.below = Below::Result;
                match report.results.last_mut().filter(|last| last.goes_on_with(&segment)) {
                    Some(last) => last.lines.push(segment),
                    None => report.results.push(Sent::new(segment)),
                }
            }
            ("OBX", None) => self.ignored = true,
            ("NTE", Some(report)) => match (sorting.below, report.results.last_mut()) {
                (Below::Result, Some(result)) => result.notes.push(segment),
                (Below::Report, _) => report.notes.push(segment),
                (Below::Result, None) | (Below::Nothing, _) => {}
            },
            _ => {}
        }
    }

    fn begin(&mut self, head: Segment<'m>, sorting: &mut Sorting<'m>) {
        let behind = self.specimens.len();
        let from = if self.kind == Kind::SpecimenFirst { sorting.specimens } else { behind };
        let (order, specimens) = (sorting.order, from..behind);
        self.reports.push(Report { head, order, specimens, results: Vec::new(), notes: Vec::new() });
        sorting.open = true;
        sorting.below = Below::Report;
    }
}

impl<'m> Order<'m> {
    fn of(orc: &Segment<'m>) -> Self {
        Self { placer: orc.field(2).first(), filler: orc.field(3).first() }
    }
}

/// What is remembered from segment to segment.
struct Sorting<'m> {
    /// The order that the next reports are of.
    order: Option<Order<'m>>,
    /// The first of the specimens that the next reports are about.
    specimens: usize,
    /// Whether a report is being read.
    open: bool,
    below: Below,
}

/// The kind of message (MSH-9), or why it is none for us.
fn kind(header: &Segment<'_>) -> Result<Kind, Hl7Refusal> {
    let (name, event) = (header.words(9, 1), header.words(9, 2));
    let position = Position::at_line(header.line);
    match (name.as_deref(), event.as_deref()) {
        (Some("ORU"), Some("R01") | None) => Ok(Kind::Results),
        (Some("OUL"), Some("R22")) => Ok(Kind::SpecimenFirst),
        (Some("MDM"), Some("T02" | "T04" | "T06" | "T08")) => Ok(Kind::Document),
        (Some("MDM"), Some("T10")) => Ok(Kind::Replacement),
        (Some("MDM"), Some("T11")) => Ok(Kind::Cancellation),
        (None, _) => Err(Hl7Refusal::NoHeader(position)),
        (Some(name), event) => {
            // A type is a word of a table; nothing else of a file is repeated in a refusal.
            let word = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).take(4).collect::<String>();
            let event = event.map(|event| format!("^{}", word(event))).unwrap_or_default();
            Err(Hl7Refusal::MessageType(position, format!("{}{event}", word(name))))
        }
    }
}
