//! The grant `authorization_code` (RFC 6749, 4.1.3), with PKCE (RFC 7636).

use nahraum_app::{App, Call, authorizations::CodeAnswer, sessions::OpenedSession};

use super::OAuthRefusal;
use crate::extract::Form;

/// The first pair of tokens.
pub(super) async fn grant(app: &App, call: &Call, form: &Form) -> Result<OpenedSession, OAuthRefusal> {
    let field = |name| form.one(name)?.ok_or_else(|| OAuthRefusal::missing(name));
    let (code, verifier) = (field("code")?, field("code_verifier")?);
    match app.redeem_code(call, code, field("client_id")?, field("redirect_uri")?, verifier).await? {
        CodeAnswer::Tokens(opened) => Ok(opened),
        CodeAnswer::InvalidGrant => Err(OAuthRefusal::new(
            "invalid_grant",
            "The code is unknown, used, older than a minute, or bound to another client, address, verifier or key.",
        )),
    }
}
