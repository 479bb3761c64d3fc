//! `nahraum areas …`, on the machine itself.

use std::fs;

use nahraum_app::areas::Loaded;

use crate::{
    cli::AreasCommand,
    operator::{house, say},
    wiring::Trouble,
};

/// `nahraum areas load`.
///
/// # Errors
/// When the file cannot be read or has a fault, or the database is not there.
pub(crate) fn run(command: &AreasCommand, environment: &[(String, String)]) -> Result<(), Trouble> {
    let AreasCommand::Load { file, write, config } = command;
    let list = fs::read(file).map_err(Trouble::io(file.display().to_string()))?;
    match house(config, environment)?.app.operator_load_areas(&list, *write)? {
        Ok(Loaded { new, changed, same }) => {
            let done = if *write { "Written." } else { "Nothing was written; add --write." };
            say(&format!("{new} new, {changed} changed, {same} as they were. {done}"))
        }
        Err(faults) => {
            for fault in &faults {
                say(&format!("line {}: {}", fault.line, fault.why))?;
            }
            Err(Trouble::Failed(format!("{} of its lines are wrong; nothing was written", faults.len())))
        }
    }
}
