//! Texts that are published while the server runs. A version is written once, in all its languages, and never changed.

use diesel::{dsl::max, insert_into, prelude::*};
use jiff::Timestamp;
use nahraum_domain::{
    access::Actor,
    consent::texts::Asking,
    ids::{OrganisationId, StaffId},
    organisations::OrganisationKind,
};

use crate::{
    access::{Caller, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    organisations,
    schema::{consent_publications, consent_texts},
};

const AGAIN: &str = "again";
const NOBODY: &str = "none";

/// A new version in all its languages.
#[derive(Debug, Clone)]
pub struct NewVersion {
    /// What it is for.
    pub purpose: String,
    /// Its number.
    pub version: i32,
    /// Until when a yes to an older version counts, if everybody is asked again.
    pub old_counts_until: Option<Timestamp>,
    /// The texts, one for each language.
    pub texts: Vec<NewText>,
}

/// One of its texts.
#[derive(Debug, Clone)]
pub struct NewText {
    /// The language, as a tag.
    pub language: String,
    /// The heading.
    pub title: String,
    /// The text.
    pub paragraphs: Vec<String>,
    /// SHA-256 of its canonical form, in lower-case hex.
    pub sha256: String,
    /// That of the German text it translates.
    pub translation_of: Option<String>,
    /// What is different from the version before.
    pub change: Option<String>,
    /// How far people have checked it, as a word.
    pub review: String,
}

/// When something was published, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// When.
    pub at: Timestamp,
    /// By which person.
    pub by: StaffId,
    /// For which organisation.
    pub organisation: OrganisationId,
    /// What that is called.
    pub organisation_name: String,
    /// Until when a yes to an older version counts, if everybody was asked again.
    pub old_counts_until: Option<Timestamp>,
}

/// A text as it was published.
#[derive(Debug, Clone)]
pub struct StoredText {
    /// The text.
    pub text: NewText,
    /// When it was published, and by whom.
    pub publication: Publication,
}

/// The person and the organisation for which the caller may publish: the operator, or the district office.
///
/// # Errors
/// The database's.
pub fn publisher(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Option<(StaffId, OrganisationId)>, StoreError> {
    match caller.actor() {
        Actor::Operator { staff, organisation } => Ok(Some((staff, organisation))),
        Actor::District { staff, organisation } => {
            let kind = organisations::one(tx, organisation)?.kind;
            Ok((kind == OrganisationKind::DistrictOffice).then_some((staff, organisation)))
        }
        Actor::Resident(_)
        | Actor::Representative { .. }
        | Actor::Staff { .. }
        | Actor::Software { .. }
        | Actor::Holder { .. } => Ok(None),
    }
}

/// Publishes a version. Of two who publish the same one, the database lets one win.
///
/// # Errors
/// [`StoreError::Unauthenticated`] for whoever may not publish; [`crate::DatabaseError::Unique`] when the version is there
/// already; otherwise the database's.
pub fn publish(tx: &mut Tx<'_>, caller: &Caller<'_>, new: &NewVersion) -> Result<(), StoreError> {
    let (person, organisation) = publisher(tx, caller)?.ok_or(StoreError::Unauthenticated)?;
    let asking = if new.old_counts_until.is_some() { AGAIN } else { NOBODY };
    insert_into(consent_publications::table)
        .values((
            consent_publications::purpose.eq(&new.purpose),
            consent_publications::version.eq(new.version),
            consent_publications::published_at.eq(Instant::from(tx.now())),
            consent_publications::published_by.eq(Sql(person)),
            consent_publications::organisation_id.eq(Sql(organisation)),
            consent_publications::asking.eq(asking),
            consent_publications::old_counts_until.eq(new.old_counts_until.map(Instant::from)),
        ))
        .execute(tx.conn())?;
    for text in &new.texts {
        let paragraphs = serde_json::to_string(&text.paragraphs).map_err(|_| StoreError::Corrupt(PARAGRAPHS))?;
        insert_into(consent_texts::table)
            .values((
                consent_texts::purpose.eq(&new.purpose),
                consent_texts::version.eq(new.version),
                consent_texts::language.eq(&text.language),
                consent_texts::title.eq(&text.title),
                consent_texts::paragraphs.eq(paragraphs),
                consent_texts::sha256.eq(&text.sha256),
                consent_texts::translation_of.eq(&text.translation_of),
                consent_texts::change_note.eq(&text.change),
                consent_texts::review.eq(&text.review),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}

const PARAGRAPHS: &str = "consent_texts.paragraphs";

/// The newest published version for a purpose.
///
/// # Errors
/// The database's.
pub fn newest(tx: &mut Tx<'_>, purpose: &str) -> Result<Option<i32>, StoreError> {
    Ok(consent_publications::table
        .filter(consent_publications::purpose.eq(purpose))
        .select(max(consent_publications::version))
        .first(tx.conn())?)
}

/// Every purpose with its newest published version.
///
/// # Errors
/// The database's.
pub fn newest_of_all(tx: &mut Tx<'_>) -> Result<Vec<(String, i32)>, StoreError> {
    let rows: Vec<(String, Option<i32>)> = consent_publications::table
        .group_by(consent_publications::purpose)
        .select((consent_publications::purpose, max(consent_publications::version)))
        .load(tx.conn())?;
    Ok(rows.into_iter().filter_map(|(purpose, newest)| newest.map(|newest| (purpose, newest))).collect())
}

type TextRow = (String, String, String, String, Option<String>, Option<String>, String);
type PublicationRow = (Instant, Sql<StaffId>, Sql<OrganisationId>, Option<Instant>);

/// A published text, in this language if it is there, in German otherwise.
///
/// # Errors
/// The database's.
pub fn text(tx: &mut Tx<'_>, purpose: &str, version: i32, language: &str) -> Result<Option<StoredText>, StoreError> {
    let publication: Option<PublicationRow> = consent_publications::table
        .find((purpose, version))
        .select((
            consent_publications::published_at,
            consent_publications::published_by,
            consent_publications::organisation_id,
            consent_publications::old_counts_until,
        ))
        .first(tx.conn())
        .optional()?;
    let Some((at, by, organisation, until)) = publication else { return Ok(None) };
    let rows: Vec<TextRow> = consent_texts::table
        .filter(consent_texts::purpose.eq(purpose))
        .filter(consent_texts::version.eq(version))
        .filter(consent_texts::language.eq_any(["de", language]))
        .select((
            consent_texts::language,
            consent_texts::title,
            consent_texts::paragraphs,
            consent_texts::sha256,
            consent_texts::translation_of,
            consent_texts::change_note,
            consent_texts::review,
        ))
        .load(tx.conn())?;
    let best = rows.into_iter().max_by_key(|row| row.0 == language).ok_or(StoreError::Corrupt("consent_texts"))?;
    let organisation = organisations::one(tx, organisation.0)?;
    let publication = Publication {
        at: at.timestamp(),
        by: by.0,
        organisation: organisation.id,
        organisation_name: organisation.name,
        old_counts_until: until.map(|until| until.timestamp()),
    };
    Ok(Some(StoredText { text: read(best)?, publication }))
}

fn read((language, title, paragraphs, sha256, translation_of, change, review): TextRow) -> Result<NewText, StoreError> {
    let paragraphs = serde_json::from_str(&paragraphs).map_err(|_| StoreError::Corrupt(PARAGRAPHS))?;
    Ok(NewText { language, title, paragraphs, sha256, translation_of, change, review })
}

/// The versions of a purpose that ask everybody again.
pub(super) fn askings(tx: &mut Tx<'_>, purpose: &str) -> Result<Vec<Asking>, StoreError> {
    let rows: Vec<(i32, Instant, Option<Instant>)> = consent_publications::table
        .filter(consent_publications::purpose.eq(purpose))
        .filter(consent_publications::asking.eq(AGAIN))
        .select((
            consent_publications::version,
            consent_publications::published_at,
            consent_publications::old_counts_until,
        ))
        .load(tx.conn())?;
    let read = |(version, at, until): (i32, Instant, Option<Instant>)| {
        let until = until.ok_or(StoreError::Corrupt("consent_publications.old_counts_until"))?;
        Ok(Asking { version, published_at: at.timestamp(), old_counts_until: until.timestamp() })
    };
    rows.into_iter().map(read).collect()
}
