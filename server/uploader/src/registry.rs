//! What was answered for good, so that nothing is sent twice: one line an answer, on the disk before anything is moved.
//!
//! `<time> <sha256> <outcome> <code> <id>`, with `-` for what is not there. Nothing in it tells what a file was called or
//! what it says. The file only grows, some 130 bytes an answer.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

use jiff::Timestamp;

use crate::{digest::Sha256, durable};

/// What became of a file or message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Outcome {
    /// Stored, and clear whose it is.
    Sent,
    /// Stored, and waits in the practice's inbox for a decision.
    Inbox,
    /// Exactly this was there already.
    Known,
    /// Not taken, or not all of it.
    Refused,
}

impl Outcome {
    const ALL: [Self; 4] = [Self::Sent, Self::Inbox, Self::Known, Self::Refused];

    /// The word for it in registry and log.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Inbox => "inbox",
            Self::Known => "known",
            Self::Refused => "refused",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }
}

/// A word of the server that may stand in registry and log: letters, digits and `-`, at most 48.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Code(String);

impl Code {
    /// This word, or `other` for what is none: nobody writes sentences into our log.
    pub(crate) fn new(word: &str) -> Self {
        let good = (1..=48).contains(&word.len())
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && word != "-";
        Self(if good { word } else { "other" }.to_owned())
    }

    /// The word.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// One answer.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// When it came.
    pub(crate) at: Timestamp,
    /// Of which content.
    pub(crate) hash: Sha256,
    /// What it was.
    pub(crate) outcome: Outcome,
    /// Why not, if it was refused.
    pub(crate) code: Option<Code>,
    /// The id that a message got when it was spooled.
    pub(crate) id: Option<String>,
}

impl Entry {
    fn line(&self) -> String {
        let code = self.code.as_ref().map_or("-", Code::as_str);
        let id = self.id.as_deref().unwrap_or("-");
        format!("{} {} {} {code} {id}\n", self.at, self.hash, self.outcome.word())
    }

    fn parse(line: &str) -> Option<Self> {
        let parts: Vec<&str> = line.split(' ').collect();
        let [at, hash, outcome, code, id] = parts.as_slice() else { return None };
        let there = |text: &&&str| **text != "-";
        Some(Self {
            at: at.parse().ok()?,
            hash: Sha256::parse(hash)?,
            outcome: Outcome::parse(outcome)?,
            code: Some(code).filter(there).map(|code| Code::new(code)),
            id: Some(id).filter(there).map(|id| (*id).to_owned()),
        })
    }
}

/// What is known about one content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Known {
    /// How often it was answered for good: the number of the next attempt.
    pub(crate) answers: u32,
    /// Whether the last answer was a yes, so that there is nothing left to send.
    pub(crate) taken: bool,
}

/// The answers, and the file that keeps them.
#[derive(Debug)]
pub(crate) struct Registry {
    file: File,
    known: HashMap<Sha256, Known>,
    by_id: HashMap<String, (Outcome, Option<Code>)>,
    damaged: usize,
}

impl Registry {
    /// Opens the file, or makes it. A last line that was not finished is taken off: its answer will come again.
    ///
    /// # Errors
    /// The disk's.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut file = durable::private_file().read(true).write(true).create(true).truncate(false).open(path)?;
        durable::sync_parent(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        if whole < bytes.len() {
            file.set_len(u64::try_from(whole).unwrap_or(u64::MAX))?;
            file.sync_all()?;
        }
        let mut registry = Self { file, known: HashMap::new(), by_id: HashMap::new(), damaged: 0 };
        for line in entries(bytes.get(..whole).unwrap_or_default()) {
            match line {
                Some(entry) => registry.remember(&entry),
                None => registry.damaged += 1,
            }
        }
        Ok(registry)
    }

    /// How many lines could not be read, as after a broken disk.
    pub(crate) const fn damaged(&self) -> usize {
        self.damaged
    }

    /// What is known about this content.
    pub(crate) fn known(&self, hash: &Sha256) -> Known {
        self.known.get(hash).copied().unwrap_or_default()
    }

    /// What became of the message with this id.
    pub(crate) fn of_id(&self, id: &str) -> Option<&(Outcome, Option<Code>)> {
        self.by_id.get(id)
    }

    /// The ids of messages that were answered.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.by_id.keys().map(String::as_str)
    }

    /// Keeps an answer. When this returns, it is on the disk.
    ///
    /// # Errors
    /// The disk's; the answer is not kept then.
    pub(crate) fn keep(&mut self, entry: &Entry) -> io::Result<()> {
        let before = self.file.seek(SeekFrom::End(0))?;
        let written = self.file.write_all(entry.line().as_bytes()).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // half a line would spoil the next one; if this fails as well, opening mends it
            self.file.set_len(before)?;
            return Err(error);
        }
        self.remember(entry);
        Ok(())
    }

    fn remember(&mut self, entry: &Entry) {
        let known = self.known.entry(entry.hash).or_default();
        known.answers = known.answers.saturating_add(1);
        known.taken = entry.outcome != Outcome::Refused;
        if let Some(id) = &entry.id {
            self.by_id.insert(id.clone(), (entry.outcome, entry.code.clone()));
        }
    }
}

/// The entries of a registry's bytes; `None` for a line that cannot be read.
pub(crate) fn entries(bytes: &[u8]) -> impl Iterator<Item = Option<Entry>> {
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| std::str::from_utf8(line).ok().and_then(Entry::parse))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    fn entry(content: &str, outcome: Outcome, id: Option<&str>) -> Entry {
        let at = Timestamp::from_second(1_795_000_000).unwrap();
        let code = (outcome == Outcome::Refused).then(|| Code::new("pdf-encrypted"));
        Entry { at, hash: Sha256::of(content.as_bytes()), outcome, code, id: id.map(str::to_owned) }
    }

    #[test]
    fn a_refusal_does_not_count_as_taken_and_makes_the_next_try_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry");
        let hash = Sha256::of(b"a");
        let mut registry = Registry::open(&path).unwrap();
        assert_eq!(registry.known(&hash), Known { answers: 0, taken: false });
        registry.keep(&entry("a", Outcome::Refused, None)).unwrap();
        assert_eq!(registry.known(&hash), Known { answers: 1, taken: false });
        registry.keep(&entry("a", Outcome::Sent, Some("7-x"))).unwrap();
        let again = Registry::open(&path).unwrap();
        assert_eq!(again.known(&hash), Known { answers: 2, taken: true });
        assert_eq!(again.of_id("7-x"), Some(&(Outcome::Sent, None)));
    }

    proptest! {
        // every case waits for the disk
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn whatever_was_cut_off_only_the_last_answers_are_lost(cut in 0..600_usize) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("registry");
            let mut registry = Registry::open(&path).unwrap();
            let contents = ["a", "b", "c", "d"];
            for content in contents {
                registry.keep(&entry(content, Outcome::Sent, None)).unwrap();
            }
            let bytes = fs::read(&path).unwrap();
            let cut = cut.min(bytes.len());
            fs::write(&path, &bytes[..cut]).unwrap();
            let whole = bytes[..cut].iter().filter(|byte| **byte == b'\n').count();
            let mut again = Registry::open(&path).unwrap();
            for (number, content) in contents.iter().enumerate() {
                prop_assert_eq!(again.known(&Sha256::of(content.as_bytes())).taken, number < whole);
            }
            again.keep(&entry("e", Outcome::Inbox, None)).unwrap();
            let last = Registry::open(&path).unwrap();
            prop_assert_eq!(last.damaged(), 0);
            prop_assert!(last.known(&Sha256::of(b"e")).taken);
        }
    }

    proptest! {
        #[test]
        fn nobody_writes_sentences_into_the_log(word in ".{0,60}") {
            let code = Code::new(&word);
            prop_assert!(code.as_str() == "other" || code.as_str() == word);
            prop_assert!(code.as_str().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
        }
    }

    #[test]
    fn a_broken_line_in_the_middle_costs_itself_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry");
        let lines =
            [entry("a", Outcome::Sent, None).line(), "\0\0\u{fffd}\n".into(), entry("b", Outcome::Known, None).line()];
        fs::write(&path, lines.concat()).unwrap();
        let registry = Registry::open(&path).unwrap();
        assert_eq!(registry.damaged(), 1);
        assert!(registry.known(&Sha256::of(b"a")).taken && registry.known(&Sha256::of(b"b")).taken);
    }
}
