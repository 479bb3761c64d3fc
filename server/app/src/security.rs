//! Room security: what changed how a resident signs in, in sentences, and "that was not me" (SR-A09).

use nahraum_domain::ids::SecurityEventId;
use nahraum_store::security as store;
use nahraum_texts::{Language, security_sentence};

pub use nahraum_store::security::Event;

use crate::{App, Call, Refusal, accounts::language_of, pages::cut};

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
    /// A page of the caller's own events.
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
            let mut events = store::own(tx, caller, before, i64::from(limit) + 1)?;
            let next = cut(&mut events, limit).map(|event| event.id);
            let told = |event: Event| {
                let sentence = security_sentence(language, event.kind);
                (event, sentence)
            };
            Ok(EventPage { events: events.into_iter().map(told).collect(), next, language })
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
}
