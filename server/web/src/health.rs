//! Room health: is the server alive, is it ready, what does it speak.

use actix_web::{HttpResponse, get, web::Data};
use nahraum_api_spec::{
    health::{ApiVersion, Health, ServerInfo},
    push::PushInfo,
};
use nahraum_app::App;
use nahraum_domain::{audit::statement::hex, sync::REMEMBERED};
use nahraum_texts::Language;

use crate::{
    extract::Limit,
    openapi,
    problem::{Answer, Failure},
    public,
    ranges::Conditions,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get_liveness)
        .service(get_readiness)
        .service(get_server)
        .service(get_openapi)
        .service(get_older_openapi);
}

/// Tell whether the process is alive.
///
/// Touches neither database nor disk: a server that is alive and not ready must not be restarted for it.
#[utoipa::path(tag = "server", security(()), responses((status = 200, description = "It is alive.", body = Health)))]
#[get("/healthz")]
async fn get_liveness() -> Answer {
    Ok(HttpResponse::Ok().json(Health { status: "ok".to_owned() }))
}

/// Tell whether requests can be served.
///
/// Asks the database. What exactly is missing stands in the server's log and not here.
#[utoipa::path(
    tag = "server",
    security(()),
    responses(
        (status = 200, description = "Requests can be served.", body = Health),
        (status = 503, description = "Not now."),
    ),
)]
#[get("/readyz")]
async fn get_readiness(app: Data<App>) -> Answer {
    if app.ready().await {
        Ok(HttpResponse::Ok().json(Health { status: "ok".to_owned() }))
    } else {
        Err(Failure::of("not-ready"))
    }
}

/// Tell what the server speaks.
///
/// What an app needs to know before it talks to a server it has never seen: versions, languages, limits.
#[utoipa::path(
    tag = "server",
    security(()),
    responses((status = 200, description = "Versions, languages and limits.", body = ServerInfo)),
)]
#[get("/v1/server")]
async fn get_server(app: Data<App>) -> Answer {
    let settings = app.settings();
    Ok(HttpResponse::Ok().json(ServerInfo {
        name: settings.app_name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        api_versions: vec![ApiVersion { version: "v1".to_owned(), status: "current".to_owned() }],
        languages: Language::ALL.iter().map(|language| language.tag().to_owned()).collect(),
        features: openapi::features(settings.push.is_some()),
        imprint_url: settings.about.imprint_url.clone(),
        privacy_url: settings.about.privacy_url.clone(),
        accessibility_url: settings.about.accessibility_url.clone(),
        support_url: settings.about.support_url.clone(),
        demo: settings.demo,
        bearer: settings.bearer,
        push: settings
            .push
            .as_ref()
            .map(|_| PushInfo { kinds: vec!["web-push".to_owned()], vapid_public_key: app.push_key().public() }),
        sync_days: REMEMBERED.as_hours() / 24,
        max_page: Limit::MOST,
        max_upload_bytes: settings.max_upload_bytes,
        log_key: hex(app.log_key().as_bytes()),
    }))
}

/// Show the description of this API.
///
/// An OpenAPI 3.1 document, the same that the source code carries.
#[utoipa::path(
    tag = "server",
    security(()),
    responses(
        (
            status = 200,
            description = "The OpenAPI document.",
            body = openapi::OpenApiDocument,
            example = json!({"openapi": "3.1.0"}),
        ),
        (status = 304, description = "Unchanged."),
    ),
)]
#[get("/v1/openapi.json")]
async fn get_openapi(conditions: Conditions) -> Answer {
    public::text(&conditions, "application/json", openapi::document().to_owned()).await
}

/// Show the description of this API to older tools.
///
/// The same as an OpenAPI 3.0 document, for generators that do not read 3.1 yet.
#[utoipa::path(
    tag = "server",
    security(()),
    responses(
        (
            status = 200,
            description = "The OpenAPI document.",
            body = openapi::OpenApiDocument,
            example = json!({"openapi": "3.0.3"}),
        ),
        (status = 304, description = "Unchanged."),
    ),
)]
#[get("/v1/openapi-3.0.json")]
async fn get_older_openapi(conditions: Conditions) -> Answer {
    public::text(&conditions, "application/json", openapi::older_document().to_owned()).await
}
