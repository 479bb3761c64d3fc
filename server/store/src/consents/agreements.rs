//! What publishers see of the answers to a version: how many there are of each, and each by its id, never by whom.

use diesel::{dsl::count_star, prelude::*};
use jiff::{Timestamp, civil::Date};
use nahraum_domain::{
    calendar::day,
    consent::{
        event::Standing,
        texts::{self as rules, Asking, Yes},
    },
    ids::ConsentId,
};

use super::texts;
use crate::{
    access::Tx,
    db::types::{Instant, Sql},
    error::StoreError,
    schema::{consent_questions, consents},
};

/// How many answers of one kind there are in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// Where they stand.
    pub standing: Standing,
    /// The language the text was read in, as a tag.
    pub language: String,
    /// How many.
    pub count: i64,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// The decision.
    pub id: ConsentId,
    /// Where it stands.
    pub standing: Standing,
    /// The language the text was read in, as a tag.
    pub language: String,
    /// On which day it was given, in Berlin; for a question that waits, the day it was put.
    pub day: Date,
}

/// Where all answers of a version stand that were not taken back.
fn standing_of(version: i32, withdrawn: bool, askings: &[Asking], now: Timestamp) -> Standing {
    rules::standing(Yes { version, withdrawn }, askings, now)
}

fn word(state: &str) -> Result<Standing, StoreError> {
    match state {
        "asked" => Ok(Standing::Asked),
        "refused" => Ok(Standing::Refused),
        _ => Err(StoreError::Corrupt("consent_questions.state")),
    }
}

/// How many answers there are to a version, by language and by where they stand.
///
/// # Errors
/// The database's.
pub fn counts(tx: &mut Tx<'_>, purpose: &str, version: i32) -> Result<Vec<Count>, StoreError> {
    let askings = texts::askings(tx, purpose)?;
    let now = tx.now();
    let given = consents::table
        .filter(consents::purpose.eq(purpose))
        .filter(consents::version.eq(version))
        .group_by(consents::language)
        .order(consents::language)
        .select((consents::language, count_star()));
    let standing: Vec<(String, i64)> = given.filter(consents::withdrawn_at.is_null()).load(tx.conn())?;
    let withdrawn: Vec<(String, i64)> = given.filter(consents::withdrawn_at.is_not_null()).load(tx.conn())?;
    let others: Vec<(String, String, i64)> = consent_questions::table
        .filter(consent_questions::purpose.eq(purpose))
        .filter(consent_questions::version.eq(version))
        .filter(consent_questions::state.ne("granted"))
        .group_by((consent_questions::state, consent_questions::language))
        .order((consent_questions::state, consent_questions::language))
        .select((consent_questions::state, consent_questions::language, count_star()))
        .load(tx.conn())?;
    let mut all = Vec::new();
    for (rows, is_withdrawn) in [(standing, false), (withdrawn, true)] {
        let standing = standing_of(version, is_withdrawn, &askings, now);
        all.extend(rows.into_iter().map(|(language, count)| Count { standing, language, count }));
    }
    for (state, language, count) in others {
        all.push(Count { standing: word(&state)?, language, count });
    }
    Ok(all)
}

/// The answers to a version, newest first, from before `before` on, at most `limit`.
///
/// # Errors
/// The database's.
pub fn agreements(
    tx: &mut Tx<'_>,
    purpose: &str,
    version: i32,
    before: Option<ConsentId>,
    limit: i64,
) -> Result<Vec<Agreement>, StoreError> {
    let askings = texts::askings(tx, purpose)?;
    let (now, last) = (tx.now(), Sql(before.unwrap_or(ConsentId::from_bytes([0xff; 16]))));
    let given: Vec<(Sql<ConsentId>, String, Instant, Option<Instant>)> = consents::table
        .filter(consents::purpose.eq(purpose))
        .filter(consents::version.eq(version))
        .filter(consents::id.lt(last))
        .order(consents::id.desc())
        .limit(limit)
        .select((consents::id, consents::language, consents::granted_at, consents::withdrawn_at))
        .load(tx.conn())?;
    type Row = (Sql<ConsentId>, String, String, Option<Instant>, Option<Instant>);
    let others: Vec<Row> = consent_questions::table
        .filter(consent_questions::purpose.eq(purpose))
        .filter(consent_questions::version.eq(version))
        .filter(consent_questions::state.ne("granted"))
        .filter(consent_questions::id.lt(last))
        .order(consent_questions::id.desc())
        .limit(limit)
        .select((
            consent_questions::id,
            consent_questions::state,
            consent_questions::language,
            consent_questions::asked_at,
            consent_questions::answered_at,
        ))
        .load(tx.conn())?;
    let yes = given.into_iter().map(|(id, language, at, withdrawn)| {
        let standing = standing_of(version, withdrawn.is_some(), &askings, now);
        Ok(Agreement { id: id.0, standing, language, day: day(at.timestamp()) })
    });
    let no = others.into_iter().map(|(id, state, language, asked, answered)| {
        let at = answered.or(asked).ok_or(StoreError::Corrupt("consent_questions.asked_at"))?;
        Ok(Agreement { id: id.0, standing: word(&state)?, language, day: day(at.timestamp()) })
    });
    let mut all: Vec<Agreement> = yes.chain(no).collect::<Result<_, StoreError>>()?;
    all.sort_by_key(|agreement| std::cmp::Reverse(agreement.id));
    all.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(all)
}
