//! Observations: the values of a finding, as the laboratory gave them. Terms follow HL7 FHIR R4 `Observation`.
//!
//! Numbers are exact decimals and the sender's own words are kept beside every translation. Nothing is computed here:
//! ranges and flags are the laboratory's.

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;

use crate::private::Private;

/// One value (or text) of a report: FHIR R4 `Observation`.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The sender's own code, as `system|code` or the bare code.
    pub local_code: Option<String>,
    /// The LOINC code, if the sender sent one.
    pub loinc: Option<String>,
    /// The name the report gives the value.
    pub name: Private<String>,
    /// The heading under which the report shows it.
    pub group: Option<String>,
    /// FHIR observation status (`final`, `corrected`, `cancelled` …), kept as sent.
    pub status: String,
    /// What was measured.
    pub value: Value,
    /// What the sender wrote for the value, unchanged.
    pub raw_text: Private<String>,
    /// The sender's flag, translated.
    pub flag: Option<Flag>,
    /// The sender's flag as sent.
    pub flag_raw: Option<String>,
    /// Reference ranges as the laboratory gave them.
    pub ranges: Vec<ReferenceRange>,
    /// When the sample was taken or the measurement made.
    pub effective_at: Option<Timestamp>,
    /// The same as a day, also when no time of day was sent.
    pub effective_date: Option<Date>,
    /// Method, as text.
    pub method: Option<String>,
    /// Specimen, as text.
    pub specimen: Option<String>,
    /// Remarks of the laboratory.
    pub comment: Option<Private<String>>,
}

/// A measured value. Numbers are exact decimals: 5.10 stays 5.10.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number with its unit.
    Quantity(Quantity),
    /// A span of numbers.
    Range {
        /// Lower end.
        low: Option<Quantity>,
        /// Upper end.
        high: Option<Quantity>,
    },
    /// A proportion such as a titre `1:128`.
    Ratio {
        /// Left of the colon.
        numerator: Quantity,
        /// Right of the colon.
        denominator: Quantity,
    },
    /// Words.
    Text(Private<String>),
    /// A coded answer such as "negativ".
    Coded {
        /// `system|code`.
        code: Option<String>,
        /// The words for it.
        text: Private<String>,
    },
    /// No value, and why (FHIR `dataAbsentReason`), if the sender said so.
    Absent {
        /// The code of the reason, e.g. `not-performed`.
        reason: Option<String>,
    },
}

/// A number with unit, FHIR R4 `Quantity`.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// `<`, `<=`, `>=` or `>` in front of the number.
    pub comparator: Option<Comparator>,
    /// The number, exactly as precise as it was sent.
    pub value: Private<Decimal>,
    /// The unit in the sender's words.
    pub unit: Option<String>,
    /// The UCUM code, if the sender sent one.
    pub ucum: Option<String>,
}

/// How a measured number relates to the true one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparator {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>=`
    GreaterOrEqual,
    /// `>`
    Greater,
}

impl Comparator {
    /// Every comparator.
    pub const ALL: [Self; 4] = [Self::Less, Self::LessOrEqual, Self::GreaterOrEqual, Self::Greater];

    /// The sign, which is also the FHIR code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::GreaterOrEqual => ">=",
            Self::Greater => ">",
        }
    }

    /// The comparator with this sign.
    #[must_use]
    pub fn parse(sign: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.as_str() == sign)
    }
}

/// A laboratory's own verdict on a value (HL7 v3 `ObservationInterpretation`, the codes that carry a direction).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// Within the range.
    Normal,
    /// Above.
    High,
    /// Below.
    Low,
    /// Far above.
    SignificantlyHigh,
    /// Far below.
    SignificantlyLow,
    /// Critically above.
    CriticalHigh,
    /// Critically below.
    CriticalLow,
    /// Not normal, without a direction.
    Abnormal,
    /// Critically not normal.
    CriticalAbnormal,
}

impl Flag {
    /// Every flag.
    pub const ALL: [Self; 9] = [
        Self::Normal,
        Self::High,
        Self::Low,
        Self::SignificantlyHigh,
        Self::SignificantlyLow,
        Self::CriticalHigh,
        Self::CriticalLow,
        Self::Abnormal,
        Self::CriticalAbnormal,
    ];

    /// The HL7 code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "N",
            Self::High => "H",
            Self::Low => "L",
            Self::SignificantlyHigh => "HU",
            Self::SignificantlyLow => "LU",
            Self::CriticalHigh => "HH",
            Self::CriticalLow => "LL",
            Self::Abnormal => "A",
            Self::CriticalAbnormal => "AA",
        }
    }

    /// The flag with this HL7 code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.as_str() == code)
    }

    /// Whether the laboratory calls the value critical: such a finding is never released by a timer.
    #[must_use]
    pub const fn is_critical(self) -> bool {
        matches!(self, Self::CriticalHigh | Self::CriticalLow | Self::CriticalAbnormal)
    }

    /// The gravest of several: what is critical, then what stands out; of equals the last.
    pub fn gravest(flags: impl IntoIterator<Item = Self>) -> Option<Self> {
        flags.into_iter().max_by_key(|flag| (flag.is_critical(), flag.is_abnormal()))
    }

    /// Whether the value stands out.
    #[must_use]
    pub const fn is_abnormal(self) -> bool {
        !matches!(self, Self::Normal)
    }
}

/// The range a laboratory prints beside a value. Never computed here.
#[derive(Debug, Clone, PartialEq)]
pub struct ReferenceRange {
    /// Lower limit.
    pub low: Option<Private<Decimal>>,
    /// Upper limit.
    pub high: Option<Private<Decimal>>,
    /// The unit of the limits, if the range has its own.
    pub unit: Option<String>,
    /// The range in words.
    pub text: Option<String>,
    /// For whom it holds, in words.
    pub applies_to: Option<String>,
    /// What kind of range.
    pub kind: RangeKind,
}

/// FHIR `referencerange-meaning`, the part that matters to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RangeKind {
    /// What most healthy people have.
    Normal,
    /// The aim of a treatment.
    Therapeutic,
    /// Anything else; the text says what.
    Other,
}

impl RangeKind {
    /// A stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Therapeutic => "therapeutic",
            Self::Other => "other",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Normal, Self::Therapeutic, Self::Other].into_iter().find(|k| k.as_str() == word)
    }
}
