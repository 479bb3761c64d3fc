//! What is promised of every explanation, checked on every file.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    files::{Words, read_words},
    *,
};
use crate::Direction;

/// Where nothing may be missing.
const COMPLETE: [Language; 4] = [Language::De, Language::DeSimple, Language::En, Language::Tr];

/// Names that carry a digit. Every other digit would be a limit, and limits are the laboratory's.
const NAMES_WITH_DIGITS: [&str; 10] = ["SARS-CoV-2", "HbA1c", "25-OH", "B12", "p24", "B6", "B9", "fT3", "fT4", "T4"];

/// Beginnings of words, and after a star any part of one, that would frighten, diagnose, command, or speak of the reader.
const FORBIDDEN: [(Language, &[&str]); 8] = [
    (Language::De, GERMAN),
    (Language::DeSimple, GERMAN),
    (
        Language::En,
        &[
            "you ", "your ", "sick", "disease", "cancer", "tumour", "tumor", "danger", "die ", "death", "fatal",
            "must", "worr", "too high", "too low", "bad ",
        ],
    ),
    (
        Language::Tr,
        &[
            "sizde",
            "hasta",
            "kanser",
            "tümör",
            "tehlike",
            "ölüm",
            "ölmek",
            "zorunda",
            "çok yüksek",
            "çok düşük",
            "kötü ",
        ],
    ),
    (Language::Ar, &["*لديك", "*سرطان", "ورم", "الورم", "*خطر", "*مرض", "*مريض", "*وفاة", "*موت", "*يجب", "*عليك"]),
    (Language::Fa, &["شما دارید", "سرطان", "تومور", "خطر", "بیماری", "بیمار", "مرگ", "باید"]),
    (Language::Ru, &["у вас", "рак", "опухол", "болезн", "больн", "опасн", "смерт", "должны", "необходимо", "слишком"]),
    (
        Language::Pl,
        &["ma pan", "mają państwo", "rak", "nowotw", "chorob", "chory", "niebezpiecz", "śmier", "musi", "zbyt "],
    ),
];

const GERMAN: &[&str] = &[
    "sie haben",
    "sie sind",
    "sie müssen",
    "sie sollten",
    "*krank",
    "*krebs",
    "*tumor",
    "gefahr",
    "gefährlich",
    "tod",
    "tödlich",
    "sterb",
    "müssen",
    "leider",
    "schlimm",
    "zu hoch",
    "zu niedrig",
    "schlecht ",
];

/// Abbreviations by which a doctor knows a value: the same letters in every language.
const ABBREVIATIONS: [(&str, &str); 30] = [
    ("787-2", "MCV"),
    ("785-6", "MCH"),
    ("786-4", "MCHC"),
    ("788-0", "RDW"),
    ("62238-1", "eGFR"),
    ("1742-6", "ALT"),
    ("1920-8", "AST"),
    ("2324-2", "GGT"),
    ("29771-3", "iFOBT"),
    ("1518-0", "oGTT"),
    ("4548-4", "HbA1c"),
    ("13457-7", "LDL"),
    ("2085-9", "HDL"),
    ("43583-4", "Lp(a)"),
    ("3016-3", "TSH"),
    ("3024-7", "fT4"),
    ("3051-0", "fT3"),
    ("8099-4", "TPO"),
    ("1988-5", "CRP"),
    ("33959-8", "PCT"),
    ("6301-6", "INR"),
    ("14979-9", "PTT"),
    ("2132-9", "B12"),
    ("33762-6", "NT-proBNP"),
    ("2532-0", "LDH"),
    ("15067-2", "FSH"),
    ("19113-0", "IgE"),
    ("5196-1", "HBsAg"),
    ("56888-1", "HIV"),
    ("2857-1", "PSA"),
];

fn codes() -> impl Iterator<Item = &'static str> {
    values().file.values.iter().flat_map(|value| std::iter::once(&value.code).chain(&value.same)).map(String::as_str)
}

fn own(language: Language) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    file(language).entries.iter().map(|(code, entry)| (code.as_str(), entry.name.as_str(), entry.text.as_str()))
}

/// LOINC Users' Guide, "Calculating Mod 10 Check Digits": odd places from the right are doubled as one number, even places are
/// put in front of it, and the digits are added up to the next ten.
fn check_digit(number: &str) -> u32 {
    let every_second = |from: usize| -> String {
        let mut picked: Vec<char> = number.chars().rev().skip(from).step_by(2).collect();
        picked.reverse();
        picked.into_iter().collect()
    };
    let doubled = every_second(0).parse::<u64>().unwrap() * 2;
    let sum: u32 = format!("{}{doubled}", every_second(1)).chars().map(|digit| digit.to_digit(10).unwrap()).sum();
    (10 - sum % 10) % 10
}

/// Whether a text has what is forbidden: at the beginning of a word, or with a star anywhere.
fn says(text: &str, forbidden: &str) -> bool {
    match forbidden.strip_prefix('*') {
        Some(part) => text.contains(part),
        None => text
            .match_indices(forbidden)
            .any(|(at, _)| text.get(..at).is_some_and(|before| !before.ends_with(char::is_alphabetic))),
    }
}

#[test]
fn the_check_digit_is_computed_as_loinc_computes_it() {
    // The example of the Users' Guide, and codes from its tables.
    assert_eq!(check_digit("12345"), 5);
    for code in ["718-7", "2951-2", "98979-8", "13457-7"] {
        let (number, digit) = code.split_once('-').unwrap();
        assert_eq!(check_digit(number).to_string(), digit, "{code}");
    }
}

#[test]
fn every_code_is_a_loinc_code_and_stands_for_one_explanation() {
    let mut seen = BTreeSet::new();
    for code in codes() {
        let (number, digit) = code.split_once('-').expect("a hyphen before the check digit");
        assert!((3..=6).contains(&number.len()) && !number.starts_with('0'), "{code}");
        assert_eq!(check_digit(number).to_string(), digit, "{code}");
        assert!(seen.insert(code), "{code} is there twice");
    }
}

#[test]
fn residents_find_what_is_measured_most() {
    assert!(values().file.values.len() >= 64, "{}", values().file.values.len());
    for language in COMPLETE {
        for value in &values().file.values {
            let entry = glossary_entry(&value.code, language).expect("an entry");
            assert_eq!((entry.code, entry.language), (value.code.as_str(), language));
        }
        assert!(glossary_groups(language).iter().all(|group| group.language == language), "{}", language.tag());
    }
    for language in Language::ALL {
        assert_eq!(glossary_entries(language).len(), values().file.values.len(), "{}", language.tag());
        assert_eq!(glossary_groups(language).len(), values().file.groups.len(), "{}", language.tag());
        let known: BTreeSet<&str> = values().file.values.iter().map(|value| value.code.as_str()).collect();
        assert!(own(language).all(|(code, ..)| known.contains(code)), "{}: a text without a value", language.tag());
        assert!(file(language).groups.keys().all(|word| values().file.groups.contains(word)));
    }
}

#[test]
fn another_unit_or_method_leads_to_the_same_explanation() {
    for (code, same) in [("33914-3", "62238-1"), ("98979-8", "62238-1"), ("59261-8", "4548-4"), ("2000-8", "17861-6")] {
        assert_eq!(glossary_entry(code, Language::Tr), glossary_entry(same, Language::Tr));
        assert_eq!(glossary_entry(code, Language::Tr).unwrap().code, same);
    }
    for nothing in ["", "718-8", "718", "718-7 ", "26436-6", "../718-7", "７１８-7"] {
        assert_eq!(glossary_entry(nothing, Language::De), None, "{nothing:?}");
    }
}

#[test]
fn values_stand_by_group_and_units_are_ucum() {
    let groups = &values().file.groups;
    let order: Vec<usize> = values()
        .file
        .values
        .iter()
        .map(|v| groups.iter().position(|group| *group == v.group).expect("a group"))
        .collect();
    assert!(order.is_sorted(), "values of one group stand together");
    assert_eq!(order.iter().collect::<BTreeSet<_>>().len(), groups.len(), "no group is empty, none is there twice");
    let ucum =
        |unit: &str| !unit.is_empty() && unit.bytes().all(|b| b.is_ascii_alphanumeric() || b"%/*.[]{}_".contains(&b));
    for unit in values().file.values.iter().filter_map(|value| value.unit.as_deref()) {
        assert!(ucum(unit), "{unit}");
        assert_eq!(unit.matches(['[', '{']).count(), unit.matches([']', '}']).count(), "{unit}");
    }
}

#[test]
fn an_explanation_is_short_enough_to_be_read_and_long_enough_to_help() {
    for language in Language::ALL {
        let closing = &file(language).closing;
        for (code, name, text) in own(language) {
            let words = format!("{text} {closing}").split_whitespace().count();
            assert!((30..=70).contains(&words), "{} {code}: {words} words", language.tag());
            assert!(name.chars().count() <= 64, "{} {code}: {name}", language.tag());
            for whole in [name, text, closing] {
                assert_eq!(whole.trim(), whole, "{} {code}", language.tag());
                assert!(
                    !whole.contains("  ") && !whole.contains(['<', '>', '{', '}', '\n', '\t']),
                    "{} {code}",
                    language.tag()
                );
            }
            assert!(text.ends_with(['.', '?']) && closing.ends_with('.'), "{} {code}", language.tag());
        }
    }
}

#[test]
fn no_number_in_a_text_could_be_taken_for_a_limit() {
    for language in Language::ALL {
        for (code, _, text) in own(language) {
            let rest = NAMES_WITH_DIGITS.iter().fold(text.to_owned(), |rest, name| rest.replace(name, ""));
            assert!(!rest.contains(char::is_numeric), "{} {code}: {text}", language.tag());
            assert!(!rest.contains(['%', '≤', '≥', '±']), "{} {code}: {text}", language.tag());
        }
    }
}

#[test]
fn nobody_is_frightened_diagnosed_or_told_what_to_do() {
    let mut found = Vec::new();
    for (language, words) in FORBIDDEN {
        for (code, name, text) in own(language) {
            let all = format!("{name} {text}").to_lowercase();
            let said = words.iter().filter(|word| says(&all, word));
            found.extend(said.map(|word| format!("{} {code}: {word}", language.tag())));
        }
    }
    assert_eq!(found, Vec::<String>::new());
    assert!(
        says("zuckerkrank", "*krank") && says("der tod", "tod") && !says("methode", "tod") && !says("bölüm", "ölüm")
    );
}

#[test]
fn a_doctor_recognises_the_name_in_every_language() {
    for language in Language::ALL {
        let names: BTreeMap<&str, &str> = own(language).map(|(code, name, _)| (code, name)).collect();
        for (code, abbreviation) in ABBREVIATIONS {
            let known = names.get(code).is_none_or(|name| name.contains(abbreviation));
            assert!(known, "{} {code}: {:?} without {abbreviation}", language.tag(), names.get(code));
        }
        for (code, name) in names {
            let latin = |word: &str| word.chars().filter(|c| c.is_ascii_alphabetic()).count() >= 2;
            assert!(name.split_whitespace().any(latin), "{} {code}: {name} in no Latin letters", language.tag());
        }
    }
}

#[test]
fn no_two_values_are_called_or_explained_alike() {
    for language in Language::ALL {
        let file = file(language);
        let names: BTreeSet<&str> = own(language).map(|(_, name, _)| name).collect();
        let texts: BTreeSet<&str> = own(language).map(|(.., text)| text).collect();
        let groups: BTreeSet<&String> = file.groups.values().collect();
        assert_eq!((names.len(), texts.len()), (file.entries.len(), file.entries.len()), "{}", language.tag());
        assert_eq!(groups.len(), file.groups.len(), "{}", language.tag());
        // A map read from JSON keeps the last of two equal keys: none may be lost.
        let path = format!("{}/glossary/{}.json", env!("CARGO_MANIFEST_DIR"), language.tag());
        let written = std::fs::read_to_string(path).unwrap().matches("\"name\":").count();
        assert_eq!(written, file.entries.len(), "{}: a code is there twice", language.tag());
    }
}

#[test]
fn words_begin_in_the_direction_of_their_language() {
    let right_to_left = |c: char| ('\u{590}'..='\u{8ff}').contains(&c);
    for language in Language::ALL {
        let words = &file(language);
        let entries = own(language).flat_map(|(_, name, text)| [name, text]);
        for said in entries.chain(words.groups.values().map(String::as_str)).chain([words.closing.as_str()]) {
            // An abbreviation in Latin letters may begin a text from left to right; from right to left it would turn it round.
            let first = said.chars().find(|c| c.is_alphabetic()).expect("words have letters");
            assert_eq!(right_to_left(first), language.dir() == Direction::Rtl, "{}: {said}", language.tag());
        }
    }
}

#[test]
fn plain_german_has_short_sentences() {
    for (code, _, text) in own(Language::DeSimple) {
        for sentence in text.split_inclusive(['.', '?', '!', ':']) {
            let words = sentence.split_whitespace().count();
            assert!(words <= 12, "{code}: {words} words: {sentence}");
        }
    }
}

#[test]
fn a_missing_text_is_there_in_german_and_says_so() {
    let partial: &Words = Box::leak(Box::new(read_words(
        r#"{ "version": "2026-12-01", "licence": "CC0-1.0", "origin": "original", "review": "unreviewed", "closing": "C.",
             "groups": { "sugar": "S" },
             "entries": { "4548-4": { "name": "N", "text": "T.", "reviewed": "2026-12-01" } } }"#,
    )));
    let wishes = [(Language::Tr, partial), (Language::De, file(Language::De))];
    let of = |code: &str| entry_of(&values().file.values[values().by_code[code]], wishes).unwrap();
    let there = of("4548-4");
    assert_eq!((there.language, there.name, there.closing), (Language::Tr, "N", "C."));
    assert_eq!((there.review, there.reviewed_on.unwrap().to_string()), (Review::Reviewed, String::from("2026-12-01")));
    let missing = of("718-7");
    assert_eq!(missing, GlossaryEntry { ..glossary_entry("718-7", Language::De).unwrap() });
    assert_eq!((missing.language, missing.review), (Language::De, Review::Unreviewed));
    assert_eq!(group_of("sugar", wishes).map(|group| (group.name, group.language)), Some(("S", Language::Tr)));
    assert_eq!(group_of("kidney", wishes).map(|group| (group.name, group.language)), Some(("Niere", Language::De)));
    assert_eq!(group_of("nothing", wishes), None);
}

#[test]
fn nothing_pretends_to_be_reviewed() {
    for language in Language::ALL {
        let edition = glossary_edition(language);
        assert_eq!(
            (edition.origin, edition.review),
            (Origin::MachineAssisted, Review::Unreviewed),
            "update this when a review has happened"
        );
        assert!(glossary_entries(language).iter().all(|entry| entry.reviewed_on.is_none()), "update this too");
        assert_eq!(edition.licence, "CC0-1.0");
        assert_eq!(edition.entries, file(language).entries.len());
    }
}
