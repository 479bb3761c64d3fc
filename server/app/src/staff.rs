//! Room staff: how people who work in the network prove who they are. Two factors of different kinds (SR-A01): a passkey or a
//! one-time code, and the password.
//!
//! The passkey is checked first. Whoever only knows a login can then neither guess its password nor keep its owner out: wrong
//! passwords behind a passkey are counted apart from those of strangers.

use std::sync::Arc;

use jiff::Timestamp;
use nahraum_domain::{
    factors::may_use_totp,
    ids::{CeremonyId, OrganisationId, StaffId},
    private::Private,
    sessions::{EndReason, SessionKind},
    throttle::{self, Gate},
};
use nahraum_passkeys::{PasskeyError, UsedPasskey};
use nahraum_secrets::{Secret, SecretKind, Verified};
use nahraum_store::{
    StoreError, Tx,
    ceremonies::{self, Ceremony},
    factors,
    organisations::{self, Organisation},
    sessions as store,
    throttles::{self, Ladder},
};

use crate::{App, Call, Refusal, refusal::Failure, sessions::OpenedSession};

/// A begun proof or registration with a passkey.
#[derive(Debug)]
pub struct Begun {
    /// Names it at the end.
    pub ceremony: CeremonyId,
    /// JSON for `navigator.credentials`: `{"publicKey": …}`.
    pub options: String,
    /// Until when it can be finished.
    pub expires_at: Timestamp,
}

/// What somebody shows to sign in.
#[derive(Debug)]
pub struct Attempt {
    /// The login.
    pub login: String,
    /// The password.
    pub password: Option<Secret>,
    /// The other factor.
    pub second: Option<SecondFactor>,
    /// The organisation they act for; needed by those who work for several.
    pub organisation: Option<OrganisationId>,
}

/// A second factor.
#[derive(Debug)]
pub enum SecondFactor {
    /// A passkey's answer.
    Passkey {
        /// To this challenge.
        ceremony: CeremonyId,
        /// JSON, as the browser gave it.
        answer: Private<String>,
    },
    /// A code from an app.
    Totp(Secret),
}

/// A second factor, as far as it was checked before the password.
enum Shown {
    /// None, where that is allowed.
    Nothing,
    /// Checked together with the storing of its step.
    Totp(Secret),
    /// A right answer; `before` are the keys it was checked against.
    Passkey { used: UsedPasskey, before: Vec<Vec<u8>> },
}

impl Shown {
    const fn ladder(&self) -> Ladder {
        match self {
            Self::Nothing | Self::Totp(_) => Ladder::Anybody,
            Self::Passkey { .. } => Ladder::PasskeyHolder,
        }
    }

    /// Takes the factor, so that it cannot be shown again. Says whether it counts.
    fn take(&self, tx: &mut Tx<'_>, person: StaffId) -> Result<bool, StoreError> {
        match self {
            Self::Nothing => Ok(true),
            Self::Totp(code) => {
                Ok(may_use_totp(&factors::kinds(tx, person)?) && factors::take_totp(tx, person, code.expose())?)
            }
            Self::Passkey { used, before } => {
                factors::passkey_used(tx, person, &used.credential_id, before, &used.stored)
            }
        }
    }
}

impl App {
    /// Begins a sign-in with a passkey. A login that nobody has, or that has none, gets a challenge as well (SR-A07).
    ///
    /// # Errors
    /// [`Refusal::PasskeysUnavailable`], or the database's trouble.
    pub async fn begin_staff_sign_in(&self, call: &Call, login: String) -> Result<Begun, Refusal> {
        let passkeys = self.passkeys()?;
        let expires_at = call.moment.now + nahraum_domain::factors::CEREMONY_LIFETIME;
        let begun: Result<_, Failure> = self
            .store()
            .write(call.moment, move |tx| {
                let stored = factors::person(tx, &login)?.map_or_else(Vec::new, |person| person.passkeys);
                let known: Vec<&[u8]> = stored.iter().map(Vec::as_slice).collect();
                let begun = if known.is_empty() {
                    passkeys.start_decoy(&[&ceremonies::decoy(tx, &login)])
                } else {
                    passkeys.start_authentication(&known)
                };
                let begun = begun.map_err(broken)?;
                let ceremony = ceremonies::begin(tx, &Ceremony::SignIn(&login), &begun.state)?;
                Ok(Begun { ceremony, options: begun.options, expires_at })
            })
            .await;
        self.settle(begun).await
    }

    /// Signs a person who works in the network in, for one of their organisations. If the call carries a session of the same
    /// person, that one ends: this is how a sign-in is made fresh again (SR-S05).
    ///
    /// # Errors
    /// [`Refusal::SecondFactorRequired`], [`Refusal::SignInFailed`], [`Refusal::TryLater`],
    /// [`Refusal::ChooseOrganisation`], [`Refusal::ProofRefused`], [`Refusal::ProofMissing`], or [`Refusal::Overloaded`].
    pub async fn sign_in_staff(&self, call: &Call, attempt: Attempt) -> Result<OpenedSession, Refusal> {
        let key = self.key_for_tokens(call)?;
        let earlier = self.presented(call).ok();
        self.with_both_factors(call, attempt, move |tx, person, organisation| {
            if let Some(shown) = &earlier
                && let Ok(caller) = store::authenticate(tx, shown)
                && caller.person() == Some(*person.id())
                && let Some(session) = caller.session()
            {
                store::end(tx, session.id, EndReason::Replaced)?;
            }
            store::open_for_staff(tx, person, organisation, key)
        })
        .await
    }

    /// Checks both factors, and then does something in the unit of work that takes the second one.
    pub(crate) async fn with_both_factors<R: Send + 'static>(
        &self,
        call: &Call,
        attempt: Attempt,
        mut then: impl FnMut(&mut Tx<'_>, &Verified<StaffId>, &Organisation) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, Refusal> {
        let Attempt { login, password, second, organisation } = attempt;
        let Some(password) = password else { return Err(Refusal::SecondFactorRequired) };
        let shown = match second {
            // Told before anything is looked up: who exists cannot be learnt from it.
            None if !self.settings().password_alone => return Err(Refusal::SecondFactorRequired),
            None => Shown::Nothing,
            Some(SecondFactor::Totp(code)) => Shown::Totp(code),
            Some(SecondFactor::Passkey { ceremony, answer }) => {
                self.check_passkey(call, &login, ceremony, &answer).await?
            }
        };
        let ladder = shown.ladder();
        let person = self.check_password(call, &login, ladder, password).await?;
        let done: Result<Option<R>, Failure> = self
            .store()
            .write(call.moment, move |tx| {
                if !shown.take(tx, *person.id())? {
                    throttles::count(tx, ladder, &login)?;
                    return Ok(None);
                }
                let organisation = chosen_organisation(tx, *person.id(), organisation)?;
                throttles::forget(tx, ladder, &login)?;
                Ok(Some(then(tx, &person, &organisation)?))
            })
            .await;
        self.settle(done).await?.ok_or(Refusal::SignInFailed)
    }

    async fn check_passkey(
        &self,
        call: &Call,
        login: &str,
        ceremony: CeremonyId,
        answer: &Private<String>,
    ) -> Result<Shown, Refusal> {
        let (passkeys, login) = (self.passkeys()?, login.to_owned());
        let taken: Result<_, Failure> = self
            .store()
            .write(call.moment, move |tx| {
                let state = ceremonies::take(tx, ceremony, &Ceremony::SignIn(&login))?;
                Ok((state, factors::person(tx, &login)?))
            })
            .await;
        let (state, person) = self.settle(taken).await?;
        let before = person.map_or_else(Vec::new, |person| person.passkeys);
        let known: Vec<&[u8]> = before.iter().map(Vec::as_slice).collect();
        let state = state.ok_or(Refusal::SignInFailed)?;
        match passkeys.finish_authentication(&state, answer.reveal(), &known) {
            Ok(used) => Ok(Shown::Passkey { used, before }),
            Err(error) => {
                if error == PasskeyError::CounterWentBack {
                    tracing::error!(request = %call.moment.request, "a passkey has counted backwards; it may have been copied");
                }
                Err(Refusal::SignInFailed)
            }
        }
    }

    /// Checks a password, and counts a wrong one: also for a login that nobody has.
    async fn check_password(
        &self,
        call: &Call,
        login: &str,
        ladder: Ladder,
        password: Secret,
    ) -> Result<Verified<StaffId>, Refusal> {
        let login: Arc<str> = login.into();
        let named = Arc::clone(&login);
        let stored: Result<_, Failure> = self
            .store()
            .read(call.moment, move |tx| Ok((throttles::failures(tx, ladder, &named)?, factors::person(tx, &named)?)))
            .await;
        let (failures, person) = self.settle(stored).await?;
        // Strangers must not learn from the ladder who runs the installation.
        let operator = ladder == Ladder::PasskeyHolder
            && person.as_ref().is_some_and(|person| person.kinds.contains(&SessionKind::Operator));
        let gate = if operator { throttle::operator_gate } else { throttle::staff_gate };
        match gate(failures, call.moment.now) {
            Gate::Wait(until) => return Err(Refusal::TryLater(until)),
            Gate::Open | Gate::Unbound => {}
        }
        let candidate = person.as_ref().and_then(|person| Some((person.id, person.password.as_ref()?)));
        let again = Secret::new(password.expose());
        if let Some(right) = self.hasher().verify_for(SecretKind::Password, password, candidate).await? {
            if right.outdated()
                && let Some((id, old)) = candidate.map(|(id, hash)| (id, hash.clone()))
            {
                self.raise(SecretKind::Password, again, move |tx, new| factors::raise_password(tx, id, &old, new));
            }
            return Ok(right);
        }
        let counted: Result<(), Failure> =
            self.store().write(call.moment, move |tx| Ok(throttles::count(tx, ladder, &login)?)).await;
        self.settle(counted).await?;
        Err(Refusal::SignInFailed)
    }
}

/// What is stored about a passkey cannot be read, or the library fails.
pub(crate) fn broken(error: PasskeyError) -> Failure {
    tracing::error!(%error, "a passkey ceremony cannot be begun");
    Refusal::Internal.into()
}

/// The organisation a person acts for: the one they name, or the only one they have.
fn chosen_organisation(
    tx: &mut Tx<'_>,
    person: StaffId,
    named: Option<OrganisationId>,
) -> Result<Organisation, Failure> {
    let mut all = organisations::of_person(tx, person)?;
    match named {
        Some(id) => Ok(all.into_iter().find(|one| one.id == id).ok_or(Refusal::SignInFailed)?),
        None if all.len() > 1 => {
            Err(Refusal::ChooseOrganisation(all.into_iter().map(|one| (one.id, one.name)).collect()).into())
        }
        None => Ok(all.pop().ok_or(Refusal::SignInFailed)?),
    }
}
