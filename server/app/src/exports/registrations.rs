//! What a resident takes part in, what was recommended to them and what they keep, for their copy of everything.

use nahraum_domain::private::Private;
use nahraum_formats::{RecommendationExport, RegistrationExport, offers_json, registrations_json};
use nahraum_store::{
    bookmarks,
    offers::Offer,
    recommendations,
    registrations::{self as store, Own},
};

use crate::{App, Call, Refusal};

/// All registrations of the caller, as JSON.
///
/// # Errors
/// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
pub(super) async fn of_caller(app: &App, call: &Call) -> Result<Private<Vec<u8>>, Refusal> {
    let all = app.as_resident(call, |tx, caller| Ok(store::own(tx, caller, None, i64::MAX)?)).await?;
    let all: Vec<_> = all.iter().map(export).collect();
    Ok(Private::new(registrations_json(&all)))
}

/// What was recommended to the caller and what they keep, as JSON.
///
/// # Errors
/// As [`of_caller`].
pub(super) async fn offers_of_caller(app: &App, call: &Call) -> Result<Private<Vec<u8>>, Refusal> {
    let (recommended, kept) = app
        .as_resident(call, |tx, caller| Ok((recommendations::own(tx, caller)?, bookmarks::own(tx, caller)?)))
        .await?;
    let recommended: Vec<_> = recommended
        .iter()
        .map(|one| RecommendationExport {
            id: one.id,
            offer: *one.offer.reveal(),
            title: one.listed.as_ref().and_then(|listed| title(&listed.offer)),
            organisation: &one.organisation_name,
            said: one.said.as_ref().map(|said| said.reveal().as_str()),
            state: one.state,
            made_at: one.made_at,
        })
        .collect();
    let kept: Vec<_> =
        kept.iter().map(|(offer, listed)| (*offer, listed.as_ref().and_then(|listed| title(&listed.offer)))).collect();
    Ok(Private::new(offers_json(&recommended, &kept)))
}

/// What an offer is called in its own language.
fn title(offer: &Offer) -> Option<&str> {
    offer.texts.iter().find(|text| text.language == offer.language).map(|text| text.words.title.as_str())
}

fn export(own: &Own) -> RegistrationExport<'_> {
    RegistrationExport {
        id: own.id,
        offer: own.offer.id,
        title: title(&own.offer).unwrap_or_default(),
        organisation: &own.offer.organisation_name,
        date: own.date.as_ref().map(|date| (date.id, date.starts_at, date.state)),
        state: own.state,
        code: &own.code,
        needs: &own.needs,
        name: own.contact.name.as_ref().map(|name| name.reveal().as_str()),
        phone: own.contact.phone.as_ref().map(|phone| phone.reveal().as_str()),
        created_at: own.created_at,
    }
}
