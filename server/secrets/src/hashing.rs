//! The slow hash for everything people choose or type: PINs, manual codes, passwords. Argon2id (RFC 9106), bounded.
//!
//! # Why a pool of its own
//! Hashing on whatever thread is free lets a flood of sign-ins take the machine: each hash wants 46 or 64 MiB at
//! once. Here a fixed number of threads owns a fixed amount of memory, and jobs wait in a short queue, first come,
//! first served. When the queue is full the answer is [`HashError::Overloaded`] at once; nothing piles up (SR-A05).
//!
//! # Memory
//! A worker reserves 64 MiB ([`Cost::MAX_MEMORY_KIB`]) and uses the same block for every hash: no allocation per
//! sign-in, and two to three times the speed of one. With two workers that is 128 MiB of resident memory, and neither
//! a cleverer layout nor fewer bytes per hash gets around it: 46 MiB is the floor for a PIN (SR-A04).
//! [`MemoryUse`] says when the system has to provide them:
//!
//! * [`FirstUse`](MemoryUse::FirstUse), the default: the address range is reserved at start but not touched. The first
//!   secret of the process makes *all* workers touch *all* of theirs. So a server nobody has signed in to stays small,
//!   and from the first sign-in on the amount is constant: 64 sign-ins at once add nothing.
//! * [`AtStart`](MemoryUse::AtStart): touched before the first job, for operators who prefer to meet a memory limit
//!   at start rather than at the first sign-in.
//!
//! `cargo run --release -p nahraum-secrets --example login_flood` measures it with 400 jobs from 64 clients that do not
//! retry. On two shared cores (AMD EPYC), resident memory of a process that does nothing else:
//!
//! | | started | after the first secret | after the flood | answered / rejected | other tasks wait, p99 |
//! |---|---|---|---|---|---|
//! | PIN, first use | 3 MiB | 131 MiB | +0.3 MiB | 208 / 192 | 7 ms |
//! | password, first use | 3 MiB | 131 MiB | +0.4 MiB | 214 / 186 | 10 ms |
//! | PIN, at start | 131 MiB | 131 MiB | +0.4 MiB | 210 / 190 | 11 ms |
//!
//! # What is compared
//! The workers only compute; comparing is done here, in constant time. A sign-in for an account that does not exist
//! costs the same work as one that does ([`Hasher::verify_or_dummy`], SR-A07).

use std::{num::NonZeroUsize, sync::Arc, thread};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq;
use tokio::sync::oneshot;

use crate::{
    PasswordHash, Pepper, Random, Secret, Verified,
    phc::Cost,
    pool::{Job, Queue},
    random_bytes,
};

/// What kind of secret is hashed; it decides the cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretKind {
    /// A resident's six digits, only ever checked together with the device secret: 46 MiB, one pass.
    Pin,
    /// The secret part of a manual activation code: 46 MiB, one pass.
    Code,
    /// The passcode of a link, only ever checked together with the secret in its address, and a few times in its life: 46 MiB,
    /// one pass.
    Passcode,
    /// A password of practice staff: 64 MiB, three passes.
    Password,
}

/// How much work a hash is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strength {
    /// As much as secrets of people need.
    #[default]
    Real,
    /// Next to none, for tests that sign in thousands of times: the slow hash is half of what they cost. Never for a database
    /// with anybody's findings in it; a hash made so is raised at the first sign-in with [`Real`](Self::Real).
    Quick,
}

impl Strength {
    /// The cost of a new hash and the floor of an old one (SR-A04; OWASP ASVS 5.0, 11.4.2).
    pub(crate) const fn cost(self, kind: SecretKind) -> Cost {
        match (self, kind) {
            (Self::Quick, _) => Cost { memory_kib: 64, passes: 1 },
            (Self::Real, SecretKind::Pin | SecretKind::Code | SecretKind::Passcode) => {
                Cost { memory_kib: 47_104, passes: 1 }
            }
            (Self::Real, SecretKind::Password) => Cost { memory_kib: Cost::MAX_MEMORY_KIB, passes: 3 },
        }
    }
}

/// When the workers' memory becomes resident; see the module's documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MemoryUse {
    /// All of it with the first secret after start.
    #[default]
    FirstUse,
    /// All of it at start.
    AtStart,
}

/// How large the pool is.
#[derive(Debug, Clone, Copy)]
pub struct HasherSettings {
    /// Threads, each with 64 MiB. More than the machine has cores gains nothing.
    pub workers: NonZeroUsize,
    /// Jobs that may wait beside those being worked on.
    pub queue: NonZeroUsize,
    /// When the memory becomes resident.
    pub memory: MemoryUse,
    /// How much work a hash is.
    pub strength: Strength,
}

impl Default for HasherSettings {
    /// Two workers, 32 waiting jobs, memory at first use.
    fn default() -> Self {
        const TWO: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);
        const THIRTY_TWO: NonZeroUsize = NonZeroUsize::MIN.saturating_add(31);
        Self { workers: TWO, queue: THIRTY_TWO, memory: MemoryUse::default(), strength: Strength::default() }
    }
}

/// Whether a presented secret is the stored one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Match,
    /// It is, and the stored hash is weaker than asked for today: hash the secret again and store that.
    MatchButOutdated,
    /// It is not, or nothing is stored.
    Mismatch,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// Too many sign-ins are waiting already.
    #[error("too many people are signing in right now; try again in {retry_after_seconds} s")]
    Overloaded {
        /// When the queue of this moment will have been worked off.
        retry_after_seconds: u32,
    },
    /// The pool is shutting down.
    #[error("the password hasher has stopped")]
    Stopped,
}

/// Why the pool could not be started.
#[derive(Debug, thiserror::Error)]
pub enum HasherStartError {
    /// The system does not give the memory.
    #[error("there is not enough memory for {workers} hashing threads with 64 MiB each")]
    Memory {
        /// How many threads were asked for.
        workers: NonZeroUsize,
    },
    /// The system does not give a thread.
    #[error("a hashing thread cannot be started")]
    Thread(#[source] std::io::Error),
}

/// The pool of hashing threads. Share it in an `Arc`; dropping it stops the threads and gives their memory back.
pub struct Hasher {
    queue: Arc<Queue>,
    random: Arc<dyn Random>,
    strength: Strength,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Hasher {
    /// Starts the threads. `random` makes the salts.
    ///
    /// # Errors
    /// [`HasherStartError`] when the system refuses memory or threads.
    pub fn start(pepper: Pepper, random: Arc<dyn Random>, settings: HasherSettings) -> Result<Self, HasherStartError> {
        let pepper = Arc::new(pepper);
        let queue = Arc::new(Queue::new(settings.workers, settings.queue, settings.memory == MemoryUse::AtStart));
        let strength = settings.strength;
        let mut hasher = Self { queue: Arc::clone(&queue), random, strength, threads: Vec::new() };
        for number in 1..=settings.workers.get() {
            let memory = reserve().ok_or(HasherStartError::Memory { workers: settings.workers })?;
            let (queue, pepper) = (Arc::clone(&queue), Arc::clone(&pepper));
            let thread = thread::Builder::new()
                .name(format!("hasher-{number}"))
                .spawn(move || work(&queue, &pepper, memory, strength))
                .map_err(HasherStartError::Thread)?;
            hasher.threads.push(thread);
        }
        Ok(hasher)
    }

    /// Hashes a secret with a fresh salt, for storing.
    ///
    /// # Errors
    /// [`HashError`], see there.
    pub async fn hash(&self, kind: SecretKind, secret: Secret) -> Result<PasswordHash, HashError> {
        let (salt, cost) = (random_bytes(&*self.random), self.strength.cost(kind));
        let digest = self.submit(secret, salt, cost)?.await.map_err(|_| HashError::Stopped)?;
        Ok(PasswordHash { cost, salt, digest })
    }

    /// Checks a secret against the stored hash.
    ///
    /// # Errors
    /// [`HashError`], see there.
    pub async fn verify(&self, kind: SecretKind, secret: Secret, stored: &PasswordHash) -> Result<Verdict, HashError> {
        self.verify_or_dummy(kind, secret, Some(stored)).await
    }

    /// Checks a secret; when nothing is stored, does the same work and says [`Verdict::Mismatch`].
    ///
    /// # Errors
    /// [`HashError`], see there; also for nothing stored, so that not even an overload tells who exists.
    pub async fn verify_or_dummy(
        &self,
        kind: SecretKind,
        secret: Secret,
        stored: Option<&PasswordHash>,
    ) -> Result<Verdict, HashError> {
        let (salt, cost) = stored.map_or(([0; 16], self.strength.cost(kind)), |stored| (stored.salt, stored.cost));
        let digest = self.submit(secret, salt, cost)?.await.map_err(|_| HashError::Stopped)?;
        Ok(judge(self.strength.cost(kind), stored, &digest))
    }

    /// Checks a secret for an id and gives the proof of it. `None` as candidate costs the same time as a wrong secret.
    ///
    /// # Errors
    /// [`HashError`], see there.
    pub async fn verify_for<Id>(
        &self,
        kind: SecretKind,
        secret: Secret,
        candidate: Option<(Id, &PasswordHash)>,
    ) -> Result<Option<Verified<Id>>, HashError> {
        let (id, stored) = candidate.map_or((None, None), |(id, stored)| (Some(id), Some(stored)));
        let verdict = self.verify_or_dummy(kind, secret, stored).await?;
        Ok(id.and_then(|id| match verdict {
            Verdict::Match => Some(Verified::new(id, false)),
            Verdict::MatchButOutdated => Some(Verified::new(id, true)),
            Verdict::Mismatch => None,
        }))
    }

    /// [`hash`](Self::hash) for the command line.
    ///
    /// # Errors
    /// [`HashError`], see there.
    ///
    /// # Panics
    /// Inside an asynchronous task: tokio does not let one block its thread.
    pub fn hash_blocking(&self, kind: SecretKind, secret: Secret) -> Result<PasswordHash, HashError> {
        let (salt, cost) = (random_bytes(&*self.random), self.strength.cost(kind));
        let digest = self.submit(secret, salt, cost)?.blocking_recv().map_err(|_| HashError::Stopped)?;
        Ok(PasswordHash { cost, salt, digest })
    }

    /// [`verify`](Self::verify) for the command line.
    ///
    /// # Errors
    /// [`HashError`], see there.
    ///
    /// # Panics
    /// Inside an asynchronous task: tokio does not let one block its thread.
    pub fn verify_blocking(
        &self,
        kind: SecretKind,
        secret: Secret,
        stored: &PasswordHash,
    ) -> Result<Verdict, HashError> {
        let digest = self.submit(secret, stored.salt, stored.cost)?.blocking_recv().map_err(|_| HashError::Stopped)?;
        Ok(judge(self.strength.cost(kind), Some(stored), &digest))
    }

    /// Queues a job. The receiver is all that ties it to its caller: when that goes away, the job is dropped unworked.
    fn submit(&self, secret: Secret, salt: [u8; 16], cost: Cost) -> Result<oneshot::Receiver<[u8; 32]>, HashError> {
        let (answer, receiver) = oneshot::channel();
        self.queue.push(Job { secret, salt, cost, answer })?;
        Ok(receiver)
    }
}

impl Drop for Hasher {
    fn drop(&mut self) {
        self.queue.close();
        for thread in self.threads.drain(..) {
            // a worker that panicked has nothing left to tell
            thread.join().ok();
        }
    }
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hasher").field("threads", &self.threads.len()).finish_non_exhaustive()
    }
}

fn judge(floor: Cost, stored: Option<&PasswordHash>, digest: &[u8; 32]) -> Verdict {
    // compared in any case; no digest is 32 zeros
    let expected = stored.map_or(&[0; 32], |stored| &stored.digest);
    let equal: bool = digest.ct_eq(expected).into();
    match stored {
        Some(stored) if equal && stored.cost.is_below(floor) => Verdict::MatchButOutdated,
        Some(_) if equal => Verdict::Match,
        Some(_) | None => Verdict::Mismatch,
    }
}

/// The address range of one worker, not yet touched.
fn reserve() -> Option<Vec<Block>> {
    let mut memory = Vec::new();
    memory.try_reserve_exact(block_count()?).ok()?;
    Some(memory)
}

fn block_count() -> Option<usize> {
    usize::try_from(Cost::MAX_MEMORY_KIB).ok()
}

/// One worker's life.
fn work(queue: &Queue, pepper: &Pepper, mut memory: Vec<Block>, strength: Strength) {
    queue.wait_until_needed();
    let touched = match strength {
        Strength::Real => memory.capacity(),
        Strength::Quick => 0,
    };
    // the capacity is there already: this touches the memory and moves nothing
    memory.resize(touched, Block::new());
    while let Some(job) = queue.next() {
        let blocks = usize::try_from(job.cost.memory_kib).unwrap_or(usize::MAX).min(memory.capacity());
        if memory.len() < blocks {
            memory.resize(blocks, Block::new());
        }
        if let Ok(digest) = argon2id(pepper, &job, &mut memory) {
            // the caller may have gone in the meantime
            job.answer.send(digest).ok();
        }
    }
}

/// One hash. Fails only for costs beyond the memory, which [`PasswordHash::from_stored`] does not let in; the caller
/// then sees [`HashError::Stopped`], because the answer's channel closes.
fn argon2id(pepper: &Pepper, job: &Job, memory: &mut [Block]) -> argon2::Result<[u8; 32]> {
    let params = Params::new(job.cost.memory_kib, job.cost.passes, 1, Some(32))?;
    let argon2 = Argon2::new_with_secret(pepper.bytes(), Algorithm::Argon2id, Version::V0x13, params)?;
    let mut digest = [0; 32];
    argon2.hash_password_into_with_memory(job.secret.expose().as_bytes(), &job.salt, &mut digest, memory)?;
    Ok(digest)
}

#[cfg(test)]
#[path = "hashing_tests.rs"]
mod tests;
