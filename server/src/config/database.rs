//! `[database]`: the embedded SQLite file, or a PostgreSQL server when the network of practices grows.

use std::path::PathBuf;

use nahraum_domain::private::Private;

use super::{key::Key, settings::Settings};

/// `sqlite:` and a path, or a `postgres://` address. Secret, because it may hold a password.
const URL: Key =
    Key::text("database.url", "\"sqlite:\" and a path, or \"postgres://user:password@host/name\" (%-encoded)")
        .or("sqlite:<data_dir>/nahraum.db")
        .secret();
/// How many connections are kept. SQLite: readers; there is always exactly one writer.
const CONNECTIONS: Key = Key::number("database.connections", "a whole number from 1 to 200").or("8");
/// The CA that signed the PostgreSQL server's certificate, when it is not one the operating system trusts.
const ROOT_CERTIFICATE: Key = Key::text("database.root_certificate", "the path of a PEM file");

pub(super) const KEYS: &[Key] = &[URL, CONNECTIONS, ROOT_CERTIFICATE];

/// Which database, and how many connections to it.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    /// Engine and place.
    pub url: DatabaseUrl,
    /// Connections that are kept open.
    pub connections: u32,
    /// PEM file with the CA of the PostgreSQL server.
    pub root_certificate: Option<PathBuf>,
}

/// Engine and place of the database.
#[derive(Debug, Clone)]
pub(crate) enum DatabaseUrl {
    /// The embedded database in this file.
    Sqlite(PathBuf),
    /// A PostgreSQL server, with the complete address.
    Postgres(Private<String>),
}

impl DatabaseUrl {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            // `sqlite:///var/lib/x.db` is the same file as `sqlite:/var/lib/x.db`.
            let path = path.strip_prefix("//").unwrap_or(path);
            return Some(Self::Sqlite(path.into())).filter(|_| !path.is_empty() && !path.starts_with(':'));
        }
        let rest = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"))?;
        Some(Self::Postgres(Private::new(text.to_owned()))).filter(|_| !rest.is_empty())
    }
}

pub(super) fn read(settings: &mut Settings) -> Option<Database> {
    let url = settings.text(&URL, DatabaseUrl::parse);
    let connections = settings.number(&CONNECTIONS, 1..=200);
    let root_certificate = settings.text(&ROOT_CERTIFICATE, |text| Some(PathBuf::from(text)));
    Some(Database { url: url?, connections: connections?, root_certificate })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_names_the_engine() {
        for (text, path) in [("sqlite:/d/n.db", "/d/n.db"), ("sqlite:///d/n.db", "/d/n.db"), ("sqlite:n.db", "n.db")] {
            assert!(matches!(DatabaseUrl::parse(text), Some(DatabaseUrl::Sqlite(file)) if file.as_os_str() == path));
        }
        assert!(matches!(DatabaseUrl::parse("postgresql://db/n"), Some(DatabaseUrl::Postgres(_))));
        for wrong in ["", "n.db", "mysql://db/n", "sqlite:", "sqlite::memory:", "postgres://", "host=db password=x"] {
            assert!(DatabaseUrl::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn the_password_is_not_printed() {
        let url = DatabaseUrl::parse("postgres://nahraum:geheim@db/nahraum").unwrap();
        assert_eq!(format!("{url:?}"), "Postgres(•••)");
    }
}
