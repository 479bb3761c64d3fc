//! `nahraum areas …`: what can be done with districts, quarters and postcodes.

use std::path::PathBuf;

use clap::Subcommand;

use super::ConfigArgs;

/// What can be done with areas.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum AreasCommand {
    /// Load a list of areas, or say what that would change.
    ///
    /// The file is CSV in UTF-8 with the head scheme,key,name,parent_scheme,parent_key,population. Areas that are known take name,
    /// parent and population from it; areas that are not in it stay. A file with a fault is not loaded at all.
    Load {
        /// The file.
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
        /// Write it. Without this, nothing is changed.
        #[arg(long)]
        write: bool,
        /// Where the configuration comes from.
        #[command(flatten)]
        config: ConfigArgs,
    },
}
