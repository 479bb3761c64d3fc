//! The offline verifier: a resident's export, and nothing else. No server, no database, no configuration.
//!
//! What the steps mean is written down for other programs in `mobile-api-spec/access-log.md`.

use jiff::Timestamp;
use nahraum_domain::{
    audit::{
        chain::Position,
        statement::{Mark, Statement, hex, unhex},
    },
    ids::ResidentId,
};
use nahraum_secrets::VerifyingKey;
use serde::Deserialize;
use serde_json::Value;

use super::kept;

#[derive(Deserialize)]
struct Export {
    format: String,
    key: String,
    entries: Vec<Entry>,
    begins_after: String,
    statement: Signed,
    checkpoint: Option<Signed>,
}

#[derive(Deserialize)]
struct Entry {
    number: i64,
    body: String,
    hash: String,
}

#[derive(Deserialize)]
struct Signed {
    text: String,
    signature: String,
}

/// Verifies an export. Gives in plain words what was verified.
///
/// # Errors
/// The first thing that is wrong, in a sentence.
pub(super) fn verify(text: &str, known: Option<VerifyingKey>) -> Result<String, String> {
    let export: Export = serde_json::from_str(text).map_err(|error| format!("it is not an export ({error})"))?;
    if export.format != "nahraum-log-export-1" {
        return Err(String::from("it is not an export of a form that this program knows"));
    }
    let key = VerifyingKey::from_bytes(unhex(&export.key).ok_or("its key is none")?);
    if known.is_some_and(|known| known != key) {
        return Err(String::from("it is signed with another key than the one you gave"));
    }
    let value = signed(&export.statement, &key, "statement")?;
    let statement = statement(&value).ok_or("its statement is none")?;
    if statement.key != *key.as_bytes() || statement.text() != export.statement.text {
        return Err(String::from("its statement is not in the form in which it is signed"));
    }
    let times = walk(&export, &statement)?;
    let checkpoint = export.checkpoint.as_ref().map(|signed| checkpoint(signed, &key, &statement)).transpose()?;
    Ok(words(&export, &statement, times, checkpoint, known.is_some()))
}

/// The JSON of a text whose signature fits.
fn signed(signed: &Signed, key: &VerifyingKey, what: &str) -> Result<Value, String> {
    let fits = unhex::<64>(&signed.signature).is_some_and(|signature| key.verifies(&signed.text, &signature));
    if !fits {
        return Err(format!("the signature of its {what} does not fit"));
    }
    serde_json::from_str(&signed.text).map_err(|_| format!("its {what} is none"))
}

fn statement(value: &Value) -> Option<Statement> {
    let (text, number) = (|name: &str| value.get(name)?.as_str(), |name: &str| value.get(name)?.as_i64());
    Some(Statement {
        resident: text("resident")?.parse().ok()?,
        own: Position { count: number("count")?, hash: unhex(text("resident_hash")?)? },
        all: Position { count: number("seq")?, hash: unhex(text("hash")?)? },
        at: number("at")?,
        key: unhex(text("key")?)?,
    })
}

/// Walks along the resident's chain up to where the statement says it ends. Gives the first and the last moment.
fn walk(export: &Export, statement: &Statement) -> Result<Option<(i64, i64)>, String> {
    let entries = i64::try_from(export.entries.len()).map_err(|_| "it has too many entries")?;
    let pruned = statement.own.count.saturating_sub(entries);
    let hash = unhex(&export.begins_after).ok_or("what it begins after is no hash")?;
    let mut at = Position { count: pruned, hash };
    if pruned < 0 || (pruned == 0 && at != Position::START) {
        return Err(String::from("it has more entries than the server has signed"));
    }
    let mut times: Option<(i64, i64)> = None;
    for entry in &export.entries {
        at = at.with_entry(&entry.body);
        if entry.number != at.count {
            return Err(format!("entry {} is missing or was moved", at.count));
        }
        if unhex(&entry.hash) != Some(at.hash) {
            return Err(format!("entry {} is not the one that was written, or the one before it is missing", at.count));
        }
        let (resident, when) =
            told(&entry.body).ok_or_else(|| format!("entry {} is not written as entries are", at.count))?;
        if resident != statement.resident {
            return Err(format!("entry {} is about somebody else", at.count));
        }
        times = Some((times.map_or(when, |(first, _)| first), when));
    }
    if at != statement.own {
        return Err(String::from("it does not end where the server has signed that it ends"));
    }
    Ok(times)
}

/// Whom an entry is about, and when.
fn told(body: &str) -> Option<(ResidentId, i64)> {
    let value: Value = serde_json::from_str(body).ok()?;
    Some((value.get("resident")?.as_str()?.parse().ok()?, value.get("at")?.as_i64()?))
}

fn checkpoint(sign: &Signed, key: &VerifyingKey, statement: &Statement) -> Result<(i64, i64), String> {
    let value = signed(sign, key, "checkpoint")?;
    let checkpoint = kept::checkpoint(&value).ok_or("its checkpoint is none")?;
    if checkpoint.mark != Mark::Checkpoint || checkpoint.text() != sign.text {
        return Err(String::from("its checkpoint is not in the form in which it is signed"));
    }
    let place = checkpoint.place;
    if place.count > statement.all.count || (place.count == statement.all.count && place.hash != statement.all.hash) {
        return Err(String::from("its statement and its checkpoint contradict each other"));
    }
    Ok((place.count, checkpoint.at))
}

fn words(
    export: &Export,
    statement: &Statement,
    times: Option<(i64, i64)>,
    checkpoint: Option<(i64, i64)>,
    known: bool,
) -> String {
    let (count, key) = (export.entries.len(), hex(&statement.key));
    let mut lines = vec![format!("The access log of resident {}: {count} entries.", statement.resident)];
    if let Some((first, last)) = times {
        lines.push(format!("The first is of {}, the last of {}.", moment(first), moment(last)));
    }
    lines.push(String::from("Verified:"));
    lines.push(String::from(
        "- each entry is the one that was written, in its place, and none between them is missing;",
    ));
    lines.push(format!("- the log ended here when the server signed it, at {};", moment(statement.at)));
    if let Some((seq, at)) = checkpoint {
        lines.push(format!(
            "- the newest checkpoint over everybody's entries ({seq}, {}) has the same key;",
            moment(at)
        ));
    }
    let pruned = statement.own.count.saturating_sub(i64::try_from(count).unwrap_or(0));
    if pruned > 0 {
        lines.push(format!("- {pruned} older entries were there before these and are not in the file (three years)."));
    }
    lines.push(if known {
        format!("- the signatures are by the key you gave, {key}.")
    } else {
        format!(
            "Not verified: whose key {key} is. Compare it with the one your app has kept, or give that one with --key."
        )
    });
    lines.push(String::from(
        "No file can show: what happened after it was made, and what a server never wrote down in the first place.",
    ));
    lines.join("\n")
}

fn moment(micros: i64) -> String {
    Timestamp::from_microsecond(micros).map_or_else(|_| String::from("an impossible time"), |at| at.to_string())
}

#[cfg(test)]
mod tests;
