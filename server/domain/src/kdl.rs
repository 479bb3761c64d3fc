//! Document classes: the part of the German KDL (Klinische Dokumentenklassen-Liste, DVMD, version 2025) that
//! practices of a district send, and the kinds of finding that residents filter by.

/// One KDL class.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct DocumentClass {
    /// The KDL code, e.g. `LB120107`.
    pub code: &'static str,
    /// The German name, as KDL has it.
    pub name: &'static str,
    /// The kind residents filter by.
    pub kind: FindingKind,
}

/// The year of the KDL list that the codes below are taken from.
pub const KDL_VERSION: &str = "2025";

/// The coding system of KDL codes in FHIR.
pub const KDL_SYSTEM: &str = "http://dvmd.de/fhir/CodeSystem/kdl";

/// What a resident looks for: a few plain kinds instead of four hundred classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FindingKind {
    /// Laboratory results.
    Laboratory,
    /// Tissue and cell examinations.
    Pathology,
    /// X-ray, ultrasound, CT, MRT.
    Imaging,
    /// ECG, lung function and other measurements.
    Function,
    /// Letters and reports of physicians and hospitals.
    Letter,
    /// Medication plans.
    Medication,
    /// Vaccinations.
    Vaccination,
    /// Everything else.
    Other,
}

impl FindingKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Laboratory,
        Self::Pathology,
        Self::Imaging,
        Self::Function,
        Self::Letter,
        Self::Medication,
        Self::Vaccination,
        Self::Other,
    ];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Laboratory => "laboratory",
            Self::Pathology => "pathology",
            Self::Imaging => "imaging",
            Self::Function => "function",
            Self::Letter => "letter",
            Self::Medication => "medication",
            Self::Vaccination => "vaccination",
            Self::Other => "other",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == word)
    }
}

const fn class(code: &'static str, name: &'static str, kind: FindingKind) -> DocumentClass {
    DocumentClass { code, name, kind }
}

/// Taken when a FHIR report carries laboratory values and no KDL code.
pub static LABORATORY_REPORT: DocumentClass = class("LB120107", "Laborbefund", FindingKind::Laboratory);

/// Taken when nothing better is known.
pub static OTHER_DOCUMENT: DocumentClass = class("VL230101", "Sonstige Dokumentation", FindingKind::Other);

/// The classes this server knows.
pub static CLASSES: &[&DocumentClass] = &[
    &LABORATORY_REPORT,
    &class("LB120102", "Laborbefund extern", FindingKind::Laboratory),
    &class("LB120103", "Laborbefund intern", FindingKind::Laboratory),
    &class("LB130101", "Mikrobiologiebefund", FindingKind::Laboratory),
    &class("PT080102", "Histologiebefund", FindingKind::Pathology),
    &class("PT260102", "Zytologiebefund", FindingKind::Pathology),
    &class("PT130102", "Molekularpathologiebefund", FindingKind::Pathology),
    &class("DG020103", "CT-Befund", FindingKind::Imaging),
    &class("DG020107", "MRT-Befund", FindingKind::Imaging),
    &class("DG020110", "Röntgenbefund", FindingKind::Imaging),
    &class("DG020111", "Sonographiebefund", FindingKind::Imaging),
    &class("DG060108", "Lungenfunktionsbefund", FindingKind::Function),
    &class("DG060111", "EKG-Auswertung", FindingKind::Function),
    &class("AD010109", "Ärztlicher Befundbericht", FindingKind::Letter),
    &class("AD010111", "Ambulanzbrief", FindingKind::Letter),
    &class("AD010115", "Entlassungsbericht intern", FindingKind::Letter),
    &class("ED110104", "eArztbrief", FindingKind::Letter),
    &class("TH130107", "Medikationsplan", FindingKind::Medication),
    &class("AM160102", "Impfausweis", FindingKind::Vaccination),
    &OTHER_DOCUMENT,
];

/// The class with this KDL code, if this server knows it.
#[must_use]
pub fn find(code: &str) -> Option<&'static DocumentClass> {
    CLASSES.iter().copied().find(|c| c.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_found() {
        for (i, class) in CLASSES.iter().enumerate() {
            assert_eq!(find(class.code), Some(*class));
            assert!(CLASSES.iter().skip(i + 1).all(|other| other.code != class.code), "{}", class.code);
        }
        assert_eq!(find("XX000000"), None);
    }
}
