//! What an order (ORC, OBR) and its specimens (SPM) say about a report.

use std::borrow::Cow;

use nahraum_domain::finding::ReportStatus;

use super::code::Coded;
use super::message::{Message, Report};
use super::moment::Moment;
use super::patient::physician;
use super::report::Facts;
use super::segment::{Part, Segment};
use super::status;
use crate::classes;

/// What the head of a report and of those that belong to it say.
pub(super) fn facts(message: &Message<'_>, family: &[&Report<'_>]) -> Facts {
    let Some(main) = family.first() else { return Facts::default() };
    let obr = &main.head;
    let code = Coded::of(obr.field(4).first());
    let is_open = |status: &ReportStatus| matches!(status, ReportStatus::Partial | ReportStatus::Preliminary);
    let unfinished = family.iter().filter_map(|report| status(report)).find(is_open);
    let section = obr.words(24, 1);
    let issued = family.iter().map(|report| issued(message, report)).max_by_key(|moment| moment.order);
    let codes = section.iter().map(|s| (Some(classes::SECTION_SYSTEM), &**s)).chain(code.tokens());
    Facts {
        status: unfinished.or_else(|| status(main)),
        when: when(message, main),
        issued: issued.unwrap_or_default(),
        key: name(main).map(|name| format!("hl7v2|{}|{name}", message.sender())),
        own: None,
        title: code.words_or_code().map(str::to_owned),
        class: classes::assumed(&codes.collect::<Vec<_>>()),
        author: author(message, main),
    }
}

/// The number of the filler, else of the placer, and the code: what a sender means when it corrects a report.
pub(super) fn name(report: &Report<'_>) -> Option<String> {
    let obr = |field: usize| number(report.head.field(field).first());
    let filler = || report.order.and_then(|order| number(order.filler));
    let placer = || report.order.and_then(|order| number(order.placer));
    let number = obr(3).or_else(filler).or_else(|| obr(2)).or_else(placer)?;
    let code = Coded::of(report.head.field(4).first());
    Some(format!("{number}|{}", code.key().unwrap_or_default()))
}

/// The number that the practice ordered under (OBR-2, else ORC-2).
pub(super) fn placer(report: &Report<'_>) -> Option<String> {
    let of_order = || report.order.and_then(|order| order.placer.component(1).brief());
    report.head.field(2).first().component(1).brief().or_else(of_order)
}

/// An entity identifier: the number, and who gave it.
fn number(part: Part<'_>) -> Option<String> {
    let number = part.component(1).brief()?;
    Some(match part.component(2).brief() {
        Some(authority) => format!("{number}^{authority}"),
        None => number,
    })
}

/// The numbers under which a report may be somebody's parent.
pub(super) fn numbers(report: &Report<'_>) -> impl Iterator<Item = String> {
    let of = |kind: &str, field: usize| report.head.words(field, 1).map(|number| format!("{kind}{number}"));
    [of("placer ", 2), of("filler ", 3)].into_iter().flatten()
}

/// The numbers of the report this one belongs to (OBR-29: placer's, filler's).
pub(super) fn parents(report: &Report<'_>) -> impl Iterator<Item = String> {
    let parent = report.head.field(29).first();
    let of = |kind: &str, part: usize| {
        let number = parent.component(part).subcomponent(1).words();
        number.map(|number| format!("{kind}{number}"))
    };
    [of("filler ", 2), of("placer ", 1)].into_iter().flatten()
}

/// The heading over the results of a report that belongs to another: what was found there (OBR-26), or its own name.
pub(super) fn heading(report: &Report<'_>) -> Option<String> {
    let name = |component| report.head.field(4).first().component(component).brief();
    let found = report.head.field(26).first().component(3).brief();
    found.or_else(|| name(2)).or_else(|| name(1))
}

/// OBR-25.
pub(super) fn status(report: &Report<'_>) -> Option<ReportStatus> {
    status::of_report(report.head.words(25, 1).as_deref())
}

/// When the sample was taken: OBR-7, else SPM-17.
pub(super) fn when(message: &Message<'_>, report: &Report<'_>) -> Moment {
    let from_specimen = || specimens(message, report).find_map(|spm| spm.words(17, 1));
    let sent = report.head.words(7, 1).or_else(from_specimen).unwrap_or_default();
    Moment::parse(&sent, message.offset())
}

/// When the report was issued or its state changed: OBR-22, else the time of the message.
fn issued(message: &Message<'_>, report: &Report<'_>) -> Moment {
    report.head.words(22, 1).map_or(message.sent, |sent| Moment::parse(&sent, message.offset()))
}

/// The specimens in words: SPM-4, else OBR-15.
pub(super) fn specimen(message: &Message<'_>, report: &Report<'_>) -> Option<String> {
    let mut names: Vec<String> = Vec::new();
    for spm in specimens(message, report) {
        let kind = spm.field(4).first();
        let name = kind.component(2).brief().or_else(|| kind.component(1).brief());
        names.extend(name.filter(|name| !names.contains(name)));
    }
    if names.is_empty() {
        let source = report.head.field(15).first().component(1);
        names.extend(source.subcomponent(2).brief().or_else(|| source.subcomponent(1).brief()));
    }
    (!names.is_empty()).then(|| names.join(", "))
}

/// More specimens than one report has.
const MAX_SPECIMENS: usize = 20;

fn specimens<'r, 'm>(message: &'r Message<'m>, report: &Report<'_>) -> impl Iterator<Item = &'r Segment<'m>> {
    message.specimens.get(report.specimens.clone()).unwrap_or_default().iter().take(MAX_SPECIMENS)
}

/// Who answers for the report: its interpreter, else the laboratory of its first result, else the sender.
fn author(message: &Message<'_>, report: &Report<'_>) -> Option<String> {
    let laboratory = || report.results.first().and_then(|sent| sent.first.words(23, 1)).map(Cow::into_owned);
    physician(report.head.field(32).first()).or_else(laboratory).or_else(|| message.facility.clone())
}
