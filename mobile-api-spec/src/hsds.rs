//! Room hsds: offers as other directories read them (Open Referral HSDS 3.1). The names are those of that standard.

use serde::Serialize;
use utoipa::ToSchema;

/// What this is.
#[derive(Debug, Serialize, ToSchema)]
pub struct HsdsDescription {
    /// The version of HSDS.
    #[schema(example = "3.1")]
    pub version: String,
    /// Where the profile is described: HSDS itself.
    #[schema(example = "https://docs.openreferral.org/en/latest/hsds/")]
    pub profile: String,
    /// Where this contract is.
    #[schema(example = "https://nahraum.example/v1/openapi.json")]
    pub openapi_url: String,
}

/// A page of services.
#[derive(Debug, Serialize, ToSchema)]
pub struct HsdsServices {
    /// How many services there are.
    #[schema(example = 6)]
    pub total_items: i64,
    /// How many pages there are.
    #[schema(example = 1)]
    pub total_pages: i64,
    /// Which page this is; the first is 1.
    #[schema(example = 1)]
    pub page_number: i64,
    /// How many services are on this page.
    #[schema(example = 1)]
    pub size: i64,
    /// Whether it is the first page.
    #[schema(example = true)]
    pub first_page: bool,
    /// Whether it is the last page.
    #[schema(example = true)]
    pub last_page: bool,
    /// Whether nothing is on it.
    #[schema(example = false)]
    pub empty: bool,
    /// The services.
    pub contents: Vec<HsdsService>,
}

/// A service: an offer.
#[derive(Debug, Serialize, ToSchema)]
pub struct HsdsService {
    /// The offer.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11")]
    pub id: String,
    /// What it is called.
    #[schema(example = "Gehgruppe im Öjendorfer Park")]
    pub name: String,
    /// What it is, without marks.
    #[schema(example = "Wir gehen zusammen 60 Minuten. Ohne Anmeldung.")]
    pub description: String,
    /// Where one registers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "https://kiosk.example/kurs")]
    pub url: Option<String>,
    /// `active`, or `temporarily closed`.
    #[schema(example = "active")]
    pub status: String,
    /// Whether an interpreter can be had.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Ein Dolmetscher ist möglich.")]
    pub interpretation_services: Option<String>,
    /// How one gets there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Bus 10 bis Öjendorfer Park.")]
    pub application_process: Option<String>,
    /// From which age on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 18)]
    pub minimum_age: Option<i32>,
    /// Up to which age.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 99)]
    pub maximum_age: Option<i32>,
    /// The day on which somebody last said that it is true.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-22", format = Date)]
    pub assured_date: Option<String>,
    /// When it last changed.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub last_modified: String,
    /// Whose it is.
    pub organization: HsdsOrganization,
    /// Numbers to call.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub phones: Option<Vec<HsdsPhone>>,
    /// When it takes place: dates of the next thirteen months in runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub schedules: Option<Vec<HsdsSchedule>>,
    /// For people of which areas it is; of all, when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub service_areas: Option<Vec<HsdsServiceArea>>,
    /// Where it takes place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub service_at_locations: Option<Vec<HsdsServiceAtLocation>>,
    /// Which languages are spoken there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub languages: Option<Vec<HsdsLanguage>>,
    /// What it costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cost_options: Option<Vec<HsdsCostOption>>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub attributes: Option<Vec<HsdsAttribute>>,
}

/// An organisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct HsdsOrganization {
    /// The organisation.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    pub id: String,
    /// What people call it.
    #[schema(example = "Gesundheitskiosk Billstedt")]
    pub name: String,
    /// HSDS wants one; nothing more is known here than the name.
    #[schema(example = "Gesundheitskiosk Billstedt")]
    pub description: String,
}

/// A number to call.
#[derive(Debug, Serialize, ToSchema)]
pub struct HsdsPhone {
    /// Its id.
    #[schema(example = "019343f2-7d6a-8c3e-9d5b-3a2f1c0b9b31")]
    pub id: String,
    /// The number (E.164).
    #[schema(example = "+4940123456")]
    pub number: String,
}

/// Dates that follow each other in the same step of weeks at the same distance from UTC.
#[derive(Debug, Serialize, ToSchema)]
pub struct HsdsSchedule {
    /// The first of its dates.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b21")]
    pub id: String,
    /// The first day.
    #[schema(example = "2026-12-01")]
    pub dtstart: String,
    /// From which day on it holds.
    #[schema(example = "2026-12-01")]
    pub valid_from: String,
    /// Up to which day it holds.
    #[schema(example = "2026-12-22")]
    pub valid_to: String,
    /// Hours ahead of UTC on these days.
    #[schema(example = 1.0)]
    pub timezone: f64,
    /// `WEEKLY`.
    #[schema(example = "WEEKLY")]
    pub freq: String,
    /// Every so many weeks.
    #[schema(example = 1)]
    pub interval: i64,
    /// How many dates.
    #[schema(example = 4)]
    pub count: i64,
    /// The day of the week.
    #[schema(example = "TU")]
    pub byday: String,
    /// When it begins, on the clock there.
    #[schema(example = "10:00+01:00")]
    pub opens_at: String,
    /// When it ends.
    #[schema(example = "11:00+01:00")]
    pub closes_at: String,
}

/// An area for whose people it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct HsdsServiceArea {
    /// Its id.
    #[schema(example = "019343f2-7d6a-8c3e-9d5b-3a2f1c0b9b32")]
    pub id: String,
    /// What people call it.
    #[schema(example = "Billstedt")]
    pub name: String,
    /// The key of the area, as `scheme:key`.
    #[schema(example = "custom:billstedt")]
    pub description: String,
}

/// A service at a place.
#[derive(Debug, Serialize, ToSchema)]
pub struct HsdsServiceAtLocation {
    /// Its id.
    #[schema(example = "019343f2-7d6a-8c3e-9d5b-3a2f1c0b9b33")]
    pub id: String,
    /// The place.
    pub location: HsdsLocation,
}

/// A place, as far as it is told.
#[derive(Debug, Serialize, ToSchema)]
pub struct HsdsLocation {
    /// The place.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b01")]
    pub id: String,
    /// `physical` or `virtual`.
    #[schema(example = "physical")]
    pub location_type: String,
    /// What people call it, where it is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Eingang Öjendorfer Park")]
    pub name: Option<String>,
    /// Degrees north, where it is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 53.553)]
    pub latitude: Option<f64>,
    /// Degrees east.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 10.118)]
    pub longitude: Option<f64>,
    /// Its address, where everybody is told it.
    pub addresses: Vec<HsdsAddress>,
    /// How one gets in.
    pub accessibility: Vec<HsdsAccessibility>,
}

/// An address.
#[derive(Debug, Serialize, ToSchema)]
pub struct HsdsAddress {
    /// Its id.
    #[schema(example = "019343f2-7d6a-8c3e-9d5b-3a2f1c0b9b34")]
    pub id: String,
    /// Street and number.
    #[schema(example = "Öjendorfer Weg 1")]
    pub address_1: String,
    /// The town.
    #[schema(example = "Hamburg")]
    pub city: String,
    /// The Land. HSDS wants it; it is empty, because it is not kept.
    #[schema(example = "")]
    pub state_province: String,
    /// The postcode.
    #[schema(example = "22119")]
    pub postal_code: String,
    /// `DE`.
    #[schema(example = "DE")]
    pub country: String,
    /// `physical`.
    #[schema(example = "physical")]
    pub address_type: String,
}

/// Something about how one gets in.
#[derive(Debug, Serialize, ToSchema)]
pub struct HsdsAccessibility {
    /// Its id.
    #[schema(example = "019343f2-7d6a-8c3e-9d5b-3a2f1c0b9b35")]
    pub id: String,
    /// `wheelchair`, `toilet` or `step-free`.
    #[schema(example = "wheelchair")]
    pub description: String,
    /// `yes`, `limited`, `no` or `unknown`.
    #[schema(example = "limited")]
    pub details: String,
}

/// A language.
#[derive(Debug, Serialize, ToSchema)]
pub struct HsdsLanguage {
    /// Its id.
    #[schema(example = "019343f2-7d6a-8c3e-9d5b-3a2f1c0b9b36")]
    pub id: String,
    /// Its BCP 47 tag.
    #[schema(example = "tr")]
    pub code: String,
    /// What it calls itself, or its tag.
    #[schema(example = "Türkçe")]
    pub name: String,
}

/// What it costs.
#[derive(Debug, Serialize, ToSchema)]
pub struct HsdsCostOption {
    /// Its id.
    #[schema(example = "019343f2-7d6a-8c3e-9d5b-3a2f1c0b9b37")]
    pub id: String,
    /// `free`, `donation`, `paid`, `by-income` or `insurer`.
    #[schema(example = "paid")]
    pub option: String,
    /// The currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "EUR")]
    pub currency: Option<String>,
    /// How much, at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 3.5)]
    pub amount: Option<f64>,
}

/// Something it is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct HsdsAttribute {
    /// Its id.
    #[schema(example = "019343f2-7d6a-8c3e-9d5b-3a2f1c0b9b38")]
    pub id: String,
    /// `service`.
    #[schema(example = "service")]
    pub link_entity: String,
    /// The topic.
    pub taxonomy_term: HsdsTerm,
}

/// A topic.
#[derive(Debug, Serialize, ToSchema)]
pub struct HsdsTerm {
    /// Its id.
    #[schema(example = "019343f2-7d6a-8c3e-9d5b-3a2f1c0b9b39")]
    pub id: String,
    /// The word of `GET /v1/topics`.
    #[schema(example = "movement")]
    pub code: String,
    /// Its label.
    #[schema(example = "Bewegung")]
    pub name: String,
    /// Its label again: HSDS wants a description.
    #[schema(example = "Bewegung")]
    pub description: String,
    /// The vocabulary.
    #[schema(example = "nahraum-topics")]
    pub taxonomy: String,
}
