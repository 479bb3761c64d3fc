//! Holding a whole district: how large the snapshot of its offers is on the way, and how long it takes. The offers come in as a list, as an
//! organisation would bring them, with words drawn from a vocabulary, each in two languages.

use std::fmt::Write as _;

use clap::Args;
use serde_json::{Value, json};

use crate::{
    Outcome, Setting,
    clock::Stopwatch,
    engine::Engine,
    http::{Client, at, get, post, post_json},
    people::{PASSWORD, Practice, patiently, sign_in_as},
    report::{Table, median, ms, real, write_json},
    say,
    server::Server,
};

/// What the snapshot of 500 offers in two languages may weigh on the way, in KiB.
const BOUND: f64 = 200.0;
/// The login of the person who agrees to the first offer.
const SECOND: &str = "zweite@bench";
/// How many words there are in each language.
const VOCABULARY: u64 = 3_000;
/// How often each answer is asked for.
const ROUNDS: usize = 15;

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    setting: Setting,
    /// How many offers, at most 1,000.
    #[arg(long, default_value_t = 500)]
    offers: usize,
    /// How many words are said of an offer in a language. In the demo, and in the samples of HSDS, it is 20 to 32.
    #[arg(long, default_value_t = 30)]
    words: usize,
}

/// Fills, publishes, takes the snapshot; whether 500 offers stay within the bound.
pub(crate) fn run(options: &Options) -> Outcome<bool> {
    let mut table = Table::new(&[
        "engine",
        "offers",
        "words",
        "plain KiB",
        "gzip KiB",
        "plain p50 ms",
        "gzip p50 ms",
        "304 p50 ms",
    ]);
    let (mut numbers, mut good) = (Vec::new(), true);
    for engine in Engine::all(options.setting.engine) {
        let one = measure(options, &engine)?;
        good &= one.gzip <= BOUND * real(options.offers) / 500.0;
        let mut row = vec![engine.name().to_owned(), options.offers.to_string(), options.words.to_string()];
        row.extend([one.plain, one.gzip, one.plain_ms, one.gzip_ms, one.unchanged_ms].map(|cell| format!("{cell:.1}")));
        table.row(row);
        numbers.push(
            json!({"engine": engine.name(), "offers": options.offers, "words": options.words, "plain_kib": one.plain, "gzip_kib": one.gzip,
            "plain_ms": one.plain_ms, "gzip_ms": one.gzip_ms, "unchanged_ms": one.unchanged_ms}),
        );
    }
    table.print()?;
    write_json(options.setting.json.as_deref(), &Value::from(numbers))?;
    Ok(good)
}

/// What was measured on one engine: KiB and milliseconds.
struct Measured {
    plain: f64,
    gzip: f64,
    plain_ms: f64,
    gzip_ms: f64,
    unchanged_ms: f64,
}

fn measure(options: &Options, engine: &Engine) -> Outcome<Measured> {
    let server = Server::start(options.setting.server.as_deref(), engine)?;
    let practice = Practice::found(&server)?;
    let file = server.private_file("password", PASSWORD)?.display().to_string();
    server.command(&["staff", "add", "--organisation", &practice.id, "--login", SECOND, "--password-file", &file])?;
    let mut client = Client::new(server.address);
    let (first, second) = (practice.staff_token(), sign_in_as(&mut client, SECOND)?);
    say(&format!("{}: bringing {} offers in", engine.name(), options.offers));
    let list = post(
        "/v1/publisher/offer-imports?dry_run=false",
        first,
        "",
        "text/csv",
        list(options.offers, options.words)?.as_bytes(),
    );
    let told = patiently(&mut client, &list)?.expect(200)?.json()?;
    for offer in at(&told, "/offers").as_array().ok_or("no offers")? {
        let steps = format!("/v1/publisher/offers/{}/steps", at(offer, "/id").as_str().ok_or("no id")?);
        let submitted = patiently(&mut client, &post_json(&steps, first, &json!({"step": "submit"})))?.expect(200)?;
        if submitted.text("/status")? == "in-review" {
            patiently(&mut client, &post_json(&steps, &second, &json!({"step": "approve"})))?.expect(200)?;
        }
    }
    let (plain, plain_ms, _) = asked(&mut client, "", 200)?;
    let (gzip, gzip_ms, tag) = asked(&mut client, "Accept-Encoding: gzip\r\n", 200)?;
    let known = format!("Accept-Encoding: gzip\r\nIf-None-Match: {tag}\r\n");
    let (_, unchanged_ms, _) = asked(&mut client, &known, 304)?;
    Ok(Measured { plain, gzip, plain_ms, gzip_ms, unchanged_ms })
}

/// The snapshot in all languages: KiB on the way, the median of the milliseconds, and its tag.
fn asked(client: &mut Client, headers: &str, status: u16) -> Outcome<(f64, f64, String)> {
    let mut request = String::from_utf8(get("/v1/offer-snapshot?lang=*", ""))?;
    request.insert_str(request.len() - 2, headers);
    let (mut took, mut size, mut tag) = (Vec::new(), 0.0, String::new());
    for _ in 0..ROUNDS {
        let watch = Stopwatch::start();
        let reply = client.exchange(request.as_bytes())?.expect(status)?;
        took.push(ms(watch.elapsed()));
        size = real(reply.body.len()) / 1024.0;
        tag = reply.header("etag").unwrap_or_default().to_owned();
    }
    Ok((size, median(took), tag))
}

/// A table of offers, each in two languages.
fn list(offers: usize, words: usize) -> Outcome<String> {
    let mut seed = 1;
    let mut csv = String::from(
        "key,language,title,summary,body,how_to_come,kind,topics,spoken,cost,registration,online,starts_local,minutes,rule\n",
    );
    for number in 0..offers {
        for (language, facts) in [
            ("de", "group,movement;heart,de;tr,free,none,yes,2027-01-12T18:00,60,FREQ=WEEKLY;COUNT=12"),
            ("tr", ",,,,,,,,"),
        ] {
            let mut said = |many| text(&mut seed, language, many);
            // Three in the title, a fifth of the rest in the summary, a tenth on the way there.
            let rest = words.saturating_sub(3);
            let (title, summary, way) = (said(3), said(rest / 5), said(rest / 10));
            let body = said(rest - rest / 5 - rest / 10);
            writeln!(csv, "k{number},{language},{title},{summary}.,{body}.,{way},{facts}")?;
        }
    }
    Ok(csv)
}

/// Words of a language's vocabulary.
fn text(seed: &mut u64, language: &str, many: usize) -> String {
    let mut words = Vec::with_capacity(many);
    for _ in 0..many {
        *seed = next(*seed);
        words.push(word(language, *seed >> 33, VOCABULARY));
    }
    words.join(" ")
}

/// The word with a number: two to four syllables that the language and the number give.
fn word(language: &str, number: u64, of: u64) -> String {
    const SYLLABLES: [&str; 24] = [
        "ba", "ren", "gel", "tur", "schi", "lo", "men", "kar", "fe", "und", "ge", "sund", "heit", "ber", "at", "ung",
        "zim", "mer", "hof", "weg", "an", "kom", "tag", "lich",
    ];
    let start = language.bytes().fold(number % of, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let mut state = next(start);
    let length = 2 + state % 3;
    (0..length)
        .filter_map(|_| {
            state = next(state);
            SYLLABLES.get(usize::try_from((state >> 40) % 24).ok()?)
        })
        .copied()
        .collect()
}

/// A step of a linear congruential generator (Knuth, MMIX).
const fn next(state: u64) -> u64 {
    state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407)
}
