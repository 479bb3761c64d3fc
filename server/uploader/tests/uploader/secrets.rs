//! Nothing about patients stands where it does not belong.

use std::{fs, io::Write};

use crate::{
    messages::{answer, framed},
    program::{Program, connected, eventually, free_port, told},
    server::{Mood, Server},
};

/// Names that no log may hold, also not in part.
const CANARIES: [&str; 4] = ["Kanarienvogel", "Zilpzalp", "S040464113", "Wacholderdrossel"];

#[test]
fn names_and_contents_stand_in_no_log_and_no_registry() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    let port = free_port();
    let folder = program.folder.clone();
    let watch = |program: &Program| program.watch(&["--mllp", &format!("127.0.0.1:{port}")]);
    let running = watch(&program);
    program.put("Kanarienvogel, Zilpzalp S040464113.pdf", b"%PDF- Wacholderdrossel");
    program.put("Kanarienvogel REFUSE.pdf", b"%PDF- REFUSE Wacholderdrossel");
    program.put("Zilpzalp.ldt", b"PARTLY S040464113");
    program.put("Kanarienvogel FAIL.pdf", b"%PDF- FAIL Zilpzalp");
    let mut sender = connected(port);
    for text in ["MSH|^~\\&|Zilpzalp|||||ORU|Kanarienvogel|P|2.5\rPID|S040464113\r", "Wacholderdrossel"] {
        sender.write_all(&framed(text.as_bytes())).unwrap();
        answer(&mut sender).unwrap();
    }
    eventually("everything has its answer", || {
        program.archived().len() == 1 && program.refused().len() == 4 && program.spooled() == 0
    });
    drop(running);
    server.feel(Mood::Away);
    program.put("Kanarienvogel 2.pdf", b"%PDF- Zilpzalp 2");
    let output = program.once(&[]);
    assert_eq!(output.status.code(), Some(4));
    let shown = told(&output) + &told(&program.run(&["status", folder.to_str().unwrap()]));
    let kept: String = ["protokoll.log", "registry", "connection", "access.json"]
        .iter()
        .map(|name| fs::read_to_string(program.data.join(name)).unwrap())
        .collect();
    for text in [&shown, &kept, &server.state().heads] {
        for canary in CANARIES {
            assert!(!text.contains(canary), "{canary} in {text}");
        }
    }
    for (event, least) in
        [(" sent ", 2), (" refused ", 2), (" server-failed ", 1), (" spooled ", 1), (" no-message ", 1)]
    {
        assert!(kept.matches(event).count() >= least, "{event} in {kept}");
    }
}

#[test]
fn the_reason_beside_a_file_says_nothing_of_the_patient() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    program.put("Kanarienvogel.pdf", b"%PDF- REFUSE Zilpzalp S040464113");
    program.once(&[]);
    let reasons: Vec<_> = program.refused().into_iter().filter(|(name, _)| name.ends_with(".txt")).collect();
    assert_eq!(reasons.len(), 1);
    let text = String::from_utf8(reasons[0].1.clone()).unwrap();
    assert!(CANARIES.iter().all(|canary| !text.contains(canary)), "{text}");
}
