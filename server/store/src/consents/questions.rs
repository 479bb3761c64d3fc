//! Questions about new texts: who is asked, what they answer, and what runs out without an answer.

use diesel::{insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    audit::LogActor,
    consent::{
        event::{EventKind, Standing},
        texts::{Question, question},
    },
    ids::{ConsentId, ResidentId},
};

use super::{AgreedText, Consent, Detail, Evidence, answers, texts};
use crate::{
    access::{Caller, System, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    notifications,
    schema::{consent_publications, consent_questions, consents, residents},
    shares::history::{self, Step},
};

const ASKED: &str = "asked";
const REFUSED: &str = "refused";
const GRANTED: &str = "granted";

/// What the caller is asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// For what.
    pub purpose: String,
    /// The newest version to which they have agreed.
    pub agreed: i32,
    /// Until when the old yes counts without an answer, and not with.
    pub old_counts_until: Timestamp,
}

/// What the caller is asked, by purpose.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn asked(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Vec<Asked>, StoreError> {
    let resident = caller.whose()?;
    let purposes: Vec<String> = consents::table
        .filter(consents::resident_id.eq(Sql(resident)))
        .filter(consents::withdrawn_at.is_null())
        .order(consents::purpose)
        .select(consents::purpose)
        .distinct()
        .load(tx.conn())?;
    let mut all = Vec::new();
    for purpose in purposes {
        if let Some(question) = open(tx, resident, &purpose)? {
            let Question { agreed, old_counts_until, .. } = question;
            all.push(Asked { purpose, agreed, old_counts_until });
        }
    }
    Ok(all)
}

fn open(tx: &mut Tx<'_>, resident: ResidentId, purpose: &str) -> Result<Option<Question>, StoreError> {
    let (yes, askings) = answers(tx, resident, purpose)?;
    let refused: Option<i32> = consent_questions::table
        .filter(consent_questions::resident_id.eq(Sql(resident)))
        .filter(consent_questions::purpose.eq(purpose))
        .filter(consent_questions::state.eq(REFUSED))
        .select(diesel::dsl::max(consent_questions::version))
        .first(tx.conn())?;
    Ok(question(&yes, refused, &askings))
}

/// The question of a resident that waits for an answer, if it was put already.
fn waiting(tx: &mut Tx<'_>, resident: ResidentId, purpose: &str) -> Result<Option<(ConsentId, i32)>, StoreError> {
    let row: Option<(Sql<ConsentId>, i32)> = consent_questions::table
        .filter(consent_questions::resident_id.eq(Sql(resident)))
        .filter(consent_questions::purpose.eq(purpose))
        .filter(consent_questions::state.eq(ASKED))
        .select((consent_questions::id, consent_questions::version))
        .first(tx.conn())
        .optional()?;
    Ok(row.map(|(id, version)| (id.0, version)))
}

/// A yes answers the question that waits, and takes its id.
pub(super) fn answer(
    tx: &mut Tx<'_>,
    resident: ResidentId,
    text: &AgreedText,
) -> Result<Option<ConsentId>, StoreError> {
    let Some((id, _)) = waiting(tx, resident, &text.purpose)? else { return Ok(None) };
    settle_question(tx, id, GRANTED, text)?;
    Ok(Some(id))
}

fn settle_question(tx: &mut Tx<'_>, id: ConsentId, state: &'static str, text: &AgreedText) -> Result<(), StoreError> {
    update(consent_questions::table.find(Sql(id)))
        .set((
            consent_questions::state.eq(state),
            consent_questions::version.eq(text.version),
            consent_questions::language.eq(&text.language),
            consent_questions::sha256.eq(&text.sha256),
            consent_questions::answered_at.eq(Some(Instant::from(tx.now()))),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Who takes back answers what waits.
pub(super) fn close(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    resident: ResidentId,
    purpose: &str,
) -> Result<(), StoreError> {
    let Some((id, _)) = waiting(tx, resident, purpose)? else { return Ok(()) };
    let now = Some(Instant::from(tx.now()));
    update(consent_questions::table.find(Sql(id)))
        .set((consent_questions::state.eq(REFUSED), consent_questions::answered_at.eq(now)))
        .execute(tx.conn())?;
    history::note(tx, caller, resident, id, EventKind::Refused)
}

/// Records that the caller says no. None when their yes to this very version stands: that is taken back, not refused.
///
/// # Errors
/// As [`asked`].
pub fn refuse(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    text: &AgreedText,
    evidence: Option<&Evidence>,
) -> Result<Option<Consent>, StoreError> {
    let resident = caller.whose()?;
    let (yes, _) = answers(tx, resident, &text.purpose)?;
    if yes.iter().any(|yes| yes.version == text.version && !yes.withdrawn) {
        return Ok(None);
    }
    let id = match waiting(tx, resident, &text.purpose)? {
        Some((id, _)) => {
            settle_question(tx, id, REFUSED, text)?;
            id
        }
        None => {
            let id = tx.new_id(ConsentId::new);
            insert(tx, id, resident, text, REFUSED)?;
            id
        }
    };
    let detail = Detail::of(evidence);
    history::note_with(tx, caller, resident, id, EventKind::Refused, detail.as_ref())?;
    Ok(Some(no(id, text.clone(), tx.now())))
}

const fn no(id: ConsentId, text: AgreedText, at: Timestamp) -> Consent {
    Consent { id, text, standing: Standing::Refused, at, withdrawn_at: None, counts_until: None }
}

fn insert(
    tx: &mut Tx<'_>,
    id: ConsentId,
    resident: ResidentId,
    text: &AgreedText,
    state: &'static str,
) -> Result<(), StoreError> {
    let now = Some(Instant::from(tx.now()));
    let (asked, answered) = if state == ASKED { (now, None) } else { (None, now) };
    insert_into(consent_questions::table)
        .values((
            consent_questions::id.eq(Sql(id)),
            consent_questions::resident_id.eq(Sql(resident)),
            consent_questions::purpose.eq(&text.purpose),
            consent_questions::version.eq(text.version),
            consent_questions::language.eq(&text.language),
            consent_questions::sha256.eq(&text.sha256),
            consent_questions::state.eq(state),
            consent_questions::asked_at.eq(asked),
            consent_questions::answered_at.eq(answered),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// What a resident has said no to.
pub(super) fn refused(tx: &mut Tx<'_>, resident: ResidentId) -> Result<Vec<Consent>, StoreError> {
    type Row = (Sql<ConsentId>, String, i32, String, String, Option<Instant>);
    let rows: Vec<Row> = consent_questions::table
        .filter(consent_questions::resident_id.eq(Sql(resident)))
        .filter(consent_questions::state.eq(REFUSED))
        .select((
            consent_questions::id,
            consent_questions::purpose,
            consent_questions::version,
            consent_questions::language,
            consent_questions::sha256,
            consent_questions::answered_at,
        ))
        .load(tx.conn())?;
    let read = |(id, purpose, version, language, sha256, at): Row| {
        let at = at.ok_or(StoreError::Corrupt("consent_questions.answered_at"))?;
        Ok(no(id.0, AgreedText { purpose, version, language, sha256 }, at.timestamp()))
    };
    rows.into_iter().map(read).collect()
}

type Round = (String, i32, Option<Sql<ResidentId>>);

/// Puts the question of one publication to the next residents, at most `limit`, and tells each of them that something waits:
/// once for each publication, because it walks along the residents and remembers how far it came. Returns how many it has
/// looked at; zero when nothing is left to ask.
///
/// # Errors
/// The database's.
pub fn ask_again(tx: &mut Tx<'_>, _system: &System, limit: i64) -> Result<usize, StoreError> {
    let round: Option<Round> = consent_publications::table
        .filter(consent_publications::old_counts_until.is_not_null())
        .filter(consent_publications::all_asked_at.is_null())
        .order((consent_publications::purpose, consent_publications::version))
        .select((consent_publications::purpose, consent_publications::version, consent_publications::asked_up_to))
        .first(tx.conn())
        .optional()?;
    let Some((purpose, version, up_to)) = round else { return Ok(0) };
    let after = up_to.map_or(Sql(ResidentId::from_bytes([0; 16])), |up_to| up_to);
    let next: Vec<(Sql<ResidentId>, String)> = residents::table
        .filter(residents::id.gt(after))
        .order(residents::id)
        .limit(limit)
        .select((residents::id, residents::language))
        .load(tx.conn())?;
    // Whoever moves on first has these; another process finds the place changed, and nothing to do.
    let here =
        consent_publications::table.find((&purpose, version)).filter(consent_publications::all_asked_at.is_null());
    let moved = match (next.last().map(|last| last.0), up_to) {
        (Some(last), Some(up_to)) => update(here.filter(consent_publications::asked_up_to.eq(Some(up_to))))
            .set(consent_publications::asked_up_to.eq(Some(last)))
            .execute(tx.conn())?,
        (Some(last), None) => update(here.filter(consent_publications::asked_up_to.is_null()))
            .set(consent_publications::asked_up_to.eq(Some(last)))
            .execute(tx.conn())?,
        (None, _) => {
            let now = Some(Instant::from(tx.now()));
            update(here).set(consent_publications::all_asked_at.eq(now)).execute(tx.conn())?
        }
    };
    if moved > 0 {
        for (resident, language) in &next {
            match put(tx, resident.0, &purpose, language) {
                // Whose key is gone is about to be erased, and nobody to ask.
                Ok(()) | Err(StoreError::Erased) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(next.len().max(1))
}

/// Puts the question to one resident, if it is one for them and was not put yet.
fn put(tx: &mut Tx<'_>, resident: ResidentId, purpose: &str, language: &str) -> Result<(), StoreError> {
    let Some(question) = open(tx, resident, purpose)? else { return Ok(()) };
    let waits = waiting(tx, resident, purpose)?;
    if waits.is_some_and(|(_, version)| version >= question.version) {
        return Ok(());
    }
    let stored =
        texts::text(tx, purpose, question.version, language)?.ok_or(StoreError::Corrupt("consent_texts"))?.text;
    let text = AgreedText {
        purpose: purpose.to_owned(),
        version: question.version,
        language: stored.language,
        sha256: stored.sha256,
    };
    let id = match waits {
        Some((id, _)) => {
            settle_question(tx, id, ASKED, &text)?;
            id
        }
        None => {
            let id = tx.new_id(ConsentId::new);
            insert(tx, id, resident, &text, ASKED)?;
            id
        }
    };
    let step = Step { consent: id, kind: EventKind::Asked, at: tx.now(), detail: None };
    history::note_as(tx, LogActor::System, None, resident, step)?;
    notifications::something_new(tx, resident)
}

/// Writes down which yes has run out without a new one, at most `limit`. It does not count since its day, whether or not this
/// has run. Returns how many it found.
///
/// # Errors
/// The database's.
pub fn settle(tx: &mut Tx<'_>, _system: &System, limit: i64) -> Result<usize, StoreError> {
    let now = Instant::from(tx.now());
    let over: Option<(String, i32, Option<Instant>)> = consent_publications::table
        .filter(consent_publications::old_counts_until.le(Some(now)))
        .filter(consent_publications::settled_at.is_null())
        .order(consent_publications::old_counts_until)
        .select((consent_publications::purpose, consent_publications::version, consent_publications::old_counts_until))
        .first(tx.conn())
        .optional()?;
    let Some((purpose, version, Some(until))) = over else { return Ok(0) };
    let rows: Vec<(Sql<ConsentId>, Sql<ResidentId>)> = consents::table
        .filter(consents::purpose.eq(&purpose))
        .filter(consents::version.lt(version))
        .filter(consents::withdrawn_at.is_null())
        .filter(consents::expired_at.is_null())
        .order(consents::id)
        .limit(limit)
        .select((consents::id, consents::resident_id))
        .load(tx.conn())?;
    for (id, resident) in &rows {
        let mine = consents::table.find(*id).filter(consents::expired_at.is_null());
        let written = update(mine).set(consents::expired_at.eq(Some(now))).execute(tx.conn())?;
        if written > 0 {
            let step = Step { consent: id.0, kind: EventKind::Expired, at: until.timestamp(), detail: None };
            history::note_as(tx, LogActor::System, None, resident.0, step)?;
        }
    }
    if rows.is_empty() {
        update(consent_publications::table.find((&purpose, version)))
            .set(consent_publications::settled_at.eq(Some(now)))
            .execute(tx.conn())?;
    }
    Ok(rows.len().max(1))
}
