//! The laboratory's ranges (`referenceRange`) and verdicts (`interpretationCode`).

use nahraum_domain::finding::{Flag, RangeKind, ReferenceRange};
use nahraum_domain::private::Private;
use rust_decimal::Decimal;

use super::code::Coded;
use super::node::Element;
use super::section::Ids;
use super::value::{Sent, end};
use crate::fhir::gravest;
use crate::number::certain;

/// The ranges of a result.
pub(super) fn ranges<'a, 'i>(act: Element<'a, 'i>, ids: &Ids<'a, 'i>) -> Vec<ReferenceRange> {
    act.all_at(&["referenceRange", "observationRange"]).into_iter().filter_map(|range| one(range, ids)).collect()
}

fn one<'a, 'i>(range: Element<'a, 'i>, ids: &Ids<'a, 'i>) -> Option<ReferenceRange> {
    let value = range.child("value");
    let [low, high] = ["low", "high"].map(|name| value.and_then(|value| end(value, name)));
    let ends = || [&low, &high].into_iter().flatten();
    let [low_number, high_number] = [&low, &high].map(|end| end.as_ref().and_then(|(sent, _)| number(sent)));
    let meaning = range.child("interpretationCode").map(|code| Coded::of(code, ids));
    let is_normal = meaning.as_ref().is_none_or(|code| code.codes().next().is_none_or(|code| code == "N"));
    let mut text = range.child("text").and_then(|text| ids.words(text)).or_else(|| ids.words(value?));
    // What the numbers do not say, words do: limits that are none, that do not belong to the range, or what a range is for.
    let is_whole = ends().all(|(sent, inclusive)| *inclusive && number(sent).is_some());
    if text.is_none() && !is_whole {
        text = Some(in_words(low.as_ref(), high.as_ref()));
    }
    if text.is_none() && !is_normal {
        text = meaning.as_ref().and_then(Coded::words_or_code).map(str::to_owned);
    }
    let has_limit = low_number.is_some() || high_number.is_some();
    let unit = ends().find_map(|(sent, _)| sent.unit.clone()).filter(|_| has_limit);
    (text.is_some() || has_limit).then(|| ReferenceRange {
        low: low_number.map(Private::new),
        high: high_number.map(Private::new),
        unit,
        text,
        applies_to: applies_to(range, ids),
        kind: if is_normal { RangeKind::Normal } else { RangeKind::Other },
    })
}

/// A limit with a comparator of its own is none.
fn number(sent: &Sent<'_>) -> Option<Decimal> {
    certain(sent.number).and_then(|(comparator, value)| comparator.is_none().then_some(value))
}

fn in_words(low: Option<&(Sent<'_>, bool)>, high: Option<&(Sent<'_>, bool)>) -> String {
    let low = low.map(|(sent, inclusive)| format!("{} {}", if *inclusive { "≥" } else { ">" }, sent.words()));
    let high = high.map(|(sent, inclusive)| format!("{} {}", if *inclusive { "≤" } else { "<" }, sent.words()));
    low.into_iter().chain(high).collect::<Vec<_>>().join(", ")
}

/// For whom it holds: the precondition, an extension of HL7.
fn applies_to<'a, 'i>(range: Element<'a, 'i>, ids: &Ids<'a, 'i>) -> Option<String> {
    let conditions = range.elements().filter(|child| child.name() == "precondition").flat_map(Element::elements);
    let words = conditions.filter(|child| child.name().starts_with("criterion")).filter_map(|criterion| {
        let code = criterion.child("value").or_else(|| criterion.child("code")).map(|code| Coded::of(code, ids));
        let of_code = || code.as_ref().and_then(Coded::words_or_code).map(str::to_owned);
        criterion.child("text").and_then(|text| ids.words(text)).or_else(of_code)
    });
    let words: Vec<String> = words.collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// The laboratory's verdict, translated and as sent. Of several the gravest counts.
pub(super) fn flag(act: Element<'_, '_>) -> (Option<Flag>, Option<String>) {
    let mut sent: Vec<&str> = act.all("interpretationCode").filter_map(|code| code.attribute("code")).collect();
    sent.dedup();
    (gravest(&sent), (!sent.is_empty()).then(|| sent.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(range: &str) -> (String, String, String, bool) {
        let text = format!(
            "<observation><referenceRange><observationRange>{range}</observationRange></referenceRange></observation>"
        );
        let document = roxmltree::Document::parse(&text).unwrap();
        let ranges = ranges(Element(document.root_element()), &Ids::default());
        let number =
            |limit: &Option<Private<Decimal>>| limit.as_ref().map(|d| d.reveal().to_string()).unwrap_or_default();
        ranges.first().map_or_else(Default::default, |range| {
            let text = range.text.clone().unwrap_or_default();
            (number(&range.low), number(&range.high), text, range.kind == RangeKind::Normal)
        })
    }

    #[test]
    fn ranges_say_what_was_sent_and_no_more() {
        let is = |low: &str, high: &str, text: &str, normal: bool| (low.into(), high.into(), text.into(), normal);
        assert_eq!(of("<value><low value='3.50'/><high value='5.1'/></value>"), is("3.50", "5.1", "", true));
        assert_eq!(
            of("<value><high value='5' unit='mg/l'/></value><interpretationCode code='N'/>"),
            is("", "5", "", true)
        );
        assert_eq!(of("<value><high value='5' unit='mg/l' inclusive='false'/></value>"), is("", "5", "< 5 mg/l", true));
        assert_eq!(of("<text>negativ</text>"), is("", "", "negativ", true));
        assert_eq!(
            of("<value>kleiner als 1:80</value><interpretationCode code='A'/>"),
            is("", "", "kleiner als 1:80", false)
        );
        assert_eq!(
            of("<value><low value='6'/></value><interpretationCode code='HH' displayName='kritisch'/>"),
            is("6", "", "kritisch", false),
        );
        assert_eq!(of("<value><low nullFlavor='OTH'><translation value='150'><originalText>T/l</originalText></translation></low></value>").0, "150");
        assert_eq!(of("<value><low value='wenig'/></value>"), is("", "", "≥ wenig", true));
        assert_eq!(of(""), <(String, String, String, bool)>::default());
    }
}
