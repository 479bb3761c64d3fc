//! Tokens of software: ten minutes, bound to a key, with no refresh. They are looked up together with the client, so that
//! a client that may not come in any more is out with its next request.

use diesel::{delete, insert_into, prelude::*};
use nahraum_domain::{
    access::Actor,
    ids::{CredentialId, PracticeId},
    sessions::{EndReason, SessionKind},
    software::{self, Standing},
};
use nahraum_secrets::{CertificateHash, KeyThumbprint, Token, TokenHash, TokenKind};

use super::{ProvenClient, thumbprint};
use crate::{
    access::{Caller, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    schema::{software_clients, software_tokens},
    sessions::{OpenedSession, Over, Presented},
};

/// What a token of software is bound to.
#[derive(Debug, Clone)]
pub enum Bound {
    /// Nothing: whoever finds it can use it.
    Nothing,
    /// The key of a proof (RFC 9449).
    Key(KeyThumbprint),
    /// The certificate of a connection (RFC 8705, 3).
    Certificate(CertificateHash),
}

/// Gives out a token.
pub(super) fn open(tx: &mut Tx<'_>, client: CredentialId, bound: &Bound) -> Result<OpenedSession, StoreError> {
    let access = Token::generate(tx.random(), TokenKind::Session);
    let expires_at = tx.now() + SessionKind::Software.limits().access;
    let (key, certificate) = match bound {
        Bound::Nothing => (None, None),
        Bound::Key(key) => (Some(key.as_bytes().to_vec()), None),
        Bound::Certificate(hash) => (None, Some(hash.as_bytes().to_vec())),
    };
    insert_into(software_tokens::table)
        .values((
            software_tokens::access_hash.eq(access.hash().as_bytes().to_vec()),
            software_tokens::client_id.eq(Sql(client)),
            software_tokens::key_thumbprint.eq(key),
            software_tokens::certificate_hash.eq(certificate),
            software_tokens::issued_at.eq(Instant::from(tx.now())),
            software_tokens::expires_at.eq(Instant::from(expires_at)),
        ))
        .execute(tx.conn())?;
    Ok(OpenedSession {
        session: None,
        access,
        access_expires_at: expires_at,
        refresh: None,
        expires_at,
        bound: matches!(bound, Bound::Key(_)),
        news: None,
    })
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = software_tokens)]
struct TokenRow {
    key_thumbprint: Option<Vec<u8>>,
    certificate_hash: Option<Vec<u8>>,
    expires_at: Instant,
}

impl TokenRow {
    /// Whether what was shown is what the token is bound to. A certificate that is shown besides says nothing about a token
    /// that is bound to a key, or to nothing.
    fn bound_to(&self, shown: &Holder<'_>) -> Result<bool, StoreError> {
        Ok(match (&self.key_thumbprint, &self.certificate_hash, shown.key) {
            (None, None, None) => true,
            (Some(bound), None, Some(proven)) => thumbprint(bound)?.matches(proven),
            (None, Some(bound), None) => match shown.certificate {
                Some(shown) => certificate_hash(bound)?.matches(shown),
                None => false,
            },
            (None, None, Some(_)) | (Some(_), None, None) | (_, Some(_), Some(_)) | (Some(_), Some(_), None) => false,
        })
    }
}

/// What somebody shows who holds a token.
#[derive(Debug, Clone, Copy)]
pub struct Holder<'a> {
    /// The key of their proof.
    pub key: Option<&'a KeyThumbprint>,
    /// The certificate of their connection.
    pub certificate: Option<&'a CertificateHash>,
}

fn certificate_hash(stored: &[u8]) -> Result<CertificateHash, StoreError> {
    let bytes = stored.try_into().map_err(|_| StoreError::Corrupt("software_tokens.certificate_hash"))?;
    Ok(CertificateHash::from_bytes(bytes))
}

/// The software that holds a token.
pub(crate) fn authenticate<'t>(tx: &mut Tx<'t>, shown: &Presented) -> Result<Caller<'t>, StoreError> {
    type Client = (Sql<CredentialId>, Sql<PracticeId>, Option<Instant>, Option<Instant>, Instant);
    let row: Option<(TokenRow, Client)> = software_tokens::table
        .inner_join(software_clients::table)
        .filter(software_tokens::access_hash.eq(shown.token.hash.as_bytes().as_slice()))
        .select((
            TokenRow::as_select(),
            (
                software_clients::id,
                software_clients::practice_id,
                software_clients::revoked_at,
                software_clients::suspended_at,
                software_clients::expires_at,
            ),
        ))
        .first(tx.conn())
        .optional()?;
    let (token, (id, practice, revoked, suspended, ends)) = row.ok_or(StoreError::Unauthenticated)?;
    let holder = Holder { key: shown.key.as_ref(), certificate: shown.certificate.as_ref() };
    let loose = token.key_thumbprint.is_none() && token.certificate_hash.is_none();
    if !token.bound_to(&holder)? || (loose && !shown.bearer) {
        return Err(StoreError::Unauthenticated);
    }
    let now = tx.now();
    match software::standing(revoked.is_some(), suspended.is_some(), ends.timestamp(), now) {
        Standing::Good if now >= token.expires_at.timestamp() => Err(StoreError::Over(Over::TokenExpired)),
        Standing::Good => Ok(Caller::new(Actor::Software { credential: id.0, practice: practice.0 }, None)),
        Standing::Revoked => Err(StoreError::Over(Over::Ended(EndReason::Ended))),
        Standing::Suspended => Err(StoreError::Over(Over::Ended(EndReason::Locked))),
        Standing::Expired => Err(StoreError::Over(Over::Expired)),
    }
}

/// Ends a token of software for its holder (RFC 7009).
///
/// # Errors
/// The database's.
pub fn revoke_token(tx: &mut Tx<'_>, shown: &TokenHash, holder: &Holder<'_>) -> Result<(), StoreError> {
    let mine = || software_tokens::table.filter(software_tokens::access_hash.eq(shown.as_bytes().as_slice()));
    let row: Option<TokenRow> = mine().select(TokenRow::as_select()).first(tx.conn()).optional()?;
    match row {
        Some(row) if row.bound_to(holder)? => {
            delete(mine()).execute(tx.conn())?;
            Ok(())
        }
        Some(_) | None => Ok(()),
    }
}

/// Ends a token of the client itself, whatever key it is bound to.
///
/// # Errors
/// The database's.
pub fn revoke_token_of(tx: &mut Tx<'_>, client: &ProvenClient, shown: &TokenHash) -> Result<(), StoreError> {
    delete(
        software_tokens::table
            .filter(software_tokens::access_hash.eq(shown.as_bytes().as_slice()))
            .filter(software_tokens::client_id.eq(Sql(client.id))),
    )
    .execute(tx.conn())?;
    Ok(())
}

pub(super) fn sweep(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let now = Instant::from(tx.now());
    delete(software_tokens::table.filter(software_tokens::expires_at.lt(now))).execute(tx.conn())?;
    Ok(())
}
