//! Room security: what changed how somebody signs in, in sentences, and "that was not me" (SR-A09).

use nahraum_domain::ids::SecurityEventId;
use nahraum_store::{Caller, Tx, security as store};
use nahraum_texts::{Language, security_sentence};

pub use nahraum_store::security::Event;

use crate::{App, Call, Refusal, accounts::language_of, pages::cut, refusal::Failure};

/// A page of events.
#[derive(Debug)]
pub struct EventPage {
    /// The events with their sentences, newest first.
    pub events: Vec<(Event, &'static str)>,
    /// Where to go on, if there is more.
    pub next: Option<SecurityEventId>,
    /// The language of the sentences.
    pub language: Language,
}

impl App {
    /// A page of a resident's own events.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn security_events(
        &self,
        call: &Call,
        before: Option<SecurityEventId>,
        limit: u32,
    ) -> Result<EventPage, Refusal> {
        let asked = call.language;
        self.as_resident(call, move |tx, caller| {
            let language = language_of(tx, caller, asked)?;
            page(tx, caller, language, before, limit)
        })
        .await
    }

    /// A page of the own events of a person at work, in the language they ask for.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`]; [`Refusal::Forbidden`] for whoever is no person at work.
    pub async fn staff_security_events(
        &self,
        call: &Call,
        before: Option<SecurityEventId>,
        limit: u32,
    ) -> Result<EventPage, Refusal> {
        let language = call.language.unwrap_or(Language::De);
        self.read(call, move |tx, caller| {
            caller.person().ok_or(Refusal::Forbidden)?;
            page(tx, caller, language, before, limit)
        })
        .await
    }

    /// "That was not me": ends every other session, cuts off the phone that did it and the one it let in, stops a recovery.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`].
    pub async fn disown_event(&self, call: &Call, id: SecurityEventId) -> Result<(), Refusal> {
        self.as_resident_writing(call, move |tx, caller| {
            if store::disown(tx, caller, id)? { Ok(()) } else { Err(Refusal::NotFound.into()) }
        })
        .await
    }

    /// "That was not me", by a person at work: everything they could sign in with is taken away and every session ends, this
    /// one too. What is left is a reset. No fresh sign-in is needed, because haste is.
    ///
    /// # Errors
    /// As [`App::staff_security_events`], and [`Refusal::NotFound`].
    pub async fn disown_staff_event(&self, call: &Call, id: SecurityEventId) -> Result<(), Refusal> {
        let disowned = self.write(call, move |tx, caller| {
            let person = caller.person().ok_or(Refusal::Forbidden)?;
            if store::disown(tx, caller, id)? { Ok(person) } else { Err(Refusal::NotFound.into()) }
        });
        let person = disowned.await?;
        tracing::warn!(
            alarm = "not-me",
            request = %call.moment.request,
            staff = %person,
            "a person says that a change of their sign-in was not theirs; they need a reset"
        );
        Ok(())
    }
}

fn page(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    language: Language,
    before: Option<SecurityEventId>,
    limit: u32,
) -> Result<EventPage, Failure> {
    let mut events = store::own(tx, caller, before, i64::from(limit) + 1)?;
    let next = cut(&mut events, limit).map(|event| event.id);
    let told = |event: Event| {
        let sentence = security_sentence(language, event.kind);
        (event, sentence)
    };
    Ok(EventPage { events: events.into_iter().map(told).collect(), next, language })
}
