//! Room freshness: organisations say that their offers are still true, in their program, or on the page that a mail leads to.

mod page;

use actix_web::{HttpResponse, get, http::header, post, put, web::Data};
use nahraum_api_spec::freshness::{
    ConfirmedOffer, OfferConfirmation, OfferConfirmationList, OfferConfirmations, PublisherContact,
};
use nahraum_app::{
    App,
    freshness::{Answer as Confirmed, Contact, PageAnswer},
};
use nahraum_domain::private::Private;
use nahraum_texts::Language;

use crate::{
    extract::{Anyone, Form, Json, Path, Signed},
    oauth::Text,
    offers::wire,
    problem::Answer,
    register::ServiceConfig,
};

/// What the page may do: load its style, and send its form here.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const STYLE: &str = include_str!("freshness/page.css");

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(confirm_offers)
        .service(get_publisher_contact)
        .service(update_publisher_contact)
        .service(get_offer_check)
        .service(confirm_offer_check)
        .service(get_offer_check_style);
}

/// Say that offers are still true.
///
/// Many at once, each in the revision that was seen. They count as checked today; those that had come behind the others for want of that
/// come back. Each stands for itself: one that was changed since is named as `changed`, and the others hold.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = [])),
    request_body = OfferConfirmations,
    responses((status = 200, description = "What became of each.", body = OfferConfirmationList)),
)]
#[post("/v1/publisher/confirmations")]
async fn confirm_offers(app: Data<App>, call: Signed, body: Json<OfferConfirmations>) -> Answer {
    let asked: Vec<(String, i32)> =
        body.0.items.into_iter().map(|OfferConfirmation { id, revision }| (id, revision)).collect();
    let ids: Vec<String> = asked.iter().map(|(id, _)| id.clone()).collect();
    let answers = app.confirm_offers(&call, asked).await?;
    let one = |(id, answer): (String, Confirmed)| {
        let (outcome, offer) = match answer {
            Confirmed::Confirmed(offer) => ("confirmed", Some(wire(*offer, call.moment.now))),
            Confirmed::Changed => ("changed", None),
            Confirmed::NotPublic => ("not-public", None),
            Confirmed::Unknown => ("unknown", None),
        };
        ConfirmedOffer { id, outcome: outcome.to_owned(), offer }
    };
    Ok(HttpResponse::Ok().json(OfferConfirmationList { items: ids.into_iter().zip(answers).map(one).collect() }))
}

/// Read where the organisation is written to.
///
/// About offers that are due. Without an address nothing is sent; what is due stands in the list of the organisation's offers all the same.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = [])),
    responses((status = 200, description = "The contact.", body = PublisherContact)),
)]
#[get("/v1/publisher/contact")]
async fn get_publisher_contact(app: Data<App>, call: Signed) -> Answer {
    Ok(HttpResponse::Ok().json(wire_contact(app.publisher_contact(&call).await?)))
}

/// Have the organisation written to.
///
/// All of the contact at once: what is missing is taken away. A shared mailbox outlasts people.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = [])),
    request_body = PublisherContact,
    responses((status = 200, description = "The contact as it is now.", body = PublisherContact)),
)]
#[put("/v1/publisher/contact")]
async fn update_publisher_contact(app: Data<App>, call: Signed, body: Json<PublisherContact>) -> Answer {
    let PublisherContact { mail, lang } = body.0;
    let contact = app.set_publisher_contact(&call, mail.as_deref(), lang.as_deref()).await?;
    Ok(HttpResponse::Ok().json(wire_contact(contact)))
}

/// Show the page on which an organisation confirms.
///
/// Where a mail leads; no sign-in. Looking changes nothing and does not use the address up: scanners of mail servers look as well. What
/// leads nowhere is a page that says so.
#[utoipa::path(
    tag = "offers",
    security(()),
    params(("token" = String, Path, description = "What stands in the mail.", example = "nrf_4vJ…")),
    responses((status = 200, description = "The page.", body = Text, content_type = "text/html")),
)]
#[get("/offer-checks/{token}")]
async fn get_offer_check(app: Data<App>, call: Anyone, token: Path<String>) -> Answer {
    let language = call.language.unwrap_or(Language::De);
    let found = app.offer_check(&call, &token.0, language).await?;
    Ok(shown(language, page::of(language, &found, false)))
}

/// Confirm on the page.
///
/// What its form sends: `offer`, once for each ticked box. Uses the address up, unless nothing is ticked.
#[utoipa::path(
    tag = "offers",
    security(()),
    params(("token" = String, Path, description = "What stands in the mail.", example = "nrf_4vJ…")),
    request_body(content = String, content_type = "application/x-www-form-urlencoded", example = "offer=019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11%3A3"),
    responses((status = 200, description = "The page that says what was confirmed.", body = Text, content_type = "text/html")),
)]
#[post("/offer-checks/{token}")]
async fn confirm_offer_check(app: Data<App>, call: Anyone, token: Path<String>, form: Form) -> Answer {
    let language = call.language.unwrap_or(Language::De);
    let chosen: Vec<String> = form.all("offer").map(str::to_owned).collect();
    let text = match app.confirm_offer_check(&call, &token.0, language, &chosen).await? {
        PageAnswer::Nothing => page::nothing(language),
        PageAnswer::Used => page::used(language),
        PageAnswer::Again(found) => page::of(language, &found, true),
        PageAnswer::Done(done) => page::done(language, &done),
    };
    Ok(shown(language, text))
}

/// Give the style of the page.
///
/// One file.
#[utoipa::path(
    tag = "offers",
    security(()),
    responses((status = 200, description = "The style.", body = Text, content_type = "text/css")),
)]
#[get("/offer-check.css")]
async fn get_offer_check_style() -> Answer {
    Ok(HttpResponse::Ok().content_type("text/css; charset=utf-8").body(STYLE))
}

fn shown(language: Language, text: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_LANGUAGE, language.tag()))
        .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .body(text)
}

fn wire_contact(contact: Contact) -> PublisherContact {
    PublisherContact { mail: contact.mail.map(Private::into_revealed), lang: contact.language }
}
