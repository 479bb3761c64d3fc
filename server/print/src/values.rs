//! Values as a reader sees them: in the sender's own words and digits.

use nahraum_domain::finding::{Observation, Quantity, ReferenceRange, Value};

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

/// A range in the sender's words, or by its limits.
pub(crate) fn range_words(range: &ReferenceRange) -> String {
    if let Some(text) = &range.text {
        return text.clone();
    }
    let unit = range.unit.as_ref().map_or_else(String::new, |unit| format!(" {unit}"));
    match (&range.low, &range.high) {
        (Some(low), Some(high)) => format!("{} – {}{unit}", low.reveal(), high.reveal()),
        (Some(low), None) => format!("≥ {}{unit}", low.reveal()),
        (None, Some(high)) => format!("≤ {}{unit}", high.reveal()),
        (None, None) => String::new(),
    }
}
