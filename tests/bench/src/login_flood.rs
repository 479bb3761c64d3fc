//! Many sign-ins at once. Hashing a password is meant to be dear, so a flood of them must neither eat the memory nor
//! keep anyone else waiting, and who is turned away must be told when to come back.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

use clap::Args;
use serde_json::{Value, json};

use crate::{
    Outcome, Setting, Trouble,
    clock::Stopwatch,
    engine::Engine,
    http::{Client, get, post_json},
    load::quantile,
    paper::random_word,
    people::{LOGIN, PASSWORD, PIN, Practice, Resident, sign_in_staff},
    report::{Table, mib, ms, write_json},
    server::Server,
    usage,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    setting: Setting,
    #[arg(long, default_value_t = 64)]
    clients: usize,
    /// How often each client tries.
    #[arg(long, default_value_t = 400)]
    tries: usize,
}

/// The memory that a flood may cost.
const MOST_GROWTH_MIB: f64 = 32.0;
/// The health check's p99 meanwhile.
const SLOWEST_HEALTH_MS: f64 = 100.0;
const RESIDENTS: usize = 8;

/// What the clients were told.
#[derive(Debug, Default)]
struct Answers {
    signed_in: u64,
    refused: u64,
    busy: u64,
    busy_without_retry_after: u64,
    other: u64,
}

impl Answers {
    const fn plus(self, more: &Self) -> Self {
        Self {
            signed_in: self.signed_in + more.signed_in,
            refused: self.refused + more.refused,
            busy: self.busy + more.busy,
            busy_without_retry_after: self.busy_without_retry_after + more.busy_without_retry_after,
            other: self.other + more.other,
        }
    }
}

/// What happened on one engine.
struct Flood {
    answers: Answers,
    took: Duration,
    first_kib: u64,
    peak_kib: u64,
    health: Vec<Duration>,
    health_failures: usize,
}

/// Floods on every engine; whether all bounds were kept.
pub(crate) fn run(options: &Options) -> Outcome<bool> {
    let mut table = Table::new(&[
        "engine",
        "s",
        "201",
        "401",
        "503",
        "503 without Retry-After",
        "other",
        "RSS after first login MiB",
        "growth MiB",
        "growth <= 32 MiB",
        "health p50 ms",
        "health p99 ms",
        "p99 <= 100 ms",
        "health failures",
    ]);
    let (mut numbers, mut sound) = (Vec::new(), true);
    for engine in Engine::all(options.setting.engine) {
        let flood = flood(options, &engine)?;
        let verdict = flood.verdict();
        sound &= verdict.0 && verdict.1 && flood.answers.busy_without_retry_after == 0 && flood.answers.other == 0;
        table.row(flood.cells(engine.name(), verdict));
        numbers.push(flood.json(engine.name()));
    }
    table.print()?;
    write_json(options.setting.json.as_deref(), &Value::Array(numbers))?;
    Ok(sound)
}

fn flood(options: &Options, engine: &Engine) -> Outcome<Flood> {
    let mut server = Server::start(options.setting.server.as_deref(), engine)?;
    let residents = Practice::found(&server)?.residents(RESIDENTS)?;
    // Memory is compared with a fresh process that has hashed once.
    server.kill()?;
    server.restart()?;
    sign_in_staff(&mut Client::new(server.address))?;
    let pid = server.pid()?;
    let first_kib = usage::resident_kib(pid)?;

    let (over, peak) = (AtomicBool::new(false), AtomicU64::new(first_kib));
    let watch = Stopwatch::start();
    let (answers, took, health) = thread::scope(|scope| {
        let (server, residents) = (&server, &residents);
        let prober = scope.spawn(|| probe(server, &over));
        let sampler = scope.spawn(|| sample(pid, &over, &peak));
        let clients: Vec<_> = (0..options.clients)
            .map(|number| scope.spawn(move || client(server, number, options.tries, residents)))
            .collect();
        let answers: Outcome<Vec<Answers>> = clients.into_iter().map(|c| c.join().map_err(|_| died())?).collect();
        let took = watch.elapsed();
        over.store(true, Ordering::Relaxed);
        let sampled = sampler.join().map_err(|_| died())?;
        let health = prober.join().map_err(|_| died());
        sampled.map_err(Trouble::from)?;
        Ok::<_, Trouble>((answers?, took, health?))
    })?;
    if !server.is_alive() {
        return Err(format!("the server did not survive: {}", server.last_words()).into());
    }
    let (mut health, health_failures) = health;
    health.sort_unstable();
    let answers = answers.iter().fold(Answers::default(), Answers::plus);
    Ok(Flood { answers, took, first_kib, peak_kib: peak.into_inner(), health, health_failures })
}

fn died() -> Trouble {
    "a thread died".into()
}

/// One client: a quarter staff, a half residents, a quarter strangers. It does not wait when it is asked to.
fn client(server: &Server, number: usize, tries: usize, residents: &[Resident]) -> Outcome<Answers> {
    let resident = residents.get(number % RESIDENTS).ok_or("no such resident")?;
    let request = match number % 4 {
        0 => post_json("/v1/sessions/staff", "", &json!({"login": LOGIN, "password": PASSWORD})),
        1 => post_json("/v1/sessions/resident", "", &json!({"device_secret": random_word(), "pin": PIN})),
        _ => post_json("/v1/sessions/resident", "", &json!({"device_secret": resident.device_secret, "pin": PIN})),
    };
    let (mut client, mut answers) = (Client::new(server.address), Answers::default());
    for _ in 0..tries {
        let reply = client.exchange(&request)?;
        match reply.status {
            201 => answers.signed_in += 1,
            401 => answers.refused += 1,
            503 => {
                answers.busy += 1;
                let later = reply.header("retry-after").and_then(|seconds| seconds.parse::<u32>().ok());
                answers.busy_without_retry_after += u64::from(later.is_none());
            }
            _ => answers.other += 1,
        }
    }
    Ok(answers)
}

/// Asks for the server's health every 5 ms; gives how long each answer took, and how many there were not.
fn probe(server: &Server, over: &AtomicBool) -> (Vec<Duration>, usize) {
    let (request, mut client) = (get("/healthz", ""), Client::new(server.address));
    let (mut taken, mut failures) = (Vec::new(), 0);
    while !over.load(Ordering::Relaxed) {
        let watch = Stopwatch::start();
        match client.exchange(&request) {
            Ok(reply) if reply.status == 200 => taken.push(watch.elapsed()),
            Ok(_) | Err(_) => failures += 1,
        }
        thread::sleep(Duration::from_millis(5).saturating_sub(watch.elapsed()));
    }
    (taken, failures)
}

fn sample(pid: u32, over: &AtomicBool, peak: &AtomicU64) -> std::io::Result<()> {
    while !over.load(Ordering::Relaxed) {
        peak.fetch_max(usage::resident_kib(pid)?, Ordering::Relaxed);
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

impl Flood {
    fn growth_mib(&self) -> f64 {
        mib(self.peak_kib.saturating_sub(self.first_kib))
    }

    /// Whether the memory and the health check stayed in their bounds.
    fn verdict(&self) -> (bool, bool) {
        let slow = ms(quantile(&self.health, 990)) > SLOWEST_HEALTH_MS || self.health.is_empty();
        (self.growth_mib() <= MOST_GROWTH_MIB, !slow && self.health_failures == 0)
    }

    fn cells(&self, engine: &str, (small, prompt): (bool, bool)) -> Vec<String> {
        let yes = |kept: bool| String::from(if kept { "yes" } else { "NO" });
        vec![
            engine.to_owned(),
            format!("{:.0}", self.took.as_secs_f64()),
            self.answers.signed_in.to_string(),
            self.answers.refused.to_string(),
            self.answers.busy.to_string(),
            self.answers.busy_without_retry_after.to_string(),
            self.answers.other.to_string(),
            format!("{:.1}", mib(self.first_kib)),
            format!("{:.1}", self.growth_mib()),
            yes(small),
            format!("{:.1}", ms(quantile(&self.health, 500))),
            format!("{:.1}", ms(quantile(&self.health, 990))),
            yes(prompt),
            self.health_failures.to_string(),
        ]
    }

    fn json(&self, engine: &str) -> Value {
        json!({
            "engine": engine, "seconds": self.took.as_secs_f64(), "signed_in": self.answers.signed_in,
            "refused": self.answers.refused, "busy": self.answers.busy,
            "busy_without_retry_after": self.answers.busy_without_retry_after, "other": self.answers.other,
            "rss_after_first_login_mib": mib(self.first_kib), "growth_mib": self.growth_mib(),
            "health_p50_ms": ms(quantile(&self.health, 500)), "health_p99_ms": ms(quantile(&self.health, 990)),
            "health_probes": self.health.len(), "health_failures": self.health_failures,
        })
    }
}
