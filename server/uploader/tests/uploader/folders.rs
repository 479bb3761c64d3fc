//! Files in folders: sent once, and found where their answer sent them.

use std::{fs, fs::OpenOptions, io::Write, thread, time::Duration};

use crate::{
    program::{Program, eventually, told},
    server::{Mood, Server},
};

#[test]
fn files_are_sent_as_they_are_and_filed_away() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    let pdf = b"%PDF-1.7 \r\n--\x00\xFF binary \r\n%%EOF\r\n";
    let ldt = b"01380008220\r\n014810000061\r\n";
    let fhir = br#" {"resourceType":"Bundle"}"#;
    let hl7 = b"MSH|^~\\&|LIS|||||ORU^R01|1|P|2.5\r";
    program.put("befund.pdf", pdf);
    program.put("X01.LDT", ldt);
    program.put("bundle.json", fhir);
    program.put("oru.hl7", hl7);
    let output = program.once(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(program.archived().len(), 4);
    assert!(program.left().is_empty() && program.refused().is_empty());
    let state = server.state();
    let sent =
        |content: &[u8]| state.stored.iter().find(|one| one.content == content).expect("stored").media_type.clone();
    assert!(sent(pdf).starts_with("multipart/form-data; boundary="));
    assert_eq!(sent(ldt), "application/octet-stream");
    assert_eq!(sent(fhir), "application/fhir+json");
    assert_eq!(sent(hl7), "x-application/hl7-v2+er7");
    assert_eq!((state.stored.len(), state.tokens_given), (4, 1));
    assert!(!state.heads.contains("befund") && !state.heads.contains("X01"), "names stay in the practice");
    drop(state);
    server.no_faults();
}

#[test]
fn a_file_that_is_still_written_is_sent_when_it_is_whole() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    let _running = program.watch(&["--stable-for", "400ms"]);
    let mut file = OpenOptions::new().create(true).append(true).open(program.folder.join("scan.pdf")).unwrap();
    let mut whole = Vec::new();
    for piece in 0..8 {
        let text = format!("%PDF- piece {piece}\n");
        file.write_all(text.as_bytes()).unwrap();
        whole.extend_from_slice(text.as_bytes());
        thread::sleep(Duration::from_millis(120));
    }
    eventually("the file is filed away", || program.archived().len() == 1);
    let state = server.state();
    assert_eq!(state.stored.len(), 1, "it was sent once");
    assert_eq!(state.stored[0].content, whole);
}

#[test]
fn the_same_content_is_sent_once_under_any_name_and_after_any_restart() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    program.put("a.pdf", b"%PDF- same");
    program.put("b.pdf", b"%PDF- same");
    assert_eq!(program.once(&[]).status.code(), Some(0));
    program.put("c.pdf", b"%PDF- same");
    assert_eq!(program.once(&[]).status.code(), Some(0));
    assert_eq!(server.state().keys.len(), 1);
    let names: Vec<String> = program.archived().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a.pdf", "b.pdf", "c.pdf"]);
}

#[test]
fn what_is_not_taken_lies_aside_with_its_reason_in_german() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    program.put("meier.pdf", b"%PDF- REFUSE");
    program.put("good.pdf", b"%PDF- good");
    assert_eq!(program.once(&[]).status.code(), Some(5));
    let refused = program.refused();
    assert_eq!(refused.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["meier.pdf", "meier.pdf.txt"]);
    assert_eq!(refused[0].1, b"%PDF- REFUSE");
    let why = String::from_utf8(refused[1].1.clone()).unwrap();
    assert!(
        why.contains("NICHT angenommen") && why.contains("Das PDF ist verschlüsselt.") && why.contains("ohne Kennwort")
    );
    assert!(why.contains("request-7") && !why.contains("meier"), "{why}");
    assert_eq!(program.archived().len(), 1, "the others go on");
    let status = told(&program.run(&["status", program.folder.to_str().unwrap()]));
    assert!(
        status.contains("1 gesendet") && status.contains("1 abgelehnt") && status.contains("1 in „fehler“"),
        "{status}"
    );
}

#[test]
fn a_file_of_which_one_report_was_not_taken_can_be_handed_in_again() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    program.put("a.ldt", b"PARTLY");
    assert_eq!(program.once(&[]).status.code(), Some(5));
    let why = String::from_utf8(program.refused()[1].1.clone()).unwrap();
    assert!(why.starts_with("Von 2 Berichten in dieser Datei wurden 1 NICHT angenommen."), "{why}");
    fs::rename(program.folder.join("fehler/a.ldt"), program.folder.join("a.ldt")).unwrap();
    program.once(&[]);
    let keys = server.state().keys.clone();
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1], "the server keeps its answer under the first key");
}

#[test]
fn the_practice_can_hold_findings_back() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    program.put("a.pdf", b"%PDF- INBOX");
    assert_eq!(program.once(&["--hold-days", "5"]).status.code(), Some(0));
    assert_eq!(server.state().stored[0].query, "hold_days=5");
    assert!(program.log().contains(" inbox "), "{}", program.log());
    server.no_faults();
}

#[test]
fn a_file_that_is_too_large_is_put_aside_without_being_sent() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    let file = fs::File::create(program.folder.join("huge.pdf")).unwrap();
    file.set_len(36 * 1024 * 1024 + 1).unwrap();
    assert_eq!(program.once(&[]).status.code(), Some(5));
    assert!(server.state().keys.is_empty());
    assert!(String::from_utf8_lossy(&program.refused()[1].1).contains("25 MB"));
}

#[test]
fn two_programs_do_not_work_in_one_folder() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    let _first = program.watch(&[]);
    eventually("the first has begun", || program.log().contains(" started"));
    let second = program.once(&[]);
    assert_eq!(second.status.code(), Some(1));
    assert!(told(&second).contains("läuft mit diesem Datenordner schon"));
}

#[test]
fn a_file_that_somebody_goes_on_writing_is_sent_again_when_it_is_whole() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    server.feel(Mood::Slow(300));
    program.put("a.pdf", b"%PDF- first");
    let mut open = OpenOptions::new().append(true).open(program.folder.join("a.pdf")).unwrap();
    let _running = program.watch(&[]);
    eventually("it is stored", || server.state().stored.len() == 1);
    open.write_all(b" and more").unwrap();
    server.feel(Mood::Good);
    eventually("the whole file is stored", || server.count(b"%PDF- first and more") == 1);
    eventually("it is filed away", || program.left().is_empty());
    assert_eq!(program.archived(), [("a.pdf".to_owned(), b"%PDF- first and more".to_vec())]);
}
