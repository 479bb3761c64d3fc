//! Room catalogue: what everybody reads of the offers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{images::CatalogueImage, offers::OfferFacts};

/// A text about an offer, and what it really is.
#[derive(Debug, Serialize, ToSchema)]
pub struct CatalogueText {
    /// The language it is in, as a BCP 47 tag. For the `lang` of what shows it or reads it aloud.
    #[schema(example = "de")]
    pub lang: String,
    /// The direction it is written in: `ltr` or `rtl`.
    #[schema(example = "ltr")]
    pub dir: String,
    /// The language that was asked for first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "ar")]
    pub requested_lang: Option<String>,
    /// Whether it is another language, because there is no text in the one asked for.
    #[schema(example = true)]
    pub fallback: bool,
    /// `human`, `machine` or `machine-reviewed`. Treat an unknown word as `machine`.
    #[schema(example = "human")]
    pub origin: String,
    /// Whether it is behind. The facts beside it are right all the same.
    #[schema(example = false)]
    pub stale: bool,
    /// To be shown with it, as it is: that a machine translated it (AI Act, Art. 50(4)), that it is behind, or since when nobody has
    /// confirmed the offer.
    #[schema(example = json!([]))]
    pub notices: Vec<String>,
    /// What it is called.
    #[schema(example = "Gehgruppe im Öjendorfer Park")]
    pub title: String,
    /// In one or two sentences.
    #[schema(example = "Wir gehen zusammen 60 Minuten. Ohne Anmeldung.")]
    pub summary: String,
    /// In full: paragraphs, lines that begin with `- `, `**bold**` words and `[links](https://…)`.
    #[schema(example = "Treffpunkt ist der Eingang. Bitte **feste Schuhe** mitbringen.")]
    pub body: String,
    /// The same without marks, for reading aloud. Left out when there are none: then it is `body`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Treffpunkt ist der Eingang. Bitte feste Schuhe mitbringen.")]
    pub body_plain: Option<String>,
    /// How one gets there.
    #[schema(example = "Bus 10 bis Öjendorfer Park.")]
    pub how_to_come: String,
    /// What the image of the offer shows, where it is said in this language.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Fünf Menschen gehen auf einem Parkweg.")]
    pub image_alt: Option<String>,
}

/// Where an offer is, as far as it is told.
#[derive(Debug, Serialize, ToSchema)]
pub struct CataloguePlace {
    /// The place.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b01")]
    pub id: String,
    /// Who is told the address: `public`, `district-only` or `on-booking`. Treat an unknown word as `on-booking`.
    #[schema(example = "public")]
    pub address_visibility: String,
    /// What people call it, where it is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Eingang Öjendorfer Park")]
    pub name: Option<String>,
    /// Street and number, where they are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Öjendorfer Weg 1")]
    pub street: Option<String>,
    /// The postcode, where it is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "22119")]
    pub postcode: Option<String>,
    /// The town.
    #[schema(example = "Hamburg")]
    pub city: String,
    /// Degrees north (WGS 84), where it is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 53.553)]
    pub latitude: Option<f64>,
    /// Degrees east.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 10.118)]
    pub longitude: Option<f64>,
    /// In which area.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b41")]
    pub area_id: Option<String>,
    /// Whether a wheelchair gets in: `yes`, `limited`, `no` or `unknown`. Treat an unknown word as `unknown`.
    #[schema(example = "limited")]
    pub wheelchair: String,
    /// Whether there is a toilet for it, in the same words.
    #[schema(example = "no")]
    pub toilet: String,
    /// Whether there is no step.
    #[schema(example = true)]
    pub step_free: bool,
}

/// One date of an offer.
#[derive(Debug, Serialize, ToSchema)]
pub struct CatalogueDate {
    /// The date. It stays the same, whatever becomes of it.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b21")]
    pub id: String,
    /// When it begins.
    #[schema(example = "2026-12-01T09:00:00Z")]
    pub starts_at: String,
    /// When it ends.
    #[schema(example = "2026-12-01T10:00:00Z")]
    pub ends_at: String,
    /// The time zone in which it is announced (IANA).
    #[schema(example = "Europe/Berlin")]
    pub time_zone: String,
    /// `scheduled`, `moved` or `cancelled`. Treat an unknown word as `moved`.
    #[schema(example = "scheduled")]
    pub state: String,
    /// How many places there are, in the words of the offer's `capacity`.
    #[schema(example = "few")]
    pub capacity: String,
}

/// An offer, as everybody sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CatalogueOffer {
    /// The offer.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11")]
    pub id: String,
    /// The organisation whose it is.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    pub organisation_id: String,
    /// What people call it.
    #[schema(example = "Gesundheitskiosk Billstedt")]
    pub organisation: String,
    /// Whether one cannot take part for a while.
    #[schema(example = false)]
    pub paused: bool,
    /// Its facts. They are right in every language.
    pub facts: OfferFacts,
    /// Its text in the language asked for, or the next best; one for each language with `lang=*`.
    pub texts: Vec<CatalogueText>,
    /// Its image.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub image: Option<CatalogueImage>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub place: Option<CataloguePlace>,
    /// How many places there are, of the date to come that has most: `free`, `few` (three at most), `full-waiting-list`, `full`,
    /// `walk-in` (nobody registers) or `not-counted`. Never a number. Treat an unknown word as `not-counted`.
    #[schema(example = "free")]
    pub capacity: String,
    /// Its next dates, at most three.
    pub next_dates: Vec<CatalogueDate>,
    /// The day on which somebody last said that it is true.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-22", format = Date)]
    pub verified_on: Option<String>,
    /// Whether nobody has said so for two weeks after it was due: it has not been confirmed since `verified_on`.
    #[schema(example = false)]
    pub unconfirmed: bool,
    /// How far it is in metres from the rounded position that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 1200)]
    pub metres: Option<u32>,
}

/// A page of offers.
#[derive(Debug, Serialize, ToSchema)]
pub struct CatalogueList {
    /// The offers.
    pub items: Vec<CatalogueOffer>,
    /// Ask for more with this; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "b3BhcXVl")]
    pub next_cursor: Option<String>,
}

/// The dates of an offer.
#[derive(Debug, Serialize, ToSchema)]
pub struct CatalogueDateList {
    /// The dates, in their order, at most 400.
    pub items: Vec<CatalogueDate>,
}

/// What somebody looks for. Everything has to hold; what is left out does not matter.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CatalogueSearch {
    /// Words in any language and script; the last one may be the beginning of one.
    #[serde(default)]
    #[schema(nullable = false, example = "gehgruppe")]
    pub words: Option<String>,
    /// About one of these topics.
    #[serde(default)]
    #[schema(example = json!(["movement"]))]
    pub topics: Vec<String>,
    /// Of one of these kinds.
    #[serde(default)]
    #[schema(example = json!(["group", "course"]))]
    pub kinds: Vec<String>,
    /// Of this organisation.
    #[serde(default)]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    pub organisation: Option<String>,
    /// In this area, or one inside it, or for its people.
    #[serde(default)]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b41")]
    pub area: Option<String>,
    /// Where this language is spoken, as a BCP 47 tag.
    #[serde(default)]
    #[schema(nullable = false, example = "tr")]
    pub spoken: Option<String>,
    /// For somebody of this age.
    #[serde(default)]
    #[schema(nullable = false, minimum = 0, maximum = 130, example = 64)]
    pub age: Option<i32>,
    /// Only what costs nothing.
    #[serde(default)]
    #[schema(example = false)]
    pub free: bool,
    /// Only where a wheelchair gets in.
    #[serde(default)]
    #[schema(example = false)]
    pub wheelchair: bool,
    /// Only over the internet, or only what is not.
    #[serde(default)]
    #[schema(nullable = false, example = false)]
    pub online: Option<bool>,
    /// Only with free places, or where none are counted.
    #[serde(default)]
    #[schema(example = false)]
    pub places: bool,
    /// With a date that ends after this moment.
    #[serde(default)]
    #[schema(nullable = false, example = "2026-12-01T00:00:00Z")]
    pub from: Option<String>,
    /// With a date that begins before this moment.
    #[serde(default)]
    #[schema(nullable = false, example = "2026-12-08T00:00:00Z")]
    pub to: Option<String>,
    /// With a date in the next four weeks on one of these days of the week there: `monday` to `sunday`.
    #[serde(default)]
    #[schema(example = json!(["saturday", "sunday"]))]
    pub weekdays: Vec<String>,
    /// Only what takes place at this moment, such as opening hours.
    #[serde(default)]
    #[schema(example = false)]
    pub open_now: bool,
    /// Near this position.
    #[serde(default)]
    #[schema(nullable = false)]
    pub near: Option<Near>,
    /// In which language the texts are wanted, as a BCP 47 tag, or `*` for all. Otherwise `Accept-Language` decides.
    #[serde(default)]
    #[schema(nullable = false, example = "tr")]
    pub lang: Option<String>,
    /// How many at most, 1 to 100; 20 if it is missing.
    #[serde(default)]
    #[schema(nullable = false, minimum = 1, maximum = 100, example = 20)]
    pub limit: Option<u32>,
    /// Where to go on.
    #[serde(default)]
    #[schema(nullable = false, example = "b3BhcXVl")]
    pub cursor: Option<String>,
}

/// A position, and how far around it. It is rounded to a hundredth of a degree; a phone does that before it asks.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Near {
    /// Degrees north (WGS 84).
    #[schema(minimum = -90, maximum = 90, example = 53.55)]
    pub latitude: f64,
    /// Degrees east.
    #[schema(minimum = -180, maximum = 180, example = 10.12)]
    pub longitude: f64,
    /// At most so many metres from it, 1 to 50,000; 3,000 if it is missing.
    #[serde(default)]
    #[schema(nullable = false, minimum = 1, maximum = 50_000, example = 3000)]
    pub metres: Option<u32>,
}

/// One change of what is public.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedItem {
    /// Its number.
    #[schema(example = 42)]
    pub seq: i64,
    /// `updated` or `deleted`.
    #[schema(example = "updated")]
    pub state: String,
    /// The offer.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11")]
    pub id: String,
    /// When it changed.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub modified: String,
    /// The offer as it is now; absent when it is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub data: Option<CatalogueOffer>,
}

/// A page of changes, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Feed {
    /// The changes. Empty: nothing has changed since.
    pub items: Vec<FeedItem>,
    /// What to ask with next time. At the end the same as asked with.
    #[schema(example = 42)]
    pub next: i64,
}

/// Everything that is public.
#[derive(Debug, Serialize, ToSchema)]
pub struct Snapshot {
    /// The offers.
    pub items: Vec<CatalogueOffer>,
    /// From here on `GET /v1/offer-feed?after=` has what changes.
    #[schema(example = 42)]
    pub next: i64,
}

/// A topic.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopicView {
    /// Its word, as offers hold it.
    #[schema(example = "diabetes")]
    pub word: String,
    /// What it is called.
    #[schema(example = "Diabetes")]
    pub label: String,
    /// Codes of findings that it is about, as `system:code`: `icd-10` with the beginning of a code, `loinc` with a whole one. For phones,
    /// which find topics for findings by themselves.
    #[schema(example = json!(["icd-10:E11", "loinc:4548-4"]))]
    pub codes: Vec<String>,
}

/// All topics.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopicList {
    /// The topics.
    pub items: Vec<TopicView>,
}

/// The languages in which there are offers.
#[derive(Debug, Serialize, ToSchema)]
pub struct LanguageList {
    /// The languages, by their tags.
    pub items: Vec<LanguageView>,
}

/// A language.
#[derive(Debug, Serialize, ToSchema)]
pub struct LanguageView {
    /// Its BCP 47 tag.
    #[schema(example = "tr")]
    pub lang: String,
    /// What it calls itself, or its tag.
    #[schema(example = "Türkçe")]
    pub name: String,
    /// The direction it is written in: `ltr` or `rtl`.
    #[schema(example = "ltr")]
    pub dir: String,
    /// How many public offers have a text in it.
    #[schema(example = 6)]
    pub offers: i64,
    /// In how many public offers it is spoken.
    #[schema(example = 2)]
    pub spoken: i64,
    /// Whether notices, consent texts and messages of this server are in it as well.
    #[schema(example = true)]
    pub server: bool,
}
