//! `[sign_in]`: what people and programs must prove.

use super::{key::Key, settings::Settings};

/// Whether tokens are good without a proof of possession (RFC 9449). Then whoever finds a token can use it: for trying
/// things out with curl, not for real people's findings.
const BEARER: Key = Key::switch("sign_in.bearer").or("false");

pub(super) const KEYS: &[Key] = &[BEARER];

/// What people and programs must prove.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SignIn {
    /// Whether tokens are good without a proof of possession.
    pub bearer: bool,
}

pub(super) fn read(settings: &Settings) -> SignIn {
    SignIn { bearer: settings.switch(&BEARER) }
}
