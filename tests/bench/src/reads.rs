//! The list and one finding, beside a bare program that reads the same rows of the same database in the same run.

use std::{process::Child, time::Duration};

use clap::Args;
use serde_json::{Value, json};

use crate::{
    Outcome, Setting, child,
    engine::Engine,
    http::{Client, at, get},
    load::{Load, Measured},
    paper::VALUES,
    people::Practice,
    report::{Table, median, mib, ms, real, write_json},
    say,
    server::Server,
    usage,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    setting: Setting,
    /// How many residents, with 20 findings of 12 values each.
    #[arg(long, default_value_t = 200)]
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

/// One thing to measure: which program is asked, and what.
struct Case {
    work: &'static str,
    program: &'static str,
    pid: u32,
    address: std::net::SocketAddr,
    requests: Vec<Vec<u8>>,
    rounds: Vec<Round>,
}

/// One measurement.
struct Round {
    measured: Measured,
    cpu: Duration,
    database_cpu: Option<Duration>,
    resident_kib: u64,
}

/// The medians of a case over its rounds.
struct Medians {
    rate: f64,
    slowest: f64,
    fastest: f64,
    p50: f64,
    p99: f64,
    cpu: f64,
    database_cpu: Option<f64>,
    resident: f64,
}

/// The bare program; ends with the value.
struct Bare(Child);

impl Drop for Bare {
    fn drop(&mut self) {
        // Nothing more can be done about one that does not go.
        let _stays = child::end(&mut self.0).is_err();
    }
}

/// Measures on every engine.
pub(crate) fn run(options: &Options) -> Outcome<bool> {
    let mut table = Table::new(&[
        "engine",
        "work",
        "program",
        "req/s (rounds)",
        "p50 ms",
        "p99 ms",
        "CPU µs/req",
        "database µs/req",
        "RSS MiB",
        "rate / bare",
        "CPU / bare",
    ]);
    let mut numbers = Vec::new();
    for engine in Engine::all(options.setting.engine) {
        let cases = measure(options, &engine, &mut numbers)?;
        for pair in cases.chunks(2) {
            let [ours, bare] = pair else { return Err("each case has its bare one".into()) };
            let (left, right) = (ours.medians(), bare.medians());
            for (case, medians) in [(ours, &left), (bare, &right)] {
                table.row(medians.cells(engine.name(), case, &right));
                numbers.push(medians.json(engine.name(), case, &right));
            }
        }
    }
    table.print()?;
    write_json(options.setting.json.as_deref(), &Value::Array(numbers))?;
    Ok(true)
}

/// Fills a server and measures it in turn with the bare program.
fn measure(options: &Options, engine: &Engine, numbers: &mut Vec<Value>) -> Outcome<Vec<Case>> {
    let mut server = Server::start(options.setting.server.as_deref(), engine)?;
    say(&format!("{}: {} residents with {FINDINGS} findings each", engine.name(), options.residents));
    let practice = Practice::found(&server)?;
    let residents = practice.residents(options.residents)?;
    let findings = practice.deliver(&residents, FINDINGS)?;
    // A server that has just come up and has nothing of the filling in its memory.
    server.kill()?;
    let ready = server.restart()?;
    let idle = usage::resident_kib(server.pid()?)?;
    say(&format!("{}: ready after {:.0} ms, {:.1} MiB idle", engine.name(), ms(ready), mib(idle)));
    numbers.push(json!({"engine": engine.name(), "start_to_ready_ms": ms(ready), "idle_rss_mib": mib(idle)}));

    let bare_address = child::free_address()?;
    let (address_text, program) = (bare_address.to_string(), std::env::current_exe()?);
    let arguments = ["bare", "--address", &address_text, "--database", &server.database];
    let bare = Bare(child::start(&program, &arguments, &server.path("bare.log"), bare_address, "/")?.0);

    let case =
        |work, program, pid, address, requests| Case { work, program, pid, address, requests, rounds: Vec::new() };
    let lists = residents.iter().map(|resident| get("/v1/findings?limit=20", &resident.token)).collect();
    let opens = residents.iter().zip(&findings);
    let opens = opens.flat_map(|(resident, ids)| {
        ids.iter().map(|id| get(&format!("/v1/findings/{id}"), &resident.token)).collect::<Vec<_>>()
    });
    let bare_lists = residents.iter().map(|resident| get(&format!("/list/{}", resident.id), "")).collect();
    let bare_opens = findings.iter().flatten().map(|id| get(&format!("/open/{id}"), "")).collect();
    let (pid, bare_pid) = (server.pid()?, bare.0.id());
    let mut cases = vec![
        case("list", "nahraum", pid, server.address, lists),
        case("list", "bare", bare_pid, bare_address, bare_lists),
        case("open", "nahraum", pid, server.address, opens.collect()),
        case("open", "bare", bare_pid, bare_address, bare_opens),
    ];
    for case in &cases {
        case.check()?;
        case.load(options.connections, Duration::from_secs(1)).run()?;
    }
    for round in 1..=options.rounds {
        for case in &mut cases {
            case.measure(options, engine.server_pid())?;
            let rate = case.rounds.last().map(Round::rate).unwrap_or_default();
            say(&format!("{}: round {round}: {} {}: {rate:.0}/s", engine.name(), case.program, case.work));
        }
    }
    Ok(cases)
}

impl Case {
    const fn load(&self, connections: usize, duration: Duration) -> Load<'_> {
        Load { address: self.address, connections, duration, requests: self.requests.as_slice() }
    }

    /// Before anything is measured: whether the first answer is what it should be.
    fn check(&self) -> Outcome<()> {
        let request = self.requests.first().ok_or("nothing to ask")?;
        let answer = Client::new(self.address).exchange(request)?.expect(200)?.json()?;
        let entries = |pointer| at(&answer, pointer).as_array().map(Vec::len);
        let sound = match (self.work, self.program) {
            ("list", "bare") => entries("") == Some(FINDINGS),
            ("list", _) => entries("/items") == Some(FINDINGS),
            (_, "bare") => *at(&answer, "/finding/value_count") == VALUES,
            (_, _) => entries("/values") == Some(VALUES),
        };
        if sound { Ok(()) } else { Err(format!("{} does not {} what was uploaded", self.program, self.work).into()) }
    }

    fn measure(&mut self, options: &Options, database: Option<u32>) -> Outcome<()> {
        let database_cpu = || database.map(usage::cpu_of_family).transpose();
        let (before, database_before) = (usage::cpu(self.pid)?, database_cpu()?);
        let measured = self.load(options.connections, Duration::from_secs(options.seconds)).run()?;
        let database_after = database_cpu()?;
        self.rounds.push(Round {
            measured,
            cpu: usage::cpu(self.pid)?.saturating_sub(before),
            database_cpu: database_after.zip(database_before).map(|(after, before)| after.saturating_sub(before)),
            resident_kib: usage::resident_kib(self.pid)?,
        });
        Ok(())
    }

    fn medians(&self) -> Medians {
        let of = |number: &dyn Fn(&Round) -> f64| median(self.rounds.iter().map(number));
        let rates = || self.rounds.iter().map(Round::rate);
        let has_database = self.rounds.iter().all(|round| round.database_cpu.is_some());
        let database_cpu = |round: &Round| round.per_request(round.database_cpu.unwrap_or_default());
        Medians {
            rate: median(rates()),
            slowest: rates().fold(f64::INFINITY, f64::min),
            fastest: rates().fold(0.0, f64::max),
            p50: of(&|round| ms(round.measured.quantile(500))),
            p99: of(&|round| ms(round.measured.quantile(990))),
            cpu: of(&|round| round.per_request(round.cpu)),
            database_cpu: has_database.then(|| of(&database_cpu)),
            resident: of(&|round| mib(round.resident_kib)),
        }
    }
}

impl Round {
    fn rate(&self) -> f64 {
        real(self.measured.completed()) / self.measured.elapsed.as_secs_f64()
    }

    /// Microseconds a request.
    fn per_request(&self, cpu: Duration) -> f64 {
        cpu.as_secs_f64() * 1e6 / real(self.measured.completed().max(1))
    }
}

impl Medians {
    /// CPU of the program and of the database's own process.
    fn whole_cpu(&self) -> f64 {
        self.cpu + self.database_cpu.unwrap_or_default()
    }

    fn cells(&self, engine: &str, case: &Case, bare: &Self) -> Vec<String> {
        vec![
            engine.to_owned(),
            case.work.to_owned(),
            case.program.to_owned(),
            format!("{:.0} ({:.0}-{:.0})", self.rate, self.slowest, self.fastest),
            format!("{:.1}", self.p50),
            format!("{:.1}", self.p99),
            format!("{:.0}", self.cpu),
            self.database_cpu.map_or_else(|| String::from("-"), |cpu| format!("{cpu:.0}")),
            format!("{:.0}", self.resident),
            format!("{:.2}", self.rate / bare.rate),
            format!("{:.2}", self.whole_cpu() / bare.whole_cpu()),
        ]
    }

    fn json(&self, engine: &str, case: &Case, bare: &Self) -> Value {
        json!({
            "engine": engine, "work": case.work, "program": case.program,
            "requests_per_second": self.rate, "slowest_round": self.slowest, "fastest_round": self.fastest,
            "p50_ms": self.p50, "p99_ms": self.p99, "cpu_us_per_request": self.cpu,
            "database_cpu_us_per_request": self.database_cpu, "rss_mib": self.resident,
            "rate_ratio_to_bare": self.rate / bare.rate, "cpu_ratio_to_bare": self.whole_cpu() / bare.whole_cpu(),
        })
    }
}
