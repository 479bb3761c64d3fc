//! The page behind a mail, in the reader's language: plain HTML, no script.

use nahraum_app::freshness::{Page, PageOffer};
use nahraum_texts::{CheckTexts, Language, check_texts, escape_html, fill, isolate, long_date};

/// The page for what stands behind an address; `empty`: somebody has sent it without a tick.
pub(super) fn of(language: Language, page: &Page, empty: bool) -> String {
    let words = check_texts(language);
    match page {
        Page::Nothing => nothing(language),
        Page::Used => used(language),
        Page::Open { offers, .. } if offers.is_empty() => whole(language, &paragraph(&words.page_all)),
        Page::Open { organisation, offers } => {
            let told = if empty {
                format!("<p class=\"told\" role=\"alert\">{}</p>\n", escape_html(&words.page_empty))
            } else {
                String::new()
            };
            let boxes: String = offers.iter().map(|offer| tick(language, words, offer)).collect();
            let intro = fill(&words.page_intro, &[("organisation", &isolate(language, organisation))]);
            let body = format!(
                "{}{told}<form method=\"post\">\n<ul>\n{boxes}</ul>\n<button type=\"submit\">{}</button>\n</form>\n{}",
                paragraph(&intro),
                escape_html(&words.page_button),
                paragraph(&words.page_other),
            );
            whole(language, &body)
        }
    }
}

/// The page for an address that leads nowhere.
pub(super) fn nothing(language: Language) -> String {
    whole(language, &paragraph(&check_texts(language).page_nothing))
}

/// The page for an address that was used.
pub(super) fn used(language: Language) -> String {
    whole(language, &paragraph(&check_texts(language).page_used))
}

/// The page that says what was confirmed and what was not.
pub(super) fn done(language: Language, done: &[(String, bool)]) -> String {
    let words = check_texts(language);
    let mut body = String::new();
    for (heading, wanted) in [(&words.page_done, true), (&words.page_changed, false)] {
        let titles: String = done
            .iter()
            .filter(|(_, is_done)| *is_done == wanted)
            .map(|(title, _)| format!("<li dir=\"auto\">{}</li>\n", escape_html(title)))
            .collect();
        if !titles.is_empty() {
            body.push_str(&format!("{}<ul>\n{titles}</ul>\n", paragraph(heading)));
        }
    }
    if body.is_empty() {
        body = paragraph(&words.page_all);
    }
    whole(language, &body)
}

fn tick(language: Language, words: &CheckTexts, offer: &PageOffer) -> String {
    let by = offer.due.map(|due| fill(&words.page_by, &[("date", &long_date(language, due))])).unwrap_or_default();
    format!(
        "<li><label><input type=\"checkbox\" name=\"offer\" value=\"{id}:{revision}\"> <span dir=\"auto\">{title}</span> \
         <small>{by}</small></label></li>\n",
        id = offer.id,
        revision = offer.revision,
        title = escape_html(&offer.title),
        by = escape_html(&by),
    )
}

fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", escape_html(text))
}

fn whole(language: Language, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{lang}\" dir=\"{dir}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <title>{title}</title>\n<link rel=\"stylesheet\" href=\"/offer-check.css\">\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n",
        lang = language.tag(),
        dir = language.dir().as_str(),
        title = escape_html(&check_texts(language).page_title),
    )
}

#[cfg(test)]
mod tests {
    use nahraum_domain::ids::OfferId;

    use super::*;

    #[test]
    fn no_title_breaks_out_of_the_page_in_any_language() {
        let offer = |title: &str| PageOffer {
            id: OfferId::from_bytes([7; 16]),
            revision: 3,
            title: title.to_owned(),
            due: None,
        };
        let open = Page::Open {
            organisation: String::from("<b>Kiosk</b>"),
            offers: vec![offer("\"><script>alert(1)</script>"), offer("گروه")],
        };
        for language in Language::ALL {
            for text in [of(language, &open, true), done(language, &[(String::from("<script>"), true)])] {
                assert!(!text.contains("<script") && !text.contains("<b>"), "{text}");
                assert!(!text.contains('{') && text.contains(&format!("lang=\"{}\"", language.tag())), "{text}");
            }
        }
        assert!(of(Language::Ar, &open, false).contains("dir=\"rtl\""));
    }
}
