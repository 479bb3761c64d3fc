//! Room offers: what organisations offer, as their people write it and as everybody reads it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::images::PublisherImage;

/// The facts of an offer: the same in every language.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferFacts {
    /// `course`, `group`, `walk-in`, `counselling`, `screening`, `vaccination-day`, `talk`, `self-help`, `navigation` or
    /// `online`. Treat an unknown word as an offer of some kind.
    #[schema(example = "group")]
    pub kind: String,
    /// `normal` or `sensitive` (addiction, mental or sexual health, violence: taking part tells something).
    #[schema(example = "normal")]
    pub sensitivity: String,
    /// The place of the organisation where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b01")]
    pub place_id: Option<String>,
    /// From which age on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 130, example = 18)]
    pub age_min: Option<i32>,
    /// Up to which age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 130, example = 99)]
    pub age_max: Option<i32>,
    /// `free`, `donation`, `paid`, `by-income` or `insurer`. Treat an unknown word as `paid`.
    #[schema(example = "free")]
    pub cost: String,
    /// The price in euro cents; with `by-income` the highest one. With `paid` and `by-income` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 1_000_000, example = 500)]
    pub cost_cents: Option<i32>,
    /// How one takes part: `none` (one comes), `in-app`, `phone`, `website` or `referral`. Treat an unknown word as `referral`.
    #[schema(example = "none")]
    pub registration: String,
    /// The number (E.164) with `phone`, the page (https) with `website`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "+4940123456")]
    pub registration_at: Option<String>,
    /// How many can take part, with `in-app`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 10_000, example = 12)]
    pub places_max: Option<i32>,
    /// Whether there is a waiting list, with `in-app`.
    #[serde(default)]
    #[schema(example = false)]
    pub waiting_list: bool,
    /// Whether an interpreter can be had.
    #[serde(default)]
    #[schema(example = false)]
    pub interpreter: bool,
    /// Whether one takes part over the internet.
    #[serde(default)]
    #[schema(example = false)]
    pub online: bool,
    /// What it is about: 1 to 20 words of `GET /v1/topics`.
    #[schema(example = json!(["movement", "heart"]))]
    pub topics: Vec<String>,
    /// Which languages are spoken there, as BCP 47 tags.
    #[serde(default)]
    #[schema(example = json!(["de", "tr"]))]
    pub spoken: Vec<String>,
    /// For the people of these areas (`GET /v1/areas`); of all, when it is empty.
    #[serde(default)]
    #[schema(example = json!([]))]
    pub areas: Vec<String>,
}

/// The words of an offer in one language.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferWords {
    /// What it is called: 3 to 120 characters on one line.
    #[schema(example = "Gehgruppe im Öjendorfer Park")]
    pub title: String,
    /// In one or two sentences: up to 300 characters on one line.
    #[schema(example = "Wir gehen zusammen 60 Minuten. Ohne Anmeldung.")]
    pub summary: String,
    /// In full: up to 5,000 characters. Paragraphs, lines that begin with `- `, `**bold**` words and `[links](https://…)`, also to `tel:`
    /// and `mailto:`; everything else is words.
    #[serde(default)]
    #[schema(example = "Treffpunkt ist der Eingang. Bitte **feste Schuhe** mitbringen.")]
    pub body: String,
    /// How one gets there: up to 500 characters on one line.
    #[serde(default)]
    #[schema(example = "Bus 10 bis Öjendorfer Park.")]
    pub how_to_come: String,
}

/// A new offer: a draft, which nobody else sees.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOffer {
    /// Its facts.
    pub facts: OfferFacts,
    /// The language of its first text, from which the others are made, as a BCP 47 tag.
    #[schema(example = "de")]
    pub lang: String,
    /// Its first text.
    pub text: OfferWords,
}

/// Other facts for an offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferFactsChange {
    /// The revision that was changed. When somebody else was faster, nothing happens.
    #[schema(example = 3)]
    pub revision: i32,
    /// The facts as they are now.
    pub facts: OfferFacts,
}

/// A text for an offer in one language.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferTextChange {
    /// The revision that was changed. When somebody else was faster, nothing happens.
    #[schema(example = 3)]
    pub revision: i32,
    /// The words.
    pub text: OfferWords,
    /// What the image of the offer shows, for those who do not see it: up to 250 characters on one line. As before, if it is missing. An
    /// image is shown to nobody before the text in the offer's own language says what it shows.
    #[serde(default)]
    #[schema(nullable = false, max_length = 250, example = "Fünf Menschen gehen auf einem Parkweg.")]
    pub image_alt: Option<String>,
    /// Where they come from: `human`, `machine` or `machine-reviewed` (a person who can has looked at what it says).
    #[schema(example = "machine")]
    pub origin: String,
    /// The machine that translated it; needed unless a person wrote it.
    #[serde(default)]
    #[schema(nullable = false, example = "LibreTranslate 1.6")]
    pub engine: Option<String>,
    /// In the offer's own language: whether it says something else than before, so that the texts in other languages are behind. `false`
    /// for mended spelling.
    #[serde(default)]
    #[schema(nullable = false, example = true)]
    pub matters: Option<bool>,
    /// In another language: the `text_rev` that was translated; the newest one, if it is missing.
    #[serde(default)]
    #[schema(nullable = false, minimum = 1, example = 2)]
    pub made_from_rev: Option<i32>,
}

/// A step of an offer on its way.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferStep {
    /// `submit`, `approve`, `return`, `pause`, `resume`, `archive` or `reopen`.
    #[schema(example = "submit")]
    pub step: String,
}

/// A text of an offer, as its organisation sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublisherText {
    /// The language, as a BCP 47 tag.
    #[schema(example = "tr")]
    pub lang: String,
    /// The words.
    pub text: OfferWords,
    /// What the image of the offer shows, if it is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Beş kişi parkta yürüyor.")]
    pub image_alt: Option<String>,
    /// Where they come from: `human`, `machine` or `machine-reviewed`. Treat an unknown word as `machine`.
    #[schema(example = "machine")]
    pub origin: String,
    /// The machine that translated it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "LibreTranslate 1.6")]
    pub engine: Option<String>,
    /// Whether the text it was made from says something else by now.
    #[schema(example = false)]
    pub stale: bool,
    /// Whether everybody sees it when the offer is public. Plain language by a machine alone is not shown.
    #[schema(example = true)]
    pub shown: bool,
    /// Which `text_rev` it was made from.
    #[schema(example = 2)]
    pub made_from_rev: i32,
    /// When it was written.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub written_at: String,
}

/// An offer, as its organisation sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublisherOffer {
    /// The offer.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11")]
    pub id: String,
    /// `draft`, `in-review`, `published`, `paused` or `archived`. Treat an unknown word as `draft`.
    #[schema(example = "published")]
    pub status: String,
    /// The organisation whose it is.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    pub organisation_id: String,
    /// What people call it.
    #[schema(example = "Gesundheitskiosk Billstedt")]
    pub organisation: String,
    /// The language that its other texts are made from.
    #[schema(example = "de")]
    pub lang: String,
    /// Rises with every change; to be sent back with the next one.
    #[schema(example = 3)]
    pub revision: i32,
    /// Which edition of the text in its own language it is.
    #[schema(example = 2)]
    pub text_rev: i32,
    /// Its facts.
    pub facts: OfferFacts,
    /// Its texts, by their languages.
    pub texts: Vec<PublisherText>,
    /// Its image.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub image: Option<PublisherImage>,
    /// The day on which somebody last said that it is true.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-22", format = Date)]
    pub verified_on: Option<String>,
    /// The day by which somebody has to say so again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2027-02-20", format = Date)]
    pub verify_due: Option<String>,
    /// Whether that is within two weeks, or has been: say that it is still true (`POST /v1/publisher/confirmations`).
    #[schema(example = false)]
    pub due: bool,
    /// When it was made.
    #[schema(example = "2026-11-20T09:30:00Z")]
    pub created_at: String,
    /// When it became public, the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-22T09:30:00Z")]
    pub published_at: Option<String>,
    /// When it was archived.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2027-03-22T09:30:00Z")]
    pub archived_at: Option<String>,
    /// Why: `ended`, `stale`, `withdrawn` or `merged`. More may come.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "withdrawn")]
    pub archive_reason: Option<String>,
}

/// A page of offers, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublisherOfferList {
    /// The offers.
    pub items: Vec<PublisherOffer>,
    /// Ask for more with this; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "b3BhcXVl")]
    pub next_cursor: Option<String>,
}
