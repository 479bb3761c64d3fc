//! Room questions: what residents want to ask at their next visit.

use actix_web::{HttpResponse, delete, get, patch, post, web::Data};
use nahraum_api_spec::questions::{Question, QuestionChange, QuestionList, QuestionOrder};
use nahraum_app::{App, Fault, questions as app_questions};
use nahraum_domain::ids::{FindingId, QuestionId};

use crate::{
    extract::{Json, Path, Signed},
    problem::Answer,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_questions).service(create_question).service(update_question).service(delete_question);
}

pub(crate) fn wire(question: &app_questions::Question) -> Question {
    Question {
        id: question.id.to_string(),
        said: question.said.reveal().clone(),
        finding_id: question.finding.map(|id| id.to_string()),
        written_at: question.written_at.to_string(),
        answered_at: question.answered_at.map(|at| at.to_string()),
    }
}

/// List what the resident wants to ask at the next visit.
///
/// The newest first. Nobody else reads it; it is encrypted for the resident.
#[utoipa::path(
    tag = "questions",
    security(("bearer" = [])),
    responses((status = 200, description = "The questions.", body = QuestionList)),
)]
#[get("/v1/questions")]
async fn list_questions(app: Data<App>, call: Signed) -> Answer {
    let items = app.questions(&call).await?.iter().map(wire).collect();
    Ok(HttpResponse::Ok().json(QuestionList { items }))
}

/// Write down what to ask at the next visit.
///
/// At most 100 are kept.
#[utoipa::path(
    tag = "questions",
    security(("bearer" = [])),
    request_body = QuestionOrder,
    responses(
        (status = 201, description = "The question.", body = Question),
        (status = 409, description = "100 are kept already."),
    ),
)]
#[post("/v1/questions")]
async fn create_question(app: Data<App>, call: Signed, body: Json<QuestionOrder>) -> Answer {
    let QuestionOrder { said, finding_id } = body.0;
    let finding = finding_id.map(|id| id.parse::<FindingId>()).transpose().map_err(|_| Fault {
        pointer: "/finding_id",
        code: "invalid-id",
        detail: "The id of a finding, as the list has it.",
    })?;
    let question = app.write_question(&call, said.into(), finding).await?;
    Ok(HttpResponse::Created().json(wire(&question)))
}

/// Tick a question off, or open it again.
///
/// It stays in the list, with the moment at which it was ticked off.
#[utoipa::path(
    tag = "questions",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The question.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9c31")),
    request_body = QuestionChange,
    responses((status = 204, description = "Done.")),
)]
#[patch("/v1/questions/{id}")]
async fn update_question(app: Data<App>, call: Signed, id: Path<QuestionId>, body: Json<QuestionChange>) -> Answer {
    app.tick_question(&call, id.0, body.0.answered).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Throw a question away.
///
/// Nothing of it is kept.
#[utoipa::path(
    tag = "questions",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The question.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9c31")),
    responses((status = 204, description = "Gone.")),
)]
#[delete("/v1/questions/{id}")]
async fn delete_question(app: Data<App>, call: Signed, id: Path<QuestionId>) -> Answer {
    app.throw_question_away(&call, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
