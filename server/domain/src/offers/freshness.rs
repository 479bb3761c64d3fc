//! Whether an offer is still true: until when somebody has to say so again, and what happens when nobody does.

use jiff::{ToSpan as _, civil::Date};

use super::OfferKind;

/// How many days after its due date an offer that nobody has confirmed is archived.
pub const STALE_AFTER: i64 = 60;

/// How many days after its due date an offer that nobody has confirmed comes behind the others, and says so.
pub const UNCONFIRMED_AFTER: i64 = 14;

/// On which days, counted from the due date, an organisation is reminded.
pub const REMINDERS: [i64; 3] = [-14, 0, 14];

/// How many days a confirmation is good for: what happens at a time changes more often than what is always there.
#[must_use]
pub const fn good_for(kind: OfferKind) -> i64 {
    match kind {
        OfferKind::Course | OfferKind::Group | OfferKind::VaccinationDay | OfferKind::Talk | OfferKind::Screening => 90,
        OfferKind::WalkIn
        | OfferKind::Counselling
        | OfferKind::SelfHelp
        | OfferKind::Navigation
        | OfferKind::Online => 180,
    }
}

/// Until when somebody has to say again that it is true: as long as a confirmation is good for, the last date of what ends
/// earlier, and sixty days before a certificate runs out.
#[must_use]
pub fn due(kind: OfferKind, checked_on: Date, last_date: Option<Date>, certificate_until: Option<Date>) -> Date {
    let usual = checked_on.saturating_add(good_for(kind).days());
    let certificate = certificate_until.map(|until| until.saturating_sub(60.days()));
    [last_date, certificate].into_iter().flatten().fold(usual, Date::min).max(checked_on)
}

/// How an offer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Somebody has said lately that it is true.
    Checked,
    /// It is due, and nobody has said so for two weeks: it is shown with that, and behind the others.
    Unconfirmed,
    /// Nobody has said so for so long that it must not be shown.
    Stale,
}

/// How an offer stands on a day.
#[must_use]
pub fn on(day: Date, due: Date) -> Freshness {
    if day >= due.saturating_add(STALE_AFTER.days()) {
        Freshness::Stale
    } else if day >= due.saturating_add(UNCONFIRMED_AFTER.days()) {
        Freshness::Unconfirmed
    } else {
        Freshness::Checked
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_earliest_reason_counts_and_never_before_the_check() {
        let checked = date(2026, 11, 27);
        assert_eq!(due(OfferKind::Course, checked, None, None), date(2027, 2, 25));
        assert_eq!(due(OfferKind::WalkIn, checked, None, None), date(2027, 5, 26));
        assert_eq!(due(OfferKind::Course, checked, Some(date(2026, 12, 20)), None), date(2026, 12, 20));
        assert_eq!(due(OfferKind::Course, checked, None, Some(date(2027, 3, 1))), date(2026, 12, 31));
        assert_eq!(due(OfferKind::Course, checked, None, Some(date(2026, 12, 1))), checked);
    }

    #[test]
    fn it_sinks_after_two_weeks_and_goes_after_sixty_days() {
        let due = date(2027, 1, 1);
        for (day, freshness) in [
            (date(2027, 1, 14), Freshness::Checked),
            (date(2027, 1, 15), Freshness::Unconfirmed),
            (date(2027, 3, 1), Freshness::Unconfirmed),
            (date(2027, 3, 2), Freshness::Stale),
        ] {
            assert_eq!(on(day, due), freshness, "{day}");
        }
    }
}
