//! A few connections for many callers: first come, first served, and never a wait without an end.
//!
//! Waiting happens in one queue for blocking and for async callers, before a connection or a thread is used. A
//! connection that failed, or that a panic left inside a transaction, is closed and never lent again.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use diesel::r2d2::R2D2Connection as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Conn, DatabaseError, Kind};

/// How long a caller waits for a free connection before it is told `Busy`.
const PATIENCE: Duration = Duration::from_secs(2);

type Connect = Box<dyn Fn() -> Result<Conn, DatabaseError> + Send + Sync>;

/// Up to `size` connections, made when they are first needed.
pub(super) struct Pool {
    connect: Connect,
    idle: Mutex<Vec<Conn>>,
    free: Arc<Semaphore>,
}

/// The right to use one connection of the pool.
pub(super) struct Ticket {
    pool: Arc<Pool>,
    _permit: OwnedSemaphorePermit,
}

impl Pool {
    /// A pool of at most `size` connections; makes the first one, so that a wrong setting shows at the start.
    pub(super) fn new(
        size: u32,
        connect: impl Fn() -> Result<Conn, DatabaseError> + Send + Sync + 'static,
    ) -> Result<Arc<Self>, DatabaseError> {
        let first = connect()?;
        Ok(Arc::new(Self {
            connect: Box::new(connect),
            idle: Mutex::new(vec![first]),
            free: Arc::new(Semaphore::new(usize::try_from(size).unwrap_or(1))),
        }))
    }

    /// Waits for a connection, blocking the thread.
    pub(super) fn ticket(self: &Arc<Self>) -> Result<Ticket, DatabaseError> {
        let permit = wait_for(Arc::clone(&self.free).acquire_owned()).ok_or(DatabaseError::Busy)?;
        // The semaphore is never closed.
        let permit = permit.map_err(|_| DatabaseError::Busy)?;
        Ok(Ticket { pool: Arc::clone(self), _permit: permit })
    }

    /// Waits for a connection inside a tokio runtime.
    pub(super) async fn ticket_async(self: &Arc<Self>) -> Result<Ticket, DatabaseError> {
        let permit = tokio::time::timeout(PATIENCE, Arc::clone(&self.free).acquire_owned())
            .await
            .map_err(|_| DatabaseError::Busy)?
            .map_err(|_| DatabaseError::Busy)?;
        Ok(Ticket { pool: Arc::clone(self), _permit: permit })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Conn>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_back(&self, mut conn: Conn) {
        if !conn.is_broken() {
            self.idle().push(conn);
        }
    }
}

impl Ticket {
    /// Lends a connection outside any transaction. If `f` panics the connection is closed.
    pub(super) fn with<T>(&self, f: impl FnOnce(&mut Conn) -> T) -> Result<T, DatabaseError> {
        let (mut conn, _) = self.connection()?;
        let result = f(&mut conn);
        self.pool.give_back(conn);
        Ok(result)
    }

    /// Lends a connection inside a transaction that `f` must end. If `f` panics the connection is closed, and the
    /// database rolls the transaction back.
    pub(super) fn begin<T>(&self, kind: Kind, f: impl FnOnce(&mut Conn) -> T) -> Result<T, DatabaseError> {
        let mut conn = self.begun(kind)?;
        let result = f(&mut conn);
        self.pool.give_back(conn);
        Ok(result)
    }

    /// The first statement finds out whether a connection that lay idle is still alive: nothing has happened yet, so
    /// the next one can be tried. At the latest a fresh one tells the truth.
    fn begun(&self, kind: Kind) -> Result<Conn, DatabaseError> {
        loop {
            let (mut conn, fresh) = self.connection()?;
            match conn.begin(kind) {
                Ok(()) => return Ok(conn),
                Err(error) if fresh || !conn.is_broken() => return Err(error.into()),
                Err(_) => drop(conn),
            }
        }
    }

    /// An idle connection, or a fresh one (`true`).
    fn connection(&self) -> Result<(Conn, bool), DatabaseError> {
        loop {
            // Bound on its own: a guard in the pattern would hold the lock while the connection is closed.
            let lent = self.pool.idle().pop();
            let Some(mut conn) = lent else {
                return (self.pool.connect)().map(|conn| (conn, true));
            };
            if !conn.is_broken() {
                return Ok((conn, false));
            }
        }
    }
}

/// Wakes a thread that waits for a future.
#[derive(Default)]
struct Bell {
    rung: Mutex<bool>,
    sound: Condvar,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.sound.notify_one();
    }
}

impl Bell {
    /// Whether the bell rang within [`PATIENCE`].
    fn heard(&self) -> bool {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut rung, _) =
            self.sound.wait_timeout_while(rung, PATIENCE, |rung| !*rung).unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *rung)
    }
}

/// Runs a future that needs no runtime on this thread; `None` when it is not ready in time.
fn wait_for<F: Future>(future: F) -> Option<F::Output> {
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(Arc::clone(&bell));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return Some(output),
            Poll::Pending if bell.heard() => {}
            Poll::Pending => return None,
        }
    }
}
