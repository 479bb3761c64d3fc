//! `kill -9` in the middle of uploads, again and again. What was acknowledged must be there, byte by byte; what was
//! not must be there completely or not at all; and a repetition under the same key must tell the same finding.

use std::{collections::BTreeSet, thread, time::Duration};

use clap::Args;
use serde_json::{Value, json};

use crate::{
    Outcome, Setting,
    engine::Engine,
    http::{Client, at, get},
    paper::{Upload, VALUES, random, sha256},
    people::{Practice, Resident, in_parallel, patiently},
    report::{Table, median, ms, write_json},
    say,
    server::Server,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    setting: Setting,
    /// How often the server is killed.
    #[arg(long, default_value_t = 100)]
    rounds: usize,
    /// How many upload at the same time.
    #[arg(long, default_value_t = 6)]
    uploaders: usize,
}

/// What one uploader knows: a resident, and everything that was sent for them.
struct Ledger {
    resident: Resident,
    kept: Vec<Kept>,
}

/// A finding the server has acknowledged.
#[derive(Clone)]
struct Kept {
    id: String,
    sha256: String,
    is_document: bool,
}

/// What one uploader got done before the server died.
#[derive(Default)]
struct Sent {
    acknowledged: Vec<(Upload, String)>,
    /// Sent without an answer.
    cut: Option<Upload>,
    refused: usize,
}

/// The sums over all rounds.
#[derive(Debug, Default, Clone)]
struct Sums {
    acknowledged: usize,
    cut: usize,
    /// Of the cut ones: those that had been stored before the answer was lost.
    stored_unanswered: usize,
    /// Findings, or keys of uploads, each once.
    lost: BTreeSet<String>,
    half_stored: usize,
    /// Repetitions that told another finding.
    told_differently: usize,
    /// Listed findings that nobody sent.
    unexplained: usize,
    /// Uploads with an answer that is neither yes nor "later".
    refused: usize,
}

/// Crashes on every engine; whether nothing was lost.
pub(crate) fn run(options: &Options) -> Outcome<bool> {
    let mut table = Table::new(&[
        "engine",
        "rounds",
        "acknowledged",
        "unanswered",
        "of these stored",
        "lost",
        "half-stored",
        "told differently",
        "unexplained",
        "refused",
        "ready after ms, median (max)",
    ]);
    let (mut numbers, mut sound) = (Vec::new(), true);
    for engine in Engine::all(options.setting.engine) {
        let (sums, ready) = crash(options, &engine)?;
        sound &= sums.lost.len() + sums.half_stored + sums.told_differently + sums.unexplained + sums.refused == 0;
        let slowest = ready.iter().copied().fold(0.0, f64::max);
        let median = median(ready);
        let counts = [
            options.rounds,
            sums.acknowledged,
            sums.cut,
            sums.stored_unanswered,
            sums.lost.len(),
            sums.half_stored,
            sums.told_differently,
            sums.unexplained,
            sums.refused,
        ];
        let mut cells = vec![engine.name().to_owned()];
        cells.extend(counts.map(|count| count.to_string()));
        cells.push(format!("{median:.0} ({slowest:.0})"));
        table.row(cells);
        numbers.push(json!({
            "engine": engine.name(), "rounds": options.rounds, "acknowledged": sums.acknowledged,
            "unanswered": sums.cut, "unanswered_but_stored": sums.stored_unanswered, "lost": sums.lost.len(),
            "half_stored": sums.half_stored, "told_differently": sums.told_differently,
            "unexplained": sums.unexplained, "refused": sums.refused, "ready_ms_median": median,
            "ready_ms_max": slowest,
        }));
    }
    table.print()?;
    write_json(options.setting.json.as_deref(), &Value::Array(numbers))?;
    Ok(sound)
}

/// All rounds on one engine; the sums, and how long each start took in milliseconds.
fn crash(options: &Options, engine: &Engine) -> Outcome<(Sums, Vec<f64>)> {
    let mut server = Server::start(options.setting.server.as_deref(), engine)?;
    let practice = Practice::found(&server)?;
    let residents = practice.residents(options.uploaders)?;
    let mut ledgers: Vec<Ledger> =
        residents.into_iter().map(|resident| Ledger { resident, kept: Vec::new() }).collect();
    let (mut sums, mut ready) = (Sums::default(), Vec::new());
    for round in 1..=options.rounds {
        let sent = round_of_uploads(&mut server, &practice, &ledgers)?;
        ready.push(ms(server.restart()?));
        let found = in_parallel(server.address, ledgers.len(), ledgers.len(), |client, number| {
            let (ledger, sent) = ledgers.get(number).zip(sent.get(number)).ok_or("no such uploader")?;
            check(client, &practice, ledger, sent)
        })?;
        for (ledger, (kept, found)) in ledgers.iter_mut().zip(found) {
            ledger.kept.extend(kept);
            sums.add(found);
        }
        if round % 10 == 0 {
            say(&format!("{}: round {round}: {sums:?}", engine.name()));
        }
    }
    let last = in_parallel(server.address, ledgers.len(), ledgers.len(), |client, number| {
        let ledger = ledgers.get(number).ok_or("no such uploader")?;
        let mut lost = Vec::new();
        for kept in &ledger.kept {
            if !is_whole(client, &ledger.resident, kept)? {
                lost.push(kept.id.clone());
            }
        }
        Ok(lost)
    })?;
    sums.lost.extend(last.into_iter().flatten());
    Ok((sums, ready))
}

/// Uploads on all connections until the server is killed, at a moment that nobody chose.
fn round_of_uploads(server: &mut Server, practice: &Practice, ledgers: &[Ledger]) -> Outcome<Vec<Sent>> {
    let address = server.address;
    thread::scope(|scope| {
        let uploaders: Vec<_> =
            ledgers.iter().map(|ledger| scope.spawn(|| upload(&mut Client::new(address), practice, ledger))).collect();
        thread::sleep(Duration::from_millis(10 + random() % 240));
        let killed = server.kill();
        let sent = uploaders.into_iter().map(|u| u.join().map_err(|_| "an uploader died".into())).collect();
        killed.and(sent)
    })
}

/// Uploads reports and documents in turn until the connection breaks.
fn upload(client: &mut Client, practice: &Practice, ledger: &Ledger) -> Sent {
    let mut sent = Sent::default();
    loop {
        let number = ledger.kept.len() + sent.acknowledged.len();
        let reference = &ledger.resident.reference;
        let upload = if number.is_multiple_of(2) {
            Upload::document(reference, usize::try_from(random() % 150_000).unwrap_or(0))
        } else {
            Upload::report(reference, number, number % 28 + 1)
        };
        let request = practice.upload(&upload);
        loop {
            match client.exchange(&request) {
                Ok(reply) if reply.status == 201 => {
                    let id = reply.text("/documents/0/id").unwrap_or_default();
                    sent.acknowledged.push((upload, id));
                    break;
                }
                Ok(reply) if reply.status == 503 => {}
                Ok(reply) => {
                    say(&format!("an upload was refused: {}", reply.unexpected()));
                    sent.refused += 1;
                    return sent;
                }
                Err(_) => {
                    sent.cut = Some(upload);
                    return sent;
                }
            }
        }
    }
}

/// What the server still knows after a restart.
fn check(client: &mut Client, practice: &Practice, ledger: &Ledger, sent: &Sent) -> Outcome<(Vec<Kept>, Sums)> {
    let mut sums = Sums { acknowledged: sent.acknowledged.len(), refused: sent.refused, ..Sums::default() };
    let known: BTreeSet<&str> = ledger.kept.iter().map(|kept| kept.id.as_str()).collect();
    let before = listed(client, &ledger.resident)?;
    for id in before.iter().filter(|id| !known.contains(id.as_str())) {
        sums.half_stored += usize::from(!opens_completely(client, &ledger.resident, id)?);
    }
    let mut kept = Vec::new();
    for (upload, id) in &sent.acknowledged {
        let told = repeat(client, practice, upload)?;
        sums.told_differently += usize::from(told.as_deref() != Some(id));
        kept.push(Kept { id: id.clone(), sha256: upload.sha256.clone(), is_document: upload.is_document });
    }
    if let Some(upload) = &sent.cut {
        sums.cut += 1;
        match repeat(client, practice, upload)? {
            Some(id) => {
                sums.stored_unanswered += usize::from(before.contains(&id));
                kept.push(Kept { id, sha256: upload.sha256.clone(), is_document: upload.is_document });
            }
            None => drop(sums.lost.insert(upload.key.clone())),
        }
    }
    for kept in &kept {
        let (whole, fits) = (is_whole(client, &ledger.resident, kept)?, receipt_fits(client, practice, kept)?);
        if !whole || !fits {
            say(&format!("lost: finding {} is whole: {whole}; its receipt fits: {fits}", kept.id));
            sums.lost.insert(kept.id.clone());
        }
    }
    let explained: BTreeSet<&str> = known.into_iter().chain(kept.iter().map(|kept| kept.id.as_str())).collect();
    let after = listed(client, &ledger.resident)?;
    sums.unexplained += after.iter().filter(|id| !explained.contains(id.as_str())).count();
    sums.lost.extend(explained.iter().filter(|id| !after.contains(**id)).map(|id| (*id).to_owned()));
    Ok((kept, sums))
}

/// Sends the same again under the same key; gives the finding that the server tells.
fn repeat(client: &mut Client, practice: &Practice, upload: &Upload) -> Outcome<Option<String>> {
    let reply = patiently(client, &practice.upload(upload))?;
    if !matches!(reply.status, 200 | 201) {
        say(&format!("a repetition was refused: {}", reply.unexpected()));
        return Ok(None);
    }
    Ok(reply.text("/documents/0/id").ok())
}

/// The ids of all findings of a resident.
fn listed(client: &mut Client, resident: &Resident) -> Outcome<BTreeSet<String>> {
    let (mut ids, mut cursor) = (BTreeSet::new(), String::new());
    loop {
        let path = format!("/v1/findings?limit=200{cursor}");
        let page = patiently(client, &get(&path, &resident.token))?.expect(200)?.json()?;
        let items = at(&page, "/items").as_array().ok_or("a page without items")?;
        ids.extend(items.iter().filter_map(|item| Some(at(item, "/id").as_str()?.to_owned())));
        match at(&page, "/next_cursor").as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(ids),
        }
    }
}

/// Whether a finding opens with all it promises: as many values as it says, and a document of the length and hash it
/// says.
fn opens_completely(client: &mut Client, resident: &Resident, id: &str) -> Outcome<bool> {
    let Some((finding, document)) = opened(client, resident, id)? else { return Ok(false) };
    let values = at(&finding, "/values").as_array().map_or(0, Vec::len);
    let promised = at(&finding, "/document");
    let same_document = match &document {
        Some(bytes) => at(promised, "/size") == bytes.len() && at(promised, "/sha256") == sha256(bytes).as_str(),
        None => at(&finding, "/summary/has_document") == false,
    };
    Ok(at(&finding, "/summary/value_count") == values && same_document)
}

/// Whether a finding is there as it was sent.
fn is_whole(client: &mut Client, resident: &Resident, kept: &Kept) -> Outcome<bool> {
    let Some((finding, document)) = opened(client, resident, &kept.id)? else { return Ok(false) };
    Ok(if kept.is_document {
        document.is_some_and(|bytes| sha256(&bytes) == kept.sha256)
    } else {
        at(&finding, "/values").as_array().is_some_and(|values| values.len() == VALUES)
    })
}

/// A finding with its document, if the server gives them.
fn opened(client: &mut Client, resident: &Resident, id: &str) -> Outcome<Option<(Value, Option<Vec<u8>>)>> {
    let reply = patiently(client, &get(&format!("/v1/findings/{id}"), &resident.token))?;
    if reply.status != 200 {
        return Ok(None);
    }
    let finding = reply.json()?;
    if at(&finding, "/document").is_null() {
        return Ok(Some((finding, None)));
    }
    let content = patiently(client, &get(&format!("/v1/findings/{id}/content"), &resident.token))?;
    Ok((content.status == 200).then_some((finding, Some(content.body))))
}

/// Whether the practice's receipt names the bytes that were sent.
fn receipt_fits(client: &mut Client, practice: &Practice, kept: &Kept) -> Outcome<bool> {
    let path = format!("/v1/practice/findings/{}", kept.id);
    let reply = patiently(client, &get(&path, &practice.upload_token))?;
    Ok(reply.status == 200 && at(&reply.json()?, "/sha256") == kept.sha256.as_str())
}

impl Sums {
    fn add(&mut self, more: Self) {
        self.acknowledged += more.acknowledged;
        self.cut += more.cut;
        self.stored_unanswered += more.stored_unanswered;
        self.lost.extend(more.lost);
        self.half_stored += more.half_stored;
        self.told_differently += more.told_differently;
        self.unexplained += more.unexplained;
        self.refused += more.refused;
    }
}
