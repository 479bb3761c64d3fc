//! Room factors: what people who work in the network see and change of their own factors. Every change wants a fresh
//! sign-in, ends their other sessions, and is told (SR-A08, SR-A11).

use nahraum_domain::{
    factors::{MAX_PASSKEYS, may_use_totp},
    ids::{CeremonyId, PasskeyId, SessionId, StaffId},
    private::Private,
    security::SecurityEvent,
};
use nahraum_passkeys::{PasskeyError, Passkeys, Person};
use nahraum_secrets::{PasswordError, Secret, SecretKind, TotpSecret, check_new_password};
use nahraum_store::{
    Caller, DatabaseError, StoreError, Tx,
    ceremonies::{self, Ceremony},
    factors as store, organisations,
};

pub use nahraum_store::factors::{Factors, Passkey};

use crate::{
    App, Call, Refusal,
    refusal::Failure,
    staff::{Begun, broken},
};

/// The longest name of a passkey, in characters.
const MAX_LABEL: usize = 60;

/// New one-time codes from an app, not yet shown to work.
#[derive(Debug)]
pub struct TotpBegun {
    /// Names them at the end.
    pub ceremony: CeremonyId,
    /// What the app scans (`otpauth://totp/…`).
    pub uri: Secret,
    /// The same for typing.
    pub secret: Secret,
}

/// A passkey that somebody wants to register.
#[derive(Debug)]
pub struct PasskeyAnswer {
    /// The answer to this.
    pub ceremony: CeremonyId,
    /// JSON, as the browser gave it.
    pub answer: Private<String>,
    /// What its owner calls it.
    pub label: String,
}

impl App {
    /// The caller's own factors.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`]; [`Refusal::Forbidden`] for whoever is no person at work.
    pub async fn factors(&self, call: &Call) -> Result<Factors, Refusal> {
        self.read(call, |tx, caller| Ok(store::of_person(tx, caller.person().ok_or(Refusal::Forbidden)?)?)).await
    }

    /// Begins to register another passkey.
    ///
    /// # Errors
    /// As [`App::factors`], [`Refusal::StepUpRequired`], [`Refusal::PasskeysUnavailable`], and
    /// [`Refusal::StateConflict`] when there are ten already.
    pub async fn begin_passkey(&self, call: &Call) -> Result<Begun, Refusal> {
        let passkeys = self.passkeys();
        self.change_factors(call, move |tx, person, _| {
            let factors = store::of_person(tx, person)?;
            if factors.passkeys.len() >= MAX_PASSKEYS {
                return Err(Refusal::StateConflict.into());
            }
            begin_passkey(tx, &*passkeys.clone()?, person, &factors.login)
        })
        .await
    }

    /// Registers another passkey.
    ///
    /// # Errors
    /// As [`App::begin_passkey`], and [`Refusal::Invalid`] when the answer is not good.
    pub async fn add_passkey(&self, call: &Call, answer: PasskeyAnswer) -> Result<Factors, Refusal> {
        let passkeys = self.passkeys();
        let label = passkey_label(&answer.label)?;
        let request = call.moment.request;
        self.change_factors(call, move |tx, person, session| {
            add_passkey(tx, &*passkeys.clone()?, person, &answer, &label)?;
            told(tx, person, SecurityEvent::PasskeyAdded, session, request)
        })
        .await
    }

    /// Gives a passkey another name.
    ///
    /// # Errors
    /// As [`App::factors`], [`Refusal::NotFound`] and [`Refusal::Invalid`].
    pub async fn rename_passkey(&self, call: &Call, id: PasskeyId, label: &str) -> Result<Factors, Refusal> {
        let label = passkey_label(label)?;
        self.write(call, move |tx, caller| {
            let person = caller.person().ok_or(Refusal::Forbidden)?;
            if !store::rename_passkey(tx, person, id, &label)? {
                return Err(Refusal::NotFound.into());
            }
            Ok(store::of_person(tx, person)?)
        })
        .await
    }

    /// Removes a passkey.
    ///
    /// # Errors
    /// As [`App::factors`], [`Refusal::StepUpRequired`], [`Refusal::NotFound`], and [`Refusal::LastSecondFactor`].
    pub async fn remove_passkey(&self, call: &Call, id: PasskeyId) -> Result<Factors, Refusal> {
        let request = call.moment.request;
        self.change_factors(call, move |tx, person, session| {
            if !store::remove_passkey(tx, person, id)? {
                return Err(Refusal::NotFound.into());
            }
            told(tx, person, SecurityEvent::PasskeyRemoved, session, request)
        })
        .await
    }

    /// Begins to set up one-time codes from an app.
    ///
    /// # Errors
    /// As [`App::factors`], [`Refusal::StepUpRequired`]; [`Refusal::Forbidden`] for whoever runs the installation.
    pub async fn begin_totp(&self, call: &Call) -> Result<TotpBegun, Refusal> {
        let app = self.clone();
        self.change_factors(call, move |tx, person, _| {
            if !may_use_totp(&store::kinds(tx, person)?) {
                return Err(Refusal::Forbidden.into());
            }
            let login = store::of_person(tx, person)?.login;
            begin_totp(tx, &app, person, &login)
        })
        .await
    }

    /// Sets up one-time codes from an app, in place of earlier ones.
    ///
    /// # Errors
    /// As [`App::begin_totp`], and [`Refusal::Invalid`] when the code is wrong.
    pub async fn set_totp(&self, call: &Call, ceremony: CeremonyId, code: Secret) -> Result<Factors, Refusal> {
        let request = call.moment.request;
        self.change_factors(call, move |tx, person, session| {
            if !may_use_totp(&store::kinds(tx, person)?) {
                return Err(Refusal::Forbidden.into());
            }
            set_totp(tx, person, ceremony, &code)?;
            told(tx, person, SecurityEvent::TotpSet, session, request)
        })
        .await
    }

    /// Removes the one-time codes.
    ///
    /// # Errors
    /// As [`App::factors`], [`Refusal::StepUpRequired`] and [`Refusal::LastSecondFactor`]; [`Refusal::NotFound`] when there
    /// are none.
    pub async fn remove_totp(&self, call: &Call) -> Result<Factors, Refusal> {
        let request = call.moment.request;
        self.change_factors(call, move |tx, person, session| {
            if !store::of_person(tx, person)?.totp {
                return Err(Refusal::NotFound.into());
            }
            store::set_totp(tx, person, None)?;
            told(tx, person, SecurityEvent::TotpRemoved, session, request)
        })
        .await
    }

    /// Sets another password.
    ///
    /// # Errors
    /// As [`App::factors`], [`Refusal::StepUpRequired`], [`Refusal::Invalid`] for a password that is guessed first, and
    /// [`Refusal::Overloaded`].
    pub async fn change_password(&self, call: &Call, password: Secret) -> Result<Factors, Refusal> {
        let request = call.moment.request;
        // Asked before the hashing, which is expensive, and again when the password is stored.
        let (login, names) = self
            .change_factors(call, |tx, person, _| {
                let names = organisations::of_person(tx, person)?.into_iter().map(|one| one.name).collect();
                Ok((store::of_person(tx, person)?.login, names))
            })
            .await?;
        self.check_new_password(&password, login, names).await?;
        let hash = self.hasher().hash(SecretKind::Password, password).await?;
        self.change_factors(call, move |tx, person, session| {
            store::set_password(tx, person, &hash)?;
            told(tx, person, SecurityEvent::PasswordChanged, session, request)
        })
        .await
    }

    /// Whether a password may be taken: its length, what is left of it without well-known words, the list of breaches.
    pub(crate) async fn check_new_password(
        &self,
        password: &Secret,
        login: String,
        organisations: Vec<String>,
    ) -> Result<(), Refusal> {
        let words: Vec<&str> = organisations.iter().map(String::as_str).chain([login.as_str()]).collect();
        check_new_password(password, &words).map_err(weak)?;
        let Some(list) = self.breached() else { return Ok(()) };
        let password = Secret::new(password.expose());
        let known = tokio::task::spawn_blocking(move || list.contains(&password)).await;
        match known {
            Ok(Ok(false)) => Ok(()),
            Ok(Ok(true)) => Err(weak(PasswordError::Breached)),
            Ok(Err(error)) => {
                tracing::error!(%error, "the list of breached passwords cannot be read");
                Err(Refusal::Internal)
            }
            Err(_) => Err(Refusal::Internal),
        }
    }

    /// A unit of work about the caller's own factors, after a fresh sign-in.
    async fn change_factors<R: Send + 'static>(
        &self,
        call: &Call,
        mut work: impl FnMut(&mut Tx<'_>, StaffId, Option<SessionId>) -> Result<R, Failure> + Send + 'static,
    ) -> Result<R, Refusal> {
        let person = |caller: &Caller<'_>| caller.person().ok_or(Refusal::Forbidden);
        self.write_fresh(call, move |tx, caller| work(tx, person(caller)?, caller.session().map(|s| s.id))).await
    }
}

/// Notes a change, ends the other sessions, and gives what is left; not when the last second factor has gone.
fn told(
    tx: &mut Tx<'_>,
    person: StaffId,
    change: SecurityEvent,
    session: Option<SessionId>,
    request: nahraum_domain::ids::RequestId,
) -> Result<Factors, Failure> {
    let ended = store::changed(tx, person, change, session)?;
    let left = store::of_person(tx, person)?;
    let removed = matches!(change, SecurityEvent::PasskeyRemoved | SecurityEvent::TotpRemoved);
    if removed && left.seconds() == 0 {
        return Err(Refusal::LastSecondFactor.into());
    }
    tracing::info!(%request, staff = %person, change = change.as_str(), ended, "factors changed");
    Ok(left)
}

/// Begins to register a passkey for somebody.
pub(crate) fn begin_passkey(
    tx: &mut Tx<'_>,
    passkeys: &Passkeys,
    person: StaffId,
    login: &str,
) -> Result<Begun, Failure> {
    let stored = store::stored_passkeys(tx, person)?;
    let known: Vec<&[u8]> = stored.iter().map(Vec::as_slice).collect();
    let who = Person { handle: *person.as_bytes(), login, shown: login };
    let begun = passkeys.start_registration(who, &known).map_err(broken)?;
    let ceremony = ceremonies::begin(tx, &Ceremony::NewPasskey(person), &begun.state)?;
    let expires_at = tx.now() + nahraum_domain::factors::CEREMONY_LIFETIME;
    Ok(Begun { ceremony, options: begun.options, expires_at })
}

/// Registers a passkey for somebody.
pub(crate) fn add_passkey(
    tx: &mut Tx<'_>,
    passkeys: &Passkeys,
    person: StaffId,
    answer: &PasskeyAnswer,
    label: &str,
) -> Result<(), Failure> {
    let state = ceremonies::take(tx, answer.ceremony, &Ceremony::NewPasskey(person))?.ok_or_else(stale)?;
    let stored = store::stored_passkeys(tx, person)?;
    let known: Vec<&[u8]> = stored.iter().map(Vec::as_slice).collect();
    let new = passkeys.finish_registration(&state, answer.answer.reveal(), &known).map_err(not_taken)?;
    match store::add_passkey(tx, person, &new.credential_id, &new.stored, label) {
        Err(StoreError::Database(DatabaseError::Unique { .. })) => {
            Err(not_taken(PasskeyError::AlreadyRegistered).into())
        }
        other => Ok(other?),
    }
}

/// Begins to set up one-time codes for somebody.
pub(crate) fn begin_totp(tx: &mut Tx<'_>, app: &App, person: StaffId, login: &str) -> Result<TotpBegun, Failure> {
    let secret = TotpSecret::generate(app.random());
    let ceremony = ceremonies::begin(tx, &Ceremony::NewTotp(person), secret.expose_bytes())?;
    let uri = secret.enrolment_uri(&app.settings().app_name, login);
    Ok(TotpBegun { ceremony, uri, secret: secret.base32() })
}

/// Sets up one-time codes for somebody who has shown the first of them.
pub(crate) fn set_totp(tx: &mut Tx<'_>, person: StaffId, ceremony: CeremonyId, code: &Secret) -> Result<(), Failure> {
    let state = ceremonies::take(tx, ceremony, &Ceremony::NewTotp(person))?.ok_or_else(stale)?;
    let bytes = state.as_slice().try_into().map_err(|_| Refusal::Internal)?;
    let secret = TotpSecret::from_bytes(bytes);
    let wrong =
        || Refusal::invalid("/totp/code", "wrong-code", "The code is not right, or too old. Wait for the next.");
    let step = secret.accept(code.expose(), tx.now(), None).ok_or_else(wrong)?;
    Ok(store::set_totp(tx, person, Some((&secret, step)))?)
}

/// A name for a passkey: 1 to 60 visible characters.
pub(crate) fn passkey_label(label: &str) -> Result<String, Refusal> {
    let label = label.trim();
    if label.is_empty() || label.chars().count() > MAX_LABEL || label.chars().any(char::is_control) {
        let words = "A name has 1 to 60 characters on one line.";
        return Err(Refusal::invalid("/label", "invalid-length", words));
    }
    Ok(label.to_owned())
}

fn stale() -> Refusal {
    let words = "This was not begun, not by this person, or more than five minutes ago. Begin anew.";
    Refusal::invalid("/ceremony_id", "not-begun", words)
}

fn not_taken(error: PasskeyError) -> Refusal {
    let words = match error {
        PasskeyError::Malformed => "This is not an answer of an authenticator.",
        PasskeyError::WrongChallenge => "The answer belongs to another request.",
        PasskeyError::WrongSite => "The answer was made on another site.",
        PasskeyError::UserNotVerified => "The passkey has to ask for finger, face or PIN.",
        PasskeyError::AlreadyRegistered => "This passkey is registered already.",
        PasskeyError::Unknown | PasskeyError::CounterWentBack | PasskeyError::Refused | PasskeyError::Corrupt => {
            "The passkey could not prove itself."
        }
    };
    Refusal::invalid("/answer", "passkey-refused", words)
}

fn weak(error: PasswordError) -> Refusal {
    match error {
        PasswordError::TooShort => {
            Refusal::invalid("/password", "too-short", "The password needs at least 15 characters.")
        }
        PasswordError::TooLong => {
            Refusal::invalid("/password", "too-long", "The password has more than 128 characters.")
        }
        PasswordError::TooCommon => {
            let words =
                "The password consists of words and rows that are tried first. Add eight characters of your own.";
            Refusal::invalid("/password", "too-common", words)
        }
        PasswordError::Breached => {
            let words = "The password is on a list of passwords that were stolen somewhere. Take another one.";
            Refusal::invalid("/password", "breached", words)
        }
    }
}
