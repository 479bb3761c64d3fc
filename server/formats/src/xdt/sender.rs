//! The numbers of physicians and practices that a file is from or for.

use nahraum_domain::finding::Warning;
use nahraum_domain::identifiers::{physician_number_fits, place_number_fits};

use super::line::Line;
use super::text::Text;
use crate::read::Warnings;

/// Tells when a field holds such a number and it is not well written. It is never a reason to refuse a file.
pub(super) fn check(line: &Line<'_>, text: Text, warnings: &mut Warnings) {
    let fits = match line.field {
        201 => place_number_fits(&text.of(line)),
        212 => physician_number_fits(&text.of(line)),
        _ => true,
    };
    if !fits {
        warnings.add(Warning::SenderNumberWrong);
    }
}
