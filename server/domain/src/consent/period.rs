//! How long a consent lasts: whole days as people in Hamburg count them (SR-Z07).

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date};

use super::Period;
use crate::{
    calendar::{day, end_of},
    organisations::OrganisationKind,
};

/// The longest that can be chosen, in days: ten years, like "until I take it back" with an end.
pub const LONGEST: u16 = 3653;

/// How long an emergency lasts.
pub const EMERGENCY: SignedDuration = SignedDuration::from_hours(24);

/// How many days a consent lasts when nobody chose: 90 for a practice, 3 for the others.
#[must_use]
pub const fn usual_days(recipient: OrganisationKind) -> u16 {
    match recipient {
        OrganisationKind::Practice => 90,
        OrganisationKind::Kiosk
        | OrganisationKind::SocialInstitution
        | OrganisationKind::DistrictOffice
        | OrganisationKind::Operator => 3,
    }
}

/// From a moment to the end of the last of so many days. The day of the moment is the first of them.
#[must_use]
pub fn of_days(from: Timestamp, days: u16) -> Period {
    let further = i64::from(days.max(1)).saturating_sub(1);
    // what the calendar does not reach lies behind everything that lasts
    let last = day(from).checked_add(further.days()).unwrap_or(Date::MAX);
    Period { from, until: Some(end_of(last)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of gematik's entitlement management, whose end is the last second of the day.
    #[test]
    fn sr_z07_three_days_end_at_midnight_in_berlin_in_winter_and_in_summer() {
        for (from, last_second) in
            [("2025-01-01T08:00:00Z", "2025-01-03T22:59:59Z"), ("2025-07-01T08:00:00Z", "2025-07-03T21:59:59Z")]
        {
            let period = of_days(from.parse().unwrap(), 3);
            let end = period.until.unwrap() - SignedDuration::from_secs(1);
            assert_eq!(end.to_string(), last_second);
        }
    }

    #[test]
    fn sr_z07_a_consent_lasts_ninety_days_for_a_practice_and_three_for_the_others() {
        for kind in OrganisationKind::ALL {
            let days = if kind == OrganisationKind::Practice { 90 } else { 3 };
            assert_eq!(usual_days(kind), days);
        }
    }

    #[test]
    fn the_last_moment_counts_and_the_next_does_not() {
        let period = of_days("2026-10-24T10:00:00Z".parse().unwrap(), 2);
        let end: Timestamp = "2026-10-25T23:00:00Z".parse().unwrap();
        assert!(period.includes(end - SignedDuration::from_nanos(1)) && !period.includes(end));
    }
}
