//! The access log in sentences: who did what with a resident's findings, and whether it was allowed.

mod actions;

use nahraum_domain::{
    access::Basis,
    audit::{LogAction, LogOutcome},
};
use serde::Deserialize;

pub(crate) use self::actions::ActionWords;
use crate::{
    catalogue::texts,
    language::Language,
    words::{fill, isolate},
};

/// Who did it, seen from the resident who reads the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActorKind {
    /// The reader.
    You,
    /// A person of a practice.
    Staff,
    /// The software of a practice.
    Software,
    /// A person who runs the installation.
    Operator,
    /// Somebody with a link of the reader's.
    Holder,
    /// This server itself.
    System,
    /// Another resident, whom the reader lets act for them.
    Representative,
    /// Somebody with an account that has nothing to do with the reader.
    Stranger,
}

impl ActorKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::You,
        Self::Staff,
        Self::Software,
        Self::Operator,
        Self::Holder,
        Self::System,
        Self::Representative,
        Self::Stranger,
    ];

    /// A stable word for it, in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::You => "you",
            Self::Staff => "practice-staff",
            Self::Software => "practice-software",
            Self::Operator => "operator",
            Self::Holder => "link-holder",
            Self::System => "system",
            Self::Representative => "representative",
            Self::Stranger => "someone-else",
        }
    }
}

/// One line of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessLine<'a> {
    /// Who did it.
    pub actor: ActorKind,
    /// The name of the organisation, for [`ActorKind::Staff`], [`ActorKind::Software`] and [`ActorKind::Operator`]; what they
    /// said of themselves, for [`ActorKind::Holder`] and [`ActorKind::Representative`].
    pub organisation: Option<&'a str>,
    /// What was done.
    pub action: LogAction,
    /// Why it was allowed.
    pub basis: Option<Basis>,
    /// How it ended.
    pub outcome: LogOutcome,
}

/// The line as a sentence for the resident. In right-to-left languages the name of the practice stands between U+2068
/// and U+2069, so that it keeps its own direction.
#[must_use]
pub fn access_sentence(language: Language, line: &AccessLine<'_>) -> String {
    let file = &texts(language).file;
    let organisation = line.organisation.map(|name| isolate(language, name));
    let who = file.who.phrase(line.actor, organisation.as_deref());
    let action = file.action.of(line.action);
    let sentence = match (line.outcome, who) {
        (LogOutcome::Done, None) => action.you.clone(),
        (LogOutcome::Done, Some(who)) => fill(&action.other, &[("who", &who)]),
        (LogOutcome::Denied, None) => fill(&file.denied.you, &[("attempt", &action.attempt)]),
        (LogOutcome::Denied, Some(who)) => fill(&file.denied.other, &[("who", &who), ("attempt", &action.attempt)]),
    };
    match line.basis {
        Some(basis @ (Basis::ResidentAsked | Basis::SuspectedMisuse | Basis::Authority)) => {
            format!("{sentence} {}", basis_sentence(language, basis))
        }
        // Who was let in says so by a word of its own, beside the sentence.
        Some(
            Basis::Own
            | Basis::TreatmentDelivery
            | Basis::Consent
            | Basis::Explanation
            | Basis::Representation
            | Basis::Link
            | Basis::Emergency,
        )
        | None => sentence,
    }
}

/// Why something was allowed, as a sentence for the resident.
#[must_use]
pub fn basis_sentence(language: Language, basis: Basis) -> &'static str {
    let words = &texts(language).file.why;
    match basis {
        Basis::Own => &words.own,
        Basis::TreatmentDelivery => &words.treatment_delivery,
        Basis::Consent => &words.consent,
        Basis::Explanation => &words.explanation,
        Basis::Representation => &words.representation,
        Basis::Link => &words.link,
        Basis::Emergency => &words.emergency,
        Basis::ResidentAsked => &words.resident_asked,
        Basis::SuspectedMisuse => &words.suspected_misuse,
        Basis::Authority => &words.authority,
    }
}

/// The reasons for which something is allowed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhyWords {
    own: String,
    treatment_delivery: String,
    consent: String,
    explanation: String,
    representation: String,
    link: String,
    emergency: String,
    resident_asked: String,
    suspected_misuse: String,
    authority: String,
}

/// The words of the printed log, with their placeholders; [`fill`](crate::fill) completes them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSheetTexts {
    /// With `{app_name}`.
    pub heading: String,
    /// What this is.
    pub intro: String,
    /// With `{first}`, `{last}` and `{count}`.
    pub shown: String,
    /// That earlier entries are not on it, and where they are.
    pub older: String,
    /// In place of the entries, when there are none.
    pub nothing: String,
    /// With `{date}` and `{time}`.
    pub as_of: String,
    /// Above the numbers.
    pub number: String,
    /// Above the times of day.
    pub time: String,
    /// Above the sentences.
    pub what: String,
    /// With `{id}`.
    pub finding: String,
    /// With `{id}`.
    pub person: String,
    /// Above what one needs to verify the log.
    pub proof_heading: String,
    /// What it is good for.
    pub proof: String,
    /// With `{count}`.
    pub head: String,
    /// Above the statement.
    pub statement: String,
    /// Above a signature.
    pub signature: String,
    /// Above the checkpoint.
    pub checkpoint: String,
    /// Above the public key.
    pub key: String,
    /// With `{page}` and `{pages}`.
    pub page: String,
}

/// The words of the printed log.
#[must_use]
pub fn log_sheet_texts(language: Language) -> &'static LogSheetTexts {
    &texts(language).file.log_sheet
}

/// Names for those who are not the reader.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhoWords {
    staff: String,
    staff_unnamed: String,
    software: String,
    software_unnamed: String,
    operator: String,
    operator_unnamed: String,
    holder: String,
    holder_unnamed: String,
    system: String,
    representative: String,
    representative_named: String,
    stranger: String,
}

impl WhoWords {
    /// The actor as the subject of a sentence; none for the reader, who has sentences of their own.
    fn phrase(&self, actor: ActorKind, organisation: Option<&str>) -> Option<String> {
        match (actor, organisation) {
            (ActorKind::You, _) => None,
            (ActorKind::Staff, Some(name)) => Some(fill(&self.staff, &[("organisation", name)])),
            (ActorKind::Staff, None) => Some(self.staff_unnamed.clone()),
            (ActorKind::Software, Some(name)) => Some(fill(&self.software, &[("organisation", name)])),
            (ActorKind::Software, None) => Some(self.software_unnamed.clone()),
            (ActorKind::Operator, Some(name)) => Some(fill(&self.operator, &[("organisation", name)])),
            (ActorKind::Operator, None) => Some(self.operator_unnamed.clone()),
            (ActorKind::Holder, Some(name)) => Some(fill(&self.holder, &[("name", name)])),
            (ActorKind::Holder, None) => Some(self.holder_unnamed.clone()),
            (ActorKind::System, _) => Some(self.system.clone()),
            (ActorKind::Representative, Some(name)) => Some(fill(&self.representative_named, &[("name", name)])),
            (ActorKind::Representative, None) => Some(self.representative.clone()),
            (ActorKind::Stranger, _) => Some(self.stranger.clone()),
        }
    }
}

/// The frames of sentences about what was refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeniedWords {
    you: String,
    other: String,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn line(actor: ActorKind, organisation: Option<&str>, action: LogAction, outcome: LogOutcome) -> AccessLine<'_> {
        AccessLine { actor, organisation, action, outcome, basis: None }
    }

    #[test]
    fn every_line_has_its_own_sentence_in_every_language() {
        for language in Language::ALL {
            let mut seen = BTreeSet::new();
            for actor in ActorKind::ALL {
                for action in LogAction::ALL {
                    for outcome in [LogOutcome::Done, LogOutcome::Denied] {
                        let sentence = access_sentence(language, &line(actor, Some("Praxis Nord"), action, outcome));
                        assert!(!sentence.contains(['{', '}']), "{sentence}");
                        assert!(seen.insert(sentence.clone()), "{} twice: {sentence}", language.tag());
                        let named = matches!(
                            actor,
                            ActorKind::Staff
                                | ActorKind::Software
                                | ActorKind::Operator
                                | ActorKind::Holder
                                | ActorKind::Representative
                        );
                        assert_eq!(sentence.contains("Praxis Nord"), named, "{sentence}");
                    }
                }
            }
        }
    }

    #[test]
    fn sentences_read_well() {
        let staff = line(ActorKind::Staff, Some("Praxis Nord"), LogAction::Open, LogOutcome::Done);
        assert_eq!(access_sentence(Language::De, &staff), "Jemand von „Praxis Nord“ hat einen Ihrer Befunde geöffnet.");
        let arabic = access_sentence(Language::Ar, &staff);
        assert!(arabic.contains("«\u{2068}Praxis Nord\u{2069}»"), "{arabic}");
        let denied = line(ActorKind::Stranger, None, LogAction::List, LogOutcome::Denied);
        assert_eq!(
            access_sentence(Language::En, &denied),
            "Someone with a different account tried to look at the list of reports. This was refused."
        );
        let unnamed = line(ActorKind::Software, None, LogAction::Deliver, LogOutcome::Done);
        assert_eq!(access_sentence(Language::Ru, &unnamed), "Компьютер врачебной практики отправил для Вас документ.");
    }

    #[test]
    fn a_look_into_the_log_says_why() {
        let look = line(ActorKind::Operator, Some("Betrieb"), LogAction::ReadLog, LogOutcome::Done);
        let of = |basis| access_sentence(Language::De, &AccessLine { basis, ..look });
        assert_eq!(
            of(Some(Basis::ResidentAsked)),
            "Jemand vom Betrieb von Nahraum („Betrieb“) hat Ihr Zugriffsprotokoll angesehen; zwei Personen mussten \
             zustimmen. Befunde wurden dabei nicht gezeigt. Grund: Sie haben darum gebeten."
        );
        assert_eq!(of(Some(Basis::Own)), of(None));
        for language in Language::ALL {
            let whys: BTreeSet<&str> = Basis::ALL.into_iter().map(|basis| basis_sentence(language, basis)).collect();
            assert_eq!(whys.len(), Basis::ALL.len(), "{}", language.tag());
        }
    }

    #[test]
    fn a_name_that_looks_like_a_placeholder_stays_a_name() {
        let odd = line(ActorKind::Staff, Some("{attempt}"), LogAction::Open, LogOutcome::Denied);
        assert_eq!(
            access_sentence(Language::De, &odd),
            "Jemand von „{attempt}“ wollte einen Befund öffnen. Das wurde abgelehnt."
        );
    }
}
