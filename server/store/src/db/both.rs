//! The queries that diesel's multi connection cannot build itself: upserts and inserts of many rows.
//!
//! Everything else is written against [`super::Conn`] directly.

use diesel::{
    QueryResult, RunQueryDsl,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sqlite::Sqlite,
};

use super::MultiBackend;

/// A query that each engine knows, but the multi backend does not: `on_conflict`.
///
/// The query is written once and walked with the engine at hand:
/// `Both(insert_into(t::table).values((…)).on_conflict(t::id).do_update().set((…))).execute(conn)?`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Both<Q>(pub(crate) Q);

impl<Q> QueryFragment<MultiBackend> for Both<Q>
where
    Q: QueryFragment<Sqlite> + QueryFragment<Pg>,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(&self.0, pass)
    }
}

impl<Q: QueryId> QueryId for Both<Q> {
    type QueryId = Q::QueryId;
    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID;
}

impl<Q: Query> Query for Both<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, C> RunQueryDsl<C> for Both<Q> {}

/// Runs one expression with the engine's own connection, for what [`Both`] cannot carry: inserts of many rows.
///
/// `each!(conn, |c| insert_into(t::table).values(&rows).execute(c))?` with `conn: &mut Conn`. The expression is compiled
/// once for each engine.
macro_rules! each {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite($c) => $body,
            $crate::db::Conn::Postgres($c) => $body,
        }
    };
}
pub(crate) use each;
