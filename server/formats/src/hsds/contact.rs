//! How one reaches a service, and in which languages.

use nahraum_domain::offers::{
    facts::{is_page, is_phone},
    markup,
    tags::LanguageTag,
};

use super::{Reading, object::Object};

pub(super) fn read(from: &mut Object<'_>, doing: &mut Reading) {
    let phone = phone(from, doing);
    let page = from.text("url");
    let page = page.and_then(|page| {
        if is_page(&page) {
            return Some(page);
        }
        doing.left.push("url".to_owned());
        None
    });
    // Both are told: one is how one takes part, the other stands in the text.
    doing.facts.registration = match (&page, &phone) {
        (Some(page), _) => Some(("website".to_owned(), Some(page.clone()))),
        (None, Some(phone)) => Some(("phone".to_owned(), Some(phone.clone()))),
        (None, None) => None,
    };
    if doing.facts.registration.is_none() {
        let detail = "There is neither a number nor an https page; to a new offer one simply comes.";
        doing.notice("comes-as-one-is", &["url", "phones"], detail);
    }
    let mail = from.text("email");
    let mut links = Vec::new();
    links.extend(phone.filter(|_| page.is_some()).map(|phone| format!("[{phone}](tel:{phone})")));
    links.extend(mail.map(|mail| format!("[{mail}](mailto:{mail})")).filter(|link| markup::plain(link).is_ok()));
    if !links.is_empty() {
        doing.paragraphs.push(links.join("\n"));
    }
    languages(from, doing);
}

/// The first number that can be called.
fn phone(from: &mut Object<'_>, doing: &mut Reading) -> Option<String> {
    let mut found = None;
    for mut phone in from.list("phones") {
        phone.pass_over(&["id", "service_id", "metadata"]);
        let speaks = phone.text("type").is_none_or(|kind| matches!(kind.as_str(), "voice" | "cell" | "mobile"));
        let at = phone.below(&doing.base);
        match phone.text("number").filter(|_| speaks && found.is_none()).and_then(|number| dialled(&number)) {
            Some((number, assumed)) => {
                if assumed {
                    doing.notice("number-assumed", &["phones"], "A number without a country is taken as a German one.");
                }
                found = Some(number);
                phone.left(&doing.base, &mut doing.left);
            }
            None => doing.left.push(at),
        }
    }
    found
}

/// A number as phones dial it (E.164), and whether its country was assumed.
fn dialled(text: &str) -> Option<(String, bool)> {
    let text = text.replace("(0)", "");
    let digits: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let (number, assumed) = match (digits.strip_prefix("00"), digits.strip_prefix('0')) {
        (Some(rest), _) => (format!("+{rest}"), false),
        (None, Some(rest)) => (format!("+49{rest}"), true),
        (None, None) => (digits, false),
    };
    is_phone(&number).then_some((number, assumed))
}

fn languages(from: &mut Object<'_>, doing: &mut Reading) {
    if !from.has("languages") {
        return;
    }
    let mut spoken: Vec<String> = Vec::new();
    for mut language in from.list("languages") {
        language.pass_over(&["id", "service_id", "metadata"]);
        let code = language.text("code").and_then(|code| code.parse::<LanguageTag>().ok());
        match code.map(|tag| tag.to_string()) {
            Some(tag) => {
                if !spoken.contains(&tag) {
                    spoken.push(tag);
                }
                language.pass_over(&["name"]);
                language.left(&doing.base, &mut doing.left);
            }
            None => {
                doing.left.push(language.below(&doing.base));
            }
        }
    }
    doing.facts.spoken = Some(spoken).filter(|spoken| !spoken.is_empty());
}
