//! Reading, for the resident: the list, one finding, its document, trends. Everything leaves sealed.

use diesel::{prelude::*, update};
use jiff::civil::Date;
use nahraum_domain::{
    access::Actor,
    consent::{Item, Sensitivity},
    disclosure::{FindingRecord, PracticeName, SummaryRecord},
    finding::FindingState,
    ids::{FindingId, PracticeId, ResidentId},
    kdl::{self, FindingKind},
    private::Private,
    release::Treatment,
};

use super::{
    blobs::{self, Content},
    keys::{KEY, KeyColumns, KeyRow, open_key},
    stored::Summary,
    upload::summary_place,
    whole,
};
use crate::{
    access::{
        Permit, Scope, Tx,
        actions::{DownloadContent, ListFindings, MarkRead, OpenFinding},
        sealed::Sealed,
    },
    db::types::{Day, Instant, Sql},
    error::StoreError,
    schema::{blobs as blob_rows, findings, organisations, patients},
    vault::FindingKey,
};

/// The resident as a patient of those practices that have nothing to confirm any more (SR-B05), for a query.
macro_rules! confirmed {
    ($resident:expr) => {
        patients::table
            .filter(patients::resident_id.eq(Some(Sql($resident))))
            .filter(patients::pending_on.is_null())
            .select(patients::id.nullable())
    };
}
pub(super) use confirmed;

/// A query of findings, narrowed to what a resident's list shows with a filter: the one place that says so.
macro_rules! shown_to {
    ($query:expr, $resident:expr, $filter:expr) => {
        $query
            .filter(findings::resident_id.eq(Some(Sql($resident))))
            .filter(findings::patient_id.eq_any($crate::findings::read::confirmed!($resident)))
            .filter(findings::state.eq_any($crate::findings::read::LISTED.map(FindingState::as_str)))
            .filter(findings::sensitivity.eq_any($filter.treatments()))
    };
}
pub(super) use shown_to;

/// What a list is narrowed to. None means everything.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this kind.
    pub kind: Option<FindingKind>,
    /// Only from this practice.
    pub practice: Option<PracticeId>,
    /// Only from this day on.
    pub from: Option<Date>,
    /// Only up to and with this day.
    pub to: Option<Date>,
    /// Only what is not marked as read.
    pub unread: bool,
    /// Only what is delicate.
    pub sensitive: bool,
    /// Only what the resident has put away, which is otherwise left out. For somebody who has just typed the PIN.
    pub put_away: bool,
}

impl Filter {
    /// Whether it lets one through that is shown to somebody else than its owner, as far as the rules know it.
    pub(super) fn lets_through(&self, item: &Item) -> bool {
        self.kind.is_none_or(|kind| kind == item.kind)
            && self.practice.is_none_or(|practice| practice == item.author)
            && self.from.is_none_or(|from| from <= item.date)
            && self.to.is_none_or(|to| item.date <= to)
            && (!self.sensitive || item.sensitivity == Sensitivity::Sensitive)
    }

    /// How those are treated that it lets through. What is held back never shows, what is put away not by itself.
    pub(super) fn treatments(&self) -> Vec<&'static str> {
        let shown: &[Treatment] = match (self.put_away, self.sensitive) {
            (true, _) => &[Treatment::PutAway],
            (false, true) => &[Treatment::Sensitive],
            (false, false) => &[Treatment::Normal, Treatment::Sensitive],
        };
        shown.iter().map(|treatment| treatment.as_str()).collect()
    }
}

/// A place in the list: the day and the finding after which to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The day.
    pub date: Date,
    /// The finding.
    pub finding: FindingId,
}

/// One page of the list.
#[derive(Debug)]
pub struct ListPage {
    /// The findings, newest first.
    pub items: Vec<SummaryRecord>,
    /// Where to go on, if there is more.
    pub next: Option<Position>,
}

impl ListPage {
    /// So many of these; where to go on, if there are more.
    pub(super) fn cut(mut items: Vec<SummaryRecord>, limit: u32) -> Self {
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > wanted;
        items.truncate(wanted);
        let next = items.last().filter(|_| more).map(|last| Position { date: last.date, finding: last.id });
        Self { items, next }
    }
}

pub(super) type SummaryRow = (
    Sql<FindingId>,
    String,
    String,
    Option<Vec<u8>>,
    (Sql<PracticeId>, String),
    Day,
    Instant,
    Option<Instant>,
    (i32, i32),
    Option<blobs::Row>,
    KeyRow,
);

pub(super) type SummaryColumns = (
    findings::id,
    findings::state,
    findings::class,
    findings::summary_sealed,
    (organisations::id, organisations::name),
    findings::sort_date,
    findings::received_at,
    findings::read_at,
    (findings::value_count, findings::flagged_count),
    diesel::dsl::Nullable<blobs::Columns>,
    KeyColumns,
);

pub(super) fn summary_columns() -> SummaryColumns {
    (
        findings::id,
        findings::state,
        findings::class,
        findings::summary_sealed,
        (organisations::id, organisations::name),
        findings::sort_date,
        findings::received_at,
        findings::read_at,
        (findings::value_count, findings::flagged_count),
        blobs::COLUMNS.nullable(),
        KEY,
    )
}

pub(super) const LISTED: [FindingState; 3] =
    [FindingState::Delivered, FindingState::Superseded, FindingState::Recalled];

/// One page of the caller's findings, newest first by day and arrival.
///
/// # Errors
/// The database's.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<'_, ListFindings>,
    filter: &Filter,
    after: Option<Position>,
    limit: u32,
) -> Result<Sealed<ListPage>, StoreError> {
    if let Actor::Representative { .. } = scope.actor() {
        return super::shared::list_in_place(tx, scope, filter, after, limit);
    }
    let items = listed(tx, owner(scope.actor())?, filter, after, Some(i64::from(limit).saturating_add(1)))?;
    Ok(Sealed::new(ListPage::cut(items, limit), scope.entry(tx)))
}

/// What a resident's list shows, newest first.
pub(super) fn listed(
    tx: &mut Tx<'_>,
    resident: ResidentId,
    filter: &Filter,
    after: Option<Position>,
    limit: Option<i64>,
) -> Result<Vec<SummaryRecord>, StoreError> {
    let rows = findings::table
        .inner_join(organisations::table)
        .left_join(blob_rows::table.on(findings::document_blob.eq(blob_rows::id.nullable())));
    let mut query = shown_to!(rows, resident, filter)
        .order((findings::sort_date.desc(), findings::id.desc()))
        .select(summary_columns())
        .into_boxed();
    if let Some(kind) = filter.kind {
        query = query.filter(findings::kind.eq(kind.as_str()));
    }
    if let Some(practice) = filter.practice {
        query = query.filter(findings::practice_id.eq(Sql(practice)));
    }
    if let Some(from) = filter.from {
        query = query.filter(findings::sort_date.ge(Day::from(from)));
    }
    if let Some(to) = filter.to {
        query = query.filter(findings::sort_date.le(Day::from(to)));
    }
    if filter.unread {
        query = query.filter(findings::read_at.is_null());
    }
    if let Some(Position { date, finding }) = after {
        let day = Day::from(date);
        query = query.filter(
            findings::sort_date.lt(day.clone()).or(findings::sort_date.eq(day).and(findings::id.lt(Sql(finding)))),
        );
    }
    if let Some(limit) = limit {
        query = query.limit(limit);
    }
    let rows: Vec<SummaryRow> = query.load(tx.conn())?;
    rows.into_iter().map(|row| read_row(tx, row).map(|read| read.summary)).collect()
}

pub(super) fn owner(actor: Actor) -> Result<ResidentId, StoreError> {
    if let Actor::Resident(id) = actor { Ok(id) } else { Err(StoreError::Unauthenticated) }
}

/// A row that was read, with what else is needed of a finding.
pub(super) struct ReadRow<'t> {
    pub(super) summary: SummaryRecord,
    pub(super) words: Option<Summary>,
    pub(super) key: Option<FindingKey<'t>>,
    pub(super) blob: Option<blobs::Row>,
}

pub(super) fn read_row<'t>(tx: &Tx<'t>, row: SummaryRow) -> Result<ReadRow<'t>, StoreError> {
    let (id, state, class, sealed, (practice, name), date, received, read, (values, flagged), blob, key) = row;
    let key = open_key(tx, id.0, key)?;
    let words = open_summary(key.as_ref(), id.0, sealed)?;
    let document = match (&key, &blob) {
        (Some(key), Some(blob)) => blobs::document(key, blob)?,
        (None, _) | (_, None) => None,
    };
    let summary = SummaryRecord {
        id: id.0,
        state: FindingState::parse(&state).ok_or(StoreError::Corrupt("findings.state"))?,
        class: kdl::find(&class).unwrap_or(&kdl::OTHER_DOCUMENT),
        title: words.as_ref().map(|words| Private::new(words.title.clone())),
        practice: PracticeName { id: practice.0, name },
        date: date.date(),
        received_at: received.timestamp(),
        read_at: read.map(|at| at.timestamp()),
        value_count: u32::try_from(values).map_err(|_| StoreError::Corrupt("findings.value_count"))?,
        flagged_count: u32::try_from(flagged).map_err(|_| StoreError::Corrupt("findings.flagged_count"))?,
        document,
    };
    Ok(ReadRow { summary, words, key, blob })
}

pub(super) fn open_summary(
    key: Option<&FindingKey<'_>>,
    id: FindingId,
    sealed: Option<Vec<u8>>,
) -> Result<Option<Summary>, StoreError> {
    let Some(sealed) = sealed else { return Ok(None) };
    let key = key.ok_or(StoreError::Corrupt("findings.key_wrapped"))?;
    key.open_json(summary_place(&id), sealed).map(Some)
}

/// One finding with its values.
///
/// # Errors
/// The database's.
pub fn open(tx: &mut Tx<'_>, permit: &Permit<'_, OpenFinding>) -> Result<Sealed<FindingRecord>, StoreError> {
    let (record, _) = whole::load(tx, permit.finding())?;
    Ok(Sealed::new(record, permit.entry(tx)))
}

/// The version whose place a finding took.
///
/// # Errors
/// The database's.
pub fn replaces(tx: &mut Tx<'_>, permit: &Permit<'_, OpenFinding>) -> Result<Option<FindingId>, StoreError> {
    let row: Option<Sql<FindingId>> =
        findings::table.find(Sql(permit.finding())).select(findings::replaces).first(tx.conn())?;
    Ok(row.map(|id| id.0))
}

/// The document of a finding, to be read part by part. None when it has none (any more).
///
/// # Errors
/// The database's.
pub fn content(tx: &mut Tx<'_>, permit: &Permit<'_, DownloadContent>) -> Result<Sealed<Option<Content>>, StoreError> {
    let content = if permit.facts().state.has_content() { load_content(tx, permit.finding())? } else { None };
    Ok(Sealed::new(content, permit.entry(tx)))
}

/// The document of a finding whose content is there.
pub(super) fn load_content(tx: &mut Tx<'_>, finding: FindingId) -> Result<Option<Content>, StoreError> {
    type Row = (blobs::Row, Instant, KeyRow);
    let row: Option<Row> = findings::table
        .inner_join(blob_rows::table.on(findings::document_blob.eq(blob_rows::id.nullable())))
        .filter(findings::id.eq(Sql(finding)))
        .select((blobs::COLUMNS, findings::received_at, KEY))
        .first(tx.conn())
        .optional()?;
    let Some((row, received, key)) = row else { return Ok(None) };
    let key = open_key(tx, finding, key)?.ok_or(StoreError::Corrupt("findings.key_wrapped"))?;
    let document = blobs::document(&key, &row)?;
    let file = blobs::file(&key, row)?;
    Ok(document.map(|document| Content { document, received_at: received.timestamp(), file }))
}

/// One part of a document that was opened. None when it was taken back in the meantime.
///
/// # Errors
/// The database's.
pub fn content_part(tx: &mut Tx<'_>, content: &Content, part: u64) -> Result<Option<Private<Vec<u8>>>, StoreError> {
    let seq = i32::try_from(part).map_err(|_| StoreError::Corrupt("a part number"))?;
    Ok(blobs::part(tx, content.document().blob, &content.file, seq)?.map(Private::new))
}

/// Marks a finding as read. The first time counts.
///
/// # Errors
/// The database's.
pub fn mark_read(tx: &mut Tx<'_>, permit: &Permit<'_, MarkRead>) -> Result<(), StoreError> {
    let now = Instant::from(tx.now());
    let changed = update(findings::table.find(Sql(permit.finding())).filter(findings::read_at.is_null()))
        .set(findings::read_at.eq(Some(now)))
        .execute(tx.conn())?;
    if changed > 0 {
        let entry = permit.entry(tx);
        crate::access::log::insert_with(tx, &entry)?;
    }
    Ok(())
}
