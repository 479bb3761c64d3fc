//! Values, ranges and flags of results (OBX-2, -5, -6, -7, -8).

use std::borrow::Cow;

use nahraum_domain::finding::{Comparator, Flag, Quantity, RangeKind, ReferenceRange, Value, Warning};
use nahraum_domain::private::Private;
use rust_decimal::Decimal;

use super::code::{Coded, Unit};
use super::moment::Moment;
use super::segment::{Part, Segment};
use crate::fhir::gravest;
use crate::number::{certain, titre};
use crate::read::Warnings;

/// A value and what the sender wrote for it. `None`: nothing was sent.
pub(super) type Read = Option<(Value, String)>;

/// The value of a result, with its unit.
pub(super) fn read(obx: &Segment<'_>, unit: &Unit<'_>, warnings: &mut Warnings) -> Read {
    let sent = obx.field(5);
    if sent.repetitions().all(|part| part.is_empty()) {
        return None;
    }
    let one = sent.repetitions().nth(1).is_none();
    let kind = obx.words(2, 1);
    match kind.as_deref() {
        Some("NM") if one => {
            let read = measured_words(&sent.words()?, unit);
            if matches!(read.0, Value::Text(_)) {
                warnings.add(Warning::ValueKeptAsText);
            }
            Some(read)
        }
        Some("SN") if one => structured(sent, unit, warnings),
        Some("CE" | "CWE" | "CNE" | "CF" | "IS" | "ID") => coded(sent),
        Some("DT" | "TM" | "TS" | "DTM") => Some(moment(&lines(sent)?)),
        Some("ST") if one && unit.0.is_some() => Some(measured_words(&sent.words()?, unit)),
        Some("TX" | "FT" | "ST" | "TN") | None => Some(text(lines(sent)?)),
        Some(_) => {
            warnings.add(Warning::ValueKeptAsText);
            let parts: Vec<String> =
                sent.repetitions().map(|part| part.components().flatten().collect::<Vec<_>>().join(" ")).collect();
            let words = parts.join("\n").trim().to_owned();
            (!words.is_empty()).then(|| text(words))
        }
    }
}

/// Repetitions are lines.
pub(super) fn lines(part: Part<'_>) -> Option<String> {
    let mut text = String::new();
    for (index, line) in part.repetitions().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        if !line.is_empty() {
            text.push_str(&line.text());
        }
    }
    text.truncate(text.trim_end().len());
    (!text.is_empty()).then_some(text)
}

/// Words as a value.
pub(super) fn text(words: String) -> (Value, String) {
    (Value::Text(Private::new(words.clone())), words)
}

/// Words with a unit are a number if they can be read as one: many laboratories send `<0.3` as ST.
fn measured_words(sent: &str, unit: &Unit<'_>) -> (Value, String) {
    match quantity(sent, unit) {
        Some(quantity) => (Value::Quantity(quantity), sent.to_owned()),
        None => (Value::Text(Private::new(with_unit(sent, unit))), sent.to_owned()),
    }
}

fn with_unit(sent: &str, unit: &Unit<'_>) -> String {
    match &unit.0 {
        Some(unit) => format!("{sent} {unit}"),
        None => sent.to_owned(),
    }
}

fn quantity(sent: &str, unit: &Unit<'_>) -> Option<Quantity> {
    let (comparator, value) = certain(sent)?;
    let owned = |words: &Option<Cow<'_, str>>| words.as_deref().map(str::to_owned);
    Some(Quantity { comparator, value: Private::new(value), unit: owned(&unit.0), ucum: owned(&unit.1) })
}

/// A number without a comparator.
fn bare_number(sent: &str) -> Option<Decimal> {
    certain(sent).and_then(|(comparator, value)| comparator.is_none().then_some(value))
}

/// SN: comparator, number, separator or suffix, number.
fn structured(sent: Part<'_>, unit: &Unit<'_>, warnings: &mut Warnings) -> Read {
    let part = |n| sent.component(n).words().unwrap_or_default();
    let (sign, first, between, second) = (part(1), part(2), part(3), part(4));
    let raw = format!("{sign}{first}{between}{second}");
    if raw.is_empty() {
        return None;
    }
    let value = match (&*sign, &*between, second.is_empty()) {
        ("", "-", false) => match (quantity(&first, unit), quantity(&second, unit)) {
            (Some(low), Some(high)) => Some(Value::Range { low: Some(low), high: Some(high) }),
            _ => None,
        },
        (sign, ":" | "/", false) => titre(&format!("{sign}{first}:{second}")),
        ("" | "=", "", true) => quantity(&first, unit).map(Value::Quantity),
        (sign, "", true) => quantity(&format!("{sign}{first}"), unit).map(Value::Quantity),
        _ => None,
    };
    // `2+` is an answer in itself; anything else was meant to be a number.
    if value.is_none() && between != "+" {
        warnings.add(Warning::ValueKeptAsText);
    }
    Some((value.unwrap_or_else(|| Value::Text(Private::new(with_unit(&raw, unit)))), raw))
}

fn coded(sent: Part<'_>) -> Read {
    let answers: Vec<Coded<'_>> = sent.repetitions().map(Coded::of).collect();
    let words: Vec<&str> = answers.iter().filter_map(Coded::words_or_code).collect();
    let words = words.join("\n");
    let code = match answers.as_slice() {
        // Without words the code itself is what is shown.
        [one] if one.words().is_some() => one.first(),
        _ => None,
    };
    (!words.is_empty()).then(|| (Value::Coded { code, text: Private::new(words.clone()) }, words))
}

fn moment(sent: &str) -> (Value, String) {
    let words = Moment::parse(sent, None).words().unwrap_or_else(|| sent.to_owned());
    (Value::Text(Private::new(words)), sent.to_owned())
}

/// The longest range that is taken apart.
const LONGEST_RANGE: usize = 64;

/// The laboratory's range (OBX-7): `a-b`, `<b`, `>a`, else its words.
pub(super) fn ranges(part: Part<'_>, unit: Option<&str>) -> Vec<ReferenceRange> {
    let mut ranges = Vec::new();
    for words in part.repetitions().filter_map(|one| one.words()) {
        // Nearly always the only one: a vector makes room for four by itself.
        if ranges.is_empty() {
            ranges.reserve_exact(1);
        }
        ranges.push(range(&words, unit));
    }
    ranges
}

fn range(words: &str, unit: Option<&str>) -> ReferenceRange {
    let bare = unit.and_then(|unit| words.strip_suffix(unit)).unwrap_or(words).trim();
    let (low, high, text) = match limits(bare) {
        Some((low, high, exact)) => (low, high, (!exact).then(|| words.to_owned())),
        None => (None, None, Some(words.to_owned())),
    };
    ReferenceRange {
        low: low.map(Private::new),
        high: high.map(Private::new),
        unit: None,
        text,
        applies_to: None,
        kind: RangeKind::Normal,
    }
}

/// Low and high, and whether they say all that was sent.
fn limits(text: &str) -> Option<(Option<Decimal>, Option<Decimal>, bool)> {
    if text.len() > LONGEST_RANGE {
        return None;
    }
    if let Some(rest) = text.strip_prefix("bis ") {
        return Some((None, Some(bare_number(rest)?), false));
    }
    match certain(text) {
        Some((Some(Comparator::Less | Comparator::LessOrEqual), high)) => return Some((None, Some(high), false)),
        Some((Some(Comparator::Greater | Comparator::GreaterOrEqual), low)) => return Some((Some(low), None, false)),
        // A single number is no range.
        Some((None, _)) => return None,
        None => {}
    }
    let places = ["-", "–", " to ", " bis "].into_iter().flat_map(|sign| text.match_indices(sign));
    let mut split = places.filter_map(|(at, sign)| {
        let (low, high) = (text.get(..at)?, text.get(at + sign.len()..)?);
        Some((bare_number(low)?, bare_number(high)?))
    });
    split.next().map(|(low, high)| (Some(low), Some(high), true))
}

/// HL7 table 0078, what means the same as one of ours.
const FLAG_ALIASES: &[(&str, &str)] = &[("<", "L"), (">", "H")];

/// The laboratory's verdict, translated and as sent.
pub(super) fn flag(part: Part<'_>) -> (Option<Flag>, Option<String>) {
    let sent: Vec<Cow<'_, str>> = part.repetitions().filter_map(|one| one.component(1).words()).collect();
    let codes: Vec<&str> = sent
        .iter()
        .map(|code| FLAG_ALIASES.iter().find(|(alias, _)| alias == code).map_or(&**code, |(_, ours)| ours))
        .collect();
    (gravest(&codes), (!sent.is_empty()).then(|| sent.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hl7::segment::{Segments, Syntax};

    fn result(fields: &str) -> (Read, Vec<Warning>) {
        let syntax = Syntax::of("MSH|^~\\&|", encoding_rs::UTF_8).unwrap();
        let text = format!("OBX|1|{fields}");
        let mut warnings = Warnings::default();
        let all = Segments::of(&text, syntax, 1);
        let obx = all.all()[0];
        (read(&obx, &Coded::unit(obx.field(6).first()), &mut warnings), warnings.0)
    }

    fn shown(fields: &str) -> String {
        let number = |q: &Quantity| {
            let sign = q.comparator.map_or("", Comparator::as_str);
            format!("{sign}{} {}", q.value.reveal(), q.unit.as_deref().unwrap_or("-"))
        };
        match result(fields).0 {
            None => "nothing".into(),
            Some((Value::Quantity(q), _)) => number(&q),
            Some((Value::Range { low, high }, _)) => format!("{}..{}", number(&low.unwrap()), number(&high.unwrap())),
            Some((Value::Ratio { numerator, denominator }, _)) => {
                format!("{}:{}", number(&numerator), number(&denominator))
            }
            Some((Value::Text(words), _)) => format!("text {}", words.reveal()),
            Some((Value::Coded { code, text }, _)) => format!("{} {}", code.unwrap_or_default(), text.reveal()),
            Some((Value::Absent { .. }, _)) => "absent".into(),
        }
    }

    #[test]
    fn every_kind_of_value_is_read() {
        for (fields, expected) in [
            ("NM|K||5.10|mmol/l", "5.10 mmol/l"),
            ("NM|K||4,2|mmol/l^^UCUM", "4.2 mmol/l"),
            ("NM|K||<0.3|mg/l", "<0.3 mg/l"),
            ("NM|K||1,234|/ul", "text 1,234 /ul"),
            ("NM|K||+3", "3 -"),
            ("NM|K||60~120|/min", "text 60 120"),
            ("NM|K||5|10\\S\\9/l", "5 10^9/l"),
            ("NM|K||5|10^9/l", "5 10^9/l"),
            ("SN|K||<^0.3|mg/l", "<0.3 mg/l"),
            ("SN|K||^1^:^80", "1 -:80 -"),
            ("SN|K||^3^-^5|/GF", "3 /GF..5 /GF"),
            ("SN|K||^2^+", "text 2+"),
            ("SN|K||<>^3", "text <>3"),
            ("SN|K||>^1^:^80", ">1 -:80 -"),
            ("ST|K||<0.3|mg/l", "<0.3 mg/l"),
            ("ST|K||negativ|mg/l", "text negativ mg/l"),
            ("ST|K||1:80", "text 1:80"),
            ("TX|K||eins~~drei ^ vier", "text eins\n\ndrei ^ vier"),
            ("CWE|K||260385009^Negativ^SCT", "http://snomed.info/sct|260385009 Negativ"),
            ("CE|K||N^Negativ^L", "N Negativ"),
            ("CE|K||^Negativ", " Negativ"),
            ("CE|K||A^Eins^L~B^Zwei^L", " Eins\nZwei"),
            ("IS|K||pos", " pos"),
            ("TS|K||202611180755", "text 2026-11-18 07:55"),
            ("DT|K||20261118", "text 2026-11-18"),
            ("XPN|K||Ada^Muster", "text Ada Muster"),
            ("NM|K||\"\"", "nothing"),
            ("NM|K||", "nothing"),
        ] {
            assert_eq!(shown(fields).replace("text 60\n120", "text 60 120"), expected, "{fields}");
        }
        assert_eq!(result("NM|K||zwei").1, [Warning::ValueKeptAsText]);
        assert_eq!(result("SN|K||^2^+").1, []);
    }

    /// Found by the fuzzer: it had been a value of no words.
    #[test]
    fn delimiters_alone_are_no_value() {
        for fields in ["XY|A||^", "XY|A||^^~^", "SN|A||^^^"] {
            assert_eq!(shown(fields), "nothing", "{fields}");
        }
    }

    #[test]
    fn ranges_are_taken_apart_only_when_it_is_clear() {
        let of = |words: &str| {
            let range = range(words, Some("mg/dl"));
            let number = |limit: Option<Private<Decimal>>| limit.map(|d| d.reveal().to_string()).unwrap_or_default();
            (number(range.low), number(range.high), range.text.unwrap_or_default())
        };
        let is = |low: &str, high: &str, text: &str| (low.to_owned(), high.to_owned(), text.to_owned());
        assert_eq!(of("0.50-1.1"), is("0.50", "1.1", ""));
        assert_eq!(of("-2,0 - 2,0"), is("-2.0", "2.0", ""));
        assert_eq!(of("3.5 – 5.1 mg/dl"), is("3.5", "5.1", ""));
        assert_eq!(of("3.5 bis 5.1"), is("3.5", "5.1", ""));
        assert_eq!(of("<5"), is("", "5", "<5"));
        assert_eq!(of(">= 60"), is("60", "", ">= 60"));
        assert_eq!(of("m: 3-5, w: 2-4"), is("", "", "m: 3-5, w: 2-4"));
        assert_eq!(of("negativ"), is("", "", "negativ"));
        assert_eq!(of(&"-".repeat(70)).2.len(), 70);
    }

    #[test]
    fn the_gravest_flag_counts() {
        let of = |raw: &str| {
            let syntax = Syntax::of("MSH|^~\\&|", encoding_rs::UTF_8).unwrap();
            let text = format!("OBX|{raw}");
            flag(Segments::of(&text, syntax, 1).all()[0].field(1))
        };
        assert_eq!(of("H~HH^x"), (Some(Flag::CriticalHigh), Some("H, HH".into())));
        assert_eq!(of("<"), (Some(Flag::Low), Some("<".into())));
        assert_eq!(of("S"), (None, Some("S".into())));
        assert_eq!(of(""), (None, None));
    }
}
