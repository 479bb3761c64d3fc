//! Values and moments as a reader sees them: values in the sender's own words and digits, moments in those of the reader.

use jiff::civil::DateTime;
use nahraum_domain::finding::{Observation, Quantity, ReferenceRange, Value};
use nahraum_texts::{Language, fill, localize_digits, log_sheet_texts, long_date};

/// Numbers with their unit; words as they were written.
pub(crate) fn result(one: &Observation) -> String {
    let side = |side: &Option<Quantity>| side.as_ref().map_or_else(String::new, amount);
    match &one.value {
        Value::Quantity(quantity) => amount(quantity),
        Value::Range { low, high } => format!("{} – {}", side(low), side(high)),
        Value::Ratio { numerator, denominator } => format!("{} : {}", amount(numerator), amount(denominator)),
        Value::Text(_) | Value::Coded { .. } => one.raw_text.reveal().clone(),
        Value::Absent { .. } => String::from("–"),
    }
}

fn amount(quantity: &Quantity) -> String {
    let sign = quantity.comparator.map_or_else(String::new, |sign| format!("{} ", sign.as_str()));
    let unit = quantity.unit.as_ref().or(quantity.ucum.as_ref());
    let unit = unit.map_or_else(String::new, |unit| format!(" {unit}"));
    format!("{sign}{}{unit}", quantity.value.reveal())
}

/// A range in the sender's words, or by its limits. A unit that the value has, in words or as a code, is not said again.
pub(crate) fn range_words(range: &ReferenceRange, value: &Value) -> String {
    if let Some(text) = &range.text {
        return text.clone();
    }
    let of_value =
        if let Value::Quantity(quantity) = value { [&quantity.unit, &quantity.ucum] } else { [&None, &None] };
    let unit = range.unit.as_ref().filter(|_| !of_value.contains(&&range.unit));
    let unit = unit.map_or_else(String::new, |unit| format!(" {unit}"));
    match (&range.low, &range.high) {
        (Some(low), Some(high)) => format!("{} – {}{unit}", low.reveal(), high.reveal()),
        (Some(low), None) => format!("≥ {}{unit}", low.reveal()),
        (None, Some(high)) => format!("≤ {}{unit}", high.reveal()),
        (None, None) => String::new(),
    }
}

/// `09:30`, in the digits of the language.
pub(crate) fn clock(language: Language, at: DateTime) -> String {
    localize_digits(language, &at.strftime("%H:%M").to_string())
}

/// When something was made, as a sentence.
pub(crate) fn made(language: Language, as_of: DateTime) -> String {
    let (date, time) = (long_date(language, as_of.date()), clock(language, as_of));
    fill(&log_sheet_texts(language).as_of, &[("date", &date), ("time", &time)])
}

#[cfg(test)]
mod tests {
    use nahraum_domain::{finding::Quantity, finding::RangeKind, private::Private};

    use super::*;

    #[test]
    fn a_range_says_its_unit_only_where_the_value_has_another() {
        let number = |text: &str| Private::new(text.parse().unwrap());
        let value = Value::Quantity(Quantity {
            comparator: None,
            value: number("4.4"),
            unit: Some("mmol/l".into()),
            ucum: Some("mmol/L".into()),
        });
        let range = |unit: Option<&str>| ReferenceRange {
            low: Some(number("3.5")),
            high: None,
            unit: unit.map(str::to_owned),
            text: None,
            applies_to: None,
            kind: RangeKind::Normal,
        };
        for (unit, words) in
            [(None, "≥ 3.5"), (Some("mmol/l"), "≥ 3.5"), (Some("mmol/L"), "≥ 3.5"), (Some("mg/dl"), "≥ 3.5 mg/dl")]
        {
            assert_eq!(range_words(&range(unit), &value), words);
        }
        let words = Value::Text(Private::new("viel".into()));
        assert_eq!(range_words(&range(Some("mmol/l")), &words), "≥ 3.5 mmol/l");
    }
}
