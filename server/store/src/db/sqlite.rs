//! Opening the SQLite file: who may read it, and the settings under which what was committed stays.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use diesel::{
    Connection as _, RunQueryDsl as _, SqliteConnection, connection::SimpleConnection as _, dsl::sql, sql_types::Text,
};

use super::{Cause, DatabaseError};

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Reads; a write fails.
    Reader,
    /// The one connection that writes.
    Writer,
}

/// Setting, the value it is given, and the value it must then have.
///
/// - `busy_timeout` comes first, because switching to WAL takes a lock.
/// - `synchronous=FULL`: in WAL mode `NORMAL` may lose the last commits when the power fails.
/// - `secure_delete`: what was deleted is overwritten and cannot be found in the file.
/// - `temp_store`: sorting health data must not leave it in files outside.
/// - `cache_size` is in KiB when negative: 8 MiB a connection.
const SETTINGS: [(&str, &str, &str); 8] = [
    ("busy_timeout", "5000", "5000"),
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", "2"),
    ("foreign_keys", "ON", "1"),
    ("secure_delete", "ON", "1"),
    ("temp_store", "MEMORY", "2"),
    ("cache_size", "-8192", "-8192"),
    ("mmap_size", "67108864", "67108864"),
];

/// Creates the folder (0700) and the file (0600) when they are missing, and gives the file's full path.
pub(super) fn prepare(path: &Path) -> Result<PathBuf, DatabaseError> {
    let unavailable = |error: io::Error| DatabaseError::Unavailable(Cause::of(&error));
    // Absolute, so that the name can never be read as a `file:` URI or as `:memory:`.
    let path = std::path::absolute(path).map_err(unavailable)?;
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unavailable)?;
    }
    // SQLite gives the files beside it (`-wal`, `-shm`) the mode of the database.
    fs::OpenOptions::new().append(true).create(true).mode(0o600).open(&path).map_err(unavailable)?;
    Ok(path)
}

/// Opens a connection to a file that [`prepare`] has seen, sets it up and reads every setting back.
pub(super) fn open(path: &Path, role: Role) -> Result<SqliteConnection, DatabaseError> {
    let name = path
        .to_str()
        .ok_or_else(|| DatabaseError::Refused("The path of the database must be written in UTF-8.".to_owned()))?;
    let mut conn = SqliteConnection::establish(name).map_err(|error| DatabaseError::Unavailable(Cause::of(&error)))?;
    for (setting, value, _) in SETTINGS {
        conn.batch_execute(&format!("PRAGMA {setting} = {value}"))?;
    }
    for (setting, wanted, expected) in SETTINGS {
        let found = sql::<Text>(&format!("PRAGMA {setting}")).get_result::<String>(&mut conn)?;
        if found != expected {
            return Err(DatabaseError::Refused(format!(
                "SQLite did not take the setting {setting} = {wanted}: it stays {found}. \
                 The file may lie on a file system that cannot do it, such as a network drive."
            )));
        }
    }
    if role == Role::Reader {
        conn.batch_execute("PRAGMA query_only = ON")?;
    }
    Ok(conn)
}
