//! The two databases of the configuration, as the store wants them: what is stored, and the keys to it.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use nahraum_domain::private::Private;
use nahraum_secrets::{Keys, Random};
use nahraum_store::{DatabaseConfig, DatabaseError, Store, Target};

use crate::{
    config::{Config, DatabaseUrl},
    wiring::Trouble,
};

/// Connections to the key store: it is asked once a minute for each person who is there.
const KEY_STORE_CONNECTIONS: u32 = 4;

/// Opens both. Does not migrate.
///
/// # Errors
/// When one of them cannot be opened or is not configured safely.
pub(crate) fn open(config: &Config, keys: Keys, random: &Arc<dyn Random>) -> Result<Store, DatabaseError> {
    if let DatabaseUrl::Sqlite(file) = &config.keys.url {
        closed_to_others(file)?;
    }
    let main = target(&config.database.url, config.database.root_certificate.as_deref());
    let key_store = target(&config.keys.url, config.keys.root_certificate.as_deref());
    let main = DatabaseConfig { target: main, connections: config.database.connections };
    let connections = config.database.connections.min(KEY_STORE_CONNECTIONS);
    Store::open(&main, &DatabaseConfig { target: key_store, connections }, keys, Arc::clone(random))
}

/// A key store that is there already belongs to the server's user alone, and so does its folder (SR-K05). The keys in it
/// are encrypted; the rest of the secret lies near enough on most machines.
fn closed_to_others(file: &Path) -> Result<(), DatabaseError> {
    let places = [(file.parent(), "700"), (Some(file), "600")];
    for (place, right) in places.into_iter().filter_map(|(place, right)| Some((place?, right))) {
        let Ok(facts) = fs::metadata(place) else { continue };
        let mode = facts.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let place = place.display();
            return Err(DatabaseError::Refused(format!(
                "the key store's {place} has mode {mode:04o}, but only the server's user may look into it; mend it \
                 with: chmod {right} {place}"
            )));
        }
    }
    Ok(())
}

fn target(url: &DatabaseUrl, root_certificate: Option<&Path>) -> Target {
    match url {
        DatabaseUrl::Sqlite(path) => Target::Sqlite { path: path.clone() },
        DatabaseUrl::Postgres(url) => {
            Target::Postgres { url: Private::clone(url), root_certificate: root_certificate.map(Path::to_owned) }
        }
    }
}

/// The file of a key store that was not there before this start: it must not stay where the right one is missed.
pub(crate) struct MadeAtThisStart(Option<PathBuf>);

impl MadeAtThisStart {
    /// Looks before the key store is opened, which makes it.
    pub(crate) fn watch(config: &Config) -> Self {
        match &config.keys.url {
            DatabaseUrl::Sqlite(path) if !path.exists() => Self(Some(path.clone())),
            DatabaseUrl::Sqlite(_) | DatabaseUrl::Postgres(_) => Self(None),
        }
    }

    /// The sentence about a key store that does not belong to the main database.
    pub(crate) fn refuse(&self) -> Trouble {
        let Some(file) = &self.0 else {
            return Trouble::Refused(String::from(
                "the key store is not the one that the database was made with; set keys.database_url to the right one, \
                 or restore it from its backup",
            ));
        };
        for end in ["", "-wal", "-shm"] {
            let mut name = file.clone().into_os_string();
            name.push(end);
            let _stays = fs::remove_file(name).is_err();
        }
        Trouble::Refused(format!(
            "the key store {} is missing, and nothing in the database can be read without it; restore it from its backup",
            file.display()
        ))
    }
}
