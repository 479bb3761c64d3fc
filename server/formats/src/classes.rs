//! Document classes that codes of reports give away, for senders that know no KDL.

use nahraum_domain::kdl::{self, DocumentClass};

use crate::fhir::LOINC;

/// HL7 v2 table 0074, diagnostic service sections.
pub(crate) const SECTION_SYSTEM: &str = "http://terminology.hl7.org/CodeSystem/v2-0074";

/// Sections, and the KDL class of their reports.
const SECTIONS: &[(&str, &str)] = &[
    ("MB", "LB130101"),
    ("MCB", "LB130101"),
    ("VR", "LB130101"),
    ("SP", "PT080102"),
    ("PAT", "PT080102"),
    ("CP", "PT260102"),
    ("CT", "DG020103"),
    ("NMR", "DG020107"),
    ("RAD", "DG020110"),
    ("RX", "DG020110"),
    ("RUS", "DG020111"),
    ("OUS", "DG020111"),
    ("VUS", "DG020111"),
    ("PF", "DG060108"),
    ("EC", "DG060111"),
];

/// LOINC codes of whole reports, and their KDL class.
const REPORTS: &[(&str, &str)] = &[
    ("60568-3", "PT080102"),
    ("11526-1", "PT080102"),
    ("11529-5", "PT080102"),
    ("18725-2", "LB130101"),
    ("18748-4", "DG020110"),
    ("34117-2", "AD010109"),
    ("11488-4", "AD010109"),
    ("18842-5", "AD010115"),
    ("11490-0", "AD010115"),
    ("34105-7", "AD010115"),
];

/// Codes that mark laboratory work, whatever system the sender names for them.
const LABORATORY: &[&str] = &["laboratory", "LAB", "26436-6", "11502-2"];

/// Whether a code means laboratory.
pub(crate) fn is_laboratory(code: &str) -> bool {
    LABORATORY.contains(&code)
}

/// The class that codes with their systems give away: the section first, then what the report is called.
pub(crate) fn assumed(codes: &[(Option<&str>, &str)]) -> Option<&'static DocumentClass> {
    let by = |system: &str, table: &[(&str, &'static str)]| {
        let mut of_system = codes.iter().filter(|(named, _)| *named == Some(system));
        of_system.find_map(|(_, code)| table.iter().find(|(known, _)| known == code).and_then(|(_, c)| kdl::find(c)))
    };
    let laboratory = || codes.iter().any(|(_, code)| is_laboratory(code)).then_some(&kdl::LABORATORY_REPORT);
    by(SECTION_SYSTEM, SECTIONS).or_else(|| by(LOINC, REPORTS)).or_else(laboratory)
}
