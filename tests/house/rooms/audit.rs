//! The access log as a proof: nobody changes it unnoticed, residents take it away, and it tells enough and not more.

use std::{fs, os::unix::fs::PermissionsExt, process::Output, thread, time::Duration};

use serde_json::{Value, json};

use crate::{
    house::{Engine, House},
    paper::{Report, Upload},
    people::{Practice, Resident},
    processes,
    server::{Server, Setup},
    sql::Intruder,
};

promises![
    sr_l04_what_is_older_than_three_years_is_gone_and_the_rest_still_verifies,
    sr_l01_no_entry_no_content,
    sr_l01_every_answer_with_content_has_its_entry_and_a_gap_is_an_alarm,
    sr_l02_flip_delete_insert_and_reorder_are_named,
    sr_l02_the_newest_end_cannot_be_cut_off_unnoticed,
    sr_l02_two_servers_on_one_database_keep_one_chain,
    sr_l02_what_was_not_linked_when_the_server_died_is_linked_after_the_start,
    sr_l03_a_resident_takes_the_log_away_and_it_verifies_without_any_server,
    sr_l03_denied_tries_are_told_and_filters_narrow,
    sr_l03_a_first_meeting_is_noticed_if_the_resident_wants_it,
    sr_l05_verifying_tells_nothing_about_anybody,
    sr_l03_a_resident_has_the_log_on_paper_in_their_language,
    sr_l08_who_was_affected_is_told_by_whom_and_how_often,
];

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn whole(server: &Server) -> String {
    let output = server.run(&["audit", "verify"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    said(&output)
}

#[track_caller]
fn not_whole(server: &Server, words: &str) {
    let output = server.run(&["audit", "verify"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains(words), "{words:?} is not in: {}", said(&output));
}

/// A server with a practice, a resident, two findings, and some looks at them.
fn busy(house: &House, setup: Setup) -> (std::sync::Arc<Server>, Practice, Resident, String) {
    let server = house.own_server(setup);
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let finding = practice.software.deliver(&Upload::pdf(&resident.patient))["id"].as_str().unwrap().to_owned();
    practice.software.deliver(&Upload::fhir(Report::new(&resident.patient).bytes()));
    resident.list();
    resident.open(&finding);
    resident.content(&finding).expect(200);
    resident.get("/v1/trends?loinc=2823-3").expect(200);
    practice.staff.receipt(&finding);
    practice.staff.inbox();
    (server, practice, resident, finding)
}

fn sr_l01_no_entry_no_content(house: &House) {
    let (server, practice, resident, finding) = busy(house, Setup::default());
    let mut intruder = Intruder::at(&server);
    intruder.run("ALTER TABLE access_log RENAME TO elsewhere");
    for path in [
        String::from("/v1/findings"),
        format!("/v1/findings/{finding}"),
        format!("/v1/findings/{finding}/content"),
        format!("/v1/findings/{finding}/fhir"),
        String::from("/v1/trends?loinc=2823-3"),
    ] {
        let reply = resident.get(&path);
        assert_eq!(reply.status, 503, "{path}");
        assert!(reply.header("content-type").unwrap().starts_with("application/problem+json"), "{path}");
        assert!(!String::from_utf8_lossy(&reply.body).contains(&finding), "{path}");
    }
    assert_eq!(practice.staff.get("/v1/practice/inbox").status, 503);
    // Also whoever is refused is only told so when the try is written down.
    assert_eq!(practice.staff.get(&format!("/v1/findings/{finding}")).status, 503);
    intruder.run("ALTER TABLE elsewhere RENAME TO access_log");
    resident.open(&finding);
    if house.engine == Engine::Sqlite {
        // Somebody else holds the write lock for longer than the server waits.
        intruder.run("BEGIN IMMEDIATE");
        let reply = resident.get(&format!("/v1/findings/{finding}"));
        assert_eq!(reply.status, 503);
        intruder.run("ROLLBACK");
        resident.open(&finding);
    }
    server.stop();
    whole(&server);
}

fn sr_l01_every_answer_with_content_has_its_entry_and_a_gap_is_an_alarm(house: &House) {
    let (server, _, resident, finding) = busy(house, Setup::default());
    let mut intruder = Intruder::at(&server);
    let opened = "SELECT count(*) FROM access_log WHERE action = 'open' AND outcome = 'done'";
    let before = intruder.number(opened);
    for _ in 0..40 {
        resident.open(&finding);
    }
    assert_eq!(intruder.number(opened), before + 40, "one entry an answer, and no more");
    // Unsealed and then not shown: there is no document, no such value.
    resident.get("/v1/trends?loinc=9999-9").expect(404);
    server.stop();
    let (answers, unsealed) = (
        intruder.number("SELECT sum(answers) FROM log_processes"),
        intruder.number("SELECT sum(unsealed) FROM log_processes"),
    );
    assert!(answers >= 46 && answers == unsealed, "{answers} answers, {unsealed} unsealed");
    whole(&server);
    intruder.run("UPDATE log_processes SET answers = answers + 1");
    not_whole(&server, "answers with health data");
    intruder.run("UPDATE log_processes SET answers = answers - 1");
    server.restart();
    assert_eq!(server.stop(), Some(0), "a restart is no alarm");
    whole(&server);
    assert!(!server.log().contains("reconciliation"));
    // The daily check takes the way of health data and is found.
    assert!(intruder.number("SELECT count(*) FROM access_log WHERE action = 'check'") >= 1);
    intruder.run("UPDATE log_processes SET seen_at = seen_at + 172800000000");
    not_whole(&server, "check entry");
}

fn sr_l02_flip_delete_insert_and_reorder_are_named(house: &House) {
    let (server, ..) = busy(house, Setup::default());
    server.stop();
    whole(&server);
    let mut intruder = Intruder::at(&server);
    intruder.run("CREATE TABLE safe AS SELECT * FROM access_log");
    let count = intruder.number("SELECT max(seq) FROM access_log");
    assert!(count >= 9);
    let entry =
        "id, resident_id, at, actor_kind, actor_id, organisation_id, action, finding_id, basis, outcome, request_id";
    let cheats = [
        ("UPDATE access_log SET outcome = 'denied' WHERE seq = 4".to_owned(), "entry 4 ("),
        ("UPDATE access_log SET at = at - 1 WHERE seq = 5".to_owned(), "entry 5 ("),
        ("UPDATE access_log SET action = 'quatsch\"' WHERE seq = 5".to_owned(), "entry 5 cannot be read"),
        ("UPDATE access_log SET resident_id = NULL WHERE seq = 3".to_owned(), "entry 3 ("),
        ("UPDATE access_log SET hash = request_id WHERE seq = 6".to_owned(), "entry 6 cannot be read"),
        ("DELETE FROM access_log WHERE seq = 4".to_owned(), "entry 4 is missing"),
        ("DELETE FROM access_log WHERE seq < 4".to_owned(), "entry 1 is missing"),
        (format!("DELETE FROM access_log WHERE seq = {count}"), "the newest entries are missing"),
        (
            format!(
                "INSERT INTO access_log (seq, hash, number, resident_hash, {entry}) \
                 SELECT {count} + 1, hash, number + 1000, resident_hash, {entry} FROM access_log WHERE seq = 4"
            ),
            "entry ",
        ),
        (
            format!(
                "UPDATE access_log SET seq = -seq - 1 WHERE seq >= 4; UPDATE access_log SET seq = -seq WHERE seq < 0; \
                 INSERT INTO access_log (seq, hash, number, resident_hash, {entry}) \
                 SELECT 4, hash, number + 1000, resident_hash, {entry} FROM access_log WHERE seq = 5"
            ),
            "entry 4 (",
        ),
        (
            "UPDATE access_log SET seq = -1 WHERE seq = 3; UPDATE access_log SET seq = 3 WHERE seq = 5; \
             UPDATE access_log SET seq = 5 WHERE seq = -1"
                .to_owned(),
            "entry 3 (",
        ),
        ("UPDATE log_checkpoints SET seq = seq - 1".to_owned(), "signature"),
        ("UPDATE log_checkpoints SET verifying_key = hash".to_owned(), "another key"),
    ];
    intruder.run("CREATE TABLE safe_points AS SELECT * FROM log_checkpoints");
    for (cheat, words) in cheats {
        intruder.run(&cheat);
        not_whole(&server, words);
        intruder.run("DELETE FROM access_log; INSERT INTO access_log SELECT * FROM safe");
        intruder.run("DELETE FROM log_checkpoints; INSERT INTO log_checkpoints SELECT * FROM safe_points");
        whole(&server);
    }
    // Entries that nobody links.
    intruder.run(&format!("INSERT INTO access_log_pending ({entry}) SELECT {entry} FROM access_log WHERE seq = 4"));
    intruder.run("UPDATE access_log_pending SET at = at - 120000000");
    not_whole(&server, "waited to be linked");
}

fn sr_l02_the_newest_end_cannot_be_cut_off_unnoticed(house: &House) {
    let (server, ..) = busy(house, Setup::default());
    assert_eq!(server.stop(), Some(0));
    let file = server.path("data/checkpoints.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let mut intruder = Intruder::at(&server);
    let count = intruder.number("SELECT max(seq) FROM access_log");
    assert_eq!(last["seq"], count, "the end was signed when the server stopped");
    let inside = last["signature"].as_str().unwrap().to_owned();
    assert!(server.log().contains(&inside), "the checkpoint is a line of the technical log");
    let elsewhere = server.path("elsewhere.jsonl");
    fs::copy(&file, &elsewhere).unwrap();
    // Somebody takes the newest two entries away and everything in the database that tells of them.
    intruder.run(&format!("DELETE FROM access_log WHERE seq > {count} - 2"));
    intruder.run(&format!("DELETE FROM log_checkpoints WHERE seq > {count} - 2"));
    intruder.run(
        "UPDATE access_log_head SET seq = (SELECT max(seq) FROM access_log), \
         hash = (SELECT hash FROM access_log ORDER BY seq DESC LIMIT 1)",
    );
    not_whole(&server, "the newest entries are gone");
    fs::remove_file(&file).unwrap();
    // Without anything kept outside, this much cannot be seen; with the copy it is.
    whole(&server);
    let output = server.run(&["audit", "verify", "--checkpoints", elsewhere.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("the newest entries are gone"), "{}", said(&output));
    // And a log that goes on from there is another one.
    server.restart();
    for _ in 0..3 {
        server.cli(&["audit", "checkpoint"]);
    }
    let key = server.cli(&["audit", "key"]);
    assert_eq!(key.trim().len(), 64);
}

fn sr_l02_two_servers_on_one_database_keep_one_chain(house: &House) {
    let (server, _, resident, finding) = busy(house, Setup::default());
    if server.database().is_none() {
        return;
    }
    let second = Server::beside(&server);
    thread::scope(|scope| {
        for side in [&server, &second] {
            for _ in 0..4 {
                let (finding, token) = (&finding, &resident.token);
                scope.spawn(move || {
                    for _ in 0..25 {
                        side.call("GET", &format!("/v1/findings/{finding}")).token(token).send().expect(200);
                        side.call("PUT", &format!("/v1/findings/{finding}/read")).token(token).send();
                    }
                });
            }
        }
    });
    let mut intruder = Intruder::at(&server);
    assert_eq!(intruder.number("SELECT count(*) FROM access_log WHERE action = 'open'"), 201);
    assert_eq!(second.stop(), Some(0));
    assert_eq!(server.stop(), Some(0));
    whole(&server);
}

fn sr_l02_what_was_not_linked_when_the_server_died_is_linked_after_the_start(house: &House) {
    let (server, practice, resident, _) = busy(house, Setup::default());
    // The entry of a change is committed with it; somebody pulls the plug before the writer links it.
    let mut intruder = Intruder::at(&server);
    practice.software.deliver(&Upload::pdf(&resident.patient));
    server.kill();
    let linked = intruder.number("SELECT count(*) FROM access_log WHERE action = 'deliver'");
    let pending = intruder.number("SELECT count(*) FROM access_log_pending");
    assert_eq!(linked + pending, 3, "no entry is lost");
    server.restart();
    let delivered = resident.get("/v1/access-log?action=deliver").expect(200).items();
    assert_eq!(delivered.len(), 3);
    server.stop();
    assert_eq!(intruder.number("SELECT count(*) FROM access_log_pending"), 0);
    whole(&server);
}

/// Runs the verifier where there is nothing else.
fn verify_export(server: &Server, file: &str, key: Option<&str>) -> Output {
    let mut command = processes::command(processes::nahraum());
    command.args(["audit", "verify-export", file]).env_clear().current_dir(server.path(""));
    command.args(key.into_iter().flat_map(|key| ["--key", key]));
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    processes::start(command).wait_with_output().unwrap()
}

fn sr_l03_a_resident_takes_the_log_away_and_it_verifies_without_any_server(house: &House) {
    let (server, _, resident, finding) = busy(house, Setup::default());
    let head = resident.get("/v1/access-log?limit=1").expect(200).json()["head"].clone();
    resident.open(&finding);
    let reply = resident.get("/v1/access-log/export").expect(200);
    let (export, key) = (reply.json(), server.get("/v1/server").expect(200).text("/log_key"));
    let entries = export["entries"].as_array().unwrap();
    let then = usize::try_from(head["count"].as_i64().unwrap()).unwrap();
    assert_eq!(entries.len(), then + 1);
    assert_eq!(entries[then - 1]["hash"], head["hash"], "the head that an app has kept is in the chain");
    server.stop();
    let file = server.path("export.json");
    let path = file.to_str().unwrap();
    fs::write(&file, &reply.body).unwrap();
    let output = verify_export(&server, path, Some(&key));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains(&resident.id) && said(&output).contains("by the key you gave"));
    assert_eq!(verify_export(&server, path, Some(&"ab".repeat(32))).status.code(), Some(1));
    let mut cheated = export.clone();
    let body = cheated["entries"][2]["body"].as_str().unwrap().replace("\"done\"", "\"denied\"");
    cheated["entries"][2]["body"] = json!(body);
    fs::write(&file, cheated.to_string()).unwrap();
    let output = verify_export(&server, path, Some(&key));
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("entry 3"), "{}", said(&output));
}

fn sr_l03_denied_tries_are_told_and_filters_narrow(house: &House) {
    let (practice, other) = (house.own_practice(), house.own_practice());
    let resident = practice.resident();
    let finding = practice.software.deliver(&Upload::pdf(&resident.patient))["id"].as_str().unwrap().to_owned();
    for _ in 0..13 {
        resident.open(&finding);
    }
    for _ in 0..13 {
        resident.list();
    }
    other.staff.get(&format!("/v1/practice/findings/{finding}")).problem(404, "not-found");
    let page = resident.get("/v1/access-log").expect(200);
    assert_eq!(page.items().len(), 25, "25 a page");
    let newest = &page.items()[0];
    assert_eq!((&newest["outcome"], &newest["organisation"]), (&json!("denied"), &json!(other.name)));
    assert_eq!(newest["finding_id"], json!(finding));
    assert!(newest["actor_id"].is_string() && newest["basis"].is_null(), "{newest}");
    let asked = |query: &str| resident.get(&format!("/v1/access-log?limit=200&{query}")).expect(200).items();
    assert_eq!(asked("outcome=denied").len(), 1);
    assert_eq!(asked("action=open").len(), 13);
    assert_eq!(asked("action=open&outcome=denied").len(), 0);
    assert_eq!(asked(&format!("organisation={}", other.id)).len(), 1);
    assert_eq!(asked("to=2020-01-01T00:00:00Z").len(), 0);
    assert_eq!(asked("from=2020-01-01T00:00:00Z").len(), asked("").len());
    let numbers: Vec<i64> = asked("").iter().map(|line| line["number"].as_i64().unwrap()).collect();
    let count = i64::try_from(numbers.len()).unwrap();
    assert_eq!(numbers, (1..=count).rev().collect::<Vec<_>>());
    for wrong in ["action=x", "outcome=x", "from=gestern", "to=x", "organisation=x"] {
        let reply = resident.get(&format!("/v1/access-log?{wrong}"));
        assert_eq!(reply.status, 422, "{wrong}: {}", reply.json());
    }
    let cursor = page.text("/next_cursor");
    resident.get(&format!("/v1/access-log?action=open&cursor={cursor}")).problem(400, "cursor-mismatch");
}

fn sr_l03_a_first_meeting_is_noticed_if_the_resident_wants_it(house: &House) {
    let (server, practice, resident, finding) = busy(house, Setup::default());
    let (quiet, other) = (practice.resident(), Practice::add(&server));
    let quietly = practice.software.deliver(&Upload::pdf(&quiet.patient))["id"].as_str().unwrap().to_owned();
    assert_eq!(resident.get("/v1/me").expect(200).json()["notify_first_access"], json!(false), "off by default");
    let mut intruder = Intruder::at(&server);
    let change = json!({"notify_first_access": true});
    for resident in [&resident, &quiet] {
        resident.wants_mail("kanarie@example.org");
    }
    let untold = |intruder: &mut Intruder| intruder.number("SELECT count(*) FROM log_parties WHERE told = 0");
    let settled = |intruder: &mut Intruder| {
        for _ in 0..100 {
            if untold(intruder) == 0 {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("nobody was told");
    };
    settled(&mut intruder);
    let notices = "SELECT count(*) FROM outbox";
    assert_eq!(intruder.number(notices), 0);
    let me = resident.call("PATCH", "/v1/me").json(&change).send().expect(200).json();
    assert_eq!(me["notify_first_access"], json!(true));
    // The practice that is known looks again, and somebody new tries.
    practice.staff.receipt(&finding);
    for finding in [&finding, &quietly] {
        other.staff.get(&format!("/v1/practice/findings/{finding}")).problem(404, "not-found");
    }
    settled(&mut intruder);
    assert_eq!(intruder.number(notices), 1, "one notice, for the one who wants it");
}

fn sr_l04_what_is_older_than_three_years_is_gone_and_the_rest_still_verifies(house: &House) {
    let (server, practice, resident, finding) = busy(house, Setup { clock: true, ..Setup::default() });
    let before = resident.get("/v1/access-log?limit=1").expect(200).json()["head"]["count"].as_i64().unwrap();
    let mut intruder = Intruder::at(&server);
    let three_years = 3 * 366 * 86_400;
    server.move_clock(three_years - 7 * 86_400);
    // No phone stays bound for three years: the practice has given another slip.
    let resident = Resident::activate(&practice.staff.invite(&resident.patient), &server);
    resident.get(&format!("/v1/findings/{finding}")).expect(200);
    server.stop();
    server.restart();
    assert_eq!(intruder.number("SELECT pruned_seq FROM access_log_head"), 0, "not a day too early");
    server.stop();
    server.move_clock(three_years);
    server.restart();
    for _ in 0..100 {
        if intruder.number("SELECT pruned_seq FROM access_log_head") > 0 {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    let log = resident.get("/v1/access-log?limit=200").expect(200).json();
    let numbers: Vec<i64> = log["items"].as_array().unwrap().iter().map(|e| e["number"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [before + 2, before + 1], "only the new phone and the look of last week are left");
    assert_eq!(log["head"]["count"], json!(before + 2));
    let reply = resident.get("/v1/access-log/export").expect(200);
    server.stop();
    assert!(whole(&server).contains("were deleted because of their age; the anchor is signed"));
    let file = server.path("export.json");
    fs::write(&file, &reply.body).unwrap();
    let output = verify_export(&server, file.to_str().unwrap(), None);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains(&format!("{before} older entries")), "{}", said(&output));
    // Whoever deletes the beginning and calls it pruning has no signature for it.
    intruder.run("DELETE FROM log_checkpoints WHERE mark = 'anchor'");
    not_whole(&server, "no signed anchor");
    drop(practice);
}

fn sr_l05_verifying_tells_nothing_about_anybody(house: &House) {
    let (server, practice, resident, finding) = busy(house, Setup::default());
    server.stop();
    let words = whole(&server);
    for secret in [&practice.id, &resident.id, &finding, &practice.name] {
        assert!(!words.contains(secret.as_str()), "{words}");
    }
}

/// What a paper says about itself, which is not compressed (PDF/A): its title and its language.
fn sr_l03_a_resident_has_the_log_on_paper_in_their_language(house: &House) {
    let (_, practice, resident, _) = busy(house, Setup::default());
    let paper = |path: &str, language: &str| {
        let reply = resident.call("GET", path).header("accept-language", language).send().expect(200);
        assert_eq!(reply.header("content-type"), Some("application/pdf"));
        assert!(reply.body.starts_with(b"%PDF-1.7"));
        String::from_utf8_lossy(&reply.body).into_owned()
    };
    for (language, title) in [("de", "Ihr Zugriffsprotokoll"), ("tr", "Erişim kaydınız"), ("fa", "گزارش دسترسی شما")]
    {
        let said = paper("/v1/access-log/pdf", language);
        assert!(said.contains(title) && said.contains(&format!("<rdf:li>{language}</rdf:li>")), "{language}");
    }
    // Without a wish it speaks as the resident's settings say.
    resident.call("PATCH", "/v1/me").json(&json!({"language": "ru"})).send().expect(200);
    let reply = resident.get("/v1/access-log/pdf").expect(200);
    assert!(String::from_utf8_lossy(&reply.body).contains("Ваш журнал доступа"));
    let whole = paper("/v1/access-log/pdf", "de").len();
    let older = paper("/v1/access-log/pdf?before=2", "de").len();
    assert!(
        paper("/v1/access-log/pdf?before=1", "de").len() < older && older < whole,
        "`before` leaves newer ones out"
    );
    resident.get("/v1/access-log/pdf?before=x").problem(400, "invalid-parameter");
    practice.staff.get("/v1/access-log/pdf").problem(403, "forbidden");
}

fn sr_l08_who_was_affected_is_told_by_whom_and_how_often(house: &House) {
    let (server, practice, resident, finding) = busy(house, Setup::default());
    let (other, quiet) = (Practice::add(&server), practice.resident());
    other.staff.get(&format!("/v1/practice/findings/{finding}")).problem(404, "not-found");
    server.stop();
    let asked = |more: &[&str]| {
        let all = ["audit", "affected", "--from", "2020-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z"];
        server.cli(&[&all, more].concat())
    };
    let told = |more: &[&str]| -> Value { serde_json::from_str(&asked(&[more, &["--json"]].concat())).unwrap() };
    let of = |report: &Value, resident: &str, organisation: Option<&str>| -> Value {
        let rows = report["rows"].as_array().unwrap().iter();
        let mine = rows.filter(|row| row["resident"] == resident && row["organisation"].as_str() == organisation);
        json!(mine.collect::<Vec<_>>())
    };
    let report = told(&[]);
    assert_eq!(report["affected"], 2);
    let own = of(&report, &resident.id, None);
    assert_eq!((&own[0]["actor"], &own[0]["actor_id"]), (&json!("resident"), &json!(resident.id)));
    assert_eq!((&own[0]["looks"], &own[0]["downloads"], &own[0]["refused"]), (&json!(3), &json!(1), &json!(0)));
    let tried = of(&report, &resident.id, Some(&other.id));
    assert_eq!((&tried[0]["looks"], &tried[0]["refused"]), (&json!(0), &json!(1)), "{tried}");
    let theirs = of(&report, &resident.id, Some(&practice.id));
    let sum =
        |rows: &Value, what: &str| rows.as_array().unwrap().iter().map(|row| row[what].as_i64().unwrap()).sum::<i64>();
    assert_eq!((sum(&theirs, "looks"), sum(&theirs, "changes")), (1, 2), "a receipt, two deliveries: {theirs}");
    assert_eq!(sum(&of(&report, &quiet.id, None), "looks"), 0);
    // By an organisation, by a person, without what residents did themselves, and at another time.
    let one = told(&["--organisation", &other.id]);
    assert_eq!((&one["affected"], one["rows"].as_array().unwrap().len()), (&json!(0), 1), "a try shows nothing");
    let person = tried[0]["actor_id"].as_str().unwrap();
    assert_eq!(told(&["--actor", person])["rows"], tried);
    let others = told(&["--by-others"]);
    assert!(!others["rows"].as_array().unwrap().iter().any(|row| row["actor"] == "resident"), "{others}");
    let before = ["audit", "affected", "--from", "2020-01-01T00:00:00Z", "--to", "2020-01-02T00:00:00Z"];
    assert!(server.cli(&before).contains(": 0 entries. Residents of whom something was shown or changed: 0."));
    let table = asked(&[]);
    assert!(table.contains(&resident.id) && table.contains("themself"), "{table}");
    for secret in [&practice.name, &finding] {
        assert!(!table.contains(secret.as_str()), "ids of people and organisations, and nothing else");
    }
    let backwards = ["audit", "affected", "--from", "2020-01-02T00:00:00Z", "--to", "2020-01-02T00:00:00Z"];
    assert_eq!(server.run(&backwards).status.code(), Some(1));
}
