//! A page of what somebody asks for, however they ask.

use nahraum_api_spec::catalogue::{CatalogueList, CatalogueOffer, CatalogueSearch};
use nahraum_app::{
    App,
    catalogue::{AskedFilter, Found, Mark},
};

use super::view::{Reader, offer};
use crate::{
    extract::{Anyone, Cursors},
    problem::Failure,
};

/// How many offers a page has, if nobody says so, and at most.
const PAGE: u32 = 20;
pub(super) const LONGEST_PAGE: u32 = 100;

/// A page of what somebody asks for; `counts`: a search that finds nothing is counted.
pub(super) async fn found(
    app: &App,
    call: &Anyone,
    reader: &Reader,
    asked: CatalogueSearch,
    counts: bool,
) -> Result<CatalogueList, Failure> {
    let CatalogueSearch { words, topics, kinds, organisation, area, spoken, age, free, wheelchair, .. } = asked;
    let CatalogueSearch { online, places, from, to, weekdays, open_now, near, lang, limit, cursor, .. } = asked;
    let reader = reader.wants(lang.as_deref())?;
    let cursors = Cursors::new(app, call, "offers", &());
    let after = cursors.open::<(i32, i64, String)>(cursor.as_deref())?;
    let after = after.map(|(sunk, rank, id)| {
        let id = id.parse().map_err(|_| Failure::of("cursor-mismatch"))?;
        Ok::<_, Failure>(Mark { sunk, rank, id })
    });
    let asked = AskedFilter {
        words,
        topics,
        kinds,
        organisation,
        area,
        spoken,
        age,
        free,
        wheelchair,
        online,
        places,
        from,
        to,
        weekdays,
        open_now,
        near: near.map(|near| (near.latitude, near.longitude)),
        metres: near.and_then(|near| near.metres),
    };
    let limit = limit.unwrap_or(PAGE).clamp(1, LONGEST_PAGE);
    let after = after.transpose()?;
    let (found, next) = if counts {
        app.search_offers(call, asked, after, limit).await?
    } else {
        app.find_offers(call, asked, after, limit).await?
    };
    let today = call.moment.now;
    let item = |found: Found| CatalogueOffer { metres: found.metres, ..offer(found.listed, &reader, today) };
    let next_cursor = next.map(|mark| cursors.seal(&(mark.sunk, mark.rank, mark.id.to_string()))).transpose()?;
    Ok(CatalogueList { items: found.into_iter().map(item).collect(), next_cursor })
}
