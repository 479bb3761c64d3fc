//! Room links, the other side: whoever has a link asks what it leads to, and fetches that (HL7 SMART Health Links, "Manifest
//! Request"). And a page of our own that does it in a browser.
//!
//! Any page of any site may ask here: what opens a link is in the link, and no cookie or sign-in counts ([`open_to_all`]).

use actix_web::{
    HttpResponse, get,
    http::header::{self, HeaderMap, HeaderValue},
    post,
    web::Data,
};
use nahraum_api_spec::links::{Manifest, ManifestFile, ManifestRequest, WrongPasscode};
use nahraum_app::{
    App, Fault, Secret,
    links::{FHIR, Knock, LinkFile, Opened},
};
use nahraum_domain::private::Private;

use crate::{
    door::SpeaksForItself,
    extract::{Anyone, Json, Path, Sender},
    oauth::{Text, page},
    problem::Answer,
    register::ServiceConfig,
};

const PAGE: [&str; 2] = [include_str!("shl/page.de.html"), include_str!("shl/page.en.html")];
const SCRIPT: &str = concat!(include_str!("oauth/page/common.js"), include_str!("shl/page.js"));
const STYLE: &str = include_str!("shl/page.css");

/// Where the paths begin that are open to the pages of all sites.
const OPEN: &str = "/shl/";

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(start_link_visit)
        .service(get_link_file)
        .service(get_link_page)
        .service(get_link_script)
        .service(get_link_style);
}

/// Lets the pages of all sites read an answer of a declared path, if it is one of those here; also refusals, and the answer to
/// the question whether they may ask (CORS).
pub(crate) fn open_to_all(route: &str, headers: &mut HeaderMap) {
    if route.starts_with(OPEN) {
        let may = |headers: &mut HeaderMap, name, value| headers.insert(name, HeaderValue::from_static(value));
        may(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        may(headers, header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST");
        may(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, "Content-Type, Accept-Language");
        may(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, "Retry-After");
        may(headers, header::ACCESS_CONTROL_MAX_AGE, "3600");
        may(headers, crate::headers::CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin");
    }
}

/// Ask what a link leads to.
///
/// The manifest request of a SMART Health Link; the address stands in the link. The resident is told that it was opened, and
/// sees `recipient` in the access log. Any web page may ask, without credentials (CORS, `OPTIONS` with 204). A link that is
/// over answers as one that never was.
#[utoipa::path(
    tag = "links",
    security(()),
    params(("secret" = String, Path, description = "What stands in the link.", example = "I91rhba3VsuGXGchcnr6VHlQFKxfE28kuZ0ssbEuxno")),
    request_body = ManifestRequest,
    responses(
        (status = 200, description = "The manifest.", body = Manifest),
        (status = 401, description = "The passcode is missing or wrong. Wrong ones are counted for the link's whole life.", body = WrongPasscode),
        (status = 404, description = "There is no such link (any more)."),
        (status = 422, description = "`recipient` says nothing, or too much."),
        (status = 429, description = "Too often; `Retry-After` says when again."),
    ),
)]
#[post("/shl/{secret}")]
async fn start_link_visit(
    app: Data<App>,
    call: Anyone,
    sender: Sender,
    secret: Path<String>,
    body: Json<ManifestRequest>,
) -> Answer {
    let ManifestRequest { recipient, passcode, .. } = body.0;
    let passcode = passcode.map(|passcode| Secret::new(passcode.trim()));
    let knock = Knock { says: checked_recipient(&recipient)?, passcode };
    match app.open_link(&call, sender.0, &secret.0, knock).await? {
        Opened::Files(files) => {
            let files = files.into_iter().map(file).collect();
            Ok(HttpResponse::Ok().json(Manifest { files }))
        }
        Opened::WrongPasscode(remaining_attempts) => {
            // The specification has a form of its own for this.
            let mut answer = HttpResponse::Unauthorized().json(WrongPasscode { remaining_attempts });
            answer.extensions_mut().insert(SpeaksForItself);
            Ok(answer)
        }
    }
}

/// Fetch what a link leads to.
///
/// The address stands in a manifest and is good for a quarter of an hour and a few times. The answer is a JWE in its compact form
/// (`dir`, `A256GCM`), for the key in the link; in it is one finding as a FHIR R4 document bundle, with its document where the
/// resident allows that.
#[utoipa::path(
    tag = "links",
    security(()),
    params(("file" = String, Path, description = "What stands in the manifest.", example = "sFQ9…")),
    responses(
        (status = 200, description = "The encrypted file.", content_type = "application/jose", body = Text),
        (status = 404, description = "There is no such file (any more)."),
        (status = 429, description = "Too often; `Retry-After` says when again."),
    ),
)]
#[get("/shl/files/{file}")]
async fn get_link_file(app: Data<App>, call: Anyone, sender: Sender, file: Path<String>) -> Answer {
    let jwe = app.link_file(&call, sender.0, &file.0).await?;
    Ok(HttpResponse::Ok().content_type("application/jose").body(jwe))
}

/// Show the page that opens links.
///
/// It reads the link behind the `#` of its own address, which browsers keep to themselves, asks for a name and a passcode, and
/// decrypts what comes in the browser.
#[utoipa::path(
    tag = "links",
    security(()),
    responses((status = 200, description = "The page.", body = Text, content_type = "text/html")),
)]
#[get("/shl")]
async fn get_link_page(call: Anyone) -> Answer {
    Ok(page(&call, PAGE, ""))
}

/// Give the script of the page that opens links.
///
/// One file.
#[utoipa::path(
    tag = "links",
    security(()),
    responses((status = 200, description = "The script.", body = Text, content_type = "text/javascript")),
)]
#[get("/shl.js")]
async fn get_link_script() -> Answer {
    Ok(HttpResponse::Ok().content_type("text/javascript; charset=utf-8").body(SCRIPT))
}

/// Give the style of the page that opens links.
///
/// One file.
#[utoipa::path(
    tag = "links",
    security(()),
    responses((status = 200, description = "The style.", body = Text, content_type = "text/css")),
)]
#[get("/shl.css")]
async fn get_link_style() -> Answer {
    Ok(HttpResponse::Ok().content_type("text/css; charset=utf-8").body(STYLE))
}

fn file(LinkFile { location, finding }: LinkFile) -> ManifestFile {
    ManifestFile {
        content_type: FHIR.to_owned(),
        location: Private::into_revealed(location),
        last_updated: finding.received_at.to_string(),
        status: "finalized".to_owned(),
        fhir_version: "4.0.1".to_owned(),
    }
}

/// Whether a character only tells how to show others: it could turn the sentence around in which the name stands. Joiners are
/// none of them, because names are written with them.
const fn steers(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// Who somebody says they are: one line.
fn checked_recipient(recipient: &str) -> Result<String, Fault> {
    let recipient: String = recipient.chars().map(|c| if c.is_control() || steers(c) { ' ' } else { c }).collect();
    let recipient = recipient.trim().to_owned();
    if (1..=200).contains(&recipient.chars().count()) {
        Ok(recipient)
    } else {
        Err(Fault { pointer: "/recipient", code: "out-of-range", detail: "1 to 200 characters that say who looks." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_are_open_to_other_sites() {
        for (route, open) in [
            ("/shl/{secret}", true),
            ("/shl/files/{file}", true),
            ("/shl", false),
            ("/v1/links", false),
            ("unmatched", false),
        ] {
            let mut headers = HeaderMap::new();
            open_to_all(route, &mut headers);
            assert_eq!(headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).is_some(), open, "{route}");
            assert!(!headers.contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
        }
    }

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(checked_recipient(" Dr.\nAmsel ").unwrap(), "Dr. Amsel");
        assert_eq!(checked_recipient("Dr. \u{202e}lesmA\u{2069}").unwrap(), "Dr.  lesmA");
        assert_eq!(checked_recipient("علی\u{200c}رضا").unwrap(), "علی\u{200c}رضا");
        assert!(checked_recipient("  ").is_err() && checked_recipient("\u{202e}").is_err());
        assert!(checked_recipient(&"x".repeat(201)).is_err());
    }
}
