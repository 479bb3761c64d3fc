//! Files and servers: which are opened, which are refused, and what happens when they go away.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, thread};

use diesel::{connection::SimpleConnection as _, prelude::*, sql_query, sql_types};

use super::{super::*, Sample, pg_cluster::Cluster, put, stored};

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

#[test]
fn the_sqlite_file_belongs_to_the_server_alone() {
    let sample = Sample::sqlite();
    sample.db.migrate().unwrap();
    let Target::Sqlite { path } = &sample.config.target else { unreachable!() };
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(mode(&path.with_extension("db-wal")), 0o600);
}

/// Without it every query with a bound limit is compiled anew each time it runs (`.cargo/config.toml`).
#[test]
fn sqlite_keeps_its_plans() {
    let query = "SELECT sqlite_compileoption_used('ENABLE_QPSG') AND NOT sqlite_compileoption_used('ENABLE_STAT4')";
    let kept: bool = Sample::sqlite()
        .db
        .read(|c| Ok::<_, DatabaseError>(diesel::dsl::sql::<sql_types::Bool>(query).get_result(c)?))
        .unwrap();
    assert!(kept);
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
