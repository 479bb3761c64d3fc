//! Room security: what changed how somebody signs in, and getting an account back.

use actix_web::{HttpResponse, delete, get, http::header, post, web::Data};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use nahraum_api_spec::security::{
    CreatedRecoverySheet, NewRecovery, RecoveryPoll, RecoveryProgress, RecoveryStatus, SecurityEvent,
    SecurityEventList, StaffSecurityEvent, StaffSecurityEventList,
};
use nahraum_app::{App, device_links::NewPhone, recovery::Progress, security::Event};
use nahraum_domain::{ids::SecurityEventId, private::Private};
use nahraum_texts::Language;

use crate::{
    extract::{Anyone, Cursors, Json, Page, Path, Query, Signed, parse_date},
    problem::Answer,
    register::ServiceConfig,
    sessions::tokens,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_security_events)
        .service(disown_security_event)
        .service(list_staff_security_events)
        .service(disown_staff_security_event)
        .service(create_recovery_sheet)
        .service(start_recovery)
        .service(complete_recovery)
        .service(get_recovery)
        .service(cancel_recovery);
}

/// List what changed how the resident signs in.
///
/// New and cut-off phones, another PIN, another address, recovery: newest first, each with a plain sentence. Show what is new
/// in here when the app opens. For each there is also one mail without content to the address that was stored before.
#[utoipa::path(
    tag = "security",
    security(("bearer" = [])),
    params(Page),
    responses((status = 200, description = "One page of events.", body = SecurityEventList)),
)]
#[get("/v1/me/security-events")]
async fn list_security_events(app: Data<App>, call: Signed, query: Query<Page>) -> Answer {
    let cursors = Cursors::new(&app, &call, "list_security_events", &());
    let before = cursors.id::<SecurityEventId>(query.0.cursor.as_deref())?;
    let page = app.security_events(&call, before, query.0.limit.get()).await?;
    let next_cursor = page.next.map(|id| cursors.seal_id(&id)).transpose()?;
    let items = page.events.into_iter().map(|(event, sentence)| wire(event, sentence, page.language)).collect();
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_LANGUAGE, page.language.tag()))
        .json(SecurityEventList { items, next_cursor }))
}

/// Say "that was not me".
///
/// Ends every other session, cuts off the phone on which it was done and the one that was let in by it, stops a recovery, and
/// makes the recovery sheet void if it was about one. The phone in the resident's hand stays. The app then offers to set
/// another PIN.
#[utoipa::path(
    tag = "security",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The event.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a41")),
    responses((status = 204, description = "Done.")),
)]
#[post("/v1/me/security-events/{id}/not-me")]
async fn disown_security_event(app: Data<App>, call: Signed, id: Path<SecurityEventId>) -> Answer {
    app.disown_event(&call, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// List what changed how a person at work signs in.
///
/// Passkeys, password, codes from an app, enrolments and resets, and sessions of which a token was copied: newest first, each
/// with a plain sentence. Show what is new in here after a sign-in; `new_security_events` says whether there is anything.
#[utoipa::path(
    tag = "security",
    security(("bearer" = [])),
    params(Page),
    responses((status = 200, description = "One page of events.", body = StaffSecurityEventList)),
)]
#[get("/v1/staff/security-events")]
async fn list_staff_security_events(app: Data<App>, call: Signed, query: Query<Page>) -> Answer {
    let cursors = Cursors::new(&app, &call, "list_staff_security_events", &());
    let before = cursors.id::<SecurityEventId>(query.0.cursor.as_deref())?;
    let page = app.staff_security_events(&call, before, query.0.limit.get()).await?;
    let next_cursor = page.next.map(|id| cursors.seal_id(&id)).transpose()?;
    let items = page.events.into_iter().map(|(event, sentence)| staff_wire(&event, sentence, page.language)).collect();
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_LANGUAGE, page.language.tag()))
        .json(StaffSecurityEventList { items, next_cursor }))
}

/// Say "that was not me", as a person at work.
///
/// Takes everything away that the person could sign in with, whoever set it, and ends all their sessions, this one too; a
/// reset that was started is good for nothing any more. The operator is alarmed and starts another one. Ask before: there is
/// no way back.
#[utoipa::path(
    tag = "security",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The event.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a42")),
    responses((status = 204, description = "Done. The token opens nothing any more.")),
)]
#[post("/v1/staff/security-events/{id}/not-me")]
async fn disown_staff_security_event(app: Data<App>, call: Signed, id: Path<SecurityEventId>) -> Answer {
    app.disown_staff_event(&call, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Make a recovery sheet.
///
/// For the day on which every phone is gone: a page with a QR code, to be printed and kept at home. It works once, and a new
/// one makes the earlier one void. The sign-in must not be older than five minutes.
#[utoipa::path(
    tag = "security",
    security(("bearer" = [])),
    responses((status = 201, description = "The sheet.", body = CreatedRecoverySheet)),
)]
#[post("/v1/me/recovery-sheet")]
async fn create_recovery_sheet(app: Data<App>, call: Signed) -> Answer {
    let sheet = app.make_recovery_sheet(&call).await?;
    Ok(HttpResponse::Created().json(CreatedRecoverySheet {
        qr_payload: sheet.qr_payload.into_revealed(),
        pdf: STANDARD.encode(sheet.pdf.reveal()),
    }))
}

/// Start a recovery with a sheet.
///
/// With the code of the sheet, the birth date, a key of the new phone in the `DPoP` header and a PIN of its own. The sheet is
/// used up by it. Every earlier phone is told and can stop it for 24 hours. Everything wrong about code and birth date gets
/// the same answer.
#[utoipa::path(
    tag = "security",
    security(()),
    request_body = NewRecovery,
    responses((status = 201, description = "It has begun.", body = RecoveryProgress)),
)]
#[post("/v1/recoveries")]
async fn start_recovery(app: Data<App>, call: Anyone, body: Json<NewRecovery>) -> Answer {
    let NewRecovery { code, birth_date, device_secret, device_name, pin } = body.0;
    let born = parse_date("/birth_date", &birth_date)?;
    let phone = NewPhone {
        code: code.into(),
        device_secret: device_secret.map(Private::new),
        device_name: device_name.map(Private::new),
        pin: pin.into(),
    };
    let progress = app.start_recovery(&call, phone, born.into()).await?;
    Ok(HttpResponse::Created().json(progress_wire(progress, call.moment.now)))
}

/// Ask for the account on the new phone.
///
/// With the same key and code, from `ready_at` on and for 14 days. Then the account is on this phone, and every earlier phone
/// is cut off.
#[utoipa::path(
    tag = "security",
    security(()),
    request_body = RecoveryPoll,
    responses((status = 200, description = "How far it is.", body = RecoveryProgress)),
)]
#[post("/v1/recoveries/session")]
async fn complete_recovery(app: Data<App>, call: Anyone, body: Json<RecoveryPoll>) -> Answer {
    let secret = body.0.device_secret.map(Private::new);
    let progress = app.complete_recovery(&call, &body.0.code.into(), secret.as_ref()).await?;
    Ok(HttpResponse::Ok().json(progress_wire(progress, call.moment.now)))
}

/// Show whether a recovery runs.
///
/// For the earlier phones: they show it prominently, with a way to stop it.
#[utoipa::path(
    tag = "security",
    security(("bearer" = [])),
    responses((status = 200, description = "Whether one runs.", body = RecoveryStatus)),
)]
#[get("/v1/me/recovery")]
async fn get_recovery(app: Data<App>, call: Signed) -> Answer {
    let running = app.recovery(&call).await?;
    let (started_at, ready_at) =
        running.as_ref().map(|one| (one.started_at.to_string(), one.ready_at.to_string())).unzip();
    Ok(HttpResponse::Ok().json(RecoveryStatus {
        running: running.is_some(),
        started_at,
        ready_at,
        device_name: running.and_then(|one| one.device_name).map(Private::into_revealed),
    }))
}

/// Stop a recovery.
///
/// From any phone of the account; no fresh sign-in is needed, because haste is. When none runs, nothing happens.
#[utoipa::path(
    tag = "security",
    security(("bearer" = [])),
    responses((status = 204, description = "None runs (any more).")),
)]
#[delete("/v1/me/recovery")]
async fn cancel_recovery(app: Data<App>, call: Signed) -> Answer {
    app.cancel_recovery(&call).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn wire(event: Event, sentence: &str, language: Language) -> SecurityEvent {
    SecurityEvent {
        id: event.id.to_string(),
        kind: event.kind.as_str().to_owned(),
        at: event.at.to_string(),
        device_id: event.device.map(|id| id.to_string()),
        device_name: event.device_name.map(Private::into_revealed),
        by_this_device: event.by_asker,
        disowned_at: event.disowned_at.map(|at| at.to_string()),
        sentence: sentence.to_owned(),
        lang: language.tag().to_owned(),
        dir: language.dir().as_str().to_owned(),
    }
}

fn staff_wire(event: &Event, sentence: &str, language: Language) -> StaffSecurityEvent {
    StaffSecurityEvent {
        id: event.id.to_string(),
        kind: event.kind.as_str().to_owned(),
        at: event.at.to_string(),
        by_this_session: event.by_asker,
        disowned_at: event.disowned_at.map(|at| at.to_string()),
        sentence: sentence.to_owned(),
        lang: language.tag().to_owned(),
        dir: language.dir().as_str().to_owned(),
    }
}

fn progress_wire(progress: Progress, now: Timestamp) -> RecoveryProgress {
    match progress {
        Progress::Waiting(ready_at) => {
            RecoveryProgress { state: "waiting".to_owned(), ready_at: Some(ready_at.to_string()), session: None }
        }
        Progress::Done(session) => {
            RecoveryProgress { state: "done".to_owned(), ready_at: None, session: Some(tokens(&session, now)) }
        }
    }
}
