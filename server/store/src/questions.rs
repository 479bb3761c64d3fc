//! Room questions: what residents want to ask at their next visit. Under their key; nobody else reads it.

use diesel::{delete, insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    ids::{FindingId, QuestionId, ResidentId},
    private::Private,
};
use serde::{Deserialize, Serialize};

use crate::{
    access::{Caller, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    schema::questions as rows,
    vault::{Place, Subject},
};

/// The most questions that are kept.
pub const MOST: i64 = 100;

/// A question for the next visit.
#[derive(Debug, Hash)]
pub struct Question {
    /// The question.
    pub id: QuestionId,
    /// In the resident's words.
    pub said: Private<String>,
    /// The finding it is about.
    pub finding: Option<FindingId>,
    /// When it was written.
    pub written_at: Timestamp,
    /// When the resident ticked it off.
    pub answered_at: Option<Timestamp>,
}

/// What lies sealed in a row.
#[derive(Serialize, Deserialize)]
struct Body {
    said: String,
    finding: Option<String>,
}

/// The caller's questions, the newest first.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn own(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Vec<Question>, StoreError> {
    type Row = (Sql<QuestionId>, Vec<u8>, Instant, Option<Instant>);
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let found: Vec<Row> = rows::table
        .filter(rows::resident_id.eq(Sql(resident)))
        .order(rows::id.desc())
        .select((rows::id, rows::body_sealed, rows::written_at, rows::answered_at))
        .load(tx.conn())?;
    let read = |(Sql(id), sealed, written_at, answered_at): Row| {
        let text = tx.vault().open_text(Subject::Resident(resident), place(&id), sealed)?;
        let corrupt = || StoreError::Corrupt("questions.body_sealed");
        let body: Body = serde_json::from_str(&text).map_err(|_| corrupt())?;
        Ok(Question {
            id,
            said: Private::new(body.said),
            finding: body.finding.map(|id| id.parse().map_err(|_| corrupt())).transpose()?,
            written_at: written_at.timestamp(),
            answered_at: answered_at.map(Instant::timestamp),
        })
    };
    found.into_iter().map(read).collect()
}

/// The caller writes a question down. None when there is no room for it.
///
/// # Errors
/// As [`own`].
pub fn write(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    said: &Private<String>,
    finding: Option<FindingId>,
) -> Result<Option<Question>, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let kept: i64 = rows::table.filter(rows::resident_id.eq(Sql(resident))).count().get_result(tx.conn())?;
    if kept >= MOST {
        return Ok(None);
    }
    let id = tx.new_id(QuestionId::new);
    let sealed = seal(tx, resident, &id, said, finding)?;
    let now = Instant::from(tx.now());
    insert_into(rows::table)
        .values((
            rows::id.eq(Sql(id)),
            rows::resident_id.eq(Sql(resident)),
            rows::body_sealed.eq(sealed),
            rows::written_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(Some(Question { id, said: said.clone(), finding, written_at: now.timestamp(), answered_at: None }))
}

/// The caller ticks a question off, or opens it again. Returns whether there is one.
///
/// # Errors
/// As [`own`].
pub fn tick(tx: &mut Tx<'_>, caller: &Caller<'_>, id: QuestionId, answered: bool) -> Result<bool, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let at = answered.then(|| Instant::from(tx.now()));
    let changed = update(rows::table.find(Sql(id)).filter(rows::resident_id.eq(Sql(resident))))
        .set(rows::answered_at.eq(at))
        .execute(tx.conn())?;
    Ok(changed > 0)
}

/// The caller throws a question away. Returns whether there was one.
///
/// # Errors
/// As [`own`].
pub fn throw_away(tx: &mut Tx<'_>, caller: &Caller<'_>, id: QuestionId) -> Result<bool, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let gone = delete(rows::table.find(Sql(id)).filter(rows::resident_id.eq(Sql(resident)))).execute(tx.conn())?;
    Ok(gone > 0)
}

fn seal(
    tx: &Tx<'_>,
    resident: ResidentId,
    id: &QuestionId,
    said: &Private<String>,
    finding: Option<FindingId>,
) -> Result<Vec<u8>, StoreError> {
    let body = Body { said: said.reveal().clone(), finding: finding.map(|id| id.to_string()) };
    let text = serde_json::to_string(&body).map_err(|_| StoreError::Corrupt("a question"))?;
    tx.vault().seal_text(Subject::Resident(resident), place(id), &text)
}

const fn place(id: &QuestionId) -> Place<'_> {
    Place { column: "questions.body", row: id.as_bytes() }
}
