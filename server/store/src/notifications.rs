//! Room notifications: notices that wait to be sent, written in the commit of what they tell of.

use diesel::{insert_into, prelude::*, update};
use jiff::{SignedDuration, Timestamp};
use nahraum_domain::{
    ids::{OutboxId, ResidentId},
    private::Private,
    push::Urgency,
};

use crate::{
    access::{System, Tx},
    accounts::address_place,
    db::types::{Instant, Sql},
    error::StoreError,
    push,
    schema::{outbox, residents},
    vault::{Place, Subject},
};

/// How long a sender may take before another one may try.
pub(crate) const LEASE: SignedDuration = SignedDuration::from_mins(2);

/// After how many tries a notice is given up.
pub const MAX_ATTEMPTS: i32 = 10;

/// A notice to send now.
#[derive(Debug, Clone)]
pub struct DueNotice {
    /// The notice. The mail's Message-ID is made from it and stays the same on every try.
    pub id: OutboxId,
    /// Where to.
    pub address: Private<String>,
    /// In which language, as a tag.
    pub language: String,
    /// How often it was tried before.
    pub attempts: i32,
}

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// The relay took it.
    Yes,
    /// Not now; try again at.
    Later(Timestamp),
    /// Never.
    GivenUp,
}

/// Wakes the resident's phones, and puts "something new is there" into the outbox, if they want mails and none is waiting already.
pub(crate) fn something_new(tx: &mut Tx<'_>, resident: ResidentId) -> Result<(), StoreError> {
    push::wake(tx, resident, Urgency::Normal)?;
    let (language, address): (String, Option<Vec<u8>>) = residents::table
        .find(Sql(resident))
        .select((residents::language, residents::notice_address_sealed))
        .first(tx.conn())?;
    let Some(address) = address else { return Ok(()) };
    let waiting: i64 = outbox::table
        .filter(outbox::resident_id.eq(Sql(resident)))
        .filter(outbox::state.eq("pending"))
        .filter(outbox::attempts.eq(0))
        .filter(outbox::leased_until.is_null())
        .count()
        .get_result(tx.conn())?;
    if waiting > 0 {
        return Ok(());
    }
    write(tx, resident, "something-new", &language, address)
}

/// Wakes the resident's phones at once, and puts a notice about their own sign-in into the outbox, for the address that is stored
/// now: one for each time (SR-A09). Both say what all of them say.
pub(crate) fn security(tx: &mut Tx<'_>, resident: ResidentId) -> Result<(), StoreError> {
    push::wake(tx, resident, Urgency::High)?;
    let (language, address): (String, Option<Vec<u8>>) = residents::table
        .find(Sql(resident))
        .select((residents::language, residents::notice_address_sealed))
        .first(tx.conn())?;
    let Some(address) = address else { return Ok(()) };
    write(tx, resident, "security", &language, address)
}

fn write(
    tx: &mut Tx<'_>,
    resident: ResidentId,
    kind: &'static str,
    language: &str,
    address: Vec<u8>,
) -> Result<(), StoreError> {
    let vault = tx.vault();
    let address = vault.open_text(Subject::Resident(resident), address_place(resident.as_bytes()), address)?;
    let id = tx.new_id(OutboxId::new);
    let destination = vault.seal_text(Subject::Resident(resident), place(id.as_bytes()), &address)?;
    let now = Instant::from(tx.now());
    insert_into(outbox::table)
        .values((
            outbox::id.eq(Sql(id)),
            outbox::resident_id.eq(Sql(resident)),
            outbox::kind.eq(kind),
            outbox::destination_sealed.eq(Some(destination)),
            outbox::language.eq(language),
            outbox::state.eq("pending"),
            outbox::attempts.eq(0),
            outbox::created_at.eq(now),
            outbox::due_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Takes the next notices that are due; nobody else gets them for two minutes.
///
/// # Errors
/// The database's.
pub fn lease(tx: &mut Tx<'_>, _system: &System, limit: i64) -> Result<Vec<DueNotice>, StoreError> {
    let now = Instant::from(tx.now());
    type Row = (Sql<OutboxId>, Sql<ResidentId>, Option<Vec<u8>>, String, i32);
    let rows: Vec<Row> = outbox::table
        .filter(outbox::state.eq("pending"))
        .filter(outbox::due_at.le(now))
        .filter(outbox::leased_until.is_null().or(outbox::leased_until.lt(Some(now))))
        .order(outbox::due_at)
        .limit(limit)
        .select((outbox::id, outbox::resident_id, outbox::destination_sealed, outbox::language, outbox::attempts))
        .load(tx.conn())?;
    let until = Instant::from(tx.now() + LEASE);
    let mut due = Vec::with_capacity(rows.len());
    for (id, resident, address, language, attempts) in rows {
        update(outbox::table.find(id)).set(outbox::leased_until.eq(Some(until))).execute(tx.conn())?;
        let sealed = address.ok_or(StoreError::Corrupt("outbox.destination"))?;
        let address = tx.vault().open_text(Subject::Resident(resident.0), place(id.0.as_bytes()), sealed)?;
        let address = Private::new(address);
        due.push(DueNotice { id: id.0, address, language, attempts });
    }
    Ok(due)
}

/// Records how a try ended. The address is forgotten as soon as it is not needed any more.
///
/// # Errors
/// The database's.
pub fn settle(tx: &mut Tx<'_>, _system: &System, id: OutboxId, sent: Sent) -> Result<(), StoreError> {
    let now = Instant::from(tx.now());
    let nobody: Option<Instant> = None;
    let row = outbox::table.find(Sql(id));
    match sent {
        Sent::Yes => update(row)
            .set((
                outbox::state.eq("sent"),
                outbox::sent_at.eq(Some(now)),
                outbox::leased_until.eq(nobody),
                outbox::destination_sealed.eq(None::<Vec<u8>>),
            ))
            .execute(tx.conn())?,
        Sent::Later(at) => update(row)
            .set((
                outbox::attempts.eq(outbox::attempts + 1),
                outbox::due_at.eq(Instant::from(at)),
                outbox::leased_until.eq(nobody),
            ))
            .execute(tx.conn())?,
        Sent::GivenUp => update(row)
            .set((
                outbox::state.eq("given-up"),
                outbox::attempts.eq(outbox::attempts + 1),
                outbox::leased_until.eq(nobody),
                outbox::destination_sealed.eq(None::<Vec<u8>>),
            ))
            .execute(tx.conn())?,
    };
    Ok(())
}

const fn place(row: &[u8; 16]) -> Place<'_> {
    Place { column: "outbox.destination", row }
}
