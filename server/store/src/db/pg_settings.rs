//! A PostgreSQL URL, and what it must say before a connection is made: health data never crosses a network in clear.

use std::{net::IpAddr, path::Path, sync::Arc, time::Duration};

use diesel::{QueryableByName, RunQueryDsl as _, sql_query, sql_types::Text};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio_postgres::config::{Config, Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Cause, Conn, DatabaseError};

/// How to reach a server. Not printable: it holds the password.
pub(super) struct PgSettings {
    pub(super) config: Config,
    /// `None`: in clear, on this machine.
    pub(super) tls: Option<MakeRustlsConnect>,
}

impl PgSettings {
    /// Reads `postgres://…` (<https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS>).
    ///
    /// A server on another machine is reached over TLS only, and its certificate is always verified, against
    /// `root_certificate` (PEM) or the operating system's authorities; `sslmode=verify-ca` and `verify-full` therefore
    /// mean the same as `require`. Loopback addresses, `localhost` and Unix sockets are plain unless the URL or a
    /// `root_certificate` asks for TLS.
    ///
    /// # Errors
    /// [`DatabaseError::Refused`] with a sentence; it never quotes the URL.
    pub(super) fn parse(url: &str, root_certificate: Option<&Path>) -> Result<Self, DatabaseError> {
        let (url, mode_is_given) = with_known_sslmode(url)?;
        let mut config: Config =
            url.parse().map_err(|error| refused(format!("The database URL cannot be read: {}.", Cause::of(&error))))?;
        let tls = if is_on_this_machine(&config) {
            config.get_ssl_mode() == SslMode::Require || root_certificate.is_some()
        } else {
            if mode_is_given && config.get_ssl_mode() != SslMode::Require {
                return Err(refused(
                    "The database is on another machine, but its URL allows a connection in clear: \
                     write sslmode=verify-full, or leave sslmode out.",
                ));
            }
            true
        };
        config.ssl_mode(if tls { SslMode::Require } else { SslMode::Disable });
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(5));
        }
        // A server that vanished must be noticed while a person is still waiting.
        config.keepalives_idle(Duration::from_secs(30)).tcp_user_timeout(Duration::from_secs(30));
        config.application_name("nahraum");
        let tls = tls.then(|| client_tls(root_certificate)).transpose()?.map(MakeRustlsConnect::new);
        Ok(Self { config, tls })
    }
}

fn refused(sentence: impl Into<String>) -> DatabaseError {
    DatabaseError::Refused(sentence.into())
}

/// `verify-ca` and `verify-full` are words of libpq that tokio-postgres does not know. Also tells whether the URL says
/// anything about `sslmode` at all.
fn with_known_sslmode(url: &str) -> Result<(String, bool), DatabaseError> {
    if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
        return Err(refused("The database URL must start with postgres:// or postgresql://."));
    }
    let Some((place, query)) = url.split_once('?') else {
        return Ok((url.to_owned(), false));
    };
    let pairs: Vec<&str> = query
        .split('&')
        .map(|pair| match pair {
            "sslmode=verify-ca" | "sslmode=verify-full" => "sslmode=require",
            other => other,
        })
        .collect();
    let mode_is_given = pairs.iter().any(|pair| pair.starts_with("sslmode="));
    Ok((format!("{place}?{}", pairs.join("&")), mode_is_given))
}

/// Whether every address that may be connected to is on this machine. A `hostaddr` wins over the host's name, so both
/// are looked at.
fn is_on_this_machine(config: &Config) -> bool {
    let hosts = config.get_hosts();
    !hosts.is_empty()
        && hosts.iter().all(|host| match host {
            Host::Unix(_) => true,
            Host::Tcp(name) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()),
        })
        && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

fn client_tls(root_certificate: Option<&Path>) -> Result<ClientConfig, DatabaseError> {
    let tls_failed = |error: rustls::Error| DatabaseError::Internal(Cause::of(&error));
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(tls_failed)?;
    let builder = match root_certificate {
        Some(path) => builder.with_root_certificates(authorities(path)?),
        None => builder.with_platform_verifier().map_err(|error| {
            refused(format!("The operating system's certificate authorities cannot be read: {error}."))
        })?,
    };
    Ok(builder.with_no_client_auth())
}

fn authorities(path: &Path) -> Result<RootCertStore, DatabaseError> {
    let unreadable = |why: String| refused(format!("The root certificate {} cannot be used: {why}.", path.display()));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unreadable(error.to_string()))? {
        let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unreadable(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(unreadable("there is no certificate in it".to_owned()));
    }
    Ok(roots)
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    value: String,
}

/// Settings of the server, the values they may have, and what happens otherwise.
const SERVER: [(&str, &[&str], &str); 4] = [
    ("fsync", &["on"], "committed data is lost when the power fails"),
    // All of these wait for the server's own disk; `remote_write` and `remote_apply` wait for a replica as well.
    (
        "synchronous_commit",
        &["on", "local", "remote_write", "remote_apply"],
        "the last commits are lost when the server stops",
    ),
    ("full_page_writes", &["on"], "pages are destroyed when the power fails"),
    ("server_encoding", &["UTF8"], "names cannot be stored as they are written"),
];

/// Refuses a server that may lose what it has confirmed.
pub(super) fn check_server(conn: &mut Conn) -> Result<(), DatabaseError> {
    for (setting, allowed, otherwise) in SERVER {
        let query = format!("SELECT current_setting('{setting}') AS value");
        let found = sql_query(query).get_result::<Setting>(conn)?.value;
        if !allowed.contains(&found.as_str()) {
            return Err(refused(format!(
                "PostgreSQL's setting {setting} is {found}: {otherwise}. Set it to {}.",
                allowed.join(" or ")
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses_tls(url: &str) -> bool {
        let settings = PgSettings::parse(url, None).unwrap();
        assert_eq!(settings.tls.is_some(), settings.config.get_ssl_mode() == SslMode::Require, "{url}");
        settings.tls.is_some()
    }

    fn refusal(url: &str) -> String {
        match PgSettings::parse(url, None) {
            Err(DatabaseError::Refused(sentence)) => sentence,
            Err(other) => panic!("{url}: {other:?}"),
            Ok(_) => panic!("{url} was accepted"),
        }
    }

    #[test]
    fn another_machine_is_reached_over_tls_only() {
        for url in [
            "postgres://u:p@db.example.org/nahraum",
            "postgresql://u:p@10.0.0.5:5433/nahraum?sslmode=require",
            "postgres://u:p@db.example.org/nahraum?sslmode=verify-full",
            "postgres://u:p@db.example.org/nahraum?connect_timeout=3&sslmode=verify-ca",
            "postgres://u@[2001:db8::1]/nahraum",
            "postgres://u@localhost.example.org/nahraum",
            "postgres://u@localhost/nahraum?hostaddr=10.0.0.5",
            "postgres://u@localhost,db.example.org/nahraum",
            "postgres://u@localhost/nahraum?sslmode=require",
        ] {
            assert!(uses_tls(url), "{url}");
        }
        for url in [
            "postgres://u:p@db.example.org/nahraum?sslmode=disable",
            "postgres://u:p@db.example.org/nahraum?sslmode=prefer",
            "postgres://u:p@localhost/nahraum?hostaddr=10.0.0.5&sslmode=disable",
            "postgres://u:p@db.example.org/nahraum?sslmode=verify-full&sslmode=disable",
        ] {
            assert!(refusal(url).contains("in clear"), "{url}");
        }
        // However the word is spelled, the result is TLS.
        assert!(uses_tls("postgres://u@db.example.org/nahraum?ssl%6Dode=disable"));
    }

    #[test]
    fn this_machine_may_be_plain() {
        for url in [
            "postgres://u:p@127.0.0.1/nahraum",
            "postgres://u:p@localhost:5433/nahraum?sslmode=prefer",
            "postgres://u@[::1]/nahraum?sslmode=disable",
            "postgres://u@%2Frun%2Fpostgresql/nahraum",
            "postgres:///nahraum?host=/run/postgresql",
        ] {
            assert!(!uses_tls(url), "{url}");
        }
    }

    #[test]
    fn a_refused_url_is_not_quoted() {
        for url in [
            "mysql://u:geheim@db/nahraum",
            "host=db password=geheim",
            "postgres://u:geheim@db:notaport/nahraum",
            "postgres://u:geheim@db/nahraum?sslmode=geheim",
            "postgres://u:geheim@db/nahraum?unknown=1",
        ] {
            assert!(!refusal(url).contains("geheim"), "{url}");
        }
    }

    #[test]
    fn a_root_certificate_must_be_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let url = "postgres://u@db.example.org/nahraum";
        for content in [None, Some("nothing"), Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")] {
            if let Some(content) = content {
                std::fs::write(&file, content).unwrap();
            }
            let result = PgSettings::parse(url, Some(&file));
            assert!(matches!(result, Err(DatabaseError::Refused(sentence)) if sentence.contains("ca.pem")));
        }
    }
}
