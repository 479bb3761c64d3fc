//! Room sessions: signing in, going on, signing out.

use jiff::{SignedDuration, Timestamp};
use nahraum_domain::{
    ids::DeviceId,
    sessions::{EndReason, SessionKind},
    throttle::{self, Gate},
};
use nahraum_secrets::{DeviceSecret, PasswordHash, Pin, Secret, SecretKind, Token, TokenKind, Verified};
use nahraum_store::{
    Caller, StoreError, Tx,
    devices::{self, Holder},
    organisations::{self, Organisation},
    security,
    sessions::{self as store, Refreshed, Session, StoredCredential},
    software,
};

pub use nahraum_store::sessions::{OpenedSession, Over};

use crate::{App, Call, Refusal, refusal::Failure};

/// Who the caller is, as the server sees them.
#[derive(Debug)]
pub struct Whoami {
    /// The kind of session.
    pub kind: SessionKind,
    /// The organisation they act for; none for a resident.
    pub organisation: Option<Organisation>,
    /// When they proved who they are.
    pub authenticated_at: Timestamp,
    /// Until when that is fresh enough for delicate acts.
    pub fresh_until: Timestamp,
    /// When the session ends at the latest.
    pub expires_at: Timestamp,
    /// For how long it may rest.
    pub idle: SignedDuration,
    /// For a person at work: how many security events are news to them.
    pub news: Option<i64>,
}

/// What became of a refresh token.
#[derive(Debug)]
pub enum RefreshAnswer {
    /// The next pair.
    Tokens(OpenedSession),
    /// Not good, whatever the reason.
    InvalidGrant,
    /// Too often; not before.
    SlowDown(Timestamp),
}

impl App {
    /// Signs a resident in: the key or secret of their phone, and their PIN.
    ///
    /// # Errors
    /// [`Refusal::SignInFailed`], [`Refusal::TryLater`], [`Refusal::ProofRefused`], [`Refusal::ProofMissing`],
    /// [`Refusal::SessionOver`] when the phone's registration has run out, or [`Refusal::Overloaded`].
    pub async fn sign_in_resident(
        &self,
        call: &Call,
        secret: Option<&str>,
        pin: &str,
    ) -> Result<OpenedSession, Refusal> {
        let holder = match (self.proven(call)?, secret) {
            (Some(key), _) => Holder::Key(key),
            (None, Some(_)) if !self.settings().bearer => return Err(Refusal::ProofMissing),
            (None, Some(text)) => Holder::Secret(DeviceSecret::parse(text).map_err(|_| Refusal::SignInFailed)?.hash()),
            (None, None) => return Err(Refusal::ProofMissing),
        };
        let pin = Pin::parse(pin).map_err(|_| Refusal::SignInFailed)?.into_secret();
        let device = self.check_pin(call, holder, pin).await?;
        self.open(call, move |tx| store::open_for_device(tx, &device)).await
    }

    /// Checks a PIN on a phone, and counts a wrong one.
    pub(crate) async fn check_pin(
        &self,
        call: &Call,
        holder: Holder,
        pin: Secret,
    ) -> Result<Verified<DeviceId>, Refusal> {
        let stored: Result<_, Failure> =
            self.store().read(call.moment, move |tx| Ok(store::device_credential(tx, &holder)?)).await;
        let stored = self.settle(stored).await?;
        // The gate only tells a holder of the phone's key anything; a stranger gets the uniform answer.
        match stored.as_ref().map(|s| throttle::pin_gate(s.failures, call.moment.now)) {
            Some(Gate::Wait(until)) => return Err(Refusal::TryLater(until)),
            Some(Gate::Unbound) | None | Some(Gate::Open) => {}
        }
        let again = Secret::new(pin.expose());
        match (self.check(SecretKind::Pin, pin, stored.as_ref()).await?, &stored) {
            (Some(device), Some(stored)) if device.outdated() => {
                let (id, old) = (stored.id, stored.hash.clone());
                self.raise(SecretKind::Pin, again, move |tx, new| devices::raise_pin(tx, id, &old, new));
                Ok(device)
            }
            (Some(device), _) => Ok(device),
            (None, _) => {
                self.count_device_failure(call, stored.map(|s| s.id)).await?;
                Err(Refusal::SignInFailed)
            }
        }
    }

    async fn count_device_failure(&self, call: &Call, device: Option<DeviceId>) -> Result<(), Refusal> {
        let Some(device) = device else { return Ok(()) };
        let now = call.moment.now;
        let counted: Result<(), Failure> = self
            .store()
            .write(call.moment, move |tx| {
                let failures = throttle::Failures { count: store::device_failed(tx, device)?, last_at: Some(now) };
                if throttle::pin_gate(failures, now) == Gate::Unbound {
                    devices::unbind(tx, device, EndReason::DeviceRevoked)?;
                }
                Ok(())
            })
            .await;
        self.settle(counted).await
    }

    /// Checks a secret; costs the same whether anything is stored or not (SR-A07).
    pub(crate) async fn check<I: Copy>(
        &self,
        kind: SecretKind,
        secret: Secret,
        stored: Option<&StoredCredential<I>>,
    ) -> Result<Option<Verified<I>>, Refusal> {
        Ok(self.hasher().verify_for(kind, secret, stored.map(|s| (s.id, &s.hash))).await?)
    }

    /// Puts a hash of today's cost in the place of a weaker one, after its secret was right (SR-A04). Nobody waits for it; where
    /// it does not succeed, as when the hashers have no room, the next sign-in tries again.
    pub(crate) fn raise(
        &self,
        kind: SecretKind,
        secret: Secret,
        mut keep: impl FnMut(&mut Tx<'_>, &PasswordHash) -> Result<(), StoreError> + Send + 'static,
    ) {
        let app = self.clone();
        let raised = async move {
            let hash = app.hasher().hash(kind, secret).await?;
            let kept: Result<(), Failure> = app.store().write(app.moment(None), move |tx| Ok(keep(tx, &hash)?)).await;
            app.settle(kept).await
        };
        tokio::spawn(async move {
            if let Err(refusal) = raised.await {
                tracing::info!(?refusal, "a hash that is weaker than today's stays until the next sign-in");
            }
        });
    }

    async fn open(
        &self,
        call: &Call,
        mut open: impl FnMut(&mut Tx<'_>) -> Result<OpenedSession, StoreError> + Send + 'static,
    ) -> Result<OpenedSession, Refusal> {
        let opened: Result<_, Failure> = self.store().write(call.moment, move |tx| Ok(open(tx)?)).await;
        self.settle(opened).await
    }

    /// Exchanges a refresh token for the next pair of tokens (RFC 6749, 6). A lost answer can be asked for again; a
    /// token that was used up before ends its session, because one of its two holders is a thief.
    ///
    /// # Errors
    /// [`Refusal::ProofRefused`], or the database's trouble.
    pub async fn refresh(&self, call: &Call, token: &str) -> Result<RefreshAnswer, Refusal> {
        let key = self.proven(call)?;
        let Some(shown) = token_of(token, &[TokenKind::Refresh]) else { return Ok(RefreshAnswer::InvalidGrant) };
        let bearer = self.settings().bearer;
        let hash = shown.hash();
        let done: Result<_, Failure> =
            self.store().write(call.moment, move |tx| Ok(store::refresh(tx, &hash, key.as_ref(), bearer)?)).await;
        Ok(match self.settle(done).await? {
            Refreshed::Tokens(opened) => RefreshAnswer::Tokens(opened),
            Refreshed::Refused => RefreshAnswer::InvalidGrant,
            Refreshed::SlowDown(until) => RefreshAnswer::SlowDown(until),
            Refreshed::Replayed(session) => {
                tracing::warn!(request = %call.moment.request, %session, "a used-up refresh token was shown; its session ended");
                RefreshAnswer::InvalidGrant
            }
        })
    }

    /// Ends the session of a token, whichever of its tokens it is (RFC 7009). Says nothing about tokens it does not know.
    ///
    /// # Errors
    /// [`Refusal::ProofRefused`], or the database's trouble.
    pub async fn revoke_token(&self, call: &Call, token: &str) -> Result<(), Refusal> {
        let key = self.proven(call)?;
        let certificate = call.certificate.as_ref().map(|shown| shown.hash.clone());
        let kinds = [TokenKind::Refresh, TokenKind::Session];
        let Some(shown) = token_of(token, &kinds) else { return Ok(()) };
        let hash = shown.hash();
        let done: Result<(), Failure> = self
            .store()
            .write(call.moment, move |tx| {
                let holder = software::Holder { key: key.as_ref(), certificate: certificate.as_ref() };
                software::revoke_token(tx, &hash, &holder)?;
                Ok(store::revoke(tx, &hash, key.as_ref())?)
            })
            .await;
        self.settle(done).await
    }

    /// Who the caller is.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`]; [`Refusal::Forbidden`] for an upload credential, which has no session.
    pub async fn whoami(&self, call: &Call) -> Result<Whoami, Refusal> {
        self.read(call, |tx, caller| {
            let session = own_session(caller)?;
            let news = caller.person().map(|person| security::news(tx, person, session.id)).transpose()?;
            Ok(Whoami {
                kind: session.kind,
                organisation: organisations::of_caller(tx, caller)?,
                authenticated_at: session.authenticated_at,
                fresh_until: session.authenticated_at + nahraum_domain::sessions::FRESH_FOR,
                expires_at: session.expires_at,
                idle: session.kind.limits().idle,
                news,
            })
        })
        .await
    }

    /// Ends the caller's session. It is over with the next request.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`]; [`Refusal::Forbidden`] for an upload credential, which has no session: the practice
    /// takes it away.
    pub async fn sign_out(&self, call: &Call) -> Result<(), Refusal> {
        self.write(call, |tx, caller| {
            let session = own_session(caller)?;
            Ok(store::end(tx, session.id, EndReason::SignedOut)?)
        })
        .await
    }
}

fn token_of(text: &str, kinds: &[TokenKind]) -> Option<Token> {
    Token::parse(text).ok().filter(|token| kinds.contains(&token.kind()))
}

/// The session of a caller for themself: nobody has one in somebody's place.
fn own_session(caller: &Caller<'_>) -> Result<Session, Refusal> {
    caller.session().filter(|_| caller.acts_by().is_none()).ok_or(Refusal::Forbidden)
}

/// The person must have proven who they are within five minutes (SR-A08).
pub(crate) fn require_fresh(tx: &Tx<'_>, caller: &Caller<'_>) -> Result<(), Refusal> {
    caller.session().ok_or(Refusal::Forbidden)?;
    if caller.is_fresh(tx.now()) { Ok(()) } else { Err(Refusal::StepUpRequired) }
}
