//! Room schedules: when an offer takes place, by rules, and what is done with single dates.

use actix_web::{HttpResponse, get, post, put, web::Data};
use jiff::{Timestamp, civil::DateTime};
use nahraum_api_spec::schedules::{
    ClockChange, Occurrence, OccurrenceMove, OccurrencePage, Schedule, ScheduleList, ScheduleOrder, ScheduleOrders,
};
use nahraum_app::{
    App, Fault,
    schedules::{self as app_schedules, Change, NotSet, Order, Shown, WantedRecurrence},
};
use nahraum_domain::{
    ids::{OccurrenceId, OfferId, PlaceId, ScheduleId},
    offers::holidays::Land,
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    extract::{Cursors, Json, Limit, Path, Query, Signed, parse_id},
    problem::{Answer, Failure},
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(update_schedules)
        .service(list_schedules)
        .service(list_publisher_occurrences)
        .service(cancel_occurrence)
        .service(move_occurrence)
        .service(restore_occurrence);
}

/// How a local time is written.
const LOCAL: &str = "%Y-%m-%dT%H:%M";

/// Say when an offer takes place.
///
/// These schedules and no others. One that stays keeps its id, and its dates what has become of them: what was cancelled or moved
/// stays so. A date to come that no schedule gives any more is cancelled, not deleted. Dates are written down for thirteen months
/// ahead. The wall clock counts, whatever the clocks do.
#[utoipa::path(
    tag = "schedules",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The offer.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d00")),
    request_body = ScheduleOrders,
    responses(
        (status = 200, description = "The schedules as they are now.", body = ScheduleList),
        (status = 409, description = "The offer is archived."),
    ),
)]
#[put("/v1/publisher/offers/{id}/schedules")]
async fn update_schedules(app: Data<App>, call: Signed, id: Path<OfferId>, body: Json<ScheduleOrders>) -> Answer {
    let orders = body.0.schedules.into_iter().enumerate();
    let orders = orders.map(|(at, order)| read(order).map_err(|fault| at_place(Failure::from(fault), at)));
    let orders = orders.collect::<Result<Vec<_>, _>>()?;
    let set = app.set_schedules(&call, id.0, orders).await;
    let set = set.map_err(|NotSet { at, refusal }| match at {
        None => Failure::from(refusal),
        Some(at) => at_place(Failure::from(refusal), at),
    })?;
    Ok(HttpResponse::Ok().json(ScheduleList { items: set.into_iter().map(wire).collect() }))
}

/// Show when an offer takes place.
///
/// By rules, as they were set.
#[utoipa::path(
    tag = "schedules",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The offer.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d00")),
    responses((status = 200, description = "The schedules.", body = ScheduleList)),
)]
#[get("/v1/publisher/offers/{id}/schedules")]
async fn list_schedules(app: Data<App>, call: Signed, id: Path<OfferId>) -> Answer {
    let items = app.schedules(&call, id.0).await?.into_iter().map(wire).collect();
    Ok(HttpResponse::Ok().json(ScheduleList { items }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct OccurrenceQuery {
    /// Only what begins at this moment or later; now, if it is missing.
    #[param(value_type = Option<String>, nullable = false, example = "2026-12-01T00:00:00Z")]
    from: Option<Timestamp>,
    /// Only what begins before this moment.
    #[param(value_type = Option<String>, nullable = false, example = "2027-01-01T00:00:00Z")]
    to: Option<Timestamp>,
    /// How many at most, 1 to 200.
    #[serde(default)]
    #[param(value_type = Option<u32>, nullable = false, minimum = 1, maximum = 200, example = 50)]
    limit: Limit,
    /// Where to go on.
    #[param(nullable = false, example = "b3BhcXVl")]
    cursor: Option<String>,
}

/// List the dates of an offer.
///
/// In order of their beginning, also those that are cancelled.
#[utoipa::path(
    tag = "schedules",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The offer.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d00"),
        OccurrenceQuery,
    ),
    responses((status = 200, description = "One page of dates.", body = OccurrencePage)),
)]
#[get("/v1/publisher/offers/{id}/occurrences")]
async fn list_publisher_occurrences(
    app: Data<App>,
    call: Signed,
    id: Path<OfferId>,
    query: Query<OccurrenceQuery>,
) -> Answer {
    let OccurrenceQuery { from, to, limit, cursor } = query.0;
    let filter = (id.0.to_string(), from.map(|at| at.to_string()), to.map(|at| at.to_string()));
    let cursors = Cursors::new(&app, &call, "list_publisher_occurrences", &filter);
    let after = cursors.open::<(i64, String)>(cursor.as_deref())?;
    let after = after.map(|(at, id)| Some((Timestamp::from_microsecond(at).ok()?, id.parse().ok()?)));
    let after = after.map(|place| place.ok_or_else(|| Failure::of("cursor-mismatch"))).transpose()?;
    let (items, next) = app.occurrences(&call, id.0, (from, to), after, limit.get()).await?;
    let next = next.map(|(at, id)| cursors.seal(&(at.as_microsecond(), id.to_string()))).transpose()?;
    let items = items.into_iter().map(occurrence).collect();
    Ok(HttpResponse::Ok().json(OccurrencePage { items, next_cursor: next }))
}

/// Cancel one date.
///
/// It stays on the list, cancelled, with its id.
#[utoipa::path(
    tag = "schedules",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The date.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d02")),
    responses(
        (status = 200, description = "The date as it stands now.", body = Occurrence),
        (status = 409, description = "It has begun, is cancelled already, or its offer is archived."),
    ),
)]
#[post("/v1/publisher/occurrences/{id}/cancel")]
async fn cancel_occurrence(app: Data<App>, call: Signed, id: Path<OccurrenceId>) -> Answer {
    Ok(HttpResponse::Ok().json(occurrence(app.change_occurrence(&call, id.0, Change::Cancel).await?)))
}

/// Move one date.
///
/// To another time, another length, another place.
#[utoipa::path(
    tag = "schedules",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The date.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d02")),
    request_body = OccurrenceMove,
    responses(
        (status = 200, description = "The date as it stands now.", body = Occurrence),
        (status = 409, description = "It has begun, is cancelled, or its offer is archived."),
    ),
)]
#[post("/v1/publisher/occurrences/{id}/move")]
async fn move_occurrence(app: Data<App>, call: Signed, id: Path<OccurrenceId>, body: Json<OccurrenceMove>) -> Answer {
    let OccurrenceMove { starts_local, minutes, place_id } = body.0;
    let starts_local = starts_local.map(|text| local("/starts_local", &text)).transpose()?;
    let place = place_id.map(|text| parse_id::<PlaceId>("/place_id", &text)).transpose()?;
    let change = Change::Move { starts_local, minutes, place };
    Ok(HttpResponse::Ok().json(occurrence(app.change_occurrence(&call, id.0, change).await?)))
}

/// Let one date take place as its schedule has it.
///
/// After it was cancelled or moved.
#[utoipa::path(
    tag = "schedules",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The date.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d02")),
    responses(
        (status = 200, description = "The date as it stands now.", body = Occurrence),
        (
            status = 409,
            description = "It stands as its schedule has it, that time is over, the schedule does not give it any more, or its \
                           offer is archived.",
        ),
    ),
)]
#[post("/v1/publisher/occurrences/{id}/restore")]
async fn restore_occurrence(app: Data<App>, call: Signed, id: Path<OccurrenceId>) -> Answer {
    Ok(HttpResponse::Ok().json(occurrence(app.change_occurrence(&call, id.0, Change::Restore).await?)))
}

/// A fault of one of several schedules.
fn at_place(failure: Failure, at: usize) -> Failure {
    failure.within(&format!("/schedules/{at}"))
}

fn read(order: ScheduleOrder) -> Result<Order, Fault> {
    let locals = |pointer, texts: Vec<String>| texts.iter().map(|text| local(pointer, text)).collect::<Result<_, _>>();
    let detail = "The last part of a code of ISO 3166-2:DE, such as HH.";
    let unknown = Fault { pointer: "/skip_holidays_in", code: "unknown-land", detail };
    let land = order.skip_holidays_in.map(|code| Land::parse(&code).ok_or(unknown)).transpose()?;
    Ok(Order {
        id: order.id.map(|id| parse_id::<ScheduleId>("/id", &id)).transpose()?,
        wanted: WantedRecurrence {
            time_zone: order.time_zone,
            starts: local("/starts_local", &order.starts_local)?,
            minutes: order.minutes,
            rule: order.rule,
            skip: locals("/skip", order.skip)?,
            extra: locals("/extra", order.extra)?,
            skip_holidays_in: land,
        },
    })
}

/// A local time in its one spelling.
fn local(pointer: &'static str, text: &str) -> Result<DateTime, Fault> {
    let fault = Fault { pointer, code: "invalid-local-time", detail: "A local time is written YYYY-MM-DDTHH:MM." };
    DateTime::strptime(LOCAL, text).ok().filter(|time| written(*time) == text).ok_or(fault)
}

fn written(time: DateTime) -> String {
    time.strftime(LOCAL).to_string()
}

fn wire(shown: Shown) -> Schedule {
    let Shown { schedule: app_schedules::Schedule { id, plan }, clock_changes } = shown;
    let change = |(at, change): (DateTime, app_schedules::ClockChange)| ClockChange {
        starts_local: written(at),
        change: match change {
            app_schedules::ClockChange::Gap => "gap",
            app_schedules::ClockChange::Fold => "fold",
        }
        .to_owned(),
    };
    Schedule {
        id: id.to_string(),
        time_zone: plan.time_zone,
        starts_local: written(plan.starts_local),
        minutes: plan.minutes,
        rule: plan.rule,
        skip: plan.skip.into_iter().map(written).collect(),
        extra: plan.extra.into_iter().map(written).collect(),
        skip_holidays_in: plan.skip_holidays_in.map(|land| land.code().to_owned()),
        clock_changes: clock_changes.into_iter().map(change).collect(),
    }
}

pub(crate) fn occurrence(date: app_schedules::Occurrence) -> Occurrence {
    Occurrence {
        id: date.id.to_string(),
        schedule_id: date.schedule.to_string(),
        starts_at: date.starts_at.to_string(),
        ends_at: date.ends_at.to_string(),
        time_zone: date.time_zone,
        planned_local: written(date.planned_local),
        state: date.state.as_str().to_owned(),
        dropped: date.dropped,
        sequence: date.sequence,
        place_id: date.place.map(|place| place.to_string()),
        places_max: date.places_max,
        places_taken: date.places_taken,
    }
}
