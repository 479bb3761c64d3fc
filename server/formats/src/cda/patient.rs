//! Whose document it is (`recordTarget`), and the names of people.

use nahraum_domain::finding::{Subject, Warning};
use nahraum_domain::identifiers::insurance_number_fits;
use nahraum_domain::private::Private;

use super::CdaRefusal;
use super::node::Element;
use crate::hl7::{INSURANCE_OID, Moment, is_insurance_number};
use crate::read::{MAX_REFERENCE_LENGTH, MAX_REFERENCES, Warnings};

/// Numbers of insurances and of the state, of Austria, Switzerland and the United States: nobody's own number for a patient.
const FOREIGN_ROOTS: &[&str] = &["1.2.40.0.10.1.4.3.1", "2.16.756.5.32", "2.16.840.1.113883.4.1"];

/// The one patient, and what was odd about them.
pub(super) fn subject(root: Element<'_, '_>) -> Result<(Subject, Warnings), CdaRefusal> {
    let roles = root.all_at(&["recordTarget", "patientRole"]);
    let Some((first, others)) = roles.split_first() else { return Err(CdaRefusal::NoPatient(root.place())) };
    let one = identity(*first);
    if let Some(other) = others.iter().find(|other| identity(**other) != one) {
        return Err(CdaRefusal::TwoPatients(other.place()));
    }
    let mut warnings = Warnings::default();
    // One that is said to be unknown is not wrong.
    let mut insurance_numbers = first.all("id").filter(is_insurance).filter_map(|id| id.attribute("extension"));
    if insurance_numbers.any(|number| !insurance_number_fits(number)) {
        warnings.add(Warning::InsuranceNumberWrong);
    }
    let references = references(*first);
    let birth_date = Moment::parse(&one.birth_time, None).date;
    if references.is_empty() {
        warnings.add(Warning::PatientReferenceMissing);
    }
    if birth_date.is_none() {
        warnings.add(Warning::BirthDateMissing);
    }
    let order = root.path(&["inFulfillmentOf", "order", "id"]).and_then(|id| id.attribute("extension"));
    let order = order.filter(|order| order.len() <= MAX_REFERENCE_LENGTH);
    Ok((
        Subject {
            references: references.into_iter().map(Private::new).collect(),
            birth_date: birth_date.map(Private::new),
            name: one.names.into_iter().next().map(Private::new),
            order: order.map(|order| Private::new(order.to_owned())),
        },
        warnings,
    ))
}

/// Only the same words say that two elements are about one person.
#[derive(PartialEq, Eq)]
struct Identity<'a> {
    ids: Vec<[Option<&'a str>; 2]>,
    names: Vec<String>,
    birth_time: String,
}

fn identity<'a>(role: Element<'a, '_>) -> Identity<'a> {
    let patient = role.child("patient");
    Identity {
        ids: role.all("id").map(|id| [id.attribute("root"), id.attribute("extension")]).collect(),
        names: patient.into_iter().flat_map(|patient| patient.all("name")).filter_map(full_name).collect(),
        birth_time: patient
            .and_then(|patient| patient.child("birthTime")?.attribute("value"))
            .unwrap_or_default()
            .to_owned(),
    }
}

/// The numbers that could be the practice's own. Numbers of insurances are never used for matching: the network has no right to
/// process them (SGB V, section 290); as ids have no type, what looks like one is taken for one.
fn references(role: Element<'_, '_>) -> Vec<String> {
    let mut references: Vec<String> = Vec::new();
    for id in role.all("id").filter(|id| !is_insurance(id)).take(MAX_REFERENCES) {
        let is_foreign = id.attribute("root").is_some_and(|root| FOREIGN_ROOTS.contains(&root));
        let Some(number) = id.attribute("extension").or_else(|| id.attribute("root")).filter(|_| !is_foreign) else {
            continue;
        };
        let is_usable = number.len() <= MAX_REFERENCE_LENGTH && !is_insurance_number(number);
        if is_usable && !references.iter().any(|known| known == number) {
            references.push(number.to_owned());
        }
    }
    references
}

fn is_insurance(id: &Element<'_, '_>) -> bool {
    id.attribute("root") == Some(INSURANCE_OID)
}

/// A person's name as one line, in the order of its parts: `prefix`, `given`, `family`, `suffix`. A name at birth is left out.
pub(super) fn full_name(name: Element<'_, '_>) -> Option<String> {
    let is_of_birth = |part: &Element<'_, '_>| {
        part.attribute("qualifier").is_some_and(|qualifiers| qualifiers.split_whitespace().any(|one| one == "BR"))
    };
    let parts = name.elements().filter(|part| matches!(part.name(), "prefix" | "given" | "family" | "suffix"));
    let parts: Vec<String> = parts.filter(|part| !is_of_birth(part)).filter_map(Element::words).collect();
    if parts.is_empty() { name.words() } else { Some(parts.join(" ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(targets: &str) -> Result<(Subject, Vec<Warning>), CdaRefusal> {
        let text = format!("<ClinicalDocument>{targets}</ClinicalDocument>");
        let document = roxmltree::Document::parse(&text).unwrap();
        subject(Element(document.root_element())).map(|(subject, warnings)| (subject, warnings.0))
    }

    fn target(ids: &str, patient: &str) -> String {
        format!("<recordTarget><patientRole>{ids}<patient>{patient}</patient></patientRole></recordTarget>")
    }

    fn numbers(ids: &str) -> (Vec<String>, bool) {
        let (subject, warnings) = read(&target(ids, "<birthTime value='19610314'/>")).unwrap();
        let numbers = subject.references.into_iter().map(Private::into_revealed).collect();
        (numbers, warnings.contains(&Warning::InsuranceNumberWrong))
    }

    #[test]
    fn insurance_numbers_are_checked_and_no_references() {
        let own = "<id root='1.2.3' extension='P-1'/>";
        let insurance = |number: &str| format!("{own}<id root='1.2.276.0.76.4.8' extension='{number}'/>");
        assert_eq!(numbers(&insurance("A123456780")), (vec!["P-1".into()], false));
        assert_eq!(numbers(&insurance("A123456781")), (vec!["P-1".into()], true));
        assert_eq!(numbers(&insurance("")), (vec!["P-1".into()], false), "an unknown number is not a wrong one");
        assert_eq!(
            numbers("<id root='1.2.3' extension='A123456780'/>"),
            (vec![], false),
            "no type says that it is none"
        );
        assert_eq!(
            numbers(&format!("{own}{own}<id nullFlavor='UNK'/><id root='2.16.840.1.113883.4.1' extension='1'/>")).0,
            ["P-1"]
        );
        assert_eq!(
            numbers("<id root='C0FFEE00-0000-4000-8000-000000000000'/>").0,
            ["C0FFEE00-0000-4000-8000-000000000000"]
        );
    }

    #[test]
    fn what_is_missing_is_said() {
        let (subject, warnings) = read(&target("", "<name>Muster</name><birthTime value='1990'/>")).unwrap();
        assert!(subject.birth_date.is_none() && subject.references.is_empty());
        assert_eq!(subject.name.unwrap().reveal(), "Muster");
        assert_eq!(warnings, [Warning::PatientReferenceMissing, Warning::BirthDateMissing]);
        let parts = "<name><prefix>Dr.</prefix><given>Ada</given> <given>Meryem</given><prefix qualifier='NB'>von</prefix><family>Beispiel</family><family qualifier='BR'>Probe</family></name>";
        assert_eq!(read(&target("", parts)).unwrap().0.name.unwrap().reveal(), "Dr. Ada Meryem von Beispiel");
    }

    #[test]
    fn a_second_patient_is_refused_and_the_same_one_is_not() {
        let one = target("<id root='1.2' extension='1'/>", "<name>A</name><birthTime value='19900101'/>");
        assert!(read(&format!("{one}{one}")).is_ok());
        for other in [
            target("<id root='1.2' extension='2'/>", "<name>A</name><birthTime value='19900101'/>"),
            target("<id root='1.2' extension='1'/>", "<name>B</name><birthTime value='19900101'/>"),
            target("<id root='1.2' extension='1'/>", "<name>A</name><birthTime value='19900102'/>"),
        ] {
            assert_eq!(read(&format!("{one}{other}")).unwrap_err().code(), "cda-two-patients");
        }
        assert_eq!(read("").unwrap_err().code(), "cda-no-patient");
        assert_eq!(read("<recordTarget nullFlavor='UNK'/>").unwrap_err().code(), "cda-no-patient");
    }
}
