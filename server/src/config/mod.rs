//! The configuration: one typed struct per section, read once at the start.
//!
//! A value comes from the command line, else from the environment, else from the TOML file, else it is the default;
//! there is no second, hidden store. Unknown keys and wrong types stop the start, all of them in one message.
//! `nahraum config` shows every value and where it came from.

mod about;
mod activation;
mod database;
mod dump;
mod key;
mod keys;
mod log;
mod mail;
mod mtls;
mod private_file;
mod push;
mod secrets;
mod server;
mod settings;
mod sign_in;
mod storage;
mod suggest;
mod tls;
mod uploads;

use std::{fmt, net::IpAddr, path::Path};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use nahraum_app::About;

#[cfg(test)]
pub(crate) use self::mail::Login;
pub(crate) use self::{
    activation::Activation,
    database::{Database, DatabaseUrl},
    keys::Keys,
    log::{Log, LogFormat},
    mail::{Mail, MailTls},
    mtls::Mtls,
    private_file::{PrivateFileError, read_private_file, read_public_file},
    push::Push,
    secrets::Secrets,
    server::Server,
    sign_in::SignIn,
    storage::Storage,
    tls::Tls,
    uploads::{Clamd, Uploads},
};
use self::{key::Key, settings::Settings};

/// The whole configuration.
#[derive(Clone)]
pub(crate) struct Config {
    /// Where the server listens and how the world reaches it.
    pub server: Server,
    /// Certificate and key, when the server ends TLS itself.
    pub tls: Option<Tls>,
    /// The listener for software that shows a certificate, if there is to be one.
    pub mtls: Option<Mtls>,
    /// Which database.
    pub database: Database,
    /// Where the keys of what is stored are.
    pub keys: Keys,
    /// The one folder the server writes to.
    pub storage: Storage,
    /// How files are looked at before they are taken in.
    pub uploads: Uploads,
    /// The root key and the hashing pool.
    pub secrets: Secrets,
    /// What people and programs must prove.
    pub sign_in: SignIn,
    /// What has to happen before an account shows anything.
    pub activation: Activation,
    /// The mail relay, when mail is enabled.
    pub mail: Option<Mail>,
    /// How phones are woken, when they are.
    pub push: Option<Push>,
    /// What the server says of itself.
    pub about: About,
    /// How much is logged.
    pub log: Log,
    dump: String,
}

/// How many days before something runs out it is said.
const SAID_BEFORE: i32 = 30;

/// For which purpose the server starts: the demo may do less than a real one, and a real one must not do what only
/// the demo may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Invented data on this machine, for looking around and for tests.
    Demo,
    /// Real people's findings.
    Serve,
}

/// Everything that is wrong with the configuration, one line for each problem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) struct ConfigError(Vec<String>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl Config {
    /// Reads the configuration.
    ///
    /// `environment` is the whole process environment (`std::env::vars()`); only `NAHRAUM_…` and `DATABASE_URL` are
    /// looked at. `flags` are pairs of a full key name and a value, such as `("server.bind", "127.0.0.1:0")`.
    /// Whether the values make a safe server together is the question of [`Config::check`].
    ///
    /// # Errors
    /// All unknown keys, wrong types and unreadable files at once.
    pub(crate) fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(keys());
        if let Some(file) = file {
            settings.read_file(file);
        }
        settings.read_environment(environment);
        settings.read_flags(flags);
        // Storage goes first: other sections' defaults lie in its folder.
        let storage = storage::read(&mut settings);
        let server = server::read(&mut settings);
        let tls = tls::read(&mut settings);
        let mtls = mtls::read(&mut settings);
        let database = database::read(&mut settings);
        let keys = keys::read(&mut settings, database.as_ref());
        let uploads = uploads::read(&mut settings);
        let secrets = secrets::read(&mut settings);
        let sign_in = sign_in::read(&mut settings);
        let activation = activation::read(&mut settings);
        let mail = mail::read(&mut settings);
        let push = push::read(&mut settings);
        let about = about::read(&mut settings);
        let log = log::read(&mut settings);
        let dump = dump::dump(&settings);
        match (server, database, keys, storage, uploads, secrets, sign_in, activation, log) {
            (
                Some(server),
                Some(database),
                Some(keys),
                Some(storage),
                Some(uploads),
                Some(secrets),
                Some(sign_in),
                Some(activation),
                Some(log),
            ) if settings.problems.is_empty() => Ok(Self {
                server,
                tls,
                mtls,
                database,
                keys,
                storage,
                uploads,
                secrets,
                sign_in,
                activation,
                mail,
                push,
                about,
                log,
                dump,
            }),
            _ => Err(ConfigError(settings.problems)),
        }
    }

    /// Refuses what would put people's findings at risk: a public address without TLS, a listener that speaks plain
    /// HTTP to a network, a demo that others can reach.
    ///
    /// # Errors
    /// A sentence for each reason not to start.
    pub(crate) fn check(&self, mode: Mode) -> Result<(), ConfigError> {
        let server = &self.server;
        let (bind, url) = (server.bind, &server.public_url);
        let encrypted = self.tls.is_some();
        let behind_proxy = !server.trusted_proxies.is_empty();
        let reasons = [
            (
                mode == Mode::Demo && !bind.ip().is_loopback(),
                format!("the demo listens on this machine only, and {bind} is more than this machine"),
            ),
            (
                !url.is_https() && !url.is_loopback(),
                format!("server.public_url is {url}: findings travel over https only; http is for this machine"),
            ),
            (
                !bind.ip().is_loopback() && !encrypted && !behind_proxy,
                format!(
                    "server.bind is {bind}, which others can reach, and nothing encrypts the connection: set [tls], or \
                     name the reverse proxy that does it in server.trusted_proxies"
                ),
            ),
            (
                url.is_https() && !encrypted && !behind_proxy,
                format!(
                    "server.public_url is {url}, but nothing here speaks TLS: set [tls], or name the reverse proxy that \
                     does it in server.trusted_proxies"
                ),
            ),
            (
                !url.is_https() && encrypted,
                format!("[tls] is set, but server.public_url is {url}: it has to begin with https"),
            ),
            (
                server.trusted_proxies.iter().any(|range| range.prefix == 0),
                String::from("server.trusted_proxies trusts the whole internet; name the proxy's own address"),
            ),
            (
                self.mtls.is_some() && !encrypted,
                String::from(
                    "[mtls] is set, but [tls] is not: only who ends TLS sees the certificate of a client, and a header \
                     of a proxy is never believed",
                ),
            ),
            (
                self.mtls.as_ref().is_some_and(|mtls| !mtls.public_url.is_https() || mtls.bind == bind),
                String::from("[mtls] needs a listener of its own and a public_url that begins with https"),
            ),
            (
                mode == Mode::Serve && self.mail.as_ref().is_some_and(|mail| mail.tls == MailTls::None),
                String::from("mail.tls = \"none\" is for the demo only; use \"required\" or \"wrapper\""),
            ),
        ];
        let reasons: Vec<String> = reasons.into_iter().filter(|(refused, _)| *refused).map(|(_, why)| why).collect();
        if reasons.is_empty() { Ok(()) } else { Err(ConfigError(reasons)) }
    }

    /// What is still good and soon is not: a sentence each.
    #[must_use]
    pub(crate) fn warnings(&self, now: Timestamp) -> Vec<String> {
        let today = now.to_zoned(TimeZone::UTC).date();
        let left = |day: Date| today.until(day).map_or(0, |left| left.get_days());
        let expires = self.about.security_expires.filter(|day| left(*day) < SAID_BEFORE);
        let sentence = |day: Date| {
            let (when, what) = if day < today { ("ran out", "is") } else { ("runs out", "will be") };
            format!(
                "about.security_expires {when} on {day}: /.well-known/security.txt {what} of no use to researchers (RFC 9116)"
            )
        };
        expires.map(sentence).into_iter().collect()
    }

    /// Every value with the place it came from, as a TOML file. Secrets are not shown.
    #[must_use]
    pub(crate) fn dump(&self) -> &str {
        &self.dump
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.dump)
    }
}

/// Every key there is, in the order in which they are shown.
fn keys() -> Vec<Key> {
    [
        server::KEYS,
        tls::KEYS,
        mtls::KEYS,
        database::KEYS,
        keys::KEYS,
        storage::KEYS,
        uploads::KEYS,
        secrets::KEYS,
        sign_in::KEYS,
        activation::KEYS,
        mail::KEYS,
        push::KEYS,
        about::KEYS,
        about::APP_KEYS,
        log::KEYS,
    ]
    .concat()
}

/// Whether a host name or address means this machine.
fn is_loopback_host(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
