//! Room software: the software of a practice, and letting it in by the code it shows.

use actix_web::{HttpResponse, delete, get, post, web::Data};
use nahraum_api_spec::software::{Pairing, SoftwareClient, SoftwareList};
use nahraum_app::{App, software as app_software};
use nahraum_domain::ids::CredentialId;

use crate::{
    extract::{Path, Signed},
    problem::Answer,
    register::ServiceConfig,
};

/// How many bytes of a key's name people compare: 80 bits, which nobody can aim at.
const FINGERPRINT: usize = 10;

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_software)
        .service(revoke_software)
        .service(resume_software)
        .service(get_pairing)
        .service(approve_pairing)
        .service(deny_pairing);
}

/// List the practice's software.
///
/// Newest first, with what was taken away.
#[utoipa::path(
    tag = "software",
    security(("bearer" = [])),
    responses((status = 200, description = "The software.", body = SoftwareList)),
)]
#[get("/v1/practice/software")]
async fn list_software(app: Data<App>, call: Signed) -> Answer {
    let items = app.software(&call).await?.into_iter().map(wire).collect();
    Ok(HttpResponse::Ok().json(SoftwareList { items }))
}

/// Take software away.
///
/// Its very next request is refused, also with a token that would still be good.
#[utoipa::path(
    tag = "software",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The software.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a04")),
    responses((status = 204, description = "Taken away.")),
)]
#[delete("/v1/practice/software/{id}")]
async fn revoke_software(app: Data<App>, call: Signed, id: Path<CredentialId>) -> Answer {
    app.revoke_software(&call, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Let suspended software go on.
///
/// After twenty bad assertions within an hour software is suspended: somebody else may have used its name, or its clock is
/// off. Needs a fresh sign-in.
#[utoipa::path(
    tag = "software",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The software.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a04")),
    responses((status = 204, description = "It can come in again.")),
)]
#[post("/v1/practice/software/{id}/resume")]
async fn resume_software(app: Data<App>, call: Signed, id: Path<CredentialId>) -> Answer {
    app.resume_software(&call, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Show the software behind a code.
///
/// What waits to be let in, by the code that it shows. Ten wrong codes make the person wait for an hour.
#[utoipa::path(
    tag = "software",
    security(("bearer" = [])),
    params(("user_code" = String, Path, description = "The code.", example = "7K3M-Q2XW")),
    responses(
        (status = 200, description = "Who wants to be let in.", body = Pairing),
        (status = 429, description = "Too many wrong codes."),
    ),
)]
#[get("/v1/practice/pairings/{user_code}")]
async fn get_pairing(app: Data<App>, call: Signed, code: Path<String>) -> Answer {
    let pairing = app.pairing(&call, &code.0).await?;
    Ok(HttpResponse::Ok().json(Pairing {
        label: pairing.label,
        key_fingerprint: fingerprint(pairing.thumbprint.as_bytes()),
        expires_at: pairing.expires_at.to_string(),
    }))
}

/// Let software in.
///
/// From now on it acts for the practice of the person who says so. Needs a fresh sign-in.
#[utoipa::path(
    tag = "software",
    security(("bearer" = [])),
    params(("user_code" = String, Path, description = "The code.", example = "7K3M-Q2XW")),
    responses(
        (status = 201, description = "The software.", body = SoftwareClient),
        (status = 429, description = "Too many wrong codes."),
    ),
)]
#[post("/v1/practice/pairings/{user_code}/approve")]
async fn approve_pairing(app: Data<App>, call: Signed, code: Path<String>) -> Answer {
    let client = app.approve_pairing(&call, &code.0).await?;
    Ok(HttpResponse::Created().json(wire(client)))
}

/// Turn software away.
///
/// It is told no, and its code is used up.
#[utoipa::path(
    tag = "software",
    security(("bearer" = [])),
    params(("user_code" = String, Path, description = "The code.", example = "7K3M-Q2XW")),
    responses(
        (status = 204, description = "It was told no."),
        (status = 429, description = "Too many wrong codes."),
    ),
)]
#[post("/v1/practice/pairings/{user_code}/deny")]
async fn deny_pairing(app: Data<App>, call: Signed, code: Path<String>) -> Answer {
    app.deny_pairing(&call, &code.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Software as its practice and it itself see it.
pub(crate) fn wire(client: app_software::SoftwareClient) -> SoftwareClient {
    SoftwareClient {
        id: client.id.to_string(),
        label: client.label,
        key_fingerprint: fingerprint(client.thumbprint.as_bytes()),
        created_at: client.created_at.to_string(),
        renewable_at: client.renewable_at.to_string(),
        expires_at: client.expires_at.to_string(),
        revoked_at: client.revoked_at.map(|at| at.to_string()),
        suspended_at: client.suspended_at.map(|at| at.to_string()),
    }
}

/// What people compare: the beginning of the key's RFC 7638 thumbprint, in hex, two bytes at a time.
pub(crate) fn fingerprint(thumbprint: &[u8; 32]) -> String {
    let mut text = String::with_capacity(FINGERPRINT * 5 / 2);
    for (place, byte) in thumbprint.iter().take(FINGERPRINT).enumerate() {
        if place > 0 && place % 2 == 0 {
            text.push(' ');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_can_be_read_aloud() {
        let mut bytes = [0xab; 32];
        bytes[0] = 1;
        assert_eq!(fingerprint(&bytes), "01ab abab abab abab abab");
    }
}
