//! What a PostgreSQL server says when something fails, in diesel's words, with the five-character code kept.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};
use tokio_postgres::error::SqlState;

use super::{Cause, error::SQLSTATE};

/// The transaction lost a race against another one: serialization failure, deadlock.
pub(super) fn is_lost_race(code: &SqlState) -> bool {
    *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED
}

/// The server or an administrator ends the connection (57P01 to 57P05, class 08).
pub(super) fn is_goodbye(code: &SqlState) -> bool {
    code.code().starts_with("57P") || code.code().starts_with("08")
}

/// What the server said, without its details: they quote values.
struct WireError {
    message: String,
    table: Option<String>,
    column: Option<String>,
    constraint: Option<String>,
}

/// Diesel's kind of error, with the code at the head of the message; without a code, the connection is gone.
pub(super) fn to_diesel(error: &tokio_postgres::Error) -> DieselError {
    let Some(said) = error.as_db_error() else {
        return DieselError::DatabaseError(
            DatabaseErrorKind::UnableToSendCommand,
            Box::new(Cause::of(error).to_string()),
        );
    };
    let kinds = [
        (SqlState::UNIQUE_VIOLATION, DatabaseErrorKind::UniqueViolation),
        (SqlState::FOREIGN_KEY_VIOLATION, DatabaseErrorKind::ForeignKeyViolation),
        (SqlState::RESTRICT_VIOLATION, DatabaseErrorKind::RestrictViolation),
        (SqlState::NOT_NULL_VIOLATION, DatabaseErrorKind::NotNullViolation),
        (SqlState::CHECK_VIOLATION, DatabaseErrorKind::CheckViolation),
        (SqlState::READ_ONLY_SQL_TRANSACTION, DatabaseErrorKind::ReadOnlyTransaction),
        (SqlState::T_R_SERIALIZATION_FAILURE, DatabaseErrorKind::SerializationFailure),
        (SqlState::T_R_DEADLOCK_DETECTED, DatabaseErrorKind::SerializationFailure),
    ];
    let kind = kinds
        .into_iter()
        .find_map(|(code, kind)| (code == *said.code()).then_some(kind))
        .unwrap_or(DatabaseErrorKind::Unknown);
    DieselError::DatabaseError(
        kind,
        Box::new(WireError {
            message: format!("{SQLSTATE}{}: {}", said.code().code(), said.message()),
            table: said.table().map(str::to_owned),
            column: said.column().map(str::to_owned),
            constraint: said.constraint().map(str::to_owned),
        }),
    )
}

impl DatabaseErrorInformation for WireError {
    fn message(&self) -> &str {
        &self.message
    }

    fn details(&self) -> Option<&str> {
        None
    }

    fn hint(&self) -> Option<&str> {
        None
    }

    fn table_name(&self) -> Option<&str> {
        self.table.as_deref()
    }

    fn column_name(&self) -> Option<&str> {
        self.column.as_deref()
    }

    fn constraint_name(&self) -> Option<&str> {
        self.constraint.as_deref()
    }

    fn statement_position(&self) -> Option<i32> {
        None
    }
}
