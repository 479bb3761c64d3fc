//! Room encounters: a conversation at the kiosk, and letting somebody act for a resident. Each begins with a code that one
//! shows and the other types.

use std::collections::HashSet;

use jiff::Timestamp;
use nahraum_domain::{
    audit::{ActorParts, LogActor},
    consent::{Data, Rights, period},
    encounters::{Aim, CODE_LIFETIME},
    ids::{ActorId, ConsentId, EncounterId},
    software::code_gate,
    throttle::Gate,
};
use nahraum_secrets::{Secret, UserCode};
use nahraum_store::{
    Caller, Tx,
    encounters::{self as store, Appointment, NewConversation, Typed},
    shares::{Received, own_open},
    throttles::{self, Ladder},
};

pub use nahraum_store::encounters::Encounter;

use crate::{
    App, Call, Refusal,
    consents::{ShownText, texts},
    refusal::Failure,
    shares::{StoredRule, own, refuse_more, refuse_too_many},
};

/// How many encounters a resident is shown.
const SHOWN: i64 = 50;

/// A code to show, and what it leads to.
#[derive(Debug)]
pub struct Shown {
    /// The encounter.
    pub encounter: Encounter,
    /// What the other types.
    pub code: Secret,
}

/// Whom a resident lets act for them, and in what.
#[derive(Debug, Clone)]
pub struct AppointmentRequest {
    /// The number that the other shows.
    pub number: String,
    /// Whether the other acts; otherwise they look.
    pub may_act: bool,
    /// Which findings.
    pub data: Data,
    /// What beyond looking.
    pub rights: Rights,
    /// For how many days, today being the first.
    pub days: u16,
    /// How the resident wants to be called.
    pub called: String,
    /// The text that was shown for it.
    pub text: Option<ShownText>,
}

impl App {
    /// Begins a conversation: shows a code, for a person at work to type.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::StepUpRequired`], [`Refusal::TooManyRules`],
    /// [`Refusal::ConsentTextUnknown`].
    pub async fn begin_conversation(
        &self,
        call: &Call,
        data: Data,
        minutes: u16,
        called: String,
        text: Option<ShownText>,
    ) -> Result<Shown, Refusal> {
        let app = self.clone();
        self.write_fresh(call, move |tx, caller| {
            caller.principal().ok_or(Refusal::Forbidden)?;
            refuse_more(tx, caller, &data, Rights::default())?;
            refuse_too_many(tx, caller)?;
            let code = UserCode::generate(app.random());
            let text = texts::shown(tx, text.as_ref())?;
            let new = NewConversation { data: data.clone(), minutes, called: called.clone(), text };
            let id = store::begin_conversation(tx, caller, &code, &new)?;
            shown(tx, caller, Aim::Explanation, id, &code)
        })
        .await
    }

    /// Begins to let somebody act for the caller: shows a code, for the other to type.
    ///
    /// # Errors
    /// As [`App::begin_conversation`].
    pub async fn begin_appointment(&self, call: &Call) -> Result<Shown, Refusal> {
        let app = self.clone();
        self.write_fresh(call, move |tx, caller| {
            caller.resident().ok_or(Refusal::Forbidden)?;
            let code = UserCode::generate(app.random());
            let id = store::begin_appointment(tx, caller, &code)?;
            shown(tx, caller, Aim::Representation, id, &code)
        })
        .await
    }

    /// The caller's latest conversations, newest first.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn conversations(&self, call: &Call) -> Result<Vec<Encounter>, Refusal> {
        self.conversations_of(call, None, SHOWN).await
    }

    /// In somebody's place only those whose permission is there for the caller.
    async fn conversations_of(
        &self,
        call: &Call,
        id: Option<EncounterId>,
        limit: i64,
    ) -> Result<Vec<Encounter>, Refusal> {
        self.in_own_or_anothers_place(call, move |tx, caller| {
            let mut all = store::own(tx, caller, Aim::Explanation, id, limit)?;
            if caller.acts_by().is_some() {
                let shown: HashSet<ConsentId> = own_open(tx, caller)?.iter().map(|stored| stored.rule.id).collect();
                all.retain(|encounter| encounter.consent.is_some_and(|consent| shown.contains(&consent)));
            }
            Ok(all)
        })
        .await
    }

    /// One of the caller's encounters, to see whether somebody has typed its code.
    ///
    /// # Errors
    /// As [`App::conversations`], and [`Refusal::NotFound`].
    pub async fn encounter(&self, call: &Call, aim: Aim, id: EncounterId) -> Result<Encounter, Refusal> {
        match aim {
            Aim::Explanation => self.conversations_of(call, Some(id), 1).await?.pop().ok_or(Refusal::NotFound),
            Aim::Representation => self.as_resident(call, move |tx, caller| one(tx, caller, aim, id)).await,
        }
    }

    /// A person at work types the code they are shown.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::CodeFailed`] whatever is wrong with the code,
    /// [`Refusal::TryLater`] after ten wrong ones.
    pub async fn join_conversation(&self, call: &Call, code: &str) -> Result<(EncounterId, Received), Refusal> {
        self.typed(call, code, |tx, caller, code| {
            if caller.person().is_none() {
                return Err(Refusal::Forbidden.into());
            }
            Ok(store::join_conversation(tx, caller, code)?)
        })
        .await
    }

    /// Another resident types the code they are shown. Gives the number to show, and until when it is good at most.
    ///
    /// # Errors
    /// As [`App::join_conversation`].
    pub async fn claim_appointment(
        &self,
        call: &Call,
        code: &str,
        called: String,
    ) -> Result<(i32, Timestamp), Refusal> {
        let until = call.moment.now + CODE_LIFETIME;
        let number = self
            .typed(call, code, move |tx, caller, code| {
                caller.resident().ok_or(Refusal::Forbidden)?;
                Ok(store::claim_appointment(tx, caller, code, &called)?)
            })
            .await?;
        Ok((number, until))
    }

    /// The caller types the number that the other shows: from now on that other may act for them. Three wrong ones end it.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::StepUpRequired`], [`Refusal::NotFound`],
    /// [`Refusal::WrongNumber`], [`Refusal::NothingToConfirm`], [`Refusal::TooManyRules`], [`Refusal::ConsentTextUnknown`].
    pub async fn confirm_appointment(
        &self,
        call: &Call,
        id: EncounterId,
        request: AppointmentRequest,
    ) -> Result<StoredRule, Refusal> {
        let said: Option<i32> = request.number.trim().parse().ok();
        // A wrong number is a change as well, so that it is no error of the unit of work.
        let typed: Result<StoredRule, Refusal> = self
            .write_fresh(call, move |tx, caller| {
                caller.resident().ok_or(Refusal::Forbidden)?;
                let terms = Appointment {
                    data: request.data.clone(),
                    rights: request.rights,
                    period: period::of_days(tx.now(), request.days),
                    called: request.called.clone(),
                    text: texts::shown(tx, request.text.as_ref())?,
                    may_act: request.may_act,
                };
                Ok(match store::confirm_appointment(tx, caller, id, said, &terms)?.ok_or(Refusal::NotFound)? {
                    Typed::Appointed(rule) => Ok(own(tx, caller, rule)?),
                    Typed::Wrong => Err(Refusal::WrongNumber),
                    Typed::NotClaimed => Err(Refusal::NothingToConfirm),
                    Typed::TooMany => Err(Refusal::TooManyRules),
                })
            })
            .await?;
        typed
    }

    /// Ends a conversation, for the resident or for who explains.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`].
    pub async fn end_conversation(&self, call: &Call, id: EncounterId) -> Result<(), Refusal> {
        self.write(call, move |tx, caller| {
            caller.actor().reader().ok_or(Refusal::Forbidden)?;
            if store::end(tx, caller, id)? { Ok(()) } else { Err(Refusal::NotFound.into()) }
        })
        .await
    }

    /// What somebody who is signed in finds behind a code. Ten wrong ones cost an hour.
    async fn typed<R: Send + 'static>(
        &self,
        call: &Call,
        code: &str,
        find: impl for<'t> Fn(&mut Tx<'t>, &Caller<'t>, &UserCode) -> Result<Option<R>, Failure> + Send + 'static,
    ) -> Result<R, Refusal> {
        let code = UserCode::parse(code).ok();
        let found: Result<Option<R>, Timestamp> = self
            .write(call, move |tx, caller| {
                let who = key(caller);
                if let Gate::Wait(until) = code_gate(throttles::failures(tx, Ladder::Codes, &who)?, tx.now()) {
                    return Ok(Err(until));
                }
                let found = match &code {
                    Some(code) => find(tx, caller, code)?,
                    None => None,
                };
                if found.is_none() {
                    throttles::count(tx, Ladder::Codes, &who)?;
                }
                Ok(Ok(found))
            })
            .await?;
        match found {
            Err(until) => Err(Refusal::TryLater(until)),
            Ok(found) => found.ok_or_else(|| self.bad_code(call)),
        }
    }
}

/// Under what wrong codes are counted: the person, whatever they act for.
fn key(caller: &Caller<'_>) -> String {
    let ActorParts { id, .. } = LogActor::from(caller.actor()).parts();
    ActorId::from_bytes(id.unwrap_or_default()).to_string()
}

fn one(tx: &mut Tx<'_>, caller: &Caller<'_>, aim: Aim, id: EncounterId) -> Result<Encounter, Failure> {
    Ok(store::own(tx, caller, aim, Some(id), 1)?.pop().ok_or(Refusal::NotFound)?)
}

fn shown(tx: &mut Tx<'_>, caller: &Caller<'_>, aim: Aim, id: EncounterId, code: &UserCode) -> Result<Shown, Failure> {
    Ok(Shown { encounter: one(tx, caller, aim, id)?, code: code.shown() })
}
