//! Room links, the resident's side: making links for people without an account, and taking them back.

use actix_web::{HttpResponse, delete, get, post, web::Data};
use nahraum_api_spec::links::{LinkOrder, MadeShareLink, ShareLink, ShareLinkList};
use nahraum_app::{
    App, Fault, Secret,
    links::{LinkRequest, MadeLink, StoredLink},
};
use nahraum_domain::{
    consent::Purpose,
    ids::ShareLinkId,
    links::{LONGEST_MINUTES, MOST_TRIES, USUAL_MINUTES, USUAL_TRIES},
    private::Private,
};

use crate::{
    consents::shown,
    extract::{Json, Path, Signed},
    problem::Answer,
    register::ServiceConfig,
    shares::{findings, wire_data},
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(create_link).service(list_links).service(end_link);
}

/// Make a link for somebody without an account.
///
/// A SMART Health Link (HL7): whoever has it looks, in a browser or in an app, until it ends or is taken back. It is told this
/// once; the server keeps nothing that opens it. What it leads to is decided each time it is opened, so blocks hold for it,
/// and findings to come are in it unless `data` says otherwise. Needs a sign-in of the last five minutes.
#[utoipa::path(
    tag = "links",
    security(("bearer" = [])),
    request_body = LinkOrder,
    responses((status = 201, description = "The link.", body = MadeShareLink)),
)]
#[post("/v1/links")]
async fn create_link(app: Data<App>, call: Signed, body: Json<LinkOrder>) -> Answer {
    let LinkOrder { label, data, may_download, minutes, passcode, wrong_passcodes, one_time, text } = body.0;
    let request = LinkRequest {
        label: label.as_deref().map(checked_label).transpose()?,
        data: findings(&data)?,
        may_download,
        minutes: within(minutes, USUAL_MINUTES, LONGEST_MINUTES, "/minutes", "1 to 525600 minutes, which is a year.")?,
        passcode: passcode.as_deref().map(checked_passcode).transpose()?,
        most_wrong: within(wrong_passcodes, USUAL_TRIES, MOST_TRIES, "/wrong_passcodes", "1 to 10.")?,
        one_time,
        text: shown(Purpose::Link, text),
    };
    let MadeLink { link, shlink, url, qr } = app.make_link(&call, request).await?;
    let [shlink, url, qr] = [shlink, url, qr].map(Private::into_revealed);
    Ok(HttpResponse::Created().json(MadeShareLink { link: wire(&app, link), shlink, url, qr }))
}

/// List the resident's links.
///
/// Newest first, also those that are over, each with what became of it.
#[utoipa::path(
    tag = "links",
    security(("bearer" = [])),
    responses((status = 200, description = "The links.", body = ShareLinkList)),
)]
#[get("/v1/links")]
async fn list_links(app: Data<App>, call: Signed) -> Answer {
    let items = app.links(&call).await?.into_iter().map(|link| wire(&app, link)).collect();
    Ok(HttpResponse::Ok().json(ShareLinkList { items }))
}

/// Take a link back.
///
/// It holds for the very next request of whoever has it, also for files that are waiting to be fetched.
#[utoipa::path(
    tag = "links",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The link.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9ab1")),
    responses((status = 204, description = "Taken back.")),
)]
#[delete("/v1/links/{id}")]
async fn end_link(app: Data<App>, call: Signed, id: Path<ShareLinkId>) -> Answer {
    app.end_link(&call, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn wire(app: &App, link: StoredLink) -> ShareLink {
    let state = link.state(app.clock().now());
    let StoredLink { id, rule, label, has_passcode, one_time, facts, opens, last_opened_at } = link;
    ShareLink {
        id: id.to_string(),
        rule_id: rule.id.to_string(),
        state: state.as_str().into(),
        label: label.map(Private::into_revealed),
        data: wire_data(&rule.data),
        may_download: rule.rights.download,
        has_passcode,
        passcodes_left: has_passcode.then(|| facts.tries_left()),
        one_time,
        from: rule.period.from.to_string(),
        until: rule.period.until.unwrap_or(rule.period.from).to_string(),
        ended_at: rule.ended_at.map(|ended| ended.to_string()),
        opens,
        last_opened_at: last_opened_at.map(|at| at.to_string()),
    }
}

fn within(said: Option<u32>, usual: u32, most: u32, pointer: &'static str, detail: &'static str) -> Result<u32, Fault> {
    let number = said.unwrap_or(usual);
    if (1..=most).contains(&number) { Ok(number) } else { Err(Fault { pointer, code: "out-of-range", detail }) }
}

fn checked_label(label: &str) -> Result<String, Fault> {
    let label = label.trim();
    if (1..=80).contains(&label.chars().count()) && !label.chars().any(char::is_control) {
        Ok(label.to_owned())
    } else {
        let detail = "1 to 80 characters, without line breaks.";
        Err(Fault { pointer: "/label", code: "out-of-range", detail })
    }
}

fn checked_passcode(passcode: &str) -> Result<Secret, Fault> {
    let (passcode, length) = (Secret::new(passcode.trim()), passcode.trim().chars().count());
    if (6..=128).contains(&length) {
        Ok(passcode)
    } else {
        Err(Fault { pointer: "/passcode", code: "out-of-range", detail: "6 to 128 characters." })
    }
}
