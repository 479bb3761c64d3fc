//! Room registrations: taking part in an offer, and the list at the door of who publishes it.

use actix_web::{HttpResponse, delete, get, post, put, web::Data};
use nahraum_api_spec::{
    registrations::{
        AttendanceMark, AttendanceMarked, AttendancePage, Attendee, DatePlaces, ParticipantContact, ParticipantNeeds,
        Registration, RegistrationDate, RegistrationOrder, RegistrationPage, RegistrationStep,
    },
    schedules::Occurrence,
};
use nahraum_app::{
    App, Refusal,
    registrations::{self as app_registrations, AskedRegistration, Contact, Own},
};
use nahraum_domain::{
    ids::{OccurrenceId, OfferId, RegistrationId},
    private::Private,
    registrations::{Needs, RegistrationState},
};

use crate::{
    catalogue::view::{Reader, place_of_participant, title},
    extract::{Cursors, IdempotencyKey, Json, Page, Path, Query, Signed, parse_id},
    kept,
    problem::Answer,
    register::ServiceConfig,
    schedules,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(create_registration)
        .service(list_registrations)
        .service(get_registration)
        .service(update_registration)
        .service(delete_registration_contact)
        .service(list_attendance)
        .service(update_attendance)
        .service(get_registration_contact)
        .service(update_occurrence_places);
}

/// Register for an offer.
///
/// For one of its dates, or for the offer itself when it has none. Who finds all places taken waits, if there is a waiting list, in the
/// order of coming. The organisation sees a code and what is needed; a name or a number only of those who give one. Retry with the same
/// `Idempotency-Key` until there is an answer.
#[utoipa::path(
    tag = "registrations",
    security(("bearer" = [])),
    params(crate::extract::IdempotencyHeader),
    request_body = RegistrationOrder,
    responses(
        (status = 201, description = "The registration: a place, or a turn on the waiting list.", body = Registration),
        (status = 404, description = "There is no such offer."),
        (
            status = 409,
            description = "One does not register in the app, it is paused, cancelled, over, full, or one is registered already; `code` says \
                           which.",
        ),
    ),
)]
#[post("/v1/registrations")]
async fn create_registration(
    app: Data<App>,
    call: Signed,
    reader: Reader,
    key: Option<IdempotencyKey>,
    body: Json<RegistrationOrder>,
) -> Answer {
    let key = key.ok_or(Refusal::IdempotencyKeyMissing)?;
    let RegistrationOrder { offer_id, date_id, needs, contact } = body.0;
    let contact = contact.unwrap_or_default();
    let asked = AskedRegistration {
        offer: parse_id::<OfferId>("/offer_id", &offer_id)?,
        date: date_id.map(|id| parse_id::<OccurrenceId>("/date_id", &id)).transpose()?,
        interpreter: needs.interpreter,
        wheelchair: needs.wheelchair,
        childcare: needs.childcare,
        contact: Contact { name: contact.name.map(Private::new), phone: contact.phone.map(Private::new) },
        idempotency_key: key.into_string(),
    };
    let render = move |own| serde_json::to_string(&wire(own, &reader)).unwrap_or_default();
    kept::answer(app.register(&call, asked, render).await?)
}

/// List what the resident has registered for.
///
/// Newest first, with what has become of each date.
#[utoipa::path(
    tag = "registrations",
    security(("bearer" = [])),
    params(Page),
    responses((status = 200, description = "One page of registrations.", body = RegistrationPage)),
)]
#[get("/v1/registrations")]
async fn list_registrations(app: Data<App>, call: Signed, reader: Reader, page: Query<Page>) -> Answer {
    let cursors = Cursors::new(&app, &call, "list_registrations", &());
    let before = cursors.id::<RegistrationId>(page.0.cursor.as_deref())?;
    let (items, next) = app.registrations(&call, before, page.0.limit.get()).await?;
    let next_cursor = next.map(|id| cursors.seal_id(&id)).transpose()?;
    let items = items.into_iter().map(|own| wire(own, &reader)).collect();
    Ok(HttpResponse::Ok().json(RegistrationPage { items, next_cursor }))
}

/// Read a registration.
///
/// With what has become of its date.
#[utoipa::path(
    tag = "registrations",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The registration.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d11")),
    responses((status = 200, description = "The registration.", body = Registration)),
)]
#[get("/v1/registrations/{id}")]
async fn get_registration(app: Data<App>, call: Signed, reader: Reader, id: Path<RegistrationId>) -> Answer {
    Ok(HttpResponse::Ok().json(wire(app.registration(&call, id.0).await?, &reader)))
}

/// Answer about a registration.
///
/// Take the place that is kept, do not want it, or do not come. A place that becomes free goes to the next who waits.
#[utoipa::path(
    tag = "registrations",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The registration.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d11")),
    request_body = RegistrationStep,
    responses(
        (status = 200, description = "The registration as it stands now.", body = Registration),
        (status = 409, description = "No place is kept (any more), it is over, or it does not take place; `code` says which."),
    ),
)]
#[post("/v1/registrations/{id}/steps")]
async fn update_registration(
    app: Data<App>,
    call: Signed,
    reader: Reader,
    id: Path<RegistrationId>,
    body: Json<RegistrationStep>,
) -> Answer {
    let own = app.answer_registration(&call, id.0, &body.0.step).await?;
    Ok(HttpResponse::Ok().json(wire(own, &reader)))
}

/// Take back how one can be reached.
///
/// From then on the organisation sees the code and nothing of it. The registration stays.
#[utoipa::path(
    tag = "registrations",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The registration.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d11")),
    responses((status = 204, description = "Taken back.")),
)]
#[delete("/v1/registrations/{id}/contact")]
async fn delete_registration_contact(app: Data<App>, call: Signed, id: Path<RegistrationId>) -> Answer {
    app.delete_registration_contact(&call, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// List who takes part.
///
/// In the order of coming, who waits included. Each of them sees in their log that the list was looked at. The organisation sees its own
/// lists only; for everybody else there is none.
#[utoipa::path(
    tag = "registrations",
    security(("bearer" = [])),
    params(
        (
            "id" = String, Path,
            description = "The date, or the offer when it has none.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b21",
        ),
        Page,
    ),
    responses((status = 200, description = "One page of the list.", body = AttendancePage)),
)]
#[get("/v1/publisher/attendance/{id}")]
async fn list_attendance(app: Data<App>, call: Signed, id: Path<OccurrenceId>, page: Query<Page>) -> Answer {
    let cursors = Cursors::new(&app, &call, "list_attendance", &id.0.to_string());
    let after = cursors.open::<i32>(page.0.cursor.as_deref())?.unwrap_or(0);
    let (items, next) = app.attendance(&call, id.0, after, page.0.limit.get()).await?;
    let next_cursor = next.map(|turn| cursors.seal(&turn)).transpose()?;
    let items = items.into_iter().map(attendee).collect();
    Ok(HttpResponse::Ok().json(AttendancePage { items, next_cursor }))
}

/// Write down who was there.
///
/// Once it has begun. Can be put right.
#[utoipa::path(
    tag = "registrations",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The registration.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d11")),
    request_body = AttendanceMark,
    responses(
        (status = 200, description = "What stands on the list now.", body = AttendanceMarked),
        (status = 409, description = "They have no place, or it has not begun."),
    ),
)]
#[put("/v1/publisher/registrations/{id}/attendance")]
async fn update_attendance(
    app: Data<App>,
    call: Signed,
    id: Path<RegistrationId>,
    body: Json<AttendanceMark>,
) -> Answer {
    let state = app.mark_attendance(&call, id.0, body.0.attended).await?;
    Ok(HttpResponse::Ok().json(AttendanceMarked { state: state.as_str().to_owned() }))
}

/// Read how somebody who takes part can be reached.
///
/// Only of those who have said so and have not taken it back. They see in their log that it was read.
#[utoipa::path(
    tag = "registrations",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The registration.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d11")),
    responses((status = 200, description = "How they can be reached.", body = ParticipantContact)),
)]
#[get("/v1/publisher/registrations/{id}/contact")]
async fn get_registration_contact(app: Data<App>, call: Signed, id: Path<RegistrationId>) -> Answer {
    Ok(HttpResponse::Ok().json(contact(app.registration_contact(&call, id.0).await?)))
}

/// Say how many can take part in one date.
///
/// Those who wait come first. With fewer places than are taken nobody loses theirs.
#[utoipa::path(
    tag = "registrations",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The date.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b21")),
    request_body = DatePlaces,
    responses(
        (status = 200, description = "The date as it stands now.", body = Occurrence),
        (status = 409, description = "It has begun."),
    ),
)]
#[put("/v1/publisher/occurrences/{id}/places")]
async fn update_occurrence_places(
    app: Data<App>,
    call: Signed,
    id: Path<OccurrenceId>,
    body: Json<DatePlaces>,
) -> Answer {
    let date = app.set_date_places(&call, id.0, body.0.places_max).await?;
    Ok(HttpResponse::Ok().json(schedules::occurrence(date)))
}

fn needs(needs: Needs) -> ParticipantNeeds {
    let Needs { interpreter, wheelchair, childcare } = needs;
    ParticipantNeeds { interpreter: interpreter.map(|language| language.to_string()), wheelchair, childcare }
}

fn contact(contact: Contact) -> ParticipantContact {
    let Contact { name, phone } = contact;
    ParticipantContact { name: name.map(Private::into_revealed), phone: phone.map(Private::into_revealed) }
}

fn attendee(attendee: app_registrations::Attendee) -> Attendee {
    Attendee {
        id: attendee.id.to_string(),
        code: attendee.code,
        state: attendee.state.as_str().to_owned(),
        needs: needs(attendee.needs),
        has_contact: attendee.has_contact,
    }
}

pub(crate) fn wire(own: Own, reader: &Reader) -> Registration {
    let is_on = own.is_on();
    let (title, title_lang) = title(&own.offer, reader);
    let state = if own.state.is_live() && !is_on { "cancelled-by-publisher" } else { own.state.as_str() };
    let has_place =
        matches!(own.state, RegistrationState::Confirmed | RegistrationState::Attended | RegistrationState::Missed);
    let Own { id, offer, date, place, code, held_until, needs: needed, contact: reached, created_at, .. } = own;
    Registration {
        id: id.to_string(),
        offer_id: offer.id.to_string(),
        title,
        title_lang,
        organisation: offer.organisation_name,
        date: date.map(|date| RegistrationDate {
            id: date.id.to_string(),
            starts_at: date.starts_at.to_string(),
            ends_at: date.ends_at.to_string(),
            time_zone: date.time_zone,
            state: date.state.as_str().to_owned(),
        }),
        place: place.map(|place| place_of_participant(place, has_place)),
        state: state.to_owned(),
        code,
        held_until: held_until.map(|until| until.to_string()),
        needs: needs(needed),
        contact: (reached != Contact::default()).then(|| contact(reached)),
        created_at: created_at.to_string(),
    }
}
