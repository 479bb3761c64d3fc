//! Under which numbers a practice has ordered for whom, so that a report that names nobody else finds its patient.

use diesel::{delete, insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    ids::{PatientId, PracticeId},
    private::Private,
};

use crate::{
    access::{System, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    schema::{order_numbers, patients},
};

/// A patient, with the key of the birth date.
pub(crate) type KeyedPatient = (Sql<PatientId>, Vec<u8>);

/// The patients whom the practice has ordered for under this number, the latest first.
pub(crate) fn patients_of_order(
    tx: &mut Tx<'_>,
    practice: PracticeId,
    number: &Private<String>,
) -> Result<Vec<KeyedPatient>, StoreError> {
    let rows = order_numbers::table
        .inner_join(patients::table.on(patients::id.eq(order_numbers::patient_id)))
        .filter(order_numbers::practice_id.eq(Sql(practice)))
        .filter(order_numbers::number_key.eq(number_key(tx, number)))
        .order(order_numbers::seen_at.desc())
        .select((patients::id, patients::birth_date_key))
        .load(tx.conn())?;
    Ok(rows)
}

/// Remembers that this number was seen with a report of which it is clear whose it is.
pub(super) fn remember(
    tx: &mut Tx<'_>,
    practice: PracticeId,
    number: &Private<String>,
    patient: PatientId,
) -> Result<(), StoreError> {
    let (number, seen_at) = (number_key(tx, number), Instant::from(tx.now()));
    let known = order_numbers::table.find((Sql(practice), number.clone(), Sql(patient)));
    if update(known).set(order_numbers::seen_at.eq(seen_at)).execute(tx.conn())? == 0 {
        insert_into(order_numbers::table)
            .values((
                order_numbers::practice_id.eq(Sql(practice)),
                order_numbers::number_key.eq(number),
                order_numbers::patient_id.eq(Sql(patient)),
                order_numbers::seen_at.eq(seen_at),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// Forgets the numbers that were not seen since: practices count anew.
///
/// # Errors
/// The database's.
pub fn forget_orders(tx: &mut Tx<'_>, _system: &System, before: Timestamp) -> Result<usize, StoreError> {
    let old = order_numbers::table.filter(order_numbers::seen_at.lt(Instant::from(before)));
    Ok(delete(old).execute(tx.conn())?)
}

fn number_key(tx: &Tx<'_>, number: &Private<String>) -> Vec<u8> {
    tx.keys().lookups.hash("order_numbers.number", number.reveal().trim().as_bytes()).as_bytes().to_vec()
}
