//! The time: the one place that asks the operating system for it, and the ways tests move it.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use nahraum_app::Clock;

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the place the ban points to")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The operating system's clock, moved by the seconds that stand in a file.
///
/// A test moves the time of a running server by writing another number (`86400`, `-60`) into the file, best by
/// renaming a finished file over it; `=1795000000` stops the time at that second. A missing, half-written or unreadable
/// file leaves the last good setting in place.
#[derive(Debug)]
pub(crate) struct OffsetFileClock {
    file: PathBuf,
    last: Mutex<Setting>,
}

/// What the file says.
#[derive(Debug, Clone, Copy)]
enum Setting {
    /// `86400`: so many seconds ahead of the real time.
    Ahead(SignedDuration),
    /// `=1795000000`: the time stands still at this second since 1970, however slow the machine is.
    Still(Timestamp),
}

impl Setting {
    fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix('=') {
            Some(second) => second.parse().ok().and_then(|s| Timestamp::from_second(s).ok()).map(Self::Still),
            None => text.parse().ok().map(SignedDuration::from_secs).map(Self::Ahead),
        }
    }
}

impl OffsetFileClock {
    /// A clock that reads its offset from `file` each time it is asked.
    const fn new(file: PathBuf) -> Self {
        Self { file, last: Mutex::new(Setting::Ahead(SignedDuration::ZERO)) }
    }

    fn setting(&self) -> Setting {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(setting) = fs::read_to_string(&self.file).ok().and_then(|text| Setting::parse(text.trim())) {
            *last = setting;
        }
        *last
    }
}

impl Clock for OffsetFileClock {
    fn now(&self) -> Timestamp {
        match self.setting() {
            Setting::Ahead(by) => moved(SystemClock.now(), by),
            Setting::Still(at) => at,
        }
    }
}

/// The test clock was asked for on a database that is not marked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "NAHRAUM_TEST_CLOCK_FILE moves the time, and this database is not marked as demo or test; remove the variable to \
     start with real findings"
)]
pub(crate) struct TestClockRefused;

/// The clock of this process: the operating system's, or one that tests can move.
///
/// `test_file` is the value of `NAHRAUM_TEST_CLOCK_FILE`; `marked` says whether the database is marked as `demo` or
/// `test`. A database is marked once, by the first command that opens it: as `test` when the variable is set at that
/// moment and the command is not the demo, and as `production` otherwise. So a test sets the variable from the first
/// start on, and no later start can turn a real database into one whose time can be moved. Moving the time ends sessions, codes and retention periods, so a database with
/// real findings never gets such a clock: it would rather not start.
///
/// # Errors
/// When a test clock is asked for and the database is not marked.
pub(crate) fn choose(test_file: Option<PathBuf>, marked: bool) -> Result<Arc<dyn Clock>, TestClockRefused> {
    match test_file {
        None => Ok(Arc::new(SystemClock)),
        Some(file) if marked => Ok(Arc::new(OffsetFileClock::new(file))),
        Some(_) => Err(TestClockRefused),
    }
}

fn moved(now: Timestamp, by: SignedDuration) -> Timestamp {
    let end = if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
    now.checked_add(by).unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_file_moves_a_marked_server_and_keeps_its_last_good_number() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("offset");
        let clock = choose(Some(file.clone()), true).unwrap();
        let ahead = || clock.now().duration_since(SystemClock.now()).as_secs_f64().round();
        assert_eq!(ahead(), 0.0);
        fs::write(&file, "86400\n").unwrap();
        assert_eq!(ahead(), 86_400.0);
        fs::write(&file, "=1795000000").unwrap();
        assert_eq!(clock.now().as_second(), 1_795_000_000);
        fs::write(&file, "86400").unwrap();
        assert_eq!(ahead(), 86_400.0);
        fs::write(&file, "8640x").unwrap();
        assert_eq!(ahead(), 86_400.0);
        fs::write(&file, "-60").unwrap();
        assert_eq!(ahead(), -60.0);
    }

    #[test]
    fn real_findings_never_meet_a_test_clock() {
        assert_eq!(choose(Some(PathBuf::from("x")), false).err(), Some(TestClockRefused));
        assert!(choose(None, false).is_ok());
    }
}
