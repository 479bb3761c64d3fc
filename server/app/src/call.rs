//! The application: its parts, and how a use case runs as one unit of work for one caller.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use nahraum_domain::ids::RequestId;
use nahraum_secrets::{CursorKey, Hasher, PresentedToken, Random, Token, VerifyingKey, random_bytes};
use nahraum_store::{Caller, Moment, Store, Tx, sessions};
use nahraum_texts::Language;
use tokio::sync::Semaphore;

use crate::{
    ports::Clock,
    refusal::{Failure, Refusal},
};

/// How much of uploads may be in memory at once, in MiB. One file of the largest size fits twice.
const UPLOAD_MEMORY_MIB: usize = 80;

/// The application. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    parts: Parts,
    upload_memory: Arc<Semaphore>,
    answers: AtomicI64,
    checked_at: AtomicI64,
}

/// What the application is made of.
pub struct Parts {
    /// The store.
    pub store: Store,
    /// The password hasher.
    pub hasher: Arc<Hasher>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// The key that seals paging cursors.
    pub cursors: CursorKey,
    /// What the operator decided.
    pub settings: Settings,
}

/// What the operator decided, as far as use cases and the web floor care.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether this is a demo with made-up people.
    pub demo: bool,
    /// The address under which phones reach the server, without a slash at the end.
    pub public_url: String,
    /// The name the installation goes by.
    pub app_name: String,
    /// A short word for this installation in activation codes.
    pub instance: String,
    /// The largest document in bytes.
    pub max_upload_bytes: u64,
    /// Where uploads lie while they arrive.
    pub spool_dir: PathBuf,
}

/// One request: its moment, the credential it carries, the language it asks for.
#[derive(Debug)]
pub struct Call {
    /// When, and under which name.
    pub moment: Moment,
    /// The credential, not yet looked at.
    pub token: Option<PresentedToken>,
    /// The language the client asked for, if it did.
    pub language: Option<Language>,
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            parts,
            upload_memory: Arc::new(Semaphore::new(UPLOAD_MEMORY_MIB)),
            answers: AtomicI64::new(0),
            checked_at: AtomicI64::new(i64::MIN),
        }))
    }

    /// What the operator decided.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.parts.settings
    }

    /// The key that seals paging cursors.
    #[must_use]
    pub fn cursors(&self) -> &CursorKey {
        &self.0.parts.cursors
    }

    /// The clock, for measuring how long a request took.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.0.parts.clock
    }

    /// A request that begins now.
    #[must_use]
    pub fn call(&self, token: Option<&Token>, language: Option<Language>, request: Option<RequestId>) -> Call {
        Call { moment: self.moment(request), token: token.map(PresentedToken::from), language }
    }

    /// The public key that verifies what this installation signs about its log.
    #[must_use]
    pub fn log_key(&self) -> VerifyingKey {
        self.store().log_key()
    }

    /// Counts an answer with health data on its way out. The web floor calls this for what an operation is, whatever its
    /// handler did; [`App::tend_log`] compares it with what was written down.
    pub fn count_answer(&self) {
        self.0.answers.fetch_add(1, Ordering::Relaxed);
    }

    /// The answers that were not compared yet.
    pub(crate) fn answers(&self) -> &AtomicI64 {
        &self.0.answers
    }

    /// When the log was checked last, in microseconds.
    pub(crate) fn checked_at(&self) -> &AtomicI64 {
        &self.0.checked_at
    }

    /// Whether requests can be served: the database answers.
    pub async fn ready(&self) -> bool {
        let alive: Result<(), Failure> = self.store().read(self.moment(None), |tx| Ok(tx.probe()?)).await;
        alive.is_ok()
    }

    pub(crate) fn moment(&self, request: Option<RequestId>) -> Moment {
        let now = self.0.parts.clock.now();
        let request = request.unwrap_or_else(|| RequestId::new(now, random_bytes(self.random())));
        Moment { now, request }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.parts.store
    }

    pub(crate) fn hasher(&self) -> &Hasher {
        &self.0.parts.hasher
    }

    pub(crate) fn random(&self) -> &dyn Random {
        &*self.0.parts.random
    }

    pub(crate) fn upload_memory(&self) -> &Arc<Semaphore> {
        &self.0.upload_memory
    }

    /// A unit of work that only reads, for whoever the call's credential belongs to.
    pub(crate) async fn read<R: Send + 'static>(
        &self,
        call: &Call,
        work: impl for<'t> FnOnce(&mut Tx<'t>, &Caller<'t>) -> Result<R, Failure> + Send + 'static,
    ) -> Result<R, Refusal> {
        let token = call.token.clone().ok_or(Refusal::NotSignedIn)?;
        let done = self.store().read(call.moment, move |tx| {
            let caller = sessions::authenticate(tx, &token)?;
            work(tx, &caller)
        });
        self.settle(done.await).await
    }

    /// A unit of work that writes, for whoever the call's credential belongs to. It may run more than once.
    pub(crate) async fn write<R: Send + 'static>(
        &self,
        call: &Call,
        mut work: impl for<'t> FnMut(&mut Tx<'t>, &Caller<'t>) -> Result<R, Failure> + Send + 'static,
    ) -> Result<R, Refusal> {
        let token = call.token.clone().ok_or(Refusal::NotSignedIn)?;
        let done = self.store().write(call.moment, move |tx| {
            let caller = sessions::authenticate(tx, &token)?;
            work(tx, &caller)
        });
        self.settle(done.await).await
    }

    /// Writes the log's line for a refusal, now that the unit of work is over, and makes an answer of it. Also what
    /// does not exist is logged: an answer must not come faster for a record that is not there.
    pub(crate) async fn settle<R>(&self, result: Result<R, Failure>) -> Result<R, Refusal> {
        match result {
            Ok(value) => Ok(value),
            Err(Failure::Refusal(refusal)) => Err(refusal),
            Err(Failure::Denied(denied)) => {
                self.store().access_log().record(denied.entry).await?;
                Err(denied.refused.into())
            }
        }
    }
}
