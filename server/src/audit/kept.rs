//! Checkpoints that are kept outside the database, one JSON object a line.

use std::{
    fs::{self, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use nahraum_domain::audit::{
    chain::Position,
    statement::{Checkpoint, Mark, unhex},
};
use nahraum_store::audit::{Known, SignedCheckpoint};
use serde_json::Value;

use crate::wiring::Trouble;

/// Reads a file of checkpoints; also tells how many lines are none.
///
/// # Errors
/// When it cannot be read.
pub(super) fn read(file: &Path) -> Result<(Vec<Known>, usize), Trouble> {
    let text = fs::read_to_string(file).map_err(Trouble::io(format!("{} cannot be read", file.display())))?;
    let lines: Vec<Option<Known>> =
        text.lines().map(|line| parse(line).map(|checkpoint| Known { checkpoint })).collect();
    let unreadable = lines.iter().filter(|line| line.is_none()).count();
    Ok((lines.into_iter().flatten().collect(), unreadable))
}

/// A checkpoint from the line it was written as: its text with the signature as one more member.
pub(super) fn parse(line: &str) -> Option<SignedCheckpoint> {
    let value: Value = serde_json::from_str(line).ok()?;
    let signature = unhex(value.get("signature")?.as_str()?)?;
    Some(SignedCheckpoint { checkpoint: checkpoint(&value)?, signature })
}

/// A checkpoint from its text.
pub(super) fn checkpoint(value: &Value) -> Option<Checkpoint> {
    let word = value.get("format")?.as_str()?.strip_prefix("nahraum-log-")?.strip_suffix("-1")?;
    let hex = |name: &str| unhex(value.get(name)?.as_str()?);
    Some(Checkpoint {
        mark: Mark::parse(word)?,
        place: Position { count: value.get("seq")?.as_i64()?, hash: hex("hash")? },
        at: value.get("at")?.as_i64()?,
        key: hex("key")?,
    })
}

/// Appends a line, mode 0600, durable when this returns. What a crash left of an earlier line stays a line of its own.
pub(super) fn append(file: &Path, line: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(file)?;
    let mut text = format!("{line}\n");
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            text.insert(0, '\n');
        }
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_crash_left_does_not_spoil_the_next_line() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("checkpoints.jsonl");
        append(&file, "{\"a\":1}").unwrap();
        fs::write(&file, "{\"a\":1}\n{\"a\":").unwrap();
        append(&file, "{\"a\":2}").unwrap();
        append(&file, "{\"a\":3}").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "{\"a\":1}\n{\"a\":\n{\"a\":2}\n{\"a\":3}\n");
        assert_eq!(read(&file).unwrap(), (vec![], 4));
    }

    #[test]
    fn a_line_is_read_as_it_was_signed() {
        let checkpoint =
            Checkpoint { mark: Mark::Anchor, place: Position { count: 7, hash: [9; 32] }, at: 12, key: [3; 32] };
        let line = format!("{},\"signature\":\"{}\"}}", checkpoint.text().trim_end_matches('}'), "0a".repeat(64));
        assert_eq!(parse(&line), Some(SignedCheckpoint { checkpoint, signature: [10; 64] }));
        assert_eq!(parse(&checkpoint.text()), None);
    }
}
