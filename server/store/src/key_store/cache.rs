//! Keys that were unwrapped a moment ago: a request needs one or two of them, and most requests the same ones.
//!
//! Entries live for a minute by the unit of work's clock, so that a key which another process has destroyed is not usable
//! for long, and there are never more than ten thousand.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use nahraum_secrets::SubjectKey;

use super::Subject;

const LIFETIME: SignedDuration = SignedDuration::from_secs(60);
const MOST: usize = 10_000;

/// See the module's text.
#[derive(Default)]
pub(super) struct Cache(Mutex<HashMap<Subject, (Timestamp, Arc<SubjectKey>)>>);

impl Cache {
    pub(super) fn get(&self, subject: Subject, now: Timestamp) -> Option<Arc<SubjectKey>> {
        self.entries().get(&subject).filter(|(since, _)| is_fresh(*since, now)).map(|(_, key)| Arc::clone(key))
    }

    pub(super) fn put(&self, subject: Subject, key: SubjectKey, now: Timestamp) -> Arc<SubjectKey> {
        let key = Arc::new(key);
        let mut entries = self.entries();
        if entries.len() >= MOST {
            entries.retain(|_, (since, _)| is_fresh(*since, now));
        }
        if entries.len() >= MOST {
            entries.clear();
        }
        entries.insert(subject, (now, Arc::clone(&key)));
        key
    }

    pub(super) fn drop_key(&self, subject: Subject) {
        self.entries().remove(&subject);
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<Subject, (Timestamp, Arc<SubjectKey>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clock that was set back must not keep a key alive either.
fn is_fresh(since: Timestamp, now: Timestamp) -> bool {
    since <= now && now.duration_since(since) < LIFETIME
}

#[cfg(test)]
mod tests {
    use nahraum_domain::ids::ResidentId;
    use nahraum_secrets::SeededRandom;

    use super::*;

    #[test]
    fn a_key_is_kept_for_a_minute_and_the_cache_stays_small() {
        let cache = Cache::default();
        let random = SeededRandom::new(1);
        let at = |second| Timestamp::from_second(second).unwrap();
        let somebody = |n: u32| {
            let mut id = [0; 16];
            id[..4].copy_from_slice(&n.to_be_bytes());
            Subject::Resident(ResidentId::from_bytes(id))
        };
        cache.put(Subject::House, SubjectKey::generate(&random), at(100));
        assert!(cache.get(Subject::House, at(100)).is_some());
        assert!(cache.get(Subject::House, at(159)).is_some());
        assert!(cache.get(Subject::House, at(160)).is_none());
        assert!(cache.get(Subject::House, at(99)).is_none());
        for n in 0..20_000 {
            cache.put(somebody(n), SubjectKey::generate(&random), at(120));
            assert!(cache.entries().len() <= MOST);
        }
        assert!(cache.get(somebody(19_999), at(121)).is_some());
        cache.drop_key(somebody(19_999));
        assert!(cache.get(somebody(19_999), at(121)).is_none());
    }
}
