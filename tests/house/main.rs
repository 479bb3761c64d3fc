//! The behaviour suite: what people were promised, proven through the public door of the real program on both engines.
//!
//! `cargo test -p nahraum-server --test house`, with the usual filters: `… --test house -- sqlite::activation`. Each
//! test runs once per engine. PostgreSQL is taken from `NAHRAUM_TEST_POSTGRES_URL` or from the machine; without one its
//! half is left out and said so, or fails when `NAHRAUM_TEST_REQUIRE_POSTGRES` is set. The program is also the mail
//! relay of its own tests (`smtp-sink`), because a relay must be a process of its own to be worth trusting.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a failing test panics, and it waits and measures in real time"
)]

mod agent;
mod behind;
mod contract;
mod district;
mod house;
mod http;
mod paper;
mod people;
mod phone;
mod processes;
mod push_service;
mod raw;
mod secure;
mod server;
mod sql;
mod worker;

#[path = "../support/pg_cluster.rs"]
mod pg_cluster;
#[path = "../support/proof_maker.rs"]
mod proof_maker;
#[path = "../support/smtp_sink.rs"]
mod smtp_sink;
#[path = "../support/soft_passkey.rs"]
#[expect(dead_code, reason = "other crates test more with it")]
mod soft_passkey;

mod rooms;

use std::{process::ExitCode, sync::Arc};

use house::{Engine, House};
use libtest_mimic::{Arguments, Trial};
use pg_cluster::Cluster;

/// A test.
pub(crate) type Test = fn(&House);

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("smtp-sink") {
        let ended = smtp_sink::main_loop(arguments);
        return if ended.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let mut arguments = Arguments::from_args();
    // Most tests wait for the server, and some for the clock.
    arguments.test_threads.get_or_insert(4);
    let cluster = if arguments.list { None } else { Cluster::start().map(Arc::new) };
    let tests = rooms::all();
    let mut houses = vec![Arc::new(House::new(Engine::Sqlite, None))];
    if cluster.is_some() || arguments.list {
        houses.push(Arc::new(House::new(Engine::Postgres, cluster)));
    } else {
        let missing = format!("there is no PostgreSQL here: {} tests were not run", tests.len());
        eprintln!("house: {missing}");
        if std::env::var_os("NAHRAUM_TEST_REQUIRE_POSTGRES").is_some() {
            return ExitCode::FAILURE;
        }
    }
    let trials = houses.iter().flat_map(|house| tests.iter().map(|(name, test)| trial(house, name, *test))).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    let breaches = contract::all_breaches();
    if !breaches.is_empty() {
        let list: Vec<String> = breaches.into_iter().collect();
        eprintln!("house: answers that break the contract:\n{}", list.join("\n"));
        return ExitCode::FAILURE;
    }
    let told = houses.iter().filter_map(|house| house.shared()).flat_map(|server| rooms::logs::told_by(&server.log()));
    let told: Vec<String> = told.collect();
    if !told.is_empty() {
        eprintln!("house: the shared servers' logs say what no log may say:\n{}", told.join("\n"));
        return ExitCode::FAILURE;
    }
    conclusion.exit_code()
}

fn trial(house: &Arc<House>, name: &str, test: Test) -> Trial {
    let house = Arc::clone(house);
    Trial::test(format!("{}::{name}", house.engine.name()), move || {
        drop(contract::breaches_of_this_test());
        test(&house);
        let breaches = contract::breaches_of_this_test();
        if breaches.is_empty() { Ok(()) } else { Err(format!("answers that break the contract: {breaches:#?}").into()) }
    })
}
