//! `[activation]`: what has to happen before an account shows anything.

use super::{key::Key, settings::Settings};

/// What a practice has to do after a posted slip was used: confirm with the number that its patient says, or only be shown
/// that it was used. Letters are opened by others too.
const CONFIRM_LETTER: Key = Key::text("activation.confirm_letter", "\"required\" or \"notify\"").or("required");

pub(super) const KEYS: &[Key] = &[CONFIRM_LETTER];

/// What has to happen before an account shows anything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Activation {
    /// Whether a practice must confirm an account that was made with a posted slip.
    pub confirm_letter: bool,
}

pub(super) fn read(settings: &mut Settings) -> Option<Activation> {
    let confirm_letter = settings.text(&CONFIRM_LETTER, |text| match text {
        "required" => Some(true),
        "notify" => Some(false),
        _ => None,
    })?;
    Some(Activation { confirm_letter })
}
