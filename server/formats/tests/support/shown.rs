//! A value in a line.

use nahraum_domain::finding::{Comparator, Observation, Value};

/// A value as one would read it.
pub(crate) fn shown(row: &Observation) -> String {
    match &row.value {
        Value::Quantity(quantity) => format!(
            "{}{} {}",
            quantity.comparator.map_or("", Comparator::as_str),
            quantity.value.reveal(),
            quantity.unit.as_deref().unwrap_or("-")
        ),
        Value::Ratio { numerator, denominator } => {
            format!("{}:{}", numerator.value.reveal(), denominator.value.reveal())
        }
        Value::Text(text) | Value::Coded { text, .. } => text.reveal().clone(),
        Value::Range { .. } => "range".into(),
        Value::Absent { reason } => format!("absent {}", reason.as_deref().unwrap_or("-")),
    }
}
