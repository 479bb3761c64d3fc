//! Room summaries: findings in brief on paper, and a page on which anybody checks the squares of such a paper in a browser.

use actix_web::{HttpResponse, get, http::header, post, web::Data};
use nahraum_api_spec::summaries::SummaryOrder;
use nahraum_app::{App, Fault};
use nahraum_domain::{audit::statement::hex, ids::FindingId};

use crate::{
    extract::{ActingHeader, Anyone, Json, Signed},
    oauth::{Text, page},
    problem::Answer,
    ranges,
    register::ServiceConfig,
};

const PAGE: [&str; 2] = [include_str!("summaries/page.de.html"), include_str!("summaries/page.en.html")];
const SCRIPT: &str = concat!(include_str!("oauth/page/common.js"), include_str!("summaries/page.js"));

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(create_summary).service(get_paper_page).service(get_paper_script);
}

/// Print findings in brief.
///
/// A PDF for the next visit, in the resident's language: what the physician says, what stands out, all values with what people
/// call them, and squares (QR codes) with the same values signed by the server, which anybody verifies without a network. Each finding is
/// logged as taken away.
#[utoipa::path(
    tag = "summaries",
    security(("bearer" = [])),
    params(ActingHeader),
    request_body = SummaryOrder,
    responses(
        (status = 200, description = "The paper.", content_type = "application/pdf", body = Vec<u8>),
        (status = 404, description = "One of the findings is not there."),
    ),
)]
#[post("/v1/summaries")]
async fn create_summary(app: Data<App>, call: Signed, body: Json<SummaryOrder>) -> Answer {
    let ids: Result<Vec<FindingId>, _> = body.0.finding_ids.iter().map(|id| id.parse()).collect();
    let ids = ids.map_err(|_| Fault {
        pointer: "/finding_ids",
        code: "invalid-id",
        detail: "The ids of findings, as the list has them.",
    })?;
    let pdf = app.print_summary(&call, ids).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/pdf"))
        .insert_header((header::CONTENT_DISPOSITION, ranges::attachment("befunde", "pdf")))
        .body(pdf.into_revealed()))
}

/// Show the page that checks squares.
///
/// A square of a printed summary is the address of this page with the signed values behind the `#`, which browsers keep to
/// themselves. A phone's camera opens it; where there is a hand scanner, the page takes what that types. The browser
/// verifies the signature with the key in the page, and needs no network for it.
#[utoipa::path(
    tag = "summaries",
    security(()),
    responses((status = 200, description = "The page.", body = Text, content_type = "text/html")),
)]
#[get("/paper")]
async fn get_paper_page(app: Data<App>, call: Anyone) -> Answer {
    Ok(page(&call, PAGE, &hex(app.log_key().as_bytes())))
}

/// Give the script of the page that checks squares.
///
/// One file.
#[utoipa::path(
    tag = "summaries",
    security(()),
    responses((status = 200, description = "The script.", body = Text, content_type = "text/javascript")),
)]
#[get("/paper.js")]
async fn get_paper_script() -> Answer {
    Ok(HttpResponse::Ok().content_type("text/javascript; charset=utf-8").body(SCRIPT))
}
