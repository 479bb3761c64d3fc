//! Room authorizations: the code that a browser carries to a client after a sign-in (RFC 6749, 4.1; RFC 7636; RFC 9700).

use nahraum_secrets::{KeyThumbprint, PkceChallenge, Token, TokenKind};
use nahraum_store::authorizations::{self as store, Redeemed, Redeemer};

pub use nahraum_store::authorizations::Binding;

use crate::{App, Call, Refusal, refusal::Failure, sessions::OpenedSession, staff::Attempt};

/// The one client: a public one, of this house (RFC 6749, 2.1). Where its codes may go, the operator says.
pub const CLIENT: &str = "nahraum-staff";

/// An authorization request as it came in, field by field.
#[derive(Debug, Clone, Default)]
pub struct AuthorizationRequest {
    /// `response_type`.
    pub response_type: Option<String>,
    /// `client_id`.
    pub client_id: Option<String>,
    /// `redirect_uri`.
    pub redirect_uri: Option<String>,
    /// `state`.
    pub state: Option<String>,
    /// `code_challenge`.
    pub code_challenge: Option<String>,
    /// `code_challenge_method`.
    pub code_challenge_method: Option<String>,
    /// `dpop_jkt`.
    pub dpop_jkt: Option<String>,
}

/// Why an authorization request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthorizationError {
    /// Nobody knows this client, or not this address for answers: the person is told, and nothing is sent there.
    Stranger,
    /// The client is told, at its address: an error of RFC 6749, 4.1.2.1, and a sentence for developers.
    Tell(&'static str, &'static str),
}

/// What became of a code.
#[derive(Debug)]
pub enum CodeAnswer {
    /// A session.
    Tokens(OpenedSession),
    /// Not good, whatever the reason.
    InvalidGrant,
}

impl App {
    /// Judges an authorization request: what its code would be bound to.
    ///
    /// # Errors
    /// [`AuthorizationError`].
    pub fn judge_authorization(&self, request: &AuthorizationRequest) -> Result<Binding, AuthorizationError> {
        let known = |uri: &&String| self.settings().redirect_uris.contains(uri);
        let redirect_uri = request.redirect_uri.as_ref().filter(known).ok_or(AuthorizationError::Stranger)?;
        if request.client_id.as_deref() != Some(CLIENT) {
            return Err(AuthorizationError::Stranger);
        }
        if request.response_type.as_deref() != Some("code") {
            return Err(AuthorizationError::Tell("unsupported_response_type", "response_type has to be code"));
        }
        let missing = AuthorizationError::Tell("invalid_request", "code_challenge is missing (RFC 7636)");
        let challenge = request.code_challenge.as_deref().ok_or(missing)?;
        let challenge = PkceChallenge::parse(request.code_challenge_method.as_deref(), challenge);
        let wrong = "code_challenge_method has to be S256, and code_challenge 43 characters of base64url";
        let challenge = challenge.map_err(|_| AuthorizationError::Tell("invalid_request", wrong))?;
        let key = match request.dpop_jkt.as_deref() {
            None => None,
            Some(text) => {
                let wrong = AuthorizationError::Tell("invalid_request", "dpop_jkt is no thumbprint (RFC 9449, 10)");
                Some(KeyThumbprint::parse_jkt(text).ok_or(wrong)?)
            }
        };
        Ok(Binding { client_id: CLIENT.to_owned(), redirect_uri: redirect_uri.clone(), challenge, key })
    }

    /// Gives out a code to somebody who shows both factors.
    ///
    /// # Errors
    /// As [`App::sign_in_staff`], but for the proof of a key, which the code's exchange asks for.
    pub async fn authorize(&self, call: &Call, attempt: Attempt, binding: Binding) -> Result<Token, Refusal> {
        self.with_both_factors(call, attempt, move |tx, person, organisation| {
            store::give_out(tx, person, organisation, &binding)
        })
        .await
    }

    /// Exchanges a code for a session (RFC 6749, 4.1.3).
    ///
    /// # Errors
    /// [`Refusal::ProofRefused`], [`Refusal::ProofMissing`], or the database's trouble.
    pub async fn redeem_code(
        &self,
        call: &Call,
        code: &str,
        client_id: &str,
        redirect_uri: &str,
        verifier: &str,
    ) -> Result<CodeAnswer, Refusal> {
        let key = self.key_for_tokens(call)?;
        let code = Token::parse(code).ok().filter(|token| token.kind() == TokenKind::AuthorizationCode);
        let Some(code) = code.map(|token| token.hash()) else { return Ok(CodeAnswer::InvalidGrant) };
        let shown = Redeemer {
            client_id: client_id.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            verifier: verifier.to_owned(),
            key,
        };
        let done: Result<_, Failure> =
            self.store().write(call.moment, move |tx| Ok(store::redeem(tx, &code, &shown)?)).await;
        Ok(match self.settle(done).await? {
            Redeemed::Session(opened) => CodeAnswer::Tokens(opened),
            Redeemed::Refused => CodeAnswer::InvalidGrant,
            Redeemed::Twice(session) => {
                tracing::warn!(request = %call.moment.request, %session, "an authorization code was shown twice; its session ended");
                CodeAnswer::InvalidGrant
            }
        })
    }
}
