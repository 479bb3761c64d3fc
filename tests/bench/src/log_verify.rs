//! How long `nahraum audit verify` and `nahraum audit affected` take on a log of many entries. They are put in past the
//! server, linked as it would.

use std::{collections::HashMap, fmt::Write as _};

use clap::Args;
use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use nahraum_domain::{
    audit::{
        chain::{Position, alone},
        record::Record,
        statement::hex,
    },
    ids::{AccessLogId, FindingId, RequestId, ResidentId},
};
use serde_json::{Value, json};

use crate::{
    Outcome, Setting,
    clock::Stopwatch,
    engine::Engine,
    report::{Table, write_json},
    say,
    server::Server,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    setting: Setting,
    /// How many entries.
    #[arg(long, default_value_t = 1_000_000)]
    entries: u64,
    /// About how many residents.
    #[arg(long, default_value_t = 20_000)]
    residents: u64,
    /// How often each is done; the quickest time counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

/// What is measured: the command, and its name in the table.
const COMMANDS: [(&str, &[&str]); 3] = [
    ("verify", &["audit", "verify"]),
    (
        "affected, all of it",
        &["audit", "affected", "--json", "--from", "2020-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z"],
    ),
    (
        "affected, one second",
        &["audit", "affected", "--json", "--from", "2026-11-18T11:06:41Z", "--to", "2026-11-18T11:06:42Z"],
    ),
];

/// How many entries one statement puts in.
const LOT: u64 = 500;

/// Fills and verifies on every engine; whether the log was whole.
pub(crate) fn run(options: &Options) -> Outcome<bool> {
    let mut table = Table::new(&["engine", "command", "entries", "residents", "seconds", "entries/s"]);
    let mut numbers = Vec::new();
    for engine in Engine::all(options.setting.engine) {
        let mut server = Server::start(options.setting.server.as_deref(), &engine)?;
        server.kill()?;
        fill(options, &server)?;
        for (name, command) in COMMANDS {
            let best = quickest(options, &server, &format!("{}: {name}", engine.name()), command)?;
            let entries: f64 = options.entries.to_string().parse()?;
            table.row(vec![
                engine.name().to_owned(),
                name.to_owned(),
                options.entries.to_string(),
                options.residents.to_string(),
                format!("{best:.2}"),
                format!("{:.0}", entries / best),
            ]);
            let (engine, entries) = (engine.name(), options.entries);
            numbers.push(json!({"engine": engine, "command": name, "entries": entries, "seconds": best}));
        }
    }
    table.print()?;
    write_json(options.setting.json.as_deref(), &Value::Array(numbers))?;
    Ok(true)
}

/// The quickest of several rounds, in seconds.
fn quickest(options: &Options, server: &Server, name: &str, command: &[&str]) -> Outcome<f64> {
    let mut best = f64::INFINITY;
    for round in 1..=options.rounds {
        let watch = Stopwatch::start();
        let said = server.command(command)?;
        let seconds = watch.elapsed().as_secs_f64();
        let line: String = said.lines().next().unwrap_or_default().chars().take(100).collect();
        say(&format!("{name}: round {round}: {seconds:.2} s: {line}"));
        best = best.min(seconds);
    }
    Ok(best)
}

/// Writes the log by SQL.
fn fill(options: &Options, server: &Server) -> Outcome<()> {
    say(&format!("{} entries are put in", options.entries));
    let mut sql = Sql::open(&server.database)?;
    sql.run("DELETE FROM access_log; DELETE FROM access_log_pending; DELETE FROM log_checkpoints;")?;
    let (mut at, mut residents) = (Position::START, HashMap::new());
    let mut rows = String::new();
    for n in 1..=options.entries {
        let (row, next) = entry(n, options.residents, at, &mut residents, &sql)?;
        at = next;
        rows.push_str(if rows.is_empty() { "" } else { "," });
        rows.push_str(&row);
        if n.is_multiple_of(LOT) || n == options.entries {
            sql.run(&format!(
                "INSERT INTO access_log (seq, hash, number, resident_hash, id, resident_id, at, actor_kind, actor_id, \
                 organisation_id, action, finding_id, basis, outcome, request_id) VALUES {rows}"
            ))?;
            rows.clear();
        }
    }
    let hash = sql.bytes(&at.hash);
    sql.run(&format!("UPDATE access_log_head SET seq = {}, hash = {hash}, pruned_seq = 0", at.count))?;
    sql.run("COMMIT")
}

/// One row, and where the chain is after it.
fn entry(
    n: u64,
    count: u64,
    at: Position,
    residents: &mut HashMap<ResidentId, Position>,
    sql: &Sql,
) -> Outcome<(String, Position)> {
    let id = |kind: u64, number: u64| (u128::from(kind) << 64 | u128::from(number)).to_be_bytes();
    let whose = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) % count.max(1);
    let (resident, finding) = (ResidentId::from_bytes(id(1, whose)), FindingId::from_bytes(id(2, whose * 20 + n % 20)));
    // Of three entries one is a receipt that one of 500 persons of 50 practices has looked at.
    let person = (n / 3) % 500;
    let (actor, actor_id, organisation, action, basis) = if n.is_multiple_of(3) {
        ("staff", id(5, person), Some(id(6, person % 50)), "receipt", "treatment-delivery")
    } else {
        ("resident", *resident.as_bytes(), None, "open", "own")
    };
    let record = Record {
        id: AccessLogId::from_bytes(id(3, n)),
        resident: (!n.is_multiple_of(50)).then_some(resident),
        at: 1_795_000_000_000_000 + i64::try_from(n)?,
        actor,
        actor_id: Some(actor_id),
        organisation,
        action,
        finding: Some(finding),
        basis: Some(basis),
        consent: None,
        outcome: "done",
        request: RequestId::from_bytes(id(4, n)),
    };
    let body = record.body()?;
    let own = record.resident.map(|r| residents.get(&r).copied().unwrap_or(Position::START).with_entry(&body));
    let next = at.with_hash(&own.map_or_else(|| alone(&body), |own| own.hash));
    if let (Some(resident), Some(own)) = (record.resident, own) {
        residents.insert(resident, own);
    }
    let bytes = |bytes: Option<&[u8]>| bytes.map_or_else(|| String::from("NULL"), |b| sql.bytes(b));
    let mut row = String::with_capacity(512);
    write!(
        row,
        "({},{},{},{},{},{},{},'{actor}',{},{},'{action}',{},'{basis}','done',{})",
        next.count,
        sql.bytes(&next.hash),
        own.map_or_else(|| String::from("NULL"), |own| own.count.to_string()),
        bytes(own.as_ref().map(|own| own.hash.as_slice())),
        sql.bytes(record.id.as_bytes()),
        bytes(record.resident.as_ref().map(|r| r.as_bytes().as_slice())),
        record.at,
        sql.bytes(&actor_id),
        bytes(organisation.as_ref().map(<[u8; 16]>::as_slice)),
        sql.bytes(finding.as_bytes()),
        sql.bytes(record.request.as_bytes()),
    )?;
    Ok((row, next))
}

/// The database itself, inside one transaction.
enum Sql {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<(tokio::runtime::Runtime, tokio_postgres::Client)>),
}

impl Sql {
    fn open(url: &str) -> Outcome<Self> {
        let mut sql = match url.strip_prefix("sqlite:") {
            Some(path) => Self::Sqlite(Box::new(SqliteConnection::establish(path)?)),
            None => {
                let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
                let (client, connection) = runtime.block_on(tokio_postgres::connect(url, tokio_postgres::NoTls))?;
                runtime.spawn(connection);
                Self::Postgres(Box::new((runtime, client)))
            }
        };
        sql.run("BEGIN")?;
        Ok(sql)
    }

    fn run(&mut self, text: &str) -> Outcome<()> {
        match self {
            Self::Sqlite(conn) => Ok(conn.batch_execute(text)?),
            Self::Postgres(both) => Ok(both.0.block_on(both.1.batch_execute(text))?),
        }
    }

    fn bytes(&self, bytes: &[u8]) -> String {
        match self {
            Self::Sqlite(_) => format!("x'{}'", hex(bytes)),
            Self::Postgres(..) => format!("'\\x{}'", hex(bytes)),
        }
    }
}
