//! What organisations are told about offers that nobody has confirmed: the mail, the page behind it, and what everybody reads.

use jiff::civil::Date;
use serde::Deserialize;

use crate::{Language, Mail, catalogue::texts, fill, isolate, long_date};

/// The words of the page on which organisations say what is still true.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckTexts {
    hello: String,
    mail_subject: String,
    mail_due: String,
    mail_gone: String,
    line: String,
    /// The heading.
    pub page_title: String,
    /// What to do, with `{organisation}`.
    pub page_intro: String,
    /// What to do with what is not true any more.
    pub page_other: String,
    /// Until when, with `{date}`.
    pub page_by: String,
    /// The button.
    pub page_button: String,
    /// Nothing was chosen.
    pub page_empty: String,
    /// Above what is confirmed now.
    pub page_done: String,
    /// Above what was changed and is not confirmed.
    pub page_changed: String,
    /// The address was used.
    pub page_used: String,
    /// The address leads nowhere.
    pub page_nothing: String,
    /// There is nothing left to confirm.
    pub page_all: String,
    unconfirmed: String,
}

/// The words of the page.
#[must_use]
pub fn check_texts(language: Language) -> &'static CheckTexts {
    &texts(language).file.check
}

/// What a mail to an organisation says beside its fixed words.
#[derive(Debug)]
pub struct CheckMail<'a> {
    /// The name of the app.
    pub app_name: &'a str,
    /// What people call the organisation.
    pub organisation: &'a str,
    /// The address of the page.
    pub link: &'a str,
    /// Until when it can be used.
    pub until: Date,
    /// What is due, each with its day.
    pub due: Vec<(String, Option<Date>)>,
    /// What was archived.
    pub gone: Vec<String>,
}

/// The mail with everything that an organisation is told on a day: what is due, and what was archived.
#[must_use]
pub fn check_mail(language: Language, mail: &CheckMail<'_>) -> Mail {
    let words = check_texts(language);
    let organisation = isolate(language, mail.organisation);
    let until = long_date(language, mail.until);
    let due = mail.due.iter().map(|(title, due)| {
        let date = due.map(|day| long_date(language, day)).unwrap_or_default();
        fill(&words.line, &[("title", &isolate(language, title)), ("date", &date)])
    });
    let gone = mail.gone.iter().map(|title| format!("- {}", isolate(language, title)));
    let mut parts = vec![words.hello.clone()];
    for (template, offers) in [(&words.mail_due, due.collect::<Vec<_>>()), (&words.mail_gone, gone.collect::<Vec<_>>())]
    {
        if !offers.is_empty() {
            let values = [
                ("organisation", organisation.as_str()),
                ("offers", &offers.join("\n")),
                ("until", &until),
                ("link", mail.link),
            ];
            parts.push(fill(template, &values));
        }
    }
    let body = format!("{}\n", parts.join("\n\n"));
    Mail { subject: fill(&words.mail_subject, &[("app_name", mail.app_name)]), body }
}

/// That nobody has said for long that an offer is true, for whoever reads it; with the day on which somebody did.
#[must_use]
pub fn unconfirmed_notice(language: Language, verified_on: Date) -> String {
    fill(&check_texts(language).unconfirmed, &[("date", &long_date(language, verified_on))])
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_mail_says_what_is_due_and_what_is_gone_and_nothing_of_what_there_is_not() {
        let mut mail = CheckMail {
            app_name: "Nahraum",
            organisation: "Kiosk",
            link: "https://nahraum.example/x",
            until: date(2027, 1, 31),
            due: vec![(String::from("Gehgruppe {link}"), Some(date(2026, 12, 6)))],
            gone: Vec::new(),
        };
        let text = check_mail(Language::De, &mail);
        assert!(text.body.contains("- Gehgruppe {link} (bis 6. Dezember 2026)\n"), "{}", text.body);
        assert_eq!(text.body.matches("https://nahraum.example/x").count(), 1);
        assert!(!text.body.contains("archiviert und"), "{}", text.body);
        mail.gone = std::mem::take(&mut mail.due).into_iter().map(|(title, _)| title).collect();
        for language in Language::ALL {
            let text = check_mail(language, &mail);
            assert!(text.body.contains("Gehgruppe") && !text.body.contains("https://"), "{}", text.body);
        }
    }
}
