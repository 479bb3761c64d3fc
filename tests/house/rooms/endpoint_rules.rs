//! What holds for every endpoint, proven from the table.

use std::collections::BTreeSet;

use super::endpoints::{Row, Scene, Thing, Who, rows};
use crate::{house::House, people::nobody};

promises![
    every_operation_of_the_contract_has_a_row_and_the_reverse,
    nobody_gets_in_without_a_good_credential,
    the_wrong_role_is_told_so,
    a_strangers_thing_looks_like_nothing,
    what_happens_to_a_resident_is_in_their_log_at_once,
    every_allowed_request_works,
    head_is_get_without_a_body,
    other_methods_are_refused_by_name,
];

fn every_operation_of_the_contract_has_a_row_and_the_reverse(house: &House) {
    let contract = house.server().contract();
    let known: BTreeSet<String> =
        contract.operations().iter().map(|o| format!("{} {} {}", o.id, o.method, o.path)).collect();
    let listed: BTreeSet<String> =
        rows().iter().map(|r| format!("{} {} {}", r.operation, r.method, r.path.split('?').next().unwrap())).collect();
    let missing: Vec<_> = known.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&known).collect();
    assert!(missing.is_empty() && gone.is_empty(), "without a row: {missing:?}; not in the contract: {gone:?}");
}

/// Nobody: no credential, a malformed one, and ones that never were.
fn nobody_gets_in_without_a_good_credential(house: &House) {
    let scene = Scene::begin(house);
    let server = house.server();
    let none = ["", "Bearer", "Bearer ", "Basic bmFtZTp3b3J0", "Bearer nra_x", "bearer nope"];
    let session = format!("Bearer nra_{}", "A".repeat(46));
    let upload = format!("Bearer nru_{}", "A".repeat(46));
    for row in rows().iter().filter(|r| r.who != Who::Anyone) {
        let mut answers = BTreeSet::new();
        for credential in none.iter().copied().chain([session.as_str(), upload.as_str()]) {
            let call = server.call(row.method, &scene.path(row));
            let call = if credential.is_empty() { call } else { call.header("authorization", credential) };
            let reply = row.send(&scene, call).problem(401, "not-signed-in");
            assert!(reply.header("www-authenticate").is_some(), "{}: RFC 9110, 15.5.2", row.operation);
            answers.insert(reply.fingerprint());
        }
        assert_eq!(answers.len(), 1, "{}: one answer for all of it: {answers:#?}", row.operation);
    }
}

fn the_wrong_role_is_told_so(house: &House) {
    let scene = Scene::begin(house);
    for row in rows() {
        for (role, account) in scene.forbidden(row.who) {
            let reply = row.send(&scene, account.call(row.method, &scene.path(&row)));
            assert_eq!(reply.status, 403, "{} as {role}", row.operation);
            reply.problem(403, "forbidden");
        }
    }
}

/// Somebody else's, a missing and a malformed id: the same answer, byte for byte, with the same headers.
fn a_strangers_thing_looks_like_nothing(house: &House) {
    let scene = Scene::begin(house);
    let strangers = Scene::begin(house);
    for row in rows().iter().filter(|r| r.is_about_a_thing()) {
        for (role, account) in strangers.allowed(row.who) {
            let ask = |path: &str| row.send(&strangers, account.call(row.method, path));
            let theirs = ask(&scene.path(row)).problem(404, "not-found").fingerprint();
            assert_eq!(theirs, ask(&row.path_of(&nobody())).fingerprint(), "{} as {role}", row.operation);
            for other in ["x", "00000000-0000-0000-0000-000000000000", "%2e%2e"] {
                // Whoever sends no id is told before the body is read.
                let missing = ask(&row.path_of(other)).problem(404, "not-found").fingerprint();
                let missing = missing.replace("\"connection: close\", ", "");
                assert_eq!(theirs, missing, "{} as {role} with {other}", row.operation);
            }
        }
    }
    // And nothing of it happened.
    let finding = scene.resident.open(&scene.finding);
    assert_eq!(finding["summary"]["state"], "delivered");
    assert!(!finding["summary"]["read"].as_bool().unwrap());
    assert_eq!(scene.practice.staff.inbox().len(), 1);
}

/// The log has the line the moment the answer is there.
fn what_happens_to_a_resident_is_in_their_log_at_once(house: &House) {
    let practice = house.own_practice();
    for row in rows() {
        let Some(word) = row.log else { continue };
        let scene = Scene::new(practice.clone(), &house.practice());
        let (_, account) = scene.allowed(row.who)[0];
        let before = count(&scene, word);
        let reply = row.send(&scene, account.call(row.method, &scene.path(&row)));
        assert!(reply.status < 300, "{}: {}", row.operation, reply.status);
        assert_eq!(count(&scene, word), before + 1, "{} leaves one line {word:?}", row.operation);
        if matches!(row.thing, Thing::Finding | Thing::Sent) {
            assert!(scene.resident.logged(word, "done", Some(&scene.finding)), "{}", row.operation);
        }
    }
}

fn count(scene: &Scene, word: &str) -> usize {
    scene.resident.log().iter().filter(|line| line["action"] == word && line["outcome"] == "done").count()
}

/// What ends something that other requests need.
const LAST: [&str; 12] = [
    "end_link",
    "end_received_share",
    "claim_explanation",
    "end_share",
    "recall_finding",
    "withdraw_consent",
    "revoke_upload_credential",
    "delete_totp",
    "delete_passkey",
    "sign_out",
    "delete_device",
    "disown_staff_security_event",
];

/// The table's sample requests succeed for everyone they are meant for, so that the refusals above mean something.
fn every_allowed_request_works(house: &House) {
    let rows = rows();
    let (mut last, others): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|r| LAST.contains(&r.operation));
    last.sort_by_key(|row| LAST.iter().position(|last| *last == row.operation));
    let scene = Scene::begin(house);
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for row in others.iter().chain(&last) {
        for (role, account) in scene.allowed(row.who) {
            if ["delete_device", "disown_staff_security_event"].contains(&row.operation) {
                account.sign_in_again();
            }
            // Who erases their account is needed by nobody afterwards.
            let leaving = (row.operation == "delete_me").then(|| scene.practice.resident());
            let account = leaving.as_deref().unwrap_or(account);
            let reply = row.send(&scene, account.call(row.method, &scene.path(row)));
            // What changes the state of one thing works once.
            let expected = (200..300).contains(&reply.status) || done.contains(row.operation);
            let expected = expected || (row.operation == "reject_inbox_item" && reply.status == 409);
            let expected = expected || (row.operation == "print_invitation_slip" && reply.status == 409);
            // The right code is on its way to a phone: the room of pushes shows it.
            let expected = expected || (row.operation == "confirm_push" && reply.status == 422);
            assert!(expected, "{} as {role}: {} {}", row.operation, reply.status, String::from_utf8_lossy(&reply.body));
            done.insert(row.operation);
        }
        // A slip is used up by one activation, and a key of software is renewed after sixty days.
        if row.who == Who::Anyone
            && !["activate_resident", "update_software_key", "create_client_certificate"].contains(&row.operation)
        {
            let reply = row.send(&scene, house.server().call(row.method, &scene.path(row)));
            assert!(reply.status < 300, "{}: {}", row.operation, reply.status);
        }
    }
}

fn head_is_get_without_a_body(house: &House) {
    let scene = Scene::begin(house);
    for row in rows().iter().filter(|r| r.method == "GET") {
        let path = scene.path(row);
        let ask = |method: &str| match scene.allowed(row.who).first() {
            Some((_, account)) => account.call(method, &path).send().expect(200),
            None => house.server().call(method, &path).send().expect(200),
        };
        let ignored = ["date", "x-request-id", "transfer-encoding", "content-length", "etag"];
        // What is made for this answer alone says when that was.
        let made_anew = ["export_finding", "get_link_file", "print_access_log", "get_approved_access_log"];
        let ignored = if made_anew.contains(&row.operation) { &ignored[..] } else { &ignored[..3] };
        let differing = || {
            let (get, head) = (ask("GET"), ask("HEAD"));
            assert!(head.body.is_empty(), "{}", row.operation);
            let names = get.headers.keys().map(|n| n.as_str()).filter(|n| !ignored.contains(n));
            let differing = names.filter(|n| get.header(n) != head.header(n));
            differing.map(|n| format!("{n}: {:?}, {:?}", get.header(n), head.header(n))).collect::<Vec<_>>()
        };
        // Other tests publish offers, texts and approvals meanwhile: between two asked at once there is a quiet moment.
        let tries: Vec<Vec<String>> = (0..20).map(|_| differing()).take_while(|d| !d.is_empty()).collect();
        assert!(tries.len() < 20, "{}: {:?}", row.operation, tries.last());
    }
}

fn other_methods_are_refused_by_name(house: &House) {
    let scene = Scene::begin(house);
    let rows = rows();
    for row in &rows {
        let path = scene.path(row);
        let declared: Vec<&str> =
            rows.iter().filter(|r| r.path.split('?').next() == row.path.split('?').next()).map(|r| r.method).collect();
        for method in ["GET", "PUT", "POST", "DELETE", "PATCH", "TRACE"] {
            if declared.contains(&method) {
                continue;
            }
            let reply = scene.resident.call(method, &path).send().problem(405, "method-not-allowed");
            let allow = reply.header("allow").expect("RFC 9110, 15.5.6: a 405 names what is allowed").to_owned();
            let allowed: BTreeSet<&str> = allow.split(", ").collect();
            let mut expected: BTreeSet<&str> = declared.iter().copied().chain(["OPTIONS"]).collect();
            if declared.contains(&"GET") {
                expected.insert("HEAD");
            }
            assert_eq!(allowed, expected, "{method} {path}");
        }
        let options = house.server().call("OPTIONS", &path).send().expect(204);
        assert!(options.header("allow").is_some(), "{path}");
    }
}
