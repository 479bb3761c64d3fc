//! Room erasure: everything of a resident goes, and no backup brings it back.
//!
//! First the key, in the key store, with an entry in its ledger: from then on nothing of the resident can be read, here or
//! in a backup. Then the rows, in the main database, with an entry in its own ledger. Who is killed in between has a
//! resident without a key; the next start finds the ledger's entry and takes the rows away. The lines of the access log
//! stay: they carry ids, and they are what shows that it was done.

use std::collections::HashSet;

use diesel::{delete, insert_into, prelude::*, update};
use nahraum_domain::{
    audit::{LogAction, LogActor, LogEntry, LogOutcome},
    erasure::ErasureReason,
    ids::{BlobId, DeviceId, FindingId, PatientId, ResidentId},
};

use crate::{
    access::{Caller, System, Tx, log},
    approvals::{self, ErasurePermit},
    corrections,
    db::types::{Day, Instant, Sql},
    error::StoreError,
    findings,
    key_store::{LedgerEntry, LedgerRow, read_entry},
    registrations,
    schema::{
        bookmarks, consent_events, consent_questions, consent_rules, consents, device_links, devices, discretions,
        encounters, erasures, finding_holds, finding_keys, finding_values, findings as finding_rows, idempotency_keys,
        invitations, link_visits, log_parties, order_numbers, outbox, patients, push_subscriptions, questions,
        recommendations, recoveries, recovery_sheets, residents, security_events, sessions, share_links, value_index,
    },
    shares::acting,
    sync,
};

/// Erases a resident whom two persons of the operator want to be erased. Returns whether there was one; also one whose rows
/// are gone is remembered as erased.
///
/// # Errors
/// The databases'. The key may be destroyed all the same; doing it again finishes it.
pub fn erase(tx: &mut Tx<'_>, permit: ErasurePermit<'_>) -> Result<bool, StoreError> {
    let (resident, reason, actor) = permit.into_parts();
    erase_as(tx, actor, resident, reason)
}

/// Erases somebody again whom a restored database has brought back.
///
/// # Errors
/// As [`erase`].
pub fn erase_again(
    tx: &mut Tx<'_>,
    _system: &System,
    resident: ResidentId,
    reason: ErasureReason,
) -> Result<bool, StoreError> {
    erase_as(tx, LogActor::System, resident, reason)
}

/// Erases the caller's own account.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise as [`erase`].
pub fn erase_own(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<(), StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    erase_as(tx, caller.actor().into(), resident, ErasureReason::Asked).map(drop)
}

/// Residents of the main database whom a ledger remembers as erased, after the two ledgers have told each other what one
/// of them forgot by being restored from a backup.
///
/// # Errors
/// The databases'.
pub fn erased_and_here(tx: &mut Tx<'_>, _system: &System) -> Result<Vec<(ResidentId, ErasureReason)>, StoreError> {
    let key_store = tx.key_store();
    let mine = ledger(tx)?;
    key_store.learn(&mine)?;
    let all = key_store.ledger()?;
    let known: HashSet<&[u8]> = mine.iter().map(|entry| entry.resident_key.as_slice()).collect();
    for entry in all.iter().filter(|entry| !known.contains(entry.resident_key.as_slice())) {
        remember(tx, entry)?;
    }
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let here: Vec<Sql<ResidentId>> = residents::table.select(residents::id).load(tx.conn())?;
    let erased = |resident: ResidentId| {
        let key = key_store.ledger_key(resident);
        all.iter().find(|entry| entry.resident_key == key).map(|entry| (resident, entry.reason))
    };
    Ok(here.into_iter().filter_map(|resident| erased(resident.0)).collect())
}

fn erase_as(tx: &mut Tx<'_>, actor: LogActor, resident: ResidentId, reason: ErasureReason) -> Result<bool, StoreError> {
    let entry = tx.key_store().erase(resident, reason, tx.now())?;
    let known: i64 = residents::table.find(Sql(resident)).count().get_result(tx.conn())?;
    remember(tx, &entry)?;
    if known == 0 {
        return Ok(false);
    }
    delete_findings(tx, resident)?;
    delete_account(tx, resident)?;
    let line = LogEntry {
        resident: Some(resident),
        at: tx.now(),
        actor,
        action: LogAction::Erase,
        finding: None,
        basis: None,
        consent: None,
        rests_on: None,
        outcome: LogOutcome::Done,
        request: tx.request(),
    };
    log::insert_with(tx, &line)?;
    Ok(true)
}

fn delete_findings(tx: &mut Tx<'_>, resident: ResidentId) -> Result<(), StoreError> {
    type Row = (Sql<FindingId>, Option<Sql<BlobId>>, Option<Sql<BlobId>>);
    let rows: Vec<Row> = finding_rows::table
        .filter(finding_rows::resident_id.eq(Some(Sql(resident))))
        .select((finding_rows::id, finding_rows::original_blob, finding_rows::document_blob))
        .load(tx.conn())?;
    for (id, ..) in &rows {
        let nobody: Option<Sql<FindingId>> = None;
        update(finding_rows::table.filter(finding_rows::replaces.eq(Some(*id))))
            .set(finding_rows::replaces.eq(nobody))
            .execute(tx.conn())?;
        update(finding_rows::table.filter(finding_rows::superseded_by.eq(Some(*id))))
            .set(finding_rows::superseded_by.eq(nobody))
            .execute(tx.conn())?;
    }
    for (id, original, document) in rows {
        corrections::forget(tx, id.0)?;
        delete(value_index::table.filter(value_index::finding_id.eq(id))).execute(tx.conn())?;
        delete(finding_values::table.find(id)).execute(tx.conn())?;
        delete(finding_keys::table.find(id)).execute(tx.conn())?;
        delete(finding_holds::table.find(id)).execute(tx.conn())?;
        delete(finding_rows::table.find(id)).execute(tx.conn())?;
        findings::destroy_files(tx, original.map(|blob| blob.0), document.map(|blob| blob.0))?;
    }
    Ok(())
}

/// The account itself. The practices' rows of their patients are theirs and stay, but they lead to nobody any more, and
/// a consent on paper is over too: nothing is to be stored for somebody who left.
fn delete_account(tx: &mut Tx<'_>, resident: ResidentId) -> Result<(), StoreError> {
    let owner = Sql(resident);
    let phones: Vec<Sql<DeviceId>> =
        devices::table.filter(devices::resident_id.eq(owner)).select(devices::id).load(tx.conn())?;
    let phones: Vec<Option<Sql<DeviceId>>> = phones.into_iter().map(Some).collect();
    update(invitations::table.filter(invitations::device_id.eq_any(&phones)))
        .set(invitations::device_id.eq(None::<Sql<DeviceId>>))
        .execute(tx.conn())?;
    approvals::forget_reasons(tx, resident)?;
    sync::erase(tx, resident)?;
    registrations::erase(tx, resident)?;
    delete(outbox::table.filter(outbox::resident_id.eq(owner))).execute(tx.conn())?;
    delete(push_subscriptions::table.filter(push_subscriptions::resident_id.eq(owner))).execute(tx.conn())?;
    delete(log_parties::table.filter(log_parties::resident_id.eq(owner))).execute(tx.conn())?;
    delete(sessions::table.filter(sessions::resident_id.eq(Some(owner)))).execute(tx.conn())?;
    delete(consents::table.filter(consents::resident_id.eq(owner))).execute(tx.conn())?;
    delete(consent_questions::table.filter(consent_questions::resident_id.eq(owner))).execute(tx.conn())?;
    delete(link_visits::table.filter(link_visits::resident_id.eq(owner))).execute(tx.conn())?;
    delete(share_links::table.filter(share_links::resident_id.eq(owner))).execute(tx.conn())?;
    acting::end_of_gone(tx, resident)?;
    delete(consent_rules::table.filter(consent_rules::resident_id.eq(owner))).execute(tx.conn())?;
    delete(consent_events::table.filter(consent_events::resident_id.eq(owner))).execute(tx.conn())?;
    delete(security_events::table.filter(security_events::resident_id.eq(owner))).execute(tx.conn())?;
    delete(device_links::table.filter(device_links::resident_id.eq(owner))).execute(tx.conn())?;
    delete(bookmarks::table.find(owner)).execute(tx.conn())?;
    delete(questions::table.filter(questions::resident_id.eq(owner))).execute(tx.conn())?;
    delete(recommendations::table.filter(recommendations::resident_id.eq(owner))).execute(tx.conn())?;
    delete(discretions::table.filter(discretions::resident_id.eq(owner))).execute(tx.conn())?;
    delete(encounters::table.filter(encounters::resident_id.eq(owner))).execute(tx.conn())?;
    delete(encounters::table.filter(encounters::other_id.eq(Some(owner)))).execute(tx.conn())?;
    delete(recoveries::table.filter(recoveries::resident_id.eq(owner))).execute(tx.conn())?;
    delete(recovery_sheets::table.filter(recovery_sheets::resident_id.eq(owner))).execute(tx.conn())?;
    delete(devices::table.filter(devices::resident_id.eq(owner))).execute(tx.conn())?;
    delete(idempotency_keys::table.filter(idempotency_keys::owner_id.eq(resident.as_bytes().to_vec())))
        .execute(tx.conn())?;
    let theirs = patients::table.filter(patients::resident_id.eq(Some(owner))).select(patients::id);
    let theirs: Vec<Sql<PatientId>> = theirs.load(tx.conn())?;
    delete(order_numbers::table.filter(order_numbers::patient_id.eq_any(theirs))).execute(tx.conn())?;
    update(patients::table.filter(patients::resident_id.eq(Some(owner))))
        .set((
            patients::resident_id.eq(None::<Sql<ResidentId>>),
            patients::linked_at.eq(None::<Instant>),
            patients::paper_consent_on.eq(None::<Day>),
            patients::pending_on.eq(None::<Sql<PatientId>>),
        ))
        .execute(tx.conn())?;
    delete(residents::table.find(owner)).execute(tx.conn())?;
    Ok(())
}

fn ledger(tx: &mut Tx<'_>) -> Result<Vec<LedgerEntry>, StoreError> {
    let rows: Vec<LedgerRow> = erasures::table
        .order(erasures::id)
        .select((erasures::id, erasures::resident_key, erasures::reason, erasures::erased_at))
        .load(tx.conn())?;
    rows.into_iter().map(read_entry).collect()
}

fn remember(tx: &mut Tx<'_>, entry: &LedgerEntry) -> Result<(), StoreError> {
    let known: i64 =
        erasures::table.filter(erasures::resident_key.eq(&entry.resident_key)).count().get_result(tx.conn())?;
    if known == 0 {
        insert_into(erasures::table)
            .values((
                erasures::id.eq(Sql(entry.id)),
                erasures::resident_key.eq(&entry.resident_key),
                erasures::reason.eq(entry.reason.as_str()),
                erasures::erased_at.eq(Instant::from(entry.erased_at)),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use diesel::{QueryableByName, sql_query, sql_types::Text};

    use crate::db::{DatabaseError, tests::both};

    #[derive(QueryableByName)]
    struct Table {
        #[diesel(sql_type = Text)]
        name: String,
    }

    /// A table that leads to a resident and is forgotten here would keep something of them, and stop the erasure.
    #[test]
    fn every_table_that_leads_to_a_resident_is_known_here() {
        let query = "SELECT DISTINCT m.name FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f \
                     WHERE m.type = 'table' AND f.\"table\" = 'residents' ORDER BY m.name";
        let found: Vec<Table> = both()[0]
            .db
            .read(|conn| Ok::<_, DatabaseError>(diesel::RunQueryDsl::load(sql_query(query), conn)?))
            .unwrap();
        let found: Vec<&str> = found.iter().map(|table| table.name.as_str()).collect();
        let erased = [
            "bookmarks",
            "consent_events",
            "consent_questions",
            "consent_rules",
            "consents",
            "corrections",
            "device_links",
            "devices",
            "discretions",
            "encounters",
            "findings",
            "link_visits",
            "outbox",
            "patients",
            "push_subscriptions",
            "questions",
            "recommendations",
            "recoveries",
            "recovery_sheets",
            "registrations",
            "security_events",
            "sessions",
            "share_links",
            "sync_feeds",
            "value_index",
        ];
        assert_eq!(found, erased, "see delete_findings and delete_account");
    }
}
