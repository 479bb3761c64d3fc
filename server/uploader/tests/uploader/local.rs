//! Programs on the same machine hand over what they want to send.

use std::io::{Read, Write};

use serde_json::Value;

use crate::{
    program::{Program, connected, eventually, free_port},
    server::{Mood, Server},
};

fn ask(port: u16, request: &[u8]) -> (u16, Value) {
    let mut stream = connected(port);
    stream.write_all(request).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let status = text.split(' ').nth(1).expect("a status").parse().unwrap();
    let body = text.split_once("\r\n\r\n").expect("a body").1;
    (status, serde_json::from_str(body).unwrap_or_else(|_| panic!("{text}")))
}

fn send(port: u16, content: &[u8], more: &str) -> (u16, Value) {
    let length = content.len();
    let head = format!("POST /send HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {length}\r\n{more}\r\n");
    ask(port, &[head.as_bytes(), content].concat())
}

fn state(port: u16, id: &str) -> (u16, Value) {
    ask(port, format!("GET /send/{id} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n").as_bytes())
}

#[test]
fn a_program_hands_a_finding_over_and_hears_what_became_of_it() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    server.feel(Mood::Away);
    let port = free_port();
    let _running = program.watch(&["--http", &format!("127.0.0.1:{port}")]);
    let (status, told) = send(port, b"%PDF- good", "");
    assert_eq!((status, &told["state"]), (202, &Value::from("waiting")));
    let id = told["id"].as_str().unwrap().to_owned();
    assert_eq!(state(port, &id).1["state"], "waiting");
    server.feel(Mood::Good);
    eventually("it was sent", || state(port, &id).1["state"] == "sent");
    assert_eq!(server.count(b"%PDF- good"), 1);
    let mut ends = Vec::new();
    for content in [&b"%PDF- REFUSE"[..], b"%PDF- INBOX", b"%PDF- good"] {
        let id = send(port, content, "").1["id"].as_str().unwrap().to_owned();
        eventually("it has an answer", || state(port, &id).1["state"] != "waiting");
        ends.push(state(port, &id).1);
    }
    assert_eq!((&ends[0]["state"], &ends[0]["code"]), (&Value::from("refused"), &Value::from("pdf-encrypted")));
    assert_eq!((&ends[1]["state"], &ends[2]["state"]), (&Value::from("inbox"), &Value::from("known")));
    assert_eq!(state(port, "000000000099-0011223344556677").0, 404);
    assert_eq!(server.count(b"%PDF- good"), 1);
    let aside = crate::program::contents(&program.data.join("fehler"));
    assert_eq!(aside.len(), 2, "with its reason");
    server.no_faults();
}

#[test]
fn a_page_in_a_browser_hands_nothing_over() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    let port = free_port();
    let _running = program.watch(&["--http", &format!("127.0.0.1:{port}")]);
    assert_eq!(send(port, b"%PDF- evil", "Origin: https://evil.example\r\n").0, 403);
    assert_eq!(send(port, b"%PDF- evil", "Origin: null\r\n").0, 403);
    assert_eq!(send(port, b"%PDF- evil", "Sec-Fetch-Site: same-origin\r\n").0, 403);
    let rebound = b"POST /send HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 5\r\n\r\n%PDF-";
    assert_eq!(ask(port, rebound).0, 421);
    assert_eq!(send(port, b"%PDF- good", "").0, 202);
    eventually("only the good one is stored", || server.state().stored.len() == 1);
    assert_eq!(server.count(b"%PDF- good"), 1);
}

#[test]
fn a_half_request_is_no_finding() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    let port = free_port();
    let _running = program.watch(&["--http", &format!("127.0.0.1:{port}")]);
    let mut stream = connected(port);
    stream
        .write_all(
            format!("POST /send HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 50\r\n\r\n%PDF- half").as_bytes(),
        )
        .unwrap();
    drop(stream);
    assert_eq!(send(port, b"%PDF- whole", "").0, 202);
    eventually("the whole one is stored", || server.count(b"%PDF- whole") == 1);
    eventually("nothing is left", || program.spooled() == 0);
    assert_eq!(server.state().stored.len(), 1);
}
