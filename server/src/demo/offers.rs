//! The offers of the demo's district: written by the kiosk through the same use cases that serve people, the first one and the
//! delicate one agreed to by the district office.

use std::collections::BTreeMap;

use jiff::civil::Time;
use nahraum_app::{
    Call,
    offers::{AskedFacts, AskedText, Offer, Words},
    places::PlaceFacts,
    registrations::{AskedRegistration, Contact},
    schedules::{Order, WantedRecurrence},
    staff::Attempt,
};
use nahraum_domain::{
    ids::OfferId,
    offers::{
        holidays::Land,
        places::{Access, AddressVisibility, Position},
        tags::LanguageTag,
    },
};
use nahraum_secrets::{PresentedToken, Secret};
use serde::Deserialize;

use super::{
    district::{DISTRICT, StaffLogin},
    seed::Seeder,
    seed_error::{SeedError, at},
};

/// How many residents register for the date that is nearly full, and how many places it has.
const SIGNED_UP: usize = 2;
const PLACES: i32 = 4;

const DATA: &str = include_str!("district/offers.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    places: BTreeMap<String, PlaceData>,
    offers: Vec<OfferData>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceData {
    name: String,
    street: String,
    postcode: String,
    city: String,
    latitude: f64,
    longitude: f64,
    wheelchair: String,
    toilet: String,
    step_free: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfferData {
    at: Option<String>,
    facts: FactsData,
    schedules: Vec<ScheduleData>,
    texts: BTreeMap<String, TextData>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FactsData {
    kind: String,
    sensitivity: String,
    age_min: Option<i32>,
    cost: String,
    registration: String,
    registration_at: Option<String>,
    places_max: Option<i32>,
    #[serde(default)]
    waiting_list: bool,
    #[serde(default)]
    interpreter: bool,
    #[serde(default)]
    online: bool,
    topics: Vec<String>,
    spoken: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScheduleData {
    starts: Time,
    minutes: i32,
    rule: String,
    holidays: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TextData {
    title: String,
    summary: String,
    body: String,
    machine: bool,
}

impl TextData {
    fn words(&self) -> Words {
        let Self { title, summary, body, .. } = self;
        Words { title: title.clone(), summary: summary.clone(), body: body.clone(), how_to_come: String::new() }
    }
}

impl FactsData {
    fn asked(self, place: Option<String>) -> AskedFacts {
        AskedFacts {
            kind: self.kind,
            sensitivity: self.sensitivity,
            place,
            age_min: self.age_min,
            age_max: None,
            cost: self.cost,
            cost_cents: None,
            registration: self.registration,
            registration_at: self.registration_at,
            places_max: self.places_max,
            waiting_list: self.waiting_list,
            interpreter: self.interpreter,
            online: self.online,
            topics: self.topics,
            spoken: self.spoken,
            areas: Vec::new(),
        }
    }
}

impl Seeder {
    /// Publishes the district's offers, in all the languages there are.
    pub(super) async fn publish_offers(&self, residents: &[Option<PresentedToken>]) -> Result<(), SeedError> {
        let data: Data = serde_json::from_str(DATA).map_err(|_| SeedError::Missing("offers that can be read"))?;
        let kiosk = self.call(Some(&self.at_work(DISTRICT.kiosk.staff).await?), self.now);
        let office = self.call(Some(&self.at_work(DISTRICT.office.staff).await?), self.now);
        let mut places = BTreeMap::new();
        for (name, place) in data.places {
            let made = self.app.create_place(&kiosk, facts_of(place)?).await.map_err(at("make a place"))?;
            places.insert(name, made.id.to_string());
        }
        for offer in data.offers {
            let place = offer.at.as_ref().and_then(|name| places.get(name)).cloned();
            let counts = offer.facts.registration == "in-app";
            let offer = self.publish_offer(&kiosk, &office, offer, place).await?;
            if counts {
                self.fill(&kiosk, offer, residents).await?;
            }
        }
        Ok(())
    }

    /// Some residents register for the next date of an offer, and few places are left there.
    async fn fill(&self, kiosk: &Call, offer: OfferId, residents: &[Option<PresentedToken>]) -> Result<(), SeedError> {
        let dates = self.app.occurrences(kiosk, offer, (None, None), None, 1).await;
        let (dates, _) = dates.map_err(at("look for a date"))?;
        let date = dates.first().ok_or(SeedError::Missing("a date"))?.id;
        for (number, session) in residents.iter().flatten().take(SIGNED_UP).enumerate() {
            let asked = AskedRegistration {
                offer,
                date: Some(date),
                interpreter: (number == 0).then(|| "fa-AF".to_owned()),
                wheelchair: false,
                childcare: number == 1,
                contact: Contact::default(),
                idempotency_key: format!("demo-{number}"),
            };
            let registered = self.app.register(&self.call(Some(session), self.now), asked, |_| String::new()).await;
            registered.map_err(at("register for an offer"))?;
        }
        let places = self.app.set_date_places(kiosk, date, Some(PLACES)).await;
        places.map_err(at("say how many places there are")).map(drop)
    }

    /// The session of the first of these people, who signs in now.
    pub(super) async fn at_work(&self, people: &'static [StaffLogin]) -> Result<PresentedToken, SeedError> {
        let person = people.first().ok_or(SeedError::Missing("a person at work"))?;
        let password = Some(Secret::new(person.password));
        let attempt = Attempt { login: person.login.to_owned(), password, second: None, organisation: None };
        let session = self.app.sign_in_staff(&self.call(None, self.now), attempt).await.map_err(at("sign in"))?;
        Ok(PresentedToken::from(&session.access))
    }

    async fn publish_offer(
        &self,
        kiosk: &Call,
        office: &Call,
        data: OfferData,
        place: Option<String>,
    ) -> Result<OfferId, SeedError> {
        let OfferData { facts, schedules, texts, .. } = data;
        let german = texts.get("de").ok_or(SeedError::Missing("a German text"))?;
        let made = self.app.create_offer(kiosk, facts.asked(place), "de", german.words()).await;
        let mut offer: Offer = made.map_err(at("make an offer"))?;
        for (language, text) in texts.iter().filter(|(language, _)| *language != "de") {
            let tag: LanguageTag = language.parse().map_err(|_| SeedError::Missing("a language"))?;
            let (origin, engine) = if text.machine { ("machine", Some("demo".to_owned())) } else { ("human", None) };
            let text = AskedText {
                words: text.words(),
                image_alt: None,
                origin: origin.to_owned(),
                engine,
                matters: true,
                made_from_rev: None,
            };
            let written = self.app.update_offer_text(kiosk, offer.id, offer.revision, tag, text).await;
            offer = written.map_err(at("translate an offer"))?;
        }
        let orders: Option<Vec<Order>> = schedules.into_iter().map(|data| self.order(data)).collect();
        let orders = orders.ok_or(SeedError::Missing("a Land"))?;
        let set = self.app.set_schedules(kiosk, offer.id, orders).await;
        set.map_err(|not| at("set a schedule")(not.refusal))?;
        let submitted = self.app.step_offer(kiosk, offer.id, "submit").await.map_err(at("submit an offer"))?;
        if submitted.status.as_str() == "in-review" {
            self.app.step_offer(office, offer.id, "approve").await.map_err(at("agree to an offer"))?;
        }
        Ok(offer.id)
    }

    fn order(&self, data: ScheduleData) -> Option<Order> {
        let skip_holidays_in = match data.holidays {
            Some(land) => Some(Land::parse(&land)?),
            None => None,
        };
        let wanted = WantedRecurrence {
            time_zone: "Europe/Berlin".to_owned(),
            starts: self.today.to_datetime(data.starts),
            minutes: data.minutes,
            rule: Some(data.rule),
            skip: Vec::new(),
            extra: Vec::new(),
            skip_holidays_in,
        };
        Some(Order { id: None, wanted })
    }
}

fn facts_of(place: PlaceData) -> Result<PlaceFacts, SeedError> {
    let access = |word: &str| Access::parse(word).ok_or(SeedError::Missing("how one gets in"));
    Ok(PlaceFacts {
        name: place.name,
        street: place.street,
        postcode: place.postcode,
        city: place.city,
        position: Position::of_degrees(place.latitude, place.longitude),
        area: None,
        address_visibility: AddressVisibility::Public,
        wheelchair: access(&place.wheelchair)?,
        toilet: access(&place.toilet)?,
        step_free: place.step_free,
    })
}
