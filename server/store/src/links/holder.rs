//! The door of a link: whoever has its secret knocks, is let in or turned away, and fetches files for a while.
//!
//! Every passcode is counted as wrong **before** it is looked at, in a commit of its own, and taken back when it was right. So
//! the number that one link bears in its life holds however many come at once, in however many processes.

use diesel::{insert_into, prelude::*, update};
use jiff::{SignedDuration, Timestamp};
use nahraum_domain::{
    access::{Actor, Basis},
    audit::{LogAction, LogEntry, LogOutcome},
    consent::{Reader, Rule},
    ids::{ConsentId, LinkVisitId, ResidentId, ShareLinkId},
    links::{FETCHES, FILES_LIFETIME, LinkFacts, LinkState, VISITS_AN_HOUR, state},
};
use nahraum_secrets::{LinkHash, LinkKey, LinkSecret, PasswordHash};

use super::{KEY, SAYS};
use crate::{
    access::{Caller, Tx, log},
    db::types::{Instant, Sql},
    error::StoreError,
    findings, notifications,
    schema::{link_visits, share_links},
    shares,
    vault::{Place, Subject},
};

const VISIT_KEY: &str = "link_visits.key";

/// A link that opens, for whoever knocks with its secret.
#[derive(Debug)]
pub struct Knocked {
    /// The link.
    pub id: ShareLinkId,
    resident: ResidentId,
    rule: Rule,
    one_time: bool,
    /// The passcode that it asks for. One try is counted as wrong already.
    pub passcode: Option<PasswordHash>,
    /// How many wrong ones are left if this one is.
    pub tries_left: u32,
}

/// What somebody finds who knocks.
#[derive(Debug)]
pub enum Door {
    /// A link that opens.
    Here(Box<Knocked>),
    /// One that asks for a passcode, and none was said; so many wrong ones are left.
    AsksForPasscode(u32),
    /// One at which too many have been; not before.
    Crowded(Timestamp),
    /// Nothing, or a link that does not open (any more).
    Nothing,
}

type Row =
    ((Sql<ShareLinkId>, Sql<ResidentId>, Sql<ConsentId>), (i32, Option<Instant>, i32, i32), Option<String>, Vec<u8>);

struct Found {
    knocked: Knocked,
    facts: LinkFacts,
    key_sealed: Vec<u8>,
}

impl Found {
    fn is_open(&self, now: Timestamp) -> bool {
        state(&self.knocked.rule, &self.facts, now) == LinkState::Open
    }
}

fn find(tx: &mut Tx<'_>, secret: &LinkHash) -> Result<Option<Found>, StoreError> {
    let row: Option<Row> = share_links::table
        .filter(share_links::secret_hash.eq(secret.as_bytes().to_vec()))
        .select((
            (share_links::id, share_links::resident_id, share_links::rule_id),
            (share_links::one_time, share_links::used_at, share_links::wrong, share_links::most_wrong),
            share_links::passcode_hash,
            share_links::key_sealed,
        ))
        .first(tx.conn())
        .optional()?;
    let Some(((id, resident, rule), (one_time, used_at, wrong, most_wrong), passcode, key_sealed)) = row else {
        return Ok(None);
    };
    let facts = LinkFacts { used_at: used_at.map(|at| at.timestamp()), wrong, most_wrong };
    let corrupt = |_| StoreError::Corrupt("share_links.passcode_hash");
    let knocked = Knocked {
        id: id.0,
        resident: resident.0,
        rule: shares::stored(tx, rule.0)?.ok_or(StoreError::Corrupt("share_links.rule_id"))?.rule,
        one_time: one_time != 0,
        passcode: passcode.map(|stored| PasswordHash::from_stored(&stored).map_err(corrupt)).transpose()?,
        tries_left: facts.tries_left(),
    };
    Ok(Some(Found { knocked, facts, key_sealed }))
}

/// Somebody knocks. If the link asks for a passcode and one is said, it counts as wrong from now on.
///
/// # Errors
/// The database's.
pub fn knock(tx: &mut Tx<'_>, secret: &LinkHash, says_passcode: bool) -> Result<Door, StoreError> {
    let now = tx.now();
    let Some(mut found) = find(tx, secret)?.filter(|found| found.is_open(now)) else { return Ok(Door::Nothing) };
    if let Some(until) = crowded(tx, found.knocked.id)? {
        return Ok(Door::Crowded(until));
    }
    if found.knocked.passcode.is_some() {
        if !says_passcode {
            return Ok(Door::AsksForPasscode(found.facts.tries_left()));
        }
        let counted = update(share_links::table.find(Sql(found.knocked.id)))
            .filter(share_links::wrong.lt(share_links::most_wrong))
            .set(share_links::wrong.eq(share_links::wrong + 1))
            .execute(tx.conn())?;
        if counted == 0 {
            return Ok(Door::Nothing);
        }
        found.knocked.tries_left = found.facts.tries_left().saturating_sub(1);
    }
    Ok(Door::Here(Box::new(found.knocked)))
}

/// From when on one may knock again; none if one may now.
fn crowded(tx: &mut Tx<'_>, link: ShareLinkId) -> Result<Option<Timestamp>, StoreError> {
    let hour = SignedDuration::from_hours(1);
    let visits: Vec<Instant> = link_visits::table
        .filter(link_visits::link_id.eq(Sql(link)))
        .filter(link_visits::at.gt(Instant::from(tx.now() - hour)))
        .order(link_visits::at.desc())
        .limit(VISITS_AN_HOUR)
        .select(link_visits::at)
        .load(tx.conn())?;
    let full = i64::try_from(visits.len()).is_ok_and(|count| count >= VISITS_AN_HOUR);
    Ok(visits.last().filter(|_| full).map(|oldest| oldest.timestamp() + hour))
}

/// The passcode was wrong: the resident sees who tried.
///
/// # Errors
/// The database's.
pub fn turn_away(tx: &mut Tx<'_>, knocked: &Knocked, says: &str) -> Result<(), StoreError> {
    let visit = tx.new_id(LinkVisitId::new);
    note_visit(tx, knocked, visit, says, None)?;
    let entry = LogEntry { outcome: LogOutcome::Denied, ..entry(tx, knocked, visit, LogAction::List) };
    Ok(log::insert_with(tx, &entry)?)
}

/// Takes back that the passcode counts as wrong: it was right, or could not be looked at.
///
/// # Errors
/// The database's.
pub fn not_wrong(tx: &mut Tx<'_>, link: ShareLinkId) -> Result<(), StoreError> {
    update(share_links::table.find(Sql(link))).set(share_links::wrong.eq(share_links::wrong - 1)).execute(tx.conn())?;
    Ok(())
}

/// Somebody comes in: passcode and all were right. Gives them a secret for the files; none when the link does not open any
/// more, or somebody else was first, or nothing would be seen.
///
/// # Errors
/// The database's.
pub fn come_in(
    tx: &mut Tx<'_>,
    secret: &LinkSecret,
    knocked: &Knocked,
    ticket: &LinkSecret,
    says: &str,
) -> Result<bool, StoreError> {
    let row = share_links::table.find(Sql(knocked.id));
    if knocked.passcode.is_some() {
        not_wrong(tx, knocked.id)?;
    }
    let now = tx.now();
    let Some(found) = find(tx, &secret.hash())?.filter(|found| found.is_open(now)) else { return Ok(false) };
    let visible = findings::linked(tx, knocked.resident, &Reader::Holder(knocked.id))?.len();
    if visible == 0 {
        return Ok(false);
    }
    if knocked.one_time {
        let used = update(row.filter(share_links::used_at.is_null()))
            .set(share_links::used_at.eq(Some(Instant::from(now))))
            .execute(tx.conn())?;
        if used == 0 {
            return Ok(false);
        }
    }
    update(row)
        .set((share_links::opens.eq(share_links::opens + 1), share_links::last_opened_at.eq(Some(Instant::from(now)))))
        .execute(tx.conn())?;
    let key = open_key(tx, knocked, secret, found.key_sealed)?;
    let visit = tx.new_id(LinkVisitId::new);
    let fetches = i32::try_from(visible).unwrap_or(i32::MAX).saturating_mul(i32::try_from(FETCHES).unwrap_or(1));
    note_visit(tx, knocked, visit, says, Some((ticket, &key, fetches)))?;
    notifications::something_new(tx, knocked.resident)?;
    Ok(true)
}

fn open_key(tx: &Tx<'_>, knocked: &Knocked, secret: &LinkSecret, sealed: Vec<u8>) -> Result<LinkKey, StoreError> {
    let row = knocked.id.as_bytes();
    let wrapped = tx.vault().open(Subject::Resident(knocked.resident), Place { column: KEY, row }, sealed)?;
    secret.unwrap(row, wrapped).map_err(|_| StoreError::Corrupt(KEY))
}

/// A visit; with the secret for the files, the key, and how many files may be fetched, for somebody who was let in.
fn note_visit(
    tx: &mut Tx<'_>,
    knocked: &Knocked,
    visit: LinkVisitId,
    says: &str,
    let_in: Option<(&LinkSecret, &LinkKey, i32)>,
) -> Result<(), StoreError> {
    let (subject, row, vault) = (Subject::Resident(knocked.resident), visit.as_bytes(), tx.vault());
    let says = vault.seal_text(subject, Place { column: SAYS, row }, says)?;
    let seal = |(ticket, key, _): (&LinkSecret, &LinkKey, i32)| {
        vault.seal(subject, Place { column: VISIT_KEY, row }, &ticket.wrap(key, row, tx.random()))
    };
    let key = let_in.map(seal).transpose()?;
    insert_into(link_visits::table)
        .values((
            link_visits::id.eq(Sql(visit)),
            link_visits::resident_id.eq(Sql(knocked.resident)),
            link_visits::link_id.eq(Sql(knocked.id)),
            link_visits::at.eq(Instant::from(tx.now())),
            link_visits::says_sealed.eq(says),
            link_visits::ticket_hash.eq(let_in.map(|(ticket, ..)| ticket.hash().as_bytes().to_vec())),
            link_visits::key_sealed.eq(key),
            link_visits::fetches_left.eq(let_in.map_or(0, |(.., fetches)| fetches)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

fn entry(tx: &Tx<'_>, knocked: &Knocked, visit: LinkVisitId, action: LogAction) -> LogEntry {
    let caller = Caller::new(Actor::Holder { link: knocked.id, visit }, None);
    LogEntry { resident: Some(knocked.resident), consent: Some(knocked.rule.id), ..tx.entry(&caller, action) }
}

/// Somebody who was let in a short while ago.
#[derive(Debug)]
pub struct Visitor<'t> {
    link: ShareLinkId,
    caller: Caller<'t>,
    owner: ResidentId,
    rule: Rule,
    key: LinkKey,
}

impl<'t> Visitor<'t> {
    /// Who asks.
    #[must_use]
    pub const fn caller(&self) -> &Caller<'t> {
        &self.caller
    }

    /// The link.
    #[must_use]
    pub const fn link(&self) -> ShareLinkId {
        self.link
    }

    /// The key of what the link leads to.
    #[must_use]
    pub const fn key(&self) -> &LinkKey {
        &self.key
    }

    /// Whether documents can be had with the link.
    #[must_use]
    pub const fn may_download(&self) -> bool {
        self.rule.rights.download
    }

    /// Whose findings.
    pub(crate) const fn owner(&self) -> ResidentId {
        self.owner
    }

    /// The line of the access log for looking at what there is.
    pub(crate) fn list_entry(&self, tx: &Tx<'_>) -> LogEntry {
        LogEntry {
            resident: Some(self.owner),
            basis: Some(Basis::of(self.rule.purpose)),
            consent: Some(self.rule.id),
            ..tx.entry(&self.caller, LogAction::List)
        }
    }
}

/// Whoever was let in and shows the secret for the files; none when that is too long ago.
///
/// # Errors
/// The database's.
pub fn visitor<'t>(tx: &mut Tx<'t>, ticket: &LinkSecret) -> Result<Option<Visitor<'t>>, StoreError> {
    type Row = (Sql<LinkVisitId>, Sql<ShareLinkId>, Sql<ResidentId>, Option<Vec<u8>>, Sql<ConsentId>);
    let row: Option<Row> = link_visits::table
        .inner_join(share_links::table)
        .filter(link_visits::ticket_hash.eq(Some(ticket.hash().as_bytes().to_vec())))
        .filter(link_visits::at.gt(Instant::from(tx.now() - FILES_LIFETIME)))
        .select((
            link_visits::id,
            link_visits::link_id,
            link_visits::resident_id,
            link_visits::key_sealed,
            share_links::rule_id,
        ))
        .first(tx.conn())
        .optional()?;
    let Some((visit, link, owner, Some(sealed), rule)) = row else { return Ok(None) };
    let (visit, row) = (visit.0, *visit.0.as_bytes());
    let wrapped = tx.vault().open(Subject::Resident(owner.0), Place { column: VISIT_KEY, row: &row }, sealed)?;
    Ok(Some(Visitor {
        link: link.0,
        caller: Caller::new(Actor::Holder { link: link.0, visit }, None),
        owner: owner.0,
        rule: shares::stored(tx, rule.0)?.ok_or(StoreError::Corrupt("share_links.rule_id"))?.rule,
        key: ticket.unwrap(&row, wrapped).map_err(|_| StoreError::Corrupt(VISIT_KEY))?,
    }))
}

/// A file is about to be fetched: one less is left. Returns whether there was one.
///
/// # Errors
/// The database's.
pub fn fetch(tx: &mut Tx<'_>, ticket: &LinkHash) -> Result<bool, StoreError> {
    let theirs = link_visits::table.filter(link_visits::ticket_hash.eq(Some(ticket.as_bytes().to_vec())));
    let counted = update(theirs.filter(link_visits::fetches_left.gt(0)))
        .set(link_visits::fetches_left.eq(link_visits::fetches_left - 1))
        .execute(tx.conn())?;
    Ok(counted > 0)
}
