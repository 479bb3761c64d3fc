//! Values of results (`value`, by its `xsi:type`; HL7 version 3 data types, release 1).

use nahraum_domain::finding::{Comparator, Quantity, Value};
use nahraum_domain::private::Private;

use super::code::Coded;
use super::document::is_binary;
use super::node::Element;
use super::section::Ids;
use crate::hl7::Moment;
use crate::number::{certain, titre};

/// A value and what the sender wrote for it.
pub(super) struct Read {
    pub(super) value: Value,
    pub(super) raw: String,
    /// Whether it was meant to be more than words and could not be understood.
    pub(super) is_kept_as_text: bool,
    /// Whether a number has a comma or a sign in front, which its type does not provide for.
    pub(super) is_irregular: bool,
}

impl Read {
    const fn of(value: Value, raw: String) -> Self {
        Self { value, raw, is_kept_as_text: false, is_irregular: false }
    }

    fn words(words: String) -> Self {
        Self::of(Value::Text(Private::new(words.clone())), words)
    }

    fn kept(words: String) -> Self {
        Self { is_kept_as_text: true, ..Self::words(words) }
    }
}

/// No value, and why.
pub(super) fn absent(reason: Option<&str>) -> Read {
    Read::of(Value::Absent { reason: reason.map(str::to_owned) }, String::new())
}

/// What a `value` says.
pub(super) fn read<'a, 'i>(sent: Element<'a, 'i>, ids: &Ids<'a, 'i>) -> Read {
    let read = match sent.type_name() {
        Some("PQ" | "INT" | "REAL" | "MO") => one(sent),
        Some("IVL_PQ" | "IVL_INT" | "IVL_REAL") => span(sent),
        Some("RTO" | "RTO_PQ_PQ" | "RTO_INT_INT" | "RTO_QTY_QTY") => ratio(sent),
        Some("CD" | "CE" | "CV" | "CO" | "CS") => coded(sent, ids),
        Some("BL") => truth(sent),
        Some("TS" | "TS.DATE" | "TS.DATE.FULL") => sent.attribute("value").map(moment),
        Some("ST" | "ED" | "SC") => None,
        // A sender that forgets the type means what its attributes say.
        Some(_) | None => {
            sent.attribute("code").and_then(|_| coded(sent, ids)).or_else(|| one(sent)).or_else(|| span(sent))
        }
    };
    let words = || ids.words(sent).filter(|_| !is_binary(sent)).map(Read::words);
    // Words that are too long to repeat, or are not there, stay in the narrative.
    let is_elsewhere = sent.child("reference").is_some();
    let nothing = || Read { is_kept_as_text: is_elsewhere, ..absent(sent.null_flavor().map(reason)) };
    read.or_else(words).unwrap_or_else(nothing)
}

/// Why there is nothing, in the words of FHIR (`data-absent-reason`).
fn reason(null_flavor: &str) -> &'static str {
    match null_flavor {
        "ASKU" => "asked-unknown",
        "NAV" => "temp-unknown",
        "NASK" => "not-asked",
        "MSK" => "masked",
        "NA" => "not-applicable",
        "NINF" => "negative-infinity",
        "PINF" => "positive-infinity",
        "OTH" | "UNC" => "unsupported",
        _ => "unknown",
    }
}

/// A number as it was sent, with its unit.
pub(super) struct Sent<'a> {
    pub(super) number: &'a str,
    pub(super) unit: Option<String>,
    ucum: Option<String>,
}

impl<'a> Sent<'a> {
    /// A quantity (PQ). Units are UCUM by their type; one that is not stands in a translation, with its number.
    pub(super) fn of(element: Element<'a, '_>) -> Option<Self> {
        if let Some(number) = element.attribute("value") {
            let unit = element.attribute("unit").filter(|unit| *unit != "1").map(str::to_owned);
            return Some(Self { number, ucum: unit.clone(), unit });
        }
        let mut translations = element.all("translation");
        let (translation, number) = translations.find_map(|other| Some((other, other.attribute("value")?)))?;
        let words = || translation.child("originalText").and_then(Element::words);
        let unit = ["displayName", "unit", "code"].into_iter().find_map(|name| translation.attribute(name));
        Some(Self { number, unit: words().or_else(|| unit.map(str::to_owned)), ucum: None })
    }

    /// Number and unit in words.
    pub(super) fn words(&self) -> String {
        match &self.unit {
            Some(unit) => format!("{} {unit}", self.number),
            None => self.number.to_owned(),
        }
    }

    fn quantity(&self, comparator: Option<Comparator>) -> Option<Quantity> {
        let (own, value) = certain(self.number)?;
        // Two comparators are not understood.
        let comparator = match (own, comparator) {
            (Some(_), Some(_)) => return None,
            (own, of_span) => own.or(of_span),
        };
        Some(Quantity { comparator, value: Private::new(value), unit: self.unit.clone(), ucum: self.ucum.clone() })
    }
}

fn is_irregular(number: &str) -> bool {
    number.contains([',', '<', '>', '≤', '≥'])
}

fn one(element: Element<'_, '_>) -> Option<Read> {
    let sent = Sent::of(element)?;
    let raw = sent.number.to_owned();
    let read = match sent.quantity(None).map(Value::Quantity).or_else(|| titre(sent.number)) {
        Some(value) => Read::of(value, raw),
        None => Read { raw, ..Read::kept(sent.words()) },
    };
    Some(Read { is_irregular: is_irregular(sent.number) && !read.is_kept_as_text, ..read })
}

/// An end of a span, and whether it belongs to it (`inclusive`), which it does if nothing is said.
pub(super) fn end<'a>(element: Element<'a, '_>, name: &'static str) -> Option<(Sent<'a>, bool)> {
    let end = element.child(name)?;
    Some((Sent::of(end)?, end.attribute("inclusive") != Some("false")))
}

/// A span with one end is a number with a comparator.
fn span(element: Element<'_, '_>) -> Option<Read> {
    let (low, high) = (end(element, "low"), end(element, "high"));
    let at_least = |inclusive: bool| if inclusive { Comparator::GreaterOrEqual } else { Comparator::Greater };
    let at_most = |inclusive: bool| if inclusive { Comparator::LessOrEqual } else { Comparator::Less };
    let compared = |sent: &Sent<'_>, comparator: Comparator| {
        let raw = format!("{}{}", comparator.as_str(), sent.number);
        match sent.quantity(Some(comparator)) {
            Some(quantity) => Read::of(Value::Quantity(quantity), raw),
            None => Read { raw, ..Read::kept(format!("{}{}", comparator.as_str(), sent.words())) },
        }
    };
    match (low, high) {
        (None, None) => element.child("center").and_then(one).or_else(|| one(element)),
        (Some((low, inclusive)), None) => Some(compared(&low, at_least(inclusive))),
        (None, Some((high, inclusive))) => Some(compared(&high, at_most(inclusive))),
        (Some((low, true)), Some((high, true))) => Some(both(&low, &high)),
        // From nothing to less than something is less than something. No other open end can be told beside another end.
        (Some((low, _)), Some((high, inclusive))) => Some(match certain(low.number) {
            Some((None, zero)) if zero.is_zero() => compared(&high, at_most(inclusive)),
            Some(_) | None => Read::kept(format!("> {} … < {}", low.words(), high.words())),
        }),
    }
}

fn both(low: &Sent<'_>, high: &Sent<'_>) -> Read {
    let raw = format!("{} – {}", low.number, high.number);
    match (low.quantity(None), high.quantity(None)) {
        (Some(first), Some(last)) => Read::of(Value::Range { low: Some(first), high: Some(last) }, raw),
        (Some(_) | None, _) => Read { raw, ..Read::kept(format!("{} – {}", low.words(), high.words())) },
    }
}

fn ratio(element: Element<'_, '_>) -> Option<Read> {
    let (left, right) = (Sent::of(element.child("numerator")?)?, Sent::of(element.child("denominator")?)?);
    let raw = format!("{}:{}", left.number, right.number);
    Some(match (left.quantity(None), right.quantity(None)) {
        (Some(numerator), Some(denominator)) => Read::of(Value::Ratio { numerator, denominator }, raw),
        (Some(_) | None, _) => Read { raw, ..Read::kept(format!("{}:{}", left.words(), right.words())) },
    })
}

fn coded<'a>(element: Element<'a, '_>, ids: &Ids<'a, '_>) -> Option<Read> {
    let code = Coded::of(element, ids);
    let words = code.words_or_code()?.to_owned();
    // Without words the code itself is what is shown.
    let token = code.words().and_then(|_| code.first());
    Some(Read::of(Value::Coded { code: token, text: Private::new(words.clone()) }, words))
}

/// Reports in German laboratories say ja and nein.
fn truth(element: Element<'_, '_>) -> Option<Read> {
    let raw = element.attribute("value")?;
    let words = match raw {
        "true" | "1" => "ja",
        "false" | "0" => "nein",
        other => return Some(Read::kept(other.to_owned())),
    };
    Some(Read { raw: raw.to_owned(), ..Read::words(words.to_owned()) })
}

fn moment(sent: &str) -> Read {
    let words = Moment::parse(sent, None).words().unwrap_or_else(|| sent.to_owned());
    Read { raw: sent.to_owned(), ..Read::words(words) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &str) -> String {
        let text = format!("<value xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' {value}");
        let document = roxmltree::Document::parse(&text).unwrap();
        let read = read(Element(document.root_element()), &Ids::default());
        let number = |q: &Quantity| {
            let sign = q.comparator.map_or("", Comparator::as_str);
            format!("{sign}{} {}", q.value.reveal(), q.unit.as_deref().unwrap_or("-"))
        };
        let words = match &read.value {
            Value::Quantity(quantity) => number(quantity),
            Value::Range { low, high } => {
                format!("{}..{}", number(low.as_ref().unwrap()), number(high.as_ref().unwrap()))
            }
            Value::Ratio { numerator, denominator } => format!("{}:{}", number(numerator), number(denominator)),
            Value::Text(words) => format!("text {}", words.reveal()),
            Value::Coded { code, text } => format!("{} {}", code.as_deref().unwrap_or_default(), text.reveal()),
            Value::Absent { reason } => format!("absent {}", reason.as_deref().unwrap_or("-")),
        };
        format!(
            "{words}{}{}",
            if read.is_kept_as_text { " KEPT" } else { "" },
            if read.is_irregular { " ODD" } else { "" }
        )
    }

    #[test]
    fn every_kind_of_value_is_read() {
        for (value, expected) in [
            ("xsi:type='PQ' value='5.10' unit='mmol/l'/>", "5.10 mmol/l"),
            ("xmlns:h='urn:hl7-org:v3' xsi:type='h:PQ' value='7.40' unit='1'/>", "7.40 -"),
            ("xsi:type='PQ' value='4,2' unit='mmol/l'/>", "4.2 mmol/l ODD"),
            ("xsi:type='PQ' value='&lt;0.3' unit='mg/l'/>", "<0.3 mg/l ODD"),
            ("xsi:type='PQ' value='1,234' unit='/ul'/>", "text 1,234 /ul KEPT"),
            (
                "xsi:type='PQ' nullFlavor='OTH'><translation value='152'><originalText>THOUS/MCL</originalText></translation></value>",
                "152 THOUS/MCL",
            ),
            ("xsi:type='PQ' nullFlavor='NASK'/>", "absent not-asked"),
            ("xsi:type='PQ'/>", "absent -"),
            ("xsi:type='INT' value='3'/>", "3 -"),
            ("xsi:type='IVL_PQ'><high value='5' unit='mg/l' inclusive='false'/></value>", "<5 mg/l"),
            ("xsi:type='IVL_PQ'><low nullFlavor='NINF'/><high value='5' unit='mg/l'/></value>", "<=5 mg/l"),
            ("xsi:type='IVL_PQ'><low value='5' unit='mg/l'/><high nullFlavor='PINF'/></value>", ">=5 mg/l"),
            ("xsi:type='IVL_PQ'><low value='5' inclusive='false'/></value>", ">5 -"),
            (
                "xsi:type='IVL_PQ'><low value='0' unit='pg/ml'/><high value='5' unit='pg/ml'/></value>",
                "0 pg/ml..5 pg/ml",
            ),
            ("xsi:type='IVL_PQ'><low value='0' unit='%'/><high value='5' unit='%' inclusive='false'/></value>", "<5 %"),
            ("xsi:type='IVL_PQ'><low value='1' inclusive='false'/><high value='5'/></value>", "text > 1 … < 5 KEPT"),
            ("xsi:type='IVL_PQ'><high value='&lt;5'/></value>", "text <=<5 KEPT"),
            ("xsi:type='RTO_PQ_PQ'><numerator value='1'/><denominator value='80'/></value>", "1 -:80 -"),
            ("xsi:type='ST'>  grenzwertig,\n 1:80 </value>", "text grenzwertig, 1:80"),
            ("xsi:type='ST' nullFlavor='UNK'/>", "absent unknown"),
            ("xsi:type='ED'><reference value='#gone'/></value>", "absent - KEPT"),
            (
                "xsi:type='CD' code='260385009' codeSystem='2.16.840.1.113883.6.96' displayName='Negativ'/>",
                "http://snomed.info/sct|260385009 Negativ",
            ),
            ("xsi:type='CE' nullFlavor='OTH'><originalText>trüb</originalText></value>", " trüb"),
            ("xsi:type='CD' code='N'/>", " N"),
            ("code='N' displayName='Negativ'/>", "N Negativ"),
            ("value='3' unit='g'/>", "3 g"),
            ("xsi:type='BL' value='false'/>", "text nein"),
            ("xsi:type='TS' value='202611180755'/>", "text 2026-11-18 07:55"),
            ("xsi:type='ED' representation='B64' mediaType='image/png'>AAAA</value>", "absent -"),
        ] {
            assert_eq!(shown(value), expected, "{value}");
        }
    }
}
