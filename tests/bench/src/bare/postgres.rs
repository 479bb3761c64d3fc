//! The rows by tokio-postgres from PostgreSQL, with statements that were prepared once.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use tokio_postgres::{Client, NoTls, Row, Statement};
use uuid::Uuid;

use super::{CONNECTIONS, Line, Opened};
use crate::{Outcome, Trouble};

const LIST: &str = "SELECT f.id, f.state, f.kind, f.class, p.id, p.name, f.sort_date, f.received_at, f.read_at, \
                    f.value_count, f.flagged_count, f.summary_sealed \
                    FROM findings f INNER JOIN practices p ON p.id = f.practice_id \
                    WHERE f.resident_id = $1 ORDER BY f.sort_date DESC, f.id DESC LIMIT 20";
const OPEN: &str = "SELECT f.id, f.state, f.kind, f.class, p.id, p.name, f.sort_date, f.received_at, f.read_at, \
                    f.value_count, f.flagged_count, f.summary_sealed, f.report_status, f.issued_at, v.body_sealed \
                    FROM findings f INNER JOIN practices p ON p.id = f.practice_id \
                    INNER JOIN finding_values v ON v.finding_id = f.id WHERE f.id = $1";

/// Connections in turn; each may have several questions under way.
#[derive(Clone)]
pub(super) struct Pool(Arc<(Vec<Connection>, AtomicUsize)>);

struct Connection {
    client: Client,
    list: Statement,
    open: Statement,
}

impl Pool {
    fn next(&self) -> Result<&Connection, Trouble> {
        let (connections, turn) = &*self.0;
        let at = turn.fetch_add(1, Ordering::Relaxed) % connections.len().max(1);
        Ok(connections.get(at).ok_or("no connection")?)
    }
}

pub(super) async fn open(url: &str) -> Outcome<Pool> {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let (client, driver) = tokio_postgres::connect(url, NoTls).await?;
        // Ends with the program; the first question tells when it ended before.
        actix_web::rt::spawn(async move { drop(driver.await) });
        let (list, open) = (client.prepare(LIST).await?, client.prepare(OPEN).await?);
        connections.push(Connection { client, list, open });
    }
    Ok(Pool(Arc::new((connections, AtomicUsize::new(0)))))
}

pub(super) async fn list(pool: &Pool, resident: Uuid) -> Result<Vec<Line>, Trouble> {
    let connection = pool.next()?;
    let rows = connection.client.query(&connection.list, &[&resident.as_bytes().as_slice()]).await?;
    rows.iter().map(line).collect()
}

pub(super) async fn open_finding(pool: &Pool, finding: Uuid) -> Result<Opened, Trouble> {
    let connection = pool.next()?;
    let row = connection.client.query_one(&connection.open, &[&finding.as_bytes().as_slice()]).await?;
    let values: Vec<u8> = row.try_get(14)?;
    Ok(Opened {
        finding: line(&row)?,
        report_status: row.try_get(12)?,
        issued_at: row.try_get(13)?,
        values: BASE64_STANDARD.encode(values),
    })
}

fn line(row: &Row) -> Result<Line, Trouble> {
    let columns = (
        row.try_get(0)?,
        row.try_get(1)?,
        row.try_get(2)?,
        row.try_get(3)?,
        row.try_get(4)?,
        row.try_get(5)?,
        row.try_get(6)?,
        row.try_get(7)?,
        row.try_get(8)?,
        row.try_get(9)?,
        row.try_get(10)?,
        row.try_get(11)?,
    );
    Ok(Line::from(columns))
}
