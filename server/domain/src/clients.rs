//! Apps of residents, and whether one that is installed still does: what an app asks before anything else, so that a hole in an app can
//! be closed without a word to anybody who cannot install the next one.

use std::{cmp::Ordering, fmt, str::FromStr};

use jiff::civil::Date;

/// The most numbers of a version.
const MOST: usize = 4;

/// A version: up to four whole numbers with full stops between them, such as `1.4.0`. Missing ones are 0.
#[derive(Debug, Clone, Copy)]
pub struct Version {
    numbers: [u32; MOST],
    written: usize,
}

/// What the operator wants of the apps for one system.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Older ones are to be replaced.
    pub min: Option<Version>,
    /// The first day on which that is so; from the beginning, if it is not said.
    pub min_from: Option<Date>,
    /// The newest one.
    pub latest: Option<Version>,
    /// The oldest version of the operating system on which the newest one can be installed.
    pub min_os: Option<Version>,
}

/// What an app says of itself.
#[derive(Debug, Clone, Copy)]
pub struct Installed {
    /// Its version.
    pub app: Version,
    /// That of the operating system.
    pub os: Option<Version>,
}

/// Whether an installed app still does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gate {
    /// It does.
    Ok,
    /// There is a newer one.
    UpdateRecommended,
    /// It does not.
    UpdateRequired,
}

impl Gate {
    /// Every word, from the mildest on.
    pub const ALL: [Self; 3] = [Self::Ok, Self::UpdateRecommended, Self::UpdateRequired];

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::UpdateRecommended => "update-recommended",
            Self::UpdateRequired => "update-required",
        }
    }
}

/// Judges an app. Nobody is sent to a shop that has nothing for their phone: where the newest one cannot be installed, the old one does.
#[must_use]
pub fn judge(wanted: &Wanted, installed: Installed, today: Date) -> Gate {
    let older_than = |version: Option<Version>| version.is_some_and(|version| installed.app < version);
    let can_install = wanted.min_os.zip(installed.os).is_none_or(|(min, os)| os >= min);
    let in_force = wanted.min_from.is_none_or(|from| today >= from);
    match (older_than(wanted.min), older_than(wanted.latest)) {
        (true, _) | (_, true) if !can_install => Gate::Ok,
        (true, _) if in_force => Gate::UpdateRequired,
        (true, _) | (_, true) => Gate::UpdateRecommended,
        (false, false) => Gate::Ok,
    }
}

impl FromStr for Version {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut version = Self { numbers: [0; MOST], written: 0 };
        for part in text.split('.') {
            let digits = !part.is_empty() && part.len() <= 9 && part.bytes().all(|byte| byte.is_ascii_digit());
            let place = version.numbers.get_mut(version.written).filter(|_| digits).ok_or(())?;
            *place = part.parse().map_err(|_| ())?;
            version.written += 1;
        }
        Ok(version)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, number) in self.numbers.iter().take(self.written).enumerate() {
            if at > 0 {
                f.write_str(".")?;
            }
            write!(f, "{number}")?;
        }
        Ok(())
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.numbers == other.numbers
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn versions_are_compared_by_numbers_and_written_as_they_came() {
        assert!(version("1.10") > version("1.9.9") && version("2") > version("1.99.99.99"));
        assert_eq!(version("1.4"), version("1.4.0.0"));
        assert_eq!((version("1.4").to_string(), version("01.4.0").to_string()), ("1.4".into(), "1.4.0".into()));
        for wrong in ["", "1.", ".1", "1..2", "1.2.3.4.5", "1.4-beta", "v1", "1.9999999999", "-1", "١"] {
            assert!(wrong.parse::<Version>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_table_of_the_gate() {
        let wanted = Wanted {
            min: Some(version("2.0")),
            min_from: Some(date(2027, 1, 1)),
            latest: Some(version("2.3")),
            min_os: Some(version("12")),
        };
        let (before, after) = (date(2026, 12, 31), date(2027, 1, 1));
        let cases = [
            ("2.3", Some("14"), after, Gate::Ok),
            ("2.4", Some("14"), after, Gate::Ok),
            ("2.2.9", Some("14"), after, Gate::UpdateRecommended),
            ("1.9", Some("14"), before, Gate::UpdateRecommended),
            ("1.9", Some("14"), after, Gate::UpdateRequired),
            ("1.9", None, after, Gate::UpdateRequired),
            // The shop has nothing for this phone.
            ("1.9", Some("11.9"), after, Gate::Ok),
            ("2.2", Some("11"), after, Gate::Ok),
            ("1.9", Some("12.0.0"), after, Gate::UpdateRequired),
        ];
        for (app, os, today, expected) in cases {
            let installed = Installed { app: version(app), os: os.map(version) };
            assert_eq!(judge(&wanted, installed, today), expected, "{app} on {os:?}, {today}");
        }
        let nothing = Installed { app: version("0"), os: None };
        assert_eq!(judge(&Wanted::default(), nothing, after), Gate::Ok);
    }

    proptest! {
        #[test]
        fn a_newer_app_is_never_judged_more_strictly(one in "[0-9]{1,2}(\\.[0-9]{1,2}){0,3}", other in "[0-9]{1,2}(\\.[0-9]{1,2}){0,3}") {
            let (one, other) = (version(&one), version(&other));
            let wanted = Wanted { min: Some(version("20.5")), min_from: None, latest: Some(version("60.1.7")), min_os: None };
            let gate = |app| judge(&wanted, Installed { app, os: None }, date(2027, 1, 1));
            let (older, newer) = (one.min(other), one.max(other));
            prop_assert!(gate(newer) <= gate(older));
        }

        #[test]
        fn any_text_is_a_version_or_none(text in "\\PC{0,20}") {
            if let Ok(version) = text.parse::<Version>() {
                prop_assert_eq!(version.to_string().parse::<Version>().unwrap(), version);
            }
        }
    }
}
