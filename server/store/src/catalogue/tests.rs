//! What the feed tells while others write, and what finding costs in a small and a large catalogue.

use std::{
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use diesel::{connection::SimpleConnection as _, insert_into, prelude::*};
use jiff::civil::date;
use nahraum_domain::{
    ids::{OrganisationId, RequestId},
    offers::{OfferKind, places::Position},
    organisations::OrganisationKind,
};
use nahraum_secrets::{RootSecret, SeededRandom};

use super::*;
use crate::{
    Moment, Store, System,
    db::types::{Day, Instant, Sql},
    db::{
        Schema,
        tests::{Sample, both_of},
    },
    freshness,
    offers::feed,
    organisations,
    schema::places,
    schema::{offer_texts, offer_topics, offer_words, offers as rows},
};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn moment() -> Moment {
    Moment { now: NOW, request: RequestId::new(NOW, [1; 10]) }
}

fn store(main: &Sample, keys: &Sample) -> Store {
    let random = Arc::new(SeededRandom::new(1));
    let secrets = RootSecret::from_random(&*random).keys();
    let store = Store::open(&main.config, &keys.config, secrets, random).unwrap();
    store.migrate().unwrap();
    store
}

fn organisation(tx: &mut Tx<'_>) -> OrganisationId {
    organisations::create(tx, &System::because("a test"), OrganisationKind::Kiosk, "Kanarie").unwrap()
}

/// The id of the offer with this number. A number spread over the id, as time and chance spread those that are made.
fn offer_id(n: i32) -> OfferId {
    let mut bytes = [7; 16];
    bytes[..4].copy_from_slice(&n.to_be_bytes());
    OfferId::from_bytes(bytes)
}

fn topic(n: i32) -> &'static str {
    if n % 1_000 == 11 {
        return "sleep";
    }
    ["movement", "diabetes", "heart", "teeth"][usize::try_from(n % 4).unwrap()]
}

/// Puts one public offer there, with a place of its own on a grid around Hamburg, and a date of its own.
fn offer(tx: &mut Tx<'_>, organisation: OrganisationId, n: i32) {
    let id = Sql(offer_id(n));
    let place = Sql(PlaceId::from_bytes(*offer_id(n).as_bytes()));
    insert_into(places::table)
        .values((
            places::id.eq(place),
            places::organisation_id.eq(Sql(organisation)),
            (places::name.eq("Kanarienhaus"), places::street.eq("Weg 1"), places::postcode.eq("20999")),
            places::city.eq("Hamburg"),
            (
                places::latitude.eq(Some(53_400_000 + n % 447 * 900)),
                places::longitude.eq(Some(9_700_000 + n / 447 * 1_500)),
            ),
            places::address_visibility.eq("public"),
            (places::wheelchair.eq("yes"), places::toilet.eq("no"), places::step_free.eq(1)),
            places::created_at.eq(Instant::from(NOW)),
        ))
        .execute(tx.conn())
        .unwrap();
    insert_into(rows::table)
        .values((
            (rows::id.eq(id), rows::organisation_id.eq(Sql(organisation)), rows::place_id.eq(Some(place))),
            (rows::kind.eq(OfferKind::ALL[usize::try_from(n % 10).unwrap()].as_str()), rows::sensitivity.eq("normal")),
            (rows::status.eq("published"), rows::language.eq("de"), rows::text_rev.eq(1), rows::revision.eq(1)),
            (rows::cost.eq("free"), rows::registration.eq("none"), rows::waiting_list.eq(0), rows::interpreter.eq(0)),
            (rows::online.eq(0), rows::created_at.eq(Instant::from(NOW)), rows::sunk.eq(0)),
            rows::verify_due.eq(Some(Day::from(date(1970, 6, 1)))),
            rows::next_at.eq(i64::from(n.reverse_bits() >> 1)),
        ))
        .execute(tx.conn())
        .unwrap();
    insert_into(offer_texts::table)
        .values((
            (offer_texts::offer_id.eq(id), offer_texts::language.eq("de"), offer_texts::title.eq(format!("Kurs {n}"))),
            (offer_texts::summary.eq("x"), offer_texts::body.eq("x"), offer_texts::how_to_come.eq("")),
            (offer_texts::made_from_rev.eq(1), offer_texts::origin.eq("human")),
            offer_texts::written_at.eq(Instant::from(NOW)),
        ))
        .execute(tx.conn())
        .unwrap();
    insert_into(offer_topics::table)
        .values((offer_topics::offer_id.eq(id), offer_topics::topic.eq(topic(n))))
        .execute(tx.conn())
        .unwrap();
    for word in ["kurs".to_owned(), format!("wort{}", n % 1_000)] {
        insert_into(offer_words::table)
            .values((
                (offer_words::word.eq(word), offer_words::offer_id.eq(id)),
                (offer_words::language.eq("de"), offer_words::weight.eq(3)),
            ))
            .execute(tx.conn())
            .unwrap();
    }
}

/// OpenActive's feeds have this race: one writer draws 1, another draws 2 and commits, a reader passes, the first commits. Whoever had
/// seen 2 would never see 1.
#[test]
fn a_reader_between_two_open_transactions_misses_nothing() {
    for (main, keys) in both_of(Schema::Main).iter().zip(&both_of(Schema::Keys)) {
        let store = store(main, keys);
        let made: Result<_, StoreError> = store.write_blocking(moment(), |tx| {
            let organisation = organisation(tx);
            (1..=2).for_each(|n| offer(tx, organisation, n));
            Ok(())
        });
        made.unwrap();
        let (drawn, has_drawn) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel();
        let read = |after: i64| {
            let found: Result<_, StoreError> = store.read_blocking(moment(), |tx| changes(tx, after, 50));
            found.unwrap().into_iter().map(|change| (change.seq, change.id)).collect::<Vec<_>>()
        };
        thread::scope(|scope| {
            let store = &store;
            scope.spawn(move || {
                let mut first = true;
                let done: Result<(), StoreError> = store.write_blocking(moment(), |tx| {
                    feed::touch(tx, offer_id(1))?;
                    if std::mem::take(&mut first) {
                        drawn.send(()).unwrap();
                        may_go_on.recv().unwrap();
                    }
                    Ok(())
                });
                done.unwrap();
            });
            has_drawn.recv().unwrap();
            let second = scope.spawn(move || {
                let done: Result<(), StoreError> = store.write_blocking(moment(), |tx| feed::touch(tx, offer_id(2)));
                done.unwrap();
            });
            // The second writer waits: it cannot overtake, however long the reader looks.
            thread::sleep(Duration::from_millis(200));
            assert!(!second.is_finished());
            assert_eq!(read(0), []);
            go_on.send(()).unwrap();
        });
        let all = read(0);
        assert_eq!(all.iter().map(|(_, id)| *id).collect::<std::collections::HashSet<_>>().len(), 2);
        let (last, _) = all[1];
        assert!(all[0].0 < last);
        assert_eq!(read(last), []);
    }
}

/// What a round of the job costs that finds nothing to do, which is nearly every one.
#[expect(clippy::disallowed_methods, reason = "it measures")]
fn measure_a_quiet_round(store: &Store, engine: &str, many: i32) {
    let system = System::because("a test");
    let mut took = Vec::new();
    for _ in 0..20 {
        let begun = std::time::Instant::now();
        let round: Result<_, StoreError> = store.write_blocking(moment(), |tx| {
            let sunk = freshness::sink(tx, &system, 100)?;
            Ok((sunk, freshness::archive(tx, &system, 100)?, freshness::write_mails(tx, &system, 100, true)?))
        });
        took.push(begun.elapsed());
        assert_eq!(round.unwrap(), (0, 0, 0));
    }
    took.sort();
    println!("{engine}, {many} offers, a round with nothing due: p50 {:?}, longest {:?}", took[10], took[19]);
}

/// A round of the job is bounded, and what one leaves the next one takes.
#[test]
fn a_round_takes_so_many_offers_and_no_more() {
    for (main, keys) in both_of(Schema::Main).iter().zip(&both_of(Schema::Keys)) {
        let store = store(main, keys);
        let made: Result<(), StoreError> = store.write_blocking(moment(), |tx| {
            let organisation = organisation(tx);
            (0..5).for_each(|n| offer(tx, organisation, n));
            Ok(())
        });
        made.unwrap();
        let later = Moment { now: "1970-08-01T00:00:00Z".parse().unwrap(), ..moment() };
        let system = System::because("a test");
        for expected in [2, 2, 1, 0] {
            let sunk: Result<_, StoreError> = store.write_blocking(later, |tx| freshness::sink(tx, &system, 2));
            assert_eq!(sunk.unwrap(), expected);
        }
        for expected in [3, 2, 0] {
            let gone: Result<_, StoreError> = store.write_blocking(later, |tx| freshness::archive(tx, &system, 3));
            assert_eq!(gone.unwrap(), expected);
        }
        let feed: Result<_, StoreError> = store.read_blocking(later, |tx| changes(tx, 0, 50));
        let feed = feed.unwrap();
        assert!(feed.len() == 5 && feed.iter().all(|change| change.listed.is_none()));
    }
}

/// With `NAHRAUM_MEASURE=20000` (and `2000`, `200000`) it says how long finding takes among so many offers (`docs/performance.md`);
/// nothing is asserted about that.
#[test]
#[expect(clippy::disallowed_methods, reason = "how many offers is the measurement's own affair, and it measures")]
fn what_is_found_is_what_is_asked_for_in_a_catalogue_of_any_size() {
    let many: i32 = std::env::var("NAHRAUM_MEASURE").ok().and_then(|n| n.parse().ok()).unwrap_or(400);
    for (main, keys) in both_of(Schema::Main).iter().zip(&both_of(Schema::Keys)) {
        let store = store(main, keys);
        let organisation: Result<_, StoreError> = store.write_blocking(moment(), |tx| Ok(organisation(tx)));
        let organisation = organisation.unwrap();
        for from in (0..many).step_by(1_000) {
            let made: Result<(), StoreError> = store.write_blocking(moment(), |tx| {
                (from..many.min(from + 1_000)).for_each(|n| offer(tx, organisation, n));
                Ok(())
            });
            made.unwrap();
        }
        let engine = if main.is_postgres() { "PostgreSQL" } else { "SQLite" };
        if main.is_postgres() {
            // What a database that has been up for a minute has done by itself.
            let told: Result<_, StoreError> =
                store.write_blocking(moment(), |tx| Ok(tx.conn().batch_execute("ANALYZE")?));
            told.unwrap();
        }
        let here = Position::of_millionths(53_500_000, 9_700_000);
        let filters = [
            ("list", Filter::default()),
            ("topic", Filter { topics: vec!["heart".into()], ..Filter::default() }),
            ("rare topic", Filter { topics: vec!["sleep".into()], ..Filter::default() }),
            ("near, 1 km", Filter { near: Some((here, 1_000)), ..Filter::default() }),
            (
                "near, topic, 3 km",
                Filter { near: Some((here, 3_000)), topics: vec!["heart".into()], ..Filter::default() },
            ),
            ("words, 3 km", Filter { near: Some((here, 3_000)), words: vec!["kurs".into()], ..Filter::default() }),
            ("words", Filter { words: vec!["kurs".into(), "wort7".into()], ..Filter::default() }),
        ];
        for (name, filter) in filters {
            let mut took = Vec::new();
            let mut found = Vec::new();
            for _ in 0..20 {
                let begun = std::time::Instant::now();
                let page: Result<_, StoreError> = store.read_blocking(moment(), |tx| find(tx, &filter, None, 20));
                took.push(begun.elapsed());
                found = page.unwrap();
            }
            took.sort();
            println!(
                "{engine}, {many} offers, {name}: {} found, p50 {:?}, longest {:?}",
                found.len(),
                took[10],
                took[19]
            );
            assert!(found.is_sorted_by_key(|found| found.mark), "{name}");
            assert!(
                found.iter().all(|found| filter.topics.is_empty() || filter.topics == found.listed.offer.facts.topics)
            );
            if let Some((_, metres)) = filter.near {
                assert!(found.iter().all(|found| found.metres.is_some_and(|far| far <= metres)), "{name}");
            }
            assert!(!found.is_empty(), "{name}");
        }
        measure_a_quiet_round(&store, engine, many);
    }
}
