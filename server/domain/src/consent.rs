//! What residents allow others to see: rules about recipient, data, rights, purpose and time, and the one function that
//! decides by them.
//!
//! A rule permits or denies. **Deny beats permit, and where no rule applies the answer is no** ([`decide`]). Nothing here
//! loads anything and nothing knows the clock: the store brings all rules of a resident that could concern a reader, in
//! the same unit of work as the read.

use std::{borrow::Cow, collections::BTreeSet};

use jiff::{Timestamp, civil::Date};

pub mod event;
pub mod evidence;
pub mod period;
mod recipient;
pub mod texts;
pub mod withdrawal;

pub use self::recipient::{Reader, Recipient};
use crate::{
    ids::{ConsentId, FindingId, PracticeId},
    kdl::FindingKind,
    representation::Representation,
};

/// What something is shared for. One rule has one purpose (GDPR Art. 5(1)(b)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Purpose {
    /// A practice treats or advises.
    Treatment,
    /// Somebody explains findings, side by side with the resident.
    Explanation,
    /// Somebody acts for the resident: a parent, a carer, a guardian.
    Representation,
    /// Whoever holds a link may look.
    Link,
    /// An emergency, in which the resident could not be asked.
    Emergency,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 5] = [Self::Treatment, Self::Explanation, Self::Representation, Self::Link, Self::Emergency];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Treatment => "treatment",
            Self::Explanation => "explanation",
            Self::Representation => "representation",
            Self::Link => "link",
            Self::Emergency => "emergency",
        }
    }

    /// The purpose with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == word)
    }
}

/// Whether a rule opens or closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It opens.
    Permit,
    /// It closes, whatever opens.
    Deny,
}

impl Effect {
    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Permit => "permit",
            Self::Deny => "deny",
        }
    }

    /// The effect with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Permit, Self::Deny].into_iter().find(|effect| effect.as_str() == word)
    }
}

/// How delicate a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sensitivity {
    /// Like most.
    Normal,
    /// Only shared when it is named, or when the rule says that delicate ones are meant as well.
    Sensitive,
}

impl Sensitivity {
    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Sensitive => "sensitive",
        }
    }

    /// The sensitivity with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Normal, Self::Sensitive].into_iter().find(|s| s.as_str() == word)
    }
}

/// Which findings a rule is about. Whatever is given must hold; nothing given means all findings, also future ones.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct Data {
    /// Only these.
    pub documents: Option<BTreeSet<FindingId>>,
    /// Only of these kinds, by their words.
    pub kinds: Option<BTreeSet<&'static str>>,
    /// Only from these practices.
    pub authors: Option<BTreeSet<PracticeId>>,
    /// Only from this day on.
    pub from: Option<Date>,
    /// Only up to and with this day.
    pub to: Option<Date>,
    /// A permit: delicate findings as well, also when they are not named. A denial always means them.
    pub sensitive: bool,
}

/// Whether something is given, and all of it is among the others.
fn is_part<T: Ord>(inner: Option<&BTreeSet<T>>, outer: &BTreeSet<T>) -> bool {
    inner.is_some_and(|inner| inner.is_subset(outer))
}

/// What the rules need to know about one finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// The finding.
    pub id: FindingId,
    /// Its kind.
    pub kind: FindingKind,
    /// Who sent it.
    pub author: PracticeId,
    /// The day it is sorted under.
    pub date: Date,
    /// How delicate it is.
    pub sensitivity: Sensitivity,
}

impl Data {
    /// Whether a finding is among those described, delicate or not.
    #[must_use]
    pub fn includes(&self, item: &Item) -> bool {
        self.documents.as_ref().is_none_or(|documents| documents.contains(&item.id))
            && self.kinds.as_ref().is_none_or(|kinds| kinds.contains(item.kind.as_str()))
            && self.authors.as_ref().is_none_or(|authors| authors.contains(&item.author))
            && self.from.is_none_or(|from| from <= item.date)
            && self.to.is_none_or(|to| item.date <= to)
    }

    /// Whether a permit with these terms opens nothing that one with the others does not. Of findings that are named, those count
    /// as open that `is_open`: whether one of them is delicate, its id does not tell.
    #[must_use]
    pub fn lies_within(&self, others: &Self, is_open: impl Fn(FindingId) -> bool) -> bool {
        let named = self.documents.iter().flatten().all(|id| is_open(*id));
        let documents = others.documents.as_ref().is_none_or(|outer| is_part(self.documents.as_ref(), outer));
        let kinds = others.kinds.as_ref().is_none_or(|outer| is_part(self.kinds.as_ref(), outer));
        let authors = others.authors.as_ref().is_none_or(|outer| is_part(self.authors.as_ref(), outer));
        let from = others.from.is_none_or(|outer| self.from.is_some_and(|inner| outer <= inner));
        let to = others.to.is_none_or(|outer| self.to.is_some_and(|inner| inner <= outer));
        let delicate = !self.sensitive || others.sensitive || others.documents.is_some();
        named && documents && kinds && authors && from && to && delicate
    }

    /// Whether a permit opens this finding: delicate ones are named or expressly meant.
    fn opens(&self, item: &Item) -> bool {
        let meant = self.sensitive || self.documents.is_some() || item.sensitivity == Sensitivity::Normal;
        meant && self.includes(item)
    }
}

/// What may be done with a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// Look at it.
    View,
    /// Download or export it.
    Download,
    /// Pass it on to others.
    PassOn,
}

impl Right {
    /// Every right.
    pub const ALL: [Self; 3] = [Self::View, Self::Download, Self::PassOn];
}

/// What a rule allows beyond looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Rights {
    /// Download and export.
    pub download: bool,
    /// Pass on.
    pub pass_on: bool,
}

impl Rights {
    /// Whether this is among them.
    #[must_use]
    pub const fn includes(self, right: Right) -> bool {
        match right {
            Right::View => true,
            Right::Download => self.download,
            Right::PassOn => self.pass_on,
        }
    }
}

/// From when until when a rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    /// From this moment on.
    pub from: Timestamp,
    /// Up to, and not with, this moment; without an end if there is none.
    pub until: Option<Timestamp>,
}

impl Period {
    /// Whether a moment lies in it.
    #[must_use]
    pub fn includes(self, moment: Timestamp) -> bool {
        self.from <= moment && self.until.is_none_or(|until| moment < until)
    }
}

/// One rule of one resident.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rule {
    /// The decision that made it.
    pub id: ConsentId,
    /// Whether it opens or closes.
    pub effect: Effect,
    /// For whom.
    pub recipient: Recipient,
    /// What for.
    pub purpose: Purpose,
    /// Which findings.
    pub data: Data,
    /// What beyond looking. Of no meaning when it closes: that closes everything.
    pub rights: Rights,
    /// When.
    pub period: Period,
    /// When it was taken back.
    pub ended_at: Option<Timestamp>,
    /// What else counts where somebody acts for the resident.
    pub representation: Option<Representation>,
}

impl Rule {
    /// Whether the rule is a denial that leaves its recipient nothing at all.
    #[must_use]
    pub fn closes_all(&self) -> bool {
        let all = Data { sensitive: self.data.sensitive, ..Data::default() };
        let named = matches!(self.recipient, Recipient::Organisation(_) | Recipient::Duty(..) | Recipient::Person(_));
        self.effect == Effect::Deny && named && self.data == all
    }

    /// Which findings the rule is about at a moment: for parents of a child who is twelve, none that is delicate any more.
    #[must_use]
    pub fn data_at(&self, now: Timestamp) -> Cow<'_, Data> {
        match self.representation {
            Some(representation) if representation.is_narrowed(now) => {
                Cow::Owned(Data { sensitive: false, ..self.data.clone() })
            }
            Some(_) | None => Cow::Borrowed(&self.data),
        }
    }

    /// Whether the rule stands at a moment.
    #[must_use]
    pub fn stands(&self, now: Timestamp) -> bool {
        self.period.includes(now) && self.ended_at.is_none_or(|ended| now < ended)
    }
}

/// What the rules say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Open, by this rule.
    Permitted(ConsentId, Purpose),
    /// Closed by this rule, whatever opens.
    Denied(ConsentId),
    /// No rule opens it.
    NotAsked,
}

impl Verdict {
    /// The rule that opens it.
    #[must_use]
    pub const fn permitting(&self) -> Option<ConsentId> {
        match self {
            Self::Permitted(rule, _) => Some(*rule),
            Self::Denied(_) | Self::NotAsked => None,
        }
    }

    /// Whether it is open.
    #[must_use]
    pub const fn is_permitted(self) -> bool {
        matches!(self, Self::Permitted(..))
    }
}

/// May this reader do this with this finding, now? Deny beats permit; where nothing applies the answer is no. Of several
/// rules that apply the oldest is named, so that the answer does not depend on the order in which they are given.
#[must_use]
pub fn decide(rules: &[Rule], reader: &Reader, right: Right, item: &Item, now: Timestamp) -> Verdict {
    let theirs = || rules.iter().filter(|rule| rule.stands(now) && reader.is(rule.recipient));
    let closed = theirs().filter(|rule| rule.effect == Effect::Deny && rule.data.includes(item));
    if let Some(rule) = closed.min_by_key(|rule| rule.id) {
        return Verdict::Denied(rule.id);
    }
    let open = theirs().filter(|rule| {
        let opens = rule.effect == Effect::Permit && rule.recipient != Recipient::Everyone;
        opens && rule.rights.includes(right) && rule.data_at(now).opens(item)
    });
    match open.min_by_key(|rule| rule.id) {
        Some(rule) => Verdict::Permitted(rule.id, rule.purpose),
        None => Verdict::NotAsked,
    }
}

#[cfg(test)]
mod tests;
