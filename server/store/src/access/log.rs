//! The writer of the access log: one thread, many lines per commit, and everyone waits until theirs is durable.
//!
//! A commit costs a disk flush. One flush per read would bound the whole server to a few hundred reads a second;
//! collecting what arrives while the last flush runs costs a reader about one flush of waiting and no throughput.

use std::{sync::Arc, thread};

use diesel::{insert_into, prelude::*};
use nahraum_domain::{
    audit::{LogActor, LogEntry},
    ids::AccessLogId,
};
use nahraum_secrets::{Random, random_bytes};
use tokio::sync::{mpsc, oneshot};

use crate::{
    db::{
        Conn, Database, DatabaseError, each,
        types::{Instant, Sql},
    },
    schema::access_log,
};

/// The most lines that one commit carries.
const BATCH: usize = 128;

/// How many lines may wait. Beyond that readers are told to come back, which is better than a growing queue.
const QUEUE: usize = 1_024;

/// The log could not be written; nothing may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the access log cannot be written")]
pub struct LogUnavailable;

struct Lines {
    entries: Vec<LogEntry>,
    done: oneshot::Sender<Result<(), LogUnavailable>>,
}

/// The access log. Cheap to clone; the writer ends when the last clone is gone.
#[derive(Clone)]
pub struct AccessLog {
    lines: mpsc::Sender<Lines>,
}

impl AccessLog {
    /// Starts the writer.
    pub(crate) fn start(database: Database, random: Arc<dyn Random>) -> Result<Self, DatabaseError> {
        let (lines, inbox) = mpsc::channel(QUEUE);
        thread::Builder::new()
            .name("access-log".into())
            .spawn(move || write_all(&database, &*random, inbox))
            .map_err(|_| DatabaseError::Refused("the access log's writer cannot be started: no thread".into()))?;
        Ok(Self { lines })
    }

    /// Writes one line and returns when it is durable.
    ///
    /// # Errors
    /// When it is not.
    pub async fn record(&self, entry: LogEntry) -> Result<(), LogUnavailable> {
        self.record_all(vec![entry]).await
    }

    /// Writes lines that belong together and returns when all of them are durable.
    pub(crate) async fn record_all(&self, entries: Vec<LogEntry>) -> Result<(), LogUnavailable> {
        let (done, written) = oneshot::channel();
        self.lines.send(Lines { entries, done }).await.map_err(|_| LogUnavailable)?;
        written.await.map_err(|_| LogUnavailable)?
    }
}

fn write_all(database: &Database, random: &dyn Random, mut inbox: mpsc::Receiver<Lines>) {
    let mut batch = Vec::with_capacity(BATCH);
    while inbox.blocking_recv_many(&mut batch, BATCH) > 0 {
        let rows: Vec<Row> = batch.iter().flat_map(|lines| &lines.entries).map(|e| Row::new(e, random)).collect();
        let result = database.write(|conn| insert(conn, &rows)).map_err(|error| {
            tracing::error!(%error, lines = rows.len(), "the access log could not be written");
            LogUnavailable
        });
        for line in batch.drain(..) {
            // Nobody waits any more when the client has gone; the line stands all the same.
            let _gone = line.done.send(result);
        }
    }
}

/// Writes lines inside somebody's own unit of work, for acts whose log line belongs into the same commit.
pub(crate) fn insert_with(conn: &mut Conn, random: &dyn Random, entry: &LogEntry) -> Result<(), DatabaseError> {
    insert(conn, &[Row::new(entry, random)])
}

fn insert(conn: &mut Conn, rows: &[Row]) -> Result<(), DatabaseError> {
    each!(conn, |c| insert_into(access_log::table).values(rows).execute(c))?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = access_log, treat_none_as_default_value = false)]
struct Row {
    id: Sql<AccessLogId>,
    resident_id: Option<Vec<u8>>,
    at: Instant,
    actor_kind: &'static str,
    actor_id: Option<Vec<u8>>,
    practice_id: Option<Vec<u8>>,
    action: &'static str,
    finding_id: Option<Vec<u8>>,
    basis: Option<&'static str>,
    outcome: &'static str,
    request_id: Vec<u8>,
}

impl Row {
    fn new(entry: &LogEntry, random: &dyn Random) -> Self {
        let (actor_kind, actor_id, practice_id) = match entry.actor {
            LogActor::Resident(id) => ("resident", Some(id.as_bytes().to_vec()), None),
            LogActor::Staff(id, practice) => {
                ("staff", Some(id.as_bytes().to_vec()), Some(practice.as_bytes().to_vec()))
            }
            LogActor::District(id, organisation) => {
                ("district", Some(id.as_bytes().to_vec()), Some(organisation.as_bytes().to_vec()))
            }
            LogActor::Operator(id, organisation) => {
                ("operator", Some(id.as_bytes().to_vec()), Some(organisation.as_bytes().to_vec()))
            }
            LogActor::Software(id, practice) => {
                ("software", Some(id.as_bytes().to_vec()), Some(practice.as_bytes().to_vec()))
            }
            LogActor::System => ("system", None, None),
        };
        Self {
            id: Sql(AccessLogId::new(entry.at, random_bytes(random))),
            resident_id: entry.resident.map(|id| id.as_bytes().to_vec()),
            at: entry.at.into(),
            actor_kind,
            actor_id,
            practice_id,
            action: entry.action.as_str(),
            finding_id: entry.finding.map(|id| id.as_bytes().to_vec()),
            basis: entry.basis.map(|b| b.as_str()),
            outcome: entry.outcome.as_str(),
            request_id: entry.request.as_bytes().to_vec(),
        }
    }
}
