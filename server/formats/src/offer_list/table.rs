//! Tables of offers: CSV (RFC 4180) with a head, with commas or semicolons. The lines of one key are one offer, in one language each.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use nahraum_domain::offers::holidays::Land;

use super::{
    Faults, ListedAddress, ListedFacts, ListedOffer, ListedPlace, ListedText, MOST_OFFERS, Notice, OfferList, Spot,
    ZONE,
    columns::{COLUMNS, Head, Line, TEXTS},
    is_key, normalised,
};
use crate::recurrence::Wanted;

/// How many lines are read, at most.
const MOST_LINES: usize = 10_000;

/// How a first time is written: as ISO 8601 has it, and as a German spreadsheet does.
const STARTS: [&str; 6] = [
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
];

/// Counts lines as an editor does, from one byte to a later one.
struct Counter<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl Counter<'_> {
    /// The line on which what stands at this byte, or behind the line breaks there, begins.
    fn line_at(&mut self, byte: u64) -> Spot {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX);
        let breaks = self.bytes.get(byte..).unwrap_or_default().iter().take_while(|b| matches!(b, b'\r' | b'\n'));
        let begin = byte.saturating_add(breaks.count());
        let between = self.bytes.get(self.at..begin).unwrap_or_default();
        self.line = self.line.saturating_add(u64::try_from(memchr::memchr_iter(b'\n', between).count()).unwrap_or(0));
        self.at = begin.max(self.at);
        Spot::Line(self.line)
    }
}

pub(super) fn read(text: &str) -> OfferList {
    let first = text.trim_start().lines().next().unwrap_or_default();
    let delimiter = if first.contains(';') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let mut list = OfferList::default();
    let head = match reader.headers() {
        Ok(record) => Head::read(record, &mut list.faults),
        Err(_) => return OfferList::refused(&Spot::Line(1), "unreadable", "The first line is no CSV."),
    };
    if !list.faults.is_empty() {
        return list;
    }
    let mut counter = Counter { bytes: text.as_bytes(), at: 0, line: 1 };
    let mut seen = Offers::default();
    for (n, record) in reader.records().enumerate() {
        let Ok(record) = record else { continue };
        let at = counter.line_at(record.position().map_or(0, csv::Position::byte));
        let line = Line { at, head: &head, record };
        if line.is_blank() {
            continue;
        }
        let at = line.at.clone();
        if line.record.len() == head.width {
            seen.take(&line, &mut list.faults);
        } else {
            let detail = "The line has another number of columns than the first one; perhaps a quote is not closed.";
            list.faults.add(&at, "", "column-count", detail);
        }
        if n >= MOST_LINES || seen.by_key.len() > MOST_OFFERS {
            list.faults.add(&at, "", "too-many", "At most 1000 offers in 10000 lines.");
            break;
        }
    }
    list.offers = seen.offers;
    list
}

/// The offers of a table as they come.
#[derive(Default)]
struct Offers {
    offers: Vec<ListedOffer>,
    /// Which offer has a key, and the facts of its first line as they stand there.
    by_key: BTreeMap<String, (usize, Vec<String>)>,
}

impl Offers {
    fn take(&mut self, line: &Line<'_>, faults: &mut Faults) {
        let key = line.cell("key").unwrap_or_default().to_owned();
        if !is_key(&key) {
            faults.add(&line.at, "key", "bad-key", "A key has 1 to 100 visible characters without blanks.");
            return;
        }
        let cells: Vec<String> =
            COLUMNS.iter().skip(TEXTS).map(|column| line.cell(column).unwrap_or_default().to_owned()).collect();
        let text = text(line);
        let Some((known, first)) = self.by_key.get(&key) else {
            self.by_key.insert(key.clone(), (self.offers.len(), cells));
            self.offers.push(offer(line, key, text, faults));
            return;
        };
        for ((column, cell), first) in COLUMNS.iter().skip(TEXTS).zip(&cells).zip(first) {
            if !cell.is_empty() && cell != first {
                let detail = "The first line of this key says something else; leave it empty in the other languages.";
                faults.add(&line.at, column, "contradiction", detail);
            }
        }
        let Some(offer) = self.offers.get_mut(*known) else { return };
        if offer.texts.iter().any(|other| other.language == text.language) {
            faults.add(&line.at, "language", "doubled", "The same key is there in this language already.");
        } else {
            offer.texts.push(text);
        }
    }
}

fn text(line: &Line<'_>) -> ListedText {
    let own = |column| line.cell(column).map(str::to_owned);
    ListedText {
        at: line.at.clone(),
        language: Some(own("language").unwrap_or_default()),
        title: own("title").unwrap_or_default(),
        summary: own("summary").unwrap_or_default(),
        body: own("body"),
        how_to_come: own("how_to_come"),
    }
}

fn offer(line: &Line<'_>, key: String, text: ListedText, faults: &mut Faults) -> ListedOffer {
    let mut notices = Vec::new();
    let facts = facts(line, faults);
    let schedules = line.cell("starts_local").is_some().then(|| schedule(line, faults, &mut notices));
    let schedules = schedules.map(|one| one.into_iter().collect());
    ListedOffer { at: line.at.clone(), key, facts, texts: vec![text], schedules, terms: Vec::new(), notices }
}

fn facts(line: &Line<'_>, faults: &mut Faults) -> ListedFacts {
    let own = |column| line.filled(column).map(str::to_owned);
    let cents = line.number("cost_cents", faults).flatten();
    let cost = own("cost").or_else(|| cents.map(|_| String::new()));
    let way = own("registration").or_else(|| line.filled("registration_at").map(|_| String::new()));
    ListedFacts {
        kind: line.cell("kind").map(str::to_owned),
        sensitivity: own("sensitivity"),
        age_min: line.number("age_min", faults),
        age_max: line.number("age_max", faults),
        cost: cost.map(|word| (word, cents)),
        free_if_new: false,
        registration: way.map(|word| {
            let at = own("registration_at").map(|at| if word == "phone" { dialled(&at) } else { at });
            (word, at)
        }),
        places_max: line.number("places_max", faults),
        waiting_list: line.flag("waiting_list", faults),
        interpreter: line.flag("interpreter", faults),
        online: line.flag("online", faults),
        topics: line.words("topics"),
        spoken: line.words("spoken"),
        place: line.cell("place").map(|name| place(line, name, faults)),
    }
}

/// A number without what people put between its digits.
fn dialled(number: &str) -> String {
    number.chars().filter(|c| !matches!(c, ' ' | '-' | '/' | '(' | ')' | '\u{a0}')).collect()
}

fn place(line: &Line<'_>, name: &str, faults: &mut Faults) -> Option<ListedPlace> {
    let parts = ["street", "postcode", "city", "latitude", "longitude"];
    if name.is_empty() {
        if let Some(part) = parts.into_iter().find(|part| line.filled(part).is_some()) {
            faults.add(&line.at, part, "contradiction", "An address needs the name of its place.");
        }
        return None;
    }
    let position = match (line.degrees("latitude", faults), line.degrees("longitude", faults)) {
        (Some(latitude), Some(longitude)) => Some((latitude, longitude)),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => {
            faults.add(&line.at, "latitude", "contradiction", "latitude and longitude come together or not at all.");
            None
        }
    };
    let own = |column| line.filled(column).map(str::to_owned).unwrap_or_default();
    let address = parts.iter().any(|part| line.filled(part).is_some()).then(|| ListedAddress {
        street: own("street"),
        postcode: own("postcode"),
        city: own("city"),
        position,
    });
    Some(ListedPlace { name: name.to_owned(), address })
}

/// When it takes place; none when nothing stands there.
fn schedule(line: &Line<'_>, faults: &mut Faults, notices: &mut Vec<Notice>) -> Option<Wanted> {
    let Some(starts) = line.filled("starts_local") else {
        for column in ["minutes", "rule", "skip_holidays_in"].into_iter().filter(|c| line.filled(c).is_some()) {
            faults.add(&line.at, column, "contradiction", "It goes with starts_local.");
        }
        return None;
    };
    let read = STARTS.into_iter().find_map(|form| DateTime::strptime(form, starts).ok());
    if read.is_none() {
        let detail = "A local time, such as 2026-12-01T10:00 or 01.12.2026 10:00.";
        faults.add(&line.at, "starts_local", "not-a-time", detail);
    }
    let minutes = line.number("minutes", faults).flatten();
    if minutes.is_none() && line.filled("minutes").is_none() {
        faults.add(&line.at, "minutes", "missing", "How long it takes, in minutes.");
    }
    let zone = line.filled("time_zone").unwrap_or(ZONE);
    let rule = line.filled("rule").map(|rule| normalised(rule, zone));
    if rule.as_ref().is_some_and(|(_, changed)| *changed) {
        let detail = "The rule was written anew: its end in UTC, and its beginning is starts_local.";
        notices.push(Notice { code: "rule-rewritten", fields: vec!["rule".to_owned()], detail });
    }
    let land = line.filled("skip_holidays_in").map(Land::parse);
    if land == Some(None) {
        faults.add(&line.at, "skip_holidays_in", "unknown-land", "The two letters of a German Land, such as HH.");
    }
    Some(Wanted {
        time_zone: zone.to_owned(),
        starts: read?,
        minutes: minutes?,
        rule: rule.map(|(rule, _)| rule),
        skip: Vec::new(),
        extra: Vec::new(),
        skip_holidays_in: land.flatten(),
    })
}
