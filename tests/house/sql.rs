//! What somebody with the database's password can do: SQL past the server, on either engine.

use diesel::{
    Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, connection::SimpleConnection as _, sql_query,
    sql_types::BigInt,
};

use crate::server::Server;

/// Somebody who is signed in to the database itself.
pub(crate) enum Intruder {
    Sqlite(SqliteConnection),
    Postgres(tokio::runtime::Runtime, tokio_postgres::Client),
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl Intruder {
    /// Signs in to the database of a server.
    pub(crate) fn at(server: &Server) -> Self {
        match server.database() {
            None => {
                let path = server.path("data/nahraum.db").display().to_string();
                let mut conn = SqliteConnection::establish(&path).expect("the database");
                conn.batch_execute("PRAGMA busy_timeout = 5000").expect("patience");
                Self::Sqlite(conn)
            }
            Some(url) => {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(1)
                    .enable_all()
                    .build()
                    .expect("threads");
                let (client, connection) =
                    runtime.block_on(tokio_postgres::connect(url, tokio_postgres::NoTls)).expect("the database");
                runtime.spawn(connection);
                Self::Postgres(runtime, client)
            }
        }
    }

    /// Runs statements.
    #[track_caller]
    pub(crate) fn run(&mut self, sql: &str) {
        match self {
            Self::Sqlite(conn) => conn.batch_execute(sql).unwrap_or_else(|e| panic!("{sql}: {e}")),
            Self::Postgres(runtime, client) => {
                runtime.block_on(client.batch_execute(sql)).unwrap_or_else(|e| panic!("{sql}: {e:?}"));
            }
        }
    }

    /// The one number that a query gives, cast to a 64-bit integer by the query itself.
    #[track_caller]
    pub(crate) fn number(&mut self, query: &str) -> i64 {
        let sql = format!("SELECT CAST(({query}) AS BIGINT) AS number");
        match self {
            Self::Sqlite(conn) => {
                sql_query(&sql).get_result::<Number>(conn).unwrap_or_else(|e| panic!("{sql}: {e}")).number
            }
            Self::Postgres(runtime, client) => {
                runtime.block_on(client.query_one(sql.as_str(), &[])).unwrap_or_else(|e| panic!("{sql}: {e:?}")).get(0)
            }
        }
    }
}
