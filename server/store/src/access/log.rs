//! The writer of the access log: one thread, many entries per commit, and everyone waits until theirs is durable.
//!
//! A commit costs a disk flush. One flush per read would bound the whole server to a few hundred reads a second;
//! collecting what arrives while the last flush runs costs a reader about one flush of waiting and no throughput.
//! The same commit links the entries to those before them (see [`super::chain`]).

use std::{sync::Arc, thread, time::Duration};

use diesel::{insert_into, prelude::*};
use nahraum_domain::{audit::LogEntry, ids::AccessLogId};
use nahraum_secrets::{Random, random_bytes};
use tokio::sync::{mpsc, oneshot};

use crate::{
    access::{
        Tx,
        chain::{Linker, Row},
    },
    db::{Database, DatabaseError},
    schema::access_log_pending,
};

/// The most lots of entries that one commit carries.
const BATCH: usize = 128;

/// How long the writer gathers when the last commit carried the entries of several readers. A commit costs the same for
/// one entry and for many, and makes every reader of SQLite begin its cache anew.
const GATHERING: Duration = Duration::from_millis(2);

/// From how many lots on it is worth it.
const COMPANY: usize = 4;

/// How many lots may wait. Beyond that readers are told to come back, which is better than a growing queue.
const QUEUE: usize = 1_024;

/// The log could not be written; nothing may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the access log cannot be written")]
pub struct LogUnavailable;

/// Entries that belong together, and who waits for them.
struct Lot {
    entries: Vec<LogEntry>,
    /// Whether health data leaves its seal when they are durable.
    unseals: bool,
    done: Option<oneshot::Sender<Result<(), LogUnavailable>>>,
}

/// The access log. Cheap to clone; the writer ends when the last clone is gone.
#[derive(Clone)]
pub struct AccessLog {
    lots: mpsc::Sender<Lot>,
    process: [u8; 16],
}

impl AccessLog {
    /// Starts the writer.
    pub(crate) fn start(database: Database, random: Arc<dyn Random>) -> Result<Self, DatabaseError> {
        let (lots, inbox) = mpsc::channel(QUEUE);
        let process = random_bytes(&*random);
        thread::Builder::new()
            .name("access-log".into())
            .spawn(move || Writer { database, random, linker: Linker::new(process) }.run(inbox))
            .map_err(|_| DatabaseError::Refused("the access log's writer cannot be started: no thread".into()))?;
        Ok(Self { lots, process })
    }

    /// Writes one entry and returns when it is durable.
    ///
    /// # Errors
    /// When it is not.
    pub async fn record(&self, entry: LogEntry) -> Result<(), LogUnavailable> {
        self.send(vec![entry], false).await
    }

    /// Writes the entries of health data that is about to be shown and returns when all of them are durable.
    pub(crate) async fn record_unsealing(&self, entries: Vec<LogEntry>) -> Result<(), LogUnavailable> {
        self.send(entries, true).await
    }

    /// [`AccessLog::record_unsealing`] for background jobs on threads of their own.
    pub(crate) fn record_unsealing_blocking(&self, entries: Vec<LogEntry>) -> Result<(), LogUnavailable> {
        self.send_blocking(entries, true)
    }

    /// Returns when every entry is linked that was committed before.
    ///
    /// # Errors
    /// When that cannot be done now.
    pub async fn settle(&self) -> Result<(), LogUnavailable> {
        self.send(Vec::new(), false).await
    }

    /// [`AccessLog::settle`] for background jobs on threads of their own.
    ///
    /// # Errors
    /// As there.
    pub fn settle_blocking(&self) -> Result<(), LogUnavailable> {
        self.send_blocking(Vec::new(), false)
    }

    fn send_blocking(&self, entries: Vec<LogEntry>, unseals: bool) -> Result<(), LogUnavailable> {
        let (done, written) = oneshot::channel();
        self.lots.blocking_send(Lot { entries, unseals, done: Some(done) }).map_err(|_| LogUnavailable)?;
        written.blocking_recv().map_err(|_| LogUnavailable)?
    }

    /// Tells the writer that something was committed that has to be linked. Nobody waits for it; a writer with a full
    /// queue is awake anyway.
    pub(crate) fn poke(&self) {
        let _busy = self.lots.try_send(Lot { entries: Vec::new(), unseals: false, done: None }).is_err();
    }

    /// The name of this run of the server in the counters.
    #[must_use]
    pub const fn process(&self) -> [u8; 16] {
        self.process
    }

    async fn send(&self, entries: Vec<LogEntry>, unseals: bool) -> Result<(), LogUnavailable> {
        if cfg!(feature = "unlogged-for-measuring") && unseals {
            return Ok(());
        }
        let (done, written) = oneshot::channel();
        self.lots.send(Lot { entries, unseals, done: Some(done) }).await.map_err(|_| LogUnavailable)?;
        written.await.map_err(|_| LogUnavailable)?
    }
}

struct Writer {
    database: Database,
    random: Arc<dyn Random>,
    linker: Linker,
}

impl Writer {
    fn run(mut self, mut inbox: mpsc::Receiver<Lot>) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut company = false;
        while inbox.blocking_recv_many(&mut batch, BATCH) > 0 {
            if company {
                thread::sleep(GATHERING);
                while batch.len() < BATCH && inbox.try_recv().map(|lot| batch.push(lot)).is_ok() {}
            }
            // Who reads alone is never kept waiting for others.
            company = batch.len() >= COMPANY;
            let entries = batch.iter().flat_map(|lot| &lot.entries);
            let rows: Vec<Row> = entries.map(|entry| row(entry, &*self.random)).collect();
            let unsealed = batch.iter().filter(|lot| lot.unseals).count();
            let result = self.write(&rows, unsealed).map_err(|error| {
                tracing::error!(alarm = "access-log", %error, entries = rows.len(), "the access log could not be written");
                LogUnavailable
            });
            for lot in batch.drain(..) {
                // Nobody waits any more when the client has gone; the entry stands all the same.
                let _gone = lot.done.is_some_and(|done| done.send(result).is_err());
            }
        }
    }

    /// One commit, and more while others' entries are left to link.
    fn write(&mut self, rows: &[Row], unsealed: usize) -> Result<(), DatabaseError> {
        let mut draft = self.database.append(|conn| self.linker.append(conn, rows, unsealed))?;
        while self.linker.keep(draft) {
            draft = self.database.append(|conn| self.linker.append(conn, &[], 0))?;
        }
        Ok(())
    }
}

fn row(entry: &LogEntry, random: &dyn Random) -> Row {
    Row::from(&entry.record(AccessLogId::new(entry.at, random_bytes(random))))
}

/// Writes an entry inside somebody's own unit of work, for acts whose entry belongs into the same commit. It is linked
/// right after the commit.
pub(crate) fn insert_with(tx: &mut Tx<'_>, entry: &LogEntry) -> Result<(), DatabaseError> {
    let row = row(entry, tx.random());
    tx.note_entry();
    insert_into(access_log_pending::table).values(&row).execute(tx.conn())?;
    Ok(())
}
