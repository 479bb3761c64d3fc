//! Services of HSDS 3 (Human Services Data Specification), as other directories give them out: what of them can be an offer here, and
//! by name all that cannot.

mod contact;
mod object;
mod place;
mod schedule;

use jiff::civil::Date;
use rust_decimal::{Decimal, prelude::ToPrimitive as _};
use serde_json::value::RawValue;

use self::object::{Object, members};
use crate::{
    offer_list::{
        ListedFacts, ListedOffer, ListedText, MOST_FAULTS, MOST_OFFERS, MOST_SCHEDULES, Notice, OfferList, Spot, is_key,
    },
    recurrence::Wanted,
};

/// The code of schedules that cannot be taken.
const LEFT_OUT: &str = "schedule-left-out";
/// The longest summary, in characters.
const SUMMARY: usize = 300;
/// The longest text, in characters.
const BODY: usize = 5_000;

/// Reads one service, a list of them, `{"services": […]}`, or a page with `contents`.
pub(crate) fn read(text: &str, today: Date) -> OfferList {
    let raw: &RawValue = match serde_json::from_str(text) {
        Ok(raw) => raw,
        Err(error) => {
            let line = Spot::Line(u64::try_from(error.line()).unwrap_or(1));
            return OfferList::refused(&line, "json-syntax", "From here on it is no JSON (RFC 8259).");
        }
    };
    let whole = Spot::Pointer(String::new());
    let Some((base, services)) = services(raw) else {
        return OfferList::refused(&whole, "no-services", "There are no services in it.");
    };
    if services.len() > MOST_OFFERS {
        return OfferList::refused(&Spot::Pointer(base), "too-many", "At most 1000 services.");
    }
    let mut list = OfferList::default();
    let is_one = services.len() == 1 && base.is_empty() && text.trim_start().starts_with('{');
    for (n, raw) in services.into_iter().enumerate() {
        let at = if is_one { String::new() } else { format!("{base}/{n}") };
        match Object::read(at.clone(), raw) {
            Some(object) => service(object, today, &mut list),
            None => list.faults.add(&Spot::Pointer(at), "", "not-an-object", "A service is an object."),
        }
    }
    list
}

fn services(raw: &RawValue) -> Option<(String, Vec<&RawValue>)> {
    if let Some(services) = members(raw, MOST_OFFERS) {
        return Some((String::new(), services));
    }
    let top = Object::read(String::new(), raw)?;
    for name in ["services", "contents"] {
        if let Some(services) = top.raw(name).and_then(|raw| members(raw, MOST_OFFERS)) {
            return Some((format!("/{name}"), services));
        }
    }
    (top.has("name") && top.has("id")).then(|| (String::new(), vec![raw]))
}

/// A service while it is read.
#[derive(Default)]
pub(super) struct Reading {
    facts: ListedFacts,
    notices: Vec<Notice>,
    /// Fields that nobody has taken.
    left: Vec<String>,
    /// What stands in the text behind the description.
    paragraphs: Vec<String>,
    base: String,
}

impl Reading {
    fn notice(&mut self, code: &'static str, fields: &[&str], detail: &'static str) {
        self.notices.push(Notice { code, fields: fields.iter().map(|&field| field.to_owned()).collect(), detail });
    }
}

fn service(mut from: Object<'_>, today: Date, list: &mut OfferList) {
    let spot = Spot::Pointer(from.at.clone());
    let mut doing = Reading { base: from.at.clone(), ..Reading::default() };
    let key = from.text("id").unwrap_or_default();
    if !is_key(&key) {
        list.faults.add(&spot, "id", "bad-key", "A service has an id of 1 to 100 visible characters without blanks.");
        return;
    }
    // A rule without any date costs the most time, and is left out.
    if list.looked_at.0 > MOST_SCHEDULES || list.looked_at.1 > MOST_FAULTS {
        let detail = "At most 2000 schedules in a list, of which 200 cannot be taken.";
        list.faults.add(&spot, "schedules", "too-many", detail);
        return;
    }
    if list.offers.iter().any(|other| other.key == key) {
        list.faults.add(&spot, "id", "doubled", "The same service is there already.");
        return;
    }
    let title = from.text("name").unwrap_or_default();
    let description = from.text("description").unwrap_or_default();
    for name in ["eligibility_description", "application_process", "fees_description", "interpretation_services"] {
        let text = from.text(name);
        doing.facts.interpreter =
            doing.facts.interpreter.or((name == "interpretation_services" && text.is_some()).then_some(true));
        doing.paragraphs.extend(text);
    }
    costs(&mut from, today, &mut doing);
    ages(&mut from, &mut doing);
    contact::read(&mut from, &mut doing);
    let mut times = Vec::new();
    let way = place::read(&mut from, &mut times, &mut doing);
    let says_times = from.has("schedules") || !times.is_empty();
    times.extend(from.list("schedules"));
    list.looked_at.0 += times.len();
    // When none of them can be taken, nothing is known: then those that stand here stay.
    let schedules = Some(schedules(times, today, &mut doing)).filter(|found| {
        let lost = doing.notices.iter().any(|notice| notice.code == LEFT_OUT && notice.detail != schedule::OVER);
        says_times && !(found.is_empty() && lost)
    });
    list.looked_at.1 += doing.notices.iter().filter(|notice| notice.code == LEFT_OUT).count();
    standing(&mut from, &mut doing);
    let terms = terms(&mut from, &mut doing);
    from.pass_over(&["last_modified", "metadata", "organization_id", "program_id"]);
    from.left(&doing.base, &mut doing.left);
    let text = words(spot.clone(), &title, &description, way, &mut doing);
    if !doing.left.is_empty() {
        let detail = "Nothing here holds what these fields say.";
        doing.notices.push(Notice { code: "not-carried-over", fields: doing.left, detail });
    }
    let Reading { facts, notices, .. } = doing;
    list.offers.push(ListedOffer { at: spot, key, facts, texts: vec![text], schedules, terms, notices });
}

/// Title, summary and text. The description is the text when it is longer than a summary can be.
fn words(at: Spot, title: &str, description: &str, way: Option<String>, doing: &mut Reading) -> ListedText {
    let line = one_line(description);
    let summary = shortened(&line);
    let mut paragraphs = Vec::new();
    if summary != line {
        paragraphs.push(description.to_owned());
    }
    paragraphs.append(&mut doing.paragraphs);
    let mut body = paragraphs.join("\n\n");
    if body.chars().count() > BODY {
        body = body.chars().take(BODY - 1).chain(['…']).collect();
        doing.notice("text-cut", &["description"], "The text is cut after 5000 characters.");
    }
    if line.contains("</") || line.contains("<br") {
        doing.notice("html", &["description"], "There is HTML in it, which is shown as it stands; mend the text.");
    }
    let summary = if summary.is_empty() { one_line(title) } else { summary };
    ListedText { at, language: None, title: one_line(title), summary, body: Some(body), how_to_come: way }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whole sentences, as far as they fit; otherwise whole words.
fn shortened(line: &str) -> String {
    if line.chars().count() <= SUMMARY {
        return line.to_owned();
    }
    let begin: String = line.chars().take(SUMMARY - 1).collect();
    if let Some((sentences, _)) = begin.rsplit_once(". ").filter(|(sentences, _)| sentences.len() > 20) {
        return format!("{sentences}.");
    }
    format!("{}…", begin.rsplit_once(' ').map_or(begin.as_str(), |(words, _)| words))
}

fn costs(from: &mut Object<'_>, today: Date, doing: &mut Reading) {
    let fees = from.text("fees").filter(|fees| !doing.paragraphs.contains(fees));
    let says_fees = fees.is_some() || doing.paragraphs.iter().any(|text| text.contains(['€', '£', '$']));
    doing.paragraphs.extend(fees);
    let mut prices = Vec::new();
    for mut option in from.list("cost_options") {
        option.pass_over(&["id", "service_id", "metadata"]);
        let over = option.text("valid_to").and_then(|day| day.parse::<Date>().ok()).is_some_and(|day| day < today);
        let in_euro = option.text("currency").is_none_or(|currency| currency.eq_ignore_ascii_case("EUR"));
        let cents = option.text("amount").and_then(|amount| amount.parse::<Decimal>().ok()).and_then(in_cents);
        let name = option.below(&doing.base);
        match cents {
            Some(cents) if in_euro && !over => prices.push(cents),
            Some(_) | None => doing.left.push(name),
        }
        option.pass_over(&["valid_from"]);
        option.left(&doing.base, &mut doing.left);
    }
    doing.facts.cost = match prices.iter().max() {
        Some(0) => Some(("free".to_owned(), None)),
        Some(cents) => Some(("paid".to_owned(), Some(*cents))),
        None => None,
    };
    if prices.len() > 1 {
        doing.notice("highest-price", &["cost_options"], "There are several prices; the highest one was taken.");
    }
    if prices.is_empty() && !says_fees {
        doing.facts.free_if_new = true;
        doing.notice(
            "cost-assumed",
            &["cost_options"],
            "Nothing is said about costs; a new offer is taken to be free.",
        );
    }
}

fn in_cents(amount: Decimal) -> Option<i32> {
    amount.checked_mul(Decimal::from(100))?.round().to_i32().filter(|cents| *cents >= 0)
}

fn ages(from: &mut Object<'_>, doing: &mut Reading) {
    let mut age = |name| Some(from.text(name)?.parse::<Decimal>().ok()?.floor().to_i32());
    doing.facts.age_min = age("minimum_age");
    doing.facts.age_max = age("maximum_age");
}

/// What is said about its being valid.
fn standing(from: &mut Object<'_>, doing: &mut Reading) {
    if from.text("status").is_some_and(|status| status != "active") {
        let detail =
            "The service is not active there; what is public here stays so until somebody pauses or archives it.";
        doing.notice("not-active", &["status"], detail);
    }
    if from.text("assured_date").is_some() {
        let detail = "That somebody has looked at it is said anew here, when it becomes public.";
        doing.notice("assured-there", &["assured_date"], detail);
    }
    if from.has("organization") {
        from.pass_over(&["organization"]);
        doing.notice("own-organisation", &["organization"], "It becomes an offer of the organisation you act for.");
    }
}

fn schedules(times: Vec<Object<'_>>, today: Date, doing: &mut Reading) -> Vec<Wanted> {
    let (mut found, mut offsets) = (Vec::new(), Vec::new());
    for mut one in times {
        let name = one.below(&doing.base);
        match schedule::read(&mut one, today) {
            Ok(read) => {
                if read.had_offset {
                    offsets.push(name);
                }
                if !found.contains(&read.wanted) {
                    found.push(read.wanted);
                }
                one.left(&doing.base, &mut doing.left);
            }
            Err(detail) => doing.notices.push(Notice { code: LEFT_OUT, fields: vec![name], detail }),
        }
    }
    if !offsets.is_empty() {
        let detail = "An offset from UTC is no time zone; the times are taken as those on the clock in Berlin.";
        doing.notices.push(Notice { code: "zone-assumed", fields: offsets, detail });
    }
    found
}

/// Words of taxonomies, which may be ours.
fn terms(from: &mut Object<'_>, doing: &mut Reading) -> Vec<(String, String)> {
    let mut terms = Vec::new();
    for mut attribute in from.list("attributes") {
        let at = attribute.below(&doing.base);
        let Some(mut term) = attribute.object("taxonomy_term") else {
            doing.left.push(at);
            continue;
        };
        let word = ["code", "term", "name"].into_iter().find_map(|name| term.text(name)).unwrap_or_default();
        terms.push((word.to_lowercase().replace(' ', "-"), at));
    }
    terms
}
