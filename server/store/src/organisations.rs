//! Room organisations: the practices, kiosks, institutions and offices of the network, and who works in them.

use diesel::{insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    ids::{OrganisationId, StaffId},
    organisations::{Duty, OrganisationKind},
    sessions::EndReason,
};
use nahraum_secrets::PasswordHash;

use crate::{
    access::{Caller, System, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    schema::{memberships, organisations, staff},
    sessions, throttles,
};

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// What it is.
    pub kind: OrganisationKind,
    /// What people call it.
    pub name: String,
}

/// A person who works in an organisation, as the operator sees them.
#[derive(Debug, Clone)]
pub struct Member {
    /// The person.
    pub id: StaffId,
    /// What they sign in with.
    pub login: String,
    /// Since when they belong to it.
    pub since: Timestamp,
    /// When their login was locked, if it is.
    pub locked_at: Option<Timestamp>,
}

type Row = (Sql<OrganisationId>, String, String);

fn organisation((id, kind, name): Row) -> Result<Organisation, StoreError> {
    let kind = OrganisationKind::parse(&kind).ok_or(StoreError::Corrupt("organisations.kind"))?;
    Ok(Organisation { id: id.0, kind, name })
}

/// Makes an organisation.
///
/// # Errors
/// The database's.
pub fn create(
    tx: &mut Tx<'_>,
    _system: &System,
    kind: OrganisationKind,
    name: &str,
) -> Result<OrganisationId, StoreError> {
    let id = tx.new_id(OrganisationId::new);
    insert_into(organisations::table)
        .values((
            organisations::id.eq(Sql(id)),
            organisations::kind.eq(kind.as_str()),
            organisations::name.eq(name),
            organisations::created_at.eq(Instant::from(tx.now())),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// All organisations, by name.
///
/// # Errors
/// The database's.
pub fn all(tx: &mut Tx<'_>, _system: &System) -> Result<Vec<Organisation>, StoreError> {
    let rows: Vec<Row> = organisations::table
        .order((organisations::name, organisations::id))
        .select((organisations::id, organisations::kind, organisations::name))
        .load(tx.conn())?;
    rows.into_iter().map(organisation).collect()
}

/// The organisation the caller acts for; none for a resident.
///
/// # Errors
/// The database's.
pub fn of_caller(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Option<Organisation>, StoreError> {
    caller.actor().organisation().map(|id| one(tx, id)).transpose()
}

/// One organisation.
///
/// # Errors
/// The database's, also when there is none.
pub(crate) fn one(tx: &mut Tx<'_>, id: OrganisationId) -> Result<Organisation, StoreError> {
    let row: Row = organisations::table
        .find(Sql(id))
        .select((organisations::id, organisations::kind, organisations::name))
        .first(tx.conn())?;
    organisation(row)
}

/// The organisations a person belongs to, by name.
///
/// # Errors
/// The database's.
pub fn of_person(tx: &mut Tx<'_>, person: StaffId) -> Result<Vec<Organisation>, StoreError> {
    let rows: Vec<Row> = memberships::table
        .inner_join(organisations::table)
        .filter(memberships::staff_id.eq(Sql(person)))
        .filter(memberships::ended_at.is_null())
        .order((organisations::name, organisations::id))
        .select((organisations::id, organisations::kind, organisations::name))
        .load(tx.conn())?;
    rows.into_iter().map(organisation).collect()
}

/// Adds a person, who belongs to one organisation at first.
///
/// # Errors
/// [`crate::DatabaseError::Unique`] when the login is taken, `ForeignKey` when there is no such organisation.
pub fn add_staff(
    tx: &mut Tx<'_>,
    system: &System,
    organisation: OrganisationId,
    login: &str,
    password: &PasswordHash,
) -> Result<StaffId, StoreError> {
    let id = tx.new_id(StaffId::new);
    insert_into(staff::table)
        .values((
            staff::id.eq(Sql(id)),
            staff::login.eq(login),
            staff::password_hash.eq(Some(password.to_stored())),
            staff::created_at.eq(Instant::from(tx.now())),
        ))
        .execute(tx.conn())?;
    join(tx, system, id, organisation, None)?;
    Ok(id)
}

/// The person with this login.
///
/// # Errors
/// The database's.
pub fn person(tx: &mut Tx<'_>, _system: &System, login: &str) -> Result<Option<StaffId>, StoreError> {
    let id: Option<Sql<StaffId>> =
        staff::table.filter(staff::login.eq(login)).select(staff::id).first(tx.conn()).optional()?;
    Ok(id.map(|id| id.0))
}

/// Lets a person work for an organisation, also after they had left it; with a duty, or the one they had.
///
/// # Errors
/// [`crate::DatabaseError::ForeignKey`] when there is no such organisation; otherwise the database's.
pub fn join(
    tx: &mut Tx<'_>,
    _system: &System,
    person: StaffId,
    organisation: OrganisationId,
    duty: Option<Duty>,
) -> Result<(), StoreError> {
    let never: Option<Instant> = None;
    let known = memberships::table.find((Sql(person), Sql(organisation)));
    if update(known).set(memberships::ended_at.eq(never)).execute(tx.conn())? == 0 {
        insert_into(memberships::table)
            .values((
                memberships::staff_id.eq(Sql(person)),
                memberships::organisation_id.eq(Sql(organisation)),
                memberships::created_at.eq(Instant::from(tx.now())),
            ))
            .execute(tx.conn())?;
    }
    if let Some(duty) = duty {
        update(known).set(memberships::duty.eq(Some(duty.as_str()))).execute(tx.conn())?;
    }
    Ok(())
}

/// Ends a person's work for an organisation, and with it the sessions they have there. Returns whether they worked
/// there.
///
/// # Errors
/// The database's.
pub fn leave(
    tx: &mut Tx<'_>,
    _system: &System,
    person: StaffId,
    organisation: OrganisationId,
) -> Result<bool, StoreError> {
    let now = Instant::from(tx.now());
    let there = memberships::table.find((Sql(person), Sql(organisation))).filter(memberships::ended_at.is_null());
    let left = update(there).set(memberships::ended_at.eq(Some(now))).execute(tx.conn())? > 0;
    if left {
        sessions::end_of_person(tx, person, Some(organisation), EndReason::Locked)?;
    }
    Ok(left)
}

/// The people of an organisation, by login.
///
/// # Errors
/// The database's.
pub fn members(tx: &mut Tx<'_>, _system: &System, id: OrganisationId) -> Result<Vec<Member>, StoreError> {
    type Row = (Sql<StaffId>, String, Instant, Option<Instant>);
    let rows: Vec<Row> = memberships::table
        .inner_join(staff::table)
        .filter(memberships::organisation_id.eq(Sql(id)))
        .filter(memberships::ended_at.is_null())
        .order(staff::login)
        .select((staff::id, staff::login, memberships::created_at, staff::locked_at))
        .load(tx.conn())?;
    let member = |(id, login, since, locked): Row| Member {
        id: id.0,
        login,
        since: since.timestamp(),
        locked_at: locked.map(|at| at.timestamp()),
    };
    Ok(rows.into_iter().map(member).collect())
}

/// Locks a login, which ends all its sessions, or unlocks it.
///
/// # Errors
/// The database's.
pub fn set_locked(tx: &mut Tx<'_>, _system: &System, person: StaffId, locked: bool) -> Result<(), StoreError> {
    let at = locked.then(|| Instant::from(tx.now()));
    update(staff::table.find(Sql(person))).set(staff::locked_at.eq(at)).execute(tx.conn())?;
    let login: String = staff::table.find(Sql(person)).select(staff::login).first(tx.conn())?;
    for ladder in [throttles::Ladder::Anybody, throttles::Ladder::PasskeyHolder] {
        throttles::forget(tx, ladder, &login)?;
    }
    if locked {
        sessions::end_of_person(tx, person, None, EndReason::Locked)?;
    }
    Ok(())
}
