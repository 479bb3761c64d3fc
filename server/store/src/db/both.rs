//! The few queries that the multi backend cannot build: they run with the engine's own connection. Only tests have such.

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
