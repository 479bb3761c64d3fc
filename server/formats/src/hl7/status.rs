//! What HL7's states of results, reports and documents mean here.

use nahraum_domain::finding::ReportStatus;

/// What a result's state says (OBX-11, HL7 table 0085).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResultStatus {
    /// There will be one.
    Registered,
    /// Not verified, or not the last one.
    Preliminary,
    /// The value.
    Final,
    /// The value, after another one was wrong.
    Corrected,
    /// There will be none.
    Cancelled,
    /// It was not asked for.
    NotAsked,
    /// It was never true of this patient: deleted, or posted to the wrong one. It must not be read any more.
    Withdrawn,
}

impl ResultStatus {
    /// What is not known to be final is not final; without a state that of the report holds.
    pub(crate) fn of(sent: Option<&str>, report: Option<ReportStatus>) -> Self {
        match sent {
            Some("F" | "U") => Self::Final,
            Some("C") => Self::Corrected,
            Some("I") => Self::Registered,
            Some("X") => Self::Cancelled,
            Some("N") => Self::NotAsked,
            Some("D" | "W") => Self::Withdrawn,
            Some(_) => Self::Preliminary,
            None => match report {
                Some(ReportStatus::Final | ReportStatus::Amended | ReportStatus::Appended) => Self::Final,
                Some(ReportStatus::Corrected) => Self::Corrected,
                Some(ReportStatus::Cancelled) => Self::Cancelled,
                Some(ReportStatus::EnteredInError) => Self::Withdrawn,
                Some(ReportStatus::Partial | ReportStatus::Preliminary) | None => Self::Preliminary,
            },
        }
    }

    /// The FHIR code.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Preliminary => "preliminary",
            Self::Final => "final",
            Self::Corrected => "corrected",
            Self::Cancelled | Self::NotAsked => "cancelled",
            Self::Withdrawn => "entered-in-error",
        }
    }

    /// Why there is no value, if this state means that there is none (FHIR `data-absent-reason`).
    pub(crate) const fn absent(self) -> Option<&'static str> {
        match self {
            Self::Registered => Some("temp-unknown"),
            Self::Cancelled => Some("not-performed"),
            Self::NotAsked => Some("not-asked"),
            Self::Preliminary | Self::Final | Self::Corrected | Self::Withdrawn => None,
        }
    }

    const fn is_open(self) -> bool {
        matches!(self, Self::Registered | Self::Preliminary)
    }
}

/// OBR-25, HL7 table 0123. `None`: nothing was sent.
pub(super) fn of_report(sent: Option<&str>) -> Option<ReportStatus> {
    Some(match sent? {
        "F" => ReportStatus::Final,
        "C" => ReportStatus::Corrected,
        "X" | "Y" | "Z" => ReportStatus::Cancelled,
        "A" | "O" | "I" | "S" | "N" => ReportStatus::Partial,
        _ => ReportStatus::Preliminary,
    })
}

/// What the state that a report gives itself and those of its results come to. The more careful one counts.
pub(crate) fn of_both(sent: Option<ReportStatus>, results: &[ResultStatus]) -> ReportStatus {
    let any = |wanted: fn(ResultStatus) -> bool| results.iter().copied().any(wanted);
    let kept = || results.iter().copied().filter(|r| *r != ResultStatus::Withdrawn);
    let withdrawn = any(|r| r == ResultStatus::Withdrawn);
    if withdrawn && kept().next().is_none() {
        return ReportStatus::EnteredInError;
    }
    if let Some(unfinished @ (ReportStatus::Cancelled | ReportStatus::Partial | ReportStatus::Preliminary)) = sent {
        return unfinished;
    }
    if any(ResultStatus::is_open) {
        let all_open = kept().all(ResultStatus::is_open);
        return if all_open { ReportStatus::Preliminary } else { ReportStatus::Partial };
    }
    if withdrawn || any(|r| r == ResultStatus::Corrected) {
        return ReportStatus::Corrected;
    }
    match sent {
        Some(sent) => sent,
        None if results.is_empty() => ReportStatus::Preliminary,
        None if kept().all(|r| r.absent().is_some()) => ReportStatus::Cancelled,
        None => ReportStatus::Final,
    }
}

/// TXA-17 and TXA-19, HL7 tables 0271 and 0273.
pub(super) fn of_document(completion: Option<&str>, availability: Option<&str>) -> ReportStatus {
    match (completion, availability) {
        (_, Some("CA" | "OB")) => ReportStatus::EnteredInError,
        (Some("LA" | "AU"), Some("AV") | None) => ReportStatus::Final,
        _ => ReportStatus::Preliminary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_careful_state_counts() {
        use ResultStatus as R;
        let of = |sent: &str, results: &[&str]| {
            let sent = of_report(Some(sent).filter(|s| !s.is_empty()));
            let results: Vec<R> = results.iter().map(|r| R::of(Some(r), sent)).collect();
            of_both(sent, &results)
        };
        assert_eq!(of("F", &["F", "F"]), ReportStatus::Final);
        assert_eq!(of("F", &["F", "P"]), ReportStatus::Partial);
        assert_eq!(of("F", &["P", "R"]), ReportStatus::Preliminary);
        assert_eq!(of("F", &["F", "C"]), ReportStatus::Corrected);
        assert_eq!(of("C", &["F"]), ReportStatus::Corrected);
        assert_eq!(of("P", &["F"]), ReportStatus::Preliminary);
        assert_eq!(of("X", &["X"]), ReportStatus::Cancelled);
        assert_eq!(of("", &["X", "N"]), ReportStatus::Cancelled);
        assert_eq!(of("", &["F", "X"]), ReportStatus::Final);
        assert_eq!(of("", &[]), ReportStatus::Preliminary);
        assert_eq!(of("?", &["F"]), ReportStatus::Preliminary);
    }

    #[test]
    fn what_was_never_true_withdraws_the_report_or_corrects_it() {
        use ResultStatus as R;
        for word in ["D", "W"] {
            assert_eq!(R::of(Some(word), Some(ReportStatus::Final)), R::Withdrawn);
        }
        assert_eq!(of_both(Some(ReportStatus::Final), &[R::Withdrawn, R::Withdrawn]), ReportStatus::EnteredInError);
        assert_eq!(of_both(Some(ReportStatus::Final), &[R::Withdrawn, R::Final]), ReportStatus::Corrected);
        assert_eq!(of_document(Some("LA"), Some("AV")), ReportStatus::Final);
        assert_eq!(of_document(Some("LA"), Some("OB")), ReportStatus::EnteredInError);
        assert_eq!(of_document(Some("LA"), Some("UN")), ReportStatus::Preliminary);
        assert_eq!(of_document(None, None), ReportStatus::Preliminary);
    }
}
