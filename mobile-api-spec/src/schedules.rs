//! Room schedules: when offers take place, as rules and as single dates.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The schedules that an offer is to have, and no others.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleOrders {
    /// At most 20.
    pub schedules: Vec<ScheduleOrder>,
}

/// A schedule as it is to be.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleOrder {
    /// The schedule that becomes this one; without it, one that says the same already stays, or a new one is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d01")]
    pub id: Option<String>,
    /// A zone of the IANA time zone database.
    #[schema(example = "Europe/Berlin")]
    pub time_zone: String,
    /// The first time, on the clock there: `YYYY-MM-DDTHH:MM`, in the years 2000 to 2099.
    #[schema(example = "2026-12-01T18:00")]
    pub starts_local: String,
    /// How long it takes, 1 to 1440.
    #[schema(minimum = 1, maximum = 1440, example = 90)]
    pub minutes: i32,
    /// When it takes place again, as the value of an RRULE (RFC 5545): `FREQ` is `DAILY`, `WEEKLY`, `MONTHLY` or `YEARLY`, with
    /// `INTERVAL` (1 to 52), `BYDAY`, `BYMONTHDAY`, `BYMONTH`, and `COUNT` (1 to 400) or `UNTIL` in UTC. Without it, once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "FREQ=WEEKLY;BYDAY=TU")]
    pub rule: Option<String>,
    /// Dates of the rule on which it does not take place, as local times; with `extra` at most 200.
    #[serde(default)]
    #[schema(example = json!(["2026-12-22T18:00"]))]
    pub skip: Vec<String>,
    /// Dates beside the rule, as local times.
    #[serde(default)]
    #[schema(example = json!(["2026-12-23T18:00"]))]
    pub extra: Vec<String>,
    /// The Land whose public holidays are left out, by the last part of its code (ISO 3166-2:DE).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "HH")]
    pub skip_holidays_in: Option<String>,
}

/// The schedules of an offer.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduleList {
    /// They.
    pub items: Vec<Schedule>,
}

/// A schedule.
#[derive(Debug, Serialize, ToSchema)]
pub struct Schedule {
    /// The schedule. It stays when the schedule changes.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d01")]
    pub id: String,
    /// The time zone.
    #[schema(example = "Europe/Berlin")]
    pub time_zone: String,
    /// The first time, on the clock there.
    #[schema(example = "2026-12-01T18:00")]
    pub starts_local: String,
    /// How long it takes.
    #[schema(example = 90)]
    pub minutes: i32,
    /// When it takes place again, as the value of an RRULE, written in one way. Absent when it is once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "FREQ=WEEKLY;BYDAY=TU")]
    pub rule: Option<String>,
    /// Dates of the rule on which it does not take place.
    #[schema(example = json!(["2026-12-22T18:00"]))]
    pub skip: Vec<String>,
    /// Dates beside the rule.
    #[schema(example = json!(["2026-12-23T18:00"]))]
    pub extra: Vec<String>,
    /// The Land whose public holidays are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "HH")]
    pub skip_holidays_in: Option<String>,
    /// Its dates at which the clocks change, of the first 400 days. Ask whether that is meant.
    pub clock_changes: Vec<ClockChange>,
}

/// A date at which the clocks change.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClockChange {
    /// The date.
    #[schema(example = "2027-03-28T02:30")]
    pub starts_local: String,
    /// `gap`: the clocks jump over this time, it begins an hour later. `fold`: the time comes twice, the first one is meant.
    #[schema(example = "gap")]
    pub change: String,
}

/// One page of dates.
#[derive(Debug, Serialize, ToSchema)]
pub struct OccurrencePage {
    /// They, in order of their beginning.
    pub items: Vec<Occurrence>,
    /// Where to go on, if there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "b3BhcXVl")]
    pub next_cursor: Option<String>,
}

/// One date of an offer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Occurrence {
    /// The date. It stays, also when the date is moved or cancelled.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d02")]
    pub id: String,
    /// The schedule that it comes from.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d01")]
    pub schedule_id: String,
    /// When it begins.
    #[schema(example = "2026-12-01T17:00:00Z")]
    pub starts_at: String,
    /// When it ends.
    #[schema(example = "2026-12-01T18:30:00Z")]
    pub ends_at: String,
    /// The time zone of the schedule.
    #[schema(example = "Europe/Berlin")]
    pub time_zone: String,
    /// When the schedule has it, on the clock there. Never changes.
    #[schema(example = "2026-12-01T18:00")]
    pub planned_local: String,
    /// `scheduled`, `moved` or `cancelled`.
    #[schema(example = "scheduled")]
    pub state: String,
    /// Whether it is cancelled because the schedule does not give it any more. It comes back with the schedule.
    #[schema(example = false)]
    pub dropped: bool,
    /// Rises with every change, as calendars want it (RFC 5545, 3.8.7.4).
    #[schema(example = 0)]
    pub sequence: i32,
    /// Where it is, if not where the offer is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d03")]
    pub place_id: Option<String>,
    /// How many can take part, if not as many as the offer says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 12)]
    pub places_max: Option<i32>,
    /// How many places are taken, or kept for somebody.
    #[schema(example = 8)]
    pub places_taken: i32,
}

/// Where a date moves. What is absent stays as it is; one of them has to be there.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OccurrenceMove {
    /// When it begins, on the clock of the schedule's time zone: `YYYY-MM-DDTHH:MM`. To come, and within 400 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-12-02T18:00")]
    pub starts_local: Option<String>,
    /// How long it takes, 1 to 1440.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 1440, example = 60)]
    pub minutes: Option<i32>,
    /// One of the organisation's places.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d03")]
    pub place_id: Option<String>,
}
