//! The page behind a mail: whoever has its address says which offers are still true, once. Looking changes nothing, because the scanners
//! of mail servers look as well.

use diesel::{prelude::*, update};
use jiff::civil::Date;
use nahraum_domain::ids::{FreshnessMailId, OfferId};
use nahraum_secrets::{Token, TokenHash};

use super::{
    confirm::{Answer, one},
    mails::{still_due, title},
};
use crate::{
    access::Tx,
    db::types::{Instant, Sql},
    error::StoreError,
    schema::{freshness_mails, organisations},
};

/// What stands behind an address.
#[derive(Debug)]
pub enum Page {
    /// Nothing (any more): it was never given out, or its time is over.
    Nothing,
    /// Somebody has confirmed with it.
    Used,
    /// It can be used.
    Open {
        /// What people call the organisation.
        organisation: String,
        /// What can be confirmed, the first due first.
        offers: Vec<PageOffer>,
    },
}

/// An offer that can be confirmed.
#[derive(Debug)]
pub struct PageOffer {
    /// The offer.
    pub id: OfferId,
    /// As which it is shown, to be said with the confirmation.
    pub revision: i32,
    /// What it is called: in the reader's language, or in its own.
    pub title: String,
    /// Until when it has to be confirmed.
    pub due: Option<Date>,
}

/// What stands behind a token, in this language.
///
/// # Errors
/// The database's.
pub fn page(tx: &mut Tx<'_>, token: &Token, language: &str) -> Result<Page, StoreError> {
    let Some((id, organisation, used)) = open(tx, &token.hash())? else { return Ok(Page::Nothing) };
    if used {
        return Ok(Page::Used);
    }
    let shown = still_due(tx, id)?.into_iter().map(|offer| PageOffer {
        id: offer.id,
        revision: offer.revision,
        title: title(&offer, Some(language)),
        due: offer.verify_due,
    });
    Ok(Page::Open { organisation, offers: shown.collect() })
}

/// Confirms some of what stands behind a token, and uses it up. None when it does not stand there (any more) or was used; otherwise
/// what it is called and what became of it. What the mail does not name cannot be confirmed with it.
///
/// # Errors
/// The database's.
pub fn confirm_page(
    tx: &mut Tx<'_>,
    token: &Token,
    language: &str,
    asked: &[(OfferId, i32)],
) -> Result<Option<Vec<(String, bool)>>, StoreError> {
    let Some((id, _, false)) = open(tx, &token.hash())? else { return Ok(None) };
    let now = Some(Instant::from(tx.now()));
    let unused = freshness_mails::table.find(Sql(id)).filter(freshness_mails::used_at.is_null());
    if update(unused).set(freshness_mails::used_at.eq(now)).execute(tx.conn())? == 0 {
        return Ok(None);
    }
    let mut done = Vec::with_capacity(asked.len());
    for offer in still_due(tx, id)? {
        if let Some((_, revision)) = asked.iter().find(|(id, _)| *id == offer.id) {
            let is_done = matches!(one(tx, &offer, *revision)?, Answer::Confirmed(_));
            done.push((title(&offer, Some(language)), is_done));
        }
    }
    Ok(Some(done))
}

/// The mail with this token that is not over, its organisation, and whether the token was used.
fn open(tx: &mut Tx<'_>, hash: &TokenHash) -> Result<Option<(FreshnessMailId, String, bool)>, StoreError> {
    let row: Option<(Sql<FreshnessMailId>, String, Option<Instant>)> = freshness_mails::table
        .inner_join(organisations::table)
        .filter(freshness_mails::token_hash.eq(hash.as_bytes().to_vec()))
        .filter(freshness_mails::expires_at.gt(Instant::from(tx.now())))
        .select((freshness_mails::id, organisations::name, freshness_mails::used_at))
        .first(tx.conn())
        .optional()?;
    Ok(row.map(|(id, organisation, used)| (id.0, organisation, used.is_some())))
}
