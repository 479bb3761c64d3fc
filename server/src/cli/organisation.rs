//! `nahraum organisation …`: what can be done with organisations.

use clap::Subcommand;
use nahraum_domain::organisations::OrganisationKind;

use super::ConfigArgs;

/// What can be done with organisations.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum OrganisationCommand {
    /// Add an organisation and print its id.
    Add {
        /// What it is: practice, kiosk, social-institution, district-office or operator.
        #[arg(long, value_parser = organisation_kind)]
        kind: OrganisationKind,
        /// The name that residents see.
        #[arg(long)]
        name: String,
        /// Where the configuration comes from.
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// List all organisations: id, kind and name.
    List {
        /// Where the configuration comes from.
        #[command(flatten)]
        config: ConfigArgs,
    },
}

fn organisation_kind(word: &str) -> Result<OrganisationKind, String> {
    let all = || OrganisationKind::ALL.map(OrganisationKind::as_str).join(", ");
    OrganisationKind::parse(word).ok_or_else(|| format!("it is one of {}", all()))
}
