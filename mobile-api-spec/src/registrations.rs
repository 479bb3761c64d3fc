//! Room registrations: taking part in an offer, and the list at the door.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalogue::CataloguePlace;

/// What somebody needs so that they can take part.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ParticipantNeeds {
    /// An interpreter for this language, as a BCP 47 tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "fa-AF")]
    pub interpreter: Option<String>,
    /// A way in for a wheelchair.
    #[serde(default)]
    #[schema(example = false)]
    pub wheelchair: bool,
    /// Somebody who looks after children.
    #[serde(default)]
    #[schema(example = true)]
    pub childcare: bool,
}

/// How somebody can be reached. The people of the organisation whose offer it is read it, and nobody else.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ParticipantContact {
    /// A name, or what they want to be called; 1 to 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 80, example = "Frau A.")]
    pub name: Option<String>,
    /// A number (E.164).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "+4940123456")]
    pub phone: Option<String>,
}

/// What somebody wants to take part in.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegistrationOrder {
    /// The offer.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11")]
    pub offer_id: String,
    /// One of its dates; left out when it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b21")]
    pub date_id: Option<String>,
    /// What they need. The organisation sees it beside their code.
    #[serde(default)]
    pub needs: ParticipantNeeds,
    /// Only for who wants to be known there: how they can be reached. It can be taken back at any time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub contact: Option<ParticipantContact>,
}

/// The date of a registration, as it is now.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistrationDate {
    /// The date.
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
}

/// Somebody's registration, for themselves.
#[derive(Debug, Serialize, ToSchema)]
pub struct Registration {
    /// The registration.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d11")]
    pub id: String,
    /// The offer.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11")]
    pub offer_id: String,
    /// What it is called.
    #[schema(example = "Gehgruppe im Öjendorfer Park")]
    pub title: String,
    /// The language that title is in, as a BCP 47 tag.
    #[schema(example = "de")]
    pub title_lang: String,
    /// Whose offer it is.
    #[schema(example = "Gesundheitskiosk Billstedt")]
    pub organisation: String,
    /// The date as it is now; absent when the offer has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub date: Option<RegistrationDate>,
    /// Where it is; who has a place is told the whole address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub place: Option<CataloguePlace>,
    /// `confirmed`, `waitlisted`, `offered` (a place is kept until `held_until`), `declined`, `expired`, `cancelled`,
    /// `cancelled-by-publisher` (it does not take place, as it stands now), `attended`, `missed`. Treat an unknown word as `waitlisted`.
    #[schema(example = "confirmed")]
    pub state: String,
    /// What to say at the door in place of a name.
    #[schema(example = "K7M-4QX")]
    pub code: String,
    /// Up to when the offered place is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-28T10:00:00Z")]
    pub held_until: Option<String>,
    /// What they need.
    pub needs: ParticipantNeeds,
    /// What the organisation can read of how to reach them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub contact: Option<ParticipantContact>,
    /// When they registered.
    #[schema(example = "2026-11-27T10:00:00Z")]
    pub created_at: String,
}

/// One page of registrations.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistrationPage {
    /// They, newest first.
    pub items: Vec<Registration>,
    /// Where to go on, if there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "b3BhcXVl")]
    pub next_cursor: Option<String>,
}

/// What somebody does with their registration.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegistrationStep {
    /// `accept` or `decline` the place that is kept; `cancel`: they do not come.
    #[schema(example = "accept")]
    pub step: String,
}

/// Somebody on the list at the door.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attendee {
    /// The registration.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d11")]
    pub id: String,
    /// What they say at the door.
    #[schema(example = "K7M-4QX")]
    pub code: String,
    /// `confirmed`, `offered`, `waitlisted`, `attended` or `missed`. Treat an unknown word as `confirmed`.
    #[schema(example = "confirmed")]
    pub state: String,
    /// What they need.
    pub needs: ParticipantNeeds,
    /// Whether they have said how they can be reached.
    #[schema(example = false)]
    pub has_contact: bool,
}

/// One page of the list at the door.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttendancePage {
    /// They, in the order in which they came.
    pub items: Vec<Attendee>,
    /// Where to go on, if there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "b3BhcXVl")]
    pub next_cursor: Option<String>,
}

/// Whether somebody was there.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttendanceMark {
    /// They were.
    #[schema(example = true)]
    pub attended: bool,
}

/// What stands on the list now.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttendanceMarked {
    /// `attended` or `missed`.
    #[schema(example = "attended")]
    pub state: String,
}

/// How many can take part in one date.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatePlaces {
    /// So many, 1 to 10,000; left out for as many as the offer says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 10_000, example = 12)]
    pub places_max: Option<i32>,
}
