//! Room software: the software of practices, known by its public key. It comes in by assertions that the key signed
//! (RFC 7523), gets tokens of ten minutes, and is out with its next request when its practice takes it away (SR-K10).

mod pairings;
mod tokens;

use diesel::{delete, insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    ids::{CredentialId, PracticeId, StaffId},
    software::{self, KEY_LASTS, KEY_RENEWABLE, Standing},
    throttle::BadAssertions,
};
use nahraum_secrets::{
    AssertionError, AssertionExpected, ClientKey, KeyThumbprint, VerifiedAssertion, verify_client_assertion,
};

pub use pairings::{NewPairing, Paired, Pairing, Polled, approve, begin, deny, note_code, pairing, poll, wrong_codes};
pub(crate) use tokens::authenticate;
pub use tokens::{Bound, Holder, revoke_token, revoke_token_of};

use crate::{
    access::{Caller, System, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    schema::{assertions_seen, software_clients, software_tokens},
    sessions::OpenedSession,
    vault::{Place, Subject},
};

/// A piece of software, as its practice sees it.
#[derive(Debug, Clone)]
pub struct SoftwareClient {
    /// The client.
    pub id: CredentialId,
    /// Which software it is.
    pub label: String,
    /// The name of its key.
    pub thumbprint: KeyThumbprint,
    /// When a person let it in.
    pub created_at: Timestamp,
    /// From when on it can put a new key in the place of its own.
    pub renewable_at: Timestamp,
    /// When its key ends.
    pub expires_at: Timestamp,
    /// When the practice took it away.
    pub revoked_at: Option<Timestamp>,
    /// Since when it has to wait for a person, after too many bad assertions.
    pub suspended_at: Option<Timestamp>,
}

/// Software that has proven its key in this unit of work.
#[derive(Debug)]
pub struct ProvenClient {
    id: CredentialId,
    key: ClientKey,
    keyed_at: Timestamp,
    expires_at: Timestamp,
}

impl ProvenClient {
    /// Its key, since when it has that, and when the key ends: what a certificate can say (SR-K10).
    #[must_use]
    pub fn certifiable(&self) -> (&ClientKey, Timestamp, Timestamp) {
        (&self.key, self.keyed_at, self.expires_at)
    }
}

/// What an assertion has shown.
#[derive(Debug)]
pub enum Asserted {
    /// Who it is.
    Client(ProvenClient),
    /// Nobody with this name, or one that may not come in.
    Nobody,
    /// The client is known, and the assertion is not good.
    Bad {
        /// What is wrong.
        error: AssertionError,
        /// Whether the client is suspended by it.
        suspended: bool,
    },
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = software_clients)]
struct ClientRow {
    id: Sql<CredentialId>,
    label_sealed: Vec<u8>,
    public_key: Vec<u8>,
    key_thumbprint: Vec<u8>,
    created_at: Instant,
    keyed_at: Instant,
    expires_at: Instant,
    revoked_at: Option<Instant>,
    suspended_at: Option<Instant>,
    bad_count: i32,
    bad_since: Option<Instant>,
}

impl ClientRow {
    fn proven(&self) -> Result<ProvenClient, StoreError> {
        let key = ClientKey::from_bytes(&self.public_key).ok_or(StoreError::Corrupt("software_clients.public_key"))?;
        let (keyed_at, expires_at) = (self.keyed_at.timestamp(), self.expires_at.timestamp());
        Ok(ProvenClient { id: self.id.0, key, keyed_at, expires_at })
    }

    fn standing(&self, now: Timestamp) -> Standing {
        software::standing(self.revoked_at.is_some(), self.suspended_at.is_some(), self.expires_at.timestamp(), now)
    }

    fn client(self, tx: &Tx<'_>) -> Result<SoftwareClient, StoreError> {
        Ok(SoftwareClient {
            id: self.id.0,
            label: tx.vault().open_text(Subject::House, label_place(self.id.0.as_bytes()), self.label_sealed)?,
            thumbprint: thumbprint(&self.key_thumbprint)?,
            created_at: self.created_at.timestamp(),
            renewable_at: self.keyed_at.timestamp() + KEY_RENEWABLE,
            expires_at: self.expires_at.timestamp(),
            revoked_at: self.revoked_at.map(|at| at.timestamp()),
            suspended_at: self.suspended_at.map(|at| at.timestamp()),
        })
    }
}

fn thumbprint(stored: &[u8]) -> Result<KeyThumbprint, StoreError> {
    let bytes = stored.try_into().map_err(|_| StoreError::Corrupt("software_clients.key_thumbprint"))?;
    Ok(KeyThumbprint::from_bytes(bytes))
}

/// A label keeps its seal when a pairing becomes a client: both have the same id.
/// Sealed for the house: it is written down before anybody knows for which practice.
const fn label_place(row: &[u8; 16]) -> Place<'_> {
    Place { column: "software_clients.label", row }
}

/// Whose assertion is it? One that is good is used up by this; a bad one is counted for the client it names.
///
/// # Errors
/// The database's.
pub fn assert(tx: &mut Tx<'_>, id: CredentialId, assertion: &str, audiences: &[&str]) -> Result<Asserted, StoreError> {
    let now = tx.now();
    let row: Option<ClientRow> =
        software_clients::table.find(Sql(id)).select(ClientRow::as_select()).first(tx.conn()).optional()?;
    let Some(row) = row.filter(|row| row.standing(now) == Standing::Good) else { return Ok(Asserted::Nobody) };
    let proven = row.proven()?;
    let client_id = id.to_string();
    let keys = std::slice::from_ref(&proven.key);
    let expected = AssertionExpected { client_id: &client_id, audiences, keys, now };
    let error = match verify_client_assertion(assertion, &expected) {
        Ok(verified) if first_time(tx, &verified)? => return Ok(Asserted::Client(proven)),
        Ok(_) => AssertionError::Replayed,
        Err(error) => error,
    };
    let counted = BadAssertions { count: row.bad_count, since: row.bad_since.map(|at| at.timestamp()) }.and_one(now);
    let suspended = counted.suspend();
    update(software_clients::table.find(Sql(id)))
        .set((
            software_clients::bad_count.eq(counted.count),
            software_clients::bad_since.eq(counted.since.map(Instant::from)),
            software_clients::suspended_at.eq(suspended.then(|| Instant::from(now))),
        ))
        .execute(tx.conn())?;
    Ok(Asserted::Bad { error, suspended })
}

/// The client with this name, if the key of a certificate that was shown is its own, and it may come in (RFC 8705, 2.1).
///
/// # Errors
/// The database's.
pub fn by_certificate(
    tx: &mut Tx<'_>,
    id: CredentialId,
    key: &KeyThumbprint,
) -> Result<Option<ProvenClient>, StoreError> {
    let now = tx.now();
    let row: Option<ClientRow> =
        software_clients::table.find(Sql(id)).select(ClientRow::as_select()).first(tx.conn()).optional()?;
    let Some(row) = row.filter(|row| row.standing(now) == Standing::Good) else { return Ok(None) };
    if thumbprint(&row.key_thumbprint)?.matches(key) { row.proven().map(Some) } else { Ok(None) }
}

fn first_time(tx: &mut Tx<'_>, assertion: &VerifiedAssertion) -> Result<bool, StoreError> {
    let hash = assertion.jti_hash.to_vec();
    let seen: i64 =
        assertions_seen::table.filter(assertions_seen::jti_hash.eq(hash.clone())).count().get_result(tx.conn())?;
    if seen > 0 {
        return Ok(false);
    }
    insert_into(assertions_seen::table)
        .values((
            assertions_seen::jti_hash.eq(hash),
            assertions_seen::replay_until.eq(Instant::from(assertion.replay_until)),
        ))
        .execute(tx.conn())?;
    Ok(true)
}

/// Gives a client its next token.
///
/// # Errors
/// The database's.
pub fn open(tx: &mut Tx<'_>, client: &ProvenClient, bound: &Bound) -> Result<OpenedSession, StoreError> {
    tokens::open(tx, client.id, bound)
}

/// Puts a new key in the place of a client's own, and ends the tokens it has. None when it is too early, or when the key
/// is known already.
///
/// # Errors
/// The database's.
pub fn renew(tx: &mut Tx<'_>, client: &ProvenClient, key: &ClientKey) -> Result<Option<SoftwareClient>, StoreError> {
    let now = tx.now();
    if now < client.keyed_at + KEY_RENEWABLE || is_known(tx, key)? {
        return Ok(None);
    }
    delete(software_tokens::table.filter(software_tokens::client_id.eq(Sql(client.id)))).execute(tx.conn())?;
    update(software_clients::table.find(Sql(client.id)))
        .set((
            software_clients::public_key.eq(key.to_bytes()),
            software_clients::key_thumbprint.eq(key.thumbprint().as_bytes().to_vec()),
            software_clients::keyed_at.eq(Instant::from(now)),
            software_clients::expires_at.eq(Instant::from(now + KEY_LASTS)),
        ))
        .execute(tx.conn())?;
    let row: ClientRow =
        software_clients::table.find(Sql(client.id)).select(ClientRow::as_select()).first(tx.conn())?;
    row.client(tx).map(Some)
}

/// Whether a key belongs, or belonged, to a client: each has one of its own.
pub(crate) fn is_known(tx: &mut Tx<'_>, key: &ClientKey) -> Result<bool, StoreError> {
    let thumbprint = key.thumbprint().as_bytes().to_vec();
    let known: i64 = software_clients::table
        .filter(software_clients::key_thumbprint.eq(thumbprint))
        .count()
        .get_result(tx.conn())?;
    Ok(known > 0)
}

struct NewClient<'a> {
    id: CredentialId,
    practice: PracticeId,
    person: StaffId,
    label_sealed: Vec<u8>,
    key: &'a ClientKey,
}

fn add(tx: &mut Tx<'_>, new: NewClient<'_>) -> Result<SoftwareClient, StoreError> {
    let now = tx.now();
    insert_into(software_clients::table)
        .values((
            software_clients::id.eq(Sql(new.id)),
            software_clients::practice_id.eq(Sql(new.practice)),
            software_clients::created_by.eq(Sql(new.person)),
            software_clients::label_sealed.eq(new.label_sealed),
            software_clients::public_key.eq(new.key.to_bytes()),
            software_clients::key_thumbprint.eq(new.key.thumbprint().as_bytes().to_vec()),
            software_clients::created_at.eq(Instant::from(now)),
            software_clients::keyed_at.eq(Instant::from(now)),
            software_clients::expires_at.eq(Instant::from(now + KEY_LASTS)),
            software_clients::bad_count.eq(0),
        ))
        .execute(tx.conn())?;
    let row: ClientRow = software_clients::table.find(Sql(new.id)).select(ClientRow::as_select()).first(tx.conn())?;
    row.client(tx)
}

/// The software of the caller's practice, newest first.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no person of a practice; otherwise the database's.
pub fn all(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Vec<SoftwareClient>, StoreError> {
    let (_, practice) = caller.staff().ok_or(StoreError::Unauthenticated)?;
    let rows: Vec<ClientRow> = software_clients::table
        .filter(software_clients::practice_id.eq(Sql(practice)))
        .order(software_clients::id.desc())
        .select(ClientRow::as_select())
        .load(tx.conn())?;
    rows.into_iter().map(|row| row.client(tx)).collect()
}

/// Takes software of the caller's practice away. Returns whether there is such software.
///
/// # Errors
/// As [`all`].
pub fn revoke(tx: &mut Tx<'_>, caller: &Caller<'_>, id: CredentialId) -> Result<bool, StoreError> {
    let now = Instant::from(tx.now());
    if !is_mine(tx, caller, id)? {
        return Ok(false);
    }
    update(software_clients::table.find(Sql(id)).filter(software_clients::revoked_at.is_null()))
        .set(software_clients::revoked_at.eq(Some(now)))
        .execute(tx.conn())?;
    Ok(true)
}

/// Lets suspended software of the caller's practice go on. Returns whether there is such software.
///
/// # Errors
/// As [`all`].
pub fn resume(tx: &mut Tx<'_>, caller: &Caller<'_>, id: CredentialId) -> Result<bool, StoreError> {
    let never: Option<Instant> = None;
    if !is_mine(tx, caller, id)? {
        return Ok(false);
    }
    update(software_clients::table.find(Sql(id)))
        .set((software_clients::suspended_at.eq(never), software_clients::bad_count.eq(0)))
        .execute(tx.conn())?;
    Ok(true)
}

fn is_mine(tx: &mut Tx<'_>, caller: &Caller<'_>, id: CredentialId) -> Result<bool, StoreError> {
    let (_, practice) = caller.staff().ok_or(StoreError::Unauthenticated)?;
    let mine: i64 = software_clients::table
        .filter(software_clients::id.eq(Sql(id)))
        .filter(software_clients::practice_id.eq(Sql(practice)))
        .count()
        .get_result(tx.conn())?;
    Ok(mine > 0)
}

/// Deletes tokens, pairings and assertions that can mean nothing any more.
///
/// # Errors
/// The database's.
pub fn sweep(tx: &mut Tx<'_>, _system: &System) -> Result<(), StoreError> {
    let now = Instant::from(tx.now());
    delete(assertions_seen::table.filter(assertions_seen::replay_until.lt(now))).execute(tx.conn())?;
    tokens::sweep(tx)?;
    pairings::sweep(tx)
}
