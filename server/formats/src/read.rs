//! What a reader makes of a file, whatever its format.

use nahraum_domain::finding::{ReadFinding, Warning};

/// What was read: at least one finding.
#[derive(Debug, Clone)]
pub struct Read {
    /// The findings, in the order of the file. Each carries its own warnings.
    pub findings: Vec<ReadFinding>,
    /// What was odd about the file as a whole.
    pub warnings: Vec<Warning>,
}

/// No real patient has more references.
pub(crate) const MAX_REFERENCES: usize = 20;

/// No real number of a patient is longer, in bytes.
pub(crate) const MAX_REFERENCE_LENGTH: usize = 200;

/// Warnings without repetition, in the order in which they came up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Warnings(pub(crate) Vec<Warning>);

impl Warnings {
    pub(crate) fn add(&mut self, warning: Warning) {
        if !self.0.contains(&warning) {
            self.0.push(warning);
        }
    }

    pub(crate) fn add_all(&mut self, warnings: impl IntoIterator<Item = Warning>) {
        warnings.into_iter().for_each(|warning| self.add(warning));
    }
}
