//! Room links: the resident makes links for people without an account, sees what became of them, and takes them back.
//!
//! What a link opens and for how long stands in its rule ([`crate::shares`]); here stands what is a link's own.

mod holder;

use std::collections::HashMap;

use diesel::{delete, insert_into, prelude::*};
use jiff::Timestamp;
use nahraum_domain::{
    consent::{Data, Effect, Period, Purpose, Recipient, Rights, Rule},
    ids::{ConsentId, LinkVisitId, ResidentId, ShareLinkId},
    links::{self, LinkFacts, LinkState},
    private::Private,
};
use nahraum_secrets::{LinkKey, LinkSecret, PasswordHash};

pub use self::holder::{Door, Knocked, Visitor, come_in, fetch, knock, not_wrong, turn_away, visitor};
use crate::{
    access::{Caller, System, Tx},
    consents::AgreedText,
    db::types::{Instant, Sql},
    error::StoreError,
    schema::{link_visits, share_links},
    shares::{self, NewRule},
    vault::{Place, Subject},
};

const KEY: &str = "share_links.key";
const LABEL: &str = "share_links.label";
const SAYS: &str = "link_visits.says";

/// A link that a resident makes.
#[derive(Debug)]
pub struct NewLink<'a> {
    /// The secret in its address.
    pub secret: &'a LinkSecret,
    /// The key of what it leads to.
    pub key: &'a LinkKey,
    /// A short description.
    pub label: Option<&'a str>,
    /// The passcode that it asks for.
    pub passcode: Option<&'a PasswordHash>,
    /// How many wrong ones it bears.
    pub most_wrong: u32,
    /// Whether it opens once.
    pub one_time: bool,
    /// Which findings.
    pub data: &'a Data,
    /// Whether their documents can be had.
    pub may_download: bool,
    /// When.
    pub period: Period,
    /// The text that was shown for it.
    pub text: Option<&'a AgreedText>,
}

/// A link, as its resident sees it.
#[derive(Debug)]
pub struct StoredLink {
    /// The link.
    pub id: ShareLinkId,
    /// What it opens.
    pub rule: Rule,
    /// A short description.
    pub label: Option<Private<String>>,
    /// Whether it asks for a passcode.
    pub has_passcode: bool,
    /// Whether it opens once.
    pub one_time: bool,
    /// What it has been through.
    pub facts: LinkFacts,
    /// How often somebody was let in.
    pub opens: i32,
    /// When somebody was let in last.
    pub last_opened_at: Option<Timestamp>,
}

impl StoredLink {
    /// Where it stands.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> LinkState {
        links::state(&self.rule, &self.facts, now)
    }
}

/// The caller makes a link, with its rule.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn make(tx: &mut Tx<'_>, caller: &Caller<'_>, new: &NewLink<'_>) -> Result<ShareLinkId, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let id = tx.new_id(ShareLinkId::new);
    let rule = NewRule {
        effect: Effect::Permit,
        purpose: Purpose::Link,
        recipient: Recipient::Link(id),
        data: new.data.clone(),
        rights: Rights { download: new.may_download, pass_on: false },
        period: new.period,
        called: None,
        reason: None,
        representation: None,
        recipient_called: None,
        text: new.text.cloned(),
    };
    let rule = shares::make(tx, caller, &rule)?;
    let (subject, row) = (Subject::Resident(resident), id.as_bytes());
    let wrapped = new.secret.wrap(new.key, row, tx.random());
    let key = tx.vault().seal(subject, Place { column: KEY, row }, &wrapped)?;
    let label =
        new.label.map(|label| tx.vault().seal_text(subject, Place { column: LABEL, row }, label)).transpose()?;
    insert_into(share_links::table)
        .values((
            share_links::id.eq(Sql(id)),
            share_links::resident_id.eq(Sql(resident)),
            share_links::rule_id.eq(Sql(rule)),
            share_links::secret_hash.eq(new.secret.hash().as_bytes().to_vec()),
            share_links::key_sealed.eq(key),
            share_links::label_sealed.eq(label),
            share_links::passcode_hash.eq(new.passcode.map(PasswordHash::to_stored)),
            share_links::most_wrong.eq(i32::try_from(new.most_wrong).unwrap_or(i32::MAX)),
            share_links::wrong.eq(0),
            share_links::one_time.eq(i32::from(new.one_time)),
            share_links::opens.eq(0),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

type Row = (
    (Sql<ShareLinkId>, Sql<ConsentId>, Option<Vec<u8>>, Option<String>),
    (i32, i32, i32, i32),
    (Option<Instant>, Option<Instant>),
);

/// The caller's links, newest first, also those that are over.
///
/// # Errors
/// As [`make`].
pub fn own(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Vec<StoredLink>, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let rows: Vec<Row> = share_links::table
        .filter(share_links::resident_id.eq(Sql(resident)))
        .order(share_links::id.desc())
        .select((
            (share_links::id, share_links::rule_id, share_links::label_sealed, share_links::passcode_hash),
            (share_links::one_time, share_links::most_wrong, share_links::wrong, share_links::opens),
            (share_links::used_at, share_links::last_opened_at),
        ))
        .load(tx.conn())?;
    let mut rules: HashMap<ConsentId, Rule> =
        shares::own(tx, caller)?.into_iter().map(|stored| (stored.rule.id, stored.rule)).collect();
    let vault = tx.vault();
    let read = |row: Row| {
        let ((id, rule, label, passcode), (one_time, most_wrong, wrong, opens), (used_at, last_opened_at)) = row;
        let place = Place { column: LABEL, row: id.0.as_bytes() };
        let label = label.map(|sealed| vault.open_text(Subject::Resident(resident), place, sealed)).transpose()?;
        Ok(StoredLink {
            id: id.0,
            rule: rules.remove(&rule.0).ok_or(StoreError::Corrupt("share_links.rule_id"))?,
            label: label.map(Private::new),
            has_passcode: passcode.is_some(),
            one_time: one_time != 0,
            facts: LinkFacts { used_at: used_at.map(|at| at.timestamp()), wrong, most_wrong },
            opens,
            last_opened_at: last_opened_at.map(|at| at.timestamp()),
        })
    };
    rows.into_iter().map(read).collect()
}

/// What people with a link said of themselves, visit by visit.
///
/// # Errors
/// The database's.
pub(crate) fn said(
    tx: &mut Tx<'_>,
    resident: ResidentId,
    visits: &[LinkVisitId],
) -> Result<HashMap<LinkVisitId, Private<String>>, StoreError> {
    let wanted: Vec<Sql<LinkVisitId>> = visits.iter().copied().map(Sql).collect();
    let rows: Vec<(Sql<LinkVisitId>, Vec<u8>)> = link_visits::table
        .filter(link_visits::id.eq_any(wanted))
        .filter(link_visits::resident_id.eq(Sql(resident)))
        .select((link_visits::id, link_visits::says_sealed))
        .load(tx.conn())?;
    let vault = tx.vault();
    let open = |(id, sealed): (Sql<LinkVisitId>, Vec<u8>)| {
        let place = Place { column: SAYS, row: id.0.as_bytes() };
        Ok((id.0, Private::new(vault.open_text(Subject::Resident(resident), place, sealed)?)))
    };
    rows.into_iter().map(open).collect()
}

/// Deletes visits before `before`: the entries of the log about them are deleted as well.
///
/// # Errors
/// The database's.
pub fn sweep(tx: &mut Tx<'_>, _system: &System, before: Timestamp) -> Result<usize, StoreError> {
    Ok(delete(link_visits::table.filter(link_visits::at.lt(Instant::from(before)))).execute(tx.conn())?)
}
