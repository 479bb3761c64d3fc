//! Which database is opened for what, and with which key.

use std::os::unix::fs::PermissionsExt;

use super::*;

fn config(folder: &Path) -> Config {
    Config::load(None, [], [(String::from("storage.data_dir"), folder.display().to_string())]).unwrap()
}

fn opened(folder: &Path, purpose: Purpose) -> Result<House, Trouble> {
    House::open(&config(folder), &[], purpose)
}

fn refused(result: Result<House, Trouble>) -> String {
    let Err(trouble) = result else { panic!("it started") };
    assert_eq!(trouble.exit(), Exit::Refused, "{trouble}");
    trouble.to_string()
}

#[test]
fn demo_and_real_findings_never_meet() {
    let dir = tempfile::tempdir().unwrap();
    let (demo, real) = (dir.path().join("demo"), dir.path().join("real"));
    drop(opened(&demo, Purpose::Demo).unwrap());
    drop(opened(&real, Purpose::Serve).unwrap());
    assert!(refused(opened(&demo, Purpose::Serve)).contains("holds a demo"));
    assert!(refused(opened(&real, Purpose::Demo)).contains("does not hold a demo"));
    assert!(opened(&demo, Purpose::Demo).unwrap().app.settings().demo);
    assert!(!opened(&real, Purpose::Operate).unwrap().app.settings().demo);
    let mode = fs::metadata(demo.join("spool")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn a_missing_or_wrong_root_key_is_noticed_and_none_is_left_in_its_place() {
    let dir = tempfile::tempdir().unwrap();
    drop(opened(dir.path(), Purpose::Serve).unwrap());
    let key = dir.path().join("root.key");
    let safe_copy = dir.path().join("safe-copy");
    fs::rename(&key, &safe_copy).unwrap();
    assert!(refused(opened(dir.path(), Purpose::Serve)).contains("is missing"));
    assert!(!key.exists());
    drop(RootSecret::create(&key, &OsRandom).unwrap());
    assert!(refused(opened(dir.path(), Purpose::Serve)).contains("is not the one"));
    fs::rename(&safe_copy, &key).unwrap();
    assert!(opened(dir.path(), Purpose::Serve).is_ok());
}

#[test]
fn only_a_new_database_can_become_a_tests_own() {
    let dir = tempfile::tempdir().unwrap();
    let (test, real) = (dir.path().join("test"), dir.path().join("real"));
    let clock = [(TEST_CLOCK.to_owned(), dir.path().join("offset").display().to_string())];
    assert!(House::open(&config(&test), &clock, Purpose::Serve).is_ok());
    assert!(opened(&test, Purpose::Serve).is_ok());
    drop(opened(&real, Purpose::Serve).unwrap());
    assert!(refused(House::open(&config(&real), &clock, Purpose::Serve)).contains(TEST_CLOCK));
    let quick = [(QUICK_HASHES.to_owned(), String::from("1"))];
    assert!(House::open(&config(&test), &quick, Purpose::Serve).is_ok());
    assert!(refused(House::open(&config(&real), &quick, Purpose::Serve)).contains(QUICK_HASHES));
}

#[test]
fn the_word_for_the_installation_fits_into_a_code() {
    for (host, word) in [
        ("befunde.example.org", "befunde"),
        ("my-clinic.example.org", "myclinic"),
        ("127.0.0.1", "nahraum"),
        ("::1", "nahraum"),
        ("localhost", "localhost"),
        ("abcdefghijklmnopqrstuvwxyz.de", "abcdefghijklmnop"),
    ] {
        assert_eq!(instance(host), word);
    }
}
