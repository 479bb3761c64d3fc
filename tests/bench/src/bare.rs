//! What the server is compared with: the same rows from the same database as JSON, without authentication, policy,
//! access log or decryption. What is sealed goes out as Base64.
//!
//! SQLite is read with diesel on actix-web's blocking threads, PostgreSQL with tokio-postgres, which is what the server
//! has beneath diesel; the driver alone is the harder comparison.

mod postgres;
mod sqlite;

use std::net::SocketAddr;

use actix_web::{App, HttpResponse, HttpServer, get, web};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Serialize;
use uuid::Uuid;

use crate::Outcome;

/// Threads that answer requests, and connections to the database: as the server has by itself.
const WORKERS: usize = 2;
const CONNECTIONS: usize = 8;

/// Where to listen and what to read.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[arg(long)]
    address: SocketAddr,
    #[arg(long)]
    database: String,
}

/// The rows, from whichever engine.
#[derive(Clone)]
enum Source {
    Sqlite(sqlite::Pool),
    Postgres(postgres::Pool),
}

/// One finding of the list.
#[derive(Debug, Serialize)]
struct Line {
    id: String,
    state: String,
    kind: String,
    class: String,
    practice_id: String,
    practice: String,
    date: String,
    received_at: i64,
    read_at: Option<i64>,
    value_count: i32,
    flagged_count: i32,
    summary: String,
}

/// One finding, opened.
#[derive(Debug, Serialize)]
struct Opened {
    finding: Line,
    report_status: String,
    issued_at: Option<i64>,
    values: String,
}

/// The columns of [`Line`] in their order.
type LineRow = (Vec<u8>, String, String, String, Vec<u8>, String, String, i64, Option<i64>, i32, i32, Option<Vec<u8>>);

impl From<LineRow> for Line {
    fn from(row: LineRow) -> Self {
        let (id, state, kind, class, practice, name, date, received_at, read_at, values, flagged, summary) = row;
        Self {
            id: uuid_text(&id),
            state,
            kind,
            class,
            practice_id: uuid_text(&practice),
            practice: name,
            date,
            received_at,
            read_at,
            value_count: values,
            flagged_count: flagged,
            summary: BASE64_STANDARD.encode(summary.unwrap_or_default()),
        }
    }
}

fn uuid_text(bytes: &[u8]) -> String {
    Uuid::from_slice(bytes).map(|id| id.to_string()).unwrap_or_default()
}

/// Runs it until it is killed.
pub(crate) fn run(options: &Options) -> Outcome<()> {
    let database = options.database.clone();
    let address = options.address;
    actix_web::rt::System::new().block_on(async move {
        let source = match database.strip_prefix("sqlite:") {
            Some(file) => Source::Sqlite(sqlite::open(file)?),
            None => Source::Postgres(postgres::open(&database).await?),
        };
        let source = web::Data::new(source);
        HttpServer::new(move || App::new().app_data(source.clone()).service(alive).service(list).service(open))
            .workers(WORKERS)
            .worker_max_blocking_threads(CONNECTIONS / WORKERS)
            .bind(address)?
            .run()
            .await?;
        Ok(())
    })
}

#[get("/")]
async fn alive() -> &'static str {
    "alive"
}

#[get("/list/{resident}")]
async fn list(source: web::Data<Source>, resident: web::Path<String>) -> actix_web::Result<HttpResponse> {
    let resident = Uuid::parse_str(&resident).map_err(actix_web::error::ErrorNotFound)?;
    let lines = match source.get_ref().clone() {
        Source::Sqlite(pool) => web::block(move || sqlite::list(&pool, resident)).await?,
        Source::Postgres(pool) => postgres::list(&pool, resident).await,
    };
    Ok(HttpResponse::Ok().json(lines.map_err(actix_web::error::ErrorInternalServerError)?))
}

#[get("/open/{finding}")]
async fn open(source: web::Data<Source>, finding: web::Path<String>) -> actix_web::Result<HttpResponse> {
    let finding = Uuid::parse_str(&finding).map_err(actix_web::error::ErrorNotFound)?;
    let opened = match source.get_ref().clone() {
        Source::Sqlite(pool) => web::block(move || sqlite::open_finding(&pool, finding)).await?,
        Source::Postgres(pool) => postgres::open_finding(&pool, finding).await,
    };
    Ok(HttpResponse::Ok().json(opened.map_err(actix_web::error::ErrorInternalServerError)?))
}
