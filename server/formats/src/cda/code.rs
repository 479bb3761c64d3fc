//! Coded elements (CD, CE, CV, CO): a code with its words, and the same in other systems.

use super::node::Element;
use super::section::Ids;
use crate::fhir::{LOINC, UCUM};

/// Systems that have an address in FHIR, by their OID.
const SYSTEMS: &[(&str, &str)] = &[
    ("2.16.840.1.113883.6.1", LOINC),
    ("2.16.840.1.113883.6.96", "http://snomed.info/sct"),
    ("2.16.840.1.113883.6.8", UCUM),
    ("2.16.840.1.113883.6.3", "http://hl7.org/fhir/sid/icd-10"),
];

/// No real code is said in more ways.
const MAX_TRANSLATIONS: usize = 20;

/// One way to say it.
struct Coding<'a> {
    code: Option<&'a str>,
    system: Option<&'a str>,
    words: Option<&'a str>,
}

/// A coded element.
pub(super) struct Coded<'a> {
    codings: Vec<Coding<'a>>,
    original: Option<String>,
}

impl<'a> Coded<'a> {
    pub(super) fn of(element: Element<'a, '_>, ids: &Ids<'a, '_>) -> Self {
        let translations = element.below().filter(|below| below.name() == "translation").take(MAX_TRANSLATIONS);
        let coding = |element: Element<'a, '_>| Coding {
            code: element.attribute("code"),
            system: element.attribute("codeSystem"),
            words: element.attribute("displayName"),
        };
        let codings = std::iter::once(element).chain(translations).map(coding).collect();
        let original = element.child("originalText").and_then(|text| text.words().or_else(|| ids.name(text)));
        Self { codings, original }
    }

    /// The words for it, as the report has them.
    pub(super) fn words(&self) -> Option<&str> {
        self.original.as_deref().or_else(|| self.codings.iter().find_map(|coding| coding.words))
    }

    /// The words, else the first code.
    pub(super) fn words_or_code(&self) -> Option<&str> {
        self.words().or_else(|| self.codes().next())
    }

    /// Every code, whatever its system.
    pub(super) fn codes(&self) -> impl Iterator<Item = &'a str> {
        self.codings.iter().filter_map(|coding| coding.code)
    }

    /// The LOINC code.
    pub(super) fn loinc(&self) -> Option<&'a str> {
        self.tokens().find(|(system, _)| system.as_deref() == Some(LOINC)).map(|(_, code)| code)
    }

    /// The first code of another system than LOINC, as `system|code` or bare.
    pub(super) fn other_than_loinc(&self) -> Option<String> {
        self.tokens().find(|(system, _)| system.as_deref() != Some(LOINC)).map(token)
    }

    /// The first code, as `system|code` or bare.
    pub(super) fn first(&self) -> Option<String> {
        self.tokens().next().map(token)
    }

    /// Codes with the address of their system.
    pub(super) fn tokens(&self) -> impl Iterator<Item = (Option<String>, &'a str)> {
        self.codings.iter().filter_map(|coding| Some((coding.system.map(address), coding.code?)))
    }
}

fn address(oid: &str) -> String {
    let known = SYSTEMS.iter().find(|(known, _)| *known == oid).map(|(_, address)| (*address).to_owned());
    known.unwrap_or_else(|| format!("urn:oid:{oid}"))
}

fn token((system, code): (Option<String>, &str)) -> String {
    system.map_or_else(|| code.to_owned(), |system| format!("{system}|{code}"))
}
