//! The writer of the access log: one thread, many entries per commit, and everyone waits until theirs is durable.
//!
//! A commit costs a disk flush. One flush per read would bound the whole server to a few hundred reads a second;
//! collecting what arrives while the last flush runs costs a reader about one flush of waiting and no throughput.
//! The same commit links the entries to those before them (see [`super::chain`]).

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    thread,
    time::Duration,
};

use diesel::{insert_into, prelude::*};
use nahraum_domain::{
    audit::{LogEntry, RulesEpoch},
    ids::{AccessLogId, ResidentId},
};
use nahraum_secrets::{Random, random_bytes};
use tokio::sync::{mpsc, oneshot};

use crate::{
    access::{
        Tx,
        chain::{self, Linker, Row},
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

/// No entry was made; nothing may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotLogged {
    /// The log could not be written.
    #[error("the access log cannot be written")]
    Unavailable,
    /// The resident's rules have changed since it was decided by them. To be decided anew.
    #[error("the rules have changed in the meantime")]
    Stale,
}

/// Entries that belong together, and who waits for them.
struct Waiting {
    entries: Vec<LogEntry>,
    /// Whether health data leaves its seal when they are durable.
    unseals: bool,
    done: Option<oneshot::Sender<Result<(), NotLogged>>>,
}

/// The access log. Cheap to clone; the writer ends when the last clone is gone.
#[derive(Clone)]
pub struct AccessLog {
    lots: mpsc::Sender<Waiting>,
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
    pub async fn record(&self, entry: LogEntry) -> Result<(), NotLogged> {
        self.send(vec![entry], false).await
    }

    /// Writes the entries of health data that is about to be shown and returns when all of them are durable.
    pub(crate) async fn record_unsealing(&self, entries: Vec<LogEntry>) -> Result<(), NotLogged> {
        self.send(entries, true).await
    }

    /// [`AccessLog::record_unsealing`] for background jobs on threads of their own.
    pub(crate) fn record_unsealing_blocking(&self, entries: Vec<LogEntry>) -> Result<(), NotLogged> {
        self.send_blocking(entries, true)
    }

    /// Returns when every entry is linked that was committed before.
    ///
    /// # Errors
    /// When that cannot be done now.
    pub async fn settle(&self) -> Result<(), NotLogged> {
        self.send(Vec::new(), false).await
    }

    /// [`AccessLog::settle`] for background jobs on threads of their own.
    ///
    /// # Errors
    /// As there.
    pub fn settle_blocking(&self) -> Result<(), NotLogged> {
        self.send_blocking(Vec::new(), false)
    }

    fn send_blocking(&self, entries: Vec<LogEntry>, unseals: bool) -> Result<(), NotLogged> {
        let (done, written) = oneshot::channel();
        self.lots.blocking_send(Waiting { entries, unseals, done: Some(done) }).map_err(|_| NotLogged::Unavailable)?;
        written.blocking_recv().map_err(|_| NotLogged::Unavailable)?
    }

    /// Tells the writer that something was committed that has to be linked. Nobody waits for it; a writer with a full
    /// queue is awake anyway.
    pub(crate) fn poke(&self) {
        let _busy = self.lots.try_send(Waiting { entries: Vec::new(), unseals: false, done: None }).is_err();
    }

    /// The name of this run of the server in the counters.
    #[must_use]
    pub const fn process(&self) -> [u8; 16] {
        self.process
    }

    async fn send(&self, entries: Vec<LogEntry>, unseals: bool) -> Result<(), NotLogged> {
        if cfg!(feature = "unlogged-for-measuring") && unseals {
            return Ok(());
        }
        let (done, written) = oneshot::channel();
        self.lots.send(Waiting { entries, unseals, done: Some(done) }).await.map_err(|_| NotLogged::Unavailable)?;
        written.await.map_err(|_| NotLogged::Unavailable)?
    }
}

struct Writer {
    database: Database,
    random: Arc<dyn Random>,
    linker: Linker,
}

impl Writer {
    fn run(mut self, mut inbox: mpsc::Receiver<Waiting>) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut company = false;
        while inbox.blocking_recv_many(&mut batch, BATCH) > 0 {
            if company {
                thread::sleep(GATHERING);
                while batch.len() < BATCH && inbox.try_recv().map(|lot| batch.push(lot)).is_ok() {}
            }
            // Who reads alone is never kept waiting for others.
            company = batch.len() >= COMPANY;
            let lots: Vec<chain::Lot> = batch.iter().map(|waiting| lot(waiting, &*self.random)).collect();
            let stale = self.write(&lots).map_err(|error| {
                tracing::error!(alarm = "access-log", %error, lots = lots.len(), "the access log could not be written");
                NotLogged::Unavailable
            });
            for (place, waiting) in batch.drain(..).enumerate() {
                let result = match &stale {
                    Ok(stale) if stale.contains(&place) => Err(NotLogged::Stale),
                    Ok(_) => Ok(()),
                    Err(error) => Err(*error),
                };
                // Nobody waits any more when the client has gone; the entry stands all the same.
                let _gone = waiting.done.is_some_and(|done| done.send(result).is_err());
            }
        }
    }

    /// One commit, and more while others' entries are left to link. Gives the lots that were left out.
    fn write(&mut self, lots: &[chain::Lot]) -> Result<HashSet<usize>, DatabaseError> {
        let mut draft = self.database.append(|conn| self.linker.append(conn, lots))?;
        let stale = std::mem::take(&mut draft.stale);
        while self.linker.keep(draft) {
            draft = self.database.append(|conn| self.linker.append(conn, &[]))?;
        }
        Ok(stale)
    }
}

fn lot(waiting: &Waiting, random: &dyn Random) -> chain::Lot {
    let rests_on = waiting.entries.iter().filter_map(|entry| entry.resident.zip(entry.rests_on));
    let rests_on: BTreeMap<ResidentId, RulesEpoch> = rests_on.collect();
    chain::Lot {
        rows: waiting.entries.iter().map(|entry| row(entry, random)).collect(),
        unseals: waiting.unseals,
        rests_on: rests_on.into_iter().collect(),
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
