//! The access log from the operator's and the auditor's side: verifying it, signing it, and verifying what a resident
//! took away.

mod affected;
mod export;
mod kept;

use std::{fs, path::Path};

use nahraum_app::App;
use nahraum_domain::audit::statement::{hex, unhex};
use nahraum_secrets::VerifyingKey;
use nahraum_store::{
    StoreError,
    audit::{Known, Report, Trust, verify},
};

use crate::{
    cli::{AuditCommand, ConfigArgs},
    logging,
    operator::say,
    wiring::{House, Purpose, Trouble},
};

type Environment = [(String, String)];

/// The file in the data folder to which checkpoints are appended.
pub(crate) const CHECKPOINTS: &str = "checkpoints.jsonl";

/// The largest export that is read, in bytes: some hundred thousand entries.
const LARGEST_EXPORT: u64 = 1 << 30;

/// `nahraum audit …`.
///
/// # Errors
/// What is wrong with the log or the export, in a sentence; or that it could not be looked at.
pub(crate) fn run(command: AuditCommand, environment: &Environment) -> Result<(), Trouble> {
    match command {
        AuditCommand::Verify { checkpoints, key, config } => {
            let (house, folder) = open(&config, environment)?;
            let own = folder.join(CHECKPOINTS);
            let own = own.exists().then_some(own);
            let mut known = Vec::new();
            for file in own.iter().chain(&checkpoints) {
                let (kept, unreadable) = kept::read(file)?;
                if unreadable > 0 {
                    say(&format!("{unreadable} lines of {} are no checkpoints and were left out.", file.display()))?;
                }
                known.extend(kept);
            }
            verify_all(&house, &Trust { keys: key }, &known)
        }
        AuditCommand::Checkpoint(config) => {
            let (house, folder) = open(&config, environment)?;
            say(&sign(&house.app, &folder)?)
        }
        AuditCommand::Key(config) => {
            let (house, _) = open(&config, environment)?;
            say(&hex(house.app.log_key().as_bytes()))
        }
        AuditCommand::Affected(asked) => affected::run(&asked, environment),
        AuditCommand::VerifyExport { file, key } => verify_export(&file, key),
    }
}

fn open(args: &ConfigArgs, environment: &Environment) -> Result<(House, std::path::PathBuf), Trouble> {
    let config = args.load(environment.iter().cloned())?;
    logging::start(&config.log);
    let folder = config.storage.data_dir.clone();
    Ok((House::open(&config, environment, Purpose::Operate)?, folder))
}

fn verify_all(house: &House, trust: &Trust, known: &[Known]) -> Result<(), Trouble> {
    let moment = house.app.begin(None);
    let report: Result<Report, StoreError> = house.ground.store.read_blocking(moment, |tx| verify(tx, trust, known));
    let report = report?;
    for problem in report.problems.iter().skip(1) {
        say(&format!("Also: {problem}."))?;
    }
    match report.problems.first() {
        Some(problem) => Err(Trouble::Failed(format!("the access log is not whole: {problem}"))),
        None => say(&praise(&report)),
    }
}

fn praise(report: &Report) -> String {
    let Report { pruned, head, entries, checkpoints, pending, unsigned_from, .. } = report;
    let mut words = format!("The access log is whole: {entries} entries");
    if *entries > 0 {
        words.push_str(&format!(", {} to {}", pruned.saturating_add(1), head.count));
    }
    words.push_str(&format!(". {checkpoints} signed places fit."));
    if *pruned > 0 {
        words.push_str(&format!(" Entries 1 to {pruned} were deleted because of their age; the anchor is signed."));
    }
    if *unsigned_from <= head.count {
        words.push_str(&format!(" No checkpoint covers entries {unsigned_from} to {} yet.", head.count));
    }
    if *pending > 0 {
        words.push_str(&format!(" {pending} entries wait to be linked."));
    }
    words.push_str(&format!("\nIt ends with the hash {}.", hex(&head.hash)));
    words
}

/// Signs where the log ends now, appends that to the file in the data folder and writes it into the technical log.
///
/// # Errors
/// When the log cannot be signed, or the file not written.
pub(crate) fn sign(app: &App, folder: &Path) -> Result<String, Trouble> {
    let line = app.checkpoint_log()?;
    let file = folder.join(CHECKPOINTS);
    kept::append(&file, &line).map_err(Trouble::io(format!("{} cannot be written", file.display())))?;
    tracing::info!(checkpoint = %line, "signed where the access log ends");
    Ok(line)
}

fn verify_export(file: &Path, key: Option<VerifyingKey>) -> Result<(), Trouble> {
    let name = file.display();
    let size = fs::metadata(file).map_err(Trouble::io(format!("{name} cannot be read")))?.len();
    if size > LARGEST_EXPORT {
        return Err(Trouble::Failed(format!("{name} is larger than any export")));
    }
    let text = fs::read_to_string(file).map_err(Trouble::io(format!("{name} cannot be read")))?;
    match export::verify(&text, key) {
        Ok(words) => say(&words),
        Err(reason) => Err(Trouble::Failed(format!("{name} does not verify: {reason}"))),
    }
}

/// A public key in hexadecimal digits, for the command line.
///
/// # Errors
/// When it is none.
pub(crate) fn key(text: &str) -> Result<VerifyingKey, String> {
    let bytes = unhex(text).ok_or("expected the 64 digits that `nahraum audit key` prints")?;
    Ok(VerifyingKey::from_bytes(bytes))
}
