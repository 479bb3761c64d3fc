//! Room practices: the practice itself and its upload credentials.

use actix_web::{HttpResponse, delete, get, post, put, web::Data};
use nahraum_api_spec::practices::{
    CreatedUploadCredential, HoldRules, NewUploadCredential, Practice, UploadCredential, UploadCredentialList,
};
use nahraum_app::{App, Fault, practices as app_practices};
use nahraum_domain::{
    holds::{self, Topic},
    ids::CredentialId,
};

use crate::{
    extract::{Json, Path, Signed},
    problem::Answer,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get_practice)
        .service(create_upload_credential)
        .service(list_upload_credentials)
        .service(revoke_upload_credential)
        .service(get_hold_rules)
        .service(update_hold_rules);
}

/// Show the practice.
///
/// The practice of the person who asks, and how many uploads wait for a decision.
#[utoipa::path(
    tag = "practices",
    security(("bearer" = [])),
    responses((status = 200, description = "The practice.", body = Practice)),
)]
#[get("/v1/practice")]
async fn get_practice(app: Data<App>, call: Signed) -> Answer {
    let (practice, inbox_count, open_corrections) = app.practice(&call).await?;
    Ok(HttpResponse::Ok().json(Practice {
        id: practice.id.to_string(),
        name: practice.name,
        inbox_count,
        open_corrections,
    }))
}

/// Show what the practice talks about first.
///
/// Findings about these topics do not show on a phone before somebody has talked with the patient, or the days have passed. From
/// the start every topic is on the list.
#[utoipa::path(
    tag = "practices",
    security(("bearer" = [])),
    responses((status = 200, description = "The rules.", body = HoldRules)),
)]
#[get("/v1/practice/hold-rules")]
async fn get_hold_rules(app: Data<App>, call: Signed) -> Answer {
    Ok(HttpResponse::Ok().json(rules(&app.hold_rules(&call).await?)))
}

/// Change what the practice talks about first.
///
/// For what arrives from now on. What is critical, not final, confidential or about genes is never released by a date alone; a
/// practice that takes it off the list lets it show at once.
#[utoipa::path(
    tag = "practices",
    security(("bearer" = [])),
    request_body = HoldRules,
    responses((status = 200, description = "The rules now.", body = HoldRules)),
)]
#[put("/v1/practice/hold-rules")]
async fn update_hold_rules(app: Data<App>, call: Signed, body: Json<HoldRules>) -> Answer {
    let HoldRules { topics, days, other_days } = body.0;
    let topics: Option<_> = topics.iter().map(|word| Topic::parse(word)).collect();
    let topics = topics.ok_or(Fault {
        pointer: "/topics",
        code: "unknown-topic",
        detail: "Some of critical, not-final, confidential, genetics, infections, pregnancy, pathology, mental-health, drugs.",
    })?;
    let wanted = holds::HoldRules { topics, days, other_days };
    app.set_hold_rules(&call, wanted.clone()).await?;
    Ok(HttpResponse::Ok().json(rules(&wanted)))
}

/// Make an upload credential.
///
/// For one piece of the practice's software. It can upload and read its own receipts, nothing else. The token is shown
/// this once.
#[utoipa::path(
    tag = "practices",
    security(("bearer" = [])),
    request_body = NewUploadCredential,
    responses((status = 201, description = "The credential and its token.", body = CreatedUploadCredential)),
)]
#[post("/v1/practice/upload-credentials")]
async fn create_upload_credential(app: Data<App>, call: Signed, body: Json<NewUploadCredential>) -> Answer {
    let (credential, token) = app.create_upload_credential(&call, &body.0.label).await?;
    Ok(HttpResponse::Created()
        .json(CreatedUploadCredential { credential: wire(credential), token: token.expose().to_owned() }))
}

/// List the upload credentials.
///
/// Newest first, with those that were taken away.
#[utoipa::path(
    tag = "practices",
    security(("bearer" = [])),
    responses((status = 200, description = "The credentials.", body = UploadCredentialList)),
)]
#[get("/v1/practice/upload-credentials")]
async fn list_upload_credentials(app: Data<App>, call: Signed) -> Answer {
    let items = app.upload_credentials(&call).await?.into_iter().map(wire).collect();
    Ok(HttpResponse::Ok().json(UploadCredentialList { items }))
}

/// Take an upload credential away.
///
/// The very next request with it is refused.
#[utoipa::path(
    tag = "practices",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The credential.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a04")),
    responses((status = 204, description = "Taken away.")),
)]
#[delete("/v1/practice/upload-credentials/{id}")]
async fn revoke_upload_credential(app: Data<App>, call: Signed, id: Path<CredentialId>) -> Answer {
    app.revoke_upload_credential(&call, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn rules(rules: &holds::HoldRules) -> HoldRules {
    let topics = rules.topics.iter().map(|topic| topic.as_str().into()).collect();
    HoldRules { topics, days: rules.days, other_days: rules.other_days }
}

fn wire(credential: app_practices::UploadCredential) -> UploadCredential {
    UploadCredential {
        id: credential.id.to_string(),
        label: credential.label,
        created_at: credential.created_at.to_string(),
        revoked_at: credential.revoked_at.map(|at| at.to_string()),
    }
}
