//! Consents to texts: when a yes counts, who is asked again, and what may be published (SR-Z09).
//!
//! Nothing is carried over by a job: whether a yes counts follows from the answers of a resident and from what was
//! published, at the moment of the question.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan as _, civil::Date};

use super::event::Standing;
use crate::calendar::{day, end_of};

/// How many days people have at least before an old yes runs out.
pub const LEAST_NOTICE_DAYS: i64 = 7;

/// A published version that asks everybody again who has agreed to an older one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asking {
    /// The version.
    pub version: i32,
    /// When it was published.
    pub published_at: Timestamp,
    /// Until when a yes to an older version counts, and not with.
    pub old_counts_until: Timestamp,
}

/// One yes of a resident to one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Yes {
    /// To which version.
    pub version: i32,
    /// Whether it was taken back.
    pub withdrawn: bool,
}

/// What a resident has to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// The version that asks.
    pub version: i32,
    /// The newest version to which they have agreed.
    pub agreed: i32,
    /// Until when the old yes counts without an answer.
    pub old_counts_until: Timestamp,
}

/// Until when a yes to this version counts, and not with: to the first end that a newer version has set. None for as long
/// as no newer version asks again.
#[must_use]
pub fn counts_until(version: i32, askings: &[Asking]) -> Option<Timestamp> {
    askings.iter().filter(|asking| asking.version > version).map(|asking| asking.old_counts_until).min()
}

/// Where a yes stands.
#[must_use]
pub fn standing(yes: Yes, askings: &[Asking], now: Timestamp) -> Standing {
    if yes.withdrawn {
        return Standing::Withdrawn;
    }
    match counts_until(yes.version, askings) {
        Some(until) if until <= now => Standing::Expired,
        Some(_) | None => Standing::Granted,
    }
}

/// Whether somebody who has given these answers agrees now. A refusal takes nothing away: an old yes counts to its day, or
/// until it is taken back.
#[must_use]
pub fn agrees(answers: &[Yes], askings: &[Asking], now: Timestamp) -> bool {
    answers.iter().any(|yes| standing(*yes, askings, now) == Standing::Granted)
}

/// What somebody has to answer: the newest version that asks again, if their newest yes is older and they have not said no to
/// it. `refused` is the newest version to which they have said no. Whoever has no yes is not asked.
#[must_use]
pub fn question(answers: &[Yes], refused: Option<i32>, askings: &[Asking]) -> Option<Question> {
    let agreed = answers.iter().filter(|yes| !yes.withdrawn).map(|yes| yes.version).max()?;
    let newest = askings.iter().filter(|asking| asking.version > agreed).max_by_key(|asking| asking.version)?;
    let answered = refused.is_some_and(|refused| refused >= newest.version);
    let old_counts_until = counts_until(agreed, askings)?;
    (!answered).then_some(Question { version: newest.version, agreed, old_counts_until })
}

/// Whether a word can name a purpose: 2 to 40 of a-z, 0-9 and the hyphen.
#[must_use]
pub fn is_purpose(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (2..=40).contains(&word.len()) && word.chars().all(plain)
}

/// Why a version is not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotPublished {
    /// It is not the one after the last.
    #[error("this is not the next version")]
    NotNext,
    /// Nobody can have agreed to an older one.
    #[error("a first version asks nobody again")]
    NobodyToAsk,
    /// People have too little time.
    #[error("an old yes counts for at least seven more days")]
    TooSoon,
}

/// Whether a version may be published after `last`, and until when a yes to an older one counts from then on: to the end of
/// `last_day`, if everybody is asked again.
///
/// # Errors
/// [`NotPublished`].
pub fn publish(
    version: i32,
    last: Option<i32>,
    last_day: Option<Date>,
    now: Timestamp,
) -> Result<Option<Timestamp>, NotPublished> {
    if last.unwrap_or(0).checked_add(1) != Some(version) {
        return Err(NotPublished::NotNext);
    }
    let Some(last_day) = last_day else { return Ok(None) };
    if last.is_none() {
        return Err(NotPublished::NobodyToAsk);
    }
    // what the calendar does not reach is not a week ahead
    let earliest = day(now).checked_add(LEAST_NOTICE_DAYS.days()).unwrap_or(Date::MAX);
    if last_day < earliest { Err(NotPublished::TooSoon) } else { Ok(Some(end_of(last_day))) }
}

/// Why texts are not those of one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotOneVersion {
    /// German is binding and has to be there.
    #[error("the German text is missing")]
    NoGerman,
    /// There are two texts in one language.
    #[error("a language is there twice")]
    Twice,
    /// A new wording says what is different, and a first one says nothing about it.
    #[error("every text of a later version says what is different, and no text of the first one does")]
    Change,
}

/// Whether texts in these languages, each with or without a sentence about what is different, make up one version.
///
/// # Errors
/// [`NotOneVersion`].
pub fn one_version(version: i32, texts: &[(&str, bool)]) -> Result<(), NotOneVersion> {
    let languages: BTreeSet<&str> = texts.iter().map(|(language, _)| *language).collect();
    if languages.len() != texts.len() {
        return Err(NotOneVersion::Twice);
    }
    if !languages.contains("de") {
        return Err(NotOneVersion::NoGerman);
    }
    let tells = version > 1;
    if texts.iter().all(|(_, told)| *told == tells) { Ok(()) } else { Err(NotOneVersion::Change) }
}

#[cfg(test)]
mod tests;
