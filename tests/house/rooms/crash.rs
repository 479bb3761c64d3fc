//! The machine loses power at any moment: what was acknowledged is there, and nothing is there by halves.

use std::{collections::BTreeMap, sync::Mutex, thread, time::Duration};

use serde_json::Value;

use crate::{
    house::House,
    paper::{Report, Upload, pdf_of, sha256},
    people::{Practice, Resident},
    server::Setup,
};

promises![
    what_was_acknowledged_survives_and_nothing_is_half,
    the_log_is_durable_before_the_first_byte,
    a_stop_lets_running_requests_finish,
];

/// An upload whose sender may or may not have got an answer.
struct Sent {
    upload: Upload,
    acknowledged: Option<String>,
}

/// How often the server is killed: `NAHRAUM_TEST_CRASH_ROUNDS`, or twenty times.
fn rounds() -> u32 {
    std::env::var("NAHRAUM_TEST_CRASH_ROUNDS").ok().map_or(20, |n| n.parse().expect("a number of rounds"))
}

/// `kill -9` in the middle of uploads, again and again.
fn what_was_acknowledged_survives_and_nothing_is_half(house: &House) {
    let server = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    let mut acknowledged = 0;
    // On a busy machine nothing may be acknowledged so soon: then there are more rounds, and longer ones.
    for round in 0..rounds() + 20 {
        if round >= rounds() && acknowledged > 0 {
            break;
        }
        let resident = practice.resident();
        let sent = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for sender in 0..3 {
                let (practice, resident, sent) = (&practice, &resident, &sent);
                scope.spawn(move || send_until_the_end(practice, resident, sender, sent));
            }
            // A moment that is another one in every round, between nothing and some uploads done.
            let longer = if acknowledged == 0 { 150 * round } else { 0 };
            thread::sleep(Duration::from_millis(u64::from(10 + round * 37 % 190 + longer)));
            server.kill();
        });
        server.restart();
        let sent = sent.into_inner().expect("senders that did not panic");
        acknowledged += sent.iter().filter(|s| s.acknowledged.is_some()).count();
        everything_is_whole(&practice, &resident, &sent);
    }
    assert!(acknowledged > 0, "the server had time to acknowledge something");
}

fn send_until_the_end(practice: &Practice, resident: &Resident, sender: usize, sent: &Mutex<Vec<Sent>>) {
    loop {
        let upload = if sender == 0 {
            Upload::fhir(Report::new(&resident.patient).bytes())
        } else {
            Upload::file(&resident.patient, pdf_of(sender * 90_000))
        };
        let answer = upload.on(practice.software.call("POST", upload.path())).try_send();
        let id = answer.as_ref().ok().filter(|r| r.status == 201).map(|r| r.text("/documents/0/id"));
        let over = answer.is_err();
        sent.lock().unwrap().push(Sent { upload, acknowledged: id });
        if over {
            return;
        }
    }
}

/// Every acknowledged upload is there, everything that is there is whole, and retries make it exactly one each.
fn everything_is_whole(practice: &Practice, resident: &Resident, sent: &[Sent]) {
    let listed = resident.get("/v1/findings?limit=200").expect(200).items();
    let ids: Vec<&str> = listed.iter().map(|f| f["id"].as_str().unwrap()).collect();
    for acknowledged in sent.iter().filter_map(|s| s.acknowledged.as_deref()) {
        assert!(ids.contains(&acknowledged), "{acknowledged} was acknowledged and is gone");
    }
    let log = resident.get("/v1/access-log?limit=200").expect(200).items();
    for id in ids {
        assert!(log.iter().any(|l| l["action"] == "deliver" && l["finding_id"] == id), "{id} is in the log");
        is_whole(practice, resident, id, sent);
    }
    let mut all = BTreeMap::new();
    for one in sent {
        let reply = practice.software.upload(&one.upload);
        assert!(matches!(reply.status, 200 | 201), "{}", reply.status);
        let id = reply.text("/documents/0/id");
        assert!(one.acknowledged.as_ref().is_none_or(|known| *known == id), "the same answer as before");
        all.insert(id, ());
    }
    assert_eq!(all.len(), sent.len());
    let after = resident.get("/v1/findings?limit=200").expect(200).items();
    assert_eq!(after.len(), sent.len(), "one finding for each upload");
}

fn is_whole(practice: &Practice, resident: &Resident, id: &str, sent: &[Sent]) {
    let proof = practice.software.receipt(id)["sha256"].clone();
    assert!(sent.iter().any(|s| proof == s.upload.sha256()), "{id} is something nobody sent");
    let opened: Value = resident.open(id);
    if opened["summary"]["has_document"] == true {
        assert_eq!(sha256(&resident.content(id).expect(200).body), proof, "{id} has other bytes");
    } else {
        assert_eq!(opened["values"].as_array().unwrap().len(), 13, "{id} has all its values");
    }
}

/// The server dies right after the first byte of an answer: the line is there.
fn the_log_is_durable_before_the_first_byte(house: &House) {
    let server = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let finding = practice.software.deliver(&Upload::pdf(&resident.patient))["id"].as_str().unwrap().to_owned();
    for (what, action) in [("", "open"), ("/content", "download"), ("/fhir", "export")] {
        let path = format!("/v1/findings/{finding}{what}");
        let answer = resident.call("GET", &path).try_send().expect("an answer");
        server.kill();
        assert_eq!(answer.status, 200);
        server.restart();
        assert!(resident.logged(action, "done", Some(&finding)), "{action}");
    }
}

/// An update in the middle of the day: SIGTERM.
fn a_stop_lets_running_requests_finish(house: &House) {
    let server = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let upload = Upload::pdf(&resident.patient);
    let (media_type, body) = upload.body();
    let head = format!(
        "POST /v1/practice/findings HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {}\r\nIdempotency-Key: {}\r\n\
         Content-Type: {media_type}\r\nContent-Length: {}\r\n\r\n",
        practice.software.token,
        upload.key_text(),
        body.len()
    );
    let mut stream = crate::raw::connect(server.port());
    std::io::Write::write_all(&mut stream, &[head.as_bytes(), &body[..100]].concat()).unwrap();
    thread::sleep(Duration::from_millis(200));
    let ended = thread::scope(|scope| {
        let stopping = scope.spawn(|| server.stop());
        thread::sleep(Duration::from_millis(300));
        let reply = crate::raw::exchange(&mut stream, &body[100..]);
        assert_eq!(reply.status(), 201, "{}", reply.head);
        stopping.join().unwrap()
    });
    assert_eq!(ended, Some(0));
    server.restart();
    assert_eq!(resident.list().len(), 1);
}
