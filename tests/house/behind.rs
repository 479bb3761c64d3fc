//! Behind the server's back: statements straight into its databases, and every byte that it has stored.

use std::{fs, path::Path};

use diesel::{
    Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, connection::SimpleConnection as _, sql_query,
    sql_types::Text,
};

use crate::server::Server;

/// One of a server's databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Database {
    Main,
    Keys,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Server {
    /// Runs a statement that works on both engines.
    pub(crate) fn execute(&self, database: Database, statement: &str) {
        if self.postgres().is_some() {
            drop(postgres_rows(self.postgres_url(database), statement));
        } else {
            self.sqlite(database).batch_execute(statement).unwrap_or_else(|e| panic!("{statement}: {e}"));
        }
    }

    /// The rows of a query with one column, as text.
    pub(crate) fn ask(&self, database: Database, column: &str, rest: &str) -> Vec<String> {
        if self.postgres().is_some() {
            return postgres_rows(self.postgres_url(database), &format!("SELECT {column} {rest}"));
        }
        let query = format!("SELECT CAST({column} AS TEXT) AS line {rest}");
        let lines: Vec<Line> =
            sql_query(&query).load(&mut self.sqlite(database)).unwrap_or_else(|e| panic!("{query}: {e}"));
        lines.into_iter().map(|line| line.line).collect()
    }

    /// The bytes of a column, as hex: an expression for [`Server::ask`].
    pub(crate) fn hex(&self, column: &str) -> String {
        if self.postgres().is_some() { format!("encode({column}, 'hex')") } else { format!("lower(hex({column}))") }
    }

    /// Bytes from their hex, or an id from its text, as a literal.
    pub(crate) fn bytes(&self, hex: &str) -> String {
        let hex = hex.replace('-', "");
        if self.postgres().is_some() { format!("'\\x{hex}'::bytea") } else { format!("x'{hex}'") }
    }

    /// Everything that lies in the server's folder and, on PostgreSQL, in the rows of its databases, with the place.
    /// Bytes of PostgreSQL's rows are in hex.
    pub(crate) fn everything_stored(&self) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        read_folder(&self.path("data"), &mut found);
        found.push((String::from("the log"), self.log().into_bytes()));
        if let Some(postgres) = self.postgres() {
            for url in [&postgres.main, &postgres.keys] {
                let tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'";
                for table in postgres_rows(url, tables) {
                    let rows = postgres_rows(url, &format!("SELECT t::text FROM {table} t"));
                    found.push((table, rows.join("\n").into_bytes()));
                }
            }
        }
        found
    }

    fn postgres_url(&self, database: Database) -> &str {
        let postgres = self.postgres().expect("PostgreSQL");
        match database {
            Database::Main => &postgres.main,
            Database::Keys => &postgres.keys,
        }
    }

    fn sqlite(&self, database: Database) -> SqliteConnection {
        let file = match database {
            Database::Main => self.path("data/nahraum.db"),
            Database::Keys => self.path("data/keys/keys.db"),
        };
        let mut conn = SqliteConnection::establish(file.to_str().expect("a path")).expect("the file");
        conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON").expect("a setting");
        conn
    }
}

/// Runs statements on PostgreSQL; the first column of each row, as text. By a client of its own: `psql` costs a process for each question,
/// and tests ask by the thousand.
fn postgres_rows(url: &str, statements: &str) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let said = runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
        let connection = tokio::spawn(connection);
        let said = client.simple_query(statements).await;
        drop(client);
        connection.await.expect("the connection's task")?;
        said
    });
    let said = said.unwrap_or_else(|e| panic!("{statements}: {e:?}"));
    let first = |message| {
        let tokio_postgres::SimpleQueryMessage::Row(row) = message else { return None };
        Some(row.get(0).unwrap_or_default().to_owned())
    };
    said.into_iter().filter_map(first).collect()
}

fn read_folder(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_folder(&path, found);
        } else {
            found.push((path.display().to_string(), fs::read(&path).expect("a file")));
        }
    }
}
