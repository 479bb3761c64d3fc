//! Room enrolments: with a one-time secret a person sets their own password and second factors. Nobody else can set or see
//! them (SR-A10, SR-A11).

use nahraum_domain::{
    factors::EnrolmentReason,
    ids::{CeremonyId, OrganisationId},
    organisations::OrganisationKind,
    security::SecurityEvent,
};
use nahraum_secrets::{Secret, SecretKind, Token, TokenHash, TokenKind};
use nahraum_store::{
    DatabaseError, StoreError, System, enrolments as store, enrolments::Enrolling, factors as factor_rows,
    organisations,
};

use crate::{
    App, Call, Refusal,
    factors::{self, PasskeyAnswer, TotpBegun, passkey_label},
    refusal::Failure,
    staff::Begun,
};

pub use nahraum_store::factors::Factors;

/// The most passkeys that are taken at once.
const MOST: usize = 5;

/// What somebody who enrols needs.
#[derive(Debug)]
pub struct EnrolmentBegun {
    /// What they will sign in with.
    pub login: String,
    /// The organisations they work for.
    pub organisations: Vec<String>,
    /// For a passkey; for a second one, begin again. None where passkeys cannot be had.
    pub passkey: Option<Begun>,
    /// For one-time codes from an app; none for whoever runs the installation.
    pub totp: Option<TotpBegun>,
}

/// The factors that somebody sets.
#[derive(Debug)]
pub struct NewFactors {
    /// The password.
    pub password: Secret,
    /// The passkeys.
    pub passkeys: Vec<PasskeyAnswer>,
    /// One-time codes from an app, with the first of them.
    pub totp: Option<(CeremonyId, Secret)>,
}

impl App {
    /// Tells somebody who they are here, and begins the registration of their second factors.
    ///
    /// # Errors
    /// [`Refusal::EnrolmentRefused`], or the database's trouble.
    pub async fn begin_enrolment(&self, call: &Call, secret: &str) -> Result<EnrolmentBegun, Refusal> {
        let (secret, app) = (secret_of(secret)?, self.clone());
        let begun: Result<_, Failure> = self
            .store()
            .write(call.moment, move |tx| {
                let who = store::open(tx, &secret)?.ok_or(Refusal::EnrolmentRefused)?;
                let passkeys = app.passkeys().ok();
                let passkey =
                    passkeys.map(|keys| factors::begin_passkey(tx, &keys, who.person, &who.login)).transpose()?;
                let totp =
                    who.may_use_totp.then(|| factors::begin_totp(tx, &app, who.person, &who.login)).transpose()?;
                Ok(EnrolmentBegun { login: who.login, organisations: who.organisations, passkey, totp })
            })
            .await;
        self.settle(begun).await
    }

    /// Sets all factors of a person, in place of earlier ones, and ends their sessions. The secret is used up by it.
    ///
    /// # Errors
    /// [`Refusal::EnrolmentRefused`]; [`Refusal::Invalid`] for a password that is guessed first, a passkey or code that is
    /// not good, or no second factor at all: then the secret is still good.
    pub async fn enrol(&self, call: &Call, secret: &str, new: NewFactors) -> Result<Factors, Refusal> {
        let secret = secret_of(secret)?;
        let NewFactors { password, passkeys, totp } = new;
        if (passkeys.is_empty() && totp.is_none()) || passkeys.len() > MOST {
            let words = "Register a passkey, better two, or one-time codes from an app.";
            return Err(Refusal::invalid("/passkeys", "second-factor-missing", words));
        }
        let labels = passkeys.iter().map(|key| passkey_label(&key.label)).collect::<Result<Vec<_>, _>>()?;
        let asked = secret.clone();
        let who: Result<_, Failure> = self.store().read(call.moment, move |tx| Ok(store::open(tx, &asked)?)).await;
        let Enrolling { login, organisations, .. } = self.settle(who).await?.ok_or(Refusal::EnrolmentRefused)?;
        self.check_new_password(&password, login, organisations).await?;
        let hash = self.hasher().hash(SecretKind::Password, password).await?;
        let (app, request) = (self.clone(), call.moment.request);
        let done: Result<_, Failure> = self
            .store()
            .write(call.moment, move |tx| {
                let who = store::open(tx, &secret)?.ok_or(Refusal::EnrolmentRefused)?;
                if !store::use_up(tx, &who)? {
                    return Err(Refusal::EnrolmentRefused.into());
                }
                factor_rows::set_password(tx, who.person, &hash)?;
                for (key, label) in passkeys.iter().zip(&labels) {
                    factors::add_passkey(tx, &*app.passkeys()?, who.person, key, label)?;
                }
                if let Some((ceremony, code)) = &totp {
                    if !who.may_use_totp {
                        return Err(Refusal::Forbidden.into());
                    }
                    factors::set_totp(tx, who.person, *ceremony, code)?;
                }
                let ended = factor_rows::changed(tx, who.person, SecurityEvent::Enrolled, None)?;
                tracing::info!(%request, staff = %who.person, ended, "enrolled");
                Ok(factor_rows::of_person(tx, who.person)?)
            })
            .await;
        self.settle(done).await
    }

    /// Adds a person who will set their own factors, and gives the secret for that.
    ///
    /// # Errors
    /// [`Refusal::StateConflict`] when the login is taken, [`Refusal::NotFound`] when there is no such organisation.
    pub fn operator_invite_staff(&self, organisation: OrganisationId, login: &str) -> Result<Token, Refusal> {
        let system = System::because("the operator invites staff, on the machine itself");
        self.operate(|tx| {
            let person = store::add_person(tx, &system, organisation, login).map_err(not_added)?;
            Ok(store::give_out(tx, &system, person, EnrolmentReason::Invited)?)
        })
    }

    /// Lets a person set their factors anew. What they have now stays good until they do.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is no such login.
    pub fn operator_reset_staff(&self, login: &str) -> Result<Token, Refusal> {
        let system = System::because("the operator starts a reset, on the machine itself");
        self.operate(|tx| {
            let person = organisations::person(tx, &system, login)?.ok_or(Refusal::NotFound)?;
            Ok(store::give_out(tx, &system, person, EnrolmentReason::Reset)?)
        })
    }

    /// Makes the first operator. Can be repeated with the same login until they have enrolled, and never after.
    ///
    /// # Errors
    /// [`Refusal::StateConflict`] when there is an operator, or the login is somebody else's.
    pub fn operator_bootstrap(&self, organisation: &str, login: &str) -> Result<Token, Refusal> {
        let system = System::because("the first operator is made on the machine itself");
        self.operate(|tx| {
            if store::has_operator(tx, &system)? {
                return Err(Refusal::StateConflict.into());
            }
            let all = organisations::all(tx, &system)?;
            let known = all.into_iter().find(|one| one.kind == OrganisationKind::Operator).map(|one| one.id);
            let place = match known {
                Some(id) => id,
                None => organisations::create(tx, &system, OrganisationKind::Operator, organisation)?,
            };
            let members = organisations::members(tx, &system, place)?;
            let person = match members.into_iter().find(|member| member.login == login) {
                Some(member) => member.id,
                None => store::add_person(tx, &system, place, login).map_err(not_added)?,
            };
            Ok(store::give_out(tx, &system, person, EnrolmentReason::Bootstrap)?)
        })
    }
}

fn not_added(error: StoreError) -> Failure {
    match error {
        StoreError::Database(DatabaseError::Unique { .. }) => Refusal::StateConflict.into(),
        StoreError::Database(DatabaseError::ForeignKey) => Refusal::NotFound.into(),
        StoreError::Database(_)
        | StoreError::Corrupt(_)
        | StoreError::Denied(_)
        | StoreError::Unauthenticated
        | StoreError::Erased
        | StoreError::Over(_) => error.into(),
    }
}

fn secret_of(text: &str) -> Result<TokenHash, Refusal> {
    let token = Token::parse(text.trim()).ok().filter(|token| token.kind() == TokenKind::Enrolment);
    Ok(token.ok_or(Refusal::EnrolmentRefused)?.hash())
}
