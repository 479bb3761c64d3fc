//! What a person wants to know of values: where they stand in the laboratory's own range, which of them stand out, what
//! has changed between two versions, and where a line over time must end.
//!
//! Nothing here judges. A value has a place only if the laboratory gave a flag or one range; a flag counts before arithmetic.

use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::{
    disclosure::TrendRecord,
    observation::{Comparator, Flag, Observation, Quantity, RangeKind, ReferenceRange, Value},
};

/// Where a value stands in the laboratory's own range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RangePlace {
    /// Within.
    Within,
    /// Above.
    Above,
    /// Below.
    Below,
    /// Not within, and the laboratory names no direction.
    Outside,
    /// Far above, as the laboratory says.
    ClearlyAbove,
    /// Far below, as the laboratory says.
    ClearlyBelow,
}

impl RangePlace {
    /// Every place.
    pub const ALL: [Self; 6] =
        [Self::Within, Self::Above, Self::Below, Self::Outside, Self::ClearlyAbove, Self::ClearlyBelow];

    /// A stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Within => "within",
            Self::Above => "above",
            Self::Below => "below",
            Self::Outside => "outside",
            Self::ClearlyAbove => "clearly-above",
            Self::ClearlyBelow => "clearly-below",
        }
    }

    const fn of_flag(flag: Flag) -> Self {
        match flag {
            Flag::Normal => Self::Within,
            Flag::High => Self::Above,
            Flag::Low => Self::Below,
            Flag::SignificantlyHigh | Flag::CriticalHigh => Self::ClearlyAbove,
            Flag::SignificantlyLow | Flag::CriticalLow => Self::ClearlyBelow,
            Flag::Abnormal | Flag::CriticalAbnormal => Self::Outside,
        }
    }
}

/// The place of a value: the laboratory's flag, else arithmetic with the one usual range it gave. None where it gave
/// neither, where several ranges could be meant, or where the value is not there, open or taken back.
#[must_use]
pub fn place(observation: &Observation) -> Option<RangePlace> {
    let counts = matches!(observation.status.as_str(), "final" | "amended" | "corrected" | "preliminary");
    if !counts || matches!(observation.value, Value::Absent { .. }) {
        return None;
    }
    if let Some(flag) = observation.flag {
        return Some(RangePlace::of_flag(flag));
    }
    let Value::Quantity(quantity) = &observation.value else { return None };
    against(quantity, usual_range(observation)?)
}

/// The range that most healthy people are in. None where the laboratory gave several: for whom each is, it alone knows.
#[must_use]
pub fn usual_range(observation: &Observation) -> Option<&ReferenceRange> {
    let mut usual = observation.ranges.iter().filter(|range| range.kind == RangeKind::Normal);
    let first = usual.next();
    first.filter(|_| usual.next().is_none())
}

/// Arithmetic with a range: a statement only where every number that the value can stand for has the same place.
fn against(quantity: &Quantity, range: &ReferenceRange) -> Option<RangePlace> {
    let same_unit = range.unit.is_none() || range.unit == quantity.unit || range.unit == quantity.ucum;
    let (low, high) = (range.low.as_ref().map(|n| *n.reveal()), range.high.as_ref().map(|n| *n.reveal()));
    if !same_unit || (low.is_none() && high.is_none()) || low.zip(high).is_some_and(|(low, high)| high < low) {
        return None;
    }
    let number = *quantity.value.reveal();
    if is_on_an_open_end(number, range) {
        return None;
    }
    let (under, over) = (|n: Decimal| low.is_some_and(|low| n < low), |n: Decimal| high.is_some_and(|high| high < n));
    match quantity.comparator {
        None if under(number) => Some(RangePlace::Below),
        None if over(number) => Some(RangePlace::Above),
        None => Some(RangePlace::Within),
        Some(Comparator::Less) if under(number) || low == Some(number) => Some(RangePlace::Below),
        Some(Comparator::LessOrEqual) if under(number) => Some(RangePlace::Below),
        Some(Comparator::Less | Comparator::LessOrEqual) => {
            (low.is_none() && !over(number)).then_some(RangePlace::Within)
        }
        Some(Comparator::Greater) if over(number) || high == Some(number) => Some(RangePlace::Above),
        Some(Comparator::GreaterOrEqual) if over(number) => Some(RangePlace::Above),
        Some(Comparator::Greater | Comparator::GreaterOrEqual) => {
            (high.is_none() && !under(number)).then_some(RangePlace::Within)
        }
    }
}

/// Whether a number is the end of a range that its words write as `< 5` or `> 5`: whether it is still within, nobody says.
fn is_on_an_open_end(number: Decimal, range: &ReferenceRange) -> bool {
    let words = range.text.as_deref().unwrap_or_default().trim_start();
    let open = |sign: char| words.strip_prefix(sign).is_some_and(|rest| !rest.starts_with('='));
    let is = |end: &Option<crate::private::Private<Decimal>>| end.as_ref().is_some_and(|end| *end.reveal() == number);
    (open('<') && is(&range.high)) || (open('>') && is(&range.low))
}

/// The positions of those values that stand out: what the laboratory calls critical, then what is far off, then the rest;
/// among equals in the report's order.
#[must_use]
pub fn stands_out(observations: &[Observation]) -> Vec<u32> {
    let weight = |(position, observation): (u32, &Observation)| {
        let place = place(observation).filter(|place| *place != RangePlace::Within)?;
        let critical = observation.flag.is_some_and(Flag::is_critical);
        let far = matches!(place, RangePlace::ClearlyAbove | RangePlace::ClearlyBelow);
        Some((!critical, !far, position))
    };
    let mut found: Vec<_> = (0..).zip(observations).filter_map(weight).collect();
    found.sort_unstable();
    found.into_iter().map(|(.., position)| position).collect()
}

/// What became of a value from one version to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// It was not there.
    Added,
    /// It is not there any more.
    Removed,
    /// It says something else.
    Changed,
    /// It says the same and is settled otherwise, e.g. final where it was preliminary.
    Status,
}

impl Difference {
    /// A stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Status => "status",
        }
    }
}

/// A value that differs between two versions.
#[derive(Debug, Clone)]
pub struct Change {
    /// How.
    pub difference: Difference,
    /// Its place in the older version, counted from 0, and what it said there.
    pub before: Option<(u32, Observation)>,
    /// Its place in the newer version, counted from 0, and what it says there.
    pub after: Option<(u32, Observation)>,
}

/// What differs from one version to the next: in the newer one's order, then what is gone. A value is the same one by its
/// code and specimen (without a code by its name); where that occurs more than once, the first belongs to the first.
#[must_use]
pub fn changes(before: Vec<Observation>, after: Vec<Observation>) -> Vec<Change> {
    let mut older: HashMap<(String, usize), (u32, Observation)> = HashMap::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (position, observation) in (0..).zip(before) {
        older.insert(numbered(&mut seen, &observation), (position, observation));
    }
    seen.clear();
    let mut changes = Vec::new();
    for (position, observation) in (0..).zip(after) {
        let before = older.remove(&numbered(&mut seen, &observation));
        let difference = match &before {
            None => Difference::Added,
            Some((_, old)) if !says_the_same(old, &observation) => Difference::Changed,
            Some((_, old)) if old.status != observation.status => Difference::Status,
            Some(_) => continue,
        };
        changes.push(Change { difference, before, after: Some((position, observation)) });
    }
    let mut gone: Vec<_> = older.into_values().collect();
    gone.sort_unstable_by_key(|(position, _)| *position);
    let gone = gone.into_iter().map(|old| Change { difference: Difference::Removed, before: Some(old), after: None });
    changes.extend(gone);
    changes
}

fn numbered(seen: &mut HashMap<String, usize>, observation: &Observation) -> (String, usize) {
    let code = observation.loinc.as_deref().or(observation.local_code.as_deref());
    let what = code.unwrap_or_else(|| observation.name.reveal());
    let name = format!("{what}\n{}", observation.specimen.as_deref().unwrap_or_default());
    let count = seen.entry(name.clone()).or_default();
    *count += 1;
    (name, *count)
}

fn says_the_same(a: &Observation, b: &Observation) -> bool {
    (&a.value, a.flag, &a.ranges, &a.comment) == (&b.value, b.flag, &b.ranges, &b.comment)
}

/// Why a line over time must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// The unit is another one. Nothing is converted.
    Unit,
    /// The method is another one.
    Method,
    /// Another laboratory or practice measured.
    Laboratory,
}

impl Break {
    /// A stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Method => "method",
            Self::Laboratory => "laboratory",
        }
    }
}

/// Points that may be joined by a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// How many points.
    pub points: u32,
    /// What differs from the point before; nothing at the first segment.
    pub because: Vec<Break>,
}

/// Where a line through these points ends and a new one begins.
#[must_use]
pub fn segments(points: &[TrendRecord]) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    let mut last: Option<&TrendRecord> = None;
    for point in points {
        let because = last.map(|last| breaks(last, point)).unwrap_or_default();
        match segments.last_mut() {
            Some(segment) if because.is_empty() => segment.points += 1,
            Some(_) | None => segments.push(Segment { points: 1, because }),
        }
        last = Some(point);
    }
    segments
}

fn breaks(a: &TrendRecord, b: &TrendRecord) -> Vec<Break> {
    let differs = [
        (Break::Unit, unit(&a.observation) != unit(&b.observation)),
        (Break::Method, a.observation.method != b.observation.method),
        (Break::Laboratory, (a.practice.id, &a.author) != (b.practice.id, &b.author)),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(because, _)| because).collect()
}

/// What two values must have in common to be numbers of one scale: the UCUM code where there is one, else the sender's word.
fn unit(observation: &Observation) -> Option<&str> {
    let quantity = match &observation.value {
        Value::Quantity(quantity) => Some(quantity),
        Value::Range { low, high } => low.as_ref().or(high.as_ref()),
        Value::Ratio { numerator, .. } => Some(numerator),
        Value::Text(_) | Value::Coded { .. } | Value::Absent { .. } => None,
    };
    quantity.and_then(|quantity| quantity.ucum.as_deref().or(quantity.unit.as_deref()))
}

#[cfg(test)]
mod tests;
