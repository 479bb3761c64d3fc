//! Room places: where organisations offer something.

use actix_web::{HttpResponse, delete, get, patch, post, web::Data};
use nahraum_api_spec::places::{NewPlace, Place, PlaceChange, PlacePage, Position as Degrees};
use nahraum_app::{
    App, Fault,
    places::{self as app_places, PlaceFacts},
};
use nahraum_domain::{
    ids::{AreaId, PlaceId},
    offers::places::{Access, AddressVisibility, Position},
};

use crate::{
    extract::{Cursors, Json, Page, Path, Query, Signed, parse_id},
    problem::Answer,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_places).service(create_place).service(update_place).service(delete_place);
}

/// List the places of the organisation.
///
/// Newest first.
#[utoipa::path(
    tag = "places",
    security(("bearer" = [])),
    params(Page),
    responses((status = 200, description = "One page of places.", body = PlacePage)),
)]
#[get("/v1/publisher/places")]
async fn list_places(app: Data<App>, call: Signed, page: Query<Page>) -> Answer {
    let cursors = Cursors::new(&app, &call, "list_places", &());
    let before = cursors.id::<PlaceId>(page.0.cursor.as_deref())?;
    let (items, next) = app.places(&call, before, page.0.limit.get()).await?;
    let next_cursor = next.map(|id| cursors.seal_id(&id)).transpose()?;
    Ok(HttpResponse::Ok().json(PlacePage { items: items.into_iter().map(wire).collect(), next_cursor }))
}

/// Add a place.
///
/// For the organisation that the person acts for.
#[utoipa::path(
    tag = "places",
    security(("bearer" = [])),
    request_body = NewPlace,
    responses((status = 201, description = "The place.", body = Place)),
)]
#[post("/v1/publisher/places")]
async fn create_place(app: Data<App>, call: Signed, body: Json<NewPlace>) -> Answer {
    let new = body.0;
    let facts = PlaceFacts {
        name: new.name,
        street: new.street,
        postcode: new.postcode,
        city: new.city,
        position: new.position.map(position).transpose()?,
        area: new.area_id.map(|id| parse_id("/area_id", &id)).transpose()?,
        address_visibility: visibility(&new.address_visibility)?,
        wheelchair: access("/wheelchair", &new.wheelchair)?,
        toilet: access("/toilet", &new.toilet)?,
        step_free: new.step_free,
    };
    Ok(HttpResponse::Created().json(wire(app.create_place(&call, facts).await?)))
}

/// Change a place.
///
/// What is absent stays as it is. Offers that are there show it at once.
#[utoipa::path(
    tag = "places",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The place.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d03")),
    request_body = PlaceChange,
    responses((status = 200, description = "The place as it is now.", body = Place)),
)]
#[patch("/v1/publisher/places/{id}")]
async fn update_place(app: Data<App>, call: Signed, id: Path<PlaceId>, body: Json<PlaceChange>) -> Answer {
    let change = body.0;
    let position = match (change.position, change.no_position) {
        (None, false) => None,
        (None, true) => Some(None),
        (Some(degrees), false) => Some(Some(position(degrees)?)),
        (Some(_), true) => return Err(contradiction().into()),
    };
    let area = match change.area_id.as_deref() {
        None => None,
        Some("") => Some(None),
        Some(id) => Some(Some(parse_id::<AreaId>("/area_id", id)?)),
    };
    let visibility = change.address_visibility.as_deref().map(visibility).transpose()?;
    let wheelchair = change.wheelchair.map(|word| access("/wheelchair", &word)).transpose()?;
    let toilet = change.toilet.map(|word| access("/toilet", &word)).transpose()?;
    let (name, street, postcode, city) = (change.name, change.street, change.postcode, change.city);
    let changed = move |known: PlaceFacts| PlaceFacts {
        name: name.clone().unwrap_or(known.name),
        street: street.clone().unwrap_or(known.street),
        postcode: postcode.clone().unwrap_or(known.postcode),
        city: city.clone().unwrap_or(known.city),
        position: position.unwrap_or(known.position),
        area: area.unwrap_or(known.area),
        address_visibility: visibility.unwrap_or(known.address_visibility),
        wheelchair: wheelchair.unwrap_or(known.wheelchair),
        toilet: toilet.unwrap_or(known.toilet),
        step_free: change.step_free.unwrap_or(known.step_free),
    };
    Ok(HttpResponse::Ok().json(wire(app.change_place(&call, id.0, changed).await?)))
}

/// Take a place away.
///
/// Dates that are over still know it.
#[utoipa::path(
    tag = "places",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The place.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d03")),
    responses(
        (status = 204, description = "Taken away."),
        (status = 409, description = "Something is to take place there."),
    ),
)]
#[delete("/v1/publisher/places/{id}")]
async fn delete_place(app: Data<App>, call: Signed, id: Path<PlaceId>) -> Answer {
    app.delete_place(&call, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn position(degrees: Degrees) -> Result<Position, Fault> {
    let detail = "Decimal degrees, from -90 to 90 north and from -180 to 180 east.";
    let beyond = Fault { pointer: "/position", code: "out-of-range", detail };
    Position::of_degrees(degrees.latitude, degrees.longitude).ok_or(beyond)
}

const fn contradiction() -> Fault {
    Fault { pointer: "/no_position", code: "contradiction", detail: "Either a position, or none." }
}

fn visibility(word: &str) -> Result<AddressVisibility, Fault> {
    let detail = "One of public, district-only, on-booking.";
    AddressVisibility::parse(word).ok_or(Fault { pointer: "/address_visibility", code: "unknown-word", detail })
}

fn access(pointer: &'static str, word: &str) -> Result<Access, Fault> {
    Access::parse(word).ok_or(Fault { pointer, code: "unknown-word", detail: "One of yes, limited, no, unknown." })
}

fn wire(place: app_places::Place) -> Place {
    let app_places::Place { id, facts, created_at } = place;
    Place {
        id: id.to_string(),
        name: facts.name,
        street: facts.street,
        postcode: facts.postcode,
        city: facts.city,
        position: facts.position.map(|position| {
            let (latitude, longitude) = position.degrees();
            Degrees { latitude, longitude }
        }),
        area_id: facts.area.map(|id| id.to_string()),
        address_visibility: facts.address_visibility.as_str().to_owned(),
        wheelchair: facts.wheelchair.as_str().to_owned(),
        toilet: facts.toilet.as_str().to_owned(),
        step_free: facts.step_free,
        created_at: created_at.to_string(),
    }
}
