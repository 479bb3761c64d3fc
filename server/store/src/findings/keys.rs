//! A finding's own key: whose it is wrapped for, and what happens to it when the finding gets its owner.

use diesel::{prelude::*, update};
use nahraum_domain::ids::{FindingId, PracticeId, ResidentId};

use crate::{
    access::Tx,
    db::types::Sql,
    error::StoreError,
    schema::findings,
    vault::{FindingKey, Subject},
};

/// The columns that lead to a finding's key.
pub(super) type KeyColumns = (findings::resident_id, findings::practice_id, findings::key_wrapped);

/// What stands in them.
pub(super) type KeyRow = (Option<Sql<ResidentId>>, Sql<PracticeId>, Option<Vec<u8>>);

/// The columns that lead to a finding's key.
pub(super) const KEY: KeyColumns = (findings::resident_id, findings::practice_id, findings::key_wrapped);

/// Whose key a finding is under: its owner's, and before it has one the practice's.
pub(super) fn subject(owner: Option<ResidentId>, practice: PracticeId) -> Subject {
    owner.map_or(Subject::Practice(practice), Subject::Resident)
}

/// The key of a finding that was read; none when its content was destroyed, and the key with it.
pub(super) fn open_key<'t>(tx: &Tx<'t>, id: FindingId, row: KeyRow) -> Result<Option<FindingKey<'t>>, StoreError> {
    let (owner, practice, wrapped) = row;
    let owner = subject(owner.map(|owner| owner.0), practice.0);
    wrapped.map(|wrapped| tx.vault().finding(owner, id, wrapped)).transpose()
}

/// The key of a finding.
pub(super) fn load_key<'t>(tx: &mut Tx<'t>, id: FindingId) -> Result<Option<FindingKey<'t>>, StoreError> {
    let row: KeyRow = findings::table.find(Sql(id)).select(KEY).first(tx.conn())?;
    open_key(tx, id, row)
}

/// Wraps a finding's key for the practice again. Goes with taking `findings.resident_id` away; to be called before.
pub(super) fn hand_back(tx: &mut Tx<'_>, id: FindingId) -> Result<(), StoreError> {
    let practice: Sql<PracticeId> = findings::table.find(Sql(id)).select(findings::practice_id).first(tx.conn())?;
    let key = load_key(tx, id)?;
    let wrapped = key.map(|key| key.hand_over(Subject::Practice(practice.0))).transpose()?;
    update(findings::table.find(Sql(id))).set(findings::key_wrapped.eq(wrapped)).execute(tx.conn())?;
    Ok(())
}

/// Wraps a finding's key for its owner. Goes with setting `findings.resident_id`; nothing else has to be touched.
pub(super) fn hand_over(
    tx: &mut Tx<'_>,
    id: FindingId,
    key: Option<&FindingKey<'_>>,
    owner: ResidentId,
) -> Result<(), StoreError> {
    let wrapped = key.map(|key| key.hand_over(Subject::Resident(owner))).transpose()?;
    update(findings::table.find(Sql(id))).set(findings::key_wrapped.eq(wrapped)).execute(tx.conn())?;
    Ok(())
}

/// The name under which an upload is found again. Its hash alone would tell who else has the same file.
pub(super) fn content_hash_key(tx: &Tx<'_>, sha256: &[u8; 32]) -> Vec<u8> {
    tx.keys().lookups.hash("findings.sha256", sha256).as_bytes().to_vec()
}
