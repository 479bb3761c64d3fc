//! Coded elements (CE, CWE, CNE): code, words and system, and the same in another system.

use std::borrow::Cow;

use super::segment::Part;
use crate::fhir::{LOINC, UCUM};

/// One way to say it: code and system, and the words.
#[derive(Debug, Clone, Default)]
struct Coding<'m> {
    code: Option<Cow<'m, str>>,
    words: Option<Cow<'m, str>>,
    system: Option<Cow<'m, str>>,
}

/// A coded element.
#[derive(Debug, Clone, Default)]
pub(super) struct Coded<'m> {
    codings: [Coding<'m>; 2],
    original: Option<Cow<'m, str>>,
}

/// A unit: the sender's words, and the UCUM code if it says that it is one.
pub(super) type Unit<'m> = (Option<Cow<'m, str>>, Option<Cow<'m, str>>);

/// HL7 table 0396, the systems that have an address in FHIR.
const SYSTEMS: &[(&str, &str)] = &[
    ("LN", LOINC),
    ("SCT", "http://snomed.info/sct"),
    ("SNM", "http://snomed.info/sct"),
    ("UCUM", UCUM),
    ("I10", "http://hl7.org/fhir/sid/icd-10"),
    ("I10G", "http://fhir.de/CodeSystem/bfarm/icd-10-gm"),
];

/// What senders write where a system of their own should have a name.
const OWN: &[&str] = &["L", "LOCAL", "99LOCAL"];

impl<'m> Coded<'m> {
    pub(super) fn of(part: Part<'m>) -> Self {
        // Most results name no method, and many no unit.
        if part.raw().is_empty() {
            return Self::default();
        }
        let mut components = part.components();
        let mut next = || components.next().flatten();
        let mut coding = || Coding { code: next(), words: next(), system: next() };
        let codings = [coding(), coding()];
        // The versions of both systems stand before the original text.
        let original = components.nth(2).flatten();
        Self { codings, original }
    }

    /// The words for it, as the report has them.
    pub(super) fn words(&self) -> Option<&str> {
        let of_codings = || self.codings.iter().find_map(|c| c.words.as_deref());
        self.original.as_deref().or_else(of_codings)
    }

    /// The words, else the first code.
    pub(super) fn words_or_code(&self) -> Option<&str> {
        self.words().or_else(|| self.codings.iter().find_map(|c| c.code.as_deref()))
    }

    /// The LOINC code.
    pub(super) fn loinc(&self) -> Option<&str> {
        let of_loinc = |c: &&Coding| c.system.as_deref().is_some_and(|s| s == "LN" || s == LOINC);
        self.codings.iter().find(of_loinc).and_then(|c| c.code.as_deref())
    }

    /// The first code of another system than LOINC, as `system|code` or bare.
    pub(super) fn other_than_loinc(&self) -> Option<String> {
        self.tokens().find(|(system, _)| *system != Some(LOINC)).map(token)
    }

    /// The first code, as `system|code` or bare.
    pub(super) fn first(&self) -> Option<String> {
        self.tokens().next().map(token)
    }

    /// The code by which the sender itself knows it.
    pub(super) fn key(&self) -> Option<&str> {
        self.codings.iter().find_map(|c| c.code.as_deref()).or_else(|| self.words())
    }

    /// Codes with the address of their system, if it has one.
    pub(super) fn tokens(&self) -> impl Iterator<Item = (Option<&str>, &str)> {
        self.codings.iter().filter_map(|c| {
            let code = c.code.as_deref()?;
            let named = c.system.as_deref().filter(|s| !OWN.iter().any(|own| own.eq_ignore_ascii_case(s)));
            let system = named.map(|s| SYSTEMS.iter().find(|(name, _)| *name == s).map_or(s, |(_, address)| address));
            Some((system, code))
        })
    }

    /// Unit (OBX-6).
    pub(super) fn unit(part: Part<'m>) -> Unit<'m> {
        let unit = Self::of(part);
        let [first, second] = &unit.codings;
        // Whoever does not escape `10^9/l` sends two components.
        if let (Some(base), Some(power), None) = (&first.code, &first.words, &first.system)
            && power.starts_with(|c: char| c.is_ascii_digit())
        {
            return (Some(Cow::Owned(format!("{base}^{power}"))), None);
        }
        let of_ucum = |c: &&Coding| c.system.as_deref().is_some_and(|s| s == "UCUM" || s == UCUM);
        let ucum = [first, second].into_iter().find(of_ucum).and_then(|c| c.code.clone());
        (first.code.clone().or_else(|| first.words.clone()), ucum)
    }
}

fn token((system, code): (Option<&str>, &str)) -> String {
    match system {
        Some(system) => format!("{system}|{code}"),
        None => code.to_owned(),
    }
}
