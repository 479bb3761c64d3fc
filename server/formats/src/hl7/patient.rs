//! Whose findings a message holds (PID). Everything in one message must be about one person, or nothing is accepted.

use std::borrow::Cow;

use nahraum_domain::finding::{Subject, Warning};
use nahraum_domain::private::Private;

use super::Hl7Refusal;
use super::moment::Moment;
use super::segment::{Part, Segment};
use crate::read::{MAX_REFERENCE_LENGTH, MAX_REFERENCES, Warnings};
use crate::refusal::Position;

/// Types of numbers (HL7 table 0203 and the German ones) that are nobody's own number for a patient: of insurances and
/// of authorities. They are never used for matching: the network has no right to process them (SGB V, section 290).
const FOREIGN_TYPES: &[&str] =
    &["KVZ10", "GKV", "PKV", "KVK", "NIIP", "NI", "NH", "SS", "HC", "MC", "MA", "MI", "PPN", "DL", "CZ", "PNT"];

/// The authority of German insurance numbers.
pub(crate) const INSURANCE_OID: &str = "1.2.276.0.76.4.8";

/// The one patient of a message, and what was odd about them.
pub(super) fn subject(patients: &[Segment<'_>]) -> Result<(Subject, Warnings), Hl7Refusal> {
    let mut warnings = Warnings::default();
    let Some((first, others)) = patients.split_first() else {
        warnings.add_all([Warning::PatientReferenceMissing, Warning::BirthDateMissing]);
        return Ok((Subject::default(), warnings));
    };
    let one = identity(first);
    if let Some(other) = others.iter().find(|other| identity(other) != one) {
        let position = Position::at_line(other.line);
        return Err(Hl7Refusal::TwoPatients(position));
    }
    let references = references(first);
    let birth_date = Moment::parse(&first.words(7, 1).unwrap_or_default(), None).date;
    if references.is_empty() {
        warnings.add(Warning::PatientReferenceMissing);
    }
    if birth_date.is_none() {
        warnings.add(Warning::BirthDateMissing);
    }
    let name = first.field(5).repetitions().find_map(|name| full_name(name));
    Ok((
        Subject {
            references: references.into_iter().map(Private::new).collect(),
            birth_date: birth_date.map(Private::new),
            name: name.map(Private::new),
            order: None,
        },
        warnings,
    ))
}

/// Only the same words say that two segments are about one person.
fn identity<'m>(patient: &Segment<'m>) -> [&'m str; 3] {
    [3, 5, 7].map(|field| patient.field(field).raw().trim())
}

/// The numbers that could be the practice's own (PID-3; PID-2 in old messages), those that say so first.
fn references(patient: &Segment<'_>) -> Vec<String> {
    let of = |field: usize| {
        let own = patient.field(field).repetitions().take(MAX_REFERENCES).filter(|number| !is_foreign(*number));
        own.filter_map(|number| Some((number.component(5).words(), number.component(1).words()?))).collect::<Vec<_>>()
    };
    let mut sent = of(3);
    if sent.is_empty() {
        sent = of(2);
    }
    sent.sort_by_key(|(kind, _)| kind.as_deref() != Some("PI"));
    let mut references: Vec<String> = Vec::new();
    for (_, number) in sent.into_iter().filter(|(_, number)| number.len() <= MAX_REFERENCE_LENGTH) {
        if !references.iter().any(|known| *known == number) {
            references.push(number.into_owned());
        }
    }
    references
}

fn is_foreign(number: Part<'_>) -> bool {
    let kind = number.component(5).words();
    let authority = number.component(4);
    let of_insurance = (1..=2).any(|n| authority.subcomponent(n).words().as_deref() == Some(INSURANCE_OID));
    // A number without a type may still look like one of a statutory insurance.
    let looks_like_one = kind.is_none() && number.component(1).words().is_some_and(|n| is_insurance_number(&n));
    of_insurance || looks_like_one || kind.is_some_and(|kind| FOREIGN_TYPES.contains(&&*kind))
}

/// Whether a number is written like one of a statutory insurance.
pub(crate) fn is_insurance_number(number: &str) -> bool {
    let digits = number.strip_prefix(|c: char| c.is_ascii_uppercase());
    digits.is_some_and(|digits| digits.len() == 9 && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// A person's name (XPN) as one line: given names and family name.
fn full_name(name: Part<'_>) -> Option<String> {
    let parts = [name.component(2).brief(), name.component(3).brief(), family(name.component(1))];
    joined(parts)
}

/// A physician's name (XCN, or CNN in parts of a component): title, given name and family name.
pub(super) fn physician(part: Part<'_>) -> Option<String> {
    let words = |part: Part<'_>| part.words().map(Cow::into_owned);
    let within = part.component(1);
    if within.subcomponent(2).words().is_some() {
        return joined([words(within.subcomponent(6)), words(within.subcomponent(3)), words(within.subcomponent(2))]);
    }
    joined([words(part.component(6)), words(part.component(3)), family(part.component(2))])
}

/// The family name (FN) may come in parts, the first of which is the whole.
fn family(part: Part<'_>) -> Option<String> {
    part.subcomponent(1).brief()
}

fn joined(parts: [Option<String>; 3]) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hl7::segment::{Segments, Syntax};

    fn read(pids: &str) -> Result<(Subject, Warnings), Hl7Refusal> {
        let syntax = Syntax::of("MSH|^~\\&|", encoding_rs::UTF_8).unwrap();
        subject(&Segments::of(pids, syntax, 2).all())
    }

    fn numbers(pid3: &str) -> Vec<String> {
        let (subject, _) = read(&format!("PID|1||{pid3}||Beispiel^Ada||19610314")).unwrap();
        subject.references.into_iter().map(Private::into_revealed).collect()
    }

    #[test]
    fn insurance_numbers_are_no_references() {
        assert_eq!(numbers("K7^^^KH^MR~P-1^^^PRAXIS^PI"), ["P-1", "K7"]);
        assert_eq!(numbers("P-1^^^PRAXIS^PI~X110411675^^^&1.2.276.0.76.4.8&ISO^NIIP"), ["P-1"]);
        assert_eq!(numbers("X110411675~P-1"), ["P-1"]);
        assert_eq!(numbers("X110411675^^^PRAXIS^PI"), ["X110411675"], "a practice may number as it likes");
        assert_eq!(numbers("P-1~P-1"), ["P-1"]);
        assert!(numbers("^^^KH^PI").is_empty());
    }

    #[test]
    fn what_is_missing_is_said() {
        let (subject, warnings) = read("PID|1|||||Muster^Max||19900200").unwrap();
        assert!(subject.birth_date.is_none() && subject.references.is_empty());
        assert_eq!(warnings.0, [Warning::PatientReferenceMissing, Warning::BirthDateMissing]);
        let (old, _) = read("PID|1|4711|||Muster&von&Muster^Max^Otto||19900203").unwrap();
        assert_eq!(old.references.first().map(Private::reveal).map(String::as_str), Some("4711"));
        assert_eq!(old.name.map(Private::into_revealed).as_deref(), Some("Max Otto Muster"));
    }

    #[test]
    fn a_second_patient_is_refused_and_the_same_one_is_not() {
        let one = "PID|1||P-1||Beispiel^Ada||19610314";
        assert!(read(&format!("{one}\r{one}\r")).is_ok());
        let two = format!("{one}\rPID|2||P-2||Beispiel^Ada||19610314\r");
        let position = Position::at_line(3);
        assert_eq!(read(&two).unwrap_err(), Hl7Refusal::TwoPatients(position));
    }
}
