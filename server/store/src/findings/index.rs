//! The index of values: which of a resident's findings hold which code. Holds keyed hashes, never a code.

use diesel::{insert_into, prelude::*};
use nahraum_domain::{
    finding::Observation,
    ids::{FindingId, ResidentId},
};

use crate::{access::Tx, db::types::Sql, error::StoreError, schema::value_index};

/// Makes a resident's values findable by code, for trends.
pub(super) fn add(
    tx: &mut Tx<'_>,
    id: FindingId,
    resident: ResidentId,
    observations: &[Observation],
) -> Result<(), StoreError> {
    for (position, observation) in (0_i32..).zip(observations) {
        let loinc = observation.loinc.as_ref().map(|code| ("loinc", code));
        let local = observation.local_code.as_ref().map(|code| ("local", code));
        for (system, code) in loinc.into_iter().chain(local) {
            let key = code_key(tx, resident, system, code);
            insert_into(value_index::table)
                .values((
                    value_index::resident_id.eq(Sql(resident)),
                    value_index::code_key.eq(key),
                    value_index::finding_id.eq(Sql(id)),
                    value_index::position.eq(position),
                ))
                .execute(tx.conn())?;
        }
    }
    Ok(())
}

/// The name under which a resident's value is found. Keyed with the resident, so that equal codes of two people do
/// not look equal.
pub(super) fn code_key(tx: &Tx<'_>, resident: ResidentId, system: &str, code: &str) -> Vec<u8> {
    let mut value = resident.as_bytes().to_vec();
    value.extend_from_slice(system.as_bytes());
    value.push(0);
    value.extend_from_slice(code.as_bytes());
    tx.keys().lookups.hash("value_index.code", &value).as_bytes().to_vec()
}
