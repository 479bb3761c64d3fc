//! `[mail]`: the relay that takes notices ("there is something new") to people; off unless enabled.

use std::path::PathBuf;

use lettre::Address;
use nahraum_domain::private::Private;

use super::{is_loopback_host, key::Key, settings::Settings};

/// Whether notices are sent by mail.
const ENABLED: Key = Key::switch("mail.enabled").or("false");
/// The relay's host name, as it stands in its certificate.
const SMTP_HOST: Key = Key::text("mail.smtp_host", "the host name of the mail relay");
/// The relay's port: 587 for STARTTLS, 465 for TLS from the first byte.
const SMTP_PORT: Key = Key::number("mail.smtp_port", "a port number from 1 to 65535").or("587");
/// How the connection is protected.
const TLS: Key = Key::text("mail.tls", "\"required\" (STARTTLS) or \"wrapper\" (TLS from the start)").or("required");
/// The login at the relay, when it asks for one.
const USERNAME: Key = Key::text("mail.username", "the login at the mail relay");
/// Its password.
const PASSWORD: Key = Key::text("mail.password", "the password at the mail relay").secret();
/// The sender's address. It must say nothing about health: no practice, no specialty.
const FROM: Key = Key::text("mail.from", "a mail address such as \"bescheid@example.org\"");
/// The name that mails show as their sender and in their text. As neutral as the address.
const APP_NAME: Key = Key::text("mail.app_name", "a name of up to 60 letters on one line").or("Nahraum");
/// The CA that signed the relay's certificate, when it is not one the operating system trusts.
const ROOT_CERTIFICATE: Key = Key::text("mail.root_certificate", "the path of a PEM file");

pub(super) const KEYS: &[Key] =
    &[ENABLED, SMTP_HOST, SMTP_PORT, TLS, USERNAME, PASSWORD, FROM, APP_NAME, ROOT_CERTIFICATE];

/// The relay and the sender.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    /// Host name of the relay.
    pub smtp_host: String,
    /// Port of the relay.
    pub smtp_port: u16,
    /// How the connection is protected.
    pub tls: MailTls,
    /// User name and password, when the relay asks for them.
    pub login: Option<Login>,
    /// The sender's address.
    pub from: Address,
    /// The sender's name.
    pub app_name: String,
    /// PEM file with the relay's CA.
    pub root_certificate: Option<PathBuf>,
}

/// User name and password at the relay.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    /// The user name.
    pub username: String,
    /// The password.
    pub password: Private<String>,
}

/// How the connection to the relay is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MailTls {
    /// STARTTLS; without it nothing is sent (RFC 3207).
    Required,
    /// TLS from the first byte (RFC 8314).
    Wrapper,
    /// No protection: for the demo, to a sink on this machine.
    None,
}

pub(super) fn read(settings: &mut Settings) -> Option<Mail> {
    let smtp_host = settings.text(&SMTP_HOST, |text| Some(text.to_owned()).filter(|host| is_host(host)));
    let smtp_port = settings.number(&SMTP_PORT, 1..=65535);
    let tls = settings.text(&TLS, |text| match text {
        "required" => Some(MailTls::Required),
        "wrapper" => Some(MailTls::Wrapper),
        "none" => Some(MailTls::None),
        _ => None,
    });
    let username = settings.text(&USERNAME, |text| Some(text.to_owned()));
    let password = settings.text(&PASSWORD, |text| Some(Private::new(text.to_owned())));
    let from = settings.text(&FROM, |text| text.parse().ok());
    let app_name = settings.text(&APP_NAME, |text| {
        Some(text.to_owned()).filter(|name| name.chars().count() <= 60 && !name.chars().any(char::is_control))
    });
    let root_certificate = settings.text(&ROOT_CERTIFICATE, |text| Some(PathBuf::from(text)));

    if !settings.switch(&ENABLED) {
        return None;
    }
    for (key, missing) in [(SMTP_HOST, settings.get(&SMTP_HOST).is_none()), (FROM, settings.get(&FROM).is_none())] {
        if missing {
            settings.problems.push(format!("{} is missing: mail.enabled = true needs {}", key.name, key.expects));
        }
    }
    if username.is_some() != password.is_some() {
        settings.problems.push(String::from(
            "mail.username and mail.password belong together: set both, or neither for a relay without login",
        ));
    }
    let login = username.zip(password).map(|(username, password)| Login { username, password });
    let smtp_host = smtp_host?;
    if tls == Some(MailTls::None) && !is_loopback_host(&smtp_host) {
        settings.problems.push(format!(
            "mail.tls = \"none\" would send mail addresses to {smtp_host} in the clear; use \"required\" or \"wrapper\""
        ));
    }
    Some(Mail {
        smtp_host,
        smtp_port: smtp_port?,
        tls: tls?,
        login,
        from: from?,
        app_name: app_name?,
        root_certificate,
    })
}

/// A host name or IP address by its letters; whether it exists shows when the first mail is sent.
fn is_host(text: &str) -> bool {
    text.len() <= 253 && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | ':'))
}
