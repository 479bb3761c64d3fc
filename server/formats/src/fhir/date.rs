//! FHIR dates and times (FHIR 2.24.0.1): `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, `YYYY-MM-DDThh:mm:ss±zz:zz`.

use jiff::{Timestamp, civil::Date};

/// What a date text says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct When {
    /// The day, as the sender's calendar had it.
    pub(super) date: Option<Date>,
    /// The instant, if a time of day with offset was sent.
    pub(super) at: Option<Timestamp>,
}

impl When {
    /// Reads a date text. What is no complete day gives neither day nor instant.
    pub(super) fn parse(text: &str) -> Self {
        let text = text.trim();
        let day = text.split_once('T').map_or(text, |(day, _)| day);
        let date = day.parse().ok().filter(|_| day.len() == 10);
        let at = text.parse().ok().filter(|_| date.is_some() && day.len() < text.len());
        Self { date, at }
    }

    /// A date text that says less than a day.
    pub(super) const fn is_partial(self) -> bool {
        self.date.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_instants_and_parts() {
        let when = When::parse("2018-11-20T00:05:00+01:00");
        assert_eq!(when.date, Some(date(2018, 11, 20)), "the sender's day, not the day in UTC");
        assert_eq!(when.at, Some("2018-11-19T23:05:00Z".parse().unwrap()));
        assert_eq!(When::parse("2021-06-01"), When { date: Some(date(2021, 6, 1)), at: None });
        assert_eq!(When::parse("2021-06-01T10:00:00").at, None, "without offset no instant is known");
        for partial in ["2021", "2021-06", "", "gestern", "2021-02-30", "20210601"] {
            assert!(When::parse(partial).is_partial(), "{partial}");
        }
    }
}
