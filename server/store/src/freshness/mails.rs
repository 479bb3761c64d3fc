//! Mails to organisations, from being written down to being sent.

use diesel::{delete, prelude::*, update};
use jiff::{Timestamp, civil::Date};
use nahraum_domain::{
    ids::{FreshnessMailId, OfferId, OrganisationId},
    offers::lifecycle::Sensitivity,
    private::Private,
};
use nahraum_secrets::Token;

use super::contact::{self, Contact};
use crate::{
    access::{System, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    key_store::Subject,
    notifications::{LEASE, Sent},
    offers::{self, Offer},
    schema::{freshness_mail_offers, freshness_mails, organisations},
    vault::Place,
};

/// A mail to send now.
#[derive(Debug)]
pub struct DueMail {
    /// The mail. Its Message-ID is made from it and stays the same on every try.
    pub id: FreshnessMailId,
    /// Where to; none when the organisation has taken its address back meanwhile.
    pub to: Option<Private<String>>,
    /// In which language, as a tag; none when nobody has said.
    pub language: Option<String>,
    /// What people call the organisation.
    pub organisation: String,
    /// What opens the page.
    pub token: Token,
    /// Until when it does.
    pub until: Timestamp,
    /// What is due, the first first.
    pub due: Vec<MailOffer>,
    /// What was archived.
    pub gone: Vec<MailOffer>,
    /// How often it was tried before.
    pub attempts: i32,
}

/// An offer as a mail names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailOffer {
    /// What it is called: in the language of the mail, or in its own.
    pub title: String,
    /// Whether its title must not stand in a mail.
    pub sensitive: bool,
    /// Until when it has to be confirmed.
    pub due: Option<Date>,
}

/// Takes the next mails that are due; nobody else gets them for two minutes.
///
/// # Errors
/// The database's.
pub fn lease(tx: &mut Tx<'_>, _system: &System, limit: i64) -> Result<Vec<DueMail>, StoreError> {
    let now = Instant::from(tx.now());
    type Row = (Sql<FreshnessMailId>, Sql<OrganisationId>, String, Option<Vec<u8>>, Instant, i32);
    let rows: Vec<Row> = freshness_mails::table
        .inner_join(organisations::table)
        .filter(freshness_mails::state.eq("pending"))
        .filter(freshness_mails::due_at.le(now))
        .filter(freshness_mails::leased_until.is_null().or(freshness_mails::leased_until.lt(Some(now))))
        .order((freshness_mails::due_at, freshness_mails::id))
        .limit(limit)
        .select((
            freshness_mails::id,
            freshness_mails::organisation_id,
            organisations::name,
            freshness_mails::token_sealed,
            freshness_mails::expires_at,
            freshness_mails::attempts,
        ))
        .load(tx.conn())?;
    let leased = Instant::from(tx.now() + LEASE);
    let mut mails = Vec::with_capacity(rows.len());
    for (id, owner, organisation, sealed, until, attempts) in rows {
        update(freshness_mails::table.find(id))
            .set(freshness_mails::leased_until.eq(Some(leased)))
            .execute(tx.conn())?;
        let sealed = sealed.ok_or(StoreError::Corrupt("freshness_mails.token"))?;
        let token = tx.vault().open_text(Subject::House, token_place(id.0.as_bytes()), sealed)?;
        let token = Token::parse(&token).map_err(|_| StoreError::Corrupt("freshness_mails.token"))?;
        let Contact { mail: to, language } = contact::of(tx, owner.0)?;
        let (due, gone) = named(tx, id.0, language.as_deref())?;
        let until = until.timestamp();
        mails.push(DueMail { id: id.0, to, language, organisation, token, until, due, gone, attempts });
    }
    Ok(mails)
}

/// What a mail is about, as far as it is still so: what is due, and what was archived.
fn named(
    tx: &mut Tx<'_>,
    id: FreshnessMailId,
    language: Option<&str>,
) -> Result<(Vec<MailOffer>, Vec<MailOffer>), StoreError> {
    let name = |offer: &Offer| MailOffer {
        title: title(offer, language),
        sensitive: offer.facts.sensitivity == Sensitivity::Sensitive,
        due: offer.verify_due,
    };
    let due: Vec<MailOffer> = still_due(tx, id)?.iter().map(name).collect();
    let gone = about(tx, id, 1)?;
    let gone = offers::load(tx, &gone)?.iter().filter(|offer| offer.archived.is_some()).map(name).collect();
    Ok((due, gone))
}

/// What a mail asks to confirm and what nobody has confirmed meanwhile, the first due first.
pub(super) fn still_due(tx: &mut Tx<'_>, id: FreshnessMailId) -> Result<Vec<Offer>, StoreError> {
    let ids = about(tx, id, 0)?;
    let mut due = offers::load(tx, &ids)?;
    due.retain(|offer| offer.is_due(tx.now()));
    due.sort_by_key(|offer| (offer.verify_due, offer.id));
    Ok(due)
}

fn about(tx: &mut Tx<'_>, id: FreshnessMailId, gone: i32) -> Result<Vec<OfferId>, StoreError> {
    let ids: Vec<Sql<OfferId>> = freshness_mail_offers::table
        .filter(freshness_mail_offers::mail_id.eq(Sql(id)))
        .filter(freshness_mail_offers::gone.eq(gone))
        .order(freshness_mail_offers::offer_id)
        .select(freshness_mail_offers::offer_id)
        .load(tx.conn())?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

/// What an offer is called in a language, or in its own.
pub(super) fn title(offer: &Offer, language: Option<&str>) -> String {
    let of = |tag: &str| offer.shown().find(|text| text.language.as_str() == tag).map(|text| text.words.title.clone());
    language.and_then(of).or_else(|| of(offer.language.as_str())).unwrap_or_default()
}

/// Records how a try ended. What opens the page is forgotten as soon as the mail is sent, but for its hash.
///
/// # Errors
/// The database's.
pub fn settle(tx: &mut Tx<'_>, _system: &System, id: FreshnessMailId, sent: Sent) -> Result<(), StoreError> {
    let row = freshness_mails::table.find(Sql(id));
    let free = freshness_mails::leased_until.eq(None::<Instant>);
    let forgotten = freshness_mails::token_sealed.eq(None::<Vec<u8>>);
    match sent {
        Sent::Yes => {
            update(row).set((freshness_mails::state.eq("sent"), free, forgotten)).execute(tx.conn())?;
        }
        Sent::Later(at) => {
            let again = freshness_mails::due_at.eq(Instant::from(at));
            let tried = freshness_mails::attempts.eq(freshness_mails::attempts + 1);
            update(row).set((tried, again, free)).execute(tx.conn())?;
        }
        Sent::GivenUp => {
            update(row).set((freshness_mails::state.eq("given-up"), free, forgotten)).execute(tx.conn())?;
        }
    }
    Ok(())
}

/// Deletes at most `limit` mails whose page ended before `before`. Returns how many.
///
/// # Errors
/// The database's.
pub fn sweep(tx: &mut Tx<'_>, _system: &System, before: Timestamp, limit: i64) -> Result<usize, StoreError> {
    let ended: Vec<Sql<FreshnessMailId>> = freshness_mails::table
        .filter(freshness_mails::expires_at.lt(Instant::from(before)))
        .order((freshness_mails::expires_at, freshness_mails::id))
        .limit(limit)
        .select(freshness_mails::id)
        .load(tx.conn())?;
    delete(freshness_mail_offers::table.filter(freshness_mail_offers::mail_id.eq_any(&ended))).execute(tx.conn())?;
    Ok(delete(freshness_mails::table.filter(freshness_mails::id.eq_any(&ended))).execute(tx.conn())?)
}

pub(super) const fn token_place(row: &[u8; 16]) -> Place<'_> {
    Place { column: "freshness_mails.token", row }
}
