//! Migrations: once, together, down and up, and never backwards by accident.

use std::{fs, thread};

use diesel::connection::SimpleConnection as _;

use super::{super::*, Sample, both, both_of, get, put, stored, unmigrated};

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
fn the_key_stores_migrations_go_down_and_up_too() {
    for sample in &both_of(Schema::Keys) {
        let db = &sample.db;
        db.writers.ticket().unwrap().with(|conn| migrate::down(conn, Schema::Keys)).unwrap().unwrap();
        assert!(db.write(|c| Ok::<_, DatabaseError>(c.batch_execute("SELECT * FROM subject_keys")?)).is_err());
        db.migrate().unwrap();
        db.write(|c| Ok::<_, DatabaseError>(c.batch_execute("SELECT * FROM subject_keys")?)).unwrap();
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
    for parent in ["", "keys/"] {
        same_names(parent);
    }
}

fn same_names(parent: &str) {
    let names = |engine: &str| {
        let folder = format!("{}/../../migrations/{parent}{engine}", env!("CARGO_MANIFEST_DIR"));
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}
