//! Places where something is offered: where they are, who is told the address, and who gets in.

use rust_decimal::{Decimal, prelude::ToPrimitive as _};

/// Who is told the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressVisibility {
    /// Everybody.
    Public,
    /// Only the area is told: of a shelter, for one.
    DistrictOnly,
    /// Whoever has a place is told the address.
    OnBooking,
}

/// Whether something can be used by whoever needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Yes.
    Yes,
    /// With help, or in part.
    Limited,
    /// No.
    No,
    /// Nobody has said.
    Unknown,
}

/// A position on the earth (WGS 84), in millionths of a degree: eleven centimetres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    latitude: i32,
    longitude: i32,
}

impl AddressVisibility {
    /// Every answer.
    pub const ALL: [Self; 3] = [Self::Public, Self::DistrictOnly, Self::OnBooking];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::DistrictOnly => "district-only",
            Self::OnBooking => "on-booking",
        }
    }

    /// The answer with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

impl Access {
    /// Every answer.
    pub const ALL: [Self; 4] = [Self::Yes, Self::Limited, Self::No, Self::Unknown];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Limited => "limited",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }

    /// The answer with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

impl Position {
    /// From decimal degrees, north and east; none beyond the poles and the date line.
    #[must_use]
    pub fn of_degrees(latitude: f64, longitude: f64) -> Option<Self> {
        let millionths = |degrees: f64| (Decimal::try_from(degrees).ok()? * Decimal::from(1_000_000)).round().to_i32();
        if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
            return None;
        }
        Some(Self { latitude: millionths(latitude)?, longitude: millionths(longitude)? })
    }

    /// From millionths of a degree, as they are stored.
    #[must_use]
    pub const fn of_millionths(latitude: i32, longitude: i32) -> Self {
        Self { latitude, longitude }
    }

    /// In millionths of a degree.
    #[must_use]
    pub const fn millionths(self) -> (i32, i32) {
        (self.latitude, self.longitude)
    }

    /// In decimal degrees.
    #[must_use]
    pub fn degrees(self) -> (f64, f64) {
        (f64::from(self.latitude) / 1e6, f64::from(self.longitude) / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_kept_to_the_millionth() {
        let billstedt = Position::of_degrees(53.5412344, 10.1056789).unwrap();
        assert_eq!(billstedt.millionths(), (53_541_234, 10_105_679));
        assert_eq!(billstedt.degrees(), (53.541_234, 10.105_679));
        assert_eq!(Position::of_degrees(-33.9, -0.000_000_4).unwrap().millionths(), (-33_900_000, 0));
        for (latitude, longitude) in [(90.000_001, 0.0), (0.0, -180.1), (f64::NAN, 0.0), (0.0, f64::INFINITY)] {
            assert_eq!(Position::of_degrees(latitude, longitude), None);
        }
    }

    #[test]
    fn every_answer_has_a_word_of_its_own() {
        for one in AddressVisibility::ALL {
            assert_eq!(AddressVisibility::parse(one.as_str()), Some(one));
        }
        for one in Access::ALL {
            assert_eq!(Access::parse(one.as_str()), Some(one));
        }
    }
}
