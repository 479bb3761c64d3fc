//! The machine stops at any moment, again and again: nothing is lost, nothing is stored twice.

use std::{thread, time::Duration};

use crate::{
    messages::{answer, framed, message},
    program::{Program, eventually, free_port, write_if_alive},
    server::{Mood, Server},
};

/// Moments that differ from each other and are the same in each run (xorshift, 32 bits).
struct Moments(u32);

impl Moments {
    fn next(&mut self, from: u64, to: u64) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        Duration::from_millis(from + u64::from(self.0) % (to - from))
    }
}

/// Time to begin, so that the end comes in the middle of the work on machines of any pace: more where nothing was begun,
/// less where everything was done.
#[derive(Default)]
struct Slack(Duration);

impl Slack {
    const STEP: Duration = Duration::from_millis(10);

    fn learn(&mut self, nothing_begun: bool, all_done: bool) {
        if nothing_begun {
            self.0 += Self::STEP;
        } else if all_done {
            self.0 = self.0.saturating_sub(Self::STEP);
        }
    }
}

#[test]
fn files_survive_every_end_of_the_program() {
    let server = Server::start();
    server.feel(Mood::Slow(8));
    let program = Program::let_in(&server, 0);
    let content = |number: usize| format!("%PDF- number {number}").into_bytes();
    let mut moments = Moments(2_463_534_242);
    let (mut put, mut kills, mut cut_off) = (0, 0, 0);
    let mut slack = Slack::default();
    while put < 40 || cut_off < 10 || !program.left().is_empty() {
        if put < 40 || cut_off < 10 {
            program.put(&format!("{put}.pdf"), &content(put));
            put += 1;
        }
        let before = server.state().keys.len();
        let running = program.watch(&["--stable-for", "0ms"]);
        thread::sleep(moments.next(30, 140) + slack.0);
        // SIGKILL, or what the system has for it
        drop(running);
        kills += 1;
        cut_off += usize::from(!crate::program::contents(&program.folder.join("in-arbeit")).is_empty());
        slack.learn(server.state().keys.len() == before, program.left().is_empty());
        assert!(kills < 1_000, "it never ends");
    }
    for number in 0..put {
        assert_eq!(server.count(&content(number)), 1, "number {number}");
    }
    let archived: Vec<Vec<u8>> = program.archived().into_iter().map(|(_, content)| content).collect();
    assert_eq!(archived.len(), put);
    assert!((0..put).all(|number| archived.contains(&content(number))));
    assert!(program.refused().is_empty());
    server.no_faults();
    println!("{kills} kills, {cut_off} in the middle of a file, {} requests", server.state().keys.len());
}

#[test]
fn every_message_that_was_acknowledged_arrives_once() {
    let server = Server::start();
    server.feel(Mood::Slow(8));
    let program = Program::let_in(&server, 0);
    let port = free_port();
    let address = format!("127.0.0.1:{port}");
    let mut moments = Moments(88_675_123);
    let (mut next, mut kills) = (0, 0);
    let mut slack = Slack::default();
    while next < 80 {
        let mut running = program.watch(&["--mllp", &address]);
        let (moment, before) = (moments.next(40, 160) + slack.0, next);
        let killer = thread::spawn(move || {
            thread::sleep(moment);
            let _dead = running.0.kill().and_then(|()| running.0.wait());
        });
        // a sender that goes on to the next message when it has heard yes, and repeats the last one otherwise
        if let Some(mut sender) = connected_to_the_living(port, &killer) {
            while next < 80 && write_if_alive(&mut sender, &framed(&message(next))) {
                match answer(&mut sender) {
                    Some(told) if told.ends_with(&format!("MSA|AA|C{next}")) => next += 1,
                    Some(told) => panic!("{told}"),
                    None => break,
                }
            }
        }
        killer.join().unwrap();
        kills += 1;
        slack.learn(next == before, false);
    }
    assert_eq!(program.once(&[]).status.code(), Some(0));
    for number in 0..80 {
        assert_eq!(server.count(&message(number)), 1, "number {number}");
    }
    assert_eq!((server.state().stored.len(), program.spooled()), (80, 0));
    server.no_faults();
    println!("{kills} kills, {} requests", server.state().keys.len());
}

fn connected_to_the_living(port: u16, killer: &thread::JoinHandle<()>) -> Option<std::net::TcpStream> {
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
    while !killer.is_finished() {
        if let Ok(stream) = std::net::TcpStream::connect(address) {
            stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
            return Some(stream);
        }
        thread::sleep(Duration::from_millis(2));
    }
    None
}

#[test]
fn the_program_goes_on_after_a_line_that_was_half_written() {
    let server = Server::start();
    let program = Program::let_in(&server, 0);
    program.put("a.pdf", b"%PDF- a");
    program.put("b.pdf", b"%PDF- b");
    assert_eq!(program.once(&[]).status.code(), Some(0));
    let registry = program.data.join("registry");
    let bytes = std::fs::read(&registry).unwrap();
    std::fs::write(&registry, &bytes[..bytes.len() - 9]).unwrap();
    // The file lies there as if the move had been lost as well.
    program.put("b.pdf", b"%PDF- b");
    assert_eq!(program.once(&[]).status.code(), Some(0));
    assert_eq!((server.count(b"%PDF- a"), server.count(b"%PDF- b")), (1, 1), "the same request, the same key");
    assert_eq!(server.state().keys.len(), 3);
    eventually("the registry is whole", || std::fs::read(&registry).unwrap().ends_with(b"\n"));
}
