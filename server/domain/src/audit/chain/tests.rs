//! The chain's promise: whatever is done to a log afterwards, the walk finds it, and names the first entry it shows at.

use proptest::{prelude::*, sample::Index};

use super::*;
use crate::{
    audit::{LogAction, LogOutcome},
    ids::{FindingId, RequestId},
};

/// Who it is about (none: nobody), and what was done.
type Spec = (Option<u8>, usize, u8);

fn record((about, action, finding): Spec, n: i64) -> Record<'static> {
    let id = u8::try_from(n % 251).unwrap();
    Record {
        id: AccessLogId::from_bytes([id; 16]),
        resident: about.map(|r| ResidentId::from_bytes([r; 16])),
        at: 1_795_000_000_000_000 + n,
        actor: "staff",
        actor_id: Some([7; 16]),
        organisation: Some([8; 16]),
        action: LogAction::ALL[action % LogAction::ALL.len()].as_str(),
        finding: Some(FindingId::from_bytes([finding; 16])),
        basis: None,
        consent: None,
        outcome: LogOutcome::Done.as_str(),
        request: RequestId::from_bytes([9; 16]),
    }
}

/// A log as the writer makes it.
fn log(specs: &[Spec]) -> (Vec<Linked<'static>>, Position) {
    let mut walk = Walk::from(Position::START, HashMap::new());
    let mut entries = Vec::new();
    for (n, spec) in (1..).zip(specs) {
        let record = record(*spec, n);
        let body = record.body().unwrap();
        let own = record.resident.map(|r| walk.of_resident(r).with_entry(&body));
        let next = walk.at().with_hash(&own.map_or_else(|| alone(&body), |own| own.hash));
        let entry = Linked { seq: next.count, hash: next.hash, own, record };
        walk.step(&entry).unwrap();
        entries.push(entry);
    }
    (entries, walk.at())
}

fn verify(entries: &[Linked<'_>], head: Position) -> Result<(), Flaw> {
    let mut walk = Walk::from(Position::START, HashMap::new());
    entries.iter().try_for_each(|entry| walk.step(entry))?;
    walk.end(head)
}

/// The field of an entry that somebody changes.
fn flip(entry: &mut Linked<'static>, field: usize) {
    match field % 15 {
        0 => entry.record.at += 1,
        1 => entry.record.action = if entry.record.action == "open" { "list" } else { "open" },
        2 => entry.record.outcome = "denied",
        3 => entry.record.actor = "resident",
        4 => entry.record.actor_id = None,
        5 => entry.record.organisation = Some([1; 16]),
        6 => entry.record.finding = None,
        7 => entry.record.basis = Some("own"),
        8 => entry.record.request = RequestId::from_bytes([1; 16]),
        9 => entry.record.id = AccessLogId::from_bytes([255; 16]),
        10 => {
            entry.record.resident =
                if entry.record.resident.is_some() { None } else { Some(ResidentId::from_bytes([99; 16])) };
        }
        11 => entry.record.resident = Some(ResidentId::from_bytes([98; 16])),
        12 => entry.hash[31] ^= 1,
        13 => match &mut entry.own {
            Some(own) => own.hash[0] ^= 128,
            None => entry.own = Some(Position::START),
        },
        _ => match &mut entry.own {
            Some(own) => own.count += 1,
            None => entry.own = Some(Position { count: 1, hash: [1; 32] }),
        },
    }
}

fn renumber(entries: &mut [Linked<'static>]) {
    for (seq, entry) in (1..).zip(entries) {
        entry.seq = seq;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    /// SR-L02: flip, delete, insert, reorder one entry, numbered on or not: the walk says so, and at the right place.
    #[test]
    fn sr_l02_any_single_change_of_a_log_is_found(
        specs in prop::collection::vec((prop::option::weighted(0.8, 0u8..4), any::<usize>(), any::<u8>()), 2..40),
        at in any::<Index>(),
        to in any::<Index>(),
        field in any::<usize>(),
        numbered in any::<bool>(),
    ) {
        let (entries, head) = log(&specs);
        prop_assert_eq!(verify(&entries, head), Ok(()));
        let (k, seq) = (at.index(entries.len()), i64::try_from(at.index(entries.len())).unwrap() + 1);

        let mut flipped = entries.clone();
        flip(&mut flipped[k], field);
        let found = verify(&flipped, head).unwrap_err();
        let here = matches!(found, Flaw::Changed { seq: s, .. } | Flaw::Misnumbered { seq: s, .. } | Flaw::Unlinked { seq: s, .. } if s == seq);
        prop_assert!(here, "flipped {} of {seq}: {found}", field % 15);

        let mut deleted = entries.clone();
        deleted.remove(k);
        if numbered {
            renumber(&mut deleted);
            prop_assert!(verify(&deleted, head).is_err());
        } else if k + 1 < entries.len() {
            prop_assert_eq!(verify(&deleted, head), Err(Flaw::Missing { seq }));
        } else {
            prop_assert_eq!(verify(&deleted, head), Err(Flaw::CutOff { last: seq - 1, count: seq }));
        }

        let mut inserted = entries.clone();
        let mut more = entries[to.index(entries.len())];
        more.record.id = AccessLogId::from_bytes([255; 16]);
        inserted.insert(k, more);
        renumber(&mut inserted);
        prop_assert!(verify(&inserted, head).is_err());

        let other = to.index(entries.len());
        let mut moved = entries.clone();
        moved.swap(k, other);
        renumber(&mut moved);
        prop_assert_eq!(verify(&moved, head).is_err(), k != other);
    }
}

#[test]
fn an_entry_behind_the_end_and_another_end_are_found() {
    let (entries, head) = log(&[(Some(1), 0, 0), (None, 1, 1), (Some(1), 2, 2)]);
    let (_, before) = log(&[(Some(1), 0, 0), (None, 1, 1)]);
    assert_eq!(verify(&entries, before), Err(Flaw::BehindTheEnd { seq: 3 }));
    assert_eq!(verify(&entries, Position { hash: [0; 32], ..head }), Err(Flaw::OtherEnd { seq: 3 }));
}

/// SR-L04: what is left after pruning verifies from the anchor on, and from nowhere else.
#[test]
fn sr_l04_a_pruned_log_verifies_from_its_anchor() {
    let (entries, head) = log(&[(Some(1), 0, 0), (None, 1, 1), (Some(2), 2, 2), (Some(1), 3, 3), (Some(2), 4, 4)]);
    let (gone, left) = entries.split_at(3);
    let mut pruned = Walk::from(Position::START, HashMap::new());
    gone.iter().for_each(|entry| pruned.step(entry).unwrap());
    let residents: HashMap<_, _> = gone.iter().filter_map(|e| Some((e.record.resident?, e.own?))).collect();
    let mut walk = Walk::from(pruned.at(), residents);
    left.iter().for_each(|entry| walk.step(entry).unwrap());
    assert_eq!(walk.end(head), Ok(()));
    assert!(Walk::from(pruned.at(), HashMap::new()).step(&left[0]).is_err());
    assert_eq!(Walk::from(Position::START, HashMap::new()).step(&left[0]), Err(Flaw::Missing { seq: 1 }));
}
