//! Room clients: whether an installed app still does.

use actix_web::{get, web::Data};
use nahraum_api_spec::clients::ClientGate;
use nahraum_app::{App, Shop};
use nahraum_domain::clients::{Gate, Installed, Version, judge};
use nahraum_texts::{Language, update_sentence};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    extract::{Anyone, Query},
    problem::Answer,
    public,
    ranges::Conditions,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get_client_gate);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct GateQuery {
    /// The system: `android`, `ios`, or another one, for which nothing is ever wanted.
    #[param(example = "android")]
    platform: String,
    /// The version of the app: up to four numbers with full stops between them. Nothing is wanted of one that is not written so.
    #[param(example = "1.9.2")]
    app_version: String,
    /// The version of the operating system, written alike.
    #[param(nullable = false, example = "14")]
    os_version: Option<String>,
}

/// Ask whether this app still does.
///
/// Before signing in, at most every five minutes. The API itself turns no app away: within `/v1` nothing breaks one that is
/// installed. This is for holes in an app. Go on when there is no answer.
#[utoipa::path(
    tag = "server",
    security(()),
    params(GateQuery),
    responses((status = 200, description = "Whether it does.", body = ClientGate), (status = 304, description = "Unchanged.")),
)]
#[get("/v1/client-gate")]
async fn get_client_gate(app: Data<App>, call: Anyone, query: Query<GateQuery>, conditions: Conditions) -> Answer {
    let about = &app.settings().about;
    let shop = match query.0.platform.as_str() {
        "android" => about.android_shop.clone(),
        "ios" => about.ios_shop.clone(),
        _ => Shop::default(),
    };
    let wanted = shop.wanted;
    let today = call.moment.now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let os = query.0.os_version.as_deref().and_then(|text| text.parse().ok());
    let installed = query.0.app_version.parse().ok().map(|app| Installed { app, os });
    let gate = installed.map_or(Gate::Ok, |installed| judge(&wanted, installed, today));
    let text = |version: Option<Version>| version.map(|version| version.to_string());
    let answer = ClientGate {
        status: gate.as_str().to_owned(),
        message: update_sentence(call.language.unwrap_or(Language::De), gate).map(str::to_owned),
        min_version: text(wanted.min),
        effective_at: wanted.min_from.filter(|from| *from > today).map(|from| from.to_string()),
        latest_version: text(wanted.latest),
        min_os: text(wanted.min_os),
        store_url: shop.store_url,
    };
    public::answer(&conditions, &answer).await
}
