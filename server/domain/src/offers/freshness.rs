//! Whether an offer is still true: until when somebody has to say so again, and what happens when nobody does.

use jiff::{ToSpan as _, civil::Date};

use super::OfferKind;

/// How many days after its due date an offer that nobody has confirmed is archived.
pub const STALE_AFTER: i64 = 60;

/// How many days after its due date an offer that nobody has confirmed comes behind the others, and says so.
pub const UNCONFIRMED_AFTER: i64 = 14;

/// How many days before its due date an offer is told to be due.
pub const SOON: i64 = 14;

/// How many days the page behind a mail can be used: from the first reminder to the archive, and no longer than that from the others.
pub const LINK_GOOD_FOR: i64 = SOON + STALE_AFTER;

/// What the organisation of an offer was told about it last, in the order in which it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// Nothing since somebody has said that it is true.
    Nothing,
    /// That it will be due.
    Soon,
    /// That it is due.
    Due,
    /// That it has come behind the others.
    Late,
    /// It is archived because of that, and they have not been told yet.
    Leaving,
    /// That it is archived.
    Gone,
}

impl Told {
    /// What they are reminded of while it can still be confirmed, in its order.
    pub const REMINDERS: [Self; 3] = [Self::Soon, Self::Due, Self::Late];

    /// A stable number for it, in the database.
    #[must_use]
    pub const fn number(self) -> i32 {
        match self {
            Self::Nothing => 0,
            Self::Soon => 1,
            Self::Due => 2,
            Self::Late => 3,
            Self::Leaving => 4,
            Self::Gone => 5,
        }
    }

    /// On a day this is to be told of what is due by the day given; none when it has nothing to do with days.
    #[must_use]
    pub fn due_by(self, day: Date) -> Option<Date> {
        match self {
            Self::Soon => Some(day.saturating_add(SOON.days())),
            Self::Due => Some(day),
            Self::Late => Some(day.saturating_sub(UNCONFIRMED_AFTER.days())),
            Self::Nothing | Self::Leaving | Self::Gone => None,
        }
    }

    /// What need not be told any more of something that is confirmed on a day: the reminders for which it is too late.
    #[must_use]
    pub fn at_confirmation(day: Date, due: Date) -> Self {
        let past = |told: &Self| told.due_by(day).is_some_and(|by| due <= by);
        Self::REMINDERS.into_iter().rfind(past).unwrap_or(Self::Nothing)
    }
}

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
    fn a_reminder_is_for_what_is_due_in_two_weeks_today_and_two_weeks_ago() {
        let day = date(2027, 1, 15);
        let by = Told::REMINDERS.map(|told| told.due_by(day).unwrap());
        assert_eq!(by, [date(2027, 1, 29), day, date(2027, 1, 1)]);
        for (due, told) in [
            (date(2027, 1, 30), Told::Nothing),
            (date(2027, 1, 29), Told::Soon),
            (date(2027, 1, 16), Told::Soon),
            (day, Told::Due),
        ] {
            assert_eq!(Told::at_confirmation(day, due), told, "{due}: who has just said so is not asked at once");
        }
        let all = [Told::Nothing, Told::Soon, Told::Due, Told::Late, Told::Leaving, Told::Gone];
        assert!(all.is_sorted() && all.map(Told::number).is_sorted());
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
