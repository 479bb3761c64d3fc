//! What is stored is encrypted, and the keys to it can be replaced and destroyed (SR-K01, K03 to K06).

use std::{
    collections::hash_map::RandomState,
    fs,
    hash::{BuildHasher, Hasher},
    os::unix::fs::PermissionsExt,
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use serde_json::json;

use crate::{
    behind::Database::{Keys, Main},
    house::House,
    http::Reply,
    paper::{Report, Upload, pdf_of},
    people::{CANARY, Patient, Practice, Resident, approved, operators},
    server::{Server, Setup},
};

promises![
    sr_k01_no_word_about_anybody_stands_in_a_file_a_row_or_a_log,
    sr_k01_what_was_moved_or_cut_in_the_database_is_not_shown,
    sr_k01_a_finding_whose_owner_was_changed_is_not_shown,
    sr_k03_rotation_loses_no_read_however_often_it_is_killed,
    sr_k04_the_erased_stay_erased_after_a_restore,
    sr_k04_a_resident_erases_the_account_and_is_gone_at_once,
    sr_k04_a_key_store_from_yesterday_learns_who_was_erased,
    sr_k05_a_key_store_that_is_missing_or_anothers_stops_the_start,
    sr_k05_the_key_store_is_closed_to_others,
    sr_k06_there_are_no_core_dumps,
    sr_k02_the_inventory_names_every_key,
];

/// A word that stands in nothing public: practices and logins have [`CANARY`] in their names.
const SONGBIRD: &str = "Zeisigfink";

/// The word as it is, in hex, and in Base64 wherever it begins.
fn forms(word: &str) -> Vec<Vec<u8>> {
    let hex: String = word.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![word.as_bytes().to_vec(), hex.clone().into_bytes(), hex.to_uppercase().into_bytes()];
    for before in 0..3 {
        let encoded = BASE64_STANDARD_NO_PAD.encode([&vec![b'x'; before], word.as_bytes()].concat());
        // The first and the last characters hold bits of the neighbours.
        let whole = encoded.as_bytes()[(before * 4).div_ceil(3)..encoded.len() - 2].to_vec();
        forms.push(whole);
    }
    forms
}

pub(super) fn places_of(server: &Server, word: &str) -> Vec<String> {
    let forms = forms(word);
    let holds = |bytes: &[u8]| forms.iter().any(|form| bytes.windows(form.len()).any(|window| window == form));
    server.everything_stored().into_iter().filter(|(_, bytes)| holds(bytes)).map(|(place, _)| place).collect()
}

/// A report that names the patient and a value in its own words.
fn report(patient: &Patient) -> Vec<u8> {
    String::from_utf8(Report::new(patient).bytes()).unwrap().replace("Beispiel", SONGBIRD).into_bytes()
}

fn document(resident: &Resident) -> Upload {
    let page = String::from_utf8(pdf_of(150_000)).unwrap().replace(CANARY, &SONGBIRD[..CANARY.len()]);
    let page = page.replacen("% filling\n% filling\n", &format!("% {SONGBIRD:<16}\n"), 1);
    Upload::file(&resident.patient, page.into_bytes())
        .saying("title", json!(format!("Befund {SONGBIRD}")))
        .saying("author", json!(format!("Dr. {SONGBIRD}")))
        .saying("note", json!(format!("Bitte anrufen, {SONGBIRD}.")))
        .key(Some(&format!("{SONGBIRD}-{}", crate::house::number())))
}

fn sr_k01_no_word_about_anybody_stands_in_a_file_a_row_or_a_log(house: &House) {
    let server = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    let patient = Patient { reference: format!("{SONGBIRD}-1"), ..Patient::new() };
    let slip = practice.staff.invite_with_paper_consent(&patient);
    // One waits for the activation, one for a decision, one comes to its owner at once.
    practice.software.deliver(&Upload::fhir(report(&patient)));
    let unclear = Upload::fhir(report(&Patient { birth_date: String::from("1962-03-14"), ..patient.clone() }));
    let unclear = practice.software.deliver(&unclear);
    let resident = Resident::activate(&slip, &server);
    let finding = practice.software.deliver(&document(&resident));
    let body = json!({"patient_reference": patient.reference, "birth_date": patient.birth_date});
    let assigned = format!("/v1/practice/inbox/{}/assign", unclear["id"].as_str().unwrap());
    practice.staff.post(&assigned, &body).expect(200);
    practice.software.deliver(&Upload::fhir(report(&Patient { reference: format!("{SONGBIRD}-2"), ..Patient::new() })));
    practice.staff.post("/v1/practice/upload-credentials", &json!({"label": SONGBIRD})).expect(201);
    resident.wants_mail(&format!("{SONGBIRD}@example.org"));
    practice.software.deliver(&document(&resident));
    assert_eq!(resident.list().len(), 4);
    // What is said about a finding, and what is answered.
    let path = format!("/v1/findings/{}/corrections", finding["id"].as_str().unwrap());
    let correction =
        resident.post(&path, &json!({"said": format!("{SONGBIRD} stimmt nicht.")})).expect(201).text("/id");
    let answer = json!({"decision": "declined", "reason": format!("{SONGBIRD} stimmt doch.")});
    practice.staff.post(&format!("/v1/practice/corrections/{correction}/answer"), &answer).expect(200);
    assert!(resident.open(finding["id"].as_str().unwrap()).to_string().contains(SONGBIRD), "it can be read");
    assert!(resident.content(finding["id"].as_str().unwrap()).expect(200).body.len() > 100_000);

    assert_eq!(places_of(&server, SONGBIRD), Vec::<String>::new());
    assert_eq!(places_of(&server, &resident.patient.birth_date), Vec::<String>::new());
    let sha256 = document(&resident).sha256();
    assert_eq!(places_of(&server, &sha256), Vec::<String>::new());
    // The search does find what stands there: the name of a practice is public.
    assert!(!places_of(&server, &practice.name).is_empty());
    server.stop();
    assert_eq!(places_of(&server, SONGBIRD), Vec::<String>::new());
}

/// A resident with two documents of three chunks.
fn two_documents(practice: &Practice) -> (Resident, [String; 2]) {
    let resident = practice.resident();
    let ids = [0, 1].map(|_| practice.software.deliver(&document(&resident))["id"].as_str().unwrap().to_owned());
    (resident, ids)
}

/// A fault of ours, told without a word of content.
#[track_caller]
fn refused(reply: &Reply) {
    assert_eq!(reply.status, 500);
    let body = String::from_utf8_lossy(&reply.body);
    assert!(!body.contains(SONGBIRD) && !body.contains("%PDF"), "{body}");
}

fn sr_k01_what_was_moved_or_cut_in_the_database_is_not_shown(house: &House) {
    let server = house.own_server(Setup::default());
    let (resident, [one, two]) = two_documents(&Practice::add(&server));
    let of = |id: &str| server.bytes(id);
    let blob = |id: &str| {
        let column = server.hex("document_blob");
        server.ask(Main, &column, &format!("FROM findings WHERE id = {}", of(id))).remove(0)
    };
    let (blob_one, blob_two) = (of(&blob(&one)), of(&blob(&two)));
    let point = |id: &str, blob: &str| {
        server.execute(
            Main,
            &format!("UPDATE findings SET document_blob = {blob}, original_blob = {blob} WHERE id = {}", of(id)),
        );
    };
    // Two files of the same person, exchanged.
    point(&one, &blob_two);
    point(&two, &blob_one);
    refused(&resident.content(&one));
    refused(&resident.get(&format!("/v1/findings/{one}")));
    point(&one, &blob_one);
    point(&two, &blob_two);
    resident.content(&one).expect(200);

    let chunk = |n: u8| format!("blob_id = {blob_one} AND seq = {n}");
    let renumber = |from: u8, to: u8| {
        server.execute(Main, &format!("UPDATE blob_chunks SET seq = {to} WHERE {}", chunk(from)));
    };
    // The first two chunks, exchanged.
    for (from, to) in [(0, 9), (1, 0), (9, 1)] {
        renumber(from, to);
    }
    refused(&resident.content(&one));
    for (from, to) in [(0, 9), (1, 0), (9, 1)] {
        renumber(from, to);
    }
    resident.content(&one).expect(200);

    // A document that ends earlier, on a chunk's border.
    let size = server.ask(Main, "size", &format!("FROM blobs WHERE id = {blob_one}")).remove(0);
    server.execute(Main, &format!("UPDATE blobs SET size = 131072 WHERE id = {blob_one}"));
    refused(&resident.content(&one));
    server.execute(Main, &format!("UPDATE blobs SET size = {size}, media_type = 'image/png' WHERE id = {blob_one}"));
    refused(&resident.content(&one));
    server.execute(Main, &format!("UPDATE blobs SET media_type = 'application/pdf' WHERE id = {blob_one}"));
    resident.content(&one).expect(200);

    // Words and values of one finding in another one's row.
    let sealed = |id: &str| {
        let column = server.hex("summary_sealed");
        of(&server.ask(Main, &column, &format!("FROM findings WHERE id = {}", of(id))).remove(0))
    };
    server.execute(Main, &format!("UPDATE findings SET summary_sealed = {} WHERE id = {}", sealed(&two), of(&one)));
    refused(&resident.get(&format!("/v1/findings/{one}")));
    refused(&resident.get("/v1/findings"));
    resident.open(&two);
    assert!(server.log().contains("findings.summary"), "the log names the place");
}

fn sr_k01_a_finding_whose_owner_was_changed_is_not_shown(house: &House) {
    let server = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    let (_, [finding, _]) = two_documents(&practice);
    let thief = practice.resident();
    thief.wants_mail("zeisig@example.org");
    let change =
        format!("UPDATE findings SET resident_id = {} WHERE id = {}", server.bytes(&thief.id), server.bytes(&finding));
    server.execute(Main, &change);
    refused(&thief.get(&format!("/v1/findings/{finding}")));
    refused(&thief.content(&finding));
    refused(&thief.get(&format!("/v1/findings/{finding}/fhir")));
}

/// A part of a time, another one in every call.
fn random_part_of(time: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish();
    time * u32::try_from(random % 1_000).unwrap() / 1_000
}

fn sr_k03_rotation_loses_no_read_however_often_it_is_killed(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let residents: Vec<Resident> = (0..20).map(|_| practice.resident()).collect();
    for resident in &residents {
        practice.software.deliver(&Upload::pdf(&resident.patient));
    }
    let start = Instant::now();
    server.cli(&["keys", "rotate", "--batch", "1"]);
    let whole = start.elapsed();
    let (over, reads, failed) = (AtomicBool::new(false), AtomicU32::new(0), AtomicU32::new(0));
    // People sign in again when the clock was moved, and a new sign-in ends the one before: nobody reads meanwhile.
    let signing_in = RwLock::new(());
    let later = |seconds| {
        let _alone = signing_in.write().unwrap();
        server.move_clock(seconds);
        residents.iter().for_each(|resident| resident.sign_in_again());
    };
    thread::scope(|scope| {
        for reader in 0..50 {
            let (resident, over, reads, failed) = (&residents[reader % residents.len()], &over, &reads, &failed);
            let signing_in = &signing_in;
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    // A server with all hands full asks for patience; that is no loss.
                    let _others = signing_in.read().unwrap();
                    let reply = resident.call("GET", "/v1/findings").try_send();
                    let read = reply.as_ref().is_ok_and(|r| r.status == 503 || r.items().len() == 1);
                    reads.fetch_add(1, Ordering::Relaxed);
                    failed.fetch_add(u32::from(!read), Ordering::Relaxed);
                }
            });
        }
        for kill in 1..=10 {
            // Keys are kept in memory for a minute: with each kill, all of them are fetched anew.
            later(kill * 61);
            let mut rotation = server.start_command(&["keys", "rotate", "--batch", "1"]);
            thread::sleep(random_part_of(whole));
            drop(rotation.kill());
            rotation.wait().unwrap();
        }
        server.cli(&["keys", "rotate", "--batch", "3"]);
        later(11 * 61);
        residents.iter().for_each(|resident| assert_eq!(resident.list().len(), 1));
        over.store(true, Ordering::Relaxed);
    });
    assert_eq!(failed.into_inner(), 0);
    assert!(reads.into_inner() > 100);
    let left = "FROM subject_keys k JOIN key_encryption_keys e ON e.id = k.kek_id WHERE e.state <> 'active'";
    assert_eq!(server.ask(Keys, "count(*)", left), ["0"]);
    let states = server.ask(Keys, "count(*)", "FROM key_encryption_keys WHERE state <> 'destroyed'");
    assert_eq!(states, ["1"], "no key encryption key is left over");
    assert_eq!(
        server.ask(Keys, "count(*)", "FROM key_encryption_keys WHERE state = 'destroyed' AND key_wrapped IS NOT NULL"),
        ["0"]
    );
}

/// Puts the main database of an earlier moment into the place of today's. The server is stopped.
struct Backup(Option<String>);

impl Backup {
    fn of(server: &Server, folder: &str, file: &str) -> Self {
        match server.postgres() {
            Some(postgres) => {
                let url = if file == "nahraum.db" { &postgres.main } else { &postgres.keys };
                Self(Some(postgres.cluster.copy_database(url)))
            }
            None => {
                // Nobody writes now, so the file and its log of writes are a backup together.
                for end in ["", "-wal"] {
                    let from = server.path(&format!("{folder}/{file}{end}"));
                    drop(fs::copy(from, server.path(&format!("backup-{file}{end}"))));
                }
                Self(None)
            }
        }
    }

    fn restore(&self, server: &Server, folder: &str, file: &str) {
        match (&self.0, server.postgres()) {
            (Some(copy), Some(postgres)) => {
                let configuration = server.path("nahraum.toml");
                let text = fs::read_to_string(&configuration).unwrap();
                let url = if file == "nahraum.db" { &postgres.main } else { &postgres.keys };
                fs::write(configuration, text.replace(&format!("{url}\""), &format!("{copy}\""))).unwrap();
            }
            _ => {
                for end in ["", "-wal", "-shm"] {
                    let place = server.path(&format!("{folder}/{file}{end}"));
                    drop(fs::remove_file(&place));
                    drop(fs::copy(server.path(&format!("backup-{file}{end}")), &place));
                }
            }
        }
    }

    /// The rows in the restored database that name a resident or a finding.
    fn count(&self, server: &Server, rest: &str) -> String {
        match (&self.0, server.postgres()) {
            (Some(copy), Some(postgres)) => {
                postgres.cluster.query(copy, &format!("SELECT count(*) {rest}")).trim().to_owned()
            }
            _ => server.ask(Main, "count(*)", rest).remove(0),
        }
    }
}

/// Two persons of the operator erase a resident; gives what the command said.
fn erase(server: &Arc<Server>, resident: &Resident) -> String {
    let [asking, agreeing] = operators(server);
    let approval = approved(&asking, &agreeing, "destroy-key", "asked", &resident.id);
    server.cli(&["keys", "destroy", "--resident", &resident.id, "--approval", &approval])
}

fn sr_k04_the_erased_stay_erased_after_a_restore(house: &House) {
    let server = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    let (resident, [finding, _]) = two_documents(&practice);
    let neighbour = practice.resident();
    practice.software.deliver(&Upload::pdf(&neighbour.patient));
    resident.wants_mail("zeisig@example.org");
    server.stop();
    let yesterday = Backup::of(&server, "data", "nahraum.db");
    server.restart();

    let said = erase(&server, &resident);
    assert!(said.contains("Erased"), "{said}");
    resident.get("/v1/findings").expect(401);
    practice.staff.get(&format!("/v1/practice/findings/{finding}")).expect(404);
    let upload = Upload::pdf(&resident.patient);
    assert_eq!(practice.software.upload(&upload).expect(403).json()["code"], "consent-missing");
    let key = format!("FROM subject_keys WHERE subject_id = {}", server.bytes(&resident.id));
    assert_eq!(server.ask(Keys, "count(*)", &key), ["0"], "the key is gone");
    assert!(server.cli(&["keys", "list"]).contains("Erased residents in the ledger: 1"));

    server.stop();
    yesterday.restore(&server, "data", "nahraum.db");
    let mine = format!("FROM residents WHERE id = {}", server.bytes(&resident.id));
    assert_eq!(yesterday.count(&server, &mine), "1", "the backup has them");
    server.restart();
    resident.get("/v1/findings").expect(401);
    practice.staff.get(&format!("/v1/practice/findings/{finding}")).expect(404);
    for (table, column) in [
        ("residents", "id"),
        ("findings", "resident_id"),
        ("devices", "resident_id"),
        ("sessions", "resident_id"),
        ("consents", "resident_id"),
        ("outbox", "resident_id"),
        ("value_index", "resident_id"),
        ("patients", "resident_id"),
    ] {
        let rows = format!("FROM {table} WHERE {column} = {}", server.bytes(&resident.id));
        assert_eq!(yesterday.count(&server, &rows), "0", "{table}");
    }
    assert_eq!(yesterday.count(&server, "FROM blobs"), "1", "the neighbour's");
    assert_eq!(neighbour.list().len(), 1);
    let line = format!("FROM access_log WHERE action = 'erase' AND resident_id = {}", server.bytes(&resident.id));
    assert_eq!(yesterday.count(&server, &line), "1", "that it was done stays in the log");
}

/// Yesterday's key store still has the key, and a ledger that knows nothing of it: the main database remembers.
fn sr_k04_a_key_store_from_yesterday_learns_who_was_erased(house: &House) {
    let server = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    let resident = practice.resident();
    practice.software.deliver(&Upload::pdf(&resident.patient));
    server.stop();
    let yesterday = Backup::of(&server, "data/keys", "keys.db");
    server.restart();
    erase(&server, &resident);
    server.stop();
    yesterday.restore(&server, "data/keys", "keys.db");
    server.restart();
    let said = server.cli(&["keys", "list"]);
    assert!(said.contains("Erased residents in the ledger: 1"), "{said}");
    let left = said.lines().find(|line| line.starts_with("  resident ")).unwrap_or_default();
    assert_eq!(left.split_whitespace().last(), Some("0"), "the key that came back is destroyed again");
    resident.get("/v1/findings").expect(401);
    assert_eq!(practice.resident().list().len(), 0, "life goes on");
}

/// SR-P02, SR-A08: people go by themselves, with a fresh sign-in, and at once.
fn sr_k04_a_resident_erases_the_account_and_is_gone_at_once(house: &House) {
    let practice = house.practice();
    let (resident, [finding, _]) = two_documents(&practice);
    resident.call("DELETE", "/v1/me").send().expect(204);
    resident.get("/v1/findings").problem(401, "not-signed-in");
    resident.sign_in(crate::people::PIN).problem(401, "sign-in-failed");
    practice.staff.get(&format!("/v1/practice/findings/{finding}")).expect(404);
    // The practice may invite them again, and begins with nothing.
    let again = crate::people::Resident::activate(&practice.staff.invite(&resident.patient), house.server());
    assert_ne!(again.id, resident.id);
    assert_eq!(again.list().len(), 0);
}

fn sr_k05_a_key_store_that_is_missing_or_anothers_stops_the_start(house: &House) {
    if house.engine == crate::house::Engine::Postgres {
        return sr_k05_the_main_database_is_no_key_store(house);
    }
    let (server, other) = (house.own_server(Setup::default()), house.own_server(Setup::default()));
    let resident = Practice::add(&server).resident();
    server.stop();
    other.stop();
    let (file, safe) = (server.path("data/keys/keys.db"), server.path("safe.db"));
    fs::rename(&file, &safe).unwrap();
    stops_with(&server, "is missing");
    assert!(!file.exists(), "no new key store takes its place");
    fs::copy(other.path("data/keys/keys.db"), &file).unwrap();
    stops_with(&server, "is not the one");
    fs::rename(&safe, &file).unwrap();
    server.restart();
    resident.get("/v1/me").expect(200);
}

fn sr_k05_the_main_database_is_no_key_store(house: &House) {
    let server = house.own_server(Setup::default());
    server.stop();
    let postgres = server.postgres().expect("PostgreSQL");
    let configuration = server.path("nahraum.toml");
    let text = fs::read_to_string(&configuration).unwrap();
    fs::write(&configuration, text.replace(&postgres.keys, &postgres.main)).unwrap();
    stops_with(&server, "are the same database");
    // The same one by another name.
    let hidden = postgres.main.replace("127.0.0.1", "localhost");
    fs::write(&configuration, text.replace(&postgres.keys, &hidden)).unwrap();
    stops_with(&server, "leads to the main database");
}

#[track_caller]
fn stops_with(server: &Server, words: &str) {
    let output = server.run(&["serve"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains(words), "{said}");
}

fn sr_k05_the_key_store_is_closed_to_others(house: &House) {
    let server = house.own_server(Setup::default());
    drop(Practice::add(&server));
    let mode = |name: &str| fs::metadata(server.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("data/root.key"), 0o600);
    if house.engine == crate::house::Engine::Sqlite {
        assert_eq!((mode("data/keys"), mode("data/keys/keys.db")), (0o700, 0o600));
        server.stop();
        for (name, open, closed) in [("data/keys", 0o755, 0o700), ("data/keys/keys.db", 0o644, 0o600)] {
            let set = |mode| fs::set_permissions(server.path(name), fs::Permissions::from_mode(mode)).unwrap();
            set(open);
            stops_with(&server, "mend it with: chmod");
            set(closed);
        }
        server.restart();
    }
}

fn sr_k06_there_are_no_core_dumps(house: &House) {
    let server: &Arc<Server> = house.server();
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.pid())).expect("limits");
    let line = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a limit");
    assert_eq!(line.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"]);
}

fn sr_k02_the_inventory_names_every_key(house: &House) {
    let server = house.own_server(Setup::default());
    drop(Practice::add(&server).resident());
    let said = server.cli(&["keys", "list"]);
    for words in ["nahraum/1/pepper", "subject key", "active", "Erased residents in the ledger: 0"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let counts: Vec<&str> = said.lines().filter(|line| line.starts_with("  resident ")).collect();
    assert_eq!(counts[0].split_whitespace().collect::<Vec<_>>(), ["resident", "1"]);
}
