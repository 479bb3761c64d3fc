//! How many copies of everything are made at once. Each reads for minutes and costs some memory, so there are few.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use nahraum_domain::ids::ResidentId;

use crate::{App, Refusal};

/// For one resident at once: an app that asks again before the server has noticed that its first connection broke.
const OF_ONE: usize = 2;

/// For all residents at once, in one process.
const OF_ALL: usize = 4;

/// After how many seconds it is worth asking again.
const WAIT: u32 = 30;

/// How long a copy may take. Whoever loads slower than that has no connection that it could come over.
pub(super) const LONGEST: SignedDuration = SignedDuration::from_hours(2);

/// The copies that are under way.
#[derive(Debug, Default)]
pub(crate) struct Running(Mutex<Places>);

/// The places that are taken: whose, since when, and the number of each; and the last number that was given.
#[derive(Debug, Default)]
struct Places {
    last: u64,
    taken: Vec<(ResidentId, Timestamp, u64)>,
}

impl Running {
    /// Takes a place.
    fn enter(&self, resident: ResidentId, now: Timestamp) -> Result<u64, Refusal> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Places { last, taken } = &mut *all;
        taken.retain(|(_, since, _)| now.duration_since(*since) < LONGEST);
        if taken.iter().filter(|(whose, ..)| *whose == resident).count() >= OF_ONE {
            let later = now.checked_add(SignedDuration::from_secs(i64::from(WAIT)));
            return Err(later.map_or(Refusal::Internal, Refusal::TryLater));
        }
        if taken.len() >= OF_ALL {
            return Err(Refusal::Overloaded { retry_after_seconds: WAIT });
        }
        *last = last.wrapping_add(1);
        taken.push((resident, now, *last));
        Ok(*last)
    }

    fn leave(&self, place: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).taken.retain(|(.., number)| *number != place);
    }
}

/// One of the places, for as long as it lives.
pub(super) struct Place {
    app: App,
    number: u64,
}

impl Place {
    /// Takes one.
    ///
    /// # Errors
    /// [`Refusal::TryLater`] when the resident has as many as one may, [`Refusal::Overloaded`] when there is none left.
    pub(super) fn take(app: &App, resident: ResidentId, now: Timestamp) -> Result<Self, Refusal> {
        let number = app.exports().enter(resident, now)?;
        Ok(Self { app: app.clone(), number })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.app.exports().leave(self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + second).unwrap()
    }

    #[test]
    fn one_resident_has_two_places_and_all_have_four() {
        let running = Running::default();
        let resident = |n| ResidentId::from_bytes([n; 16]);
        let first = running.enter(resident(1), at(0)).unwrap();
        running.enter(resident(1), at(0)).unwrap();
        assert!(matches!(running.enter(resident(1), at(0)), Err(Refusal::TryLater(_))));
        running.leave(first);
        running.enter(resident(1), at(0)).unwrap();
        running.enter(resident(2), at(0)).unwrap();
        running.enter(resident(2), at(0)).unwrap();
        assert!(matches!(running.enter(resident(3), at(0)), Err(Refusal::Overloaded { .. })));
        // Who never reads on keeps nobody out for longer than a copy may take.
        running.enter(resident(3), at(LONGEST.as_secs())).unwrap();
    }
}
