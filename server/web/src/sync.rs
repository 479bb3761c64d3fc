//! Room sync: what changed for a resident since an app asked last.

use actix_web::{HttpResponse, get, http::header, web::Data};
use nahraum_api_spec::sync::{KeptOffer, SyncChange, SyncPage};
use nahraum_app::{
    App,
    sync::{Change, Item, Position, Said, Shown},
};
use nahraum_domain::{
    ids::{FindingId, SyncPointId},
    sync::Kind,
};
use nahraum_texts::Language;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::{
    catalogue::view::Reader,
    consents, corrections,
    extract::{ActingHeader, Cursors, Limit, Query, Signed},
    finding_views,
    problem::{Answer, Failure},
    questions, recommendations,
    register::ServiceConfig,
    registrations, shares,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_changes);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct SyncQuery {
    /// `next` of the last answer. Without it: everything that there is.
    #[param(nullable = false, example = "b3BhcXVl")]
    since: Option<String>,
    /// How many at most, 1 to 200.
    #[serde(default)]
    #[param(value_type = Option<u32>, nullable = false, minimum = 1, maximum = 200, example = 200)]
    limit: Limit,
}

/// A position, as it stands inside `since`.
#[derive(Serialize, Deserialize)]
struct Since {
    point: String,
    rev: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    within: Option<(String, String)>,
}

impl From<Position> for Since {
    fn from(position: Position) -> Self {
        let within = position.within.map(|(kind, id)| (kind.as_str().to_owned(), id_text(id)));
        Self { point: position.point.to_string(), rev: position.rev, within }
    }
}

impl Since {
    fn position(self) -> Option<Position> {
        let within = match self.within {
            Some((kind, id)) => Some((Kind::parse(&kind)?, *id.parse::<FindingId>().ok()?.as_bytes())),
            None => None,
        };
        Some(Position { point: self.point.parse::<SyncPointId>().ok()?, rev: self.rev, within })
    }
}

/// The id of a thing of whatever kind: all are written alike.
fn id_text(id: [u8; 16]) -> String {
    FindingId::from_bytes(id).to_string()
}

/// List what changed since the app asked last.
///
/// For apps that keep what they show. The first time everything that there is comes, without `since`; then ask with `next` of the answer
/// before, at once while `has_more` is true. A change carries the whole thing, and what is not seen any more comes as `delete`, whatever
/// the reason: a recall, the end of a permission, a wish of the resident. A `next` leads on for thirty days; after `cursor-expired` throw
/// away what you keep and begin anew. With `Acting-For` it is what is open in that person's place: findings, and nothing else. Each finding
/// that goes out has its line in the access log.
#[utoipa::path(
    tag = "sync",
    security(("bearer" = [])),
    params(SyncQuery, ActingHeader),
    responses(
        (status = 200, description = "One page of changes.", body = SyncPage, example = json!({
            "changes": [
                {
                    "op": "delete",
                    "type": "finding",
                    "id": "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02",
                    "rev": 11,
                    "reason": "access_ended",
                },
                {
                    "op": "upsert",
                    "type": "question",
                    "id": "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9c31",
                    "rev": 12,
                    "question": {
                        "id": "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9c31",
                        "said": "Soll ich wegen des Kaliums weniger Bananen essen?",
                        "written_at": "2026-11-22T09:30:00Z",
                    },
                },
            ],
            "next": "b3BhcXVl",
            "has_more": false,
        })),
        (status = 410, description = "`since` is too old, or from before the server was restored: begin anew."),
    ),
)]
#[get("/v1/sync")]
async fn list_changes(app: Data<App>, call: Signed, reader: Reader, query: Query<SyncQuery>) -> Answer {
    // Not bound to the session: what an app keeps outlives it. A position of somebody else's leads nowhere.
    let cursors = Cursors::for_good(&app, "list_changes");
    let mismatch = || Failure::of("cursor-mismatch");
    let since = cursors.open::<Since>(query.0.since.as_deref())?;
    let since = since.map(|since| since.position().ok_or_else(mismatch)).transpose()?;
    let page = app.sync(&call, since, query.0.limit.get()).await?;
    let (page, language) = page.ok_or_else(|| Failure::of("cursor-expired"))?;
    let view = View { app: &app, reader: &reader, language };
    let next = cursors.seal(&Since::from(page.next))?;
    let changes = page.changes.into_iter().map(|change| view.change(change)).collect();
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_LANGUAGE, language.tag())).json(SyncPage {
        changes,
        next,
        has_more: page.has_more,
    }))
}

/// How things are shown to whoever asks.
struct View<'a> {
    app: &'a App,
    reader: &'a Reader,
    language: Language,
}

impl View<'_> {
    fn change(&self, Change { thing: (kind, id), rev, said }: Change<Shown>) -> SyncChange {
        let mut change = SyncChange {
            op: "upsert".into(),
            kind: kind.as_str().into(),
            id: id_text(id),
            rev,
            reason: None,
            finding: None,
            recall: None,
            consent: None,
            share: None,
            block: None,
            registration: None,
            bookmark: None,
            recommendation: None,
            question: None,
            correction: None,
        };
        match said {
            Said::Upsert(item) => self.fill(&mut change, kind, item),
            Said::Delete(gone) => {
                change.op = "delete".into();
                change.reason = Some(gone.as_str().into());
            }
        }
        change
    }

    fn fill(&self, change: &mut SyncChange, kind: Kind, item: Shown) {
        match item {
            Item::Finding(finding) => change.finding = Some(finding_views::finding(finding.get(), self.language)),
            Item::Recall(finding) => change.recall = Some(finding_views::finding(finding.get(), self.language)),
            Item::Consent(consent) => change.consent = Some(consents::wire(*consent)),
            Item::Rule(rule) if kind == Kind::Share => change.share = Some(shares::rule(self.app, *rule)),
            Item::Rule(rule) => change.block = Some(shares::rule(self.app, *rule)),
            Item::Registration(own) => change.registration = Some(registrations::wire(*own, self.reader)),
            Item::Bookmark(offer) => change.bookmark = Some(KeptOffer { offer_id: offer.to_string() }),
            Item::Recommendation(one) => change.recommendation = Some(recommendations::wire(*one, None)),
            Item::Question(question) => change.question = Some(questions::wire(&question)),
            Item::Correction(one) => {
                change.correction = Some(corrections::wire(*one, None, self.app.clock().now()));
            }
        }
    }
}
