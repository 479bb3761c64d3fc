//! Why a recurrence is not accepted: one reason each, with a stable code and a sentence.

use std::fmt;

macro_rules! reasons {
    ($($name:ident $code:literal $sentence:literal $(#[$doc:meta])+)+) => {
        /// Why a recurrence is not accepted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum RecurrenceError {
            $($(#[$doc])+ $name,)+
        }

        impl RecurrenceError {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// A stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }

            /// A sentence about it.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self {
                    $(Self::$name => $sentence,)+
                }
            }
        }
    };
}

reasons! {
    UnknownZone "time-zone-unknown" "The time zone is not known; give a name such as Europe/Berlin."
        /// No zone of the IANA time zone database.
    OddStart "start-odd" "The start is a whole minute of the years 2000 to 2099."
        /// Not a whole minute, or not in this century.
    OddMinutes "minutes-odd" "It takes 1 to 1440 minutes."
        /// Nothing takes no time, and nothing takes longer than a day.
    TooManyExceptions "exceptions-too-many" "At most 200 dates are left out or added."
        /// Too many dates that are left out or added.
    DoubledException "exception-doubled" "A date is left out or added twice."
        /// The same date twice among those that are left out or added.
    Malformed "rule-malformed" "The rule is not written as NAME=VALUE;NAME=VALUE (RFC 5545, 3.3.10)."
        /// Not `NAME=VALUE;NAME=VALUE` in short.
    DoubledPart "rule-part-doubled" "A part of the rule is there twice."
        /// The same part twice.
    UnknownPart "rule-part-unknown" "A part of the rule is not known here."
        /// A part that is not taken.
    SetPosition "rule-set-position" "BYSETPOS is not taken; BYDAY=1TU or BYDAY=-1FR say the same."
        /// It says which of several dates, in a way that few calendars agree on.
    OddFrequency "rule-frequency-odd" "FREQ is one of DAILY, WEEKLY, MONTHLY, YEARLY."
        /// No `FREQ`, or none that is known.
    SubDaily "rule-sub-daily" "Nothing recurs more often than once a day."
        /// More often than once a day.
    OddInterval "rule-interval-odd" "INTERVAL is 1 to 52."
        /// Not 1 to 52.
    OddCount "rule-count-odd" "COUNT is 1 to 400."
        /// Not 1 to 400.
    LocalUntil "rule-until-local" "UNTIL is a moment in UTC, such as 20270331T220000Z."
        /// Not a moment in UTC: a local time is right for half of the year.
    TwoEnds "rule-two-ends" "A rule ends by COUNT or by UNTIL, not by both."
        /// Both `COUNT` and `UNTIL`.
    OddDay "rule-day-odd" "BYDAY has weekdays such as MO, 1TU or -1FR."
        /// Not a weekday.
    OrdinalDay "rule-day-ordinal" "Only MONTHLY and YEARLY count weekdays."
        /// `1TU` where there is no month or year to count in.
    OddMonthDay "rule-month-day-odd" "BYMONTHDAY has days from 1 to 31, or from -31 to -1."
        /// Not 1 to 31 or -31 to -1.
    MonthDayInWeek "rule-month-day-in-week" "WEEKLY has no BYMONTHDAY."
        /// `BYMONTHDAY` in weeks.
    OddMonth "rule-month-odd" "BYMONTH has months from 1 to 12."
        /// Not 1 to 12.
    NoDate "rule-without-date" "There is no date within 400 days of the start."
        /// It never takes place, or only in years.
}

impl fmt::Display for RecurrenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

impl std::error::Error for RecurrenceError {}
