//! Transactions: what is kept, what is rolled back, who waits and who is told.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread,
};

use diesel::{Connection as _, connection::SimpleConnection as _, prelude::*, sql_query};

use super::{super::*, Sample, both, get, meta, put, stored};

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

/// Whoever is told `Busy` has changed nothing and comes again: on a machine whose disk takes a second for a commit, that
/// is what a client does after a 503.
fn until_it_is_done(db: &Database, f: impl Fn(&mut Conn) -> Result<(), DatabaseError>) {
    while match db.write(&f) {
        Err(DatabaseError::Busy) => true,
        done => {
            done.unwrap();
            false
        }
    } {}
}

#[test]
fn writers_that_check_and_then_act_lose_nothing_and_count_nothing_twice() {
    for Sample { db, .. } in &both() {
        db.write(|c| put(c, "counter", "0")).unwrap();
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        until_it_is_done(db, |c| {
                            let count: u32 = get(c, "counter")?.unwrap().parse().unwrap();
                            diesel::update(meta::table.find("counter"))
                                .set(meta::value.eq((count + 1).to_string()))
                                .execute(c)?;
                            Ok(())
                        });
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
                        while let Err(busy) = db
                            .write_async({
                                let key = key.clone();
                                move |c| put(c, &key, "1")
                            })
                            .await
                        {
                            assert!(matches!(busy, DatabaseError::Busy), "{busy:?}");
                        }
                        db.read_async(move |c| get(c, &key)).await
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
            assert!(put(c, "taken", "2").is_err());
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
