//! Notices: "something new is there", in the resident's language, over TLS, once, and never what it is.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    house::House,
    paper::{Report, Upload},
    people::{CANARY, Patient, Practice, Resident},
    processes,
    server::{Server, Setup},
    smtp_sink::{Mode, set_mode},
};

promises![
    a_mail_says_that_something_is_there_and_nothing_else,
    many_findings_are_few_mails,
    a_relay_that_was_down_gets_the_mail_later_and_once,
    a_mail_of_unknown_fate_keeps_its_name,
    without_encryption_nothing_is_sent,
    a_relay_with_another_certificate_gets_nothing,
    who_wants_no_mail_gets_none,
    an_address_is_an_address,
];

/// A relay in a process of its own, and the server that uses it.
pub(super) struct Post {
    dir: tempfile::TempDir,
    relay: Option<Child>,
    port: u16,
    pub(super) server: Arc<Server>,
    practice: Practice,
}

fn certificate(dir: &Path) -> (PathBuf, PathBuf) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).expect("a key");
    let (certificate, key) = (dir.join("certificate.pem"), dir.join("key.pem"));
    fs::write(&certificate, made.cert.pem()).expect("a file");
    fs::write(&key, made.signing_key.serialize_pem()).expect("a file");
    (certificate, key)
}

impl Post {
    pub(super) fn begin(house: &House) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let trusted = certificate(dir.path()).0;
        Self::with(house, dir, &trusted)
    }

    fn with(house: &House, dir: tempfile::TempDir, trusted: &Path) -> Self {
        let (relay, port) = start_relay(dir.path(), 0);
        let more = format!(
            "[mail]\nenabled = true\nsmtp_host = \"localhost\"\nsmtp_port = {port}\nfrom = \"bescheid@example.org\"\n\
             app_name = \"Nahraum\"\nroot_certificate = {:?}\n",
            trusted.display()
        );
        let server = house.own_server(Setup { clock: true, more, ..Setup::default() });
        let practice = Practice::add(&server);
        Self { dir, relay: Some(relay), port, server, practice }
    }

    pub(super) fn resident(&self, language: &str, address: &str) -> Resident {
        let resident = Resident::activate_in(&self.practice.staff.invite(&Patient::new()), &self.server, language);
        resident.wants_mail(address);
        resident
    }

    fn deliver(&self, resident: &Resident) -> String {
        let receipt = self.practice.software.deliver(&Upload::pdf(&resident.patient));
        receipt["id"].as_str().unwrap().to_owned()
    }

    fn stop_relay(&mut self) {
        let mut relay = self.relay.take().expect("a relay");
        relay.kill().expect("a living relay");
        relay.wait().expect("a dead relay");
    }

    pub(super) fn mails(&self) -> Vec<String> {
        let folder = fs::read_dir(self.dir.path()).expect("a folder");
        let mut files: Vec<PathBuf> = folder.map(|f| f.expect("a file").path()).collect();
        files.retain(|f| f.extension().is_some_and(|e| e == "eml"));
        files.sort();
        files.iter().map(|f| String::from_utf8_lossy(&fs::read(f).expect("a mail")).into_owned()).collect()
    }

    /// Waits until so many mails are there.
    pub(super) fn wait_for(&self, count: usize) -> Vec<String> {
        let patience = Instant::now() + Duration::from_secs(15);
        while self.mails().len() < count {
            assert!(
                Instant::now() < patience,
                "{} of {count} mails:\n{}",
                self.mails().len(),
                self.server.last_words()
            );
            thread::sleep(Duration::from_millis(50));
        }
        self.mails()
    }

    /// Long enough for two rounds of the outbox.
    pub(super) fn wait_in_vain(&self) -> usize {
        thread::sleep(Duration::from_millis(2_300));
        self.mails().len()
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        if self.relay.is_some() {
            self.stop_relay();
        }
    }
}

fn start_relay(dir: &Path, port: u16) -> (Child, u16) {
    let mut command = processes::command(&std::env::current_exe().expect("this program"));
    command.args(["smtp-sink", "--listen", &format!("127.0.0.1:{port}"), "--dir"]).arg(dir);
    command.arg("--certificate").arg(dir.join("certificate.pem")).arg("--key").arg(dir.join("key.pem"));
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut relay = processes::start(command);
    let mut line = String::new();
    BufReader::new(relay.stdout.take().expect("its output")).read_line(&mut line).expect("its address");
    let port = line.trim().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    (relay, port)
}

pub(super) fn header(mail: &str, name: &str) -> String {
    let head = mail.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
    let found = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned));
    found.unwrap_or_else(|| panic!("no {name} in {head}"))
}

/// Head and body, as a person's program shows them.
pub(super) fn shown(mail: &str) -> String {
    let (head, body) = mail.split_once("\r\n\r\n").expect("head and body");
    let body = match header(mail, "Content-Transfer-Encoding").as_str() {
        "base64" => String::from_utf8(from_base64(body)).expect("UTF-8"),
        "quoted-printable" => from_quoted_printable(body),
        _ => body.to_owned(),
    };
    format!("{head}\n\n{body}")
}

fn from_base64(text: &str) -> Vec<u8> {
    let value = |c: char| "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".find(c);
    let bits: String = text.chars().filter_map(value).map(|v| format!("{v:06b}")).collect();
    (0..bits.len() / 8).map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).expect("bits")).collect()
}

fn from_quoted_printable(text: &str) -> String {
    let mut bytes = Vec::new();
    let text = text.replace("=\r\n", "");
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'=' {
            let digits = [rest.next().expect("a digit"), rest.next().expect("a digit")];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).expect("digits"), 16).expect("digits"));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

fn a_mail_says_that_something_is_there_and_nothing_else(house: &House) {
    let post = Post::begin(house);
    let words = [("de", "etwas Neues"), ("tr", "yeni"), ("ar", "جديد")];
    for (at, (language, word)) in words.into_iter().enumerate() {
        let resident = post.resident(language, "jemand@example.org");
        let finding = post.deliver(&resident);
        let mails = post.wait_for(at + 1);
        let mail = shown(&mails[at]);
        assert_eq!(header(&mails[at], "To"), "jemand@example.org");
        assert_eq!(header(&mails[at], "Content-Language"), language);
        assert!(mail.contains(word), "{language}: {mail}");
        let secrets = [
            CANARY,
            finding.as_str(),
            &resident.id,
            &resident.patient.reference,
            "Befund",
            "Radiologie",
            "Praxis",
            "befund",
            "Labor",
            "Arzt",
            "Patient",
        ];
        for secret in secrets {
            assert!(!mail.contains(secret), "{language}: {secret:?} stands in the mail:\n{mail}");
        }
        let links: Vec<&str> = mail.split_whitespace().filter(|word| word.contains("://")).collect();
        assert!(links.iter().all(|link| *link == post.server.public("")), "no id in a link: {links:?}");
    }
    let envelopes = fs::read_to_string(post.dir.path().join("00001.envelope")).expect("an envelope");
    assert!(envelopes.ends_with("tls\n"), "over TLS: {envelopes}");
}

fn many_findings_are_few_mails(house: &House) {
    let post = Post::begin(house);
    let resident = post.resident("de", "jemand@example.org");
    for _ in 0..8 {
        post.deliver(&resident);
    }
    post.wait_for(1);
    post.wait_in_vain();
    assert!(post.mails().len() <= 3, "{} mails for a few seconds", post.mails().len());
}

/// The relay is a process that dies; it comes back on the same port.
fn a_relay_that_was_down_gets_the_mail_later_and_once(house: &House) {
    let mut post = Post::begin(house);
    let resident = post.resident("de", "jemand@example.org");
    post.stop_relay();
    post.deliver(&resident);
    assert_eq!(post.wait_in_vain(), 0);
    post.server.stop();
    post.relay = Some(start_relay(post.dir.path(), post.port).0);
    post.server.move_clock(3_600);
    post.server.restart();
    post.wait_for(1);
    assert_eq!(post.wait_in_vain(), 1, "once");
}

/// The relay takes the mail and hangs up. The next try is the same mail to whoever compares.
fn a_mail_of_unknown_fate_keeps_its_name(house: &House) {
    let post = Post::begin(house);
    let resident = post.resident("de", "jemand@example.org");
    set_mode(post.dir.path(), Mode::DropAfterData).expect("a mode");
    post.deliver(&resident);
    post.wait_for(1);
    thread::sleep(Duration::from_millis(300));
    set_mode(post.dir.path(), Mode::Accept).expect("a mode");
    post.server.move_clock(3_600);
    let mails = post.wait_for(2);
    assert_eq!(header(&mails[0], "Message-ID"), header(&mails[1], "Message-ID"));
    assert_eq!(post.wait_in_vain(), 2);
}

fn without_encryption_nothing_is_sent(house: &House) {
    let post = Post::begin(house);
    let resident = post.resident("de", "jemand@example.org");
    set_mode(post.dir.path(), Mode::NoStarttls).expect("a mode");
    post.deliver(&resident);
    assert_eq!(post.wait_in_vain(), 0);
    set_mode(post.dir.path(), Mode::Accept).expect("a mode");
    post.server.move_clock(3_600);
    post.wait_for(1);
    let envelope = fs::read_to_string(post.dir.path().join("00001.envelope")).expect("an envelope");
    assert!(envelope.ends_with("tls\n"), "{envelope}");
}

fn a_relay_with_another_certificate_gets_nothing(house: &House) {
    let (other, dir) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let trusted = certificate(other.path()).0;
    certificate(dir.path());
    let post = Post::with(house, dir, &trusted);
    let resident = post.resident("de", "jemand@example.org");
    post.deliver(&resident);
    assert_eq!(post.wait_in_vain(), 0);
}

fn who_wants_no_mail_gets_none(house: &House) {
    let post = Post::begin(house);
    let silent = post.practice.resident();
    post.deliver(&silent);
    let regretful = post.resident("de", "erst@example.org");
    regretful.wants_mail("");
    assert!(regretful.get("/v1/me").expect(200).json()["notice_address"].is_null());
    post.deliver(&regretful);
    let recipient = post.resident("de", "ja@example.org");
    post.practice.software.deliver(&Upload::fhir(Report::new(&recipient.patient).bytes()));
    post.practice.software.deliver(&Upload::pdf(&Patient::new()));
    post.wait_for(2);
    assert_eq!(post.wait_in_vain(), 2, "one for who wants it, and one that the address was taken away (SR-A09)");
    let mut to: Vec<String> = post.mails().iter().map(|mail| header(mail, "To")).collect();
    to.sort();
    assert_eq!(to, ["erst@example.org", "ja@example.org"]);
}

fn an_address_is_an_address(house: &House) {
    let resident = house.practice().resident();
    for bad in ["x", "a@b", "a@b.org\r\nBcc: c@d.org", "<a@b.org>", "a@b.org, c@d.org", "a b@c.org", "a@.org"] {
        let call = resident.call("PATCH", "/v1/me").json(&json!({"notice_address": bad}));
        assert_eq!(call.send().problem(422, "invalid").json()["errors"][0]["pointer"], "/notice_address", "{bad:?}");
    }
    resident.wants_mail("frau.k+befunde@mail.example.org");
    assert_eq!(resident.get("/v1/me").expect(200).json()["notice_address"], "frau.k+befunde@mail.example.org");
}
