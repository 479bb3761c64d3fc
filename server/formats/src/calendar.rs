//! Dates for calendars (iCalendar, RFC 5545): one event for each date, in UTC, with an id that stays and a number that rises.
//!
//! Not one event with a rule: a calendar would expand it by its own database of time zones, and a date that is cancelled or moved would need
//! an exception that half of them read wrongly. In UTC there is nothing to expand and no VTIMEZONE to get wrong.

use std::fmt::Write as _;

use jiff::{Timestamp, tz::TimeZone};

/// The longest line in bytes, without its end (3.1).
const LINE: usize = 75;

/// Whether an event takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Confirmed,
    /// It does not any more.
    Cancelled,
}

/// One date.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its name in all calendars, for good.
    pub uid: String,
    /// How often it has changed.
    pub sequence: i32,
    /// When it begins.
    pub starts: Timestamp,
    /// When it ends.
    pub ends: Timestamp,
    /// Whether it takes place.
    pub standing: Standing,
    /// What it is called.
    pub summary: String,
    /// What is said about it.
    pub description: String,
    /// Where it is.
    pub location: Option<String>,
    /// Where it is on the map, in degrees north and east.
    pub position: Option<(f64, f64)>,
    /// A page about it.
    pub url: Option<String>,
}

/// The file with these events, made at a moment.
#[must_use]
pub fn calendar(events: &[Event], made: Timestamp) -> String {
    let mut file = String::new();
    line(&mut file, "BEGIN:VCALENDAR");
    line(&mut file, "VERSION:2.0");
    line(&mut file, "PRODID:-//Nahraum//Nahraum//DE");
    line(&mut file, "CALSCALE:GREGORIAN");
    line(&mut file, "METHOD:PUBLISH");
    for event in events {
        event.write(&mut file, made);
    }
    line(&mut file, "END:VCALENDAR");
    file
}

impl Event {
    fn write(&self, file: &mut String, made: Timestamp) {
        line(file, "BEGIN:VEVENT");
        line(file, &format!("UID:{}", text(&self.uid)));
        line(file, &format!("DTSTAMP:{}", utc(made)));
        line(file, &format!("SEQUENCE:{}", self.sequence));
        line(file, &format!("DTSTART:{}", utc(self.starts)));
        line(file, &format!("DTEND:{}", utc(self.ends)));
        line(
            file,
            match self.standing {
                Standing::Confirmed => "STATUS:CONFIRMED",
                Standing::Cancelled => "STATUS:CANCELLED",
            },
        );
        line(file, &format!("SUMMARY:{}", text(&self.summary)));
        if !self.description.is_empty() {
            line(file, &format!("DESCRIPTION:{}", text(&self.description)));
        }
        if let Some(location) = &self.location {
            line(file, &format!("LOCATION:{}", text(location)));
        }
        if let Some((north, east)) = self.position {
            line(file, &format!("GEO:{north:.6};{east:.6}"));
        }
        if let Some(url) = &self.url {
            line(file, &format!("URL:{url}"));
        }
        line(file, "END:VEVENT");
    }
}

/// A moment in UTC (3.3.5, form 2).
fn utc(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A text as a value (3.3.11). Control characters have no place in a file of lines.
fn text(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            ';' => out.push_str("\\;"),
            ',' => out.push_str("\\,"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// One line, folded at 75 bytes and never within a character (3.1).
fn line(file: &mut String, content: &str) {
    let mut room = LINE;
    for c in content.chars() {
        if c.len_utf8() > room {
            let _never_fails = write!(file, "\r\n ").is_err();
            room = LINE - 1;
        }
        file.push(c);
        room = room.saturating_sub(c.len_utf8());
    }
    file.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event() -> Event {
        Event {
            uid: "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b21@nahraum".to_owned(),
            sequence: 2,
            starts: "2026-12-01T09:00:00Z".parse().unwrap(),
            ends: "2026-12-01T10:00:00Z".parse().unwrap(),
            standing: Standing::Cancelled,
            summary: "Gehgruppe; im Park, morgens".to_owned(),
            description: "Zeile eins\nZeile zwei \\ Ende".to_owned(),
            location: Some("Teichweg 1, 20999 Hamburg".to_owned()),
            position: Some((53.5467, 10.1121)),
            url: None,
        }
    }

    #[test]
    fn a_date_is_written_as_calendars_read_it() {
        let file = calendar(&[event()], "2026-11-27T12:00:00Z".parse().unwrap());
        assert_eq!(
            file,
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Nahraum//Nahraum//DE\r\nCALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\n\
             BEGIN:VEVENT\r\nUID:019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b21@nahraum\r\nDTSTAMP:20261127T120000Z\r\nSEQUENCE:2\r\n\
             DTSTART:20261201T090000Z\r\nDTEND:20261201T100000Z\r\nSTATUS:CANCELLED\r\n\
             SUMMARY:Gehgruppe\\; im Park\\, morgens\r\nDESCRIPTION:Zeile eins\\nZeile zwei \\\\ Ende\r\n\
             LOCATION:Teichweg 1\\, 20999 Hamburg\r\nGEO:53.546700;10.112100\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
    }

    proptest! {
        #[test]
        fn no_line_is_too_long_and_nothing_is_lost(summary in "\\PC{0,200}") {
            let event = Event { summary: summary.clone(), ..event() };
            let file = calendar(&[event], Timestamp::UNIX_EPOCH);
            prop_assert!(file.split("\r\n").all(|line| line.len() <= LINE));
            let unfolded = file.replace("\r\n ", "");
            let expected = format!("\r\nSUMMARY:{}\r\n", text(&summary));
            prop_assert!(unfolded.contains(&expected));
        }
    }
}
