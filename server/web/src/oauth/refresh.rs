//! The grant `refresh_token` (RFC 6749, 6).

use nahraum_app::{
    App, Call,
    sessions::{OpenedSession, RefreshAnswer},
};

use super::OAuthRefusal;
use crate::extract::Form;

/// The next pair of tokens.
pub(super) async fn grant(app: &App, call: &Call, form: &Form) -> Result<OpenedSession, OAuthRefusal> {
    let token = form.one("refresh_token")?.ok_or_else(|| OAuthRefusal::missing("refresh_token"))?;
    match app.refresh(call, token).await? {
        RefreshAnswer::Tokens(opened) => Ok(opened),
        RefreshAnswer::InvalidGrant => Err(OAuthRefusal::new(
            "invalid_grant",
            "The refresh token is unknown, used up, over, or bound to another key.",
        )),
        RefreshAnswer::SlowDown(until) => Err(OAuthRefusal::slow_down(until)),
    }
}
