//! A copy of everything for a resident with many findings: how long it takes, what the server's memory does meanwhile, and
//! that it is whole.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, Write},
    net::TcpStream,
    path::Path,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

use clap::Args;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use crate::{
    Outcome, Setting,
    clock::Stopwatch,
    engine::Engine,
    http::{at, get, post_json},
    paper::Upload,
    people::{PIN, Practice, Resident, in_parallel, patiently},
    report::{Table, mib, write_json},
    say,
    server::Server,
    usage::resident_kib,
};

/// The most that the server's memory may grow, in MiB.
const BOUND: f64 = 64.0;

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    setting: Setting,
    /// How many findings.
    #[arg(long, default_value_t = 500)]
    findings: usize,
    /// The size of each document in KiB.
    #[arg(long, default_value_t = 2048)]
    kib: usize,
}

/// What was measured on one engine.
struct Measured {
    seconds: f64,
    archive: u64,
    content: u64,
    before: u64,
    peak: u64,
    files: usize,
    broken: bool,
}

/// Fills, takes away, verifies; whether every copy was whole, memory stayed within its bound, and a server that is killed
/// leaves no archive.
pub(crate) fn run(options: &Options) -> Outcome<bool> {
    let mut table = Table::new(&[
        "engine",
        "findings",
        "files",
        "content MiB",
        "archive MiB",
        "s",
        "content MiB/s",
        "RSS before MiB",
        "growth MiB",
        "killed: no archive",
    ]);
    let (mut numbers, mut good) = (Vec::new(), true);
    for engine in Engine::all(options.setting.engine) {
        let one = measure(options, &engine)?;
        let growth = mib(one.peak.saturating_sub(one.before));
        good &= growth <= BOUND && one.broken && one.files > options.findings * 2;
        let content = mib(one.content / 1024);
        let cells = [content, mib(one.archive / 1024), one.seconds, content / one.seconds, mib(one.before), growth];
        let mut row = vec![engine.name().to_owned(), options.findings.to_string(), one.files.to_string()];
        row.extend(cells.map(|cell| format!("{cell:.1}")));
        row.push(if one.broken { "yes" } else { "NO" }.to_owned());
        table.row(row);
        numbers.push(json!({"engine": engine.name(), "findings": options.findings, "seconds": one.seconds,
            "archive_bytes": one.archive, "content_bytes": one.content, "growth_mib": growth, "killed_is_broken": one.broken}));
    }
    table.print()?;
    write_json(options.setting.json.as_deref(), &Value::from(numbers))?;
    Ok(good)
}

fn measure(options: &Options, engine: &Engine) -> Outcome<Measured> {
    let mut server = Server::start(options.setting.server.as_deref(), engine)?;
    let practice = Practice::found(&server)?;
    let resident = practice.residents(1)?.into_iter().next().ok_or("no resident")?;
    say(&format!("{}: sending {} documents of {} KiB", engine.name(), options.findings, options.kib));
    in_parallel(server.address, 2, options.findings, |client, _| {
        let upload = Upload::noise(&resident.reference, options.kib * 1024);
        patiently(client, &practice.upload(&upload))?.expect(201)
    })?;
    // A fresh process, so that growth is that of the copy. What a sign-in makes resident is there before.
    server.kill()?;
    server.restart()?;
    let token = sign_in(&server, &resident)?;
    let pid = server.pid()?;
    let (before, peak, done) = (resident_kib(pid)?, AtomicU64::new(0), AtomicBool::new(false));
    let file = server.path("copy.zip");
    let watch = Stopwatch::start();
    let taken = thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                peak.fetch_max(resident_kib(pid).unwrap_or(0), Ordering::Relaxed);
                thread::sleep(Duration::from_millis(20));
            }
        });
        let taken = take(&server, &token, &file, None);
        done.store(true, Ordering::Relaxed);
        taken
    });
    let seconds = watch.elapsed().as_secs_f64();
    let archive = taken?.ok_or("the copy broke off")?;
    let (files, content) = verify(&file, options.findings)?;
    say(&format!("{}: {files} files are whole, {seconds:.1} s", engine.name()));
    let broken = killed_in_the_middle(&mut server, &resident, archive / 2)?;
    Ok(Measured { seconds, archive, content, before, peak: peak.into_inner(), files, broken })
}

fn sign_in(server: &Server, resident: &Resident) -> Outcome<String> {
    let words = json!({"device_secret": resident.device_secret, "pin": PIN});
    let mut client = crate::http::Client::new(server.address);
    patiently(&mut client, &post_json("/v1/sessions/resident", "", &words))?.expect(201)?.text("/access_token")
}

/// Loads the copy into a file, at most `limit` bytes of it; its size, or none when it did not come to its end.
fn take(server: &Server, token: &str, file: &Path, limit: Option<u64>) -> Outcome<Option<u64>> {
    let stream = TcpStream::connect(server.address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    (&stream).write_all(&get("/v1/export", token))?;
    let (mut reader, mut out) = (BufReader::with_capacity(256 * 1024, stream), BufWriter::new(File::create(file)?));
    let status = line(&mut reader)?;
    if !status.contains(" 200") {
        return Err(format!("the copy is refused: {status}").into());
    }
    while !line(&mut reader)?.is_empty() {}
    let mut size = 0;
    while limit.is_none_or(|limit| size < limit) {
        let Ok(length) = line(&mut reader) else { return Ok(None) };
        let Ok(length) = u64::from_str_radix(&length, 16) else { return Ok(None) };
        if length == 0 {
            out.flush()?;
            return Ok(Some(size));
        }
        let got = io::copy(&mut reader.by_ref().take(length), &mut out).unwrap_or(0);
        size += got;
        if got < length || line(&mut reader).is_err() {
            break;
        }
    }
    out.flush()?;
    Ok(None)
}

/// A line of the head, or the length of a chunk.
fn line(reader: &mut impl Read) -> io::Result<String> {
    let (mut text, mut byte) = (Vec::new(), [0]);
    while !text.ends_with(b"\r\n") {
        reader.read_exact(&mut byte)?;
        text.extend_from_slice(&byte);
    }
    Ok(String::from_utf8_lossy(&text).trim_end().to_owned())
}

/// Reads every file, by which its CRC is compared, and compares its SHA-256 with the manifest's.
fn verify(file: &Path, findings: usize) -> Outcome<(usize, u64)> {
    let mut zip = ZipArchive::new(BufReader::new(File::open(file)?))?;
    let manifest: Value = serde_json::from_reader(zip.by_name("manifest.json")?)?;
    if at(&manifest, "/findings") != &json!(findings) || at(&manifest, "/complete") != &json!(true) {
        return Err("the manifest tells of another number of findings".into());
    }
    let told = at(&manifest, "/files").as_array().ok_or("no files")?;
    let (mut content, mut chunk) = (0, vec![0; 64 * 1024]);
    for one in told {
        let name = at(one, "/name").as_str().ok_or("a file without a name")?;
        let (mut entry, mut hash) = (zip.by_name(name)?, Sha256::new());
        loop {
            let count = entry.read(&mut chunk)?;
            if count == 0 {
                break;
            }
            content += u64::try_from(count)?;
            hash.update(chunk.get(..count).unwrap_or_default());
        }
        let hash: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        if at(one, "/sha256") != &json!(hash) {
            return Err(format!("{name} has another SHA-256").into());
        }
    }
    Ok((told.len() + 1, content))
}

/// Loads half of it, kills the server, and looks whether anybody could take what came for an archive.
fn killed_in_the_middle(server: &mut Server, resident: &Resident, half: u64) -> Outcome<bool> {
    let token = sign_in(server, resident)?;
    let file = server.path("broken.zip");
    let came = take(server, &token, &file, Some(half))?;
    server.kill()?;
    let mut archive = File::open(&file)?;
    archive.rewind()?;
    Ok(came.is_none() && ZipArchive::new(BufReader::new(archive)).is_err())
}
