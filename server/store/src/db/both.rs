//! The few queries that the multi backend cannot build: they run with the engine's own connection.

/// Runs one expression with the engine's own connection, for what the multi backend has no words for: inserts of many rows.
///
/// `each!(conn, |c| insert_into(t::table).values(&rows).execute(c))?` with `conn: &mut Conn`. The expression is compiled
/// once for each engine.
#[cfg(test)]
macro_rules! each {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite($c) => $body,
            $crate::db::Conn::Postgres($c) => $body,
        }
    };
}
#[cfg(test)]
pub(crate) use each;

/// Inserts many rows: on SQLite a prepared statement for each, which costs nothing but the row; on PostgreSQL one for all, because there
/// every statement is a round trip, and the longer a unit of work takes, the likelier it loses a race.
///
/// `insert_many!(conn, t::table, &rows)?` with `conn: &mut Conn` and rows that are `Insertable`. No rows are no statement.
macro_rules! insert_many {
    ($conn:expr, $table:expr, $rows:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite(c) => {
                $rows.iter().try_for_each(|row| diesel::insert_into($table).values(row).execute(c).map(drop))
            }
            $crate::db::Conn::Postgres(_) if $rows.is_empty() => Ok(()),
            $crate::db::Conn::Postgres(c) => diesel::insert_into($table).values($rows).execute(c).map(drop),
        }
    };
}
pub(crate) use insert_many;
