//! Trouble on the way: nothing is lost, nothing is sent twice, and nothing runs hot.

use std::time::{Duration, Instant};

use crate::{
    program::{Program, eventually, told},
    server::{Mood, Server},
};

#[test]
fn what_could_not_be_sent_goes_out_when_the_network_is_back() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    server.feel(Mood::Away);
    program.put("a.pdf", b"%PDF- a");
    program.put("b.pdf", b"%PDF- b");
    let _running = program.watch(&[]);
    eventually("the trouble is told", || {
        let status = told(&program.run(&["status", program.folder.to_str().unwrap()]));
        status.contains("gestört seit") && status.contains("2 warten")
    });
    assert!(program.log().contains("own not-now"), "{}", program.log());
    assert!(program.refused().is_empty());
    server.feel(Mood::Good);
    eventually("both are filed away", || program.archived().len() == 2);
    assert_eq!((server.count(b"%PDF- a"), server.count(b"%PDF- b")), (1, 1));
    eventually("status tells it", || told(&program.run(&["status"])).contains("in Ordnung"));
    server.no_faults();
}

#[test]
fn a_lost_answer_makes_no_second_finding() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    server.feel(Mood::LosesAnswers);
    program.put("a.pdf", b"%PDF- a");
    let _running = program.watch(&[]);
    eventually("it was tried twice", || server.state().keys.len() >= 2);
    server.feel(Mood::Good);
    eventually("it is filed away", || program.archived().len() == 1);
    assert_eq!(server.count(b"%PDF- a"), 1);
    let keys = server.state().keys.clone();
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
}

#[test]
fn a_busy_server_is_left_alone_for_as_long_as_it_asks() {
    for mood in [Mood::Busy(2), Mood::TooOften(2)] {
        let server = Server::start();
        let program = Program::let_in(&server, 0);
        server.feel(mood);
        program.put("a.pdf", b"%PDF- a");
        program.put("b.pdf", b"%PDF- b");
        let _running = program.watch(&[]);
        eventually("two attempts", || server.state().attempts_at.len() >= 2);
        let attempts = server.state().attempts_at.clone();
        let between = attempts[1].duration_since(attempts[0]).unwrap();
        assert!(between >= Duration::from_millis(1_950), "{mood:?}: {between:?}, also for the other file");
        server.feel(Mood::Good);
        eventually("both are filed away", || program.archived().len() == 2);
    }
}

#[test]
fn waits_grow_while_nobody_answers() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    server.feel(Mood::Away);
    program.put("a.pdf", b"%PDF- a");
    let start = Instant::now();
    let _running = program.watch(&[]);
    eventually("six tries", || program.log().matches("not-now").count() >= 6);
    // 100 ms, doubled each time, and half of it at least: 50 + 100 + 200 + 400 + 800
    assert!(start.elapsed() >= Duration::from_millis(1_550), "{:?}", start.elapsed());
}

#[test]
fn a_page_of_somebody_elses_network_empties_no_folder() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    server.feel(Mood::Hotel);
    program.put("a.pdf", b"%PDF- a");
    assert_eq!(program.once(&[]).status.code(), Some(4));
    assert_eq!(program.left().len(), 1);
    assert!(program.archived().is_empty() && program.refused().is_empty());
    server.feel(Mood::Good);
    assert_eq!(program.once(&[]).status.code(), Some(0));
    assert_eq!(program.archived().len(), 1);
}

#[test]
fn a_file_that_the_server_fails_with_does_not_hold_up_the_others() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    program.put("a.pdf", b"%PDF- FAIL");
    program.put("b.pdf", b"%PDF- b");
    assert_eq!(program.once(&[]).status.code(), Some(4));
    assert_eq!(program.archived().len(), 1);
    assert_eq!(program.left().len(), 1);
}

#[test]
fn a_token_that_ended_early_is_replaced() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    let _running = program.watch(&[]);
    program.put("a.pdf", b"%PDF- a");
    eventually("the first is filed away", || program.archived().len() == 1);
    server.state().end_tokens();
    program.put("b.pdf", b"%PDF- b");
    eventually("the second is filed away", || program.archived().len() == 2);
    assert_eq!(server.state().tokens_given, 2);
    server.no_faults();
}

#[test]
fn a_server_that_wants_a_nonce_gets_it() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    server.state().wants_nonce = true;
    program.put("a.pdf", b"%PDF- a");
    let output = program.once(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(server.count(b"%PDF- a"), 1);
    server.no_faults();
}

#[test]
fn a_clock_that_is_off_shuts_nobody_out() {
    for ahead in [-7_200, 86_400] {
        let server = Server::start();
        let program = Program::let_in(&server, 0);
        server.state().ahead = ahead;
        program.put("a.pdf", b"%PDF- a");
        assert_eq!(program.once(&[]).status.code(), Some(0));
        assert_eq!(server.state().bad_assertions, 0, "each one is counted");
        server.no_faults();
    }
}

#[test]
fn who_was_put_out_does_not_knock_until_it_is_suspended() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    server.state().clients.clear();
    program.put("a.pdf", b"%PDF- a");
    for _ in 0..5 {
        assert_eq!(program.once(&[]).status.code(), Some(3));
    }
    assert_eq!(server.state().bad_assertions, 1, "also over restarts");
    assert_eq!(program.left().len(), 1);
    assert!(told(&program.run(&["status"])).contains("gesperrt seit"));
}

#[test]
fn who_was_put_out_hears_of_it_before_there_is_something_to_send() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    server.state().clients.clear();
    let _running = program.watch(&[]);
    eventually("it is told", || told(&program.run(&["status"])).contains("gesperrt seit"));
    assert_eq!(server.state().bad_assertions, 1);
}
