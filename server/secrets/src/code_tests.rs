//! What activation codes promise: entropy, alphabet, typing errors noticed, lenient reading.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::{OsRandom, SeededRandom};

fn code(seed: u64) -> ActivationCode {
    ActivationCode::generate(&SeededRandom::new(seed))
}

fn plain(code: &ActivationCode) -> String {
    code.manual.characters().collect()
}

#[test]
fn sr_b01_the_alphabet_has_31_characters_and_none_that_look_alike() {
    let different: HashSet<_> = ALPHABET.iter().collect();
    assert_eq!(different.len(), 31);
    assert!(b"0O1IL".iter().all(|confusing| !ALPHABET.contains(confusing)));
}

/// SR-B01: 34 bits in the manual secret, 128 in the QR code.
#[test]
fn sr_b01_codes_have_the_entropy_they_promise() {
    assert!(7.0 * 31_f64.log2() > 34.0);
    let mut characters = vec![HashSet::new(); MANUAL_LENGTH];
    let mut bytes = vec![HashSet::new(); 16];
    let random = SeededRandom::new(1);
    for _ in 0..3_000 {
        let code = ActivationCode::generate(&random);
        for (seen, character) in characters.iter_mut().zip(code.manual.characters()) {
            seen.insert(character);
        }
        for (seen, byte) in bytes.iter_mut().zip(code.qr.iter()) {
            seen.insert(*byte);
        }
    }
    assert!(characters.iter().all(|seen| seen.len() == 31), "each place takes each character");
    assert!(bytes.iter().all(|seen| seen.len() == 256));
}

#[test]
fn no_two_codes_are_alike() {
    let mut seen = HashSet::new();
    for _ in 0..20_000 {
        let code = ActivationCode::generate(&OsRandom);
        assert!(seen.insert(plain(&code)));
        assert!(seen.insert(code.qr_fragment("x").expose().to_owned()));
    }
}

#[test]
fn a_printed_code_reads_back_in_both_forms() {
    let code = code(1);
    let text = code.manual_text();
    assert_eq!(text.expose().len(), 14);
    assert!(text.expose().split('-').all(|group| group.len() == 4));
    let typed = ManualCode::parse(text.expose()).unwrap();
    assert_eq!(typed.lookup(), code.lookup());
    assert_eq!(typed.secret().expose(), code.secret().expose());
    assert_eq!(format!("{}{}", code.lookup().as_str(), code.secret().expose()), plain(&code)[..11]);
    assert_eq!(code.lookup().as_str().parse(), Ok(code.lookup()));

    let fragment = code.qr_fragment("hh-ost");
    let link = format!("https://example.org/a#{}", fragment.expose());
    let bare = fragment.expose().rsplit('.').next().unwrap();
    for scanned in [link.as_str(), fragment.expose(), bare, &format!(" {bare}\n")] {
        let EnteredCode::Qr { hash } = EnteredCode::parse(scanned).unwrap() else { panic!("{scanned}") };
        assert!(hash.matches(&code.qr_hash()));
    }
}

#[test]
fn typing_is_read_leniently() {
    let code = code(2);
    let plain = plain(&code);
    let spelled: String = plain.chars().flat_map(|character| [character, '-']).collect();
    for typed in [
        plain.to_lowercase(),
        format!("  {} {}–{}\t", &plain[..4], &plain[4..8], &plain[8..]),
        format!("{}\u{a0}{}", &plain[..6], &plain[6..]),
        spelled,
    ] {
        let EnteredCode::Manual(read) = EnteredCode::parse(&typed).unwrap() else { panic!("{typed}") };
        assert!(read.characters().eq(plain.chars()));
    }
}

#[test]
fn errors_say_what_is_wrong() {
    let plain = plain(&code(3));
    assert_eq!(ManualCode::parse(&plain[..11]).unwrap_err(), CodeError::Length);
    assert_eq!(ManualCode::parse(&format!("{plain}2")).unwrap_err(), CodeError::Length);
    assert_eq!(ManualCode::parse("").unwrap_err(), CodeError::Length);
    for confusing in ["0", "O", "1", "I", "L", "l", "ß", "é", "Ａ"] {
        assert_eq!(ManualCode::parse(&format!("{}{confusing}", &plain[..11])).unwrap_err(), CodeError::Character);
    }
    assert_eq!(EnteredCode::parse(&"2".repeat(1_000_000)).unwrap_err(), CodeError::Length);
    assert_eq!("ABC".parse::<Lookup>(), Err(CodeError::Length));
    assert_eq!("ABC0".parse::<Lookup>(), Err(CodeError::Character));
}

#[test]
fn foreign_qr_codes_are_told_apart() {
    let good = "AAECAwQFBgcICQoLDA0ODw";
    EnteredCode::parse(&format!("1.hh.{good}")).unwrap();
    for (scanned, error) in [
        (format!("https://example.org/#2.hh.{good}"), CodeError::QrVersion),
        (format!("17.hh.{good}"), CodeError::QrVersion),
        (format!("x.hh.{good}"), CodeError::QrForm),
        (format!("#1..{good}"), CodeError::QrForm),
        (format!("#1.hh.{good}.x"), CodeError::QrForm),
        (format!("#1.hh.{good}A"), CodeError::QrForm),
        (format!("#1.hh.{}", &good[1..]), CodeError::QrForm),
        ("#1.hh.AAECAwQFBgcICQoLDA0OD_".to_owned(), CodeError::QrForm),
        ("https://example.org/a#".to_owned(), CodeError::QrForm),
        ("AAECAwQFBgcICQoLDA0OD=".to_owned(), CodeError::QrForm),
    ] {
        assert_eq!(EnteredCode::parse(&scanned).unwrap_err(), error, "{scanned}");
    }
}

#[test]
fn codes_print_dots() {
    let code = code(4);
    let typed = ManualCode::parse(code.manual_text().expose()).unwrap();
    assert_eq!(format!("{code:?} {typed:?} {:?}", EnteredCode::Manual(typed_again(&code))), "••• ••• Manual(•••)");
    assert_eq!(format!("{:?}", code.lookup()), format!("Lookup({})", code.lookup().as_str()));
}

fn typed_again(code: &ActivationCode) -> ManualCode {
    ManualCode::parse(code.manual_text().expose()).unwrap()
}

#[test]
fn every_wrong_character_and_every_swap_is_noticed() {
    for seed in 0..200 {
        let good: Vec<u8> = plain(&code(seed)).into_bytes();
        let noticed = |changed: &[u8]| {
            ManualCode::parse(std::str::from_utf8(changed).unwrap()).unwrap_err() == CodeError::Checksum
        };
        for at in 0..MANUAL_LENGTH {
            for other in ALPHABET.iter().filter(|other| **other != good[at]) {
                let mut changed = good.clone();
                changed[at] = *other;
                assert!(noticed(&changed));
            }
            for with in (0..at).filter(|with| good[*with] != good[at]) {
                let mut changed = good.clone();
                changed.swap(at, with);
                assert!(noticed(&changed));
            }
        }
    }
}

proptest! {
    #[test]
    fn reading_never_panics(text in any::<String>()) {
        if let Ok(EnteredCode::Manual(code)) = EnteredCode::parse(&text) {
            prop_assert_eq!(weighted_sum(code.0.as_slice()), 0);
        }
    }

    #[test]
    fn fragments_never_panic(text in "[#1-2.A-Za-z0-9_-]{0,60}") {
        drop(EnteredCode::parse(&text));
    }

    #[test]
    fn fresh_codes_are_whole(seed in any::<u64>()) {
        let code = code(seed);
        prop_assert!(ManualCode::parse(code.manual_text().expose()).is_ok());
    }
}
