//! Whose finding is it? The order of evidence, as a pure rule.
//!
//! Two things decide by themselves, and only together with the birth date: this practice's own reference of the patient,
//! and where that says nothing the number of an order whose reports went to one patient of this practice before. Names never
//! do. Everything unclear waits in the practice's inbox, because a finding with the wrong person is worse than a late
//! one (SR-B06; the ISiK guide warns of exactly this). An order number never contradicts a reference: practices count
//! anew, some every morning.

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
    /// The number of the order and the birth date agree.
    OrderAndBirthDate,
    /// A person of the practice chose, and gave the birth date again.
    ChosenByStaff,
    /// No patient of the practice has such a reference, and the number of the order is nobody's.
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
    pub const ALL: [Self; 9] = [
        Self::ReferenceAndBirthDate,
        Self::OrderAndBirthDate,
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
            Self::OrderAndBirthDate => "order-and-birth-date",
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
        matches!(self, Self::ReferenceAndBirthDate | Self::OrderAndBirthDate | Self::ChosenByStaff)
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

impl Match {
    /// Whether the references say nothing, so that the number of the order may decide.
    #[must_use]
    pub const fn leaves_it_to_the_order(self) -> bool {
        matches!(self, Self::Unclear(MatchReason::ReferenceMissing | MatchReason::ReferenceUnknown))
    }
}

/// Decides from the patients that the upload's references point to.
///
/// `references_given` tells "names nobody" from "names nobody we know".
#[must_use]
pub fn decide(references_given: bool, candidates: &[Candidate]) -> Match {
    if !references_given {
        return Match::Unclear(MatchReason::ReferenceMissing);
    }
    if candidates.is_empty() {
        return Match::Unclear(MatchReason::ReferenceUnknown);
    }
    one_of(candidates)
}

/// Decides from the patients that the number of the order points to, when the references say nothing; else `before` stands.
#[must_use]
pub fn decide_by_order(before: Match, ordered: &[Candidate]) -> Match {
    if before.leaves_it_to_the_order() && !ordered.is_empty() { one_of(ordered) } else { before }
}

fn one_of(candidates: &[Candidate]) -> Match {
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

    /// An order number helps only who is not named otherwise, and never without the birth date.
    #[test]
    fn an_order_decides_only_where_nothing_else_does() {
        use MatchReason as R;
        let (here, there) = (candidate((1, Some(true))), candidate((2, Some(true))));
        for nothing in [R::ReferenceMissing, R::ReferenceUnknown].map(Match::Unclear) {
            assert_eq!(decide_by_order(nothing, &[here]), Match::Certain(here.patient));
            assert_eq!(decide_by_order(nothing, &[]), nothing);
            assert_eq!(decide_by_order(nothing, &[candidate((1, None))]), Match::Unclear(R::BirthDateMissing));
            assert_eq!(decide_by_order(nothing, &[candidate((1, Some(false)))]), Match::Unclear(R::BirthDateDiffers));
            assert_eq!(decide_by_order(nothing, &[here, there]), Match::Unclear(R::Ambiguous));
        }
        let named = Match::Certain(there.patient);
        assert_eq!(decide_by_order(named, &[here]), named, "practices count anew");
        let doubtful = Match::Unclear(R::BirthDateDiffers);
        assert_eq!(decide_by_order(doubtful, &[here]), doubtful);
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
