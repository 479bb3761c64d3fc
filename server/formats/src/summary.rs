//! The claims in the squares on a printed summary: values of a finding, short enough to be photographed, as the installation
//! signs them. `docs/findings.md` says what each member means.

use std::io::Write as _;

use flate2::{Compression, write::DeflateEncoder};
use jiff::Timestamp;
use nahraum_domain::{
    disclosure::FindingRecord,
    observation::{Observation, Value},
};
use serde_json::{Value as Json, json};

use crate::export::put;

/// How long the packed claims of one square are at most, in bytes: with header and signature some 900 characters, which a phone
/// reads from a square of five and a half centimetres.
const PACKED: usize = 460;

/// How many characters of a text are kept.
const SHORT: usize = 60;

/// What is to be signed of a finding, a part for each square: packed by DEFLATE (RFC 1951), as `zip` in the header says. Nothing when it
/// has no values. The same input gives the same bytes.
#[must_use]
pub fn summary_claims(finding: &FindingRecord, issuer: &str, at: Timestamp) -> Vec<Vec<u8>> {
    let values: Vec<Json> = finding.observations.iter().map(value).collect();
    let mut parts: Vec<&[Json]> = Vec::new();
    let mut rest: &[Json] = &values;
    while !rest.is_empty() {
        let fits =
            |count: &usize| packed(finding, issuer, at, rest.get(..*count).unwrap_or(rest), 99, 99).len() <= PACKED;
        // One value is never too long: its texts are cut.
        let count = (2..=rest.len()).take_while(fits).last().unwrap_or(1);
        let (part, after) = rest.split_at_checked(count).unwrap_or((rest, &[]));
        parts.push(part);
        rest = after;
    }
    let squares = (1..).zip(&parts).map(|(number, part)| packed(finding, issuer, at, part, number, parts.len()));
    squares.collect()
}

fn packed(finding: &FindingRecord, issuer: &str, at: Timestamp, values: &[Json], part: usize, parts: usize) -> Vec<u8> {
    let summary = &finding.summary;
    let mut claims = json!({
        "iss": issuer,
        "iat": at.as_second(),
        "finding": summary.id.to_string(),
        "date": summary.date.to_string(),
        "practice": short(&summary.practice.name),
        "status": finding.report_status.as_str(),
        "values": values,
    });
    put(&mut claims, "title", summary.title.as_ref().map(|title| short(title.reveal())));
    put(&mut claims, "part", (parts > 1).then(|| json!([part, parts])));
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::best());
    let packed = packer.write_all(claims.to_string().as_bytes()).and_then(|()| packer.finish());
    packed.unwrap_or_default()
}

/// Name, result, unit, LOINC code and flag, as far as they are there; what is missing at the end is left out.
fn value(one: &Observation) -> Json {
    let (result, unit) = match &one.value {
        Value::Quantity(quantity) => {
            let sign = quantity.comparator.map_or("", |sign| sign.as_str());
            (format!("{sign}{}", quantity.value.reveal()), quantity.unit.as_ref().or(quantity.ucum.as_ref()))
        }
        Value::Absent { .. } => (String::from("-"), None),
        Value::Range { .. } | Value::Ratio { .. } | Value::Text(_) | Value::Coded { .. } => {
            (short(one.raw_text.reveal()), None)
        }
    };
    let (unit, loinc) = (unit.map_or("", String::as_str), one.loinc.as_deref().unwrap_or_default());
    let flag = one.flag.map_or("", |flag| flag.as_str());
    let mut row = vec![short(one.name.reveal()), result, short(unit), short(loinc), flag.to_owned()];
    while row.last().is_some_and(String::is_empty) {
        row.pop();
    }
    json!(row)
}

fn short(text: &str) -> String {
    if text.chars().count() > SHORT { text.chars().take(SHORT).chain(['…']).collect() } else { text.to_owned() }
}

#[cfg(test)]
mod tests;
