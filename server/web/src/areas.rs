//! Room areas: what areas there are, for everybody.

use actix_web::{get, web::Data};
use nahraum_api_spec::areas::{Area, AreaList};
use nahraum_app::{App, areas as app_areas};

use crate::{extract::Anyone, problem::Answer, public, ranges::Conditions, register::ServiceConfig};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_areas);
}

/// List the areas.
///
/// All of them, by scheme and key. For everybody, and to be kept: ask again with `If-None-Match`.
#[utoipa::path(
    tag = "areas",
    security(()),
    responses(
        (status = 200, description = "The areas.", body = AreaList),
        (status = 304, description = "They are what `If-None-Match` says."),
    ),
)]
#[get("/v1/areas")]
async fn list_areas(app: Data<App>, call: Anyone, conditions: Conditions) -> Answer {
    let items = app.areas(&call).await?.into_iter().map(area).collect();
    public::answer(&conditions, &AreaList { items }).await
}

fn area(area: app_areas::Area) -> Area {
    Area {
        id: area.id.to_string(),
        scheme: area.scheme,
        key: area.key,
        name: area.name,
        parent_id: area.parent.map(|id| id.to_string()),
        population: area.population,
    }
}
