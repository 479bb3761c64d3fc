//! What can go wrong with a database, in the few ways a caller can do something about.

use std::{error::Error as StdError, fmt};

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};

/// Why the database did not do what it was asked.
///
/// The sentences can be shown; the engine's own words are in the [`Cause`] and reach the logs only, through
/// [`std::error::Error::source`].
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// No connection was free in time, or a lock was not given: try again later.
    #[error("The database is busy.")]
    Busy,
    /// The disk is full: nothing can be stored until somebody makes room.
    #[error("The database has no room left.")]
    Full,
    /// A write where only reading is possible.
    #[error("The database can only be read here.")]
    ReadOnly,
    /// A row that had to be there is not.
    #[error("The record is not there.")]
    NotFound,
    /// The same thing is stored already.
    #[error("The record exists already.")]
    Unique {
        /// The violated constraint, where the engine tells it: `<table>_<column>_<column>_key` on both engines, as
        /// PostgreSQL names it. A primary key reads `<table>_pkey` on PostgreSQL, and like any other on SQLite.
        constraint: Option<String>,
    },
    /// The row points to a row that is not there, or is pointed to.
    #[error("A record that belongs to it is missing or still in use.")]
    ForeignKey,
    /// There is no connection to the database, or it was lost on the way.
    #[error("The database cannot be reached.")]
    Unavailable(#[source] Cause),
    /// What is stored cannot be right.
    #[error("The database holds something that cannot be right.")]
    Corrupt(#[source] Cause),
    /// A fault of this program.
    #[error("The database refused a statement.")]
    Internal(#[source] Cause),
    /// A newer release has changed this database.
    #[error(
        "The database was changed by a newer release (migration {version}): start that release, or restore a backup."
    )]
    SchemaNewer {
        /// The newest migration that this program does not know.
        version: String,
    },
    /// A setting under which committed data could be lost or read by others. The sentence names it.
    #[error("{0}")]
    Refused(String),
}

/// The engine's own words, for the logs of the operator. They name tables and constraints, never values: bound values
/// do not occur in the messages of either engine, and PostgreSQL's details, which quote keys, are left out.
pub struct Cause(String);

impl Cause {
    pub(super) fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }

    /// An error with everything that led to it.
    pub(super) fn of(error: &(dyn StdError + 'static)) -> Self {
        let mut words = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            words.push_str(": ");
            words.push_str(&error.to_string());
            cause = error.source();
        }
        Self(words)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl StdError for Cause {}

impl From<DieselError> for DatabaseError {
    #[expect(clippy::wildcard_enum_match_arm, reason = "diesel's enum is open, and the rest are our own faults")]
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => Self::NotFound,
            DieselError::DatabaseError(kind, info) => from_engine(&kind, &*info),
            DieselError::DeserializationError(error) => Self::Corrupt(Cause::of(&*error)),
            DieselError::RollbackErrorOnCommit { commit_error, .. } => Self::from(*commit_error),
            other => Self::Internal(Cause::of(&other)),
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "diesel's enum is open; the code or the text tells the rest apart")]
fn from_engine(kind: &DatabaseErrorKind, info: &(dyn DatabaseErrorInformation + Send + Sync)) -> DatabaseError {
    let message = info.message();
    match kind {
        DatabaseErrorKind::UniqueViolation => DatabaseError::Unique { constraint: constraint(info) },
        DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::RestrictViolation => DatabaseError::ForeignKey,
        DatabaseErrorKind::SerializationFailure => DatabaseError::Busy,
        DatabaseErrorKind::ReadOnlyTransaction => DatabaseError::ReadOnly,
        DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection => {
            DatabaseError::Unavailable(Cause::new(message))
        }
        _ => match message.strip_prefix(SQLSTATE) {
            Some(code) => from_sqlstate(code, message),
            None => from_sqlite(message),
        },
    }
}

/// What `PgWire` writes before a message, because diesel's error has no field for the five characters.
pub(super) const SQLSTATE: &str = "SQLSTATE ";

/// PostgreSQL's codes: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn from_sqlstate(code_and_text: &str, message: &str) -> DatabaseError {
    let code = code_and_text.get(..5).unwrap_or_default();
    let class = code.get(..2).unwrap_or_default();
    match (class, code) {
        (_, "53100") => DatabaseError::Full,
        // too many connections, lock not available, query canceled (statement timeout), lost races
        (_, "53300" | "55P03" | "57014" | "40001" | "40P01") => DatabaseError::Busy,
        ("08", _) | (_, "57P01" | "57P02" | "57P03") => DatabaseError::Unavailable(Cause::new(message)),
        // XX001, XX002: data or index corrupted
        (_, "XX001" | "XX002") => DatabaseError::Corrupt(Cause::new(message)),
        _ => DatabaseError::Internal(Cause::new(message)),
    }
}

/// SQLite's texts, the only thing diesel keeps of them (`sqlite3ErrStr` in SQLite's main.c; they are not translated).
fn from_sqlite(message: &str) -> DatabaseError {
    match message {
        "database or disk is full" => DatabaseError::Full,
        "database is locked" | "database table is locked" => DatabaseError::Busy,
        "attempt to write a readonly database" => DatabaseError::ReadOnly,
        "database disk image is malformed" | "file is not a database" => DatabaseError::Corrupt(Cause::new(message)),
        "disk I/O error" | "unable to open database file" => DatabaseError::Unavailable(Cause::new(message)),
        _ => DatabaseError::Internal(Cause::new(message)),
    }
}

/// One name for a constraint on both engines: SQLite tells the columns, from which PostgreSQL makes the name.
fn constraint(info: &dyn DatabaseErrorInformation) -> Option<String> {
    if let Some(name) = info.constraint_name() {
        return Some(name.to_owned());
    }
    let columns = info.message().strip_prefix("UNIQUE constraint failed: ")?;
    if let Some(index) = columns.strip_prefix("index '") {
        return Some(index.trim_end_matches('\'').to_owned());
    }
    let mut name = String::new();
    for column in columns.split(", ") {
        let (table, column) = column.split_once('.')?;
        if name.is_empty() {
            name.push_str(table);
        }
        name.push('_');
        name.push_str(column);
    }
    name.push_str("_key");
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(error: &DatabaseError) -> String {
        format!("{error:?}").split(['(', ' ']).next().unwrap().to_owned()
    }

    #[test]
    fn codes_and_texts_become_what_a_caller_can_act_on() {
        for (message, expected) in [
            ("SQLSTATE 53100: could not extend file: No space left on device", "Full"),
            ("SQLSTATE 53300: sorry, too many clients already", "Busy"),
            ("SQLSTATE 55P03: canceling statement due to lock timeout", "Busy"),
            ("SQLSTATE 57014: canceling statement due to statement timeout", "Busy"),
            ("SQLSTATE 57P01: terminating connection due to administrator command", "Unavailable"),
            ("SQLSTATE 08006: connection failure", "Unavailable"),
            ("SQLSTATE XX001: invalid page in block 0", "Corrupt"),
            ("SQLSTATE 42601: syntax error", "Internal"),
            ("SQLSTATE ", "Internal"),
            ("database or disk is full", "Full"),
            ("database is locked", "Busy"),
            ("attempt to write a readonly database", "ReadOnly"),
            ("database disk image is malformed", "Corrupt"),
            ("disk I/O error", "Unavailable"),
            ("no such table: x", "Internal"),
        ] {
            let info: Box<dyn DatabaseErrorInformation + Send + Sync> = Box::new(message.to_owned());
            let error = DatabaseError::from(DieselError::DatabaseError(DatabaseErrorKind::Unknown, info));
            assert_eq!(name(&error), expected, "{message}");
            assert!(!error.to_string().contains(message), "{message}");
        }
    }

    #[test]
    fn sqlites_columns_become_postgres_names() {
        for (message, expected) in [
            (
                "UNIQUE constraint failed: patients.practice_id, patients.reference",
                "patients_practice_id_reference_key",
            ),
            ("UNIQUE constraint failed: index 'devices_open_key'", "devices_open_key"),
        ] {
            assert_eq!(constraint(&message.to_owned()).as_deref(), Some(expected));
        }
        assert_eq!(constraint(&"something else".to_owned()), None);
    }
}
