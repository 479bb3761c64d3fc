//! What a practice talks about before it shows on a phone: the list of delicate topics, and each practice's own rules.
//!
//! The list is on from the start and a practice may shorten it, never the other way round: who did not think of it must not
//! be the reason that somebody reads of a virus alone on a phone. It is read from codes and from the sender's own words, and
//! errs towards a talk: a hold that was not needed costs a call, and every hold ends after fourteen days at the latest, unless
//! no timer may end it ([`needs_a_person`](crate::release::needs_a_person)).

use std::collections::BTreeSet;

use crate::{
    finding::{Flag, ReadFinding, ReportStatus, Warning},
    kdl::FindingKind,
    release::LONGEST_HOLD,
};

/// Why a finding is one to talk about first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// A value that its laboratory calls critical.
    Critical,
    /// A report that is not final.
    NotFinal,
    /// The sender calls it confidential.
    Confidential,
    /// Somebody's genes (GenDG, section 11).
    Genetics,
    /// Infections by blood or sex (HIV, hepatitis B and C, syphilis and others), and those that a laboratory must notify.
    Infections,
    /// Whether somebody is pregnant.
    Pregnancy,
    /// Tissue and cells.
    Pathology,
    /// The soul.
    MentalHealth,
    /// Drugs in blood or urine.
    Drugs,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 9] = [
        Self::Critical,
        Self::NotFinal,
        Self::Confidential,
        Self::Genetics,
        Self::Infections,
        Self::Pregnancy,
        Self::Pathology,
        Self::MentalHealth,
        Self::Drugs,
    ];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::NotFinal => "not-final",
            Self::Confidential => "confidential",
            Self::Genetics => "genetics",
            Self::Infections => "infections",
            Self::Pregnancy => "pregnancy",
            Self::Pathology => "pathology",
            Self::MentalHealth => "mental-health",
            Self::Drugs => "drugs",
        }
    }

    /// The topic with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.as_str() == word)
    }
}

/// LOINC codes by topic.
const CODES: &[(Topic, &[&str])] = &[
    (
        Topic::Infections,
        &[
            // HIV
            "7917-8", "7918-6", "31201-7", "56888-1", "25836-8", "20447-9", // hepatitis B
            "5195-3", "5196-1", "13952-7", "16933-4", "24113-3", "31204-1", "42595-9", // hepatitis C
            "13955-0", "16128-1", "11259-9", "11011-4", "20416-4", // syphilis
            "24110-9", "22587-0", "8041-6", "20507-0", "5292-8", // chlamydia, gonorrhoea, papilloma viruses
            "21613-5", "24111-7", "21440-3",
        ],
    ),
    (Topic::Pregnancy, &["2106-3", "2110-5", "2112-1", "2118-8", "19080-1", "21198-7"]),
    (Topic::Drugs, &["3349-8", "3377-9", "3390-2", "3397-7", "3426-4", "3773-9", "3879-4"]),
];

/// Words by topic, in small letters: the beginnings of words in titles and in the names of values, as German, English and
/// Turkish laboratories write them. One that ends with a space is a whole word.
const WORDS: &[(Topic, &[&str])] = &[
    (
        Topic::Infections,
        &[
            "hiv ",
            "hiv1",
            "hiv2",
            "hbsag",
            "hbs ag",
            "hbs antigen",
            "hbeag",
            "hbe ag",
            "anti hbc",
            "hbv ",
            "hcv ",
            "hepatitis b",
            "hepatitis c",
            "syphilis",
            "lues",
            "treponem",
            "tpha ",
            "tppa ",
            "vdrl ",
            "chlamyd",
            "gonokok",
            "gonorrh",
            "neisseria gon",
            "hpv ",
            "papilloma",
            "trichomon",
            "frengi",
        ],
    ),
    (Topic::Pregnancy, &["hcg ", "betahcg", "schwangerschaft", "pregnan", "gravid", "gebelik"]),
    (Topic::Pathology, &["histolog", "zytolog", "cytolog", "patholog", "biops"]),
    (Topic::MentalHealth, &["psychiat", "psychother", "psychosom"]),
    (
        Topic::Drugs,
        &[
            "drogen",
            "drug screen",
            "amphetamin",
            "methamphetamin",
            "kokain",
            "cocain",
            "cannab",
            "thc ",
            "opiat",
            "opioid",
            "heroin",
            "methadon",
            "benzodiazepin",
            "barbiturat",
        ],
    ),
    (Topic::Genetics, &["humangenet", "molekulargenet", "gentest", "mutationsanalyse", "brca"]),
];

/// What a report states of itself, in its codes: a value is critical, it is not final, its sender calls it confidential, or it is
/// about somebody's genes.
pub(crate) fn stated(read: &ReadFinding) -> impl Iterator<Item = Topic> {
    let open = match read.status {
        ReportStatus::Partial | ReportStatus::Preliminary => true,
        ReportStatus::Final
        | ReportStatus::Amended
        | ReportStatus::Corrected
        | ReportStatus::Appended
        | ReportStatus::Cancelled
        | ReportStatus::EnteredInError => false,
    };
    let critical = read.observations.iter().any(|row| row.flag.is_some_and(Flag::is_critical));
    let told = |warning| read.warnings.contains(&warning);
    let all = [
        (critical, Topic::Critical),
        (open, Topic::NotFinal),
        (told(Warning::Confidential), Topic::Confidential),
        (told(Warning::Genetic), Topic::Genetics),
    ];
    all.into_iter().filter_map(|(is, topic)| is.then_some(topic))
}

/// What a finding is about that one talks about first.
#[must_use]
pub fn topics(read: &ReadFinding) -> BTreeSet<Topic> {
    let mut found: BTreeSet<Topic> = stated(read).collect();
    found.extend(read.warnings.contains(&Warning::Notifiable).then_some(Topic::Infections));
    found.extend((read.class.kind == FindingKind::Pathology).then_some(Topic::Pathology));
    let codes: Vec<&str> = read.observations.iter().filter_map(|row| row.loinc.as_deref()).collect();
    let by_code = CODES.iter().filter(|(_, list)| list.iter().any(|code| codes.contains(code)));
    found.extend(by_code.map(|(topic, _)| *topic));
    let names = read.observations.iter().map(|row| row.name.reveal().as_str());
    let texts: Vec<String> = names.chain([read.title.reveal().as_str(), read.class.name]).map(plain).collect();
    let by_word = WORDS.iter().filter(|(_, words)| texts.iter().any(|text| words.iter().any(|word| says(text, word))));
    found.extend(by_word.map(|(topic, _)| *topic));
    found
}

/// A text in small letters, everything that is neither letter nor figure a space.
fn plain(text: &str) -> String {
    let mut plain = String::from(" ");
    plain.extend(text.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }));
    plain.push(' ');
    plain
}

/// Whether a word of a text begins so.
fn says(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| text.get(..at).is_some_and(|before| before.ends_with(' ')))
}

/// What a practice talks about before it shows, unless the upload itself says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldRules {
    /// These topics.
    pub topics: BTreeSet<Topic>,
    /// For so many days at most, today being the first: 1 to [`LONGEST_HOLD`].
    pub days: u16,
    /// Everything else for so many days at most: 0 to [`LONGEST_HOLD`].
    pub other_days: u16,
}

impl Default for HoldRules {
    /// Every topic for as long as may be, and nothing else.
    fn default() -> Self {
        Self { topics: Topic::ALL.into(), days: LONGEST_HOLD, other_days: 0 }
    }
}

impl HoldRules {
    /// For how many days at most a finding is held back. Who sends it knows more of it than any rule: what they say counts, be
    /// it that nothing holds it.
    #[must_use]
    pub fn days_for(&self, read: &ReadFinding, said: Option<u16>) -> Option<u16> {
        Some(said.unwrap_or_else(|| self.days_without_a_word(read))).filter(|days| *days > 0)
    }

    fn days_without_a_word(&self, read: &ReadFinding) -> u16 {
        let about = if topics(read).is_disjoint(&self.topics) { 0 } else { self.days };
        about.max(self.other_days)
    }
}

#[cfg(test)]
mod tests;
