//! The queue between those who sign in and the hashing threads: bounded, first come, first served.

use std::{
    collections::VecDeque,
    num::NonZeroUsize,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use crate::{HashError, Secret, phc::Cost};

/// One hash to compute.
pub(crate) struct Job {
    pub(crate) secret: Secret,
    pub(crate) salt: [u8; 16],
    pub(crate) cost: Cost,
    /// Closed when the caller has gone.
    pub(crate) answer: oneshot::Sender<[u8; 32]>,
}

struct State {
    waiting: VecDeque<Job>,
    /// Whether the workers shall touch their memory: set once, by the first job or from the start.
    needed: bool,
    closed: bool,
}

pub(crate) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    workers: NonZeroUsize,
    limit: NonZeroUsize,
}

impl Queue {
    pub(crate) fn new(workers: NonZeroUsize, limit: NonZeroUsize, needed: bool) -> Self {
        let waiting = VecDeque::with_capacity(limit.get());
        Self { state: Mutex::new(State { waiting, needed, closed: false }), changed: Condvar::new(), workers, limit }
    }

    /// Appends a job.
    ///
    /// # Errors
    /// [`HashError::Overloaded`] when the queue is full even without the jobs nobody waits for any more;
    /// [`HashError::Stopped`] after [`close`](Self::close).
    pub(crate) fn push(&self, job: Job) -> Result<(), HashError> {
        let mut state = self.lock();
        if state.closed {
            return Err(HashError::Stopped);
        }
        if state.waiting.len() >= self.limit.get() {
            state.waiting.retain(|job| !job.answer.is_closed());
        }
        if state.waiting.len() >= self.limit.get() {
            return Err(HashError::Overloaded { retry_after_seconds: self.seconds_for(&state.waiting) });
        }
        state.waiting.push_back(job);
        if state.needed {
            self.changed.notify_one();
        } else {
            state.needed = true;
            self.changed.notify_all();
        }
        Ok(())
    }

    /// Blocks until the first job is there or the pool closes.
    pub(crate) fn wait_until_needed(&self) {
        let state = self.lock();
        let until = self.changed.wait_while(state, |state| !state.needed && !state.closed);
        drop(until.unwrap_or_else(PoisonError::into_inner));
    }

    /// The next job somebody still waits for; blocks for it. `None` when the pool closes.
    pub(crate) fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            match state.waiting.pop_front() {
                Some(job) if job.answer.is_closed() => {}
                Some(job) => return Some(job),
                None => state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Ends the pool: nothing more comes in, what waits is answered with [`HashError::Stopped`].
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.waiting.clear();
        self.changed.notify_all();
    }

    /// How long the waiting jobs will take, at a pace a small loaded machine keeps: 1 ms per MiB and pass. Measured
    /// are 0.5 to 0.9.
    fn seconds_for(&self, waiting: &VecDeque<Job>) -> u32 {
        let millis: u64 =
            waiting.iter().map(|job| u64::from(job.cost.memory_kib / 1024) * u64::from(job.cost.passes)).sum();
        let workers = u64::try_from(self.workers.get()).unwrap_or(u64::MAX);
        u32::try_from(millis.div_ceil(workers.saturating_mul(1000))).unwrap_or(u32::MAX).max(1)
    }

    /// A panic cannot leave the state half-changed: every change here is one push, pop or flag.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIN: Cost = Cost { memory_kib: 47_104, passes: 1 };

    fn queue(workers: usize, limit: usize) -> Queue {
        Queue::new(NonZeroUsize::new(workers).unwrap(), NonZeroUsize::new(limit).unwrap(), false)
    }

    fn job(name: u8) -> (Job, oneshot::Receiver<[u8; 32]>) {
        let (answer, receiver) = oneshot::channel();
        (Job { secret: Secret::new("483920"), salt: [name; 16], cost: PIN, answer }, receiver)
    }

    #[test]
    fn jobs_come_out_in_the_order_they_came_in() {
        let queue = queue(1, 3);
        let (jobs, _receivers): (Vec<_>, Vec<_>) = (1..=3).map(job).unzip();
        for job in jobs {
            queue.push(job).unwrap();
        }
        queue.wait_until_needed();
        let order: Vec<u8> = (0..3).map(|_| queue.next().unwrap().salt[0]).collect();
        assert_eq!(order, [1, 2, 3]);
    }

    #[test]
    fn a_full_queue_says_when_to_come_back() {
        let queue = queue(2, 32);
        let mut receivers = Vec::new();
        for name in 0..32 {
            let (job, receiver) = job(name);
            queue.push(job).unwrap();
            receivers.push(receiver);
        }
        // 32 jobs of 46 ms on two workers: 736 ms
        assert_eq!(queue.push(job(99).0).unwrap_err(), HashError::Overloaded { retry_after_seconds: 1 });
    }

    #[test]
    fn callers_who_left_make_room_and_are_not_worked_for() {
        let queue = queue(1, 2);
        let (first, first_receiver) = job(1);
        let (second, second_receiver) = job(2);
        queue.push(first).unwrap();
        queue.push(second).unwrap();
        drop(first_receiver);
        let (third, third_receiver) = job(3);
        queue.push(third).unwrap();
        drop(second_receiver);
        assert_eq!(queue.next().unwrap().salt[0], 3, "the second caller has gone while waiting");
        drop(third_receiver);
    }

    #[test]
    fn closing_answers_everyone() {
        let queue = queue(1, 2);
        let (waiting, mut receiver) = job(1);
        queue.push(waiting).unwrap();
        queue.close();
        assert!(queue.next().is_none());
        assert!(receiver.try_recv().is_err());
        assert_eq!(queue.push(job(2).0).unwrap_err(), HashError::Stopped);
        queue.wait_until_needed();
    }
}
