//! Mail: one message at a time to the configured relay, over TLS only, with nothing in it that anyone could inject
//! (SR-M02, SR-M03).

use std::{error::Error as _, fs, io, io::Write, os::unix::fs::OpenOptionsExt, path::PathBuf, time::Duration};

use lettre::{
    Address, Message, SmtpTransport, Transport,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
    },
};
use nahraum_app::{MailError, Mailer, OutgoingMail};

use crate::config::{Mail, MailTls, PrivateFileError, read_public_file};

/// How long the relay may take for each step.
const PATIENCE: Duration = Duration::from_secs(10);

/// Replies that are about this recipient or this message and will not change (RFC 5321 section 4.2.3). All others
/// may be our own fault, such as a wrong password (535): the mail stays in the outbox until an operator has looked.
const FINAL: [u16; 8] = [501, 550, 551, 552, 553, 554, 555, 556];

/// Why mail cannot be sent at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MailSetupError {
    /// The relay's CA cannot be read.
    #[error(transparent)]
    File(#[from] PrivateFileError),
    /// The CA file is no certificate, or the operating system offers no trusted certificates.
    #[error("TLS to the mail relay cannot be set up: {0}")]
    Tls(#[from] lettre::transport::smtp::Error),
}

/// Sends through the configured SMTP relay, one connection a mail.
pub(crate) struct SmtpMailer {
    transport: SmtpTransport,
    from: Mailbox,
}

impl SmtpMailer {
    /// A mailer for the relay of the configuration. Connects only when there is something to send.
    ///
    /// The relay's certificate is checked against the configured CA, or against those of the operating system.
    ///
    /// # Errors
    /// When the CA file cannot be read or is no certificate.
    pub(crate) fn new(mail: &Mail) -> Result<Self, MailSetupError> {
        let tls = match mail.tls {
            MailTls::Required => Tls::Required(tls(mail)?),
            MailTls::Wrapper => Tls::Wrapper(tls(mail)?),
            MailTls::None => Tls::None,
        };
        // Despite its name this builder is the plain one; what would be dangerous is to leave out `tls`.
        let mut transport =
            SmtpTransport::builder_dangerous(&mail.smtp_host).port(mail.smtp_port).tls(tls).timeout(Some(PATIENCE));
        if let Some(login) = &mail.login {
            let password = login.password.reveal().clone();
            transport = transport.credentials(Credentials::new(login.username.clone(), password));
        }
        let from = Mailbox::new(Some(mail.app_name.clone()), mail.from.clone());
        Ok(Self { transport: transport.build(), from })
    }
}

fn tls(mail: &Mail) -> Result<TlsParameters, MailSetupError> {
    let mut parameters = TlsParameters::builder(mail.smtp_host.clone());
    if let Some(path) = &mail.root_certificate {
        // An own CA replaces the operating system's instead of joining them.
        parameters = parameters
            .certificate_store(CertificateStore::None)
            .add_root_certificate(Certificate::from_pem(&read_public_file(path)?)?);
    }
    Ok(parameters.build()?)
}

impl Mailer for SmtpMailer {
    fn send(&self, mail: &OutgoingMail) -> Result<(), MailError> {
        let message = message(&self.from, mail)?;
        match self.transport.send(&message) {
            Ok(_) => Ok(()),
            Err(error) => Err(outcome(&error)),
        }
    }
}

/// Writes each mail into a folder instead of sending it, as one `.eml` file (RFC 5322): for the demo, whose people
/// have no mailboxes.
pub(crate) struct FolderMailer {
    folder: PathBuf,
    from: Mailbox,
}

impl FolderMailer {
    /// A mailer for this folder, which has to be there.
    pub(crate) const fn new(folder: PathBuf, from: Mailbox) -> Self {
        Self { folder, from }
    }
}

impl Mailer for FolderMailer {
    fn send(&self, mail: &OutgoingMail) -> Result<(), MailError> {
        let message = message(&self.from, mail)?;
        // The id was found to be letters, digits, dots and hyphens only.
        let file = self.folder.join(format!("{}.eml", mail.message_id));
        let opened = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file);
        opened
            .and_then(|mut file| file.write_all(&message.formatted()))
            .map_err(|error| MailError::Temporary(format!("the mail could not be written: {}", error.kind())))
    }
}

/// The mail as a message (RFC 5322), with its headers checked before the library sees them.
fn message(from: &Mailbox, mail: &OutgoingMail) -> Result<Message, MailError> {
    let refused = |what: &str| MailError::Permanent(what.to_owned());
    let to: Address = mail.to.reveal().parse().map_err(|_| refused("the recipient's address is no mail address"))?;
    if mail.subject.is_empty() || mail.subject.chars().any(char::is_control) {
        return Err(refused("the subject is empty or not one line"));
    }
    // A lone carriage return is a line end to some relays and not to others: the way to smuggle a second mail.
    if mail.body.chars().any(|letter| letter.is_control() && letter != '\n') {
        return Err(refused("the text has control characters in it"));
    }
    let name = |text: &str, marks: &[char]| {
        !text.is_empty() && text.len() <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(&c))
    };
    if !name(&mail.message_id, &['.', '-']) {
        return Err(refused("the message id is not made of letters, digits, dots and hyphens"));
    }
    if !name(&mail.language, &['-']) {
        return Err(refused("the language is no language tag"));
    }
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(mail.subject.clone())
        .date(mail.date.into())
        .message_id(Some(format!("<{}@{}>", mail.message_id, from.email.domain())))
        // RFC 3834: holiday replies stay away.
        .raw_header(raw("Auto-Submitted", "auto-generated"))
        .raw_header(raw("Content-Language", &mail.language))
        .header(ContentType::TEXT_PLAIN)
        .body(mail.body.clone())
        .map_err(|_| refused("the mail has no valid form"))
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// What an attempt's failure means, without the relay's own words: they often quote the address.
fn outcome(error: &lettre::transport::smtp::Error) -> MailError {
    if let Some(code) = error.status().map(u16::from) {
        let answer = format!("the relay answered {code}");
        return if FINAL.contains(&code) { MailError::Permanent(answer) } else { MailError::Temporary(answer) };
    }
    MailError::Temporary(if error.is_client() {
        // These texts are the library's constants, such as "STARTTLS is not supported on this server".
        error.to_string()
    } else {
        trouble(error)
    })
}

fn trouble(error: &lettre::transport::smtp::Error) -> String {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                return format!("no TLS connection to the relay: {tls}");
            }
            // A socket's time limit shows as either of the two, depending on the operating system.
            return if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock) {
                String::from("the relay did not answer in time")
            } else {
                format!("no connection to the relay: {}", error.kind())
            };
        }
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return format!("no TLS connection to the relay: {tls}");
        }
        cause = error.source();
    }
    String::from("the relay did not keep to the protocol")
}

#[cfg(test)]
mod tests;
