//! Room registrations: taking part. Residents register, answer and see where they stand; who publishes an offer sees the list at the
//! door. Everybody else, also at work, sees nothing of it.

use nahraum_domain::{
    ids::{OccurrenceId, OfferId, RegistrationId},
    offers::{
        facts::{MOST_PLACES, is_phone},
        tags::LanguageTag,
    },
    private::Private,
    registrations::{Needs, RegistrationState, RegistrationStep},
};
use nahraum_secrets::sha256;
use nahraum_store::{
    Caller, Tx,
    idempotency::RequestKey,
    registrations::{self as store, Answered, Marked, Placed, Registered, Wish},
    schedules::Occurrence,
};

pub use nahraum_store::registrations::{Attendee, Contact, Own};

use crate::{
    App, Call, Refusal,
    kept::{KeptAnswer, once},
    pages::cut,
    refusal::{Failure, words},
};

/// How long a name is that somebody gives, in characters.
const NAME: std::ops::RangeInclusive<usize> = 1..=80;

/// What somebody wants to take part in, as it came.
#[derive(Debug)]
pub struct AskedRegistration {
    /// The offer.
    pub offer: OfferId,
    /// One of its dates.
    pub date: Option<OccurrenceId>,
    /// An interpreter for this language.
    pub interpreter: Option<String>,
    /// A way in for a wheelchair.
    pub wheelchair: bool,
    /// Somebody who looks after children.
    pub childcare: bool,
    /// How they can be reached, if they say so.
    pub contact: Contact,
    /// The client's name for this attempt, the same on every retry.
    pub idempotency_key: String,
}

impl App {
    /// The caller registers. `render` makes the answer, which is kept in the same commit, so that a retry gets the same one.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`], [`Refusal::Invalid`],
    /// [`Refusal::CannotTakePart`], [`Refusal::IdempotencyKeyReused`].
    pub async fn register(
        &self,
        call: &Call,
        asked: AskedRegistration,
        render: impl Fn(Own) -> String + Send + Sync + 'static,
    ) -> Result<KeptAnswer, Refusal> {
        let key = asked.key();
        let wish = asked.wish();
        self.as_resident_writing(call, move |tx, caller| {
            once(tx, caller, &key, |tx, caller| {
                let wish = wish.as_ref().map_err(Refusal::clone)?;
                Ok((201, render(registered(store::register(tx, caller, wish)?)?)))
            })
        })
        .await
    }

    /// A page of what the caller has registered for, newest first, and where to go on.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn registrations(
        &self,
        call: &Call,
        before: Option<RegistrationId>,
        limit: u32,
    ) -> Result<(Vec<Own>, Option<RegistrationId>), Refusal> {
        self.as_resident(call, move |tx, caller| {
            let mut items = store::own(tx, caller, before, i64::from(limit) + 1)?;
            let next = cut(&mut items, limit).map(|own| own.id);
            Ok((items, next))
        })
        .await
    }

    /// One of the caller's registrations.
    ///
    /// # Errors
    /// As [`App::registrations`], [`Refusal::NotFound`].
    pub async fn registration(&self, call: &Call, id: RegistrationId) -> Result<Own, Refusal> {
        self.as_resident(call, move |tx, caller| Ok(store::one(tx, caller, id)?.ok_or(Refusal::NotFound)?)).await
    }

    /// The caller takes the place that is kept for them, does not want it, or does not come.
    ///
    /// # Errors
    /// As [`App::registration`]; [`Refusal::Invalid`]; [`Refusal::CannotTakePart`] and [`Refusal::StateConflict`] when that cannot be
    /// done any more.
    pub async fn answer_registration(&self, call: &Call, id: RegistrationId, step: &str) -> Result<Own, Refusal> {
        let step = match step {
            "accept" => RegistrationStep::Accept,
            "decline" => RegistrationStep::Decline,
            "cancel" => RegistrationStep::Cancel,
            _ => return Err(Refusal::invalid("/step", "unknown-step", "accept, decline or cancel.")),
        };
        self.as_resident_writing(call, move |tx, caller| match store::answer(tx, caller, id, step)? {
            Answered::Done(own) => Ok(*own),
            Answered::Unknown => Err(Refusal::NotFound.into()),
            Answered::Not(why) => Err(Refusal::CannotTakePart(why).into()),
            Answered::Late => Err(Refusal::StateConflict.into()),
        })
        .await
    }

    /// The caller takes back how they can be reached; from now on nobody sees it.
    ///
    /// # Errors
    /// As [`App::registration`].
    pub async fn delete_registration_contact(&self, call: &Call, id: RegistrationId) -> Result<(), Refusal> {
        self.as_resident_writing(call, move |tx, caller| {
            if store::take_contact_back(tx, caller, id)? { Ok(()) } else { Err(Refusal::NotFound.into()) }
        })
        .await
    }

    /// A page of the list at the door of a date, or of an offer without dates. Each who stands on it sees in the log that it was looked
    /// at.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`]; [`Refusal::NotFound`] when it is none of the caller's organisation.
    pub async fn attendance(
        &self,
        call: &Call,
        id: OccurrenceId,
        after: i32,
        limit: u32,
    ) -> Result<(Vec<Attendee>, Option<i32>), Refusal> {
        let sealed = self
            .read(call, move |tx, caller| {
                at_the_door(caller)?;
                Ok(store::attendance(tx, caller, id, after, i64::from(limit) + 1)?.ok_or(Refusal::NotFound)?)
            })
            .await?;
        let mut items = sealed.unseal(self.store().access_log()).await?;
        let next = cut(&mut items, limit).map(|attendee| attendee.turn);
        Ok((items, next))
    }

    /// How somebody on the list can be reached who has said so. They see in the log that it was looked at.
    ///
    /// # Errors
    /// As [`App::attendance`]; [`Refusal::NotFound`] also when they have not said so, or have taken it back.
    pub async fn registration_contact(&self, call: &Call, id: RegistrationId) -> Result<Contact, Refusal> {
        let sealed = self
            .read(call, move |tx, caller| {
                at_the_door(caller)?;
                Ok(store::contact(tx, caller, id)?.ok_or(Refusal::NotFound)?)
            })
            .await?;
        Ok(sealed.unseal(self.store().access_log()).await?)
    }

    /// Writes down that somebody was there, or was not.
    ///
    /// # Errors
    /// As [`App::attendance`]; [`Refusal::StateConflict`] when they have no place or it has not begun.
    pub async fn mark_attendance(
        &self,
        call: &Call,
        id: RegistrationId,
        was_there: bool,
    ) -> Result<RegistrationState, Refusal> {
        self.at_the_door_writing(call, move |tx, caller| match store::mark(tx, caller, id, was_there)? {
            Marked::Done(state) => Ok(state),
            Marked::Unknown => Err(Refusal::NotFound.into()),
            Marked::Late => Err(Refusal::StateConflict.into()),
        })
        .await
    }

    /// Gives a date a number of places of its own, or that of its offer again. Who waits comes first, and nobody loses a place.
    ///
    /// # Errors
    /// As [`App::attendance`]; [`Refusal::Invalid`]; [`Refusal::StateConflict`] when it has begun.
    pub async fn set_date_places(
        &self,
        call: &Call,
        id: OccurrenceId,
        most: Option<i32>,
    ) -> Result<Occurrence, Refusal> {
        if most.is_some_and(|most| !(1..=MOST_PLACES).contains(&most)) {
            return Err(Refusal::invalid(
                "/places_max",
                "out-of-range",
                "1 to 10000, or nothing for as many as the offer has.",
            ));
        }
        self.at_the_door_writing(call, move |tx, caller| match store::set_places(tx, caller, id, most)? {
            Placed::Done(date) => Ok(*date),
            Placed::Unknown => Err(Refusal::NotFound.into()),
            Placed::Late => Err(Refusal::StateConflict.into()),
        })
        .await
    }

    async fn at_the_door_writing<R: Send + 'static>(
        &self,
        call: &Call,
        mut work: impl for<'t> FnMut(&mut Tx<'t>, &Caller<'t>) -> Result<R, Failure> + Send + 'static,
    ) -> Result<R, Refusal> {
        self.write(call, move |tx, caller| {
            at_the_door(caller)?;
            work(tx, caller)
        })
        .await
    }
}

/// Who publishes may ask; for people of the operator there is no list at all, as for those of another organisation.
fn at_the_door(caller: &Caller<'_>) -> Result<(), Refusal> {
    match (caller.publisher(), caller.operator()) {
        (Some(_), _) => Ok(()),
        (None, Some(_)) => Err(Refusal::NotFound),
        (None, None) => Err(Refusal::Forbidden),
    }
}

fn registered(outcome: Registered) -> Result<Own, Refusal> {
    match outcome {
        Registered::Done(own) => Ok(*own),
        Registered::Unknown => Err(Refusal::NotFound),
        Registered::Not(why) => Err(Refusal::CannotTakePart(why)),
        Registered::NoSuchDate => Err(Refusal::invalid("/date_id", "unknown-date", "The offer has no such date.")),
        Registered::TooMany => {
            let detail = "At most 60 dates and offers that are to come. Cancel one first.";
            Err(Refusal::invalid("/offer_id", "too-many", detail))
        }
        Registered::DateMissing => {
            Err(Refusal::invalid("/date_id", "missing-field", "The offer has dates; please choose one."))
        }
    }
}

impl AskedRegistration {
    /// The key of this request, bound to everything it says.
    fn key(&self) -> RequestKey {
        let Self { offer, date, interpreter, wheelchair, childcare, contact, idempotency_key } = self;
        let said = |text: &Option<Private<String>>| text.as_ref().map(|text| text.reveal().clone());
        let (name, phone) = (said(&contact.name), said(&contact.phone));
        let all = format!("{offer} {date:?} {interpreter:?} {wheelchair} {childcare} {name:?} {phone:?}");
        RequestKey {
            operation: "create_registration",
            key: idempotency_key.clone(),
            request_sha256: sha256(all.as_bytes()),
        }
    }

    fn wish(self) -> Result<Wish, Refusal> {
        let detail = "A BCP 47 tag, such as tr or fa-AF.";
        let unknown = || Refusal::invalid("/needs/interpreter", "not-a-language", detail);
        let interpreter = self.interpreter.map(|tag| tag.parse::<LanguageTag>().map_err(|_| unknown()));
        let one_line = |name: Private<String>| {
            let detail = "1 to 80 characters on one line.";
            if name.reveal().contains('\n') {
                return Err(Refusal::invalid("/contact/name", "out-of-range", detail));
            }
            words("/contact/name", &name, NAME, detail)
        };
        if self.contact.phone.as_ref().is_some_and(|phone| !is_phone(phone.reveal())) {
            return Err(Refusal::invalid("/contact/phone", "not-a-phone-number", "A number like +4940123456."));
        }
        let contact = Contact { name: self.contact.name.map(one_line).transpose()?, phone: self.contact.phone };
        let needs =
            Needs { interpreter: interpreter.transpose()?, wheelchair: self.wheelchair, childcare: self.childcare };
        Ok(Wish { offer: self.offer, date: self.date, needs, contact })
    }
}
