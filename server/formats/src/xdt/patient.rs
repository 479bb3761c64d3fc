//! Whom a record names.

use nahraum_domain::finding::{Subject, Warning};
use nahraum_domain::identifiers::insurance_number_fits;
use nahraum_domain::private::Private;

use super::date::Day;
use super::line::Line;
use super::text::Text;
use crate::read::{MAX_REFERENCE_LENGTH, Warnings};

/// What the fields about a patient say.
#[derive(Default, Clone)]
pub(super) struct Patient {
    reference: Option<String>,
    birth_date: Option<Day>,
    family: Option<String>,
    given: Vec<String>,
    prefix: Option<String>,
    title: Option<String>,
    insurance: Option<bool>,
    contradicts: bool,
}

impl Patient {
    /// Takes a field, if it is one about the patient. Others are not even decoded: results have many.
    pub(super) fn take(&mut self, line: &Line<'_>, text: Text) -> bool {
        let said = || text.of(line).into_owned();
        match line.field {
            3000 => {
                let number = said();
                self.contradicts |= self.reference.as_deref().is_some_and(|known| known != number);
                keep(&mut self.reference, number);
            }
            3103 => {
                let day = Day::parse(&said());
                self.contradicts |= self.birth_date.is_some_and(|known| known != day);
                self.birth_date = Some(day);
            }
            3101 => keep(&mut self.family, said()),
            3102 => self.given.push(said()),
            3104 => keep(&mut self.title, said()),
            3120 => keep(&mut self.prefix, said()),
            // Only whether it is well written: insurance numbers are neither kept nor matched (SGB V, section 290).
            3119 => self.insurance = Some(insurance_number_fits(&said())),
            _ => return false,
        }
        true
    }

    /// Whether two of its fields are about two people.
    pub(super) const fn is_two(&self) -> bool {
        self.contradicts
    }

    /// The evidence for matching, and what is odd about it.
    pub(super) fn subject(self, order: Option<&str>, warnings: &mut Warnings) -> Subject {
        if self.insurance == Some(false) {
            warnings.add(Warning::InsuranceNumberWrong);
        }
        let reference = self.reference.filter(|text| !text.is_empty() && text.len() <= MAX_REFERENCE_LENGTH);
        if reference.is_none() {
            warnings.add(Warning::PatientReferenceMissing);
        }
        let birth_date = self.birth_date.and_then(Day::full);
        if birth_date.is_none() {
            warnings.add(Warning::BirthDateMissing);
        }
        let parts = self.title.iter().chain(&self.given).chain(&self.prefix).chain(&self.family);
        let name: Vec<&str> = parts.map(String::as_str).filter(|part| !part.is_empty()).collect();
        Subject {
            references: reference.map(Private::new).into_iter().collect(),
            birth_date: birth_date.map(Private::new),
            name: (!name.is_empty()).then(|| Private::new(name.join(" "))),
            order: order.filter(|order| !order.is_empty()).map(|order| Private::new(order.to_owned())),
        }
    }
}

/// The first of several counts.
fn keep(place: &mut Option<String>, text: String) {
    if place.is_none() {
        *place = Some(text).filter(|text| !text.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charset::Charset;

    fn take(patient: &mut Patient, field: u16, text: &str) -> bool {
        patient.take(&Line { number: 1, start: 0, field, content: text.as_bytes() }, Text(Charset::Utf8))
    }

    fn of(fields: &[(u16, &str)]) -> (Subject, Vec<Warning>, bool) {
        let mut patient = Patient::default();
        for (field, text) in fields {
            assert!(take(&mut patient, *field, text));
        }
        let (two, mut warnings) = (patient.is_two(), Warnings::default());
        (patient.subject(Some("A1"), &mut warnings), warnings.0, two)
    }

    #[test]
    fn a_patient_is_number_birth_date_and_name_and_no_insurance_number() {
        let fields = [(3000, "17"), (3103, "19870314"), (3101, "Beispiel"), (3102, "Ada"), (3102, "Meryem")];
        let (subject, warnings, two) =
            of(&[&fields[..], &[(3120, "von"), (3104, "Dr."), (3119, "A123456780")]].concat());
        assert_eq!(subject.name.unwrap().reveal(), "Dr. Ada Meryem von Beispiel");
        assert_eq!(subject.references, [Private::new("17".to_owned())]);
        assert_eq!((subject.order.unwrap().reveal().as_str(), warnings.as_slice(), two), ("A1", &[][..], false));
    }

    #[test]
    fn what_is_missing_or_wrong_is_told() {
        let (_, warnings, _) = of(&[(3103, "19900000"), (3119, "A123456781")]);
        let expected = [Warning::InsuranceNumberWrong, Warning::PatientReferenceMissing, Warning::BirthDateMissing];
        assert_eq!(warnings, expected);
        assert!(of(&[(3000, "1"), (3000, "2")]).2 && of(&[(3103, "19900101"), (3103, "19900102")]).2);
        assert!(!of(&[(3000, "1"), (3000, "1"), (3103, "19900101"), (3103, "01011990")]).2);
        assert!(!take(&mut Patient::default(), 8420, "1"));
    }
}
