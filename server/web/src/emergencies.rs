//! Room emergencies: findings of a patient who cannot be asked.

use actix_web::{HttpResponse, post, web::Data};
use nahraum_api_spec::shares::{EmergencyDeclaration, ReceivedShare};
use nahraum_app::App;

use crate::{
    extract::{Json, Signed, parse_date},
    problem::Answer,
    register::ServiceConfig,
    shared,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(create_emergency);
}

/// Declare an emergency of a patient who cannot be asked.
///
/// For people of practices and their own patients. You alone see this patient's findings under `/v1/shared`, also those of other
/// practices, for 24 hours; what the resident has closed and what is delicate stays closed. The resident is told at once, with
/// your name and your reason, and can end it. Every emergency is an alarm for the operator. Needs a sign-in of the last five
/// minutes.
#[utoipa::path(
    tag = "shares",
    security(("bearer" = [])),
    request_body = EmergencyDeclaration,
    responses((status = 201, description = "The permission.", body = ReceivedShare)),
)]
#[post("/v1/practice/emergencies")]
async fn create_emergency(app: Data<App>, call: Signed, body: Json<EmergencyDeclaration>) -> Answer {
    let EmergencyDeclaration { patient_reference, birth_date, reason } = body.0;
    let birth_date = parse_date("/birth_date", &birth_date)?;
    let declared = app.declare_emergency(&call, patient_reference.into(), birth_date.into(), reason.into()).await?;
    Ok(HttpResponse::Created().json(shared::wire(declared)))
}
