//! An offer as somebody reads it: in their languages, and with no more of a place than is told.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use jiff::{Timestamp, civil::Date};
use nahraum_api_spec::{
    catalogue::{CatalogueDate, CatalogueOffer, CataloguePlace, CatalogueText},
    images::CatalogueImage,
};
use nahraum_app::{
    Refusal,
    catalogue::{Listed, Occurrence, Place, band},
    offers::{Offer, OfferText},
};
use nahraum_domain::{
    calendar,
    offers::{
        facts::Facts,
        freshness::{self, Freshness},
        lifecycle::Status,
        markup,
        places::{AddressVisibility, Position},
        tags::LanguageTag,
        texts::{Origin, choose, is_fallback, is_right_to_left, is_stale},
    },
};
use nahraum_texts::{Language, accepted, machine_notice, stale_notice, unconfirmed_notice};

use super::image;
use crate::{offers::wire_facts, problem::Failure};

/// The language of the installation, for whoever asks for none that there is.
const DEFAULT: &str = "de";

/// Which languages somebody reads.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    wishes: Vec<LanguageTag>,
    all: bool,
}

impl FromRequest for Reader {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let header = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        ready(Ok(Self { wishes: header.map(wishes).unwrap_or_default(), all: false }))
    }
}

/// The languages of `Accept-Language` in the order of preference, at most ten. What is no tag is passed over.
fn wishes(header: &str) -> Vec<LanguageTag> {
    accepted(header).into_iter().filter_map(|range| range.parse().ok()).take(10).collect()
}

impl Reader {
    /// The same with the wish of a parameter, which comes first. `*` is all languages.
    pub(crate) fn wants(&self, lang: Option<&str>) -> Result<Self, Failure> {
        match lang {
            None => Ok(self.clone()),
            Some("*") => Ok(Self { all: true, ..self.clone() }),
            Some(tag) => {
                let detail = "A BCP 47 tag, such as tr or fa-AF, or * for all.";
                let tag = tag.parse().map_err(|_| Refusal::invalid("lang", "not-a-language", detail))?;
                let rest = self.wishes.iter().cloned();
                Ok(Self { wishes: [tag].into_iter().chain(rest).collect(), all: false })
            }
        }
    }

    /// The language in which the server speaks to this reader.
    pub(crate) fn language(&self) -> Language {
        self.wishes.iter().find_map(known).unwrap_or(Language::De)
    }

    /// The language in which notices are said to somebody who reads a text.
    fn notices(&self, text: &LanguageTag) -> Language {
        self.wishes.iter().find_map(known).or_else(|| known(text)).unwrap_or(Language::De)
    }
}

/// The language of the server for a tag, if it speaks it.
fn known(tag: &LanguageTag) -> Option<Language> {
    Language::parse(tag.as_str()).or_else(|| Language::parse(tag.primary()))
}

/// An offer as this reader sees it.
pub(crate) fn offer(listed: Listed, reader: &Reader, now: Timestamp) -> CatalogueOffer {
    let Listed { offer, place, dates, capacity } = listed;
    let today = calendar::day(now);
    let unconfirmed = offer.verify_due.is_some_and(|due| freshness::on(today, due) != Freshness::Checked);
    let (texts, image) = texts(&offer, reader, unconfirmed);
    let next_dates = dates.into_iter().map(|one| date(&offer.facts, one)).collect();
    CatalogueOffer {
        id: offer.id.to_string(),
        organisation_id: offer.organisation.to_string(),
        organisation: offer.organisation_name,
        paused: offer.status == Status::Paused,
        facts: wire_facts(offer.facts),
        texts,
        image,
        place: place.map(|place| told(place, false)),
        capacity: capacity.as_str().to_owned(),
        next_dates,
        verified_on: offer.verified_on.map(|day| day.to_string()),
        unconfirmed,
        metres: None,
    }
}

/// The texts for this reader, and the image with words in the same language, if there are any.
fn texts(offer: &Offer, reader: &Reader, unconfirmed: bool) -> (Vec<CatalogueText>, Option<CatalogueImage>) {
    let since = offer.verified_on.filter(|_| unconfirmed);
    let shown: Vec<&OfferText> = offer.shown().collect();
    let there: Vec<&str> = shown.iter().map(|text| text.language.as_str()).collect();
    let wishes: Vec<&str> = reader.wishes.iter().map(LanguageTag::as_str).collect();
    let own = offer.language.as_str();
    let default = if there.contains(&DEFAULT) { DEFAULT } else { own };
    let chosen = choose(&wishes, default, &there);
    let chosen = shown.iter().find(|text| Some(text.language.as_str()) == chosen).copied();
    let image = image::wire(offer, chosen);
    if reader.all {
        return (shown.into_iter().map(|shown| text(shown, offer.text_rev, since, reader, None)).collect(), image);
    }
    let asked = reader.wishes.first();
    (chosen.map(|chosen| text(chosen, offer.text_rev, since, reader, asked)).into_iter().collect(), image)
}

fn text(
    shown: &OfferText,
    text_rev: i32,
    unconfirmed_since: Option<Date>,
    reader: &Reader,
    asked: Option<&LanguageTag>,
) -> CatalogueText {
    let stale = is_stale(shown.made_from_rev, text_rev);
    let language = reader.notices(&shown.language);
    let machine = (shown.origin == Origin::Machine).then(|| machine_notice(language));
    let behind = stale.then(|| stale_notice(language));
    let unconfirmed = unconfirmed_since.map(|day| unconfirmed_notice(language, day));
    CatalogueText {
        lang: shown.language.to_string(),
        dir: if is_right_to_left(shown.language.as_str()) { "rtl" } else { "ltr" }.to_owned(),
        requested_lang: asked.map(ToString::to_string),
        fallback: asked.is_some_and(|asked| is_fallback(asked.as_str(), shown.language.as_str())),
        origin: shown.origin.as_str().to_owned(),
        stale,
        notices: machine.into_iter().chain(behind).map(str::to_owned).chain(unconfirmed).collect(),
        title: shown.words.title.clone(),
        summary: shown.words.summary.clone(),
        body: shown.words.body.clone(),
        body_plain: markup::plain(&shown.words.body).ok().filter(|plain| *plain != shown.words.body),
        how_to_come: shown.words.how_to_come.clone(),
        image_alt: Some(&shown.image_alt).filter(|alt| !alt.is_empty()).cloned(),
    }
}

/// What an offer is called for this reader, and in which language.
pub(crate) fn title(offer: &Offer, reader: &Reader) -> (String, String) {
    let one = Reader { all: false, ..reader.clone() };
    let text = texts(offer, &one, false).0.into_iter().next();
    text.map_or_else(|| (String::new(), DEFAULT.to_owned()), |text| (text.title, text.lang))
}

/// A place for somebody who takes part there: all of it, if they have a place there and the address is not kept from everybody.
pub(crate) fn place_of_participant(place: Place, has_place: bool) -> CataloguePlace {
    told(place, has_place)
}

/// No more of a place than everybody is told; to those who have a place there, also what is told on booking.
fn told(place: Place, booked: bool) -> CataloguePlace {
    let Place { id, facts, .. } = place;
    let (is_public, in_district) = match facts.address_visibility {
        AddressVisibility::OnBooking if booked => (true, true),
        AddressVisibility::Public => (true, true),
        AddressVisibility::DistrictOnly => (false, true),
        AddressVisibility::OnBooking => (false, false),
    };
    let position = facts.position.filter(|_| is_public).map(Position::degrees);
    CataloguePlace {
        id: id.to_string(),
        address_visibility: facts.address_visibility.as_str().to_owned(),
        name: Some(facts.name).filter(|_| is_public),
        street: Some(facts.street).filter(|_| is_public),
        postcode: Some(facts.postcode).filter(|_| in_district),
        city: facts.city,
        latitude: position.map(|(latitude, _)| latitude),
        longitude: position.map(|(_, longitude)| longitude),
        area_id: facts.area.filter(|_| in_district).map(|id| id.to_string()),
        wheelchair: facts.wheelchair.as_str().to_owned(),
        toilet: facts.toilet.as_str().to_owned(),
        step_free: facts.step_free,
    }
}

/// One date.
pub(super) fn date(facts: &Facts, occurrence: Occurrence) -> CatalogueDate {
    CatalogueDate {
        capacity: band(facts, &occurrence).as_str().to_owned(),
        id: occurrence.id.to_string(),
        starts_at: occurrence.starts_at.to_string(),
        ends_at: occurrence.ends_at.to_string(),
        time_zone: occurrence.time_zone,
        state: occurrence.state.as_str().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_wish_comes_first() {
        let tags = |header: &str| wishes(header).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(tags("de;q=0.5, ar-SY, tr;q=0.75"), ["ar-SY", "tr", "de"]);
        assert_eq!(tags("*, de;q=0, fa;q=0.001, en;q=2, pl;q=0.1234"), ["fa"]);
        assert_eq!(tags(""), Vec::<String>::new());
    }
}
