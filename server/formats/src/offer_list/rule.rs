//! Rules as other programs write them, made into those that are taken here.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};

use crate::recurrence::moment_of;

/// The last moment of a day in a zone, as `UNTIL` wants it.
pub(crate) fn end_of_day(zone: &str, day: Date) -> Option<String> {
    moment_of(zone, day.at(23, 59, 59, 0)).map(in_utc)
}

fn in_utc(moment: Timestamp) -> String {
    moment.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// The value of an RRULE of which the end is in UTC, and whether anything had to be done for that. Takes whole properties
/// (`DTSTART:…`, `RRULE:…`) as Integreat writes them: what begins when is said elsewhere, and a local end is one on the clock of the
/// zone. What cannot be read stays as it is, and is refused by whoever reads rules.
pub(crate) fn normalised(text: &str, zone: &str) -> (String, bool) {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let rule = lines().find_map(|line| line.strip_prefix("RRULE:")).or_else(|| lines().next()).unwrap_or_default();
    let parts = rule.split(';').filter(|part| *part != "WKST=MO");
    let parts: Vec<String> = parts.map(|part| in_zone(part, zone).unwrap_or_else(|| part.to_owned())).collect();
    let rule = parts.join(";");
    let changed = rule != text;
    (rule, changed)
}

fn in_zone(part: &str, zone: &str) -> Option<String> {
    let until = part.strip_prefix("UNTIL=")?;
    let end = match until.len() {
        8 => end_of_day(zone, Date::strptime("%Y%m%d", until).ok()?)?,
        15 => in_utc(moment_of(zone, DateTime::strptime("%Y%m%dT%H%M%S", until).ok()?)?),
        _ => return None,
    };
    Some(format!("UNTIL={end}"))
}
