//! Room consents: the texts, what residents answer, and what they are asked again.

use actix_web::{HttpResponse, get, http::header, post, web::Data};
use nahraum_api_spec::{
    consents::{Consent, ConsentEvidence, ConsentGrant, ConsentList, ConsentQuestion, ConsentQuestionList},
    decisions::DecisionText,
};
use nahraum_app::{
    App, Fault,
    consents::{self as app_consents, Decision, EvidenceRequest, ShownText},
};
use nahraum_domain::{
    consent::Purpose,
    ids::{ConsentId, OrganisationId},
    private::Private,
};

use crate::{
    consent_texts,
    extract::{ActingHeader, Json, Path, Signed, parse_id},
    problem::Answer,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_consents).service(grant_consent).service(withdraw_consent).service(list_consent_questions);
}

/// List the resident's consents.
///
/// Every decision with the exact text it was about, newest first; decisions that were taken back stay visible.
#[utoipa::path(
    tag = "consents",
    security(("bearer" = [])),
    params(ActingHeader),
    responses((status = 200, description = "The decisions.", body = ConsentList)),
)]
#[get("/v1/consents")]
async fn list_consents(app: Data<App>, call: Signed) -> Answer {
    let items = app.consents(&call).await?.into_iter().map(wire).collect();
    Ok(HttpResponse::Ok().json(ConsentList { items }))
}

/// Answer a consent text.
///
/// Agree to exactly the text that was read, or refuse it: its purpose, newest version, language and hash. A refusal takes
/// nothing away: an agreement to an older version counts to its day, unless it is taken back.
#[utoipa::path(
    tag = "consents",
    security(("bearer" = [])),
    params(ActingHeader),
    request_body = ConsentGrant,
    responses(
        (status = 201, description = "The decision.", body = Consent),
        (status = 409, description = "This text is agreed to; that is taken back and not refused."),
    ),
)]
#[post("/v1/consents")]
async fn grant_consent(app: Data<App>, call: Signed, body: Json<ConsentGrant>) -> Answer {
    let (shown, decision, evidence) = answer(body.0)?;
    let consent = app.answer_consent(&call, shown, decision, evidence).await?;
    Ok(HttpResponse::Created().json(wire(consent)))
}

/// Take a consent back.
///
/// It holds for the very next upload. What was delivered before stays readable for the resident.
#[utoipa::path(
    tag = "consents",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The decision.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a88"), ActingHeader),
    responses((status = 204, description = "Taken back.")),
)]
#[post("/v1/consents/{id}/withdraw")]
async fn withdraw_consent(app: Data<App>, call: Signed, id: Path<ConsentId>) -> Answer {
    app.withdraw_consent(&call, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// List what the resident is asked.
///
/// Texts that ask again, with what is different, in the resident's language. Answer with `POST /v1/consents`.
#[utoipa::path(
    tag = "consents",
    security(("bearer" = [])),
    responses((status = 200, description = "The questions.", body = ConsentQuestionList)),
)]
#[get("/v1/consent-questions")]
async fn list_consent_questions(app: Data<App>, call: Signed) -> Answer {
    let (questions, language) = app.consent_questions(&call).await?;
    let items = questions.into_iter().map(|question| ConsentQuestion {
        text: consent_texts::wire(question.text),
        changes: question.changes,
        old_counts_until: question.old_counts_until.to_string(),
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_LANGUAGE, language.tag()))
        .json(ConsentQuestionList { items: items.collect() }))
}

/// What was answered, and how that came about.
pub(crate) fn answer(grant: ConsentGrant) -> Result<(ShownText, Decision, Option<EvidenceRequest>), Fault> {
    let ConsentGrant { purpose, version, lang, sha256, decision, evidence } = grant;
    let decision = match decision.as_deref() {
        None => Decision::Granted,
        Some(word) => {
            let detail = "granted or refused.";
            Decision::parse(word).ok_or(Fault { pointer: "/decision", code: "unknown-word", detail })?
        }
    };
    let shown = ShownText { purpose, version, language: lang, sha256 };
    Ok((shown, decision, evidence.map(told).transpose()?))
}

/// What was shown for a decision with this purpose.
pub(crate) fn shown(purpose: Purpose, text: Option<DecisionText>) -> Option<ShownText> {
    text.map(|text| ShownText {
        purpose: purpose.as_str().to_owned(),
        version: text.version,
        language: text.lang,
        sha256: text.sha256,
    })
}

fn told(evidence: ConsentEvidence) -> Result<EvidenceRequest, Fault> {
    let ConsentEvidence { place, explained_by, explained_role, explained_in, how, signature } = evidence;
    let organisation = explained_by.map(|id| parse_id::<OrganisationId>("/evidence/explained_by", &id));
    Ok(EvidenceRequest {
        place,
        explained_by: organisation.transpose()?,
        explained_role: explained_role.map(Private::new),
        explained_in,
        how: how.map(Private::new),
        signature: signature.map(Private::new),
    })
}

pub(crate) fn wire(consent: app_consents::Consent) -> Consent {
    let app_consents::Consent { id, text, standing, at, withdrawn_at, counts_until } = consent;
    Consent {
        id: id.to_string(),
        purpose: text.purpose,
        version: u32::try_from(text.version).unwrap_or(0),
        lang: text.language,
        sha256: text.sha256,
        state: standing.as_str().into(),
        granted_at: at.to_string(),
        withdrawn_at: withdrawn_at.map(|at| at.to_string()),
        counts_until: counts_until.map(|until| until.to_string()),
    }
}
