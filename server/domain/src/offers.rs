//! Offers of the district: what can be taken part in, where, and in which languages. All of it is public but for who takes part.

pub mod capacity;
pub mod exchange;
pub mod facts;
pub mod folding;
pub mod freshness;
pub mod holidays;
pub mod image;
pub mod lifecycle;
pub mod markup;
pub mod nearby;
pub mod occurrences;
pub mod places;
pub mod tags;
pub mod texts;

use crate::access::Role;

/// Whether a role publishes offers: people of practices, kiosks, social institutions and the district office.
#[must_use]
pub const fn may_publish(role: Role) -> bool {
    match role {
        Role::Staff | Role::District => true,
        Role::Resident | Role::Representative | Role::Operator | Role::Software | Role::Holder => false,
    }
}

/// What an offer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OfferKind {
    /// A course with an end.
    Course,
    /// A group that meets for good.
    Group,
    /// Advice without an appointment.
    WalkIn,
    /// Advice with one.
    Counselling,
    /// Measuring and screening.
    Screening,
    /// A day for vaccinations.
    VaccinationDay,
    /// A talk.
    Talk,
    /// People with the same trouble help each other.
    SelfHelp,
    /// Help with finding one's way: care, applications, doctors.
    Navigation,
    /// Over the internet.
    Online,
}

impl OfferKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Course,
        Self::Group,
        Self::WalkIn,
        Self::Counselling,
        Self::Screening,
        Self::VaccinationDay,
        Self::Talk,
        Self::SelfHelp,
        Self::Navigation,
        Self::Online,
    ];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Course => "course",
            Self::Group => "group",
            Self::WalkIn => "walk-in",
            Self::Counselling => "counselling",
            Self::Screening => "screening",
            Self::VaccinationDay => "vaccination-day",
            Self::Talk => "talk",
            Self::SelfHelp => "self-help",
            Self::Navigation => "navigation",
            Self::Online => "online",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_word_of_its_own() {
        for kind in OfferKind::ALL {
            assert_eq!(OfferKind::parse(kind.as_str()), Some(kind));
        }
    }
}
