//! The mailer in real SMTP conversations with a relay that behaves, and with ones that do not.

use std::{fs, path::Path};

use nahraum_domain::private::Private;

use super::*;
use crate::config::Login;

#[expect(dead_code, reason = "running as a process of its own is for other tests")]
#[path = "../../../tests/support/smtp_sink.rs"]
mod smtp_sink;
use smtp_sink::{Mode, Sink, SinkOptions, set_mode};

struct Relay {
    dir: tempfile::TempDir,
    config: Mail,
}

impl Relay {
    fn start(tls: MailTls) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (certificate, key) = (dir.path().join("certificate.pem"), dir.path().join("key.pem"));
        let made = rcgen::generate_simple_self_signed(vec![String::from("localhost")]).unwrap();
        fs::write(&certificate, made.cert.pem()).unwrap();
        fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let sink = Sink::start(&SinkOptions {
            listen: String::from("127.0.0.1:0"),
            dir: dir.path().to_owned(),
            identity: (tls != MailTls::None).then(|| (certificate.clone(), key)),
            implicit_tls: tls == MailTls::Wrapper,
        });
        let config = Mail {
            smtp_host: String::from("localhost"),
            smtp_port: sink.unwrap().address.port(),
            tls,
            login: None,
            from: "bescheid@example.org".parse().unwrap(),
            app_name: String::from("Nahraum"),
            root_certificate: (tls != MailTls::None).then_some(certificate),
        };
        Self { dir, config }
    }

    fn send(&self, mail: &OutgoingMail) -> Result<(), MailError> {
        SmtpMailer::new(&self.config).unwrap().send(mail)
    }

    fn kept(&self, number: u32, ending: &str) -> String {
        fs::read_to_string(self.dir.path().join(format!("{number:05}.{ending}"))).unwrap()
    }

    fn count(&self) -> usize {
        count(self.dir.path())
    }
}

fn count(dir: &Path) -> usize {
    fs::read_dir(dir)
        .unwrap()
        .filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|e| e == "eml"))
        .count()
}

fn mail() -> OutgoingMail {
    OutgoingMail {
        to: Private::new(String::from("frau.muster@example.net")),
        subject: String::from("Es gibt etwas Neues für Sie"),
        body: String::from("Guten Tag,\n.\nin der App ist etwas Neues.\n"),
        language: String::from("de"),
        message_id: String::from("018f3c5e-0000-7000-8000-00000000000a"),
        date: "2026-11-22T12:00:00Z".parse().unwrap(),
    }
}

#[test]
fn a_mail_arrives_over_tls_with_its_headers() {
    for tls in [MailTls::Required, MailTls::Wrapper] {
        let relay = Relay::start(tls);
        relay.send(&mail()).unwrap();
        let envelope = relay.kept(1, "envelope");
        assert!(envelope.starts_with("MAIL FROM:<bescheid@example.org>"), "{envelope}");
        assert!(envelope.contains("RCPT TO:<frau.muster@example.net>\ntls\n"), "{envelope}");
        let message = relay.kept(1, "eml");
        for header in [
            "From: Nahraum <bescheid@example.org>\r\n",
            "To: frau.muster@example.net\r\n",
            "Message-ID: <018f3c5e-0000-7000-8000-00000000000a@example.org>\r\n",
            "Date: Sun, 22 Nov 2026 12:00:00 +0000\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Language: de\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
            "Subject: Es gibt etwas Neues =?utf-8?b?ZsO8cg==?= Sie\r\n",
        ] {
            assert!(message.contains(header), "{header}\n{message}");
        }
        assert!(message.trim_end().ends_with("\r\n\r\nGuten Tag,\r\n.\r\nin der App ist etwas Neues."), "{message}");
    }
}

#[test]
fn arabic_survives_the_way() {
    let relay = Relay::start(MailTls::Required);
    let body = "مرحبًا،\nهناك شيء جديد في التطبيق.\n";
    relay
        .send(&OutgoingMail { body: body.into(), subject: "شيء جديد".into(), language: "ar".into(), ..mail() })
        .unwrap();
    let message = relay.kept(1, "eml");
    assert!(message.is_ascii() && message.lines().all(|line| line.len() <= 78), "{message}");
    assert!(message.contains("Content-Transfer-Encoding: base64\r\n") && message.contains("Content-Language: ar\r\n"));
    let (_, encoded) = message.split_once("\r\n\r\n").unwrap();
    assert_eq!(decode_base64(encoded), body.replace('\n', "\r\n"));
}

fn decode_base64(text: &str) -> String {
    let letters: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(*b"+/").collect();
    let mut bits = (0_u32, 0_u32);
    let mut bytes = Vec::new();
    for letter in text.bytes().filter_map(|byte| letters.iter().position(|letter| *letter == byte)) {
        bits = ((bits.0 << 6) | u32::try_from(letter).unwrap(), bits.1 + 6);
        if bits.1 >= 8 {
            bits.1 -= 8;
            bytes.push(u8::try_from((bits.0 >> bits.1) & 255).unwrap());
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn refusals_for_good_and_for_now_are_told_apart_and_quote_nothing() {
    let relay = Relay::start(MailTls::Required);
    set_mode(relay.dir.path(), Mode::RefuseRcpt).unwrap();
    assert_eq!(relay.send(&mail()), Err(MailError::Permanent(String::from("the relay answered 550"))));
    set_mode(relay.dir.path(), Mode::Tempfail).unwrap();
    assert_eq!(relay.send(&mail()), Err(MailError::Temporary(String::from("the relay answered 451"))));
    assert_eq!(relay.count(), 0);
}

#[test]
fn a_relay_without_starttls_gets_nothing() {
    let relay = Relay::start(MailTls::Required);
    set_mode(relay.dir.path(), Mode::NoStarttls).unwrap();
    let refused = relay.send(&mail()).unwrap_err();
    assert!(matches!(&refused, MailError::Temporary(why) if why.contains("STARTTLS")), "{refused}");
    assert_eq!(relay.count(), 0);
}

#[test]
fn a_relay_with_a_foreign_certificate_gets_nothing() {
    for tls in [MailTls::Required, MailTls::Wrapper] {
        let mut relay = Relay::start(tls);
        let other = Relay::start(tls);
        relay.config.root_certificate = other.config.root_certificate.clone();
        let refused = relay.send(&mail()).unwrap_err();
        assert!(matches!(&refused, MailError::Temporary(why) if why.contains("certificate")), "{refused}");
        // The right certificate under another name is as foreign; and nobody vouches for it but us.
        relay.config.root_certificate = Some(relay.dir.path().join("certificate.pem"));
        relay.config.smtp_host = String::from("127.0.0.1");
        assert!(matches!(relay.send(&mail()), Err(MailError::Temporary(why)) if why.contains("certificate")));
        relay.config.smtp_host = String::from("localhost");
        relay.config.root_certificate = None;
        assert!(matches!(relay.send(&mail()), Err(MailError::Temporary(why)) if why.contains("certificate")));
        assert_eq!(relay.count(), 0);
    }
}

#[test]
fn a_lost_answer_leads_to_a_second_copy_with_the_same_message_id() {
    let relay = Relay::start(MailTls::Required);
    set_mode(relay.dir.path(), Mode::DropAfterData).unwrap();
    assert!(matches!(relay.send(&mail()), Err(MailError::Temporary(_))));
    set_mode(relay.dir.path(), Mode::Accept).unwrap();
    relay.send(&mail()).unwrap();
    assert_eq!(relay.kept(1, "eml"), relay.kept(2, "eml"));
}

#[test]
fn the_login_goes_over_tls_and_a_wrong_password_keeps_the_mail() {
    let mut relay = Relay::start(MailTls::Required);
    let login = |password: &str| Some(Login { username: "n".into(), password: Private::new(password.into()) });
    relay.config.login = login("geheim");
    relay.send(&mail()).unwrap();
    relay.config.login = login("falsch");
    assert_eq!(relay.send(&mail()), Err(MailError::Temporary(String::from("the relay answered 535"))));
}

#[test]
fn a_demo_sink_without_tls_takes_mail() {
    let relay = Relay::start(MailTls::None);
    relay.send(&mail()).unwrap();
    assert!(relay.kept(1, "envelope").ends_with("plain\n"));
}

#[test]
fn nothing_can_be_injected() {
    let relay = Relay::start(MailTls::None);
    let evil = "x\r\nBcc: thief@example.com";
    let mails = [
        OutgoingMail { to: Private::new(format!("a@example.org{evil}")), ..mail() },
        OutgoingMail { to: Private::new(String::from("a@example.org, thief@example.com")), ..mail() },
        OutgoingMail { to: Private::new(String::from("a@example.org> SIZE=1")), ..mail() },
        OutgoingMail { subject: evil.into(), ..mail() },
        OutgoingMail { subject: "x\nBcc: thief@example.com".into(), ..mail() },
        OutgoingMail { body: "x\r.\rMAIL FROM:<thief@example.com>".into(), ..mail() },
        OutgoingMail { language: format!("de{evil}"), ..mail() },
        OutgoingMail { message_id: format!("1{evil}"), ..mail() },
        OutgoingMail { message_id: "1@example.com> <2".into(), ..mail() },
    ];
    for mail in mails {
        let refused = relay.send(&mail).unwrap_err();
        assert!(matches!(&refused, MailError::Permanent(why) if !why.contains("example")), "{refused}");
    }
    assert_eq!(relay.count(), 0);
    // A body may say what it likes; it cannot end the message.
    relay.send(&OutgoingMail { body: String::from("\n.\nQUIT\nBcc: thief@example.com\n"), ..mail() }).unwrap();
    let (head, body) = relay.kept(1, "eml").split_once("\r\n\r\n").map(|(h, b)| (h.to_owned(), b.to_owned())).unwrap();
    assert!(!head.contains("Bcc") && body.contains("\r\n.\r\nQUIT\r\n"), "{head}\n{body}");
}

#[test]
fn an_absent_relay_is_a_temporary_matter_told_in_words() {
    let mut relay = Relay::start(MailTls::Required);
    relay.config.smtp_port = 1;
    let refused = relay.send(&mail()).unwrap_err();
    assert_eq!(refused, MailError::Temporary(String::from("no connection to the relay: connection refused")));
}

/// Takes ten seconds, the time a silent relay is given.
#[test]
fn a_silent_relay_is_given_up() {
    let relay = Relay::start(MailTls::Required);
    set_mode(relay.dir.path(), Mode::Tarpit).unwrap();
    assert_eq!(relay.send(&mail()), Err(MailError::Temporary(String::from("the relay did not answer in time"))));
}

#[test]
fn a_broken_ca_file_is_told_at_the_start() {
    let mut relay = Relay::start(MailTls::Required);
    relay.config.root_certificate = Some(relay.dir.path().join("nothing.pem"));
    assert!(matches!(SmtpMailer::new(&relay.config), Err(MailSetupError::File(_))));
}
