//! Rotation: a new key encryption key takes over all keys of the one before, while servers run.
//!
//! Three steps, each a transaction or several, each harmless to be killed in: (1) a new key becomes the active one, the
//! one before only decrypts; (2) keys are wrapped anew, some at a time; (3) what has no keys any more is destroyed. Who
//! starts again goes on where it ended, because what is left to do stands in the key store and nowhere else. No data and
//! no key of a subject changes, so readers notice nothing.

use std::collections::HashMap;

use diesel::{prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::ids::KeyId;
use nahraum_secrets::{KeyEncryptionKey, KeyOwner};

use super::{
    KekState, KeyStore,
    schema::{key_encryption_keys as keks, subject_keys},
};
use crate::{
    db::{
        Conn,
        types::{Instant, Sql},
    },
    error::StoreError,
};

/// A rotation that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// The key that takes over.
    pub to: KeyId,
    /// Whether an earlier rotation had not ended and goes on.
    pub resumed: bool,
}

impl KeyStore {
    /// Begins a rotation, or finds the one that did not end.
    pub(crate) fn begin_rotation(&self, now: Timestamp) -> Result<Rotation, StoreError> {
        self.database.write(|conn| {
            let unfinished: i64 =
                keks::table.filter(keks::state.eq(KekState::DecryptOnly.as_str())).count().get_result(conn)?;
            if let (true, Some((to, _))) = (unfinished > 0, self.active_kek(conn)?) {
                return Ok(Rotation { to, resumed: true });
            }
            update(keks::table.filter(keks::state.eq(KekState::Active.as_str())))
                .set(keks::state.eq(KekState::DecryptOnly.as_str()))
                .execute(conn)?;
            let (to, _) = self.make_kek(conn, now)?;
            Ok(Rotation { to, resumed: false })
        })
    }

    /// Wraps up to `limit` keys anew. Returns how many there were; call again until there are none.
    pub(crate) fn rotate_some(&self, limit: i64) -> Result<usize, StoreError> {
        self.database.write(|conn| {
            let (to, to_key) = self.active_kek(conn)?.ok_or(StoreError::Corrupt("key_encryption_keys: none active"))?;
            type Row = (String, Vec<u8>, i32, Sql<KeyId>, Vec<u8>);
            let rows: Vec<Row> = subject_keys::table
                .filter(subject_keys::kek_id.ne(Sql(to)))
                .limit(limit)
                .select((
                    subject_keys::subject_kind,
                    subject_keys::subject_id,
                    subject_keys::version,
                    subject_keys::kek_id,
                    subject_keys::key_wrapped,
                ))
                .load(conn)?;
            let old = self.old_keks(conn)?;
            for (kind, id, version, from, wrapped) in &rows {
                let bad = StoreError::Corrupt("subject_keys.key_wrapped");
                let Some(from_key) = old.get(&from.0) else { return Err(bad) };
                let Ok(owner_id) = <[u8; 16]>::try_from(id.as_slice()) else { return Err(bad) };
                let owner = KeyOwner { kind, id: &owner_id, version: *version };
                let Ok(key) = from_key.unwrap(from.0.as_bytes(), owner, wrapped.clone()) else { return Err(bad) };
                let wrapped = to_key.wrap(to.as_bytes(), owner, &key, &*self.random);
                update(subject_keys::table.find((kind, id)))
                    .set((subject_keys::kek_id.eq(Sql(to)), subject_keys::key_wrapped.eq(wrapped)))
                    .execute(conn)?;
            }
            Ok(rows.len())
        })
    }

    fn old_keks(&self, conn: &mut Conn) -> Result<HashMap<KeyId, KeyEncryptionKey>, StoreError> {
        let rows: Vec<(Sql<KeyId>, Option<Vec<u8>>)> = keks::table
            .filter(keks::state.eq(KekState::DecryptOnly.as_str()))
            .select((keks::id, keks::key_wrapped))
            .load(conn)?;
        rows.into_iter().map(|(id, wrapped)| Ok((id.0, self.unwrap_kek(id.0, wrapped)?))).collect()
    }

    /// Destroys every key encryption key that only decrypts and has nothing left to decrypt. Returns how many.
    pub(crate) fn end_rotation(&self, now: Timestamp) -> Result<usize, StoreError> {
        let destroyed = self.database.write(|conn| {
            let used: Vec<Sql<KeyId>> = subject_keys::table.select(subject_keys::kek_id).distinct().load(conn)?;
            let unused =
                keks::table.filter(keks::state.eq(KekState::DecryptOnly.as_str())).filter(keks::id.ne_all(used));
            let destroyed = update(unused)
                .set((
                    keks::state.eq(KekState::Destroyed.as_str()),
                    keks::key_wrapped.eq(None::<Vec<u8>>),
                    keks::destroyed_at.eq(Some(Instant::from(now))),
                ))
                .execute(conn)?;
            Ok::<_, StoreError>(destroyed)
        })?;
        self.database.empty_write_ahead_log()?;
        Ok(destroyed)
    }
}
