//! The promises of the data layer, each on both engines.

#[path = "../../../../tests/support/pg_cluster.rs"]
mod pg_cluster;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use diesel::{Connection as _, connection::SimpleConnection as _, prelude::*, sql_query, sql_types};
use jiff::{Timestamp, civil::date};
use nahraum_domain::ids::{FindingId, PatientId};

use self::pg_cluster::Cluster;
use super::{
    types::{Day, Instant, Sql},
    *,
};

diesel::table! {
    meta (key) {
        key -> Text,
        value -> Text,
    }
}

diesel::table! {
    samples (id) {
        id -> Binary,
        patient -> Nullable<Binary>,
        at -> BigInt,
        ended -> Nullable<BigInt>,
        born -> Text,
        died -> Nullable<Text>,
        count -> Integer,
        done -> Bool,
        bytes -> Binary,
    }
}

/// An empty, migrated database, and what must live as long as it.
struct Sample {
    db: Database,
    config: DatabaseConfig,
    _cluster: Option<Arc<Cluster>>,
    _folder: tempfile::TempDir,
}

/// All tests that run at the same time share one server; the last one stops it.
fn cluster() -> Option<Arc<Cluster>> {
    static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(cluster) = shared.upgrade() {
        return Some(cluster);
    }
    let cluster = Arc::new(Cluster::start()?);
    *shared = Arc::downgrade(&cluster);
    Some(cluster)
}

impl Sample {
    fn new(target: Target, cluster: Option<Arc<Cluster>>, folder: tempfile::TempDir) -> Self {
        let config = DatabaseConfig { target, connections: 8 };
        let db = Database::open(&config).unwrap();
        Self { db, config, _cluster: cluster, _folder: folder }
    }

    fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/nahraum.db");
        Self::new(Target::Sqlite { path }, None, folder)
    }

    fn postgres() -> Option<Self> {
        let Some(cluster) = cluster() else {
            eprintln!("no PostgreSQL server: tested on SQLite only");
            return None;
        };
        let url = Private::new(cluster.create_database());
        let target = Target::Postgres { url, root_certificate: None };
        Some(Self::new(target, Some(cluster), tempfile::tempdir().unwrap()))
    }

    fn is_postgres(&self) -> bool {
        matches!(self.config.target, Target::Postgres { .. })
    }
}

/// One empty database of each engine.
fn unmigrated() -> Vec<Sample> {
    std::iter::once(Sample::sqlite()).chain(Sample::postgres()).collect()
}

fn both() -> Vec<Sample> {
    let samples = unmigrated();
    for sample in &samples {
        sample.db.migrate().unwrap();
    }
    samples
}

fn put(conn: &mut Conn, key: &str, value: &str) -> Result<(), DatabaseError> {
    diesel::insert_into(meta::table).values((meta::key.eq(key), meta::value.eq(value))).execute(conn)?;
    Ok(())
}

fn get(conn: &mut Conn, key: &str) -> Result<Option<String>, DatabaseError> {
    Ok(meta::table.find(key).select(meta::value).first(conn).optional()?)
}

fn stored(db: &Database, key: &str) -> Option<String> {
    db.read(|c| get(c, key)).unwrap()
}

#[test]
fn ok_commits_and_err_rolls_back() {
    for Sample { db, .. } in &both() {
        db.write(|c| put(c, "kept", "1")).unwrap();
        let refused = db.write(|c| put(c, "dropped", "1").and(Err::<(), _>(DatabaseError::NotFound)));
        assert!(matches!(refused, Err(DatabaseError::NotFound)));
        assert_eq!((stored(db, "kept"), stored(db, "dropped")), (Some("1".into()), None));
    }
}

#[test]
fn a_panic_rolls_back_and_the_next_writer_works() {
    for Sample { db, .. } in &both() {
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            db.write::<(), DatabaseError>(|c| {
                put(c, "dropped", "1")?;
                panic!("on purpose")
            })
        }));
        assert!(panicked.is_err());
        db.write(|c| put(c, "kept", "1")).unwrap();
        assert_eq!((stored(db, "kept"), stored(db, "dropped")), (Some("1".into()), None));
    }
}

#[test]
fn writers_that_check_and_then_act_all_succeed_and_lose_nothing() {
    for Sample { db, .. } in &both() {
        db.write(|c| put(c, "counter", "0")).unwrap();
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        db.write(|c| {
                            let count: u32 = get(c, "counter")?.unwrap().parse().unwrap();
                            diesel::update(meta::table.find("counter"))
                                .set(meta::value.eq((count + 1).to_string()))
                                .execute(c)?;
                            Ok::<_, DatabaseError>(())
                        })
                        .unwrap();
                    }
                });
            }
        });
        assert_eq!(stored(db, "counter").as_deref(), Some("400"));
    }
}

#[test]
fn async_callers_on_one_thread_all_succeed() {
    for Sample { db, .. } in &both() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let tasks: Vec<_> = (0..100)
                .map(|n| {
                    let db = db.clone();
                    tokio::spawn(async move {
                        let key = n.to_string();
                        db.write_async(move |c| put(c, &key, "1")).await?;
                        db.read_async(move |c| get(c, &n.to_string())).await
                    })
                })
                .collect();
            for task in tasks {
                assert_eq!(task.await.unwrap().unwrap().as_deref(), Some("1"));
            }
            let panicked = db.write_async::<(), DatabaseError, _>(|_| panic!("on purpose")).await;
            assert!(matches!(panicked, Err(DatabaseError::Internal(_))));
            db.write_async(|c| put(c, "after", "1")).await.unwrap();
        });
    }
}

#[test]
fn who_finds_no_connection_is_told_busy() {
    let Sample { db, .. } = &Sample::sqlite();
    let (release, released) = mpsc::channel::<()>();
    let (started, has_started) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            db.write(|_| {
                started.send(()).unwrap();
                released.recv().unwrap();
                Ok::<_, DatabaseError>(())
            })
        });
        has_started.recv().unwrap();
        assert!(matches!(db.write(|_| Ok::<_, DatabaseError>(())), Err(DatabaseError::Busy)));
        db.read(|_| Ok::<_, DatabaseError>(())).unwrap();
        release.send(()).unwrap();
    });
}

#[test]
fn a_read_sees_one_moment_and_cannot_write() {
    for Sample { db, .. } in &both() {
        db.write(|c| put(c, "first", "1")).unwrap();
        db.read(|c| {
            assert_eq!(get(c, "first")?.as_deref(), Some("1"));
            thread::scope(|scope| {
                scope.spawn(|| db.write(|c| put(c, "second", "1")).unwrap());
            });
            assert_eq!(get(c, "second")?, None);
            Ok::<_, DatabaseError>(())
        })
        .unwrap();
        assert_eq!(stored(db, "second").as_deref(), Some("1"));
        assert!(matches!(db.read(|c| put(c, "third", "1")), Err(DatabaseError::ReadOnly)));
    }
}

#[test]
fn a_violation_says_what_was_violated() {
    for sample in &both() {
        let db = &sample.db;
        db.write(|c| {
            c.batch_execute(
                "CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT NOT NULL, place TEXT NOT NULL, UNIQUE (name, place));
                 CREATE TABLE children (parent INTEGER NOT NULL REFERENCES parents (id));",
            )?;
            Ok::<_, DatabaseError>(())
        })
        .unwrap();
        let run = |sql: &str| {
            db.write(|c| {
                sql_query(sql).execute(c)?;
                Ok::<_, DatabaseError>(())
            })
        };
        run("INSERT INTO parents VALUES (1, 'a', 'b')").unwrap();
        let Err(DatabaseError::Unique { constraint }) = run("INSERT INTO parents VALUES (2, 'a', 'b')") else {
            panic!("a second parent");
        };
        assert_eq!(constraint.as_deref(), Some("parents_name_place_key"));
        let Err(DatabaseError::Unique { constraint }) = run("INSERT INTO parents VALUES (1, 'c', 'd')") else {
            panic!("a second key");
        };
        let key = if sample.is_postgres() { "parents_pkey" } else { "parents_id_key" };
        assert_eq!(constraint.as_deref(), Some(key));
        assert!(matches!(run("INSERT INTO children VALUES (9)"), Err(DatabaseError::ForeignKey)));
        let broken = run("INSERT INTO nowhere VALUES (9)").unwrap_err();
        assert!(matches!(broken, DatabaseError::Internal(_)));
        assert_eq!(broken.to_string(), "The database refused a statement.");
        assert!(std::error::Error::source(&broken).unwrap().to_string().contains("nowhere"));
    }
}

#[test]
fn a_swallowed_error_does_not_commit_on_postgres_and_a_savepoint_helps() {
    for sample in &both() {
        let db = &sample.db;
        db.write(|c| put(c, "taken", "1")).unwrap();
        let swallowed = db.write(|c| {
            put(c, "before", "1")?;
            let _ = put(c, "taken", "2");
            Ok::<_, DatabaseError>(())
        });
        if sample.is_postgres() {
            assert!(matches!(swallowed, Err(DatabaseError::Internal(_))), "{swallowed:?}");
            assert_eq!(stored(db, "before"), None);
        }
        db.write(|c| {
            put(c, "outside", "1")?;
            let inside = c.transaction(|c| {
                put(c, "inside", "1")?;
                put(c, "taken", "2")
            });
            assert!(matches!(inside, Err(DatabaseError::Unique { .. })));
            Ok::<_, DatabaseError>(())
        })
        .unwrap();
        assert_eq!((stored(db, "outside"), stored(db, "inside")), (Some("1".into()), None));
    }
}

#[test]
fn a_closed_connection_is_replaced() {
    let Some(sample) = Sample::postgres() else { return };
    let db = &sample.db;
    db.migrate().unwrap();
    let end_all_others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let other = Database::open(&sample.config).unwrap();
    let kill = || {
        other.write(|c| Ok::<_, DatabaseError>(sql_query(end_all_others).execute(c).map(drop)?)).unwrap();
    };
    for _ in 0..3 {
        // While it lies idle: nobody notices.
        kill();
        assert_eq!(stored(db, "kept"), None);
        kill();
        thread::sleep(Duration::from_millis(20));
        assert_eq!(stored(db, "kept"), None);
        // In the middle of a transaction: this one fails, the next one works.
        let lost = db.write(|c| {
            put(c, "kept", "1")?;
            kill();
            put(c, "other", "1")
        });
        assert!(matches!(lost, Err(DatabaseError::Unavailable(_))), "{lost:?}");
    }
}

#[derive(Debug, Clone, PartialEq, Queryable, Insertable, Selectable)]
#[diesel(table_name = samples, treat_none_as_default_value = false)]
struct SampleRow {
    id: Sql<FindingId>,
    patient: Option<Sql<PatientId>>,
    at: Instant,
    ended: Option<Instant>,
    born: Day,
    died: Option<Day>,
    count: i32,
    done: bool,
    bytes: Vec<u8>,
}

fn sample_row(n: u8) -> SampleRow {
    SampleRow {
        id: Sql(FindingId::from_bytes([n; 16])),
        patient: (n % 2 == 0).then_some(Sql(PatientId::from_bytes([n; 16]))),
        at: Timestamp::from_microsecond(1_795_000_000_123_456 + i64::from(n)).unwrap().into(),
        ended: (n % 2 == 0).then_some(Timestamp::MIN.into()),
        born: date(1952, 2, 29).into(),
        died: (n % 2 == 0).then_some(date(2026, 11, 22).into()),
        count: i32::from(n),
        done: n % 2 == 1,
        bytes: vec![n; 70_000],
    }
}

fn create_samples(sample: &Sample) {
    let bytes = if sample.is_postgres() { "BYTEA" } else { "BLOB" };
    let sql = format!(
        "CREATE TABLE samples (id {bytes} PRIMARY KEY, patient {bytes}, at BIGINT NOT NULL, ended BIGINT, \
         born TEXT NOT NULL, died TEXT, count INTEGER NOT NULL, done BOOLEAN NOT NULL, bytes {bytes} NOT NULL)"
    );
    sample.db.write(|c| Ok::<_, DatabaseError>(c.batch_execute(&sql)?)).unwrap();
}

#[test]
fn values_come_back_as_they_were() {
    for sample in &both() {
        create_samples(sample);
        let rows: Vec<SampleRow> = (1..=5).map(sample_row).collect();
        sample
            .db
            .write(|c| {
                diesel::insert_into(samples::table).values(rows[0].clone()).execute(c)?;
                // Many rows, and a row that is there already.
                each!(c, |c| diesel::insert_into(samples::table).values(&rows[1..]).execute(c))?;
                Both(
                    diesel::insert_into(samples::table)
                        .values(&rows[0])
                        .on_conflict(samples::id)
                        .do_update()
                        .set(samples::count.eq(77)),
                )
                .execute(c)?;
                Ok::<_, DatabaseError>(())
            })
            .unwrap();
        let (first, rest, found, days) = sample
            .db
            .read(|c| {
                let first = samples::table.find(rows[0].id).select(SampleRow::as_select()).first(c)?;
                let rest: Vec<SampleRow> = samples::table
                    .filter(samples::at.gt(rows[0].at).and(samples::born.eq(&rows[0].born)))
                    .order(samples::id)
                    .load(c)?;
                let ids: Vec<Sql<FindingId>> = vec![rows[1].id, rows[4].id];
                let found: i64 = samples::table.filter(samples::id.eq_any(ids)).count().get_result(c)?;
                let days: Vec<Option<Day>> = samples::table.select(samples::died).order(samples::id).load(c)?;
                Ok::<_, DatabaseError>((first, rest, found, days))
            })
            .unwrap();
        assert_eq!(first, SampleRow { count: 77, ..rows[0].clone() });
        assert_eq!(rest, rows[1..]);
        assert_eq!(found, 2);
        assert_eq!(days, rows.iter().map(|row| row.died.clone()).collect::<Vec<_>>());
        assert_eq!(rest[0].at.timestamp().as_microsecond(), 1_795_000_000_123_458);
        assert_eq!(format!("{:?}", rest[0].born), "Day(•••)");
    }
}

#[test]
fn a_wrong_stored_value_is_named_and_not_shown() {
    for sample in &both() {
        create_samples(sample);
        let hex = |bytes: &str| if sample.is_postgres() { format!("'\\x{bytes}'") } else { format!("x'{bytes}'") };
        let wrong = format!(
            "INSERT INTO samples VALUES ({}, NULL, 9223372036854775807, NULL, '1952-02-30', NULL, 1, TRUE, {})",
            hex("00112233"),
            hex("")
        );
        sample.db.write(|c| Ok::<_, DatabaseError>(c.batch_execute(&wrong)?)).unwrap();
        let cause = |error: DatabaseError| match error {
            DatabaseError::Corrupt(cause) => cause.to_string(),
            other => panic!("{other:?}"),
        };
        let read = &sample.db;
        let id = read.read(|c| Ok(samples::table.select(samples::id).first::<Sql<FindingId>>(c)?));
        assert!(cause(id.unwrap_err()).contains("a stored FindingId has 4 bytes instead of 16"));
        let at = read.read(|c| Ok(samples::table.select(samples::at).first::<Instant>(c)?));
        assert!(cause(at.unwrap_err()).contains("a stored instant lies outside"));
        let born = read.read(|c| Ok(samples::table.select(samples::born).first::<Day>(c)?));
        let born = cause(born.unwrap_err());
        assert!(born.contains("a stored day is not a date") && !born.contains("1952"), "{born}");
    }
}

#[test]
fn migrations_run_once_go_down_and_up_and_several_may_start() {
    for sample in &unmigrated() {
        let others: Vec<Database> = (0..4).map(|_| Database::open(&sample.config).unwrap()).collect();
        thread::scope(|scope| {
            for other in &others {
                scope.spawn(|| other.migrate().unwrap());
            }
        });
        let db = &sample.db;
        db.migrate().unwrap();
        db.write(|c| put(c, "kept", "1")).unwrap();
        let down = db.writers.ticket().unwrap().with(migrate::down).unwrap();
        down.unwrap();
        assert!(db.read(|c| get(c, "kept")).is_err());
        db.migrate().unwrap();
        assert_eq!(stored(db, "kept"), None);
    }
}

#[test]
fn a_newer_schema_is_refused() {
    for Sample { db, .. } in &both() {
        db.write(|c| {
            c.batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000001')")?;
            Ok::<_, DatabaseError>(())
        })
        .unwrap();
        let Err(DatabaseError::SchemaNewer { version }) = db.migrate() else { panic!("not refused") };
        assert_eq!(version, "29991231000001");
    }
}

#[test]
fn both_engines_know_the_same_migrations() {
    let names = |engine: &str| {
        let folder = format!("{}/../../migrations/{engine}", env!("CARGO_MANIFEST_DIR"));
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

#[test]
fn the_sqlite_file_belongs_to_the_server_alone() {
    let sample = Sample::sqlite();
    sample.db.migrate().unwrap();
    let Target::Sqlite { path } = &sample.config.target else { unreachable!() };
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(mode(&path.with_extension("db-wal")), 0o600);
}

#[test]
fn what_is_no_sqlite_file_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.txt");
    fs::write(&path, "Dear Sir or Madam, ".repeat(1000)).unwrap();
    let opened = Database::open(&DatabaseConfig { target: Target::Sqlite { path }, connections: 1 });
    assert!(matches!(opened, Err(DatabaseError::Corrupt(_))), "{opened:?}");
    let path = folder.path().join("letter.txt/nahraum.db");
    let opened = Database::open(&DatabaseConfig { target: Target::Sqlite { path }, connections: 1 });
    assert!(matches!(opened, Err(DatabaseError::Unavailable(_))), "{opened:?}");
}

#[test]
fn a_full_disk_is_told_as_such() {
    let Sample { db, .. } = &Sample::sqlite();
    db.migrate().unwrap();
    let full = db.write(|c| {
        c.batch_execute("PRAGMA max_page_count = 1")?;
        (0..100).try_for_each(|n| put(c, &n.to_string(), &"x".repeat(4096)))
    });
    assert!(matches!(full, Err(DatabaseError::Full)), "{full:?}");
}

#[test]
fn a_server_that_may_lose_commits_is_refused() {
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        let Some(cluster) = Cluster::start_with(&[(setting, "off")], |_| Ok(())) else { return };
        let target = Target::Postgres { url: Private::new(cluster.create_database()), root_certificate: None };
        let opened = Database::open(&DatabaseConfig { target, connections: 1 });
        assert!(matches!(&opened, Err(DatabaseError::Refused(why)) if why.contains(setting)), "{opened:?}");
    }
}

#[test]
fn a_server_that_is_not_there_is_unavailable() {
    for url in ["postgres://u@127.0.0.1:1/x", "postgres://u@%2Fnonexistent/x"] {
        let target = Target::Postgres { url: Private::new(url.to_owned()), root_certificate: None };
        let opened = Database::open(&DatabaseConfig { target, connections: 1 });
        assert!(matches!(opened, Err(DatabaseError::Unavailable(_))), "{opened:?}");
    }
}

#[test]
fn tls_verifies_the_server() {
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().unwrap();
    let root = authority.self_signed(&key).unwrap().pem();
    let issuer = rcgen::Issuer::new(authority, key);
    let server_key = rcgen::KeyPair::generate().unwrap();
    let server = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let server = server.signed_by(&server_key, &issuer).unwrap().pem();
    let Some(cluster) = Cluster::start_with(&[("ssl", "on")], |data| {
        fs::write(data.join("server.crt"), &server)?;
        fs::write(data.join("server.key"), server_key.serialize_pem())?;
        fs::set_permissions(data.join("server.key"), fs::Permissions::from_mode(0o600))
    }) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let ours = folder.path().join("ca.pem");
    fs::write(&ours, root).unwrap();
    let by_address = cluster.create_database();
    let by_name = by_address.replace("127.0.0.1", "localhost");
    let open = |url: &str, root_certificate: Option<&PathBuf>| {
        let target =
            Target::Postgres { url: Private::new(url.to_owned()), root_certificate: root_certificate.cloned() };
        Database::open(&DatabaseConfig { target, connections: 1 })
    };
    #[derive(QueryableByName)]
    struct Tls {
        #[diesel(sql_type = sql_types::Bool)]
        ssl: bool,
    }
    let db = open(&by_name, Some(&ours)).unwrap();
    let used: Tls = db
        .read(|c| {
            let mine = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
            Ok::<_, DatabaseError>(sql_query(mine).get_result(c)?)
        })
        .unwrap();
    assert!(used.ssl);
    // Another name than the certificate's, and an authority that nobody knows.
    assert!(matches!(open(&by_address, Some(&ours)), Err(DatabaseError::Unavailable(_))));
    let unknown = open(&format!("{by_name}?sslmode=verify-full"), None);
    assert!(matches!(unknown, Err(DatabaseError::Unavailable(_))), "{unknown:?}");
}

#[test]
fn a_race_that_is_always_lost_ends_as_busy() {
    let Some(Sample { db, .. }) = &Sample::postgres() else { return };
    db.migrate().unwrap();
    db.write(|c| put(c, "counter", "0")).unwrap();
    let tries = AtomicU32::new(0);
    let lost = db.write(|c| {
        get(c, "counter")?;
        let n = tries.fetch_add(1, Ordering::Relaxed).to_string();
        // Somebody else is always quicker.
        thread::scope(|scope| {
            scope.spawn(|| {
                db.write(|c| {
                    diesel::update(meta::table.find("counter")).set(meta::value.eq(&n)).execute(c)?;
                    Ok::<_, DatabaseError>(())
                })
                .unwrap();
            });
        });
        diesel::update(meta::table.find("counter")).set(meta::value.eq("mine")).execute(c)?;
        Ok::<_, DatabaseError>(())
    });
    assert!(matches!(lost, Err(DatabaseError::Busy)), "{lost:?}");
    assert_eq!(tries.into_inner(), ATTEMPTS);
}
