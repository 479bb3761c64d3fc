//! The rows by diesel from SQLite, with the settings the server gives its readers.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use diesel::{
    SqliteConnection,
    connection::SimpleConnection,
    prelude::*,
    r2d2::{ConnectionManager, CustomizeConnection, Error},
};
use uuid::Uuid;

use super::{CONNECTIONS, Line, LineRow, Opened};
use crate::{Outcome, Trouble};

pub(super) type Pool = diesel::r2d2::Pool<ConnectionManager<SqliteConnection>>;

diesel::table! {
    practices (id) {
        id -> Binary,
        name -> Text,
    }
}

diesel::table! {
    findings (id) {
        id -> Binary,
        practice_id -> Binary,
        resident_id -> Nullable<Binary>,
        state -> Text,
        class -> Text,
        kind -> Text,
        report_status -> Text,
        sort_date -> Text,
        issued_at -> Nullable<BigInt>,
        received_at -> BigInt,
        read_at -> Nullable<BigInt>,
        summary_sealed -> Nullable<Binary>,
        value_count -> Integer,
        flagged_count -> Integer,
    }
}

diesel::table! {
    finding_values (finding_id) {
        finding_id -> Binary,
        body_sealed -> Binary,
    }
}

diesel::joinable!(findings -> practices (practice_id));
diesel::joinable!(finding_values -> findings (finding_id));
diesel::allow_tables_to_appear_in_same_query!(practices, findings, finding_values);

type LineColumns = (
    findings::id,
    findings::state,
    findings::kind,
    findings::class,
    practices::id,
    practices::name,
    findings::sort_date,
    findings::received_at,
    findings::read_at,
    findings::value_count,
    findings::flagged_count,
    findings::summary_sealed,
);

const LINE: LineColumns = (
    findings::id,
    findings::state,
    findings::kind,
    findings::class,
    practices::id,
    practices::name,
    findings::sort_date,
    findings::received_at,
    findings::read_at,
    findings::value_count,
    findings::flagged_count,
    findings::summary_sealed,
);

#[derive(Debug)]
struct Settings;

impl CustomizeConnection<SqliteConnection, Error> for Settings {
    fn on_acquire(&self, conn: &mut SqliteConnection) -> Result<(), Error> {
        let settings = "PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192; \
                        PRAGMA mmap_size = 67108864; PRAGMA query_only = ON";
        conn.batch_execute(settings).map_err(Error::QueryError)
    }
}

pub(super) fn open(file: &str) -> Outcome<Pool> {
    let size = u32::try_from(CONNECTIONS)?;
    let pool = Pool::builder().max_size(size).test_on_check_out(false).connection_customizer(Box::new(Settings));
    Ok(pool.build(ConnectionManager::new(file))?)
}

pub(super) fn list(pool: &Pool, resident: Uuid) -> Result<Vec<Line>, Trouble> {
    let rows: Vec<LineRow> = findings::table
        .inner_join(practices::table)
        .filter(findings::resident_id.eq(Some(resident.as_bytes().as_slice())))
        .order((findings::sort_date.desc(), findings::id.desc()))
        .limit(20)
        .select(LINE)
        .load(&mut pool.get()?)?;
    Ok(rows.into_iter().map(Line::from).collect())
}

pub(super) fn open_finding(pool: &Pool, finding: Uuid) -> Result<Opened, Trouble> {
    let (line, report_status, issued_at, values): (LineRow, String, Option<i64>, Vec<u8>) = finding_values::table
        .inner_join(findings::table.inner_join(practices::table))
        .filter(findings::id.eq(finding.as_bytes().as_slice()))
        .select((LINE, findings::report_status, findings::issued_at, finding_values::body_sealed))
        .first(&mut pool.get()?)?;
    Ok(Opened { finding: line.into(), report_status, issued_at, values: BASE64_STANDARD.encode(values) })
}
