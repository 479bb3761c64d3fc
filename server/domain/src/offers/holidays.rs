//! Public holidays of the sixteen Länder, computed: no table to be kept up every year.
//!
//! Only what holds for a whole Land; single municipalities have more (Augsburg, parts of Bavaria, Saxony and Thuringia).

use jiff::{ToSpan as _, civil::Date};

/// A Land of Germany, by the last part of its ISO 3166-2 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the codes are the names")]
pub enum Land {
    Bw,
    By,
    Be,
    Bb,
    Hb,
    Hh,
    He,
    Mv,
    Ni,
    Nw,
    Rp,
    Sl,
    Sn,
    St,
    Sh,
    Th,
}

impl Land {
    /// Every Land.
    pub const ALL: [Self; 16] = [
        Self::Bw,
        Self::By,
        Self::Be,
        Self::Bb,
        Self::Hb,
        Self::Hh,
        Self::He,
        Self::Mv,
        Self::Ni,
        Self::Nw,
        Self::Rp,
        Self::Sl,
        Self::Sn,
        Self::St,
        Self::Sh,
        Self::Th,
    ];

    /// Its code, as in ISO 3166-2:DE.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Bw => "BW",
            Self::By => "BY",
            Self::Be => "BE",
            Self::Bb => "BB",
            Self::Hb => "HB",
            Self::Hh => "HH",
            Self::He => "HE",
            Self::Mv => "MV",
            Self::Ni => "NI",
            Self::Nw => "NW",
            Self::Rp => "RP",
            Self::Sl => "SL",
            Self::Sn => "SN",
            Self::St => "ST",
            Self::Sh => "SH",
            Self::Th => "TH",
        }
    }

    /// The Land with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|land| land.code() == code)
    }
}

/// Whether a day is a public holiday in a Land.
#[must_use]
pub fn is_holiday(day: Date, land: Land) -> bool {
    fixed(day, land) || movable(day, land)
}

fn fixed(day: Date, land: Land) -> bool {
    use Land::{Bb, Be, Bw, By, Hb, Hh, Mv, Ni, Nw, Rp, Sh, Sl, Sn, St, Th};
    match (day.month(), day.day()) {
        (1, 1) | (5, 1) | (10, 3) | (12, 25 | 26) => true,
        (1, 6) => matches!(land, Bw | By | St),
        (3, 8) => land == Be && day.year() >= 2019 || land == Mv && day.year() >= 2023,
        // Seventy-five years after the uprising of 1953.
        (6, 17) => land == Be && day.year() == 2028,
        (8, 15) => land == Sl,
        (9, 20) => land == Th && day.year() >= 2019,
        (10, 31) => matches!(land, Bb | Hb | Hh | Mv | Ni | Sn | St | Sh | Th),
        (11, 1) => matches!(land, Bw | By | Nw | Rp | Sl),
        // The Wednesday before 23 November.
        (11, 16..=22) => land == Sn && day.weekday() == jiff::civil::Weekday::Wednesday,
        _ => false,
    }
}

fn movable(day: Date, land: Land) -> bool {
    use Land::{Bb, Bw, By, He, Nw, Rp, Sl};
    let Some(easter) = easter(day.year()) else { return false };
    let days_after = |days: i64| easter.checked_add(days.days()).is_ok_and(|other| other == day);
    let for_all = [-2, 1, 39, 50].into_iter().any(days_after);
    for_all
        || (land == Bb && (days_after(0) || days_after(49)))
        || (matches!(land, Bw | By | He | Nw | Rp | Sl) && days_after(60))
}

/// Easter Sunday of a year of the Gregorian calendar (the method of Meeus, Jones and Butcher).
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let a = y.rem_euclid(19);
    let (b, c) = (y.div_euclid(100), y.rem_euclid(100));
    let (d, e) = (b.div_euclid(4), b.rem_euclid(4));
    let f = (b + 8).div_euclid(25);
    let g = (b - f + 1).div_euclid(3);
    let h = (19 * a + b - d - g + 15).rem_euclid(30);
    let (i, k) = (c.div_euclid(4), c.rem_euclid(4));
    let l = (32 + 2 * e + 2 * i - h - k).rem_euclid(7);
    let m = (a + 11 * h + 22 * l).div_euclid(451);
    let n = h + l - 7 * m + 114;
    let (month, day) = (i8::try_from(n.div_euclid(31)).ok()?, i8::try_from(n.rem_euclid(31) + 1).ok()?);
    Date::new(year, month, day).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn easter_is_where_the_church_says() {
        for (year, month, day) in
            [(1961, 4, 2), (2000, 4, 23), (2008, 3, 23), (2026, 4, 5), (2027, 3, 28), (2028, 4, 16), (2038, 4, 25)]
        {
            assert_eq!(easter(year), Some(date(year, month, day)));
        }
    }

    #[test]
    fn the_reformation_is_a_holiday_in_hamburg_and_not_in_hesse() {
        assert!(is_holiday(date(2028, 10, 31), Land::Hh) && !is_holiday(date(2028, 10, 31), Land::He));
        assert!(is_holiday(date(2026, 11, 18), Land::Sn) && !is_holiday(date(2026, 11, 18), Land::Hh));
        assert!(is_holiday(date(2026, 6, 4), Land::Nw) && !is_holiday(date(2026, 6, 4), Land::Hh));
    }

    /// How many weekdays and Sundays are holidays in three years, Land by Land, as the calendars of the Länder have them.
    #[test]
    fn every_land_has_as_many_holidays_as_its_calendar() {
        let of = |land| {
            let first = date(2026, 1, 1);
            (0..1096).filter(|n| is_holiday(first.saturating_add(n.days()), land)).count()
        };
        for (land, count) in COUNTS {
            assert_eq!(of(land), count, "{}", land.code());
        }
    }

    const COUNTS: [(Land, usize); 16] = [
        (Land::Bb, 36),
        (Land::Be, 31),
        (Land::Bw, 36),
        (Land::By, 36),
        (Land::Hb, 30),
        (Land::He, 30),
        (Land::Hh, 30),
        (Land::Mv, 33),
        (Land::Ni, 30),
        (Land::Nw, 33),
        (Land::Rp, 33),
        (Land::Sh, 30),
        (Land::Sl, 36),
        (Land::Sn, 33),
        (Land::St, 33),
        (Land::Th, 33),
    ];
}
