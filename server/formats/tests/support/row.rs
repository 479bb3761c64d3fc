//! The row of a finding with this name.

use nahraum_domain::finding::{Observation, ReadFinding};

pub(crate) fn row<'f>(finding: &'f ReadFinding, name: &str) -> &'f Observation {
    finding.observations.iter().find(|row| row.name.reveal() == name).unwrap_or_else(|| panic!("no row {name}"))
}
