//! Texts of offers in their languages, and the words by which they are found.

use std::collections::BTreeSet;

use diesel::{delete, insert_into, prelude::*, update};
use nahraum_domain::{
    ids::{OfferId, StaffId},
    offers::{folding, lifecycle::Status, tags::LanguageTag, texts::Origin},
};

use super::{
    Offer, Words, feed,
    load::{editing, get},
    write::Written,
};
use crate::{
    access::{Caller, Tx},
    db::{
        insert_many,
        types::{Instant, Sql},
    },
    error::StoreError,
    schema::{offer_texts, offer_words, offers},
};

/// A text as somebody writes it.
#[derive(Debug)]
pub struct TextChange {
    /// The language.
    pub language: LanguageTag,
    /// What it says.
    pub words: Words,
    /// What the image of the offer shows; as before, if it is not said.
    pub image_alt: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
    /// The machine that translated it.
    pub engine: Option<String>,
    /// Whether what it says is another than before, so that the texts in the other languages are behind. Counts in the offer's own
    /// language only.
    pub matters: bool,
    /// The edition of the offer's own text it was made from; the newest one, if it is not said.
    pub made_from_rev: Option<i32>,
}

/// The first text of a new offer.
pub(super) fn write_first(
    tx: &mut Tx<'_>,
    person: StaffId,
    offer: OfferId,
    language: &LanguageTag,
    words: &Words,
) -> Result<(), StoreError> {
    let change = TextChange {
        language: language.clone(),
        words: words.clone(),
        image_alt: None,
        origin: Origin::Human,
        engine: None,
        matters: true,
        made_from_rev: None,
    };
    add(tx, person, offer, &change, "", 1)
}

/// Writes the text of an offer in one language.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller publishes nothing; otherwise the database's.
pub fn put_text(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    id: OfferId,
    revision: i32,
    change: &TextChange,
) -> Result<Written, StoreError> {
    editing(tx, caller, id, revision, |tx, person, offer| {
        let is_own = change.language == offer.language;
        if is_own && !change.origin.may_be_public(change.language.as_str()) {
            return Ok(Written::Late);
        }
        let text_rev = if is_own && change.matters { offer.text_rev + 1 } else { offer.text_rev };
        let made_from = match change.made_from_rev {
            Some(rev) if !is_own => rev.clamp(1, text_rev),
            Some(_) | None => text_rev,
        };
        let before = offer.texts.iter().find(|text| text.language == change.language);
        let before = before.map(|text| &*text.image_alt).unwrap_or_default();
        store(tx, person, id, change, change.image_alt.as_deref().unwrap_or(before), made_from)?;
        changed(tx, person, offer, text_rev)
    })
}

/// Takes the text of an offer in one language away; never that in its own.
///
/// # Errors
/// As [`put_text`].
pub fn delete_text(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    id: OfferId,
    revision: i32,
    language: &LanguageTag,
) -> Result<Written, StoreError> {
    editing(tx, caller, id, revision, |tx, person, offer| {
        if *language == offer.language {
            return Ok(Written::Late);
        }
        if !offer.texts.iter().any(|text| text.language == *language) {
            return Ok(Written::Unknown);
        }
        delete(offer_texts::table.find((Sql(id), language.as_str()))).execute(tx.conn())?;
        forget_words(tx, id, language)?;
        changed(tx, person, offer, offer.text_rev)
    })
}

/// Who has changed what waits for a second person is not that one.
pub(super) fn changed(tx: &mut Tx<'_>, person: StaffId, offer: &Offer, text_rev: i32) -> Result<Written, StoreError> {
    update(offers::table.find(Sql(offer.id)))
        .set((
            offers::revision.eq(offer.revision + 1),
            offers::text_rev.eq(text_rev),
            offers::submitted_by.eq((offer.status == Status::InReview).then_some(Sql(person))),
        ))
        .execute(tx.conn())?;
    feed::touch(tx, offer.id)?;
    Ok(Written::Done(get(tx, offer.id)?))
}

fn store(
    tx: &mut Tx<'_>,
    person: StaffId,
    offer: OfferId,
    change: &TextChange,
    image_alt: &str,
    made_from: i32,
) -> Result<(), StoreError> {
    delete(offer_texts::table.find((Sql(offer), change.language.as_str()))).execute(tx.conn())?;
    forget_words(tx, offer, &change.language)?;
    add(tx, person, offer, change, image_alt, made_from)
}

/// Writes a text in a language in which there is none.
fn add(
    tx: &mut Tx<'_>,
    person: StaffId,
    offer: OfferId,
    change: &TextChange,
    image_alt: &str,
    made_from: i32,
) -> Result<(), StoreError> {
    let now = Instant::from(tx.now());
    let reviewed = change.origin == Origin::MachineReviewed;
    insert_into(offer_texts::table)
        .values((
            (
                offer_texts::offer_id.eq(Sql(offer)),
                offer_texts::language.eq(change.language.as_str()),
                offer_texts::title.eq(&change.words.title),
                offer_texts::summary.eq(&change.words.summary),
                offer_texts::body.eq(&change.words.body),
                offer_texts::how_to_come.eq(&change.words.how_to_come),
                offer_texts::image_alt.eq(image_alt),
            ),
            (
                offer_texts::made_from_rev.eq(made_from),
                offer_texts::origin.eq(change.origin.as_str()),
                offer_texts::engine.eq(change.engine.as_deref()),
                offer_texts::reviewed_by.eq(reviewed.then_some(Sql(person))),
                offer_texts::reviewed_at.eq(reviewed.then_some(now)),
                offer_texts::written_by.eq(Some(Sql(person))),
                offer_texts::written_at.eq(now),
            ),
        ))
        .execute(tx.conn())?;
    if change.origin.may_be_public(change.language.as_str()) {
        index(tx, offer, change)?;
    }
    Ok(())
}

fn forget_words(tx: &mut Tx<'_>, offer: OfferId, language: &LanguageTag) -> Result<(), StoreError> {
    let words = offer_words::table.filter(offer_words::offer_id.eq(Sql(offer)));
    delete(words.filter(offer_words::language.eq(language.as_str()))).execute(tx.conn())?;
    Ok(())
}

/// A word of the title weighs three times one of the rest.
fn index(tx: &mut Tx<'_>, offer: OfferId, change: &TextChange) -> Result<(), StoreError> {
    let Words { title, summary, body, how_to_come } = &change.words;
    let titled: BTreeSet<String> = folding::words(title).collect();
    let rest = [summary, body, how_to_come].into_iter().flat_map(|text| folding::words(text));
    let rest: BTreeSet<String> = rest.filter(|word| !titled.contains(word)).collect();
    let all = titled.into_iter().map(|word| (word, 3)).chain(rest.into_iter().map(|word| (word, 1)));
    let language = change.language.as_str();
    let rows: Vec<NewWord<'_>> =
        all.map(|(word, weight)| NewWord { word, offer_id: Sql(offer), language, weight }).collect();
    Ok(insert_many!(tx.conn(), offer_words::table, &rows)?)
}

/// A word by which an offer is found.
#[derive(Insertable)]
#[diesel(table_name = offer_words)]
struct NewWord<'a> {
    word: String,
    offer_id: Sql<OfferId>,
    language: &'a str,
    weight: i32,
}
