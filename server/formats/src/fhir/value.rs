//! `value[x]`, `referenceRange` and `interpretation` of FHIR observations.

use nahraum_domain::finding::{Comparator, Flag, Quantity, RangeKind, ReferenceRange, Value, Warning};
use nahraum_domain::private::Private;

use super::Warnings;
use super::lenient::List;
use super::model::{self, CodeableConcept, Measured, filled};
use crate::number::decimal;

/// The coding system of UCUM units.
pub(crate) const UCUM: &str = "http://unitsofmeasure.org";

/// A value and what the sender wrote for it.
pub(super) type Read = (Value, String);

/// The value of an observation or component, or why there is none. `None`: it says neither.
pub(super) fn read(measured: &Measured, warnings: &mut Warnings) -> Option<Read> {
    let value = numeric(measured, warnings).or_else(|| worded(measured));
    if value.is_none() && measured.value_sampled_data.is_some() {
        warnings.add(Warning::ValueKeptAsText);
        return Some((Value::Absent { reason: Some("unsupported".into()) }, String::new()));
    }
    value.or_else(|| measured.data_absent_reason.as_ref().map(absent))
}

fn numeric(measured: &Measured, warnings: &mut Warnings) -> Option<Read> {
    if let Some(sent) = &measured.value_quantity {
        return quantity_or_text(sent, warnings);
    }
    if let Some(sent) = &measured.value_integer {
        let bare = model::Quantity { value: Some(sent.clone()), ..model::Quantity::default() };
        return quantity_or_text(&bare, warnings);
    }
    if let Some(sent) = &measured.value_range {
        return range(sent, warnings);
    }
    measured.value_ratio.as_ref().and_then(|sent| ratio(sent, warnings))
}

fn worded(measured: &Measured) -> Option<Read> {
    if let Some(concept) = &measured.value_codeable_concept {
        let words = concept.words_or_code()?.to_owned();
        let code = concept.coding.iter().find_map(model::Coding::token);
        return Some((Value::Coded { code, text: Private::new(words.clone()) }, words));
    }
    if let Some(yes) = measured.value_boolean {
        // FHIR has no words for it; reports in German laboratories say ja and nein.
        let (raw, words) = if yes { ("true", "ja") } else { ("false", "nein") };
        return Some((Value::Text(Private::new(words.into())), raw.into()));
    }
    let period = measured.value_period.as_ref().map(|p| {
        let ends = [p.start.as_deref(), p.end.as_deref()];
        ends.map(|end| end.unwrap_or("…")).join(" – ")
    });
    let texts = [&measured.value_string, &measured.value_date_time, &measured.value_time, &period];
    let words = texts.into_iter().find_map(|text| filled(text.as_deref()))?.to_owned();
    Some((Value::Text(Private::new(words.clone())), words))
}

fn absent(reason: &CodeableConcept) -> Read {
    let code = reason.coding.iter().find_map(|c| filled(c.code.as_deref())).or_else(|| reason.words());
    (Value::Absent { reason: code.map(str::to_owned) }, reason.words_or_code().unwrap_or_default().to_owned())
}

fn quantity_or_text(sent: &model::Quantity, warnings: &mut Warnings) -> Option<Read> {
    let raw = raw(sent)?;
    if let Some(quantity) = quantity(sent) {
        return Some((Value::Quantity(quantity), raw));
    }
    warnings.add(Warning::ValueKeptAsText);
    Some((Value::Text(Private::new(with_unit(sent, &raw))), raw))
}

fn range(sent: &model::Range, warnings: &mut Warnings) -> Option<Read> {
    let ends = [sent.low.as_ref(), sent.high.as_ref()];
    let raws = ends.map(|end| end.and_then(raw));
    if raws.iter().all(Option::is_none) {
        return None;
    }
    let raw = raws.each_ref().map(|r| r.as_deref().unwrap_or("…")).join(" – ");
    let [low, high] = ends.map(|end| end.and_then(quantity));
    let complete = (low.is_some() == raws.first().is_some_and(Option::is_some))
        && (high.is_some() == raws.last().is_some_and(Option::is_some));
    if complete {
        return Some((Value::Range { low, high }, raw));
    }
    warnings.add(Warning::ValueKeptAsText);
    Some((Value::Text(Private::new(raw.clone())), raw))
}

fn ratio(sent: &model::Ratio, warnings: &mut Warnings) -> Option<Read> {
    let (numerator, denominator) = (sent.numerator.as_ref()?, sent.denominator.as_ref()?);
    let words = format!("{}:{}", raw(numerator)?, raw(denominator)?);
    if let (Some(numerator), Some(denominator)) = (quantity(numerator), quantity(denominator)) {
        return Some((Value::Ratio { numerator, denominator }, words));
    }
    warnings.add(Warning::ValueKeptAsText);
    Some((Value::Text(Private::new(words.clone())), words))
}

/// Comparator and number as sent.
fn raw(sent: &model::Quantity) -> Option<String> {
    let number = sent.value.as_ref().map(|v| v.0.trim()).filter(|v| !v.is_empty())?;
    Some(format!("{}{number}", sent.comparator.as_deref().unwrap_or_default()))
}

fn with_unit(sent: &model::Quantity, raw: &str) -> String {
    match unit(sent) {
        Some(unit) => format!("{raw} {unit}"),
        None => raw.to_owned(),
    }
}

/// The unit in words, or a code that is not UCUM.
fn unit(sent: &model::Quantity) -> Option<&str> {
    let foreign_code = || sent.code.as_deref().filter(|_| filled(sent.system.as_deref()) != Some(UCUM));
    filled(sent.unit.as_deref()).or_else(|| filled(foreign_code()))
}

fn quantity(sent: &model::Quantity) -> Option<Quantity> {
    let comparator = match sent.comparator.as_deref() {
        None => None,
        Some(sign) => Some(Comparator::parse(sign)?),
    };
    let ucum = filled(sent.code.as_deref()).filter(|_| filled(sent.system.as_deref()) == Some(UCUM));
    Some(Quantity {
        comparator,
        value: Private::new(decimal(&sent.value.as_ref()?.0)?),
        unit: unit(sent).map(str::to_owned),
        ucum: ucum.map(str::to_owned),
    })
}

/// The reference ranges of an observation.
pub(super) fn reference_ranges(sent: &List<model::ReferenceRange>) -> Vec<ReferenceRange> {
    sent.iter().filter_map(reference_range).collect()
}

fn reference_range(sent: &model::ReferenceRange) -> Option<ReferenceRange> {
    let limits = [sent.low.as_ref(), sent.high.as_ref()];
    let [low, high] = limits.map(|l| l.and_then(|q| decimal(&q.value.as_ref()?.0)));
    let unit = limits.into_iter().flatten().find_map(|q| unit(q).or_else(|| filled(q.code.as_deref())));
    let kind = range_kind(sent.r#type.as_ref());
    let mut text = filled(sent.text.as_deref()).map(str::to_owned);
    if text.is_none() && kind == RangeKind::Other {
        text = sent.r#type.as_ref().and_then(CodeableConcept::words_or_code).map(str::to_owned);
    }
    if text.is_none() && low.is_none() && high.is_none() {
        // Limits that are no decimals are still the laboratory's words.
        let raws: Vec<String> = limits.into_iter().flatten().filter_map(|q| Some(with_unit(q, &raw(q)?))).collect();
        text = (!raws.is_empty()).then(|| raws.join(" – "));
    }
    let has_limit = low.is_some() || high.is_some();
    (text.is_some() || has_limit).then(|| ReferenceRange {
        low: low.map(Private::new),
        high: high.map(Private::new),
        unit: unit.filter(|_| has_limit).map(str::to_owned),
        text,
        applies_to: applies_to(sent),
        kind,
    })
}

/// HL7 `referencerange-meaning`.
fn range_kind(kind: Option<&CodeableConcept>) -> RangeKind {
    let code = kind.and_then(|k| k.coding.iter().find_map(|c| filled(c.code.as_deref())));
    match (code, kind.and_then(CodeableConcept::words)) {
        (Some("normal") | None, None) | (Some("normal"), Some(_)) => RangeKind::Normal,
        (Some("treatment" | "therapeutic"), _) => RangeKind::Therapeutic,
        (Some(_), _) | (None, Some(_)) => RangeKind::Other,
    }
}

fn applies_to(sent: &model::ReferenceRange) -> Option<String> {
    let groups = sent.applies_to.iter().filter_map(CodeableConcept::words_or_code).map(str::to_owned);
    let age = sent.age.as_ref().and_then(|age| {
        let [low, high] = [age.low.as_ref(), age.high.as_ref()].map(|q| q.and_then(|q| Some(with_unit(q, &raw(q)?))));
        match (low, high) {
            (Some(low), Some(high)) => Some(format!("{low} – {high}")),
            (Some(low), None) => Some(format!("≥ {low}")),
            (None, Some(high)) => Some(format!("≤ {high}")),
            (None, None) => None,
        }
    });
    let parts: Vec<String> = groups.chain(age).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Codes of HL7 tables that mean the same as one of [`Flag`]'s: HL7 v2 table 0078 and withdrawn v3 codes.
const FLAG_ALIASES: &[(&str, Flag)] = &[
    ("H>", Flag::SignificantlyHigh),
    ("L<", Flag::SignificantlyLow),
    ("HX", Flag::High),
    ("LX", Flag::Low),
    ("HM", Flag::CriticalHigh),
    ("LM", Flag::CriticalLow),
];

/// The laboratory's verdict, translated and as sent. Of several verdicts the gravest counts.
pub(super) fn flag(interpretation: &List<CodeableConcept>) -> (Option<Flag>, Option<String>) {
    let codes = interpretation.iter().flat_map(|c| c.coding.iter()).filter_map(|c| filled(c.code.as_deref()));
    let mut sent: Vec<&str> = codes.collect();
    if sent.is_empty() {
        sent = interpretation.iter().filter_map(CodeableConcept::words).collect();
    }
    sent.dedup();
    (gravest(&sent), (!sent.is_empty()).then(|| sent.join(", ")))
}

/// Of several codes the gravest, as HL7 means them.
pub(crate) fn gravest(codes: &[&str]) -> Option<Flag> {
    let known = |code: &&str| {
        Flag::parse(code).or_else(|| FLAG_ALIASES.iter().find(|(alias, _)| alias == code).map(|(_, flag)| *flag))
    };
    Flag::gravest(codes.iter().filter_map(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(json: &str) -> (Option<Read>, Vec<Warning>) {
        let mut warnings = Warnings::default();
        let read = read(&serde_json::from_str(json).unwrap(), &mut warnings);
        (read, warnings.0)
    }

    #[test]
    fn every_kind_of_value_is_read() {
        let raw = |json| measured(json).0.map(|(_, raw)| raw);
        assert_eq!(raw(r#"{"valueQuantity":{"value":5.10,"comparator":"<"}}"#).as_deref(), Some("<5.10"));
        assert_eq!(
            raw(r#"{"valueRatio":{"numerator":{"value":1},"denominator":{"value":128}}}"#).as_deref(),
            Some("1:128")
        );
        assert_eq!(raw(r#"{"valueRange":{"low":{"value":3},"high":{"value":5}}}"#).as_deref(), Some("3 – 5"));
        assert_eq!(raw(r#"{"valueRange":{"low":{"value":3}}}"#).as_deref(), Some("3 – …"));
        assert_eq!(raw(r#"{"valueInteger":3}"#).as_deref(), Some("3"));
        assert_eq!(raw(r#"{"valueBoolean":true}"#).as_deref(), Some("true"));
        assert_eq!(raw(r#"{"valueDateTime":"2026-01-01"}"#).as_deref(), Some("2026-01-01"));
        assert_eq!(raw(r#"{"valueString":"negativ"}"#).as_deref(), Some("negativ"));
        assert_eq!(raw(r#"{"valueCodeableConcept":{"coding":[{"code":"260385009"}]}}"#).as_deref(), Some("260385009"));
        assert_eq!(raw("{}"), None);
        let (absent, _) = measured(r#"{"dataAbsentReason":{"coding":[{"code":"not-performed"}]}}"#);
        assert_eq!(absent.map(|a| a.0), Some(Value::Absent { reason: Some("not-performed".into()) }));
    }

    #[test]
    fn what_is_no_decimal_stays_text() {
        let (read, warnings) = measured(r#"{"valueQuantity":{"value":1e40,"unit":"KbE/ml"}}"#);
        let Some((Value::Text(text), raw)) = read else { panic!("text expected") };
        assert_eq!((text.reveal().as_str(), raw.as_str()), ("1e+40 KbE/ml", "1e+40"));
        assert_eq!(warnings, [Warning::ValueKeptAsText]);
        let (read, _) = measured(r#"{"valueQuantity":{"value":5,"comparator":"ad"}}"#);
        assert!(matches!(read, Some((Value::Text(_), _))), "an unknown comparator must not vanish");
    }

    #[test]
    fn the_gravest_flag_counts() {
        let of = |json| flag(&serde_json::from_str(json).unwrap());
        assert_eq!(of(r#"[{"coding":[{"code":"N"}]},{"coding":[{"code":"HH"}]}]"#).0, Some(Flag::CriticalHigh));
        assert_eq!(of(r#"[{"coding":[{"code":"POS"}]}]"#), (None, Some("POS".into())));
        assert_eq!(of(r#"[{"text":"H"}]"#), (Some(Flag::High), Some("H".into())));
        assert_eq!(of("[]"), (None, None));
    }
}
