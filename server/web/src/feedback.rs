//! Room feedback: what people say about an offer, without a name, and what its organisation reads of it.

use actix_web::{HttpResponse, get, post, web::Data};
use nahraum_api_spec::feedback::{FeedbackComment, FeedbackCount, FeedbackSummary, NewFeedback};
use nahraum_app::{
    App,
    feedback::{AskedFeedback, Comment, Summary},
};
use nahraum_domain::{ids::OfferId, private::Private};

use crate::{
    extract::{Anyone, Json, Path, Sender, Signed},
    problem::Answer,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(create_offer_feedback).service(get_offer_feedback);
}

/// Say something about an offer.
///
/// No sign-in; nobody is asked who they are. The month is kept and no moment, and nothing that leads to a person. When three have said
/// `wrong-times` or `gone` since it was confirmed last, its organisation has to confirm it.
#[utoipa::path(
    tag = "catalogue",
    security(()),
    params(("id" = String, Path, description = "The offer.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11")),
    request_body = NewFeedback,
    responses(
        (status = 204, description = "Taken."),
        (status = 429, description = "Too much from the same network today; `Retry-After` says when again."),
    ),
)]
#[post("/v1/offers/{id}/feedback")]
async fn create_offer_feedback(
    app: Data<App>,
    call: Anyone,
    sender: Sender,
    id: Path<OfferId>,
    body: Json<NewFeedback>,
) -> Answer {
    let NewFeedback { helpful, tags, comment, lang } = body.0;
    let asked = AskedFeedback { helpful, tags, comment: comment.map(Private::new), language: lang };
    app.give_feedback(&call, sender.0, id.0, asked).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Read what was said about an offer.
///
/// For the people of its organisation. Somebody who has been there may be recognised by what they wrote: it is not for others.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The offer.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11")),
    responses((status = 200, description = "What was said.", body = FeedbackSummary)),
)]
#[get("/v1/publisher/offers/{id}/feedback")]
async fn get_offer_feedback(app: Data<App>, call: Signed, id: Path<OfferId>) -> Answer {
    let Summary { helpful, tags, doubts, comments } = app.offer_feedback(&call, id.0).await?;
    let count = |what: &str, count: i64| FeedbackCount { what: what.to_owned(), count };
    Ok(HttpResponse::Ok().json(FeedbackSummary {
        helpful: helpful.into_iter().map(|(answer, many)| count(answer.as_str(), many)).collect(),
        tags: tags.into_iter().map(|(tag, many)| count(tag.as_str(), many)).collect(),
        doubts,
        comments: comments.into_iter().map(wire).collect(),
    }))
}

fn wire(comment: Comment) -> FeedbackComment {
    FeedbackComment { month: comment.month, lang: comment.language, text: comment.text.into_revealed() }
}
