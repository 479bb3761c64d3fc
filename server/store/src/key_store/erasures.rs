//! Destroying a resident's key, and the ledger that remembers it.

use std::collections::HashSet;

use diesel::{delete, insert_into, prelude::*};
use jiff::Timestamp;
use nahraum_domain::{
    erasure::ErasureReason,
    ids::{ErasureId, ResidentId},
};
use nahraum_secrets::random_bytes;

use super::{
    KeyStore, Subject,
    schema::{erasures, subject_keys},
};
use crate::{
    db::{
        Conn,
        types::{Instant, Sql},
    },
    error::StoreError,
};

/// The kind of the subjects that can be erased.
const RESIDENT: &str = "resident";

/// One entry of the ledger: that somebody was erased, and not who.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LedgerEntry {
    /// A random id.
    pub(crate) id: ErasureId,
    /// The keyed hash of the resident's id.
    pub(crate) resident_key: Vec<u8>,
    /// Why.
    pub(crate) reason: ErasureReason,
    /// When.
    pub(crate) erased_at: Timestamp,
}

pub(crate) type LedgerRow = (Sql<ErasureId>, Vec<u8>, String, Instant);

/// An entry of either ledger.
pub(crate) fn read_entry((id, resident_key, reason, at): LedgerRow) -> Result<LedgerEntry, StoreError> {
    let reason = ErasureReason::parse(&reason).ok_or(StoreError::Corrupt("erasures.reason"))?;
    Ok(LedgerEntry { id: id.0, resident_key, reason, erased_at: at.timestamp() })
}

impl KeyStore {
    /// The ledger's name for a resident.
    pub(crate) fn ledger_key(&self, resident: ResidentId) -> Vec<u8> {
        self.keys.erasures.hash(resident).as_bytes().to_vec()
    }

    /// Destroys a resident's key and remembers it. Durable before this returns; doing it again changes nothing.
    ///
    /// # Errors
    /// The key store's; then nothing happened.
    pub(crate) fn erase(
        &self,
        resident: ResidentId,
        reason: ErasureReason,
        now: Timestamp,
    ) -> Result<LedgerEntry, StoreError> {
        let new = LedgerEntry {
            id: ErasureId::new(now, random_bytes(&*self.random)),
            resident_key: self.ledger_key(resident),
            reason,
            erased_at: now,
        };
        let subject = Subject::Resident(resident);
        let entry = self.database.write(|conn| {
            let entry = remember(conn, &new)?;
            delete(
                subject_keys::table
                    .filter(subject_keys::subject_kind.eq(subject.kind()))
                    .filter(subject_keys::subject_id.eq(subject.id().to_vec())),
            )
            .execute(conn)?;
            Ok::<_, StoreError>(entry)
        })?;
        self.cache.drop_key(subject);
        self.database.empty_write_ahead_log()?;
        Ok(entry)
    }

    /// Everything the ledger remembers, oldest first.
    pub(crate) fn ledger(&self) -> Result<Vec<LedgerEntry>, StoreError> {
        let rows: Vec<LedgerRow> = self.database.read(|conn| {
            let columns = (erasures::id, erasures::resident_key, erasures::reason, erasures::erased_at);
            Ok::<_, StoreError>(erasures::table.order(erasures::id).select(columns).load(conn)?)
        })?;
        rows.into_iter().map(read_entry).collect()
    }

    /// Takes over what the main database's ledger remembers and this one, restored from a backup, has forgotten, and
    /// destroys the keys that came back with it. Returns how many those were.
    pub(crate) fn learn(&self, entries: &[LedgerEntry]) -> Result<usize, StoreError> {
        let known: HashSet<Vec<u8>> = self.ledger()?.into_iter().map(|entry| entry.resident_key).collect();
        let new: Vec<&LedgerEntry> = entries.iter().filter(|entry| !known.contains(&entry.resident_key)).collect();
        if new.is_empty() {
            return Ok(0);
        }
        self.database.write(|conn| {
            new.iter().try_for_each(|entry| remember(conn, entry).map(drop))?;
            // The ledger does not say who they are: everybody who has a key is asked.
            let theirs = subject_keys::table.filter(subject_keys::subject_kind.eq(RESIDENT));
            let residents: Vec<Sql<ResidentId>> = theirs.select(subject_keys::subject_id).load(conn)?;
            for resident in residents {
                let key = self.ledger_key(resident.0);
                if new.iter().any(|entry| entry.resident_key == key) {
                    delete(subject_keys::table.find((RESIDENT, resident))).execute(conn)?;
                }
            }
            Ok::<_, StoreError>(())
        })?;
        self.database.empty_write_ahead_log()?;
        Ok(new.len())
    }

    pub(super) fn is_erased(&self, conn: &mut Conn, subject: Subject) -> Result<bool, StoreError> {
        let Subject::Resident(resident) = subject else { return Ok(false) };
        let key = self.ledger_key(resident);
        let entries: i64 = erasures::table.filter(erasures::resident_key.eq(key)).count().get_result(conn)?;
        Ok(entries > 0)
    }
}

/// The entry as it stands in the ledger: the first one counts.
fn remember(conn: &mut Conn, entry: &LedgerEntry) -> Result<LedgerEntry, StoreError> {
    let row: Option<LedgerRow> = erasures::table
        .filter(erasures::resident_key.eq(&entry.resident_key))
        .select((erasures::id, erasures::resident_key, erasures::reason, erasures::erased_at))
        .first(conn)
        .optional()?;
    if let Some(row) = row {
        return read_entry(row);
    }
    insert_into(erasures::table)
        .values((
            erasures::id.eq(Sql(entry.id)),
            erasures::resident_key.eq(&entry.resident_key),
            erasures::reason.eq(entry.reason.as_str()),
            erasures::erased_at.eq(Instant::from(entry.erased_at)),
        ))
        .execute(conn)?;
    Ok(entry.clone())
}
