//! Watched folders on a real disk, with a clock that the test moves.

use super::*;

const STABLE: Duration = Duration::from_secs(5);

fn names(paths: &[PathBuf]) -> Vec<String> {
    paths.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn a_file_that_still_grows_is_left_alone() {
    let root = tempfile::tempdir().unwrap();
    let mut folder = Folder::new(root.path().to_owned(), STABLE);
    let file = root.path().join("a.pdf");
    fs::write(&file, "one").unwrap();
    assert!(folder.ready(at(100)).unwrap().is_empty());
    fs::write(&file, "one two").unwrap();
    assert!(folder.ready(at(106)).unwrap().is_empty(), "it has grown");
    assert!(folder.ready(at(110)).unwrap().is_empty(), "four seconds are too few");
    assert_eq!(names(&folder.ready(at(111)).unwrap()), ["a.pdf"]);
}

#[test]
fn an_empty_file_gets_more_time() {
    let root = tempfile::tempdir().unwrap();
    let mut folder = Folder::new(root.path().to_owned(), STABLE);
    fs::write(root.path().join("a.pdf"), "").unwrap();
    assert!(folder.ready(at(0)).unwrap().is_empty());
    assert!(folder.ready(at(59)).unwrap().is_empty());
    assert_eq!(folder.ready(at(60)).unwrap().len(), 1);
}

#[test]
fn what_programs_write_for_themselves_is_not_sent() {
    let root = tempfile::tempdir().unwrap();
    let mut folder = Folder::new(root.path().to_owned(), Duration::ZERO);
    for name in [".hidden", "~$brief.docx", "a.pdf.part", "b.TMP", "Thumbs.db", "x.ldt~", "desktop.ini"] {
        fs::write(root.path().join(name), "x").unwrap();
    }
    fs::create_dir(root.path().join("archiv")).unwrap();
    fs::write(root.path().join("X0012345.LDT"), "x").unwrap();
    assert_eq!(names(&folder.ready(at(0)).unwrap()), ["X0012345.LDT"]);
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed() {
    let root = tempfile::tempdir().unwrap();
    let secret = root.path().join("secret");
    fs::write(&secret, "x").unwrap();
    let watched = root.path().join("watched");
    fs::create_dir(&watched).unwrap();
    std::os::unix::fs::symlink(&secret, watched.join("a.pdf")).unwrap();
    assert!(Folder::new(watched, Duration::ZERO).ready(at(0)).unwrap().is_empty());
}

#[test]
fn a_new_file_of_the_same_name_is_another_file() {
    let root = tempfile::tempdir().unwrap();
    let mut folder = Folder::new(root.path().to_owned(), Duration::ZERO);
    let file = root.path().join("a.pdf");
    fs::write(&file, "first").unwrap();
    let ready = folder.ready(at(0)).unwrap();
    let claimed = folder.claim(&ready[0]).unwrap();
    fs::write(&file, "second").unwrap();
    folder.archive(&claimed, jiff::civil::date(2026, 11, 27)).unwrap();
    assert_eq!(fs::read_to_string(root.path().join("archiv/2026-11-27/a.pdf")).unwrap(), "first");
    assert_eq!(fs::read_to_string(&file).unwrap(), "second");
}

#[test]
fn a_file_that_was_at_work_is_the_first_after_a_restart() {
    let root = tempfile::tempdir().unwrap();
    let mut folder = Folder::new(root.path().to_owned(), Duration::ZERO);
    fs::write(root.path().join("z.pdf"), "z").unwrap();
    let ready = folder.ready(at(0)).unwrap();
    folder.claim(&ready[0]).unwrap();
    fs::write(root.path().join("a.pdf"), "a").unwrap();
    let mut again = Folder::new(root.path().to_owned(), Duration::ZERO);
    assert_eq!(names(&again.ready(at(0)).unwrap()), ["z.pdf", "a.pdf"]);
}

#[test]
fn what_was_not_taken_lies_aside_with_its_reason() {
    let root = tempfile::tempdir().unwrap();
    let folder = Folder::new(root.path().to_owned(), Duration::ZERO);
    for content in ["one", "two"] {
        let file = root.path().join("a.pdf");
        fs::write(&file, content).unwrap();
        folder.refuse(&file, content).unwrap();
    }
    let read = |name: &str| fs::read_to_string(root.path().join("fehler").join(name)).unwrap();
    assert_eq!((read("a.pdf"), read("a.pdf.txt")), ("one".into(), "one".into()));
    assert_eq!((read("a (2).pdf"), read("a (2).pdf.txt")), ("two".into(), "two".into()));
    assert_eq!(counts(root.path()).unwrap(), (0, 2));
}

#[cfg(unix)]
#[test]
fn who_can_read_the_folder_can_read_the_reason() {
    use std::os::unix::fs::PermissionsExt;
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("a.pdf");
    fs::write(&file, "x").unwrap();
    Folder::new(root.path().to_owned(), Duration::ZERO).refuse(&file, "why").unwrap();
    let mode = |name: &str| fs::metadata(root.path().join("fehler").join(name)).unwrap().permissions().mode();
    assert_eq!(mode("a.pdf.txt"), mode("a.pdf"));
}
