//! Passwords that are known from breaches (SR-A03; OWASP ASVS 5.0, 6.2.12), looked up in a local file.
//!
//! The file is what "Have I Been Pwned" gives for download, ordered by hash: one line for each password, its SHA-1 in 40
//! capital hex digits, and behind a colon how often it was seen. It has tens of gigabytes, so it is searched where it
//! lies, with some thirty small reads. SHA-1 is what that list is made of; nothing of ours rests on it.

use std::{fs::File, io, os::unix::fs::FileExt};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use crate::Secret;

/// Hex digits of a SHA-1.
const HASH: usize = 40;
/// No line is longer, its end included.
const LONGEST_LINE: u64 = 80;
/// What is left of the search is read at once.
const WINDOW: u64 = 4096;
/// So many places are looked at to see whether the file is ordered by hash.
const SAMPLES: u64 = 64;

/// An open list of breached passwords. Reading blocks: look it up where passwords are hashed, not where requests are
/// answered.
#[derive(Debug)]
pub struct BreachedPasswords {
    file: File,
    length: u64,
}

impl BreachedPasswords {
    /// Takes an open list over, after a look at some of its lines.
    ///
    /// # Errors
    /// What the system says, or [`io::ErrorKind::InvalidData`] when it is no such list, or one that is ordered by how
    /// often a password was seen.
    pub fn open(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if !metadata.is_file() || metadata.len() == 0 {
            return Err(not_a_list());
        }
        let list = Self { file, length: metadata.len() };
        let mut before = list.hash_at(0)?;
        for sample in 1..SAMPLES {
            let place = u64::try_from(u128::from(list.length) * u128::from(sample) / u128::from(SAMPLES));
            let Some(start) = list.next_line(place.map_err(|_| not_a_list())?)? else { break };
            let hash = list.hash_at(start)?;
            if hash < before {
                return Err(not_a_list());
            }
            before = hash;
        }
        Ok(list)
    }

    /// Whether a password is on the list.
    ///
    /// # Errors
    /// What the system says, or [`io::ErrorKind::InvalidData`] for a line that is none.
    pub fn contains(&self, password: &Secret) -> io::Result<bool> {
        let wanted = hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, password.expose().as_bytes()).as_ref());
        // lines start at both ends; the wanted one, if there is any, starts at or behind `low` and before `high`
        let (mut low, mut high) = (0, self.length);
        while high - low > WINDOW {
            let middle = low + (high - low) / 2;
            let start = self.next_line(middle)?.ok_or_else(not_a_list)?;
            if wanted.as_slice() < self.hash_at(start)?.as_slice() {
                high = start;
            } else {
                low = start;
            }
        }
        let window = self.read(low, high - low)?;
        for line in window.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
            if hash_of(line)?.as_slice() == wanted {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Where the first line behind a place starts; `None` when the file ends before.
    fn next_line(&self, place: u64) -> io::Result<Option<u64>> {
        let bytes = self.read(place, LONGEST_LINE)?;
        match (0..).zip(&bytes).find(|(_, byte)| **byte == b'\n') {
            Some((end, _)) if place + end + 1 < self.length => Ok(Some(place + end + 1)),
            None if place + LONGEST_LINE < self.length => Err(not_a_list()),
            _ => Ok(None),
        }
    }

    fn hash_at(&self, start: u64) -> io::Result<[u8; HASH]> {
        let bytes = self.read(start, LONGEST_LINE)?;
        hash_of(bytes.split(|byte| *byte == b'\n').next().unwrap_or_default())
    }

    /// Up to `length` bytes, fewer only at the end of the file.
    fn read(&self, place: u64, length: u64) -> io::Result<Vec<u8>> {
        let length = length.min(self.length.saturating_sub(place));
        let mut bytes = vec![0; usize::try_from(length).map_err(|_| not_a_list())?];
        self.file.read_exact_at(&mut bytes, place)?;
        Ok(bytes)
    }
}

/// The hash in a line: `<40 capital hex digits>` or `<40 capital hex digits>:<count>`.
fn hash_of(line: &[u8]) -> io::Result<[u8; HASH]> {
    let (hash, rest) = line.split_first_chunk::<HASH>().ok_or_else(not_a_list)?;
    let digits = hash.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'));
    let count = rest.trim_ascii_end();
    if digits && (count.is_empty() || count.starts_with(b":")) { Ok(*hash) } else { Err(not_a_list()) }
}

fn not_a_list() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "this is not a list of breached passwords: SHA-1 in 40 capital hex digits a line, ordered by hash",
    )
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    let digit = |value: u8| if value < 10 { b'0' + value } else { b'A' + (value - 10) };
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, io::Write};

    use proptest::prelude::*;

    use super::*;

    fn sha1(password: &str) -> String {
        String::from_utf8(hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()).as_ref())).unwrap()
    }

    fn list(text: &str) -> io::Result<BreachedPasswords> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        BreachedPasswords::open(file)
    }

    fn listed(passwords: &[String], end: &str, counts: bool) -> BreachedPasswords {
        let hashes: BTreeSet<String> = passwords.iter().map(|password| sha1(password)).collect();
        let count = |at: usize| if counts { format!(":{}", at * at) } else { String::new() };
        list(&hashes.iter().enumerate().map(|(at, hash)| format!("{hash}{}{end}", count(at))).collect::<String>())
            .unwrap()
    }

    #[test]
    fn sr_a03_every_password_of_the_list_is_found_and_no_other() {
        assert_eq!(sha1("password"), "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8");
        for (end, counts) in [("\n", true), ("\r\n", true), ("\n", false)] {
            for size in [1, 2, 100, 5_000] {
                let passwords: Vec<String> = (0..size).map(|at| format!("password number {at}")).collect();
                let list = listed(&passwords, end, counts);
                for password in &passwords {
                    assert!(list.contains(&Secret::new(password.clone())).unwrap());
                }
                for at in 0..100 {
                    assert!(!list.contains(&Secret::new(format!("another {at}"))).unwrap());
                }
            }
        }
    }

    #[test]
    fn the_last_line_needs_no_end() {
        let list = list(&format!("{}:7", sha1("a"))).unwrap();
        assert!(list.contains(&Secret::new("a")).unwrap() && !list.contains(&Secret::new("b")).unwrap());
    }

    #[test]
    fn other_files_are_refused_when_the_server_starts() {
        let falling: String = (0..1_000).map(|at| format!("{:040X}:1\n", 1_000 - at)).collect();
        let small = format!("{}\n", sha1("a").to_lowercase());
        for text in ["", "\n", "password\n", &small, &"A".repeat(10_000), &falling, &format!("{} 7\n", sha1("a"))] {
            assert_eq!(list(text).unwrap_err().kind(), io::ErrorKind::InvalidData, "{text}");
        }
        let folder = File::open(tempfile::tempdir().unwrap().path()).unwrap();
        assert!(BreachedPasswords::open(folder).is_err());
    }

    #[test]
    fn a_line_that_is_none_is_an_error_and_not_a_no() {
        let mut lines: Vec<String> = (0..80).map(|at| format!("{at:040X}:1\n")).collect();
        lines[0].push_str(&format!("{}\n", "G".repeat(40)));
        let list = list(&lines.concat()).unwrap();
        assert_eq!(list.contains(&Secret::new("a")).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    proptest! {
        #[test]
        fn any_file_is_read_without_panic(text in "([0-9A-F]{38,42}(:[0-9]{0,3})?\r?\n){0,200}", password in ".{0,5}") {
            if let Ok(list) = list(&text) {
                let found = list.contains(&Secret::new(password.clone()));
                prop_assert!(!found.is_ok_and(|found| found) || text.contains(&sha1(&password)));
            }
        }
    }
}
