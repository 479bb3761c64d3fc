//! Sixty-four clients, four hundred sign-ins: prints resident memory, rejections and how long other tasks had to wait.
//!
//! `cargo run --release -p nahraum-secrets --example login_flood [pin|password] [first-use|at-start]`
//!
//! Resident memory is `VmRSS` and `VmHWM` of `/proc/self/status` (Linux). Clients do not retry, so that the figures show
//! the worst moment. The delay of other tasks is that of a timer of 5 ms on the same runtime.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use nahraum_secrets::{
    HashError, Hasher, HasherSettings, MemoryUse, OsRandom, PasswordHash, RootSecret, Secret, SecretKind,
};
use tokio::time::sleep;

const CLIENTS: usize = 64;
const JOBS: usize = 400;
const TICK: Duration = Duration::from_millis(5);

#[derive(Default)]
struct Outcome {
    verified: usize,
    rejected: usize,
    millis: Vec<u128>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let chosen = |word: &str| arguments.iter().any(|argument| argument == word);
    let kind = if chosen("password") { SecretKind::Password } else { SecretKind::Pin };
    let memory = if chosen("at-start") { MemoryUse::AtStart } else { MemoryUse::FirstUse };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    println!("{kind:?}, memory {memory:?}, {CLIENTS} clients, {JOBS} sign-ins, 2 workers, queue 32\n");
    println!("| moment                    | VmRSS MiB | VmHWM MiB |");
    println!("|---------------------------|-----------|-----------|");
    memory_row("before the pool")?;
    let settings = HasherSettings { memory, ..HasherSettings::default() };
    let pepper = RootSecret::from_random(&OsRandom).keys().pepper;
    let hasher = Arc::new(Hasher::start(pepper, Arc::new(OsRandom), settings)?);
    runtime.block_on(async {
        sleep(Duration::from_millis(500)).await;
        memory_row("pool started")?;
        let stored = Arc::new(hasher.hash(kind, Secret::new("a secret of somebody")).await?);
        sleep(Duration::from_millis(300)).await;
        let before = memory_row("first secret hashed")?;
        let stop = Arc::new(AtomicBool::new(false));
        let health = tokio::spawn(delays(Arc::clone(&stop)));
        let outcome = flood(&hasher, kind, &stored).await?;
        stop.store(true, Ordering::Relaxed);
        let after = memory_row("after the flood")?;
        report(outcome, health.await?, after - before);
        Ok(())
    })
}

async fn flood(hasher: &Arc<Hasher>, kind: SecretKind, stored: &Arc<PasswordHash>) -> Result<Outcome, HashError> {
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (hasher, stored) = (Arc::clone(hasher), Arc::clone(stored));
            tokio::spawn(async move {
                let mut outcome = Outcome::default();
                for _ in (client..JOBS).step_by(CLIENTS) {
                    let start = now();
                    match hasher.verify(kind, Secret::new("a secret of somebody"), &stored).await {
                        Ok(_) => {
                            outcome.verified += 1;
                            outcome.millis.push(start.elapsed().as_millis());
                        }
                        Err(HashError::Overloaded { .. }) => outcome.rejected += 1,
                        Err(HashError::Stopped) => return Err(HashError::Stopped),
                    }
                }
                Ok(outcome)
            })
        })
        .collect();
    let mut all = Outcome::default();
    for client in clients {
        let mut outcome = client.await.map_err(|_| HashError::Stopped)??;
        all.verified += outcome.verified;
        all.rejected += outcome.rejected;
        all.millis.append(&mut outcome.millis);
    }
    Ok(all)
}

/// How much later than asked for a timer fires, in milliseconds.
async fn delays(stop: Arc<AtomicBool>) -> Vec<u128> {
    let mut delays = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let start = now();
        sleep(TICK).await;
        delays.push(start.elapsed().saturating_sub(TICK).as_millis());
    }
    delays
}

fn report(mut outcome: Outcome, mut delays: Vec<u128>, growth: f64) {
    outcome.millis.sort_unstable();
    delays.sort_unstable();
    println!("\ngrowth by the flood {growth:.1} MiB");
    println!("verified {}, rejected {} (retry later)", outcome.verified, outcome.rejected);
    println!("verified ones took p50 {} ms, p99 {} ms", quantile(&outcome.millis, 50), quantile(&outcome.millis, 99));
    println!("other tasks waited p50 {} ms, p99 {} ms", quantile(&delays, 50), quantile(&delays, 99));
}

fn quantile(sorted: &[u128], percent: usize) -> u128 {
    sorted.get(sorted.len() * percent / 100).or(sorted.last()).copied().unwrap_or(0)
}

fn memory_row(moment: &str) -> Result<f64, Box<dyn std::error::Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let mib = |name: &str| -> Option<f64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<f64>().ok().map(|kib| kib / 1024.0)
    };
    let (resident, peak) = (mib("VmRSS:").ok_or("no VmRSS")?, mib("VmHWM:").ok_or("no VmHWM")?);
    println!("| {moment:<25} | {resident:>9.1} | {peak:>9.1} |");
    Ok(resident)
}

#[expect(clippy::disallowed_methods, reason = "measuring is what this is for")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}
