//! Pairings: software asks to be let in, shows a code, and a person of a practice types it (RFC 8628).

use diesel::{
    delete,
    dsl::{count_star, min},
    insert_into,
    prelude::*,
    update,
};
use jiff::Timestamp;
use nahraum_domain::{
    ids::{CredentialId, StaffId},
    network::Network,
    software::{PAIRING_LASTS, POLL_SECONDS, PairingState, Poll, Queue, Waiting, gives_way, judge_poll, wrong_code},
    throttle::Failures,
};
use nahraum_secrets::{ClientKey, KeyThumbprint, Token, TokenHash, TokenKind, UserCode};

use super::{Bound, NewClient, SoftwareClient, add, is_known, label_place, tokens};
use crate::{
    access::{Caller, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    schema::{pairing_failures, pairings},
    sessions::OpenedSession,
    vault::Subject,
};

/// A pairing that has just begun.
#[derive(Debug)]
pub struct NewPairing {
    /// The name of the client, once a person has let it in.
    pub client: CredentialId,
    /// What the software asks with.
    pub device_code: Token,
    /// What the person types.
    pub user_code: UserCode,
    /// The name of its key.
    pub thumbprint: KeyThumbprint,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whether an older one had to give way to it.
    pub pushed_out: bool,
}

/// What became of the wish to be paired.
#[derive(Debug)]
pub enum Paired {
    /// It can be typed now.
    Begun(NewPairing),
    /// A client has this key already.
    KnownKey,
}

/// Who asks to be let in.
#[derive(Debug, Clone)]
pub struct Pairing {
    /// The name of the client, once it is let in.
    pub client: CredentialId,
    /// How the software calls itself.
    pub label: String,
    /// The name of its key, for comparing it with what the software shows.
    pub thumbprint: KeyThumbprint,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// What software is told that asks for its tokens.
#[derive(Debug)]
pub enum Polled {
    /// Its first token.
    Tokens(CredentialId, OpenedSession),
    /// Something else.
    Not(Poll),
    /// Nobody's code.
    Unknown,
}

/// Begins a pairing for somebody in this network.
///
/// # Errors
/// The database's.
pub fn begin(tx: &mut Tx<'_>, network: Network, label: &str, key: &ClientKey) -> Result<Paired, StoreError> {
    if is_known(tx, key)? {
        return Ok(Paired::KnownKey);
    }
    let now = tx.now();
    // Of a network only this is kept: it says which wishes belong together and not where they came from.
    let network = tx.keys().lookups.hash("pairings.network", network.to_string().as_bytes()).as_bytes().to_vec();
    let pushed_out = make_room(tx, &network)?;
    let client = tx.new_id(CredentialId::new);
    let device_code = Token::generate(tx.random(), TokenKind::DeviceCode);
    let user_code = UserCode::generate(tx.random());
    let label = tx.vault().seal_text(Subject::House, label_place(client.as_bytes()), label)?;
    let expires_at = now + PAIRING_LASTS;
    insert_into(pairings::table)
        .values((
            pairings::id.eq(Sql(client)),
            pairings::device_code_hash.eq(device_code.hash().as_bytes().to_vec()),
            pairings::user_code_key.eq(lookup(tx, &user_code)),
            pairings::label_sealed.eq(label),
            pairings::public_key.eq(key.to_bytes()),
            pairings::state.eq(PairingState::Open.as_str()),
            pairings::interval_seconds.eq(POLL_SECONDS),
            pairings::created_at.eq(Instant::from(now)),
            pairings::expires_at.eq(Instant::from(expires_at)),
            pairings::network_key.eq(network),
        ))
        .execute(tx.conn())?;
    let thumbprint = key.thumbprint();
    Ok(Paired::Begun(NewPairing { client, device_code, user_code, thumbprint, expires_at, pushed_out }))
}

/// Takes the pairing away that has to give way to one more of this network. Returns whether there was one.
fn make_room(tx: &mut Tx<'_>, network: &Vec<u8>) -> Result<bool, StoreError> {
    let open = PairingState::Open.as_str();
    let now = Instant::from(tx.now());
    let rows: Vec<(Vec<u8>, i64, Option<Instant>)> = pairings::table
        .filter(pairings::state.eq(open))
        .filter(pairings::expires_at.gt(now))
        .group_by(pairings::network_key)
        .select((pairings::network_key, count_star(), min(pairings::created_at)))
        .load(tx.conn())?;
    let queues: Vec<Queue<Vec<u8>>> = rows
        .into_iter()
        .filter_map(|(network, count, oldest)| Some(Queue { network, count, oldest: oldest?.timestamp() }))
        .collect();
    let Some(queue) = gives_way(&queues, network) else { return Ok(false) };
    let oldest: Sql<CredentialId> = pairings::table
        .filter(pairings::network_key.eq(&queue.network))
        .filter(pairings::state.eq(open))
        .filter(pairings::expires_at.gt(now))
        .order((pairings::created_at, pairings::id))
        .select(pairings::id)
        .first(tx.conn())?;
    delete(pairings::table.find(oldest)).execute(tx.conn())?;
    Ok(true)
}

fn lookup(tx: &Tx<'_>, code: &UserCode) -> Vec<u8> {
    code.lookup(&tx.keys().lookups).as_bytes().to_vec()
}

type Row = (Sql<CredentialId>, Vec<u8>, Vec<u8>, Instant);

fn open_pairing(tx: &mut Tx<'_>, code: &UserCode) -> Result<Option<Row>, StoreError> {
    let (key, now) = (lookup(tx, code), Instant::from(tx.now()));
    Ok(pairings::table
        .filter(pairings::user_code_key.eq(key))
        .filter(pairings::state.eq(PairingState::Open.as_str()))
        .filter(pairings::expires_at.gt(now))
        .select((pairings::id, pairings::label_sealed, pairings::public_key, pairings::expires_at))
        .first(tx.conn())
        .optional()?)
}

/// The pairing that waits for this code.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no person of a practice; otherwise the database's.
pub fn pairing(tx: &mut Tx<'_>, caller: &Caller<'_>, code: &UserCode) -> Result<Option<Pairing>, StoreError> {
    caller.staff().ok_or(StoreError::Unauthenticated)?;
    let Some((id, label, key, expires_at)) = open_pairing(tx, code)? else { return Ok(None) };
    Ok(Some(Pairing {
        client: id.0,
        label: tx.vault().open_text(Subject::House, label_place(id.0.as_bytes()), label)?,
        thumbprint: stored_key(&key)?.thumbprint(),
        expires_at: expires_at.timestamp(),
    }))
}

fn stored_key(bytes: &[u8]) -> Result<ClientKey, StoreError> {
    ClientKey::from_bytes(bytes).ok_or(StoreError::Corrupt("pairings.public_key"))
}

/// Lets the software that waits for this code in, for the caller's practice.
///
/// # Errors
/// As [`pairing`].
pub fn approve(tx: &mut Tx<'_>, caller: &Caller<'_>, code: &UserCode) -> Result<Option<SoftwareClient>, StoreError> {
    let (person, practice) = caller.staff().ok_or(StoreError::Unauthenticated)?;
    let Some((id, label_sealed, key, _)) = open_pairing(tx, code)? else { return Ok(None) };
    let key = stored_key(&key)?;
    // The same key may have asked twice; each client has one of its own.
    if is_known(tx, &key)? {
        return Ok(None);
    }
    decide(tx, id.0, PairingState::Approved)?;
    add(tx, NewClient { id: id.0, practice, person, label_sealed, key: &key }).map(Some)
}

/// Turns the software that waits for this code away. Returns whether there is any.
///
/// # Errors
/// As [`pairing`].
pub fn deny(tx: &mut Tx<'_>, caller: &Caller<'_>, code: &UserCode) -> Result<bool, StoreError> {
    caller.staff().ok_or(StoreError::Unauthenticated)?;
    let Some((id, ..)) = open_pairing(tx, code)? else { return Ok(false) };
    decide(tx, id.0, PairingState::Denied)?;
    Ok(true)
}

fn decide(tx: &mut Tx<'_>, id: CredentialId, state: PairingState) -> Result<(), StoreError> {
    update(pairings::table.find(Sql(id))).set(pairings::state.eq(state.as_str())).execute(tx.conn())?;
    Ok(())
}

/// The wrong codes a person has typed lately.
///
/// # Errors
/// The database's.
pub fn wrong_codes(tx: &mut Tx<'_>, person: StaffId) -> Result<Failures, StoreError> {
    let row: Option<(i32, Instant)> = pairing_failures::table
        .find(Sql(person))
        .select((pairing_failures::failed_count, pairing_failures::failed_at))
        .first(tx.conn())
        .optional()?;
    Ok(row.map_or(Failures::default(), |(count, at)| Failures { count, last_at: Some(at.timestamp()) }))
}

/// Notes that a person has typed a code: a wrong one is counted, a right one forgets those before it.
///
/// # Errors
/// The database's.
pub fn note_code(tx: &mut Tx<'_>, person: StaffId, right: bool) -> Result<(), StoreError> {
    let failures = wrong_codes(tx, person)?;
    if failures.last_at.is_some() {
        delete(pairing_failures::table.find(Sql(person))).execute(tx.conn())?;
    }
    if right {
        return Ok(());
    }
    insert_into(pairing_failures::table)
        .values((
            pairing_failures::staff_id.eq(Sql(person)),
            pairing_failures::failed_count.eq(wrong_code(failures, tx.now()).count),
            pairing_failures::failed_at.eq(Instant::from(tx.now())),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// What the software of this device code is told. `bound` says what its token is bound to.
///
/// # Errors
/// The database's.
pub fn poll(tx: &mut Tx<'_>, shown: &TokenHash, bound: &Bound) -> Result<Polled, StoreError> {
    type Row = (Sql<CredentialId>, String, Instant, Option<Instant>, i32);
    let row: Option<Row> = pairings::table
        .filter(pairings::device_code_hash.eq(shown.as_bytes().as_slice()))
        .select((pairings::id, pairings::state, pairings::expires_at, pairings::polled_at, pairings::interval_seconds))
        .first(tx.conn())
        .optional()?;
    let Some((id, state, expires_at, polled_at, interval)) = row else { return Ok(Polled::Unknown) };
    let waiting = Waiting {
        state: PairingState::parse(&state).ok_or(StoreError::Corrupt("pairings.state"))?,
        expires_at: expires_at.timestamp(),
        polled_at: polled_at.map(|at| at.timestamp()),
        interval,
    };
    let told = judge_poll(waiting, tx.now());
    let next = if let Poll::SlowDown(seconds) = told { seconds } else { interval };
    let change = (pairings::polled_at.eq(Some(Instant::from(tx.now()))), pairings::interval_seconds.eq(next));
    update(pairings::table.find(id)).set(change).execute(tx.conn())?;
    match told {
        Poll::Tokens => {
            decide(tx, id.0, PairingState::Done)?;
            Ok(Polled::Tokens(id.0, tokens::open(tx, id.0, bound)?))
        }
        Poll::Pending | Poll::SlowDown(_) | Poll::Denied | Poll::Expired | Poll::Done => Ok(Polled::Not(told)),
    }
}

/// Deletes pairings some time after their end, so that their software still hears of it.
pub(super) fn sweep(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let before = Instant::from(tx.now() - PAIRING_LASTS);
    delete(pairings::table.filter(pairings::expires_at.lt(before))).execute(tx.conn())?;
    Ok(())
}
