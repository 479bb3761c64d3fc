//! MDM: a document with what is known about it (TXA).

use std::borrow::Cow;

use nahraum_domain::finding::ReportStatus;
use nahraum_domain::kdl::{self, DocumentClass};

use super::code::Coded;
use super::message::{Kind, Message, Report};
use super::moment::Moment;
use super::patient::physician;
use super::report::Facts;
use super::segment::Segment;
use super::status;
use crate::classes;

/// HL7 table 0270, the types whose KDL class is clear.
const TYPES: &[(&str, &str)] = &[("DS", "AD010115"), ("CN", "AD010109"), ("SP", "PT080102")];

/// What TXA says, and the name of its first result.
pub(super) fn facts(message: &Message<'_>, report: &Report<'_>) -> Facts {
    let txa = &report.head;
    let missing = usize::from(is_one_short(txa));
    let named = |number: Cow<'_, str>| format!("hl7v2|{}|document|{number}", message.sender());
    let late = |field: usize| txa.words(field - missing, 1);
    let replaced = (message.kind == Kind::Replacement).then(|| late(13)).flatten();
    let status = match message.kind {
        Kind::Cancellation => ReportStatus::EnteredInError,
        Kind::Document | Kind::Replacement | Kind::Results | Kind::SpecimenFirst => {
            let sent = status::of_document(late(17).as_deref(), late(19).as_deref());
            if replaced.is_some() && sent == ReportStatus::Final { ReportStatus::Amended } else { sent }
        }
    };
    let code = report.results.first().map(|sent| Coded::of(sent.first.field(3).first()));
    let issued = txa.words(8, 1).or_else(|| txa.words(6, 1));
    let when = txa.words(4, 1).or_else(|| txa.words(6, 1));
    let moment = |sent: &str| Moment::parse(sent, message.offset());
    let author = [9, 22, 5].into_iter().find_map(|field| physician(txa.field(field).first()));
    let name = || code.as_ref().and_then(|code| code.words()).map(str::to_owned);
    let codes: Vec<_> = code.iter().flat_map(Coded::tokens).collect();
    Facts {
        status: Some(status),
        when: moment(&when.unwrap_or_default()),
        issued: issued.map_or(message.sent, |sent| moment(&sent)),
        // What takes the place of a document is its next version, so it has its name, as in CDA.
        own: late(12).filter(|_| replaced.is_some()).map(named),
        key: replaced.or_else(|| late(12)).map(named),
        title: late(25).map(Cow::into_owned).or_else(name).or_else(|| late(16).map(Cow::into_owned)),
        class: classes::assumed(&codes).or_else(|| class(txa.words(2, 1).as_deref())),
        author: author.or_else(|| message.facility.clone()),
    }
}

/// Whether the state of completion stands where the name of the file should: then one of the empty fields in front of
/// the number (TXA-12) was not sent, and everything from there on is one field early.
fn is_one_short(txa: &Segment<'_>) -> bool {
    let is_state = |word: Cow<'_, str>| COMPLETION.contains(&&*word);
    txa.field(17).is_empty() && txa.words(16, 1).is_some_and(is_state)
}

/// HL7 table 0271.
const COMPLETION: [&str; 7] = ["AU", "DI", "DO", "IN", "IP", "LA", "PA"];

fn class(kind: Option<&str>) -> Option<&'static DocumentClass> {
    let (_, class) = TYPES.iter().find(|(name, _)| Some(*name) == kind)?;
    kdl::find(class)
}
