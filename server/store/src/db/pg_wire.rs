//! `PgWire`: diesel's blocking connection to PostgreSQL, over tokio-postgres and rustls.
//!
//! There is no libpq and no OpenSSL: the whole way is memory-safe Rust with one TLS library. Written directly over
//! tokio-postgres and not over diesel-async's wrapper, because that keeps PostgreSQL's five-character error codes to
//! itself (a full disk, a deadlock and a lock timeout look alike) and does not tell when a `COMMIT` was a rollback.
//!
//! Left out on purpose: types without a fixed OID (no type is looked up), LISTEN/NOTIFY, COPY, cancelling.

use std::{collections::HashMap, io, sync::LazyLock, time::Duration};

use diesel::{
    ConnectionError, ConnectionResult, QueryResult,
    connection::{
        AnsiTransactionManager, CacheSize, Connection, ConnectionSealed, DynInstrumentation, Instrumentation,
        LoadConnection, SimpleConnection, TransactionManager,
    },
    expression::QueryMetadata,
    internal::derives::multiconnection::MultiConnectionHelper,
    migration::{CREATE_MIGRATIONS_TABLE, MigrationConnection},
    pg::{Pg, PgMetadataLookup, PgQueryBuilder, PgTypeMetadata},
    query_builder::{Query, QueryBuilder as _, QueryFragment, QueryId, bind_collector::RawBytesBindCollector},
    r2d2::R2D2Connection,
    result::{DatabaseErrorKind, Error as DieselError},
    sql_types::TypeMetadata,
};
use futures_util::TryStreamExt as _;
use nahraum_domain::private::Private;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio_postgres::{
    Client, NoTls, Statement,
    error::SqlState,
    types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked},
};

use super::{
    Cause, DatabaseError,
    error::SQLSTATE,
    pg_error::{is_goodbye, is_lost_race, to_diesel},
    pg_row::{WireRow, WireRows},
    pg_settings::PgSettings,
};

/// The session settings of every connection. Instants are numbers, so the time zone is for people who look; the two
/// timeouts keep a stuck statement from holding a connection for ever.
pub(super) const SESSION: &str = "SET TIME ZONE 'UTC'; SET client_encoding = 'UTF8'; \
     SET lock_timeout = '5s'; SET statement_timeout = '30s'";

/// Connecting, including the TLS handshake and the password, must be done by then.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Prepared statements a connection keeps. The queries of the rooms are far fewer; inserts of many rows have one
/// statement for each number of rows.
const STATEMENTS: usize = 512;

/// The one thread that moves the bytes of all connections. The callers block on it from their own threads, whether
/// those belong to another tokio runtime or to none.
static DRIVER: LazyLock<io::Result<Runtime>> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(1).thread_name("postgres").enable_all().build());

/// A connection to a PostgreSQL server.
pub(crate) struct PgWire {
    client: Client,
    driver: Handle,
    /// By text and types of the parameters.
    statements: HashMap<(String, Vec<u32>), Statement>,
    transaction: AnsiTransactionManager,
    failure: Option<Failure>,
    /// The server has said goodbye.
    lost: bool,
    instrumentation: DynInstrumentation,
}

/// What went wrong since the last `BEGIN`, and was not undone by a savepoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    /// A statement failed, and the transaction with it.
    Aborted,
    /// The transaction lost a race against another one, and may be run again.
    LostRace,
}

impl PgWire {
    /// Connects. Blocking; must not be called on an async worker.
    ///
    /// # Errors
    /// [`DatabaseError::Unavailable`], with the server's or the network's words as its cause.
    pub(super) fn connect(settings: &PgSettings) -> Result<Self, DatabaseError> {
        let driver = DRIVER.as_ref().map_err(|error| DatabaseError::Internal(Cause::of(error)))?.handle().clone();
        let client = driver
            .block_on(async { tokio::time::timeout(CONNECT_TIMEOUT, client(settings)).await })
            .map_err(|_| DatabaseError::Unavailable(Cause::new("the server did not answer in time")))?
            .map_err(|error| match error.code() {
                Some(code) if *code == SqlState::TOO_MANY_CONNECTIONS => DatabaseError::Busy,
                _ => DatabaseError::Unavailable(Cause::of(&error)),
            })?;
        let mut wire = Self {
            client,
            driver,
            statements: HashMap::new(),
            transaction: AnsiTransactionManager::default(),
            failure: None,
            lost: false,
            instrumentation: DynInstrumentation::default_instrumentation(),
        };
        wire.batch_execute(SESSION)?;
        Ok(wire)
    }

    /// Whether the last transaction failed because of another one (40001, 40P01) and should be run again.
    pub(super) fn lost_a_race(&self) -> bool {
        self.failure == Some(Failure::LostRace)
    }

    /// Remembers what an error means for the transaction and the connection, and turns it into diesel's.
    fn noted<T>(&mut self, result: Result<T, tokio_postgres::Error>) -> QueryResult<T> {
        result.map_err(|error| {
            match error.code() {
                None => {}
                Some(code) if is_lost_race(code) => self.fail(Failure::LostRace),
                Some(code) => {
                    self.lost |= is_goodbye(code);
                    self.fail(Failure::Aborted);
                }
            }
            to_diesel(&error)
        })
    }

    fn fail(&mut self, failure: Failure) {
        if self.failure != Some(Failure::LostRace) {
            self.failure = Some(failure);
        }
        self.set_requires_rollback(true);
    }

    fn set_requires_rollback(&mut self, required: bool) {
        AnsiTransactionManager::transaction_manager_status_mut(self)
            .set_requires_rollback_maybe_up_to_top_level(required);
    }

    /// Follows the transaction through the statements that diesel's transaction manager sends.
    fn follow(&mut self, statement: &str) {
        if statement.starts_with("BEGIN") {
            self.failure = None;
        } else if statement.starts_with("ROLLBACK TO") && self.failure == Some(Failure::Aborted) {
            self.failure = None;
            self.set_requires_rollback(false);
        }
    }

    /// The prepared statement of a query and the values to bind.
    fn prepare<T>(&mut self, query: &T) -> QueryResult<(Statement, Vec<Bind>)>
    where
        T: QueryFragment<Pg> + QueryId,
    {
        let mut builder = PgQueryBuilder::default();
        query.to_sql(&mut builder, &Pg)?;
        let mut collector = RawBytesBindCollector::<Pg>::new();
        query.collect_binds(&mut collector, &mut FixedOids, &Pg)?;
        let oids = collector
            .metadata
            .iter()
            .map(|metadata| metadata.oid().map_err(|error| DieselError::SerializationError(Box::new(error))))
            .collect::<QueryResult<Vec<u32>>>()?;
        let statement = self.statement(builder.finish(), oids)?;
        Ok((statement, collector.binds.into_iter().map(|bytes| Bind(Private::new(bytes))).collect()))
    }

    /// Every statement is kept, also those that diesel does not call safe to keep: it means those whose text grows with
    /// their values, and here the text is the key and their number is bounded.
    fn statement(&mut self, sql: String, oids: Vec<u32>) -> QueryResult<Statement> {
        let key = (sql, oids);
        if let Some(statement) = self.statements.get(&key) {
            return Ok(statement.clone());
        }
        let types = key
            .1
            .iter()
            .map(|oid| Type::from_oid(*oid).ok_or_else(|| DieselError::SerializationError(UNKNOWN_TYPE.into())))
            .collect::<QueryResult<Vec<Type>>>()?;
        let prepared = self.driver.block_on(self.client.prepare_typed(&key.0, &types));
        let statement = self.noted(prepared)?;
        if self.statements.len() >= STATEMENTS {
            self.statements.clear();
        }
        self.statements.insert(key, statement.clone());
        Ok(statement)
    }
}

const UNKNOWN_TYPE: &str = "only SQL types that every PostgreSQL server knows can be bound";

async fn client(settings: &PgSettings) -> Result<Client, tokio_postgres::Error> {
    match settings.tls.clone() {
        Some(tls) => {
            let (client, connection) = settings.config.connect(tls).await?;
            tokio::spawn(until_it_ends(connection));
            Ok(client)
        }
        None => {
            let (client, connection) = settings.config.connect(NoTls).await?;
            tokio::spawn(until_it_ends(connection));
            Ok(client)
        }
    }
}

async fn until_it_ends(connection: impl Future<Output = Result<(), tokio_postgres::Error>>) {
    if let Err(error) = connection.await {
        tracing::warn!(cause = %Cause::of(&error), "a connection to PostgreSQL ended");
    }
}

/// A bound value in PostgreSQL's binary form, as diesel has written it.
#[derive(Debug)]
struct Bind(Private<Option<Vec<u8>>>);

impl ToSql for Bind {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self.0.reveal() {
            Some(bytes) => {
                out.extend_from_slice(bytes);
                Ok(IsNull::No)
            }
            None => Ok(IsNull::Yes),
        }
    }

    // The statement was prepared with the types that diesel has written for.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Knows no types by name: those of our schema have numbers that are the same on every server.
struct FixedOids;

impl PgMetadataLookup for FixedOids {
    fn lookup_type(&mut self, _: &str, _: Option<&str>) -> PgTypeMetadata {
        // No type has the number 0; `PgWire::statement` refuses it.
        PgTypeMetadata::new(0, 0)
    }

    fn as_any<'a>(&mut self) -> &mut (dyn std::any::Any + 'a)
    where
        Self: 'a,
    {
        self
    }
}

impl SimpleConnection for PgWire {
    fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        // PostgreSQL answers the COMMIT of an aborted transaction with a silent rollback.
        if query == "COMMIT"
            && let Some(failure) = self.failure
        {
            let code = if failure == Failure::LostRace { "40001" } else { "25P02" };
            let words = format!("{SQLSTATE}{code}: a statement failed, so the transaction cannot be committed");
            return Err(DieselError::DatabaseError(DatabaseErrorKind::Unknown, Box::new(words)));
        }
        let done = self.driver.block_on(self.client.batch_execute(query));
        self.noted(done)?;
        self.follow(query);
        Ok(())
    }
}

impl ConnectionSealed for PgWire {}

impl Connection for PgWire {
    type Backend = Pg;
    type TransactionManager = AnsiTransactionManager;

    fn establish(url: &str) -> ConnectionResult<Self> {
        PgSettings::parse(url, None)
            .and_then(|settings| Self::connect(&settings))
            .map_err(|error| ConnectionError::BadConnection(Cause::of(&error).to_string()))
    }

    fn execute_returning_count<T>(&mut self, source: &T) -> QueryResult<usize>
    where
        T: QueryFragment<Pg> + QueryId,
    {
        let (statement, binds) = self.prepare(source)?;
        let rows = self.driver.block_on(self.client.execute_raw(&statement, binds));
        let rows = self.noted(rows)?;
        usize::try_from(rows).map_err(|error| DieselError::DeserializationError(Box::new(error)))
    }

    fn transaction_state(&mut self) -> &mut AnsiTransactionManager {
        &mut self.transaction
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        &mut *self.instrumentation
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        self.instrumentation = instrumentation.into();
    }

    fn set_prepared_statement_cache_size(&mut self, _: CacheSize) {}
}

impl LoadConnection for PgWire {
    type Cursor<'conn, 'query> = WireRows;
    type Row<'conn, 'query> = WireRow;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> QueryResult<WireRows>
    where
        T: Query + QueryFragment<Pg> + QueryId + 'query,
        Pg: QueryMetadata<T::SqlType>,
    {
        let (statement, binds) = self.prepare(&source)?;
        let rows = self
            .driver
            .block_on(async { self.client.query_raw(&statement, binds).await?.try_collect::<Vec<_>>().await });
        self.noted(rows).map(WireRows::new)
    }
}

impl MigrationConnection for PgWire {
    fn setup(&mut self) -> QueryResult<usize> {
        self.batch_execute(CREATE_MIGRATIONS_TABLE).map(|()| 0)
    }
}

impl R2D2Connection for PgWire {
    fn ping(&mut self) -> QueryResult<()> {
        self.batch_execute("")
    }

    /// True when the server has closed the connection, and when a transaction was left open.
    fn is_broken(&mut self) -> bool {
        self.lost || self.client.is_closed() || AnsiTransactionManager::is_broken_transaction_manager(self)
    }
}

impl MultiConnectionHelper for PgWire {
    fn to_any<'a>(_: &mut <Pg as TypeMetadata>::MetadataLookup) -> &mut (dyn std::any::Any + 'a) {
        // A value without size: nothing is allocated, and nothing is lost.
        Box::leak(Box::new(FixedOids))
    }

    fn from_any(lookup: &mut dyn std::any::Any) -> Option<&mut <Pg as TypeMetadata>::MetadataLookup> {
        lookup.downcast_mut::<FixedOids>().map(|lookup| -> &mut dyn PgMetadataLookup { lookup })
    }
}
