//! HL7 v2 by MLLP: a sender that hears yes can forget the message.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
};

use crate::{
    program::{Program, connected, eventually, free_port, told},
    server::{Mood, Server},
};

pub(crate) fn message(number: usize) -> Vec<u8> {
    format!("MSH|^~\\&|LIS|Labor|KIS|Praxis|20261127||ORU^R01|C{number}|P|2.5\rOBX|1|NM|718-7||{number}\r").into_bytes()
}

pub(crate) fn framed(message: &[u8]) -> Vec<u8> {
    [b"\x0B", message, b"\x1C\r"].concat()
}

/// One answer, without its frame; nothing when the other side is gone.
pub(crate) fn answer(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\x1C\r") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    }
    Some(String::from_utf8(bytes).unwrap().trim_matches(['\x0B', '\x1C', '\r']).to_owned())
}

#[test]
fn a_message_is_acknowledged_by_its_number_when_it_is_on_the_disk() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    server.feel(Mood::Away);
    let port = free_port();
    let running = program.watch(&["--mllp", &format!("127.0.0.1:{port}")]);
    let mut sender = connected(port);
    sender.write_all(&framed(&message(1))).unwrap();
    let told = answer(&mut sender).unwrap();
    assert!(told.contains("|KIS|Praxis|LIS|Labor|") && told.ends_with("MSA|AA|C1"), "{told}");
    let spooled = crate::program::contents(&program.data.join("spool"));
    assert_eq!(spooled.len(), 1, "it is there before anybody has sent it");
    assert_eq!(spooled[0].1, message(1));
    drop(running);
    server.feel(Mood::Good);
    assert_eq!(program.once(&[]).status.code(), Some(0));
    assert_eq!(server.count(&message(1)), 1);
    assert_eq!(program.spooled(), 0, "what was sent does not stay");
    server.no_faults();
}

#[test]
fn two_messages_in_one_piece_and_one_in_many_are_each_answered() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    let port = free_port();
    let _running = program.watch(&["--mllp", &format!("127.0.0.1:{port}")]);
    let mut sender = connected(port);
    sender.write_all(&[framed(&message(1)), framed(&message(2))].concat()).unwrap();
    assert!(answer(&mut sender).unwrap().ends_with("MSA|AA|C1"));
    assert!(answer(&mut sender).unwrap().ends_with("MSA|AA|C2"));
    sender.set_nodelay(true).unwrap();
    for byte in framed(&message(3)) {
        sender.write_all(&[byte]).unwrap();
    }
    assert!(answer(&mut sender).unwrap().ends_with("MSA|AA|C3"));
    eventually("all are stored", || server.state().stored.len() == 3);
    let order: Vec<Vec<u8>> = server.state().stored.iter().map(|one| one.content.clone()).collect();
    assert_eq!(order, [message(1), message(2), message(3)], "in the order of their arrival");
}

#[test]
fn what_is_no_message_is_refused_and_what_is_no_frame_ends_the_connection() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    let port = free_port();
    let _running = program.watch(&["--mllp", &format!("127.0.0.1:{port}")]);
    let mut sender = connected(port);
    sender.write_all(&framed(b"GET / HTTP/1.1")).unwrap();
    assert!(answer(&mut sender).unwrap().contains("MSA|AR|"));
    sender.write_all(&framed(&message(1))).unwrap();
    assert!(answer(&mut sender).unwrap().ends_with("MSA|AA|C1"), "the frame was good, the connection goes on");
    for broken in [&b"\x0BMSH|^~\\&|\x0BMSH|"[..], b"\x0BMSH|\x1Cx", &[b'G'; 100]] {
        let mut sender = connected(port);
        sender.write_all(broken).unwrap();
        assert!(answer(&mut sender).unwrap().contains("MSA|AR|"));
        assert_eq!(answer(&mut sender), None, "closed");
    }
    let mut cut_off = connected(port);
    cut_off.write_all(b"\x0BMSH|^~\\&|half").unwrap();
    drop(cut_off);
    eventually("it is told", || program.log().contains("frame-cut-off"));
    eventually("the good one is stored", || server.state().stored.len() == 1);
    for event in ["no-message", "frame-in-frame", "frame-without-end", "no-frame"] {
        assert!(program.log().contains(event), "{event}: {}", program.log());
    }
}

#[test]
fn a_disk_that_takes_nothing_is_not_told_as_taken() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    let port = free_port();
    let _running = program.watch(&["--mllp", &format!("127.0.0.1:{port}")]);
    let mut sender = connected(port);
    eventually("it has begun", || program.log().contains(" started"));
    fs::remove_dir(program.data.join("spool")).unwrap();
    sender.write_all(&framed(&message(1))).unwrap();
    assert!(answer(&mut sender).unwrap().ends_with("MSA|AE|C1"));
    fs::create_dir(program.data.join("spool")).unwrap();
    sender.write_all(&framed(&message(1))).unwrap();
    assert!(answer(&mut sender).unwrap().ends_with("MSA|AA|C1"));
    eventually("it is stored", || server.count(&message(1)) == 1);
}

#[test]
fn a_message_that_comes_again_is_one_finding() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    let port = free_port();
    let _running = program.watch(&["--mllp", &format!("127.0.0.1:{port}")]);
    let mut sender = connected(port);
    for _ in 0..3 {
        sender.write_all(&framed(&message(7))).unwrap();
        assert!(answer(&mut sender).unwrap().ends_with("MSA|AA|C7"));
    }
    eventually("the spool is empty", || program.spooled() == 0);
    assert_eq!(server.count(&message(7)), 1);
}

#[test]
fn other_machines_are_let_in_by_a_word_only() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    for option in ["--mllp", "--http"] {
        let output = program.once(&[option, "0.0.0.0:0"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(told(&output).contains("von anderen Rechnern"), "{}", told(&output));
    }
    let output = program.once(&["--http", "0.0.0.0:0", "--mllp", "127.0.0.1:0", "--lan"]);
    assert_eq!(output.status.code(), Some(1), "the word is for MLLP alone: {}", told(&output));
}
