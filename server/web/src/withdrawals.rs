//! Room withdrawals: what becomes of it when a decision is taken back.

use actix_web::{HttpResponse, get, http::header, web::Data};
use nahraum_api_spec::shares::{Withdrawal, WithdrawalConsequence};
use nahraum_app::App;
use nahraum_domain::ids::ConsentId;
use nahraum_texts::consequence_sentence;

use crate::{
    extract::{Path, Signed},
    problem::Answer,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get_withdrawal);
}

/// See what taking a decision back would do.
///
/// For a consent or a permission that stands. Show it before the person confirms; taking back itself is one request.
#[utoipa::path(
    tag = "shares",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The decision.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a99")),
    responses((status = 200, description = "What would happen, and what would stay.", body = Withdrawal)),
)]
#[get("/v1/decisions/{id}/withdrawal")]
async fn get_withdrawal(app: Data<App>, call: Signed, id: Path<ConsentId>) -> Answer {
    let (consequences, language) = app.withdrawal(&call, id.0).await?;
    let items = consequences.iter().map(|one| WithdrawalConsequence {
        kind: one.kind().as_str().to_owned(),
        sentence: consequence_sentence(language, *one).to_owned(),
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_LANGUAGE, language.tag()))
        .json(Withdrawal { items: items.collect() }))
}
