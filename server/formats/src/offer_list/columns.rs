//! The columns of a table of offers, and the cells of its lines.

use std::collections::BTreeMap;

use super::{Faults, Spot};

/// All columns that a table can have, in any order. `key`, `language`, `title` and `summary` have to be there.
pub const COLUMNS: [&str; 31] = [
    "key",
    "language",
    "title",
    "summary",
    "body",
    "how_to_come",
    "kind",
    "topics",
    "spoken",
    "sensitivity",
    "age_min",
    "age_max",
    "cost",
    "cost_cents",
    "registration",
    "registration_at",
    "places_max",
    "waiting_list",
    "interpreter",
    "online",
    "place",
    "street",
    "postcode",
    "city",
    "latitude",
    "longitude",
    "starts_local",
    "time_zone",
    "minutes",
    "rule",
    "skip_holidays_in",
];

/// How many of them are texts, and differ between the lines of an offer; the rest is the same in every language.
pub(super) const TEXTS: usize = 6;
const NEEDED: usize = 4;

/// Which column stands where.
pub(super) struct Head {
    places: BTreeMap<&'static str, usize>,
    pub(super) width: usize,
}

impl Head {
    pub(super) fn read(record: &csv::StringRecord, faults: &mut Faults) -> Self {
        let (first, mut places) = (Spot::Line(1), BTreeMap::new());
        for (at, name) in record.iter().enumerate() {
            let known = COLUMNS.into_iter().find(|column| column.eq_ignore_ascii_case(name.trim()));
            match known {
                None => faults.add(&first, name, "unknown-column", "There is no such column."),
                Some(column) if places.insert(column, at).is_some() => {
                    faults.add(&first, column, "doubled", "The column is there twice.");
                }
                Some(_) => {}
            }
        }
        for column in COLUMNS.into_iter().take(NEEDED).filter(|column| !places.contains_key(column)) {
            faults.add(&first, column, "missing", "The column has to be there.");
        }
        Self { places, width: record.len() }
    }
}

/// A line of a table.
pub(super) struct Line<'a> {
    pub(super) at: Spot,
    pub(super) head: &'a Head,
    pub(super) record: csv::StringRecord,
}

impl Line<'_> {
    /// A cell without the blanks around it; none when the table has no such column.
    pub(super) fn cell(&self, column: &str) -> Option<&str> {
        let place = self.head.places.get(column)?;
        Some(self.record.get(*place).unwrap_or_default().trim())
    }

    /// A cell in which something stands.
    pub(super) fn filled(&self, column: &str) -> Option<&str> {
        self.cell(column).filter(|text| !text.is_empty())
    }

    pub(super) fn is_blank(&self) -> bool {
        self.record.iter().all(|cell| cell.trim().is_empty())
    }

    /// A whole number; the outer none when there is no such column.
    pub(super) fn number(&self, column: &str, faults: &mut Faults) -> Option<Option<i32>> {
        let text = self.cell(column)?;
        if text.is_empty() {
            return Some(None);
        }
        let number = text.parse().ok();
        if number.is_none() {
            faults.add(&self.at, column, "not-a-number", "A whole number, or nothing.");
        }
        number.map(Some)
    }

    /// Degrees, with a point or a comma.
    pub(super) fn degrees(&self, column: &str, faults: &mut Faults) -> Option<f64> {
        let degrees = self.filled(column)?.replace(',', ".").parse().ok();
        if degrees.is_none() {
            faults.add(&self.at, column, "not-a-number", "Decimal degrees, or nothing.");
        }
        degrees
    }

    pub(super) fn flag(&self, column: &str, faults: &mut Faults) -> Option<bool> {
        match self.cell(column)?.to_lowercase().as_str() {
            "yes" | "ja" => Some(true),
            "" | "no" | "nein" => Some(false),
            _ => {
                faults.add(&self.at, column, "not-yes-or-no", "yes or no, ja or nein, or nothing.");
                None
            }
        }
    }

    /// Words with commas, semicolons, bars or blanks between them.
    pub(super) fn words(&self, column: &str) -> Option<Vec<String>> {
        let separates = |c: char| matches!(c, ',' | ';' | '|') || c.is_whitespace();
        let cell = self.cell(column)?;
        Some(cell.split(separates).filter(|word| !word.is_empty()).map(str::to_owned).collect())
    }
}
