//! The patients that invitations are for: found again by the practice's own number, or new.

use diesel::{insert_into, prelude::*, update};
use nahraum_domain::ids::{PatientId, PracticeId, ResidentId};

use super::{NewInvitation, NotInvited};
use crate::{
    access::Tx,
    db::types::{Day, Instant, Sql},
    error::StoreError,
    findings,
    practices::{birth_date_agrees, reference_key, reference_place},
    schema::patients,
    vault::Subject,
};

pub(super) fn find_or_create(
    tx: &mut Tx<'_>,
    practice: PracticeId,
    new: &NewInvitation,
) -> Result<Result<PatientId, NotInvited>, StoreError> {
    let key = reference_key(tx, &new.reference);
    type Row = (Sql<PatientId>, Vec<u8>, Option<Sql<ResidentId>>);
    let known: Option<Row> = patients::table
        .filter(patients::practice_id.eq(Sql(practice)))
        .filter(patients::reference_key.eq(&key))
        .select((patients::id, patients::birth_date_key, patients::resident_id))
        .first(tx.conn())
        .optional()?;
    let paper = new.paper_consent_on.map(Day::from);
    let id = match known {
        None => return create(tx, practice, new, key).map(Ok),
        Some((id, stored, resident)) => {
            if !birth_date_agrees(tx, id.0, *new.birth_date.reveal(), &stored)? {
                // A slip of the pen can be mended as long as nothing was matched with it.
                if resident.is_some() || findings::waits_for(tx, id.0)? {
                    return Ok(Err(NotInvited::BirthDateDiffers));
                }
                let key = tx.keys().birth_dates.hash(id.0, *new.birth_date.reveal());
                update(patients::table.find(id))
                    .set(patients::birth_date_key.eq(key.as_bytes().to_vec()))
                    .execute(tx.conn())?;
            }
            id.0
        }
    };
    if paper.is_some() {
        update(patients::table.find(Sql(id))).set(patients::paper_consent_on.eq(paper)).execute(tx.conn())?;
    }
    Ok(Ok(id))
}

fn create(tx: &mut Tx<'_>, practice: PracticeId, new: &NewInvitation, key: Vec<u8>) -> Result<PatientId, StoreError> {
    let id = tx.new_id(PatientId::new);
    let birth_date = tx.keys().birth_dates.hash(id, *new.birth_date.reveal());
    let reference = new.reference.reveal().trim();
    let sealed = tx.vault().seal_text(Subject::Practice(practice), reference_place(id.as_bytes()), reference)?;
    insert_into(patients::table)
        .values((
            patients::id.eq(Sql(id)),
            patients::practice_id.eq(Sql(practice)),
            patients::reference_key.eq(key),
            patients::reference_sealed.eq(sealed),
            patients::birth_date_key.eq(birth_date.as_bytes().to_vec()),
            patients::paper_consent_on.eq(new.paper_consent_on.map(Day::from)),
            patients::confirm_tries.eq(0),
            patients::created_at.eq(Instant::from(tx.now())),
        ))
        .execute(tx.conn())?;
    Ok(id)
}
