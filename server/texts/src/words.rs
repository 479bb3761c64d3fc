//! The short texts: the notice mail, the invitation slip, kinds of findings, banners, dates.

use jiff::civil::Date;
use nahraum_domain::{clients::Gate, kdl::FindingKind};
use serde::Deserialize;

use crate::{
    catalogue::texts,
    language::{Direction, Language},
};

/// Puts values into a text, each for its `{name}`, in one pass: a value is never searched for names itself. A name
/// without a value stays as it is.
#[must_use]
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let known = after
            .split_once('}')
            .and_then(|(name, tail)| values.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value, tail)));
        if let Some((value, tail)) = known {
            out.push_str(value);
            rest = tail;
        } else {
            out.push('{');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// A foreign name inside a sentence: in right-to-left languages between FIRST STRONG ISOLATE and POP DIRECTIONAL
/// ISOLATE (Unicode Standard Annex #9), so that it cannot reorder its surroundings.
#[must_use]
pub fn isolate(language: Language, name: &str) -> String {
    match language.dir() {
        Direction::Ltr => name.to_owned(),
        Direction::Rtl => format!("\u{2068}{name}\u{2069}"),
    }
}

/// A mail to a resident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The subject.
    pub subject: String,
    /// The plain text, lines ended by line feeds.
    pub body: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailWords {
    subject: String,
    body: String,
}

/// The notice that something new is there. It carries nothing but the name of the app and a link that is the same for
/// everybody (SR-M01): no finding, no practice, no medical word.
#[must_use]
pub fn notice_mail(language: Language, app_name: &str, link: &str) -> Mail {
    let words = &texts(language).file.mail;
    let values = [("app_name", app_name), ("link", link)];
    Mail { subject: fill(&words.subject, &values), body: fill(&words.body, &values) }
}

/// What is said about an app that is not the newest one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateWords {
    recommended: String,
    required: String,
}

/// The sentence for a resident whose app is not the newest one; none when it does.
#[must_use]
pub fn update_sentence(language: Language, gate: Gate) -> Option<&'static str> {
    let words = &texts(language).file.update;
    match gate {
        Gate::Ok => None,
        Gate::UpdateRecommended => Some(&words.recommended),
        Gate::UpdateRequired => Some(&words.required),
    }
}

/// The sentences of the invitation slip, with their placeholders; [`fill`] completes them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlipTexts {
    /// With `{app_name}`.
    pub heading: String,
    /// What to do; the first with `{app_name}`.
    pub steps: [String; 3],
    /// Above the code.
    pub code_label: String,
    /// With `{date}`.
    pub valid_until: String,
    /// The code works once.
    pub single_use: String,
    /// Not to be handed on.
    pub keep_private: String,
    /// With `{sender}`.
    pub help: String,
    /// What the QR code is, for those who cannot see it.
    pub qr_alt: String,
    /// In a letter: what has to be said before anything is shown.
    pub letter_confirm: String,
    /// In a letter, in the place of `help`: where help is.
    pub letter_help: String,
}

/// The sentences of the invitation slip. No medical word in any of them.
#[must_use]
pub fn slip_texts(language: Language) -> &'static SlipTexts {
    &texts(language).file.slip
}

/// A date in words, e.g. `6. Dezember 2026`. Always the Gregorian calendar, as everything in the product.
#[must_use]
pub fn long_date(language: Language, date: Date) -> String {
    let file = &texts(language).file;
    let month = usize::try_from(date.month()).ok().and_then(|month| file.months.get(month.checked_sub(1)?));
    let day = localize_digits(language, &date.day().to_string());
    let year = localize_digits(language, &date.year().to_string());
    fill(&file.date, &[("day", &day), ("month", month.map_or("", String::as_str)), ("year", &year)])
}

/// Writes the digits `0` to `9` of a text the way the language does.
#[must_use]
pub fn localize_digits(language: Language, text: &str) -> String {
    let digits = &texts(language).file.digits;
    let local = |c: char| c.to_digit(10).and_then(|digit| digits.chars().nth(usize::try_from(digit).ok()?));
    text.chars().map(|c| local(c).unwrap_or(c)).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KindWords {
    laboratory: String,
    pathology: String,
    imaging: String,
    function: String,
    letter: String,
    medication: String,
    vaccination: String,
    other: String,
}

/// The name of a kind of findings.
#[must_use]
pub fn kind_label(language: Language, kind: FindingKind) -> &'static str {
    let words = &texts(language).file.kind;
    match kind {
        FindingKind::Laboratory => &words.laboratory,
        FindingKind::Pathology => &words.pathology,
        FindingKind::Imaging => &words.imaging,
        FindingKind::Function => &words.function,
        FindingKind::Letter => &words.letter,
        FindingKind::Medication => &words.medication,
        FindingKind::Vaccination => &words.vaccination,
        FindingKind::Other => &words.other,
    }
}

/// What stands above a finding that is not the latest word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Banner {
    /// There is a newer version.
    Superseded,
    /// The practice has taken it back.
    Recalled,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BannerWords {
    superseded: String,
    recalled: String,
}

/// The banner as a sentence.
#[must_use]
pub fn banner(language: Language, banner: Banner) -> &'static str {
    let words = &texts(language).file.banner;
    match banner {
        Banner::Superseded => &words.superseded,
        Banner::Recalled => &words.recalled,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// Stems of medical words. Paper and mail that others may see must not have them (SR-M01).
    const MEDICAL: [&str; 42] = [
        "befund",
        "praxis",
        "arzt",
        "ärzt",
        "medizin",
        "gesund",
        "labor",
        "patient",
        "krank",
        "klinik",
        "report",
        "result",
        "medic",
        "health",
        "doctor",
        "practice",
        "surgery",
        "tıbbi",
        "sağlık",
        "doktor",
        "hasta",
        "muayene",
        "belge",
        "طبية",
        "عياد",
        "تقرير",
        "صحي",
        "مريض",
        "پزشک",
        "مطب",
        "سلامت",
        "گزارش",
        "بیمار",
        "медиц",
        "врач",
        "здоров",
        "пациент",
        "документ",
        "medyczn",
        "lekar",
        "zdrow",
        "gabinet",
    ];

    #[test]
    fn mail_and_slip_have_no_medical_word() {
        for language in Language::ALL {
            let mail = notice_mail(language, "Nahraum", "https://example.org/neu");
            let slip = slip_texts(language);
            let mut all = format!("{} {} {}", mail.subject, mail.body, slip.steps.join(" "));
            for text in [&slip.heading, &slip.code_label, &slip.valid_until, &slip.single_use] {
                all.push_str(text);
            }
            all.push_str(&format!("{} {} {}", slip.keep_private, slip.help, slip.qr_alt));
            all.push_str(&format!("{} {}", slip.letter_confirm, slip.letter_help));
            let sheet = crate::sheet_texts(language);
            all.push_str(&format!("{} {} {}", sheet.heading, sheet.steps.join(" "), sheet.delay));
            all.push_str(&format!("{} {} {} {}", sheet.single_use, sheet.keep_safe, sheet.printed_on, sheet.qr_alt));
            let lower = all.to_lowercase();
            for word in MEDICAL {
                assert!(!lower.contains(word), "{}: {word}", language.tag());
            }
        }
    }

    #[test]
    fn the_mail_carries_its_two_variables_and_no_others() {
        for language in Language::ALL {
            let mail = notice_mail(language, "Nahraum", "https://example.org/neu");
            assert!(mail.subject.contains("Nahraum") && !mail.subject.contains('\n'));
            assert!(mail.body.contains("\n\nhttps://example.org/neu\n\n"), "the link has a line of its own");
            assert!(!mail.body.contains(['{', '}']) && !mail.body.starts_with('\n'));
        }
    }

    #[test]
    fn dates_are_written_as_the_language_does() {
        let day = date(2026, 12, 6);
        for (language, expected) in [
            (Language::De, "6. Dezember 2026"),
            (Language::DeSimple, "6. Dezember 2026"),
            (Language::En, "6 December 2026"),
            (Language::Tr, "6 Aralık 2026"),
            (Language::Ar, "6 كانون الأول/ديسمبر 2026"),
            (Language::Fa, "۶ دسامبر ۲۰۲۶"),
            (Language::Ru, "6 декабря 2026 г."),
            (Language::Pl, "6 grudnia 2026 r."),
        ] {
            assert_eq!(long_date(language, day), expected);
        }
    }

    #[test]
    fn filling_goes_over_the_text_once() {
        assert_eq!(fill("{a} and {b} {c", &[("a", "{b}"), ("b", "2")]), "{b} and 2 {c");
        assert_eq!(fill("{x} {{a}}", &[("a", "1")]), "{x} {1}");
    }

    #[test]
    fn kinds_and_banners_have_words() {
        for kind in FindingKind::ALL {
            let mut labels: Vec<_> = Language::ALL.into_iter().map(|l| kind_label(l, kind)).collect();
            assert!(labels.iter().all(|label| !label.is_empty()));
            labels.dedup();
            assert!(labels.len() > 6);
        }
        assert_eq!(banner(Language::De, Banner::Superseded), "Eine neuere Fassung liegt vor.");
    }
}
