//! What of a finding goes through the vault: its words and its values, as versioned JSON.
//!
//! These structs are the form on disk. They are never sent anywhere, and changing them means reading the old form too.

use jiff::{Timestamp, civil::Date};
use nahraum_domain::{
    finding::{Comparator, Flag, Observation, Quantity, RangeKind, ReferenceRange, Subject, Value},
    private::Private,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;

const BAD: StoreError = StoreError::Corrupt("finding_values.body");

/// The words of a finding.
#[derive(Serialize, Deserialize)]
pub(super) struct Summary {
    pub(super) title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) author: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
    /// Whom the file names. Only kept while it is not settled whose finding it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) subject: Option<Named>,
}

/// Whom a file names.
#[derive(Serialize, Deserialize)]
pub(super) struct Named {
    pub(super) references: Vec<String>,
    pub(super) birth_date: Option<Date>,
    pub(super) name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) order: Option<String>,
}

impl From<&Subject> for Named {
    fn from(subject: &Subject) -> Self {
        Self {
            references: subject.references.iter().map(|r| r.reveal().clone()).collect(),
            birth_date: subject.birth_date.as_ref().map(|d| *d.reveal()),
            name: subject.name.as_ref().map(|n| n.reveal().clone()),
            order: subject.order.as_ref().map(|o| o.reveal().clone()),
        }
    }
}

impl From<Named> for Subject {
    fn from(named: Named) -> Self {
        Self {
            references: named.references.into_iter().map(Private::new).collect(),
            birth_date: named.birth_date.map(Private::new),
            name: named.name.map(Private::new),
            order: named.order.map(Private::new),
        }
    }
}

/// The values of a finding.
#[derive(Serialize, Deserialize)]
pub(super) struct Values {
    version: u32,
    items: Vec<Item>,
}

impl Values {
    pub(super) fn new(observations: &[Observation]) -> Self {
        Self { version: 1, items: observations.iter().map(Item::new).collect() }
    }

    pub(super) fn read(self) -> Result<Vec<Observation>, StoreError> {
        if self.version != 1 {
            return Err(BAD);
        }
        self.items.into_iter().map(Item::read).collect()
    }
}

#[derive(Serialize, Deserialize)]
struct Item {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    local_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    loinc: Option<String>,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    status: String,
    value: StoredValue,
    raw: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    flag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    flag_raw: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ranges: Vec<StoredRange>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    specimen: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredValue {
    Quantity(StoredQuantity),
    Range { low: Option<StoredQuantity>, high: Option<StoredQuantity> },
    Ratio { numerator: StoredQuantity, denominator: StoredQuantity },
    Text(String),
    Coded { code: Option<String>, text: String },
    Absent { reason: Option<String> },
}

#[derive(Serialize, Deserialize)]
struct StoredQuantity {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comparator: Option<String>,
    value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ucum: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredRange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    low: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    high: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    applies_to: Option<String>,
    kind: String,
}

impl Item {
    fn new(o: &Observation) -> Self {
        Self {
            local_code: o.local_code.clone(),
            loinc: o.loinc.clone(),
            name: o.name.reveal().clone(),
            group: o.group.clone(),
            status: o.status.clone(),
            value: StoredValue::new(&o.value),
            raw: o.raw_text.reveal().clone(),
            flag: o.flag.map(|f| f.as_str().to_owned()),
            flag_raw: o.flag_raw.clone(),
            ranges: o.ranges.iter().map(StoredRange::new).collect(),
            at: o.effective_at,
            on: o.effective_date,
            method: o.method.clone(),
            specimen: o.specimen.clone(),
            comment: o.comment.as_ref().map(|c| c.reveal().clone()),
        }
    }

    fn read(self) -> Result<Observation, StoreError> {
        Ok(Observation {
            local_code: self.local_code,
            loinc: self.loinc,
            name: self.name.into(),
            group: self.group,
            status: self.status,
            value: self.value.read()?,
            raw_text: self.raw.into(),
            flag: self.flag.map(|f| Flag::parse(&f).ok_or(BAD)).transpose()?,
            flag_raw: self.flag_raw,
            ranges: self.ranges.into_iter().map(StoredRange::read).collect::<Result<_, _>>()?,
            effective_at: self.at,
            effective_date: self.on,
            method: self.method,
            specimen: self.specimen,
            comment: self.comment.map(Private::new),
        })
    }
}

impl StoredValue {
    fn new(value: &Value) -> Self {
        match value {
            Value::Quantity(q) => Self::Quantity(StoredQuantity::new(q)),
            Value::Range { low, high } => {
                Self::Range { low: low.as_ref().map(StoredQuantity::new), high: high.as_ref().map(StoredQuantity::new) }
            }
            Value::Ratio { numerator, denominator } => {
                Self::Ratio { numerator: StoredQuantity::new(numerator), denominator: StoredQuantity::new(denominator) }
            }
            Value::Text(text) => Self::Text(text.reveal().clone()),
            Value::Coded { code, text } => Self::Coded { code: code.clone(), text: text.reveal().clone() },
            Value::Absent { reason } => Self::Absent { reason: reason.clone() },
        }
    }

    fn read(self) -> Result<Value, StoreError> {
        Ok(match self {
            Self::Quantity(q) => Value::Quantity(q.read()?),
            Self::Range { low, high } => Value::Range {
                low: low.map(StoredQuantity::read).transpose()?,
                high: high.map(StoredQuantity::read).transpose()?,
            },
            Self::Ratio { numerator, denominator } => {
                Value::Ratio { numerator: numerator.read()?, denominator: denominator.read()? }
            }
            Self::Text(text) => Value::Text(text.into()),
            Self::Coded { code, text } => Value::Coded { code, text: text.into() },
            Self::Absent { reason } => Value::Absent { reason },
        })
    }
}

impl StoredQuantity {
    fn new(q: &Quantity) -> Self {
        Self {
            comparator: q.comparator.map(|c| c.as_str().to_owned()),
            value: q.value.reveal().to_string(),
            unit: q.unit.clone(),
            ucum: q.ucum.clone(),
        }
    }

    fn read(self) -> Result<Quantity, StoreError> {
        Ok(Quantity {
            comparator: self.comparator.map(|c| Comparator::parse(&c).ok_or(BAD)).transpose()?,
            value: decimal(&self.value)?,
            unit: self.unit,
            ucum: self.ucum,
        })
    }
}

impl StoredRange {
    fn new(r: &ReferenceRange) -> Self {
        Self {
            low: r.low.as_ref().map(|d| d.reveal().to_string()),
            high: r.high.as_ref().map(|d| d.reveal().to_string()),
            unit: r.unit.clone(),
            text: r.text.clone(),
            applies_to: r.applies_to.clone(),
            kind: r.kind.as_str().to_owned(),
        }
    }

    fn read(self) -> Result<ReferenceRange, StoreError> {
        Ok(ReferenceRange {
            low: self.low.as_deref().map(decimal).transpose()?,
            high: self.high.as_deref().map(decimal).transpose()?,
            unit: self.unit,
            text: self.text,
            applies_to: self.applies_to,
            kind: RangeKind::parse(&self.kind).ok_or(BAD)?,
        })
    }
}

fn decimal(text: &str) -> Result<Private<Decimal>, StoreError> {
    text.parse().map(Private::new).map_err(|_| BAD)
}
