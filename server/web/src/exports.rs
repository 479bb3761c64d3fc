//! Room exports: what residents take away: a copy of everything, and their decisions for other programs.

use actix_web::{
    HttpResponse, get,
    http::header,
    web::{Bytes, Data},
};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use nahraum_api_spec::practices::FhirResource;
use nahraum_app::{App, exports::RecordExport};
use nahraum_domain::ids::ConsentId;

use crate::{
    extract::{ActingHeader, Path, Signed},
    problem::{Answer, Failure},
    ranges,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(export_everything).service(export_decision);
}

/// Take a copy of everything away.
///
/// A ZIP archive that opens without this server: a page in the resident's language for any browser, the documents as they
/// were sent, each finding as FHIR, all decisions, the whole access log with its proofs, and as the last file a signed
/// `manifest.json` with the SHA-256 of all others. What the resident cannot see is not in it; what was taken back is named.
/// It comes in one piece without a length, and takes as long as the connection needs. It is complete when its manifest is
/// there; otherwise the connection broke off, and it has to be asked for again. Needs a sign-in of the last five minutes. At
/// most two at once for one resident.
#[utoipa::path(
    tag = "exports",
    security(("bearer" = [])),
    params(ActingHeader),
    responses(
        (status = 200, description = "The archive.", content_type = "application/zip", body = Vec<u8>),
        (status = 429, description = "Two copies are already under way."),
    ),
)]
#[get("/v1/export")]
async fn export_everything(app: Data<App>, call: Signed) -> Answer {
    let export = app.export_everything(&call).await?;
    let mut rest = Box::pin(pieces(call, export));
    // What goes wrong before anything is said is a fault with an answer.
    let beginning = rest.try_next().await?;
    let whole = stream::iter(beginning.map(Ok)).chain(rest);
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/zip"))
        .insert_header((header::CONTENT_DISPOSITION, ranges::attachment("nahraum", "zip")))
        .streaming(whole.map_err(actix_web::Error::from)))
}

/// The archive piece by piece. An error breaks the connection: half an archive must not look like a whole one.
fn pieces(call: Signed, export: RecordExport) -> impl Stream<Item = Result<Bytes, Failure>> {
    stream::try_unfold((call, export), async |(call, mut export)| {
        let piece = export.next(&call).await?;
        Ok(piece.map(|piece| (Bytes::from(piece.into_revealed()), (call, export))))
    })
}

/// Export a decision as FHIR.
///
/// A consent, a permission or a block as a FHIR R4 `Consent`, with its history. It carries no name of the resident: the
/// patient is an identifier of this server. How decisions are written is documented in `docs/export.md`.
#[utoipa::path(
    tag = "exports",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The decision.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a99"), ActingHeader),
    responses((
        status = 200,
        description = "The Consent.",
        content_type = "application/fhir+json",
        body = FhirResource,
        example = json!({"resourceType": "Consent", "status": "active"}),
    )),
)]
#[get("/v1/decisions/{id}/fhir")]
async fn export_decision(app: Data<App>, call: Signed, id: Path<ConsentId>) -> Answer {
    let consent = app.export_decision(&call, id.0).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/fhir+json"))
        .insert_header((header::CONTENT_DISPOSITION, ranges::attachment("decision", "fhir.json")))
        .body(consent))
}
