//! What rules decide when there are very many of them, and how long that takes.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use jiff::{SignedDuration, civil::date};
use nahraum_domain::{
    access::Actor,
    consent::{Item, Right, Sensitivity, Verdict},
    ids::{FindingId, PracticeId, RequestId},
    kdl::FindingKind,
};
use nahraum_secrets::{RootSecret, SeededRandom};

use super::*;
use crate::{
    Store, accounts,
    db::{Schema, tests::Sample},
    store::Moment,
};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
/// How many rules one resident has here: as many as one can have.
const EACH: usize = 200;

fn organisation(n: usize) -> OrganisationId {
    let mut bytes = [7; 16];
    bytes[8..].copy_from_slice(&n.to_be_bytes());
    OrganisationId::from_bytes(bytes)
}

fn moment() -> Moment {
    Moment { now: NOW + SignedDuration::from_secs(1), request: RequestId::new(NOW, [1; 10]) }
}

fn rule(n: usize, kinds: Option<BTreeSet<&'static str>>) -> NewRule {
    NewRule {
        effect: Effect::Permit,
        purpose: Purpose::Treatment,
        recipient: Recipient::Organisation(organisation(n)),
        data: Data { kinds, ..Data::default() },
        rights: Rights::default(),
        period: Period { from: NOW, until: None },
        called: Some("Kanarie".to_owned()),
        recipient_called: None,
        reason: None,
        text: None,
        representation: None,
    }
}

/// Residents with as many rules as one can have, each for another organisation.
fn filled(store: &Store, rules: usize) -> Vec<ResidentId> {
    let residents = (rules / EACH).max(1);
    (0..residents)
        .map(|_| {
            let made: Result<ResidentId, StoreError> = store.write_blocking(moment(), |tx| {
                let resident = accounts::create(tx, "de")?;
                let caller = Caller::new(Actor::Resident(resident), None);
                for n in 0..EACH {
                    let kinds = (!n.is_multiple_of(2)).then(|| BTreeSet::from([FindingKind::Letter.as_str()]));
                    make(tx, &caller, &rule(n, kinds))?;
                }
                Ok(resident)
            });
            made.unwrap()
        })
        .collect()
}

/// A reader of the organisation with this number, and a laboratory report.
fn asked(store: &Store, resident: ResidentId, n: usize) -> (Verdict, Duration) {
    let practice = PracticeId::from_bytes(*organisation(n).as_bytes());
    let actor = Actor::Staff { staff: StaffId::from_bytes([9; 16]), practice };
    let item = Item {
        id: FindingId::from_bytes([3; 16]),
        kind: FindingKind::Laboratory,
        author: PracticeId::from_bytes([4; 16]),
        date: date(2026, 11, 27),
        sensitivity: Sensitivity::Normal,
    };
    let decided: Result<_, StoreError> = store.read_blocking(moment(), |tx| {
        let caller = Caller::new(actor, None);
        #[expect(clippy::disallowed_methods, reason = "it measures")]
        let begun = std::time::Instant::now();
        let (verdict, _) = rules::verdict(tx, &caller, Some(resident), Right::View, &item)?;
        Ok((verdict, begun.elapsed()))
    });
    decided.unwrap()
}

/// Every second organisation was let in to letters only. With `NAHRAUM_MEASURE=100000` it says how long a decision takes
/// among so many rules (`docs/performance.md`); nothing is asserted about that.
#[test]
#[expect(clippy::disallowed_methods, reason = "how many rules is the measurement's own affair")]
fn a_decision_among_very_many_rules_is_that_of_its_own_rule() {
    let rules = std::env::var("NAHRAUM_MEASURE").ok().and_then(|n| n.parse().ok()).unwrap_or(2 * EACH);
    let (main, keys) = (Sample::sqlite_of(Schema::Main), Sample::sqlite_of(Schema::Keys));
    let random = Arc::new(SeededRandom::new(1));
    let secrets = RootSecret::from_random(&*random).keys();
    let store = Store::open(&main.config, &keys.config, secrets, random).unwrap();
    store.migrate().unwrap();
    let residents = filled(&store, rules);
    let mut took = Vec::new();
    for round in 0..10 {
        for (at, resident) in residents.iter().enumerate() {
            let n = (at * 31 + round * 17) % (EACH + 10);
            let (verdict, time) = asked(&store, *resident, n);
            assert_eq!(verdict.is_permitted(), n < EACH && n.is_multiple_of(2), "organisation {n}");
            took.push(time);
        }
    }
    took.sort();
    let part = |of_thousand: usize| took[(took.len() * of_thousand / 1000).min(took.len() - 1)];
    println!(
        "{rules} rules, {} decisions: p50 {:?}, p99 {:?}, longest {:?}",
        took.len(),
        part(500),
        part(990),
        part(1000)
    );
}
