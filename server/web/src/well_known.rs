//! Room well known: what operating systems and researchers look for at fixed places (RFC 8615). The operator says it in `[about]` and
//! `[apps]`; what they have not said is not there.

use std::fmt::Write as _;

use actix_web::{get, web::Data};
use nahraum_api_spec::well_known::{
    AppleAppLink, AppleAppLinks, AppleAppSiteAssociation, AppleComponent, AppleWebCredentials, AssetLink,
    AssetLinkTarget, AssetLinks,
};
use nahraum_app::App;

use crate::{
    problem::{Answer, Failure},
    public,
    ranges::Conditions,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get_security_txt).service(get_asset_links).service(get_apple_app_site_association);
}

/// Tell whom to tell of a hole.
///
/// For researchers (RFC 9116).
#[utoipa::path(
    tag = "server",
    security(()),
    responses(
        (status = 200, description = "Addresses, and until when they are good.", content_type = "text/plain", body = String),
        (status = 304, description = "Unchanged."),
        (status = 404, description = "The operator has not said it."),
    ),
)]
#[get("/.well-known/security.txt")]
async fn get_security_txt(app: Data<App>, conditions: Conditions) -> Answer {
    let settings = app.settings();
    let expires = settings.about.security_expires.ok_or_else(Failure::not_found)?;
    let mut text = String::new();
    for contact in &settings.about.security_contacts {
        writeln!(text, "Contact: {contact}").map_err(|_| Failure::of("internal"))?;
    }
    let canonical = &settings.public_url;
    write!(
        text,
        "Expires: {expires}T23:59:59Z\nPreferred-Languages: de, en\nCanonical: {canonical}/.well-known/security.txt\n"
    )
    .map_err(|_| Failure::of("internal"))?;
    public::text(&conditions, "text/plain; charset=utf-8", text).await
}

/// Name the Android apps of this server.
///
/// For Android (Digital Asset Links): these apps open addresses of this server and use its passkeys.
#[utoipa::path(
    tag = "server",
    security(()),
    responses(
        (status = 200, description = "The apps.", body = AssetLinks),
        (status = 304, description = "Unchanged."),
        (status = 404, description = "There are none."),
    ),
)]
#[get("/.well-known/assetlinks.json")]
async fn get_asset_links(app: Data<App>, conditions: Conditions) -> Answer {
    let relations = ["delegate_permission/common.handle_all_urls", "delegate_permission/common.get_login_creds"];
    let links: Vec<AssetLink> = app
        .settings()
        .about
        .android
        .iter()
        .map(|app| AssetLink {
            relation: relations.map(str::to_owned).into(),
            target: AssetLinkTarget {
                namespace: "android_app".to_owned(),
                package_name: app.package.clone(),
                sha256_cert_fingerprints: vec![app.fingerprint.clone()],
            },
        })
        .collect();
    if links.is_empty() { Err(Failure::not_found()) } else { public::answer(&conditions, &AssetLinks(links)).await }
}

/// Name the iPhone apps of this server.
///
/// For iOS (Associated Domains): these apps open addresses of this server and use its passkeys.
#[utoipa::path(
    tag = "server",
    security(()),
    responses(
        (status = 200, description = "The apps.", body = AppleAppSiteAssociation),
        (status = 304, description = "Unchanged."),
        (status = 404, description = "There are none."),
    ),
)]
#[get("/.well-known/apple-app-site-association")]
async fn get_apple_app_site_association(app: Data<App>, conditions: Conditions) -> Answer {
    let apps = &app.settings().about.ios;
    if apps.is_empty() {
        return Err(Failure::not_found());
    }
    let everything = AppleComponent { path: "/*".to_owned() };
    let association = AppleAppSiteAssociation {
        applinks: AppleAppLinks { details: vec![AppleAppLink { app_ids: apps.clone(), components: vec![everything] }] },
        webcredentials: AppleWebCredentials { apps: apps.clone() },
    };
    public::answer(&conditions, &association).await
}
