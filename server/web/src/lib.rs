//! HTTP: extractors, one error map, one file per room.
//!
//! [`build`] is the whole house as an actix-web application: a door that every request passes (`door.rs`), and behind it
//! the rooms. A room declares its operations once, on the handlers; routing, `Allow`, HEAD, known query parameters and
//! the OpenAPI document follow from that.

mod accounts;
mod approvals;
mod areas;
mod audit;
mod bookmarks;
mod catalogue;
mod clients;
mod consent_texts;
mod consents;
mod corrections;
mod decisions;
mod device_links;
mod devices;
mod door;
mod emergencies;
mod encounters;
mod enrolments;
mod exports;
mod extract;
mod feedback;
mod finding_views;
mod findings;
mod freshness;
mod glossary;
mod headers;
mod health;
mod hsds;
mod imports;
mod inbox;
mod invitations;
mod kept;
mod languages;
mod links;
mod multipart;
mod oauth;
mod offers;
pub mod openapi;
mod places;
mod practices;
pub mod problem;
mod problems;
mod public;
mod push;
mod questions;
mod ranges;
mod receipts;
mod reckoning;
mod recommendations;
mod register;
mod registrations;
mod routes;
mod schedules;
mod security;
mod sessions;
mod shared;
mod shares;
mod shl;
mod software;
mod staff;
mod summaries;
mod sync;
mod uploads;
mod well_known;
mod wishes;
mod withdrawals;

use std::sync::LazyLock;

use actix_web::{
    App, Error,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::from_fn,
    web::{self, Data},
};
use nahraum_app::Moment;
use nahraum_domain::ids::RequestId;

use crate::{door::Door, problem::Failure, register::ServiceConfig, routes::Routes};

pub use crate::extract::Proxies;

/// The application for one worker of the server, behind these reverse proxies.
pub fn build(
    app: nahraum_app::App,
    proxies: Proxies,
) -> App<impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()>> {
    let (moments, https) = (app.clone(), app.settings().public_url.starts_with("https://"));
    house(move |sent| moments.begin(sent), https, rooms, &ROUTES)
        .app_data(Data::new(app))
        .app_data(Data::new(proxies))
        .wrap(from_fn(reckoning::count))
}

/// Every room.
fn rooms(cfg: &mut ServiceConfig<'_>) {
    health::routes(cfg);
    problems::routes(cfg);
    well_known::routes(cfg);
    clients::routes(cfg);
    sessions::routes(cfg);
    staff::routes(cfg);
    enrolments::routes(cfg);
    oauth::routes(cfg);
    devices::routes(cfg);
    device_links::routes(cfg);
    security::routes(cfg);
    accounts::routes(cfg);
    consent_texts::routes(cfg);
    consents::routes(cfg);
    decisions::routes(cfg);
    shares::routes(cfg);
    shared::routes(cfg);
    encounters::routes(cfg);
    emergencies::routes(cfg);
    withdrawals::routes(cfg);
    links::routes(cfg);
    shl::routes(cfg);
    findings::routes(cfg);
    corrections::routes(cfg);
    glossary::routes(cfg);
    questions::routes(cfg);
    summaries::routes(cfg);
    sync::routes(cfg);
    exports::routes(cfg);
    audit::routes(cfg);
    practices::routes(cfg);
    push::routes(cfg);
    software::routes(cfg);
    invitations::routes(cfg);
    uploads::routes(cfg);
    receipts::routes(cfg);
    inbox::routes(cfg);
    areas::routes(cfg);
    places::routes(cfg);
    offers::routes(cfg);
    freshness::routes(cfg);
    imports::routes(cfg);
    catalogue::routes(cfg);
    recommendations::routes(cfg);
    bookmarks::routes(cfg);
    hsds::routes(cfg);
    languages::routes(cfg);
    feedback::routes(cfg);
    wishes::routes(cfg);
    schedules::routes(cfg);
    registrations::routes(cfg);
    approvals::routes(cfg);
}

/// The declared operations of every room.
static ROUTES: LazyLock<Routes> = LazyLock::new(|| declared(rooms));

/// The operations that these rooms declare.
fn declared(rooms: fn(&mut ServiceConfig<'_>)) -> Routes {
    Routes::of(&serde_json::to_value(openapi::collected(rooms).paths).unwrap_or_default())
}

/// The door and what lies behind it. `moment` says when a request begins and how it is called, unless it has a name;
/// `https`, whether phones come by https; `routes` is what the rooms declare.
fn house(
    moment: impl Fn(Option<RequestId>) -> Moment + 'static,
    https: bool,
    rooms: fn(&mut ServiceConfig<'_>),
    routes: &'static Routes,
) -> App<impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()>> {
    App::new()
        .configure(|handlers| rooms(&mut ServiceConfig::serving(handlers)))
        .app_data(Data::new(Door::new(moment, https, routes)))
        .default_service(web::to(async || Err::<String, _>(Failure::not_found())))
        .wrap(from_fn(door::through))
}
