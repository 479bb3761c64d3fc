//! Room invitations: slips for a practice's own patients.

use actix_web::{HttpResponse, delete, get, http::header, post, web::Data};
use nahraum_api_spec::invitations::{
    CreatedInvitation, Invitation, InvitationConfirmation, InvitationList, NewInvitation,
};
use nahraum_app::{
    App,
    invitations::{self as app_invitations, InvitationRequest, LinkState},
};
use nahraum_domain::{ids::InvitationId, private::Private};

use crate::{
    extract::{Cursors, Json, Page, Path, Query, Signed, parse_date},
    problem::Answer,
    ranges,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(create_invitation)
        .service(list_invitations)
        .service(get_invitation)
        .service(revoke_invitation)
        .service(print_invitation_slip)
        .service(confirm_invitation)
        .service(cut_off_invitation)
        .service(withdraw_attestation);
}

/// Invite a patient.
///
/// For the practice's own patient number; only a keyed hash of the birth date is kept, and no name. The codes are shown
/// this once, are good for one use and fourteen days (a posted slip: 21), and end the patient's earlier ones.
#[utoipa::path(
    tag = "invitations",
    security(("bearer" = [])),
    request_body = NewInvitation,
    responses((status = 201, description = "The invitation and its codes.", body = CreatedInvitation)),
)]
#[post("/v1/practice/invitations")]
async fn create_invitation(app: Data<App>, call: Signed, body: Json<NewInvitation>) -> Answer {
    let NewInvitation { patient_reference, birth_date, language, paper_consent_on, binding, .. } = &body.0;
    let paper = paper_consent_on.as_deref().map(|day| parse_date("/paper_consent_on", day)).transpose()?;
    let until = body.0.represents_until.as_deref();
    let until = until.map(|day| parse_date("/represents_until", day)).transpose()?;
    let request = InvitationRequest {
        patient_reference: patient_reference.clone().into(),
        birth_date: parse_date("/birth_date", birth_date)?.into(),
        language: language.clone(),
        paper_consent_on: paper,
        binding: binding.clone(),
        is_for: body.0.is_for.clone(),
        represents_until: until,
        court_file: body.0.court_file.clone().map(Into::into),
    };
    let invited = app.invite(&call, request).await?;
    Ok(HttpResponse::Created().json(CreatedInvitation {
        invitation: wire(invited.invitation),
        manual_code: invited.manual_code.into_revealed(),
        qr_payload: invited.qr_payload.into_revealed(),
    }))
}

/// List the practice's invitations.
///
/// Newest first, with what became of each.
#[utoipa::path(
    tag = "invitations",
    security(("bearer" = [])),
    params(Page),
    responses((status = 200, description = "One page of invitations.", body = InvitationList)),
)]
#[get("/v1/practice/invitations")]
async fn list_invitations(app: Data<App>, call: Signed, query: Query<Page>) -> Answer {
    let cursors = Cursors::new(&app, &call, "list_invitations", &());
    let before = cursors.id::<InvitationId>(query.0.cursor.as_deref())?;
    let (items, next) = app.invitations(&call, before, query.0.limit.get()).await?;
    let next_cursor = next.map(|id| cursors.seal_id(&id)).transpose()?;
    Ok(HttpResponse::Ok().json(InvitationList { items: items.into_iter().map(wire).collect(), next_cursor }))
}

/// Show an invitation.
///
/// What became of it: open, used, revoked, burnt or expired.
#[utoipa::path(
    tag = "invitations",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The invitation.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a05")),
    responses((status = 200, description = "The invitation.", body = Invitation)),
)]
#[get("/v1/practice/invitations/{id}")]
async fn get_invitation(app: Data<App>, call: Signed, id: Path<InvitationId>) -> Answer {
    Ok(HttpResponse::Ok().json(wire(app.invitation(&call, id.0).await?)))
}

/// Take an invitation back.
///
/// Its codes are dead from now on. One that was used stays used.
#[utoipa::path(
    tag = "invitations",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The invitation.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a05")),
    responses((status = 204, description = "Taken back.")),
)]
#[delete("/v1/practice/invitations/{id}")]
async fn revoke_invitation(app: Data<App>, call: Signed, id: Path<InvitationId>) -> Answer {
    app.revoke_invitation(&call, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Print the slip of an invitation.
///
/// A page with QR code and twelve characters, in the patient's language and with no medical word. Printing always makes
/// fresh codes with a fresh time, so that a slip that got lost is worth nothing.
#[utoipa::path(
    tag = "invitations",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The invitation.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a05")),
    responses((status = 200, description = "The slip.", content_type = "application/pdf", body = Vec<u8>)),
)]
#[post("/v1/practice/invitations/{id}/slip")]
async fn print_invitation_slip(app: Data<App>, call: Signed, id: Path<InvitationId>) -> Answer {
    let pdf = app.print_slip(&call, id.0).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/pdf"))
        .insert_header((header::CONTENT_DISPOSITION, ranges::attachment("zettel", "pdf")))
        .body(pdf))
}

/// Confirm a patient who used a posted slip.
///
/// The patient says the four digits that the app shows: at the next visit, or by phone when the practice is called on its
/// known number. What waited is delivered at once. Five wrong numbers end it, and only a new slip helps then.
#[utoipa::path(
    tag = "invitations",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The used invitation.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a05")),
    request_body = InvitationConfirmation,
    responses((status = 200, description = "The invitation as it is now.", body = Invitation)),
)]
#[post("/v1/practice/invitations/{id}/confirmation")]
async fn confirm_invitation(
    app: Data<App>,
    call: Signed,
    id: Path<InvitationId>,
    body: Json<InvitationConfirmation>,
) -> Answer {
    Ok(HttpResponse::Ok().json(wire(app.confirm_invitation(&call, id.0, &body.0.number).await?)))
}

/// Say "not my patient".
///
/// When somebody else used a slip. Everything of this practice leaves the account at once and waits again for the patient
/// (without a consent on paper: in the inbox). The resident sees it in their access log. An account that has no other practice
/// is signed out everywhere; a phone that this slip had brought to an account with other practices is cut off.
#[utoipa::path(
    tag = "invitations",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The used invitation.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a05")),
    responses((status = 200, description = "The invitation as it is now.", body = Invitation)),
)]
#[post("/v1/practice/invitations/{id}/not-my-patient")]
async fn cut_off_invitation(app: Data<App>, call: Signed, id: Path<InvitationId>) -> Answer {
    Ok(HttpResponse::Ok().json(wire(app.cut_off_invitation(&call, id.0).await?)))
}

/// Take back what was attested with a slip.
///
/// Whoever acts for the patient by this slip does not any more, from the next request on. The patient's account stays.
#[utoipa::path(
    tag = "invitations",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The used invitation.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a05")),
    responses((status = 204, description = "Nobody acts by it any more.")),
)]
#[delete("/v1/practice/invitations/{id}/attestation")]
async fn withdraw_attestation(app: Data<App>, call: Signed, id: Path<InvitationId>) -> Answer {
    app.withdraw_attestation(&call, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn wire(invitation: app_invitations::Invitation) -> Invitation {
    Invitation {
        id: invitation.id.to_string(),
        patient_reference: invitation.reference.into_revealed(),
        state: invitation.state.as_str().into(),
        language: invitation.language,
        created_at: invitation.created_at.to_string(),
        expires_at: invitation.expires_at.to_string(),
        used_at: invitation.used_at.map(|at| at.to_string()),
        binding: invitation.binding.as_str().to_owned(),
        link: invitation.link.map(|link| link.as_str().to_owned()),
        account_id: invitation.account.map(|id| id.to_string()),
        cut_off_at: match invitation.link {
            Some(LinkState::CutOff(at)) => Some(at.to_string()),
            Some(LinkState::Linked | LinkState::Pending) | None => None,
        },
        paper_consent_on: invitation.paper_consent_on.map(|day| day.to_string()),
        is_for: invitation.attestation.is_for.as_str().to_owned(),
        represents_until: invitation.attestation.until.map(|day| day.to_string()),
        court_file: invitation.attestation.court_file.map(Private::into_revealed),
    }
}
