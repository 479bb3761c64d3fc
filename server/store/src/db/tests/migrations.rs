//! Migrations: once, together, down and up, and never backwards by accident.

use std::{fs, thread};

use diesel::connection::SimpleConnection as _;

use super::{super::*, Sample, both, get, put, stored, unmigrated};

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
        let down = db.writers.ticket().unwrap().with(|conn| migrate::down(conn, Schema::Main)).unwrap();
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
