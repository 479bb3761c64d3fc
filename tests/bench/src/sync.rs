//! What an app pays that keeps things: everything once, a month's changes, and asking when nothing has changed.

use clap::Args;
use serde_json::{Value, json};

use crate::{
    Outcome, Setting,
    clock::Stopwatch,
    engine::Engine,
    http::{Client, at, get, post_json},
    people::{Practice, Resident, patiently},
    report::{self, Table, ms, real, write_json},
    say,
    server::Server,
};

/// How often the small questions are asked; the median counts.
const TIMES: usize = 101;

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    setting: Setting,
    /// How many laboratory reports the resident has.
    #[arg(long, default_value_t = 300)]
    findings: usize,
    /// How many come in the month; every tenth is taken back again.
    #[arg(long, default_value_t = 30)]
    month: usize,
}

/// What one way to the newest state took.
struct Caught {
    requests: usize,
    changes: usize,
    bytes: usize,
    milliseconds: f64,
    next: String,
}

/// Measures; whether an app that was away for a month had to ask no more than twice.
pub(crate) fn run(options: &Options) -> Outcome<bool> {
    let mut table = Table::new(&["engine", "what", "requests", "changes", "KiB", "ms"]);
    let (mut numbers, mut good) = (Vec::new(), true);
    for engine in Engine::all(options.setting.engine) {
        let mut row = |what: &str, caught: &Caught| {
            let kib = real(caught.bytes) / 1024.0;
            let counts = [caught.requests, caught.changes].map(|count| count.to_string());
            let [requests, changes] = counts;
            let (size, time) = (format!("{kib:.1}"), format!("{:.2}", caught.milliseconds));
            table.row(vec![engine.name().to_owned(), what.to_owned(), requests, changes, size, time]);
            numbers.push(json!({"engine": engine.name(), "what": what, "requests": caught.requests,
                "changes": caught.changes, "bytes": caught.bytes, "milliseconds": caught.milliseconds}));
        };
        let [all, month, nothing, list] = measure(options, &engine)?;
        row("everything", &all);
        row("a month", &month);
        row("nothing new", &nothing);
        row("a list of 50, to compare", &list);
        good &= month.requests <= 2;
    }
    table.print()?;
    write_json(options.setting.json.as_deref(), &Value::from(numbers))?;
    Ok(good)
}

fn measure(options: &Options, engine: &Engine) -> Outcome<[Caught; 4]> {
    let server = Server::start(options.setting.server.as_deref(), engine)?;
    let practice = Practice::found(&server)?;
    let residents = practice.residents(1)?;
    let resident = residents.first().ok_or("no resident")?;
    say(&format!("{}: sending {} reports", engine.name(), options.findings));
    practice.deliver(&residents, options.findings)?;
    let mut client = Client::new(server.address);
    let all = catch_up(&mut client, resident, None)?;
    let nothing = median(&mut client, &format!("/v1/sync?limit=200&since={}", all.next), resident)?;
    let list = median(&mut client, "/v1/findings?limit=50", resident)?;
    let new = practice.deliver(&residents, options.month)?;
    for id in new.iter().flatten().step_by(10) {
        let words = json!({"reason": "wrong-patient"});
        let recall = post_json(&format!("/v1/practice/findings/{id}/recall"), practice.staff_token(), &words);
        patiently(&mut client, &recall)?.expect(200)?;
    }
    let month = catch_up(&mut client, resident, Some(&all.next))?;
    Ok([all, month, nothing, list])
}

fn catch_up(client: &mut Client, resident: &Resident, since: Option<&str>) -> Outcome<Caught> {
    let (mut requests, mut changes, mut bytes) = (0, 0, 0);
    let mut next = since.map(str::to_owned);
    let watch = Stopwatch::start();
    loop {
        let since = next.map(|next| format!("&since={next}")).unwrap_or_default();
        let reply = client.exchange(&get(&format!("/v1/sync?limit=200{since}"), &resident.token))?.expect(200)?;
        let page = reply.json()?;
        requests += 1;
        bytes += reply.body.len();
        changes += at(&page, "/changes").as_array().map_or(0, Vec::len);
        next = Some(at(&page, "/next").as_str().ok_or("no next")?.to_owned());
        if at(&page, "/has_more") != &json!(true) {
            let milliseconds = ms(watch.elapsed());
            return Ok(Caught { requests, changes, bytes, milliseconds, next: next.unwrap_or_default() });
        }
    }
}

fn median(client: &mut Client, path: &str, resident: &Resident) -> Outcome<Caught> {
    let (mut times, mut bytes) = (Vec::with_capacity(TIMES), 0);
    for _ in 0..TIMES {
        let watch = Stopwatch::start();
        let reply = client.exchange(&get(path, &resident.token))?.expect(200)?;
        times.push(ms(watch.elapsed()));
        bytes = reply.body.len();
    }
    Ok(Caught { requests: 1, changes: 0, bytes, milliseconds: report::median(times), next: String::new() })
}
