//! Dates and times: `YYYY[MM[DD[hh[mm[ss[.s…]]]]]][±zzzz]` (HL7 2.5, section 2.A.22).

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// What a time says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Moment {
    /// The day on the sender's calendar, when it is complete.
    pub(crate) date: Option<Date>,
    /// The time of day on the sender's clock.
    time: Option<Time>,
    /// The instant, when a time of day and an offset from UTC are known.
    pub(crate) at: Option<Timestamp>,
    /// What orders two moments of one sender, whether or not it names an offset.
    pub(crate) order: Option<Timestamp>,
    /// Whether something was sent, but no complete day.
    pub(crate) is_partial: bool,
    /// The offset that was sent.
    pub(crate) offset: Option<Offset>,
}

impl Moment {
    /// Reads a time. `offset` is that of the message (MSH-7), which holds where none is sent.
    pub(crate) fn parse(text: &str, offset: Option<Offset>) -> Self {
        let text = text.trim();
        let (digits, zone) = match text.find(['+', '-']) {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        let sent = parse_offset(zone);
        let number = |from: usize, to: usize| digits.get(from..to)?.parse::<i16>().ok().filter(|n| *n >= 0);
        let small = |from: usize, to: usize| number(from, to).and_then(|n| i8::try_from(n).ok());
        let date = match (number(0, 4), small(4, 6), small(6, 8)) {
            (Some(year), Some(month), Some(day)) => Date::new(year, month, day).ok(),
            _ => None,
        };
        // Seconds may be 60; that is the last one here.
        let time = small(8, 10)
            .and_then(|hour| Time::new(hour, small(10, 12).unwrap_or(0), small(12, 14).unwrap_or(0).min(59), 0).ok());
        let local = date.map(|date| DateTime::from_parts(date, time.unwrap_or(Time::midnight())));
        let instant = |offset: Offset| offset.to_timestamp(local?).ok();
        let at = time.and(sent.or(offset)).and_then(instant);
        let order = at.or_else(|| instant(Offset::UTC));
        Self { date, time, at, order, is_partial: !text.is_empty() && date.is_none(), offset: sent }
    }

    /// A day without a time.
    pub(crate) fn of_day(date: Option<Date>) -> Self {
        Self { date, ..Self::default() }
    }

    /// How it is written for people: the day, and the time of day if one was sent.
    pub(crate) fn words(&self) -> Option<String> {
        let date = self.date?;
        Some(match self.time {
            Some(time) => format!("{date} {:02}:{:02}", time.hour(), time.minute()),
            None => date.to_string(),
        })
    }
}

fn parse_offset(zone: &str) -> Option<Offset> {
    let (sign, digits) = zone.split_at_checked(1)?;
    let part = |from: usize| digits.get(from..from + 2)?.parse::<u8>().ok();
    let minutes = i64::from(part(0)?) * 60 + i64::from(part(2)?);
    let duration = SignedDuration::from_mins(if sign == "-" { -minutes } else { minutes });
    Offset::try_from(duration).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_instants_and_parts() {
        let read = |text: &str| Moment::parse(text, None);
        let full = read("20261118075500+0100");
        assert_eq!((full.date, full.at), (Some(date(2026, 11, 18)), "2026-11-18T06:55:00Z".parse().ok()));
        assert_eq!(full.words().as_deref(), Some("2026-11-18 07:55"), "the sender's clock");
        let without = read("202611180755");
        assert_eq!((without.at, without.order), (None, "2026-11-18T07:55:00Z".parse().ok()));
        let hour = Offset::constant(1);
        assert_eq!(Moment::parse("20261118075500", Some(hour)).at, full.at, "the message's offset holds");
        assert_eq!(read("19610314").words().as_deref(), Some("1961-03-14"));
        assert_eq!(read("19610314").at, None, "a day is no instant");
        assert_eq!(read("20261118235960.5-0330").at, "2026-11-19T03:29:59Z".parse().ok());
        for partial in ["1990", "199002", "19900200", "19900000", "20260230", "gestern", "２０２６１１１８"] {
            assert!(read(partial).is_partial && read(partial).date.is_none(), "{partial}");
        }
        assert!(!read("").is_partial);
    }
}
