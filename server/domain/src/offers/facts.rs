//! What an offer says in facts: for whom, what it costs, how one takes part. Facts are the same in every language, and stay right
//! when a text is behind.

use crate::ids::{AreaId, PlaceId};

use super::{OfferKind, lifecycle::Sensitivity, tags::LanguageTag};

/// The highest age that can be named.
pub const OLDEST: i32 = 130;
/// The highest price, in cents.
pub const DEAREST: i32 = 1_000_000;
/// The most places that are counted.
pub const MOST_PLACES: i32 = 10_000;
/// The most topics, and the most languages that are spoken, of one offer.
pub const MOST_WORDS: usize = 20;

/// What it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cost {
    /// Nothing.
    Free,
    /// What one wants to give.
    Donation,
    /// So many cents.
    Paid(i32),
    /// Less for who has less; so many cents at most.
    ByIncome(i32),
    /// A statutory insurer pays it, wholly or mostly.
    Insurer,
}

impl Cost {
    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Donation => "donation",
            Self::Paid(_) => "paid",
            Self::ByIncome(_) => "by-income",
            Self::Insurer => "insurer",
        }
    }

    /// The price in cents, where there is one.
    #[must_use]
    pub const fn cents(self) -> Option<i32> {
        match self {
            Self::Paid(cents) | Self::ByIncome(cents) => Some(cents),
            Self::Free | Self::Donation | Self::Insurer => None,
        }
    }

    /// The cost of a word and a price; none when the one does not go with the other.
    #[must_use]
    pub fn parse(word: &str, cents: Option<i32>) -> Option<Self> {
        match (word, cents) {
            ("free", None) => Some(Self::Free),
            ("donation", None) => Some(Self::Donation),
            ("insurer", None) => Some(Self::Insurer),
            ("paid", Some(cents @ 1..=DEAREST)) => Some(Self::Paid(cents)),
            ("by-income", Some(cents @ 1..=DEAREST)) => Some(Self::ByIncome(cents)),
            _ => None,
        }
    }

    /// Whether nobody has to pay anything.
    #[must_use]
    pub const fn is_free(self) -> bool {
        matches!(self, Self::Free | Self::Donation)
    }
}

/// How one takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registration {
    /// One comes.
    None,
    /// In the app, with places that are counted.
    InApp,
    /// By a call to this number (E.164).
    Phone(String),
    /// On this page (https).
    Website(String),
    /// Somebody has to send one there.
    Referral,
}

impl Registration {
    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::InApp => "in-app",
            Self::Phone(_) => "phone",
            Self::Website(_) => "website",
            Self::Referral => "referral",
        }
    }

    /// The number or the page.
    #[must_use]
    pub fn at(&self) -> Option<&str> {
        match self {
            Self::Phone(at) | Self::Website(at) => Some(at),
            Self::None | Self::InApp | Self::Referral => None,
        }
    }

    /// The way of a word and a number or page; none when the one does not go with the other, or is none.
    #[must_use]
    pub fn parse(word: &str, at: Option<&str>) -> Option<Self> {
        match (word, at) {
            ("none", None) => Some(Self::None),
            ("in-app", None) => Some(Self::InApp),
            ("referral", None) => Some(Self::Referral),
            ("phone", Some(number)) if is_phone(number) => Some(Self::Phone(number.to_owned())),
            ("website", Some(page)) if is_page(page) => Some(Self::Website(page.to_owned())),
            _ => None,
        }
    }
}

/// Whether it is a phone number as ITU-T E.164 writes it: a plus and 7 to 15 digits.
#[must_use]
pub fn is_phone(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0')
}

/// Whether it is the address of a page that is read over TLS.
#[must_use]
pub fn is_page(text: &str) -> bool {
    let rest = text.strip_prefix("https://").unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}');
    text.len() <= 500
        && host.contains('.')
        && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':'))
        && rest.chars().all(is_plain)
}

/// The facts of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// What it is.
    pub kind: OfferKind,
    /// How much care it needs.
    pub sensitivity: Sensitivity,
    /// Where it is; none for what is nowhere, or not at one place.
    pub place: Option<PlaceId>,
    /// From which age on.
    pub age_min: Option<i32>,
    /// Up to which age.
    pub age_max: Option<i32>,
    /// What it costs.
    pub cost: Cost,
    /// How one takes part.
    pub registration: Registration,
    /// How many can take part, where that is counted.
    pub places_max: Option<i32>,
    /// Whether there is a waiting list.
    pub waiting_list: bool,
    /// Whether an interpreter can be had.
    pub interpreter: bool,
    /// Whether one takes part over the internet.
    pub online: bool,
    /// What it is about, as words of the vocabulary.
    pub topics: Vec<String>,
    /// Which languages are spoken there.
    pub spoken: Vec<LanguageTag>,
    /// For the people of these areas; of all, when there is none.
    pub areas: Vec<AreaId>,
}

/// What is wrong with facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadFacts {
    /// The ages are none, or the wrong way round.
    Age,
    /// Places or a waiting list, but nobody registers in the app; or registering in the app without a number of places.
    Places,
    /// Too many topics or languages, or one twice.
    Words,
    /// There is no topic.
    NoTopic,
    /// Neither a place, nor over the internet, nor at somebody's home by phone.
    Nowhere,
}

impl Facts {
    /// What is wrong with them as a whole, if anything is.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), BadFacts> {
        let ages = self.age_min.unwrap_or(0)..=self.age_max.unwrap_or(OLDEST);
        if ages.is_empty() || *ages.start() < 0 || *ages.end() > OLDEST {
            return Err(BadFacts::Age);
        }
        match (&self.registration, self.places_max, self.waiting_list) {
            (Registration::InApp, Some(1..=MOST_PLACES), _) => {}
            (Registration::InApp, _, _) => return Err(BadFacts::Places),
            (_, None, false) => {}
            _ => return Err(BadFacts::Places),
        }
        if self.topics.is_empty() {
            return Err(BadFacts::NoTopic);
        }
        if has_twins(&self.topics) || has_twins(&self.spoken) || has_twins(&self.areas) {
            return Err(BadFacts::Words);
        }
        let reached =
            matches!(self.registration, Registration::Phone(_) | Registration::Website(_) | Registration::Referral);
        if self.place.is_none() && !self.online && !reached {
            return Err(BadFacts::Nowhere);
        }
        Ok(())
    }

    /// Whether somebody of this age can take part.
    #[must_use]
    pub fn suits(&self, age: i32) -> bool {
        self.age_min.is_none_or(|min| min <= age) && self.age_max.is_none_or(|max| age <= max)
    }
}

fn has_twins<T: PartialEq>(all: &[T]) -> bool {
    all.len() > MOST_WORDS || all.iter().enumerate().any(|(n, one)| all.iter().skip(n + 1).any(|other| one == other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            kind: OfferKind::Group,
            sensitivity: Sensitivity::Normal,
            place: Some(PlaceId::from_bytes([1; 16])),
            age_min: Some(18),
            age_max: None,
            cost: Cost::Free,
            registration: Registration::None,
            places_max: None,
            waiting_list: false,
            interpreter: false,
            online: false,
            topics: vec!["movement".to_owned()],
            spoken: Vec::new(),
            areas: Vec::new(),
        }
    }

    #[test]
    fn facts_that_contradict_each_other_are_named() {
        assert_eq!(facts().check(), Ok(()));
        let broken = |change: fn(&mut Facts)| {
            let mut facts = facts();
            change(&mut facts);
            facts.check()
        };
        assert_eq!(broken(|f| f.age_max = Some(17)), Err(BadFacts::Age));
        assert_eq!(broken(|f| f.age_min = Some(-1)), Err(BadFacts::Age));
        assert_eq!(broken(|f| f.age_max = Some(OLDEST + 1)), Err(BadFacts::Age));
        assert_eq!(broken(|f| f.places_max = Some(8)), Err(BadFacts::Places));
        assert_eq!(broken(|f| f.waiting_list = true), Err(BadFacts::Places));
        assert_eq!(broken(|f| f.registration = Registration::InApp), Err(BadFacts::Places));
        assert_eq!(broken(|f| f.topics.clear()), Err(BadFacts::NoTopic));
        assert_eq!(broken(|f| f.topics.push("movement".to_owned())), Err(BadFacts::Words));
        assert_eq!(broken(|f| f.place = None), Err(BadFacts::Nowhere));
        assert!(facts().suits(18) && facts().suits(99) && !facts().suits(17));
    }

    #[test]
    fn a_price_goes_with_what_is_paid_and_with_nothing_else() {
        for cost in [Cost::Free, Cost::Donation, Cost::Paid(500), Cost::ByIncome(1), Cost::Insurer] {
            assert_eq!(Cost::parse(cost.as_str(), cost.cents()), Some(cost));
        }
        for (word, cents) in
            [("free", Some(0)), ("paid", None), ("paid", Some(0)), ("paid", Some(DEAREST + 1)), ("cheap", None)]
        {
            assert_eq!(Cost::parse(word, cents), None, "{word} {cents:?}");
        }
        assert!(Cost::Donation.is_free() && !Cost::Insurer.is_free());
    }

    #[test]
    fn numbers_and_pages_are_what_a_phone_can_open() {
        for way in ["none", "in-app", "referral"] {
            assert_eq!(Registration::parse(way, None).unwrap().as_str(), way);
            assert_eq!(Registration::parse(way, Some("+4940123456")), None);
        }
        let phone = Registration::parse("phone", Some("+4940123456")).unwrap();
        assert_eq!((phone.as_str(), phone.at()), ("phone", Some("+4940123456")));
        for wrong in ["040 123456", "+49 40 123456", "+0401234567", "+123456", "+1234567890123456", ""] {
            assert_eq!(Registration::parse("phone", Some(wrong)), None, "{wrong}");
        }
        assert!(Registration::parse("website", Some("https://kiosk.example/kurs?nr=1#an")).is_some());
        for wrong in [
            "http://kiosk.example",
            "https://",
            "https://localhost/",
            "https://a b.example",
            "https://x.example/<script>",
            "javascript:alert(1)",
        ] {
            assert_eq!(Registration::parse("website", Some(wrong)), None, "{wrong}");
        }
    }
}
