//! What the access log costs: the same reads of the same database by the server as it is, and by one that was built to
//! let content out without an entry. The two take turns in one run.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use serde_json::{Value, json};

use crate::{
    Outcome, Setting,
    engine::Engine,
    http::get,
    load::Load,
    people::Practice,
    report::{Table, median, ms, real, write_json},
    say,
    server::Server,
    usage,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    setting: Setting,
    /// The server without the log: `cargo build --release -p nahraum-server --features
    /// nahraum-store/unlogged-for-measuring`, copied somewhere before the real one is built again.
    #[arg(long)]
    unlogged: PathBuf,
    /// How many residents, with 20 findings of 12 values each.
    #[arg(long, default_value_t = 100)]
    residents: usize,
    /// How long each measurement takes.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How often all of them are repeated, one after the other.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    #[arg(long, default_value_t = 32)]
    connections: usize,
}

const FINDINGS: usize = 20;
const WORKS: [&str; 2] = ["list", "open"];
const PROGRAMS: [&str; 2] = ["logged", "unlogged"];

/// One measurement.
struct Round {
    work: &'static str,
    program: &'static str,
    rate: f64,
    cpu: f64,
    p50: f64,
    p99: f64,
}

/// Measures on every engine.
pub(crate) fn run(options: &Options) -> Outcome<bool> {
    let mut table =
        Table::new(&["engine", "work", "program", "req/s", "p50 ms", "p99 ms", "server CPU µs/req", "cost of logging"]);
    let mut numbers = Vec::new();
    for engine in Engine::all(options.setting.engine) {
        let rounds = measure(options, &engine)?;
        for work in WORKS {
            let of = |program: &str, number: &dyn Fn(&Round) -> f64| {
                median(rounds.iter().filter(|r| r.work == work && r.program == program).map(number))
            };
            let cost = 1.0 - of("logged", &|r| r.rate) / of("unlogged", &|r| r.rate);
            for program in PROGRAMS {
                let (rate, cpu) = (of(program, &|r| r.rate), of(program, &|r| r.cpu));
                let (p50, p99) = (of(program, &|r| r.p50), of(program, &|r| r.p99));
                table.row(vec![
                    engine.name().to_owned(),
                    work.to_owned(),
                    program.to_owned(),
                    format!("{rate:.0}"),
                    format!("{p50:.1}"),
                    format!("{p99:.1}"),
                    format!("{cpu:.0}"),
                    if program == "logged" { format!("{:.0} %", cost * 100.0) } else { String::from("-") },
                ]);
                numbers.push(json!({
                    "engine": engine.name(), "work": work, "program": program, "requests_per_second": rate,
                    "p50_ms": p50, "p99_ms": p99, "cpu_us_per_request": cpu, "cost": cost,
                }));
            }
        }
    }
    table.print()?;
    write_json(options.setting.json.as_deref(), &Value::Array(numbers))?;
    Ok(true)
}

/// Fills one database and lets the two programs serve it in turn.
fn measure(options: &Options, engine: &Engine) -> Outcome<Vec<Round>> {
    let mut server = Server::start(options.setting.server.as_deref(), engine)?;
    say(&format!("{}: {} residents with {FINDINGS} findings each", engine.name(), options.residents));
    let practice = Practice::found(&server)?;
    let residents = practice.residents(options.residents)?;
    let findings = practice.deliver(&residents, FINDINGS)?;
    let lists: Vec<Vec<u8>> = residents.iter().map(|r| get("/v1/findings?limit=20", &r.token)).collect();
    let opens = residents.iter().zip(&findings);
    let opens: Vec<Vec<u8>> = opens
        .flat_map(|(r, ids)| ids.iter().map(|id| get(&format!("/v1/findings/{id}"), &r.token)).collect::<Vec<_>>())
        .collect();
    let logged = server.program().to_owned();
    let mut rounds = Vec::new();
    for round in 1..=options.rounds {
        for program in PROGRAMS {
            server.kill()?;
            server.set_program(if program == "logged" { &logged } else { &options.unlogged })?;
            server.restart()?;
            for (work, requests) in WORKS.into_iter().zip([&lists, &opens]) {
                let done = one(options, &server, work, program, requests)?;
                say(&format!("{}: round {round}: {program} {work}: {:.0}/s", engine.name(), done.rate));
                rounds.push(done);
            }
        }
    }
    Ok(rounds)
}

fn one(
    options: &Options,
    server: &Server,
    work: &'static str,
    program: &'static str,
    requests: &[Vec<u8>],
) -> Outcome<Round> {
    let load = |duration| Load { address: server.address, connections: options.connections, duration, requests };
    load(Duration::from_secs(1)).run()?;
    let before = usage::cpu(server.pid()?)?;
    let measured = load(Duration::from_secs(options.seconds)).run()?;
    let cpu = usage::cpu(server.pid()?)?.saturating_sub(before);
    let count = real(measured.completed().max(1));
    Ok(Round {
        work,
        program,
        rate: count / measured.elapsed.as_secs_f64(),
        cpu: cpu.as_secs_f64() * 1e6 / count,
        p50: ms(measured.quantile(500)),
        p99: ms(measured.quantile(990)),
    })
}
