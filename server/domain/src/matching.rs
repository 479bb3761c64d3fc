//! Whose finding is it? The order of evidence, as a pure rule.
//!
//! Only one thing decides by itself: this practice's own patient reference together with the birth date. Names never
//! do. Everything unclear waits in the practice's inbox, because a finding with the wrong person is worse than a late
//! one (SR-B06; the ISiK guide warns of exactly this).

use crate::ids::PatientId;

/// One patient of this practice that an identifier of the upload points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// The patient.
    pub patient: PatientId,
    /// Whether the upload's birth date is the patient's; `None` when the upload has none.
    pub birth_date_agrees: Option<bool>,
}

/// Why a match is certain, or is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MatchReason {
    /// Reference and birth date agree.
    ReferenceAndBirthDate,
    /// A person of the practice chose, and gave the birth date again.
    ChosenByStaff,
    /// No patient of the practice has such a reference.
    ReferenceUnknown,
    /// The upload names no patient.
    ReferenceMissing,
    /// The upload has no complete birth date.
    BirthDateMissing,
    /// The birth date is another one.
    BirthDateDiffers,
    /// The evidence points to different people.
    Ambiguous,
    /// Whose it is seems clear, but something about the file makes it doubtful; its warnings say what.
    FileDoubtful,
}

impl MatchReason {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::ReferenceAndBirthDate,
        Self::ChosenByStaff,
        Self::ReferenceUnknown,
        Self::ReferenceMissing,
        Self::BirthDateMissing,
        Self::BirthDateDiffers,
        Self::Ambiguous,
        Self::FileDoubtful,
    ];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReferenceAndBirthDate => "reference-and-birth-date",
            Self::ChosenByStaff => "chosen-by-staff",
            Self::ReferenceUnknown => "reference-unknown",
            Self::ReferenceMissing => "reference-missing",
            Self::BirthDateMissing => "birth-date-missing",
            Self::BirthDateDiffers => "birth-date-differs",
            Self::Ambiguous => "ambiguous",
            Self::FileDoubtful => "file-doubtful",
        }
    }

    /// The reason with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == word)
    }

    /// Whether it settles whose finding it is.
    #[must_use]
    pub const fn is_certain(self) -> bool {
        matches!(self, Self::ReferenceAndBirthDate | Self::ChosenByStaff)
    }
}

/// The decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// It is this patient's.
    Certain(PatientId),
    /// It waits in the inbox, because:
    Unclear(MatchReason),
}

/// Decides from the patients that the upload's references point to.
///
/// `references_given` tells "names nobody" from "names nobody we know".
#[must_use]
pub fn decide(references_given: bool, candidates: &[Candidate]) -> Match {
    if !references_given {
        return Match::Unclear(MatchReason::ReferenceMissing);
    }
    let Some(first) = candidates.first() else { return Match::Unclear(MatchReason::ReferenceUnknown) };
    if candidates.iter().any(|c| c.patient != first.patient) {
        return Match::Unclear(MatchReason::Ambiguous);
    }
    match first.birth_date_agrees {
        Some(true) => Match::Certain(first.patient),
        Some(false) => Match::Unclear(MatchReason::BirthDateDiffers),
        None => Match::Unclear(MatchReason::BirthDateMissing),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn candidate((n, agrees): (u8, Option<bool>)) -> Candidate {
        Candidate { patient: PatientId::new(Timestamp::UNIX_EPOCH, [n; 10]), birth_date_agrees: agrees }
    }

    proptest! {
        /// The promise behind the rule: a finding is never given to someone whose birth date was not confirmed, nor
        /// when anything points to a second person.
        #[test]
        fn certain_needs_one_person_and_their_birth_date(given: bool, raw in prop::collection::vec((0u8..3, any::<Option<bool>>()), 0..5)) {
            let candidates: Vec<_> = raw.into_iter().map(candidate).collect();
            if let Match::Certain(patient) = decide(given, &candidates) {
                prop_assert!(given && candidates.iter().all(|c| c.patient == patient));
                prop_assert_eq!(candidates[0].birth_date_agrees, Some(true));
            }
        }
    }

    #[test]
    fn every_kind_of_doubt_has_its_name() {
        let cases = [
            (decide(false, &[]), MatchReason::ReferenceMissing),
            (decide(true, &[]), MatchReason::ReferenceUnknown),
            (decide(true, &[candidate((1, None))]), MatchReason::BirthDateMissing),
            (decide(true, &[candidate((1, Some(false)))]), MatchReason::BirthDateDiffers),
            (decide(true, &[candidate((1, Some(true))), candidate((2, Some(true)))]), MatchReason::Ambiguous),
        ];
        for (decision, reason) in cases {
            assert_eq!(decision, Match::Unclear(reason));
        }
        let one = candidate((1, Some(true)));
        assert_eq!(decide(true, &[one]), Match::Certain(one.patient));
    }
}
