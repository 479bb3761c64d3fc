//! Room software: how the software of a practice is let in, comes in, gets a new key, and is taken away (SR-K10).

mod clients;

use jiff::Timestamp;
use nahraum_domain::{ids::CredentialId, network::Network, software::Poll, software::code_gate, throttle::Gate};
use nahraum_secrets::{AssertionError, Certified, ClientKey, Token, TokenKind, UserCode};
use nahraum_store::{
    Caller, Tx,
    sessions::OpenedSession,
    software::{self as store, Paired, Polled},
};

pub use clients::ClientProof;
pub use nahraum_secrets::CLIENT_ASSERTION_TYPE;
pub use nahraum_store::software::{NewPairing, Pairing, SoftwareClient};

use crate::{App, Call, Refusal, refusal::Failure};

/// The name under which software asks that no practice has let in yet.
pub const UNPAIRED: &str = "nahraum-agent";

/// The longest name of a piece of software, in characters.
const LONGEST_LABEL: usize = 80;

/// A certificate for the key of software.
#[derive(Debug)]
pub struct SoftwareCertificate {
    /// The certificate, as PEM.
    pub pem: String,
    /// When it ends: with its key.
    pub expires_at: Timestamp,
}

/// What software is told that wants to be somebody.
#[derive(Debug)]
pub enum SoftwareAnswer<T> {
    /// What it asked for.
    Good(T),
    /// Its certificate is none, or not that of the client it names.
    WrongCertificate,
    /// It is not who it says to be, or may not come in (any more).
    InvalidClient(AssertionError),
    /// It is too early for a new key, or the key is known already.
    KeyRefused,
}

/// What a wish to be paired is answered with.
#[derive(Debug)]
pub enum PairingAnswer {
    /// A code that a person can type.
    Begun(NewPairing),
    /// The wish is not one; a sentence for developers.
    Invalid(&'static str),
}

/// What software is told that waits for a person.
#[derive(Debug)]
pub enum PollAnswer {
    /// Its name from now on, and its first token.
    Tokens(CredentialId, OpenedSession),
    /// Nobody has typed the code yet.
    Pending,
    /// It asks too often.
    SlowDown,
    /// A person has turned it away.
    Denied,
    /// Nobody typed the code in time.
    Expired,
    /// The device code is nobody's, or was used.
    InvalidGrant,
}

impl App {
    /// Begins to pair software: it shows a code, and a person of its practice types it (RFC 8628). Anybody can, and where
    /// too many wait, an older wish gives way: one of the same network first (SR-A06).
    ///
    /// # Errors
    /// The database's trouble.
    pub async fn begin_pairing(
        &self,
        call: &Call,
        network: Network,
        label: &str,
        jwk: &str,
    ) -> Result<PairingAnswer, Refusal> {
        let label = label.trim().to_owned();
        if label.is_empty() || label.chars().count() > LONGEST_LABEL || label.chars().any(char::is_control) {
            return Ok(PairingAnswer::Invalid("client_name has 1 to 80 characters."));
        }
        let Ok(key) = ClientKey::parse_jwk(jwk) else {
            return Ok(PairingAnswer::Invalid("jwk is no public JWK of P-256 or Ed25519."));
        };
        let done: Result<_, Failure> =
            self.store().write(call.moment, move |tx| Ok(store::begin(tx, network, &label, &key)?)).await;
        Ok(match self.settle(done).await? {
            Paired::Begun(new) => {
                if new.pushed_out {
                    self.pushed_out(call);
                }
                PairingAnswer::Begun(new)
            }
            Paired::KnownKey => PairingAnswer::Invalid("The key belongs to software already; make a new one."),
        })
    }

    /// Tells software whether a person has typed its code.
    ///
    /// # Errors
    /// [`Refusal::ProofRefused`], [`Refusal::ProofMissing`], or the database's trouble.
    pub async fn poll_pairing(&self, call: &Call, device_code: &str) -> Result<PollAnswer, Refusal> {
        let bound = self.bound_for(call)?;
        let Some(code) = Token::parse(device_code).ok().filter(|code| code.kind() == TokenKind::DeviceCode) else {
            return Ok(PollAnswer::InvalidGrant);
        };
        let hash = code.hash();
        let done: Result<_, Failure> =
            self.store().write(call.moment, move |tx| Ok(store::poll(tx, &hash, &bound)?)).await;
        Ok(match self.settle(done).await? {
            Polled::Tokens(client, opened) => PollAnswer::Tokens(client, opened),
            Polled::Not(Poll::Pending) => PollAnswer::Pending,
            Polled::Not(Poll::SlowDown(_)) => PollAnswer::SlowDown,
            Polled::Not(Poll::Denied) => PollAnswer::Denied,
            Polled::Not(Poll::Expired) => PollAnswer::Expired,
            Polled::Not(Poll::Tokens | Poll::Done) | Polled::Unknown => PollAnswer::InvalidGrant,
        })
    }

    /// Gives software that proves its key a token of ten minutes (RFC 6749, 4.4; RFC 7523, RFC 8705).
    ///
    /// # Errors
    /// As [`App::poll_pairing`].
    pub async fn sign_in_software(
        &self,
        call: &Call,
        proof: ClientProof<'_>,
    ) -> Result<SoftwareAnswer<(CredentialId, OpenedSession)>, Refusal> {
        let bound = self.bound_for(call)?;
        self.as_client(call, proof, move |tx, id, client| {
            Ok(SoftwareAnswer::Good((id, store::open(tx, client, &bound)?)))
        })
        .await
    }

    /// Gives software a certificate of the practice CA for its key (SR-K10): good for as long as the key, and never for
    /// another. It can be had as often as it is lost, and after each renewal of the key.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where no listener asks for certificates; the database's trouble.
    pub async fn certify_software(
        &self,
        call: &Call,
        proof: ClientProof<'_>,
    ) -> Result<SoftwareAnswer<SoftwareCertificate>, Refusal> {
        if self.settings().mtls_url.is_none() {
            return Err(Refusal::NotFound);
        }
        let app = self.clone();
        let answer = self
            .as_client(call, proof, move |_, id, client| {
                let (key, from, until) = client.certifiable();
                let what = Certified { client_id: &id.to_string(), key, from, until };
                let made = app.practice_ca().certify(what, app.random()).map_err(|error| {
                    tracing::error!(%error, client = %id, "the practice CA has made no certificate");
                    Refusal::Internal
                })?;
                Ok(SoftwareAnswer::Good((id, SoftwareCertificate { pem: made, expires_at: until })))
            })
            .await?;
        Ok(match answer {
            SoftwareAnswer::Good((id, certificate)) => {
                let request = call.moment.request;
                tracing::info!(event = "software_certified", %request, client = %id, "software has a certificate");
                SoftwareAnswer::Good(certificate)
            }
            SoftwareAnswer::WrongCertificate => SoftwareAnswer::WrongCertificate,
            SoftwareAnswer::InvalidClient(error) => SoftwareAnswer::InvalidClient(error),
            SoftwareAnswer::KeyRefused => SoftwareAnswer::KeyRefused,
        })
    }

    /// Puts a new key in the place of the one that is proven. The old one and its tokens end.
    ///
    /// # Errors
    /// The database's trouble.
    pub async fn renew_software_key(
        &self,
        call: &Call,
        proof: ClientProof<'_>,
        jwk: &str,
    ) -> Result<SoftwareAnswer<SoftwareClient>, Refusal> {
        let Ok(new) = ClientKey::parse_jwk(jwk) else { return Ok(SoftwareAnswer::KeyRefused) };
        let answer = self
            .as_client(call, proof, move |tx, _, client| {
                Ok(store::renew(tx, client, &new)?.map_or(SoftwareAnswer::KeyRefused, SoftwareAnswer::Good))
            })
            .await?;
        if let SoftwareAnswer::Good(client) = &answer {
            let id = client.id;
            tracing::info!(event = "software_rekeyed", request = %call.moment.request, client = %id, "software has a new key");
        }
        Ok(answer)
    }

    /// Ends a token of the software that says who it is (RFC 7009).
    ///
    /// # Errors
    /// The database's trouble.
    pub async fn revoke_token_of_software(
        &self,
        call: &Call,
        proof: ClientProof<'_>,
        token: &str,
    ) -> Result<SoftwareAnswer<()>, Refusal> {
        let token = Token::parse(token).ok();
        self.as_client(call, proof, move |tx, _, client| {
            if let Some(token) = &token {
                store::revoke_token_of(tx, client, &token.hash())?;
            }
            Ok(SoftwareAnswer::Good(()))
        })
        .await
    }

    /// Who waits behind a code. Wrong codes are counted for the person who types them.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`], [`Refusal::TryLater`].
    pub async fn pairing(&self, call: &Call, code: &str) -> Result<Pairing, Refusal> {
        let code = UserCode::parse(code).ok();
        let found =
            self.as_staff_writing(call, move |tx, caller| typed(tx, caller, code.as_ref(), store::pairing)).await?;
        found.found()
    }

    /// Lets the software behind a code in, for the caller's practice.
    ///
    /// # Errors
    /// As [`App::pairing`], and [`Refusal::StepUpRequired`].
    pub async fn approve_pairing(&self, call: &Call, code: &str) -> Result<SoftwareClient, Refusal> {
        let code = UserCode::parse(code).ok();
        let found = self
            .write_fresh(call, move |tx, caller| {
                caller.staff().ok_or(Refusal::Forbidden)?;
                typed(tx, caller, code.as_ref(), store::approve)
            })
            .await?;
        let client = found.found()?;
        let id = client.id;
        tracing::info!(event = "software_let_in", request = %call.moment.request, client = %id, "software was let in");
        Ok(client)
    }

    /// Turns the software behind a code away.
    ///
    /// # Errors
    /// As [`App::pairing`].
    pub async fn deny_pairing(&self, call: &Call, code: &str) -> Result<(), Refusal> {
        let code = UserCode::parse(code).ok();
        let found = self
            .as_staff_writing(call, move |tx, caller| {
                typed(tx, caller, code.as_ref(), |tx, caller, code| Ok(store::deny(tx, caller, code)?.then_some(())))
            })
            .await?;
        found.found()
    }

    /// The practice's software, newest first.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn software(&self, call: &Call) -> Result<Vec<SoftwareClient>, Refusal> {
        self.as_staff(call, |tx, caller| Ok(store::all(tx, caller)?)).await
    }

    /// Takes software away. It is out with its next request.
    ///
    /// # Errors
    /// As [`App::software`], and [`Refusal::NotFound`].
    pub async fn revoke_software(&self, call: &Call, id: CredentialId) -> Result<(), Refusal> {
        self.as_staff_writing(call, move |tx, caller| {
            if store::revoke(tx, caller, id)? { Ok(()) } else { Err(Refusal::NotFound.into()) }
        })
        .await?;
        tracing::info!(event = "software_revoked", request = %call.moment.request, client = %id, "software was taken away");
        Ok(())
    }

    /// Lets suspended software go on.
    ///
    /// # Errors
    /// As [`App::revoke_software`], and [`Refusal::StepUpRequired`].
    pub async fn resume_software(&self, call: &Call, id: CredentialId) -> Result<(), Refusal> {
        self.write_fresh(call, move |tx, caller| {
            caller.staff().ok_or(Refusal::Forbidden)?;
            if store::resume(tx, caller, id)? { Ok(()) } else { Err(Refusal::NotFound.into()) }
        })
        .await?;
        tracing::info!(event = "software_resumed", request = %call.moment.request, client = %id, "software may go on");
        Ok(())
    }
}

/// What a typed code leads to. A wrong one is a change as well, so that it is no error of the unit of work.
enum Typed<T> {
    Right(T),
    Wrong,
    Wait(Timestamp),
}

impl<T> Typed<T> {
    fn found(self) -> Result<T, Refusal> {
        match self {
            Self::Right(found) => Ok(found),
            Self::Wrong => Err(Refusal::NotFound),
            Self::Wait(until) => Err(Refusal::TryLater(until)),
        }
    }
}

fn typed<'t, T>(
    tx: &mut Tx<'t>,
    caller: &Caller<'t>,
    code: Option<&UserCode>,
    find: impl FnOnce(&mut Tx<'t>, &Caller<'t>, &UserCode) -> Result<Option<T>, nahraum_store::StoreError>,
) -> Result<Typed<T>, Failure> {
    let (person, _) = caller.staff().ok_or(Refusal::Forbidden)?;
    match code_gate(store::wrong_codes(tx, person)?, tx.now()) {
        Gate::Wait(until) => return Ok(Typed::Wait(until)),
        Gate::Open | Gate::Unbound => {}
    }
    let found = match code {
        Some(code) => find(tx, caller, code)?,
        None => None,
    };
    store::note_code(tx, person, found.is_some())?;
    Ok(found.map_or(Typed::Wrong, Typed::Right))
}
