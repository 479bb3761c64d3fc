//! Room enrolments: the one-time secret with which a person sets their own factors. Nobody else ever does (SR-A11).

use diesel::{insert_into, prelude::*, update};
use nahraum_domain::{
    factors::EnrolmentReason,
    ids::{EnrolmentId, OrganisationId, StaffId},
    organisations::OrganisationKind,
    security::SecurityEvent,
};
use nahraum_secrets::{Token, TokenHash, TokenKind};

use crate::{
    access::{System, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    factors, organisations,
    schema::{enrolments, memberships, organisations as organisation_rows, staff},
    security::{self, Happened},
};

/// Somebody who enrols.
#[derive(Debug, Clone)]
pub struct Enrolling {
    /// The enrolment.
    pub id: EnrolmentId,
    /// Who.
    pub person: StaffId,
    /// What they will sign in with.
    pub login: String,
    /// The names of the organisations they work for.
    pub organisations: Vec<String>,
    /// Whether they may use one-time codes from an app.
    pub may_use_totp: bool,
}

/// Adds a person who has no factors yet, for one organisation.
///
/// # Errors
/// [`crate::DatabaseError::Unique`] when the login is taken, `ForeignKey` when there is no such organisation.
pub fn add_person(
    tx: &mut Tx<'_>,
    system: &System,
    organisation: OrganisationId,
    login: &str,
) -> Result<StaffId, StoreError> {
    let id = tx.new_id(StaffId::new);
    insert_into(staff::table)
        .values((staff::id.eq(Sql(id)), staff::login.eq(login), staff::created_at.eq(Instant::from(tx.now()))))
        .execute(tx.conn())?;
    organisations::join(tx, system, id, organisation, None)?;
    Ok(id)
}

/// Gives out an enrolment for a person; earlier ones are good for nothing any more. The secret is shown once. A person who
/// has factors already is told.
///
/// # Errors
/// The database's.
pub fn give_out(
    tx: &mut Tx<'_>,
    _system: &System,
    person: StaffId,
    reason: EnrolmentReason,
) -> Result<Token, StoreError> {
    withdraw(tx, person)?;
    if reason == EnrolmentReason::Reset {
        security::note(tx, person, Happened::new(SecurityEvent::ResetStarted))?;
    }
    let (id, token) = (tx.new_id(EnrolmentId::new), Token::generate(tx.random(), TokenKind::Enrolment));
    let lifetime = reason.lifetime(&factors::kinds(tx, person)?);
    insert_into(enrolments::table)
        .values((
            enrolments::id.eq(Sql(id)),
            enrolments::staff_id.eq(Sql(person)),
            enrolments::secret_hash.eq(token.hash().as_bytes().to_vec()),
            enrolments::reason.eq(reason.as_str()),
            enrolments::created_at.eq(Instant::from(tx.now())),
            enrolments::expires_at.eq(Instant::from(tx.now() + lifetime)),
        ))
        .execute(tx.conn())?;
    Ok(token)
}

/// Makes the secrets that were given out to a person and not used good for nothing.
pub(crate) fn withdraw(tx: &mut Tx<'_>, person: StaffId) -> Result<(), StoreError> {
    let open = enrolments::table.filter(enrolments::staff_id.eq(Sql(person))).filter(enrolments::used_at.is_null());
    let now = Instant::from(tx.now());
    update(open).set(enrolments::used_at.eq(Some(now))).execute(tx.conn())?;
    Ok(())
}

/// Whose enrolment this is, while it is good: not used, not run out, the login not locked.
///
/// # Errors
/// The database's.
pub fn open(tx: &mut Tx<'_>, secret: &TokenHash) -> Result<Option<Enrolling>, StoreError> {
    let row: Option<(Sql<EnrolmentId>, Sql<StaffId>, String)> = enrolments::table
        .inner_join(staff::table)
        .filter(enrolments::secret_hash.eq(secret.as_bytes().as_slice()))
        .filter(enrolments::used_at.is_null())
        .filter(enrolments::expires_at.gt(Instant::from(tx.now())))
        .filter(staff::locked_at.is_null())
        .select((enrolments::id, enrolments::staff_id, staff::login))
        .first(tx.conn())
        .optional()?;
    let Some((id, person, login)) = row else { return Ok(None) };
    let all = organisations::of_person(tx, person.0)?;
    let kinds: Vec<_> = all.iter().map(|one| one.kind.session()).collect();
    Ok(Some(Enrolling {
        id: id.0,
        person: person.0,
        login,
        organisations: all.into_iter().map(|one| one.name).collect(),
        may_use_totp: nahraum_domain::factors::may_use_totp(&kinds),
    }))
}

/// Uses an enrolment up, and takes everything away that the person could sign in with before. Says whether it was still
/// unused.
///
/// # Errors
/// The database's.
pub fn use_up(tx: &mut Tx<'_>, enrolling: &Enrolling) -> Result<bool, StoreError> {
    let mine = enrolments::table.find(Sql(enrolling.id)).filter(enrolments::used_at.is_null());
    let now = Instant::from(tx.now());
    if update(mine).set(enrolments::used_at.eq(Some(now))).execute(tx.conn())? == 0 {
        return Ok(false);
    }
    factors::clear(tx, enrolling.person)?;
    Ok(true)
}

/// Whether somebody who runs the installation can sign in already.
///
/// # Errors
/// The database's.
pub fn has_operator(tx: &mut Tx<'_>, _system: &System) -> Result<bool, StoreError> {
    let enrolled: i64 = memberships::table
        .inner_join(staff::table)
        .inner_join(organisation_rows::table)
        .filter(organisation_rows::kind.eq(OrganisationKind::Operator.as_str()))
        .filter(memberships::ended_at.is_null())
        .filter(staff::password_hash.is_not_null())
        .count()
        .get_result(tx.conn())?;
    Ok(enrolled > 0)
}
