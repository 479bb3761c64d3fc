//! Codes of xDT files for where a result stands and how a laboratory judges it, in the words of FHIR and HL7.

use nahraum_domain::finding::Flag;

/// Where one result stands (field 8418).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It is to come.
    ToCome,
    /// It may still change.
    Preliminary,
    /// It is verified.
    Final,
    /// It is verified, and another than before.
    Corrected,
    /// There will be none.
    Missing,
    /// It was there, and counts no more.
    Cancelled,
    /// A code that is not known.
    Unknown,
}

impl Stage {
    /// The stage of a code: letters in LDT 2, two digits in LDT 3.
    pub(super) fn parse(code: &str) -> Self {
        match code {
            "02" | "10" => Self::ToCome,
            "03" | "05" => Self::Preliminary,
            "B" | "06" | "07" => Self::Final,
            "K" | "04" | "08" => Self::Corrected,
            "F" | "01" | "09" | "11" => Self::Missing,
            "12" => Self::Cancelled,
            _ => Self::Unknown,
        }
    }

    /// FHIR `Observation.status`.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::ToCome => "registered",
            Self::Preliminary => "preliminary",
            Self::Final => "final",
            Self::Corrected => "corrected",
            Self::Missing | Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        }
    }

    /// FHIR `Observation.dataAbsentReason` of a result without a value.
    pub(super) const fn absent(self) -> Option<&'static str> {
        match self {
            Self::ToCome => Some("temp-unknown"),
            Self::Missing => Some("not-performed"),
            Self::Preliminary | Self::Final | Self::Corrected | Self::Cancelled | Self::Unknown => None,
        }
    }

    /// Whether a value that is sent with it must not be shown as one.
    pub(super) const fn is_void(self) -> bool {
        matches!(self, Self::Missing | Self::Cancelled)
    }
}

/// The laboratory's verdict (field 8422): LDT 2 has signs, LDT 3 letters. `HH` and `LL` mean far outside there, where HL7
/// means critical; critical is what has an exclamation mark.
pub(super) fn flag(sent: &str) -> Option<Flag> {
    match sent {
        "N" => Some(Flag::Normal),
        "H" | "+" => Some(Flag::High),
        "HH" | "++" => Some(Flag::SignificantlyHigh),
        "L" | "-" => Some(Flag::Low),
        "LL" | "--" => Some(Flag::SignificantlyLow),
        "!H" | "!+" => Some(Flag::CriticalHigh),
        "!L" | "!-" => Some(Flag::CriticalLow),
        "A" | "!" => Some(Flag::Abnormal),
        "AA" => Some(Flag::CriticalAbnormal),
        _ => None,
    }
}

/// A verdict on a value that the laboratory calls a danger to life (field 7280, code 2).
pub(super) const fn grave(flag: Option<Flag>) -> Flag {
    match flag {
        Some(Flag::High | Flag::SignificantlyHigh | Flag::CriticalHigh) => Flag::CriticalHigh,
        Some(Flag::Low | Flag::SignificantlyLow | Flag::CriticalLow) => Flag::CriticalLow,
        Some(Flag::Normal | Flag::Abnormal | Flag::CriticalAbnormal) | None => Flag::CriticalAbnormal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_ldt_3_has_its_stage() {
        let words: Vec<&str> = (1..=12).map(|code| Stage::parse(&format!("{code:02}")).as_str()).collect();
        let (registered, preliminary, cancelled) = ("registered", "preliminary", "cancelled");
        assert_eq!(
            words,
            [
                cancelled,
                registered,
                preliminary,
                "corrected",
                preliminary,
                "final",
                "final",
                "corrected",
                cancelled,
                registered,
                cancelled,
                cancelled
            ]
        );
        assert_eq!(
            ["B", "K", "F", "13"].map(|code| Stage::parse(code).as_str()),
            ["final", "corrected", cancelled, "unknown"]
        );
    }

    #[test]
    fn only_an_exclamation_mark_is_critical() {
        for sent in ["N", "H", "+", "HH", "++", "L", "-", "LL", "--", "A", "!"] {
            assert!(flag(sent).is_some_and(|flag| !flag.is_critical()), "{sent}");
        }
        for sent in ["!H", "!+", "!L", "!-", "AA"] {
            assert!(flag(sent).is_some_and(Flag::is_critical), "{sent}");
        }
        for of in Flag::ALL.into_iter().map(Some).chain([None]) {
            assert!(grave(of).is_critical());
        }
        assert_eq!(
            (flag("*"), grave(Some(Flag::High)), grave(Some(Flag::Low))),
            (None, Flag::CriticalHigh, Flag::CriticalLow)
        );
    }
}
