//! Lists of offers that an organisation brings along: a table (CSV) or services of another directory (HSDS 3), read into what they
//! say of each offer, with every fault and where it is.
//!
//! What a list does not say is `None`, and stays as it is. Whether the words are those of the house is judged by who knows the house.

mod columns;
mod rule;
mod table;

use jiff::civil::Date;

use crate::{
    hsds,
    recurrence::Wanted,
    sniff::{Sniffed, skip_blank, sniff},
};

pub use columns::COLUMNS;
pub(crate) use rule::{end_of_day, normalised};

/// How many offers a list has, at most.
pub const MOST_OFFERS: usize = 1_000;

/// How many faults are told at once, at most; of the others only the number is told.
pub const MOST_FAULTS: usize = 200;

/// How many schedules a list has, at most: to look at one takes its time.
pub const MOST_SCHEDULES: usize = 2_000;

/// The zone of a list that names none.
pub const ZONE: &str = "Europe/Berlin";

/// Where in a list something is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// The physical line of a table on which a record begins, from 1.
    Line(u64),
    /// A JSON pointer (RFC 6901).
    Pointer(String),
}

/// What is wrong with a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFault {
    /// Where.
    pub at: Spot,
    /// In which column or field; empty when it is the line or the file.
    pub field: String,
    /// A stable code.
    pub code: &'static str,
    /// A sentence for people.
    pub detail: &'static str,
}

/// Faults as they are found.
#[derive(Debug, Default)]
pub struct Faults {
    list: Vec<ListFault>,
    more: usize,
}

impl Faults {
    /// Those that were found before.
    #[must_use]
    pub const fn resumed(list: Vec<ListFault>, more: usize) -> Self {
        Self { list, more }
    }

    /// One more.
    pub fn add(&mut self, at: &Spot, field: &str, code: &'static str, detail: &'static str) {
        if self.list.len() < MOST_FAULTS {
            let field = field.chars().take(60).collect();
            self.list.push(ListFault { at: at.clone(), field, code, detail });
        } else {
            self.more += 1;
        }
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether there are as many as are told.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.list.len() >= MOST_FAULTS
    }

    /// The faults, and how many there are beside them.
    #[must_use]
    pub fn into_parts(self) -> (Vec<ListFault>, usize) {
        (self.list, self.more)
    }
}

/// What an importer has to know of one offer, without it being wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// A stable code.
    pub code: &'static str,
    /// Which columns or fields it is about, from the offer on.
    pub fields: Vec<String>,
    /// A sentence for people.
    pub detail: &'static str,
}

/// A place as a list has it.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedPlace {
    /// What people call it.
    pub name: String,
    /// Where it is; without it, one of the organisation's places is meant.
    pub address: Option<ListedAddress>,
}

/// An address as a list has it.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedAddress {
    /// Street and number.
    pub street: String,
    /// The postcode.
    pub postcode: String,
    /// The town.
    pub city: String,
    /// Latitude and longitude in degrees.
    pub position: Option<(f64, f64)>,
}

/// Facts of an offer, as their words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ListedFacts {
    /// The kind.
    pub kind: Option<String>,
    /// How much care it needs.
    pub sensitivity: Option<String>,
    /// From which age on; none for any.
    pub age_min: Option<Option<i32>>,
    /// Up to which age; none for any.
    pub age_max: Option<Option<i32>>,
    /// What it costs, and the price in cents.
    pub cost: Option<(String, Option<i32>)>,
    /// Whether nothing at all is said about costs, so that a new offer is taken to be free.
    pub free_if_new: bool,
    /// How one takes part, and where.
    pub registration: Option<(String, Option<String>)>,
    /// How many can take part.
    pub places_max: Option<Option<i32>>,
    /// Whether there is a waiting list.
    pub waiting_list: Option<bool>,
    /// Whether an interpreter can be had.
    pub interpreter: Option<bool>,
    /// Whether one takes part over the internet.
    pub online: Option<bool>,
    /// What it is about.
    pub topics: Option<Vec<String>>,
    /// Which languages are spoken.
    pub spoken: Option<Vec<String>>,
    /// Where it is; none for nowhere.
    pub place: Option<Option<ListedPlace>>,
}

/// A text of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedText {
    /// Where it stands.
    pub at: Spot,
    /// Its language; none when the list does not say.
    pub language: Option<String>,
    /// What the offer is called.
    pub title: String,
    /// In one or two sentences.
    pub summary: String,
    /// In full.
    pub body: Option<String>,
    /// How one gets there.
    pub how_to_come: Option<String>,
}

/// An offer of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedOffer {
    /// Where it begins.
    pub at: Spot,
    /// What its organisation knows it by.
    pub key: String,
    /// Its facts.
    pub facts: ListedFacts,
    /// Its texts, the first one first; at least one.
    pub texts: Vec<ListedText>,
    /// When it takes place; none when the list does not say.
    pub schedules: Option<Vec<Wanted>>,
    /// Terms of other vocabularies that may be words of the house, and where they stand.
    pub terms: Vec<(String, String)>,
    /// What was done with it that is not plain to see.
    pub notices: Vec<Notice>,
}

/// A list as it was read. With faults the offers are those that could be read all the same.
#[derive(Debug, Default)]
pub struct OfferList {
    /// The offers.
    pub offers: Vec<ListedOffer>,
    /// What is wrong.
    pub faults: Faults,
    /// How many schedules of services were looked at, and how many of them were left out.
    pub(crate) looked_at: (usize, usize),
}

impl OfferList {
    /// A list that cannot be read.
    pub(crate) fn refused(at: &Spot, code: &'static str, detail: &'static str) -> Self {
        let mut list = Self::default();
        list.faults.add(at, "", code, detail);
        list
    }
}

/// Reads a list. What it is, is judged from its bytes.
#[must_use]
pub fn read_offers(bytes: &[u8], today: Date) -> OfferList {
    let start = Spot::Line(1);
    if skip_blank(bytes).is_empty() {
        return OfferList::refused(&start, "file-empty", "The file is empty.");
    }
    let kind = sniff(bytes);
    if kind == Some(Sniffed::Utf16Text) {
        return OfferList::refused(&start, "not-utf8", "The file is text in UTF-16; save it as CSV UTF-8.");
    }
    // What spreadsheets put before UTF-8.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if kind.is_none() || kind == Some(Sniffed::Json) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = 1 + memchr::memchr_iter(b'\n', before).count();
            let detail = "The text is not UTF-8 from this line on; in Excel save it as CSV UTF-8 and not as CSV.";
            return OfferList::refused(&Spot::Line(u64::try_from(line).unwrap_or(u64::MAX)), "not-utf8", detail);
        }
        Err(_) => return unsupported(),
    };
    match kind {
        Some(Sniffed::Json) => hsds::read(text, today),
        None => table::read(text),
        Some(_) => unsupported(),
    }
}

fn unsupported() -> OfferList {
    let detail = "The file is neither a table (CSV) nor services of HSDS 3 (JSON).";
    OfferList::refused(&Spot::Line(1), "file-type-unsupported", detail)
}

/// Whether a key is one: 1 to 100 visible characters.
pub(crate) fn is_key(key: &str) -> bool {
    (1..=100).contains(&key.chars().count()) && !key.chars().any(|c| c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests;
