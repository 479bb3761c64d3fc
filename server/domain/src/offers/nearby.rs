//! How far something is. Positions are rounded before they are used, so that nobody's doorstep is asked for.

use super::places::Position;

/// A rectangle: what can be at most so far away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// From this latitude on.
    pub south: i32,
    /// Up to this latitude.
    pub north: i32,
    /// From this longitude on.
    pub west: i32,
    /// Up to this longitude.
    pub east: i32,
}

/// Millionths of a degree in what a position is rounded to: a hundredth, in Hamburg 1.1 km by 0.66 km.
const ROUNDED: i32 = 10_000;
/// Metres of a degree of latitude, a little less than there are, so that a rectangle is never too small.
const METRES: f64 = 110_500.0;
/// The mean radius of the earth in metres (IUGG).
const RADIUS: f64 = 6_371_008.8;

impl Position {
    /// The position to a hundredth of a degree.
    #[must_use]
    pub const fn rounded(self) -> Self {
        let (latitude, longitude) = self.millionths();
        Self::of_millionths(round(latitude), round(longitude))
    }

    /// What can be at most so many metres away.
    #[must_use]
    pub fn bounds(self, metres: u32) -> Bounds {
        let (latitude, longitude) = self.degrees();
        let up = f64::from(metres) / METRES;
        // Where the rectangle reaches the pole, every longitude is near.
        let narrow = (latitude.abs() + up).min(90.0).to_radians().cos();
        let across = if narrow * 180.0 > up { up / narrow } else { 360.0 };
        let at = |degrees: f64, most: f64| {
            let millionths = (degrees.clamp(-most, most) * 1e6).round();
            format!("{millionths:.0}").parse().unwrap_or_default()
        };
        Bounds {
            south: at(latitude - up, 90.0),
            north: at(latitude + up, 90.0),
            west: at(longitude - across, 180.0),
            east: at(longitude + across, 180.0),
        }
    }

    /// How far it is to another position in metres, as the crow flies (haversine).
    #[must_use]
    pub fn metres_to(self, other: Self) -> u32 {
        let ((lat1, lon1), (lat2, lon2)) = (self.degrees(), other.degrees());
        let half = |one: f64, other: f64| ((other - one).to_radians() / 2.0).sin().powi(2);
        let a = half(lat1, lat2) + lat1.to_radians().cos() * lat2.to_radians().cos() * half(lon1, lon2);
        let metres = 2.0 * RADIUS * a.sqrt().min(1.0).asin();
        format!("{metres:.0}").parse().unwrap_or(u32::MAX)
    }
}

const fn round(millionths: i32) -> i32 {
    let half = if millionths < 0 { -ROUNDED / 2 } else { ROUNDED / 2 };
    (millionths + half) / ROUNDED * ROUNDED
}

impl Bounds {
    /// Whether a position is inside.
    #[must_use]
    pub const fn holds(self, at: Position) -> bool {
        let (latitude, longitude) = at.millionths();
        self.south <= latitude && latitude <= self.north && self.west <= longitude && longitude <= self.east
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(latitude: f64, longitude: f64) -> Position {
        Position::of_degrees(latitude, longitude).unwrap()
    }

    #[test]
    fn distances_are_those_of_the_map() {
        let (billstedt, horn) = (at(53.5405, 10.1042), at(53.5533, 10.0907));
        let metres = billstedt.metres_to(horn);
        assert!((1_600..1_800).contains(&metres), "{metres}");
        assert_eq!((billstedt.metres_to(billstedt), horn.metres_to(billstedt)), (0, metres));
        // A quarter of the way around.
        assert!((10_007_000..10_008_000).contains(&at(0.0, 0.0).metres_to(at(0.0, 90.0))));
    }

    #[test]
    fn a_position_is_rounded_to_a_hundredth() {
        assert_eq!(at(53.5449, 10.1051).rounded(), at(53.54, 10.11));
        assert_eq!(at(-53.546, -0.004).rounded(), at(-53.55, 0.0));
        assert_eq!(at(53.54, 10.11).rounded().rounded(), at(53.54, 10.11));
    }

    proptest! {
        #[test]
        fn whatever_is_near_is_in_the_rectangle(
            lat in -80.0..80.0f64, lon in -170.0..170.0f64, north in -0.3..0.3f64, east in -0.3..0.3f64, metres in 1u32..50_000,
        ) {
            let (one, other) = (at(lat, lon), at(lat + north, lon + east));
            if one.metres_to(other) <= metres {
                prop_assert!(one.bounds(metres).holds(other));
            }
        }
    }
}
