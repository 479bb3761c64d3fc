//! `[keys]`: where the keys of what is stored lie. Always in a database of their own, so that it can be backed up apart.

use std::path::PathBuf;

use nahraum_domain::private::Private;

use super::{
    database::{Database, DatabaseUrl},
    key::Key,
    settings::Settings,
};

/// As `database.url`, and never the same.
const DATABASE_URL: Key =
    Key::text("keys.database_url", "\"sqlite:\" and a path, or \"postgres://user:password@host/name\" (%-encoded)")
        .or("sqlite:<data_dir>/keys/keys.db")
        .secret();
/// The CA that signed the PostgreSQL server's certificate, when it is not one the operating system trusts.
const ROOT_CERTIFICATE: Key = Key::text("keys.root_certificate", "the path of a PEM file");

pub(super) const KEYS: &[Key] = &[DATABASE_URL, ROOT_CERTIFICATE];

/// The key store's database.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    /// Engine and place.
    pub url: DatabaseUrl,
    /// PEM file with the CA of the PostgreSQL server.
    pub root_certificate: Option<PathBuf>,
}

pub(super) fn read(settings: &mut Settings, main: Option<&Database>) -> Option<Keys> {
    let url = settings.text(&DATABASE_URL, DatabaseUrl::parse)?;
    let root_certificate = settings.text(&ROOT_CERTIFICATE, |text| Some(PathBuf::from(text)));
    if main.is_some_and(|main| is_same(&main.url, &url)) {
        settings.problems.push(String::from(
            "keys.database_url and database.url are the same database; keys that are backed up with what they open \
             protect nothing",
        ));
        return None;
    }
    Some(Keys { url, root_certificate })
}

/// Whether the two are written alike. One that hides behind another spelling is found when it is opened.
fn is_same(main: &DatabaseUrl, keys: &DatabaseUrl) -> bool {
    match (main, keys) {
        (DatabaseUrl::Sqlite(main), DatabaseUrl::Sqlite(keys)) => main == keys,
        (DatabaseUrl::Postgres(main), DatabaseUrl::Postgres(keys)) => place(main) == place(keys),
        (DatabaseUrl::Sqlite(_), DatabaseUrl::Postgres(_)) | (DatabaseUrl::Postgres(_), DatabaseUrl::Sqlite(_)) => {
            false
        }
    }
}

/// A PostgreSQL address without who signs in and how.
fn place(url: &Private<String>) -> Private<String> {
    url.clone().map(|url| {
        let place = url.split_once("://").map_or("", |(_, place)| place);
        let place = place.split('?').next().unwrap_or_default();
        place.rsplit_once('@').map_or(place, |(_, place)| place).to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::super::Config;

    fn load(main: &str, keys: &str) -> Result<Config, String> {
        let environment =
            [("NAHRAUM_DATABASE__URL", main), ("NAHRAUM_KEYS__DATABASE_URL", keys)].map(|(k, v)| (k.into(), v.into()));
        Config::load(None, environment, []).map_err(|error| error.to_string())
    }

    #[test]
    fn the_key_store_is_never_the_main_database() {
        for (main, keys) in [
            ("sqlite:/d/n.db", "sqlite:///d/n.db"),
            ("postgres://db/n", "postgres://db/n"),
            ("postgres://a:geheim@db/n?sslmode=require", "postgresql://b:geheim@db/n"),
        ] {
            let refusal = load(main, keys).unwrap_err();
            assert!(refusal.contains("are the same database") && !refusal.contains("geheim"), "{refusal}");
        }
        for (main, keys) in [
            ("sqlite:/d/n.db", "sqlite:/d/k.db"),
            ("postgres://a@db/n", "postgres://a@db/k"),
            ("postgres://a@db/n", "sqlite:/d/k.db"),
        ] {
            load(main, keys).unwrap();
        }
    }
}
