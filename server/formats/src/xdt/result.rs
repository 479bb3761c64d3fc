//! One result as a file tells it, whatever kind of xDT the file is, and the rows it gives.

use jiff::Timestamp;
use jiff::civil::Date;
use nahraum_domain::finding::{Flag, Observation, Quantity, RangeKind, ReferenceRange, Value, Warning};
use nahraum_domain::private::Private;

use super::verdict::{self, Stage};
use crate::fhir::NAMELESS;
use crate::number::{titre, written};
use crate::read::Warnings;

/// The name of the row for what a laboratory says about a report as a whole.
pub(super) const REMARKS: &str = "Hinweise des Labors";

/// What the fields of one result say.
#[derive(Default, Clone)]
pub(super) struct Told {
    pub(super) code: Option<String>,
    pub(super) loinc: Option<String>,
    pub(super) name: Option<String>,
    pub(super) group: Option<String>,
    pub(super) stage: Option<Stage>,
    pub(super) values: Vec<Sent>,
    /// Whether the file says that its values are words.
    pub(super) in_words: bool,
    pub(super) ranges: Vec<Limits>,
    pub(super) flags: Vec<String>,
    /// Whether the laboratory calls it a danger to life.
    pub(super) grave: bool,
    /// Lines of a result in words.
    pub(super) text: Vec<String>,
    pub(super) comment: Vec<String>,
    pub(super) date: Option<Date>,
    pub(super) at: Option<Timestamp>,
    pub(super) method: Option<String>,
    pub(super) specimen: Option<String>,
}

/// A value as sent.
#[derive(Clone)]
pub(super) struct Sent {
    pub(super) raw: String,
    pub(super) unit: Option<String>,
}

/// A range as sent.
#[derive(Default, Clone)]
pub(super) struct Limits {
    pub(super) low: Option<String>,
    pub(super) high: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) text: Vec<String>,
    /// Whether it is no range of healthy people but limits at which the laboratory calls.
    pub(super) alarm: bool,
}

impl Told {
    /// A result in words only.
    pub(super) fn words(name: &str, text: Vec<String>) -> Self {
        Self { name: Some(name.to_owned()), text, ..Self::default() }
    }

    /// Whether there is anything in it to show.
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.text.is_empty() && self.stage.is_none() && self.comment.is_empty()
    }

    /// Adds its rows: one, or one for each of several values. `preliminary`: what holds for results without a stage of
    /// their own.
    pub(super) fn add_rows(mut self, preliminary: bool, rows: &mut Vec<Observation>, warnings: &mut Warnings) {
        let assumed = if preliminary { Stage::Preliminary } else { Stage::Final };
        let stage = self.stage.unwrap_or(assumed);
        if stage == Stage::Unknown {
            warnings.add(Warning::CodeUnknown);
        }
        let text = block(&self.text);
        let (flag, flag_raw) = self.verdict(warnings);
        let mut values = self.values.into_iter().map(|sent| sent.value(self.in_words, stage));
        let (value, raw) = match (values.next(), text) {
            (None, Some(text)) if !stage.is_void() => (Value::Text(Private::new(text.clone())), text),
            (first, text) => {
                self.comment.splice(..0, text);
                first.unwrap_or_else(|| (void(stage), String::new()))
            }
        };
        let name = self.name.or_else(|| self.code.clone()).or_else(|| self.loinc.clone());
        let mut ranges = Vec::with_capacity(self.ranges.len());
        ranges.extend(self.ranges.iter().filter_map(Limits::range));
        let first = Observation {
            local_code: self.code,
            loinc: self.loinc,
            name: Private::new(name.unwrap_or_else(|| NAMELESS.to_owned())),
            group: self.group,
            status: stage.as_str().to_owned(),
            value,
            raw_text: Private::new(raw),
            flag,
            flag_raw,
            ranges,
            effective_at: self.at,
            effective_date: self.date,
            method: self.method,
            specimen: self.specimen,
            comment: block(&self.comment).map(Private::new),
        };
        let of_value = |(value, raw)| Observation { value, raw_text: Private::new(raw), ..first.clone() };
        let further: Vec<Observation> = values.map(of_value).collect();
        rows.push(first);
        rows.extend(further);
    }

    /// Of several verdicts the gravest counts.
    fn verdict(&mut self, warnings: &mut Warnings) -> (Option<Flag>, Option<String>) {
        self.flags.retain(|sent| !sent.is_empty());
        let flags = self.flags.iter().map(|sent| verdict::flag(sent));
        if flags.clone().any(|flag| flag.is_none()) {
            warnings.add(Warning::CodeUnknown);
        }
        let gravest = Flag::gravest(flags.flatten());
        let flag = if self.grave { Some(verdict::grave(gravest)) } else { gravest };
        (flag, (!self.flags.is_empty()).then(|| self.flags.join(", ")))
    }
}

fn void(stage: Stage) -> Value {
    Value::Absent { reason: stage.absent().map(str::to_owned) }
}

/// Several lines as one text, if it says anything.
pub(super) fn block(lines: &[String]) -> Option<String> {
    let text = lines.join("\n");
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

impl Sent {
    /// The value, and what was sent for it.
    fn value(self, in_words: bool, stage: Stage) -> (Value, String) {
        let Self { raw, unit } = self;
        if stage.is_void() || raw.is_empty() {
            return (void(stage), raw);
        }
        let value = match written(&raw).filter(|_| !in_words) {
            Some(number) => Value::Quantity(Quantity {
                comparator: number.comparator,
                value: Private::new(number.value),
                unit,
                ucum: None,
            }),
            None => titre(&raw).unwrap_or_else(|| {
                // "negativ mg/l" helps nobody, "2-4 mg/l" does.
                let unit = unit.filter(|_| raw.contains(|c: char| c.is_ascii_digit()));
                let words = unit.map_or_else(|| raw.clone(), |unit| format!("{raw} {unit}"));
                Value::Text(Private::new(words))
            }),
        };
        (value, raw)
    }
}

impl Limits {
    fn range(&self) -> Option<ReferenceRange> {
        let number =
            |text: &Option<String>| written(text.as_deref()?).filter(|n| n.comparator.is_none()).map(|n| n.value);
        let (low, high) = (number(&self.low), number(&self.high));
        let mut text = block(&self.text);
        // A limit that is no number is still the laboratory's words.
        if low.is_some() != self.low.is_some() || high.is_some() != self.high.is_some() {
            let sent: Vec<&str> = [&self.low, &self.high].into_iter().flatten().map(String::as_str).collect();
            let limits = sent.join(" – ");
            text = Some(text.map_or_else(|| limits.clone(), |text| format!("{limits}\n{text}")));
        }
        if self.alarm && text.is_none() {
            text = Some("Alarmgrenze".to_owned());
        }
        let has_limit = low.is_some() || high.is_some();
        (has_limit || text.is_some()).then(|| ReferenceRange {
            low: low.map(Private::new),
            high: high.map(Private::new),
            unit: self.unit.clone().filter(|_| has_limit),
            text,
            applies_to: None,
            kind: if self.alarm { RangeKind::Other } else { RangeKind::Normal },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(raw: &str, unit: &str) -> Sent {
        Sent { raw: raw.into(), unit: (!unit.is_empty()).then(|| unit.into()) }
    }

    fn rows(told: Told) -> (Vec<Observation>, Vec<Warning>) {
        let mut warnings = Warnings::default();
        let mut rows = Vec::new();
        told.add_rows(false, &mut rows, &mut warnings);
        (rows, warnings.0)
    }

    #[test]
    fn every_value_of_a_result_is_a_row() {
        let values = vec![sent("5,10", "mg/l"), sent("1:80", ""), sent("negativ", "mg/l"), sent("2-4", "/µl")];
        let (rows, _) = rows(Told { values, code: Some("X".into()), ..Told::default() });
        let [number, titre, words, span] = rows.as_slice() else { panic!("four rows") };
        let Value::Quantity(quantity) = &number.value else { panic!("a quantity") };
        assert_eq!((quantity.value.reveal().to_string(), number.raw_text.reveal().as_str()), ("5.10".into(), "5,10"));
        assert!(matches!(titre.value, Value::Ratio { .. }));
        assert_eq!(words.value, Value::Text(Private::new("negativ".into())));
        assert_eq!(span.value, Value::Text(Private::new("2-4 /µl".into())));
        assert!(rows.iter().all(|row| row.name.reveal() == "X" && row.status == "final"));
        let in_words = Told { values: vec![sent("1", "")], in_words: true, ..Told::default() };
        assert!(matches!(super::tests::rows(in_words).0[0].value, Value::Text(_)));
    }

    #[test]
    fn what_counts_no_more_is_not_shown_as_a_value() {
        for (stage, reason) in [(Stage::Cancelled, None), (Stage::Missing, Some("not-performed".to_owned()))] {
            let told = Told { stage: Some(stage), values: vec![sent("7.9", "mmol/l")], ..Told::default() };
            let (rows, _) = rows(told);
            assert_eq!(rows[0].value, Value::Absent { reason });
            assert_eq!((rows[0].status.as_str(), rows[0].raw_text.reveal().as_str()), ("cancelled", "7.9"));
        }
        let told = Told { stage: Some(Stage::Missing), text: vec!["Material fehlt".into()], ..Told::default() };
        assert_eq!(rows(told).0[0].comment, Some(Private::new("Material fehlt".into())));
    }

    #[test]
    fn words_beside_a_value_are_its_comment() {
        let told = Told {
            values: vec![sent("1", "")],
            text: vec!["erste".into(), "zweite".into()],
            comment: vec!["dritte".into()],
            ..Told::default()
        };
        assert_eq!(rows(told).0[0].comment, Some(Private::new("erste\nzweite\ndritte".into())));
    }

    #[test]
    fn limits_that_are_no_numbers_stay_words() {
        let of = |low: &str, high: &str, text: &[&str]| {
            let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            let text = text.iter().map(|line| (*line).to_owned()).collect();
            let range = Limits { low: some(low), high: some(high), text, ..Limits::default() }.range();
            range.map(|r| (r.low.map(|d| d.reveal().to_string()), r.high.map(|d| d.reveal().to_string()), r.text))
        };
        assert_eq!(of("0,4", "4.0", &[]), Some((Some("0.4".into()), Some("4.0".into()), None)));
        assert_eq!(of("", "<5", &[]), Some((None, None, Some("<5".into()))));
        assert_eq!(of("", "", &["Männer", "bis 5"]), Some((None, None, Some("Männer\nbis 5".into()))));
        assert_eq!(of("", "", &[]), None);
    }

    #[test]
    fn the_gravest_verdict_counts_and_a_danger_to_life_is_critical() {
        let told = |flags: &[&str], grave| {
            let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
            let (rows, warnings) = rows(Told { flags, grave, values: vec![sent("1", "")], ..Told::default() });
            (rows[0].flag, rows[0].flag_raw.clone(), warnings)
        };
        assert_eq!(told(&["N", "!H"], false), (Some(Flag::CriticalHigh), Some("N, !H".into()), vec![]));
        assert_eq!(told(&["L"], true).0, Some(Flag::CriticalLow));
        assert_eq!(told(&["*"], false), (None, Some("*".into()), vec![Warning::CodeUnknown]));
        assert_eq!(told(&[], false), (None, None, vec![]));
    }
}
