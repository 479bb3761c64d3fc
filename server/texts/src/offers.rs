//! What has to be said with a text about an offer: that a machine made it, and that it is behind.

use serde::Deserialize;

use crate::{Language, catalogue::texts};

/// The sentences.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfferWords {
    appointment: String,
    interpreter: String,
    machine: String,
    stale: String,
}

/// What a date is called in a calendar that others may look into.
#[must_use]
pub fn appointment(language: Language) -> &'static str {
    &texts(language).file.offer.appointment
}

/// That an interpreter can be had.
#[must_use]
pub fn interpreter(language: Language) -> &'static str {
    &texts(language).file.offer.interpreter
}

/// That a machine translated a text, for whoever reads it (Regulation (EU) 2024/1689, Art. 50(4)).
#[must_use]
pub fn machine_notice(language: Language) -> &'static str {
    &texts(language).file.offer.machine
}

/// That something has changed since a text was written, and what is right all the same.
#[must_use]
pub fn stale_notice(language: Language) -> &'static str {
    &texts(language).file.offer.stale
}
