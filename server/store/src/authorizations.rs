//! Room authorizations: codes that a browser carries to a client, which exchanges them for a session (RFC 6749, 4.1).

use diesel::{delete, insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    factors::CODE_LIFETIME,
    ids::{OrganisationId, SessionId, StaffId},
};
use nahraum_secrets::{KeyThumbprint, PkceChallenge, Token, TokenHash, TokenKind, Verified};

use crate::{
    access::{System, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    organisations::{self, Organisation},
    schema::authorization_codes,
    sessions::{self, OpenedSession},
};

/// What a code is bound to.
#[derive(Debug, Clone)]
pub struct Binding {
    /// The client that asked.
    pub client_id: String,
    /// Where the answer went.
    pub redirect_uri: String,
    /// What the client has to know to use it (RFC 7636).
    pub challenge: PkceChallenge,
    /// The key that it has to prove (RFC 9449, 10), if it named one.
    pub key: Option<KeyThumbprint>,
}

/// What a client shows with a code.
#[derive(Debug)]
pub struct Redeemer {
    /// Who it says it is.
    pub client_id: String,
    /// Where the answer went.
    pub redirect_uri: String,
    /// What the challenge was made of.
    pub verifier: String,
    /// The key that it has proven.
    pub key: Option<KeyThumbprint>,
}

/// What became of a code.
#[derive(Debug)]
pub enum Redeemed {
    /// A session.
    Session(OpenedSession),
    /// Nobody's, too old, or not this client's.
    Refused,
    /// It was used before; what came of it has ended.
    Twice(SessionId),
}

/// Gives out a code for a person whose factors were right.
///
/// # Errors
/// The database's.
pub fn give_out(
    tx: &mut Tx<'_>,
    person: &Verified<StaffId>,
    organisation: &Organisation,
    binding: &Binding,
) -> Result<Token, StoreError> {
    let code = Token::generate(tx.random(), TokenKind::AuthorizationCode);
    insert_into(authorization_codes::table)
        .values((
            authorization_codes::code_hash.eq(code.hash().as_bytes().to_vec()),
            authorization_codes::staff_id.eq(Sql(*person.id())),
            authorization_codes::organisation_id.eq(Sql(organisation.id)),
            authorization_codes::client_id.eq(&binding.client_id),
            authorization_codes::redirect_uri.eq(&binding.redirect_uri),
            authorization_codes::challenge.eq(binding.challenge.as_bytes().to_vec()),
            authorization_codes::key_thumbprint.eq(binding.key.map(|key| key.as_bytes().to_vec())),
            authorization_codes::authenticated_at.eq(Instant::from(tx.now())),
            authorization_codes::expires_at.eq(Instant::from(tx.now() + CODE_LIFETIME)),
        ))
        .execute(tx.conn())?;
    Ok(code)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = authorization_codes)]
struct Row {
    staff_id: Sql<StaffId>,
    organisation_id: Sql<OrganisationId>,
    client_id: String,
    redirect_uri: String,
    challenge: Vec<u8>,
    key_thumbprint: Option<Vec<u8>>,
    authenticated_at: Instant,
    expires_at: Instant,
    used_at: Option<Instant>,
    session_id: Option<Sql<SessionId>>,
}

impl Row {
    fn fits(&self, shown: &Redeemer) -> Result<bool, StoreError> {
        let challenge = self.challenge.as_slice().try_into();
        let challenge = challenge.map_err(|_| StoreError::Corrupt("authorization_codes.challenge"))?;
        let key = match (&self.key_thumbprint, &shown.key) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(bound), Some(proven)) => {
                let bound = bound.as_slice().try_into();
                let bound = bound.map_err(|_| StoreError::Corrupt("authorization_codes.key_thumbprint"))?;
                KeyThumbprint::from_bytes(bound).matches(proven)
            }
        };
        Ok(self.client_id == shown.client_id
            && self.redirect_uri == shown.redirect_uri
            && PkceChallenge::from_bytes(challenge).proves(&shown.verifier)
            && key)
    }
}

/// Exchanges a code for a session. A second use ends what came of the first: one of the two is a thief (RFC 6749, 4.1.2).
///
/// # Errors
/// The database's.
pub fn redeem(tx: &mut Tx<'_>, code: &TokenHash, shown: &Redeemer) -> Result<Redeemed, StoreError> {
    let this = || authorization_codes::table.find(code.as_bytes().to_vec());
    let row: Option<Row> = this().select(Row::as_select()).first(tx.conn()).optional()?;
    let Some(row) = row else { return Ok(Redeemed::Refused) };
    if row.used_at.is_some() {
        return Ok(match row.session_id {
            Some(session) if sessions::end_replayed(tx, session.0)? => Redeemed::Twice(session.0),
            Some(_) | None => Redeemed::Refused,
        });
    }
    let (person, organisation) = (row.staff_id.0, row.organisation_id.0);
    if tx.now() >= row.expires_at.timestamp() || !row.fits(shown)? || !sessions::still_works(tx, person, organisation)?
    {
        return Ok(Redeemed::Refused);
    }
    let organisation = organisations::one(tx, organisation)?;
    let opened = sessions::open_for_person(tx, person, &organisation, shown.key, row.authenticated_at.timestamp())?;
    let used = (
        authorization_codes::used_at.eq(Some(Instant::from(tx.now()))),
        authorization_codes::session_id.eq(opened.session.map(Sql)),
    );
    update(this()).set(used).execute(tx.conn())?;
    Ok(Redeemed::Session(opened))
}

/// Makes the codes that were given out to a person and not used good for nothing.
pub(crate) fn withdraw(tx: &mut Tx<'_>, person: StaffId) -> Result<(), StoreError> {
    let unused = authorization_codes::table
        .filter(authorization_codes::staff_id.eq(Sql(person)))
        .filter(authorization_codes::used_at.is_null());
    delete(unused).execute(tx.conn())?;
    Ok(())
}

/// Deletes codes that ran out before `before`.
///
/// # Errors
/// The database's.
pub fn sweep(tx: &mut Tx<'_>, _system: &System, before: Timestamp) -> Result<usize, StoreError> {
    let old = authorization_codes::table.filter(authorization_codes::expires_at.lt(Instant::from(before)));
    Ok(delete(old).execute(tx.conn())?)
}
