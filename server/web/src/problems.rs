//! Room problems: every code of a problem document explained, by the server that sends it.

use actix_web::{HttpResponse, get};
use nahraum_texts::escape_html;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    extract::Path,
    problem::{
        Answer, Failure,
        kinds::{self, ProblemKind},
    },
    public,
    ranges::Conditions,
    register::ServiceConfig,
};

/// Every problem code.
#[derive(Debug, Serialize, ToSchema)]
struct ProblemCatalogue {
    /// The codes: those of requests, then those of files.
    items: Vec<ProblemExplanation>,
}

/// One problem code, explained.
#[derive(Debug, Serialize, ToSchema)]
struct ProblemExplanation {
    /// The stable code.
    #[schema(example = "not-found")]
    code: &'static str,
    /// The HTTP status it comes with.
    #[schema(example = 404)]
    status: u16,
    /// The title in English.
    #[schema(example = "There is nothing here for you.")]
    title_en: &'static str,
    /// The title in German.
    #[schema(example = "Hier gibt es nichts für Sie.")]
    title_de: &'static str,
    /// What it means.
    #[schema(example = "There is no such thing, or it is not yours. The two look the same on purpose.")]
    meaning: &'static str,
    /// What to do.
    #[schema(example = "Check the address and the sign-in.")]
    what_to_do: &'static str,
    /// Whether the same request can succeed later.
    #[schema(example = false)]
    retryable: bool,
}

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_problems).service(get_problem);
}

/// List every problem code.
///
/// What each code means, what to do, and whether the same request can succeed later. The same list lies beside the contract, as
/// `problems.json`.
#[utoipa::path(
    tag = "server",
    security(()),
    responses(
        (status = 200, description = "Every code.", body = ProblemCatalogue),
        (status = 304, description = "Unchanged."),
    ),
)]
#[get("/problems")]
async fn list_problems(conditions: Conditions) -> Answer {
    public::answer(&conditions, &catalogue()).await
}

fn catalogue() -> ProblemCatalogue {
    ProblemCatalogue { items: kinds::all().map(explanation).collect() }
}

/// Explain one problem code.
///
/// A small page for people. The member `type` of a problem document leads here.
#[utoipa::path(
    tag = "server",
    security(()),
    params(("code" = String, Path, description = "The code.", example = "not-found")),
    responses((status = 200, description = "The explanation.", content_type = "text/html", body = String)),
)]
#[get("/problems/{code}")]
async fn get_problem(code: Path<String>) -> Answer {
    let kind = kinds::kind(&code.0).ok_or_else(Failure::not_found)?;
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page(kind)))
}

fn explanation(kind: &'static ProblemKind) -> ProblemExplanation {
    ProblemExplanation {
        code: kind.code,
        status: kind.status,
        title_en: kind.title_en,
        title_de: kind.title_de,
        meaning: kind.meaning_en,
        what_to_do: kind.what_to_do_en,
        retryable: kind.retryable,
    }
}

fn page(kind: &ProblemKind) -> String {
    let retry =
        if kind.retryable { "The same request can succeed later." } else { "The same request will fail again." };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{code}</title>\n<h1>{en}</h1>\n\
         <p lang=\"de\">{de}</p>\n<p>Code <code>{code}</code>, HTTP status {status}.</p>\n<h2>What it means</h2>\n\
         <p>{meaning}</p>\n<h2>What to do</h2>\n<p>{what} {retry}</p>\n</html>\n",
        code = escape_html(kind.code),
        en = escape_html(kind.title_en),
        de = escape_html(kind.title_de),
        status = kind.status,
        meaning = escape_html(kind.meaning_en),
        what = escape_html(kind.what_to_do_en),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// App developers read it without a server, and see in a review which code is new.
    #[test]
    fn the_committed_list_is_what_the_server_tells() {
        let told = serde_json::to_string_pretty(&catalogue()).unwrap() + "\n";
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../mobile-api-spec/problems.json");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(path, &told).unwrap();
        }
        assert_eq!(
            std::fs::read_to_string(path).unwrap_or_default(),
            told,
            "set UPDATE_GOLDEN=1 and read the difference"
        );
    }

    #[test]
    fn nothing_breaks_out_of_a_page() {
        assert_eq!(escape_html("<a href=\"x\">'&'"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;");
        for kind in kinds::all() {
            let page = page(kind);
            assert!(page.contains(kind.code) && !page.contains("<script"), "{page}");
        }
    }
}
