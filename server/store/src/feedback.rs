//! Room feedback: what people say about an offer. Nothing of it leads to a person: ids are chance alone, there is no moment but the
//! month, and nobody is named. Their own words are sealed, because nobody knows what they say.

use diesel::{delete, insert_into, prelude::*, update};
use nahraum_domain::{
    calendar,
    feedback::{DOUBTS, Helpful, Tag},
    ids::{FeedbackId, OfferId},
    offers::{lifecycle::Status, tags::LanguageTag},
    private::Private,
};
use nahraum_secrets::random_bytes;

use crate::{
    access::{Caller, System, Tx},
    db::types::{Day, Sql},
    error::StoreError,
    key_store::Subject,
    offers::{self as room, publisher},
    schema::{offer_feedback, offers},
    vault::Place,
};

/// What somebody says about an offer.
#[derive(Debug, Clone)]
pub struct Feedback {
    /// The language they read it in.
    pub language: Option<LanguageTag>,
    /// Whether it helped.
    pub helpful: Option<Helpful>,
    /// What was so, or not as it said.
    pub tags: Vec<Tag>,
    /// Their own words.
    pub comment: Option<Private<String>>,
}

/// What was said about an offer, for its organisation.
#[derive(Debug, Default)]
pub struct Summary {
    /// How many said so.
    pub helpful: Vec<(Helpful, i64)>,
    /// How many said so.
    pub tags: Vec<(Tag, i64)>,
    /// How many have doubted it since it was confirmed last.
    pub doubts: i32,
    /// Their own words, those of the newest month first and in no order within it.
    pub comments: Vec<Comment>,
}

/// Somebody's own words.
#[derive(Debug)]
pub struct Comment {
    /// In which month: `2026-11`.
    pub month: String,
    /// The language they read it in.
    pub language: Option<String>,
    /// The words.
    pub text: Private<String>,
}

/// Takes what somebody says about a public offer; false when there is none. An offer that three have doubted since it was confirmed last
/// is due today: its organisation is told with the next mail, like of everything that is due.
///
/// # Errors
/// The database's.
pub fn give(tx: &mut Tx<'_>, id: OfferId, feedback: &Feedback) -> Result<bool, StoreError> {
    if !room::status(tx, id)?.is_some_and(Status::is_public) {
        return Ok(false);
    }
    let row = FeedbackId::from_bytes(random_bytes(tx.random()));
    let seal = |text: &Private<String>| tx.vault().seal_text(Subject::House, place(row.as_bytes()), text.reveal());
    let comment = feedback.comment.as_ref().map(seal).transpose()?;
    let tags: Vec<&str> = feedback.tags.iter().map(|tag| tag.as_str()).collect();
    insert_into(offer_feedback::table)
        .values((
            offer_feedback::id.eq(Sql(row)),
            offer_feedback::offer_id.eq(Sql(id)),
            offer_feedback::month.eq(calendar::month(tx.now())),
            offer_feedback::language.eq(feedback.language.as_ref().map(LanguageTag::as_str)),
            offer_feedback::helpful.eq(feedback.helpful.map(Helpful::as_str)),
            offer_feedback::tags.eq(tags.join(",")),
            offer_feedback::comment_sealed.eq(comment),
        ))
        .execute(tx.conn())?;
    if feedback.tags.iter().any(|tag| tag.doubts()) {
        update(offers::table.find(Sql(id))).set(offers::doubts.eq(offers::doubts + 1)).execute(tx.conn())?;
        let today = Day::from(calendar::day(tx.now()));
        let doubted = offers::table
            .find(Sql(id))
            .filter(offers::doubts.ge(DOUBTS))
            .filter(offers::verify_due.gt(Some(today.clone())));
        update(doubted).set(offers::verify_due.eq(Some(today))).execute(tx.conn())?;
    }
    Ok(true)
}

/// What was said about an offer of the caller's organisation, with at most `limit` comments; none when they have no such offer.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller publishes nothing; otherwise the database's.
pub fn of_offer(tx: &mut Tx<'_>, caller: &Caller<'_>, id: OfferId, limit: i64) -> Result<Option<Summary>, StoreError> {
    let (_, organisation) = publisher(caller)?;
    let doubts: Option<i32> = offers::table
        .find(Sql(id))
        .filter(offers::organisation_id.eq(Sql(organisation)))
        .select(offers::doubts)
        .first(tx.conn())
        .optional()?;
    let Some(doubts) = doubts else { return Ok(None) };
    let counted: Vec<(Option<String>, String, i64)> = offer_feedback::table
        .filter(offer_feedback::offer_id.eq(Sql(id)))
        .group_by((offer_feedback::helpful, offer_feedback::tags))
        .select((offer_feedback::helpful, offer_feedback::tags, diesel::dsl::count_star()))
        .load(tx.conn())?;
    let helpful = Helpful::ALL.map(|answer| {
        let said = counted.iter().filter(|(said, _, _)| said.as_deref() == Some(answer.as_str()));
        (answer, said.map(|(_, _, count)| count).sum())
    });
    let tags = Tag::ALL.map(|tag| {
        let said = counted.iter().filter(|(_, tags, _)| tags.split(',').any(|word| word == tag.as_str()));
        (tag, said.map(|(_, _, count)| count).sum())
    });
    let comments = comments(tx, id, limit)?;
    Ok(Some(Summary { helpful: helpful.to_vec(), tags: tags.to_vec(), doubts, comments }))
}

fn comments(tx: &mut Tx<'_>, id: OfferId, limit: i64) -> Result<Vec<Comment>, StoreError> {
    type Row = (Sql<FeedbackId>, String, Option<String>, Option<Vec<u8>>);
    let rows: Vec<Row> = offer_feedback::table
        .filter(offer_feedback::offer_id.eq(Sql(id)))
        .filter(offer_feedback::comment_sealed.is_not_null())
        .order((offer_feedback::month.desc(), offer_feedback::id))
        .limit(limit)
        .select((offer_feedback::id, offer_feedback::month, offer_feedback::language, offer_feedback::comment_sealed))
        .load(tx.conn())?;
    let open = |(id, month, language, sealed): Row| {
        let sealed = sealed.ok_or(StoreError::Corrupt("offer_feedback.comment"))?;
        let text = tx.vault().open_text(Subject::House, place(id.0.as_bytes()), sealed)?;
        Ok(Comment { month, language, text: Private::new(text) })
    };
    rows.into_iter().map(open).collect()
}

/// Deletes what was said before a month.
///
/// # Errors
/// The database's.
pub fn sweep(tx: &mut Tx<'_>, _system: &System, before: &str) -> Result<usize, StoreError> {
    Ok(delete(offer_feedback::table.filter(offer_feedback::month.lt(before))).execute(tx.conn())?)
}

const fn place(row: &[u8; 16]) -> Place<'_> {
    Place { column: "offer_feedback.comment", row }
}
