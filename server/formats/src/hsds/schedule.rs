//! Schedules of HSDS: rules of RFC 5545 in pieces, with times of day and, instead of a time zone, an offset from UTC that is right for
//! half of the year. The times are taken as those on the clock in Berlin.

use jiff::civil::{Date, Time};

use super::object::Object;
use crate::{
    offer_list::{ZONE, end_of_day},
    recurrence::{Recurrence, Wanted},
};

/// Why what is over is left out.
pub(super) const OVER: &str = "It is over.";

/// A schedule, and whether an offset from UTC was passed over.
pub(super) struct Read {
    pub(super) wanted: Wanted,
    pub(super) had_offset: bool,
}

/// Reads one. Otherwise a sentence on why it cannot be taken.
pub(super) fn read(from: &mut Object<'_>, today: Date) -> Result<Read, &'static str> {
    from.pass_over(&["id", "service_id", "location_id", "service_at_location_id", "metadata"]);
    let mut had_offset = from.text("timezone").is_some();
    let (Some(opens), Some(closes)) = (from.text("opens_at"), from.text("closes_at")) else {
        return Err("It has no time at which it opens and closes.");
    };
    let mut time = |text: &str| {
        let (time, rest) = text.split_at_checked(5)?;
        let rest = rest.strip_prefix(':').map_or(rest, |rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
        had_offset |= !rest.is_empty();
        if time == "24:00" { Some(Time::midnight()) } else { Time::strptime("%H:%M", time).ok() }
    };
    let (Some(opens), Some(closes)) = (time(&opens), time(&closes)) else {
        return Err("Its times of day cannot be read.");
    };
    let minutes = i32::from(closes.hour() - opens.hour()) * 60 + i32::from(closes.minute() - opens.minute());
    let minutes = if minutes <= 0 { minutes + 1440 } else { minutes };
    let first = first_day(from, today)?;
    let rule = rule(from, today)?;
    let starts = first.to_datetime(opens);
    let time_zone = ZONE.to_owned();
    let wanted =
        Wanted { time_zone, starts, minutes, rule, skip: Vec::new(), extra: Vec::new(), skip_holidays_in: None };
    Recurrence::parse(&wanted).map_err(|why| why.sentence())?;
    Ok(Read { wanted, had_offset })
}

/// The day of a date or a moment.
fn day(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}

/// The day on which it begins. `valid_from` puts a later beginning to what recurs every time; what recurs every second week counts from
/// its own first day.
fn first_day(from: &mut Object<'_>, today: Date) -> Result<Date, &'static str> {
    let mut read = |name| match from.text(name) {
        None => Ok(None),
        Some(text) => day(&text).map(Some).ok_or("Its days cannot be read."),
    };
    let (first, valid) = (read("dtstart")?, read("valid_from")?);
    match (first, valid) {
        (Some(first), Some(valid)) if valid > first => {
            let every = from.raw("interval").is_none_or(|raw| matches!(raw.get(), "1" | "\"1\"" | "null"));
            if every { Ok(valid) } else { Err("It counts weeks from a day on which it is not valid yet.") }
        }
        (Some(first), _) => Ok(first),
        (None, Some(valid)) => Ok(valid),
        (None, None) => Ok(today),
    }
}

fn rule(from: &mut Object<'_>, today: Date) -> Result<Option<String>, &'static str> {
    let week_starts = from.text("wkst");
    let interval = from.text("interval");
    if ["byweekno", "byyearday"].into_iter().any(|part| from.text(part).is_some()) {
        return Err("It is narrowed to numbers of weeks or of days of the year, which are not taken here.");
    }
    if interval.as_deref().is_some_and(|n| n != "1") && week_starts.is_some_and(|day| day != "MO") {
        return Err("Its weeks do not begin on Mondays.");
    }
    let ends = [from.text("until"), from.text("valid_to")];
    let ends: Option<Vec<Date>> = ends.iter().flatten().map(|text| day(text)).collect();
    let end = ends.ok_or("Its days cannot be read.")?.into_iter().min();
    if end.is_some_and(|end| end < today) {
        return Err(OVER);
    }
    let Some(freq) = from.text("freq") else {
        return if from.has("byday") || from.has("bymonthday") {
            Err("It does not say how often it is.")
        } else {
            Ok(None)
        };
    };
    let mut rule = format!("FREQ={}", freq.to_uppercase());
    let mut part = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            let value: String = value.chars().filter(|c| !c.is_whitespace()).collect();
            rule.push_str(&format!(";{name}={}", value.to_uppercase()));
        }
    };
    part("INTERVAL", interval);
    part("BYDAY", from.text("byday"));
    // WEEKLY has no days of the month (RFC 5545, 3.3.10): there it stays, and is told.
    if !freq.eq_ignore_ascii_case("WEEKLY") {
        part("BYMONTHDAY", from.text("bymonthday"));
    }
    part("COUNT", from.text("count"));
    part("UNTIL", end.and_then(|end| end_of_day(ZONE, end)));
    Ok(Some(rule))
}
