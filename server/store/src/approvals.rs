//! Room approvals: acts that take two persons of the operator, and the permits that come of them (SR-Z11, SR-L05).

mod permits;

use diesel::{delete, insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    approvals::{Act, Decided, State, Verdict, Wish},
    audit::LogActor,
    ids::{ApprovalId, OrganisationId, ResidentId, StaffId},
    private::Private,
};

pub use self::permits::{CutOffPermit, ErasurePermit, LogPermit, permit_cut_off, permit_erasure, permit_look};
use crate::{
    access::{Caller, System, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    schema::{approvals, residents, staff},
    vault::{Place, Subject},
};

/// A wish as people of the operator see it.
#[derive(Debug)]
pub struct Approval {
    /// The wish.
    pub id: ApprovalId,
    /// To whom it is to be done.
    pub resident: ResidentId,
    /// What, by whom, since when.
    pub wish: Wish,
    /// Where it stands now.
    pub state: State,
    /// The login of the one who asked.
    pub asked_by: String,
    /// Why, in their words; gone when the resident is erased.
    pub reason: Option<Private<String>>,
    /// The login of the one who decided.
    pub decided_by: Option<String>,
}

/// What became of a decision.
#[derive(Debug)]
pub enum Decision {
    /// It stands.
    Done(Approval),
    /// There is no such wish.
    Unknown,
    /// Not this person.
    WrongPerson,
    /// Not in the state it is in.
    Late,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = approvals)]
struct Row {
    id: Sql<ApprovalId>,
    act: String,
    why: String,
    resident_id: Sql<ResidentId>,
    reason_sealed: Option<Vec<u8>>,
    asked_by: Sql<StaffId>,
    organisation_id: Sql<OrganisationId>,
    asked_at: Instant,
    state: String,
    decided_by: Option<Sql<StaffId>>,
    decided_at: Option<Instant>,
    used_at: Option<Instant>,
}

const OPEN: &str = "open";
const AGREED: &str = "approved";
const DENIED: &str = "denied";

impl Row {
    fn wish(&self) -> Result<Wish, StoreError> {
        let decided = match (self.state.as_str(), self.decided_at) {
            (OPEN, None) => Decided::Open,
            (AGREED, Some(at)) => Decided::Agreed(at.timestamp()),
            (DENIED, Some(_)) => Decided::Denied,
            _ => return Err(StoreError::Corrupt("approvals.state")),
        };
        Ok(Wish {
            act: Act::parse(&self.act, &self.why).ok_or(StoreError::Corrupt("approvals.act"))?,
            asked_by: self.asked_by.0,
            asked_at: self.asked_at.timestamp(),
            decided,
            used_at: self.used_at.map(|at| at.timestamp()),
        })
    }

    /// The one who asked, as the log names them: what is done is theirs.
    fn actor(&self) -> LogActor {
        LogActor::Operator(self.asked_by.0, self.organisation_id.0)
    }

    fn approval(self, tx: &mut Tx<'_>) -> Result<Approval, StoreError> {
        let wish = self.wish()?;
        let reason = match self.reason_sealed {
            Some(sealed) => opened(tx, self.resident_id.0, self.id.0, sealed)?,
            None => None,
        };
        Ok(Approval {
            id: self.id.0,
            resident: self.resident_id.0,
            wish,
            state: wish.state(tx.now()),
            asked_by: login(tx, self.asked_by)?,
            reason,
            decided_by: self.decided_by.map(|person| login(tx, person)).transpose()?,
        })
    }
}

const fn place(row: &[u8; 16]) -> Place<'_> {
    Place { column: "approvals.reason", row }
}

/// The words of a reason. They are the resident's, and go with the resident's key.
fn opened(
    tx: &Tx<'_>,
    resident: ResidentId,
    id: ApprovalId,
    sealed: Vec<u8>,
) -> Result<Option<Private<String>>, StoreError> {
    match tx.vault().open_text(Subject::Resident(resident), place(id.as_bytes()), sealed) {
        Ok(text) => Ok(Some(Private::new(text))),
        Err(StoreError::Erased) => Ok(None),
        Err(error) => Err(error),
    }
}

fn login(tx: &mut Tx<'_>, person: Sql<StaffId>) -> Result<String, StoreError> {
    Ok(staff::table.find(person).select(staff::login).first(tx.conn())?)
}

fn find(tx: &mut Tx<'_>, id: ApprovalId) -> Result<Option<Row>, StoreError> {
    Ok(approvals::table.find(Sql(id)).select(Row::as_select()).first(tx.conn()).optional()?)
}

fn is_here(tx: &mut Tx<'_>, resident: ResidentId) -> Result<bool, StoreError> {
    let count: i64 = residents::table.find(Sql(resident)).count().get_result(tx.conn())?;
    Ok(count > 0)
}

/// Asks for an act. None when there is no such resident.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is nobody of the operator; otherwise the databases'.
pub fn ask(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    act: Act,
    resident: ResidentId,
    reason: &Private<String>,
) -> Result<Option<Approval>, StoreError> {
    let (person, organisation) = caller.operator().ok_or(StoreError::Unauthenticated)?;
    if !is_here(tx, resident)? {
        return Ok(None);
    }
    let id = tx.new_id(ApprovalId::new);
    let sealed = tx.vault().seal_text(Subject::Resident(resident), place(id.as_bytes()), reason.reveal())?;
    insert_into(approvals::table)
        .values((
            approvals::id.eq(Sql(id)),
            approvals::act.eq(act.as_str()),
            approvals::why.eq(act.why()),
            approvals::resident_id.eq(Sql(resident)),
            approvals::reason_sealed.eq(Some(sealed)),
            approvals::asked_by.eq(Sql(person)),
            approvals::organisation_id.eq(Sql(organisation)),
            approvals::asked_at.eq(Instant::from(tx.now())),
            approvals::state.eq(OPEN),
        ))
        .execute(tx.conn())?;
    let row = find(tx, id)?;
    row.map(|row| row.approval(tx)).transpose()
}

/// All wishes, newest first, at most `limit` and older than `before`.
///
/// # Errors
/// As [`ask`].
pub fn all(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    before: Option<ApprovalId>,
    limit: i64,
) -> Result<Vec<Approval>, StoreError> {
    caller.operator().ok_or(StoreError::Unauthenticated)?;
    let mut query = approvals::table.order(approvals::id.desc()).limit(limit).select(Row::as_select()).into_boxed();
    if let Some(before) = before {
        query = query.filter(approvals::id.lt(Sql(before)));
    }
    let rows: Vec<Row> = query.load(tx.conn())?;
    rows.into_iter().map(|row| row.approval(tx)).collect()
}

/// Agrees to a wish, or says no.
///
/// # Errors
/// As [`ask`].
pub fn decide(tx: &mut Tx<'_>, caller: &Caller<'_>, id: ApprovalId, agree: bool) -> Result<Decision, StoreError> {
    let (person, _) = caller.operator().ok_or(StoreError::Unauthenticated)?;
    let Some(row) = find(tx, id)? else { return Ok(Decision::Unknown) };
    let wish = row.wish()?;
    match if agree { wish.may_agree(person, tx.now()) } else { wish.may_deny(tx.now()) } {
        Verdict::WrongPerson => return Ok(Decision::WrongPerson),
        Verdict::Late => return Ok(Decision::Late),
        Verdict::Yes => {}
    }
    update(approvals::table.find(Sql(id)))
        .set((
            approvals::state.eq(if agree { AGREED } else { DENIED }),
            approvals::decided_by.eq(Some(Sql(person))),
            approvals::decided_at.eq(Some(Instant::from(tx.now()))),
        ))
        .execute(tx.conn())?;
    let row = find(tx, id)?.ok_or(StoreError::Corrupt("approvals.id"))?;
    Ok(Decision::Done(row.approval(tx)?))
}

fn set_used(tx: &mut Tx<'_>, id: ApprovalId) -> Result<(), StoreError> {
    let now = Instant::from(tx.now());
    update(approvals::table.find(Sql(id))).set(approvals::used_at.eq(Some(now))).execute(tx.conn())?;
    Ok(())
}

/// Forgets the words about a resident who is erased; who asked, when and for which kind of reason stays.
pub(crate) fn forget_reasons(tx: &mut Tx<'_>, resident: ResidentId) -> Result<(), StoreError> {
    update(approvals::table.filter(approvals::resident_id.eq(Sql(resident))))
        .set(approvals::reason_sealed.eq(None::<Vec<u8>>))
        .execute(tx.conn())?;
    Ok(())
}

/// Deletes wishes that were asked for before this moment.
///
/// # Errors
/// The database's.
pub fn sweep(tx: &mut Tx<'_>, _system: &System, before: Timestamp) -> Result<(), StoreError> {
    delete(approvals::table.filter(approvals::asked_at.lt(Instant::from(before)))).execute(tx.conn())?;
    Ok(())
}
