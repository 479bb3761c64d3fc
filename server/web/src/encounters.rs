//! Room encounters: a conversation at the kiosk, and letting somebody act for a resident.

use actix_web::{HttpResponse, delete, get, post, web::Data};
use nahraum_api_spec::{
    encounters::{
        ClaimedRepresentation, CreatedExplanation, CreatedRepresentativeCode, Explanation, ExplanationClaim,
        ExplanationList, JoinedExplanation, NewExplanation, NewRepresented, RepresentativeClaim, RepresentativeCode,
        RepresentativeOrder, Represented,
    },
    findings::PracticeRef,
    shares::ShareRule,
};
use nahraum_app::{
    App, Fault,
    activations::RepresentRequest,
    consents::Decision,
    encounters::{AppointmentRequest, Encounter},
};
use nahraum_domain::{
    consent::{Purpose, Rights},
    encounters::{Aim, LONGEST, SHORTEST, USUAL},
    ids::EncounterId,
    private::Private,
};

use crate::{
    consents::{answer, shown},
    extract::{ActingHeader, Json, Path, Signed, parse_date},
    problem::Answer,
    register::ServiceConfig,
    shared::wire,
    shares::{checked_days, checked_name, findings, rule},
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_explanations)
        .service(create_explanation)
        .service(claim_explanation)
        .service(get_explanation)
        .service(end_explanation)
        .service(create_representative_code)
        .service(get_representative_code)
        .service(grant_representation)
        .service(claim_representation)
        .service(create_represented);
}

/// Begin a conversation in which somebody explains findings.
///
/// Gives a code for a person of a kiosk, a practice or a social institution to type, who sits beside the resident: good for
/// ten minutes and once. Whoever types it can look at these findings for so many minutes, and neither download nor keep
/// them; then it ends by itself. An earlier code of the resident that nobody has typed ends. Needs a sign-in of the last
/// five minutes.
#[utoipa::path(
    tag = "encounters",
    security(("bearer" = [])),
    params(ActingHeader),
    request_body = NewExplanation,
    responses((status = 201, description = "The conversation and its code.", body = CreatedExplanation)),
)]
#[post("/v1/explanations")]
async fn create_explanation(app: Data<App>, call: Signed, body: Json<NewExplanation>) -> Answer {
    let NewExplanation { called, minutes, data, text } = body.0;
    let minutes = minutes.unwrap_or(USUAL);
    if !(SHORTEST..=LONGEST).contains(&minutes) {
        return Err(Fault { pointer: "/minutes", code: "out-of-range", detail: "5 to 90 minutes." }.into());
    }
    let text = shown(Purpose::Explanation, text);
    let begun = app.begin_conversation(&call, findings(&data)?, minutes, checked_name(&called)?, text).await?;
    let code = begun.code.expose().to_owned();
    Ok(HttpResponse::Created().json(CreatedExplanation { explanation: explanation(begun.encounter), code }))
}

/// List the resident's latest conversations.
///
/// Newest first, at most fifty of the last thirty days.
#[utoipa::path(
    tag = "encounters",
    security(("bearer" = [])),
    params(ActingHeader),
    responses((status = 200, description = "The conversations.", body = ExplanationList)),
)]
#[get("/v1/explanations")]
async fn list_explanations(app: Data<App>, call: Signed) -> Answer {
    let items = app.conversations(&call).await?.into_iter().map(explanation).collect();
    Ok(HttpResponse::Ok().json(ExplanationList { items }))
}

/// Show how far a conversation is.
///
/// Once it is `met`, show who takes part, and a button that ends it.
#[utoipa::path(
    tag = "encounters",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The conversation.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a41"), ActingHeader),
    responses((status = 200, description = "The conversation.", body = Explanation)),
)]
#[get("/v1/explanations/{id}")]
async fn get_explanation(app: Data<App>, call: Signed, id: Path<EncounterId>) -> Answer {
    Ok(HttpResponse::Ok().json(explanation(app.encounter(&call, Aim::Explanation, id.0).await?)))
}

/// End a conversation.
///
/// For the resident, and for who explains. It holds for the very next request.
#[utoipa::path(
    tag = "encounters",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The conversation.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a41"), ActingHeader),
    responses((status = 204, description = "It is over.")),
)]
#[delete("/v1/explanations/{id}")]
async fn end_explanation(app: Data<App>, call: Signed, id: Path<EncounterId>) -> Answer {
    app.end_conversation(&call, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Type the code that a resident shows, to explain findings.
///
/// For people at work, for the organisation they act for now. An earlier conversation of the person ends. Unknown, used and
/// late codes get the same answer, and so do those of residents who have blocked the organisation; ten wrong ones cost an
/// hour.
#[utoipa::path(
    tag = "encounters",
    security(("bearer" = [])),
    request_body = ExplanationClaim,
    responses(
        (status = 201, description = "The conversation.", body = JoinedExplanation),
        (status = 403, description = "The code cannot be used (any more)."),
    ),
)]
#[post("/v1/explanation-claims")]
async fn claim_explanation(app: Data<App>, call: Signed, body: Json<ExplanationClaim>) -> Answer {
    let (id, share) = app.join_conversation(&call, &body.0.code).await?;
    Ok(HttpResponse::Created().json(JoinedExplanation {
        id: id.to_string(),
        share_id: share.id.to_string(),
        called: share.called.map_or_else(String::new, Private::into_revealed),
        ends_at: share.until.map_or_else(String::new, |until| until.to_string()),
    }))
}

/// Show a code to somebody who is to act for the resident.
///
/// The other, a resident as well, types it in their own app. Good for ten minutes; an earlier one ends. Needs a sign-in of
/// the last five minutes.
#[utoipa::path(
    tag = "encounters",
    security(("bearer" = [])),
    responses((status = 201, description = "The code.", body = CreatedRepresentativeCode)),
)]
#[post("/v1/representative-codes")]
async fn create_representative_code(app: Data<App>, call: Signed) -> Answer {
    let shown = app.begin_appointment(&call).await?;
    let created =
        CreatedRepresentativeCode { encounter: representative(shown.encounter), code: shown.code.expose().to_owned() };
    Ok(HttpResponse::Created().json(created))
}

/// Show how far the other is.
///
/// Once it is `claimed`, ask the person for the number that the other's phone shows.
#[utoipa::path(
    tag = "encounters",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The encounter.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a42")),
    responses((status = 200, description = "The encounter.", body = RepresentativeCode)),
)]
#[get("/v1/representative-codes/{id}")]
async fn get_representative_code(app: Data<App>, call: Signed, id: Path<EncounterId>) -> Answer {
    Ok(HttpResponse::Ok().json(representative(app.encounter(&call, Aim::Representation, id.0).await?)))
}

/// Let the other act for the resident.
///
/// With the number that the other's phone shows, and in what and for how long. From now on they see the findings under
/// `/v1/shared`, in their own name; every look stands in the resident's access log. They cannot let anybody else in. The
/// resident ends it with `DELETE /v1/shares/{id}`, they themselves with `DELETE /v1/shared/{id}`. At most five people.
/// Three wrong numbers end the encounter. Needs a sign-in of the last five minutes.
#[utoipa::path(
    tag = "encounters",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The encounter.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a42")),
    request_body = RepresentativeOrder,
    responses((status = 201, description = "The permission.", body = ShareRule)),
)]
#[post("/v1/representative-codes/{id}/confirmation")]
async fn grant_representation(
    app: Data<App>,
    call: Signed,
    id: Path<EncounterId>,
    body: Json<RepresentativeOrder>,
) -> Answer {
    let RepresentativeOrder { number, called, days, data, may_download, may_act, text } = body.0;
    let request = AppointmentRequest {
        number,
        data: findings(&data)?,
        rights: Rights { download: may_download, pass_on: false },
        days: checked_days(days)?,
        called: checked_name(&called)?,
        may_act,
        text: shown(Purpose::Representation, text),
    };
    Ok(HttpResponse::Created().json(rule(&app, app.confirm_appointment(&call, id.0, request).await?)))
}

/// Type the code that another resident shows, to act for them.
///
/// Show the number of the answer; the resident types it on their phone. Unknown, used and late codes get the same answer;
/// ten wrong ones cost an hour.
#[utoipa::path(
    tag = "encounters",
    security(("bearer" = [])),
    request_body = RepresentativeClaim,
    responses(
        (status = 201, description = "The number to show.", body = ClaimedRepresentation),
        (status = 403, description = "The code cannot be used (any more)."),
    ),
)]
#[post("/v1/representative-claims")]
async fn claim_representation(app: Data<App>, call: Signed, body: Json<RepresentativeClaim>) -> Answer {
    let RepresentativeClaim { code, called } = body.0;
    let (number, until) = app.claim_appointment(&call, &code, checked_name(&called)?).await?;
    Ok(HttpResponse::Created()
        .json(ClaimedRepresentation { number: format!("{number:02}"), expires_at: until.to_string() }))
}

/// Begin to act for the patient of a slip.
///
/// With the code of a slip that a practice has made for a parent or a guardian, and the patient's birth date, in the app of who
/// is to act. A patient without an account gets one without a phone; what the caller agrees to there they agree to in the
/// patient's place. From now on they act with `Acting-For`: parents until the steps of age, guardians until their last day.
/// Needs a sign-in of the last five minutes.
#[utoipa::path(
    tag = "encounters",
    security(("bearer" = [])),
    request_body = NewRepresented,
    responses((status = 201, description = "Whom the caller acts for now.", body = Represented)),
)]
#[post("/v1/represented")]
async fn create_represented(app: Data<App>, call: Signed, body: Json<NewRepresented>) -> Answer {
    let NewRepresented { code, birth_date, called, own_name, language, consent } = body.0;
    let (consent, decision, evidence) = answer(consent)?;
    if decision != Decision::Granted {
        let detail = "Whoever begins to act for somebody agrees that findings come.";
        return Err(Fault { pointer: "/consent/decision", code: "unknown-word", detail }.into());
    }
    let request = RepresentRequest {
        code: code.into(),
        birth_date: parse_date("/birth_date", &birth_date)?.into(),
        called: checked_name(&called)?,
        own_name: checked_name(&own_name)?,
        language,
        consent,
        evidence,
    };
    let done = app.represent(&call, request).await?;
    Ok(HttpResponse::Created().json(Represented {
        share: wire(done.share),
        practice: PracticeRef { id: done.practice.id.to_string(), name: done.practice.name },
        confirmation_number: done.confirmation_number.map(|number| format!("{number:04}")),
    }))
}

fn explanation(encounter: Encounter) -> Explanation {
    let (person, organisation, name) = match encounter.worker {
        Some((person, organisation, name)) => (Some(person), Some(organisation), Some(name)),
        None => (None, None, None),
    };
    Explanation {
        id: encounter.id.to_string(),
        state: encounter.stage.as_str().to_owned(),
        code_until: encounter.code_until.to_string(),
        share_id: encounter.consent.map_or_else(String::new, |consent| consent.to_string()),
        person_id: person.map(|id| id.to_string()),
        organisation_id: organisation.map(|id| id.to_string()),
        organisation: name,
        ends_at: encounter.ends_at.map(|at| at.to_string()),
    }
}

fn representative(encounter: Encounter) -> RepresentativeCode {
    RepresentativeCode {
        id: encounter.id.to_string(),
        state: encounter.stage.as_str().to_owned(),
        called: encounter.called.map(Private::into_revealed),
        code_until: encounter.code_until.to_string(),
    }
}
