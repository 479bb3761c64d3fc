//! Looking at files first: what harms does not come in, and what could not be looked at waits with its sender.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use serde_json::json;

use crate::{
    house::House,
    paper::{Upload, pdf_of},
    people::Practice,
    server::Setup,
};

promises![
    what_the_scanner_knows_does_not_come_in,
    what_was_not_scanned_is_not_taken_and_may_come_again,
    what_takes_too_much_is_not_read,
];

/// What the scanner of these tests knows as malicious.
const MALICIOUS: &[u8] = b"% Kanarienvirus";

/// A clamd: one connection for each file, `INSTREAM`, chunks with their length, a line as answer.
struct Clamd {
    address: SocketAddr,
    is_up: Arc<AtomicBool>,
}

impl Clamd {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let is_up = Arc::new(AtomicBool::new(true));
        let up = Arc::clone(&is_up);
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                if up.load(Ordering::SeqCst) {
                    answer(connection);
                }
            }
        });
        Self { address, is_up }
    }

    fn server(&self) -> Setup {
        Setup { more: format!("[uploads]\nclamd = \"tcp:{}\"\n", self.address), ..Setup::default() }
    }
}

fn answer(mut connection: TcpStream) {
    let mut command = [0; 10];
    connection.read_exact(&mut command).unwrap();
    assert_eq!(&command, b"zINSTREAM\0");
    let mut file = Vec::new();
    loop {
        let mut length = [0; 4];
        connection.read_exact(&mut length).unwrap();
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap();
        if length == 0 {
            break;
        }
        let from = file.len();
        file.resize(from + length, 0);
        connection.read_exact(&mut file[from..]).unwrap();
    }
    let found = file.windows(MALICIOUS.len()).any(|bytes| bytes == MALICIOUS);
    connection.write_all(if found { b"stream: Canary.Virus FOUND\0" } else { b"stream: OK\0" }).unwrap();
}

fn malicious() -> Vec<u8> {
    let (file, at) = (pdf_of(0), 9);
    [&file[..at], MALICIOUS, b"\n", &file[at..]].concat()
}

fn what_the_scanner_knows_does_not_come_in(house: &House) {
    let clamd = Clamd::start();
    let server = house.own_server(clamd.server());
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let upload = Upload::file(&resident.patient, malicious());
    practice.software.upload(&upload).problem(422, "file-malicious");
    practice.software.upload(&upload.clone().dry_run()).problem(422, "file-malicious");
    practice.software.upload(&Upload::pdf(&resident.patient)).expect(201);
    assert_eq!(resident.list().len(), 1);
    // Without a scanner the same bytes are a document like any other: it was the scanner that refused them.
    let (elsewhere, neighbour) = (house.practice(), house.practice().resident());
    elsewhere.software.upload(&Upload::file(&neighbour.patient, malicious())).expect(201);
}

fn what_was_not_scanned_is_not_taken_and_may_come_again(house: &House) {
    let clamd = Clamd::start();
    let server = house.own_server(clamd.server());
    let practice = Practice::add(&server);
    let resident = practice.resident();
    clamd.is_up.store(false, Ordering::SeqCst);
    let upload = Upload::pdf(&resident.patient);
    let refused = practice.software.upload(&upload).problem(503, "file-not-inspected");
    assert_eq!(refused.header("retry-after"), Some("30"));
    assert!(resident.list().is_empty());
    clamd.is_up.store(true, Ordering::SeqCst);
    let receipt = &practice.software.upload(&upload).expect(201).json()["documents"][0];
    assert_eq!((&receipt["state"], &receipt["duplicate"]), (&json!("delivered"), &json!(false)));
    // What was answered once is answered again without asking anybody.
    clamd.is_up.store(false, Ordering::SeqCst);
    let again = practice.software.upload(&upload).expect(201);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(resident.list().len(), 1);
}

fn what_takes_too_much_is_not_read(house: &House) {
    let more = "[uploads]\nreader_memory_mib = 32\n".to_owned();
    let server = house.own_server(Setup { more, ..Setup::default() });
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let large = Upload::file(&resident.patient, pdf_of(24 * 1024 * 1024));
    practice.software.upload(&large).problem(422, "file-too-demanding");
    practice.software.upload(&Upload::pdf(&resident.patient)).expect(201);
    assert_eq!(resident.list().len(), 1);
    // With the memory that there is by default it comes in.
    let (elsewhere, neighbour) = (house.practice(), house.practice().resident());
    elsewhere.software.upload(&Upload::file(&neighbour.patient, pdf_of(24 * 1024 * 1024))).expect(201);
}
