//! What the demo's laboratory can measure: names, LOINC and UCUM codes, precision, natural scatter and reference ranges.
//!
//! Ranges are usual ones of German laboratories for adults, simplified; they serve the demo, not medicine.
//! LOINC codes: Regenstrief Institute, <https://loinc.org>; units: <https://ucum.org>; answers: SNOMED CT concept ids.

/// Something the laboratory reports one line about.
pub(super) struct Analyte {
    /// The laboratory's own short code, and the word other tables use.
    pub(super) key: &'static str,
    /// LOINC, where there is one.
    pub(super) loinc: Option<&'static str>,
    /// The German name on the report.
    pub(super) name: &'static str,
    /// The heading on the report.
    pub(super) group: &'static str,
    /// What was taken from the patient.
    pub(super) specimen: &'static str,
    /// Number, answer or words.
    pub(super) kind: Kind,
}

/// How a result looks.
pub(super) enum Kind {
    /// A number with unit.
    Number(Measure),
    /// One of a few coded answers; the first is the normal one.
    Answers(&'static [Answer]),
    /// One of a few texts without a verdict.
    Words(&'static [&'static str]),
}

/// How a number is reported.
pub(super) struct Measure {
    /// The unit in the laboratory's spelling.
    pub(super) unit: &'static str,
    /// The same in UCUM.
    pub(super) ucum: &'static str,
    /// Digits after the point.
    pub(super) decimals: usize,
    /// Biological and analytical scatter, as a share of the value.
    pub(super) scatter: f64,
    /// Reference ranges; the first that fits the person holds.
    pub(super) ranges: &'static [Band],
    /// Below this the report says `<`.
    pub(super) floor: Option<f64>,
    /// Above this the report says `>`.
    pub(super) cap: Option<f64>,
    /// Below this the laboratory calls the practice.
    pub(super) alarm_low: Option<f64>,
    /// Above this the laboratory calls the practice.
    pub(super) alarm_high: Option<f64>,
    /// Computed from values before it in the same panel.
    pub(super) derived: Option<Derived>,
}

const PLAIN: Measure = Measure {
    unit: "",
    ucum: "",
    decimals: 0,
    scatter: 0.0,
    ranges: &[],
    floor: None,
    cap: None,
    alarm_low: None,
    alarm_high: None,
    derived: None,
};

/// Values that a laboratory computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Derived {
    /// Haematocrit from haemoglobin and MCHC.
    Haematocrit,
    /// Red cells from haematocrit and MCV.
    RedCells,
    /// MCH from haemoglobin and red cells.
    MeanHaemoglobin,
    /// Neutrophils: what the other white cells leave.
    Neutrophils,
    /// CKD-EPI 2009 (Levey et al., Ann Intern Med 2009) without the factor for descent.
    Filtration,
    /// HbA1c in mmol/mol from the percentage (IFCC master equation).
    GlycatedIfcc,
    /// Total cholesterol from its parts (Friedewald).
    Cholesterol,
    /// Total minus HDL.
    NonHdl,
    /// The older percentage behind the INR.
    Quick,
}

/// A reference range for some people.
pub(super) struct Band {
    /// For whom.
    pub(super) who: Who,
    /// Lower limit.
    pub(super) low: Option<f64>,
    /// Upper limit.
    pub(super) high: Option<f64>,
}

/// For whom a range holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Everyone.
    All,
    /// Women and girls from 14 years.
    Female,
    /// Men and boys from 14 years.
    Male,
    /// Below 14 years.
    Child,
    /// During a pregnancy.
    Pregnant,
    /// The aim of a treatment with anticoagulants.
    Anticoagulated,
    /// The aim after a heart attack or with coronary disease.
    HeartPatient,
}

/// A coded answer.
pub(super) struct Answer {
    /// SNOMED CT concept id.
    pub(super) code: &'static str,
    /// The German words on the report.
    pub(super) text: &'static str,
}

const NEGATIVE: Answer = Answer { code: "260385009", text: "negativ" };
const POSITIVE: Answer = Answer { code: "10828004", text: "positiv" };
const TRACE: Answer = Answer { code: "260405006", text: "Spur" };
const ONE_PLUS: Answer = Answer { code: "260347006", text: "+" };
const TWO_PLUS: Answer = Answer { code: "260348001", text: "++" };
const NO_GROWTH: Answer = Answer { code: "264868006", text: "kein Wachstum" };
const E_COLI: Answer = Answer { code: "112283007", text: "Escherichia coli, 10^5 Keime/ml" };

const YES_NO: &[Answer] = &[NEGATIVE, POSITIVE];
const STRIP: &[Answer] = &[NEGATIVE, TRACE, ONE_PLUS, TWO_PLUS];

const BLOOD: &str = "Blutbild";
const CELLS: &str = "Differentialblutbild";
const KIDNEY: &str = "Niere/Elektrolyte";
const SUGAR: &str = "Zuckerstoffwechsel";
const FATS: &str = "Fettstoffwechsel";
const LIVER: &str = "Leber/Enzyme";
const INFLAMED: &str = "Entzündung";
const THYROID: &str = "Schilddrüse";
const IRON: &str = "Eisen/Vitamine";
const CLOT: &str = "Gerinnung";
const HEART: &str = "Herz";
const URINE: &str = "Urinstatus";
const DRUGS: &str = "Medikamentenspiegel";
const IMMUNE: &str = "Immunologie/Allergie";
const GERMS: &str = "Mikrobiologie";
const TUMOUR: &str = "Vorsorge";
const BIRTH: &str = "Schwangerschaft";

const EDTA: &str = "EDTA-Blut";
const SERUM: &str = "Serum";
const CITRATE: &str = "Citratplasma";
const FLUORIDE: &str = "Fluoridplasma";
const SPOT: &str = "Spontanurin";
const MIDSTREAM: &str = "Mittelstrahlurin";
const THROAT: &str = "Rachenabstrich";
const NOSE: &str = "Nasenabstrich";
const STOOL: &str = "Stuhl";

const fn known(loinc: &'static str) -> Option<&'static str> {
    if loinc.is_empty() { None } else { Some(loinc) }
}

macro_rules! limit {
    (_) => {
        None
    };
    ($value:literal) => {
        Some($value)
    };
}

// One line per analyte: key, LOINC, name, group, specimen; unit, UCUM, decimals, scatter; ranges; what is special.
macro_rules! numbers {
    ($($key:literal $loinc:literal $name:literal $group:ident $specimen:ident,
       $unit:literal $ucum:literal $decimals:literal $scatter:literal
       [$($who:ident $low:tt $high:tt),*] {$($field:ident $extra:expr),*};)*) => {
        &[$(Analyte {
            key: $key, loinc: known($loinc), name: $name, group: $group, specimen: $specimen,
            kind: Kind::Number(Measure {
                unit: $unit, ucum: $ucum, decimals: $decimals, scatter: $scatter,
                ranges: &[$(Band { who: Who::$who, low: limit!($low), high: limit!($high) }),*],
                $($field: Some($extra),)* ..PLAIN
            }),
        }),*]
    };
}

macro_rules! answers {
    ($($key:literal $loinc:literal $name:literal $group:ident $specimen:ident, $kind:expr;)*) => {
        &[$(Analyte {
            key: $key, loinc: known($loinc), name: $name, group: $group, specimen: $specimen, kind: $kind,
        }),*]
    };
}

const NUMBERS: &[Analyte] = numbers! {
    "hb" "718-7" "Hämoglobin" BLOOD EDTA, "g/dl" "g/dL" 1 0.018
        [Pregnant 11.0 14.5, Child 11.5 14.5, Female 12.0 15.5, Male 13.5 17.2] {alarm_low 7.0};
    "mchc" "786-4" "MCHC" BLOOD EDTA, "g/dl" "g/dL" 1 0.012 [All 32.0 36.0] {};
    "hct" "4544-3" "Hämatokrit" BLOOD EDTA, "%" "%" 1 0.0
        [Pregnant 32.0 44.0, Child 33.0 44.0, Female 35.0 46.0, Male 39.0 51.0] {derived Derived::Haematocrit};
    "mcv" "787-2" "MCV" BLOOD EDTA, "fl" "fL" 0 0.012 [Child 75.0 91.0, All 80.0 99.0] {};
    "ery" "789-8" "Erythrozyten" BLOOD EDTA, "Mio./µl" "10*6/uL" 2 0.0
        [Pregnant 3.50 5.10, Child 3.90 5.30, Female 3.90 5.20, Male 4.30 5.80] {derived Derived::RedCells};
    "mch" "785-6" "MCH" BLOOD EDTA, "pg" "pg" 1 0.0 [Child 24.0 31.0, All 27.0 34.0] {derived Derived::MeanHaemoglobin};
    "leuk" "6690-2" "Leukozyten" BLOOD EDTA, "Tsd./µl" "10*3/uL" 1 0.09
        [Pregnant 5.0 14.0, Child 4.5 13.0, All 3.9 10.2] {alarm_high 30.0};
    "thr" "777-3" "Thrombozyten" BLOOD EDTA, "Tsd./µl" "10*3/uL" 0 0.06 [Child 180.0 420.0, All 150.0 370.0] {alarm_low 50.0};
    "lymph" "736-9" "Lymphozyten" CELLS EDTA, "%" "%" 1 0.07 [Child 25.0 55.0, All 20.0 44.0] {};
    "mono" "5905-5" "Monozyten" CELLS EDTA, "%" "%" 1 0.10 [All 2.0 9.5] {};
    "eos" "713-8" "Eosinophile" CELLS EDTA, "%" "%" 1 0.15 [All 0.5 5.5] {};
    "baso" "706-2" "Basophile" CELLS EDTA, "%" "%" 1 0.20 [All 0.0 1.8] {};
    "neut" "770-8" "Neutrophile" CELLS EDTA, "%" "%" 1 0.0 [Child 30.0 65.0, All 42.0 75.0] {derived Derived::Neutrophils};
    "crea" "2160-0" "Kreatinin" KIDNEY SERUM, "mg/dl" "mg/dL" 2 0.035
        [Child 0.30 0.65, Female 0.50 0.95, Male 0.70 1.20] {alarm_high 6.0};
    "egfr" "62238-1" "eGFR (CKD-EPI)" KIDNEY SERUM, "ml/min/1,73 m²" "mL/min/{1.73_m2}" 0 0.0
        [All 60.0 _] {derived Derived::Filtration, cap 90.0};
    "urea" "3091-6" "Harnstoff" KIDNEY SERUM, "mg/dl" "mg/dL" 0 0.08 [Child 11.0 36.0, All 17.0 49.0] {};
    "uric" "3084-1" "Harnsäure" KIDNEY SERUM, "mg/dl" "mg/dL" 1 0.05 [Female 2.4 5.7, Male 3.4 7.0] {};
    "na" "2951-2" "Natrium" KIDNEY SERUM, "mmol/l" "mmol/L" 0 0.008 [All 136.0 145.0] {alarm_low 120.0, alarm_high 158.0};
    "k" "2823-3" "Kalium" KIDNEY SERUM, "mmol/l" "mmol/L" 1 0.03 [All 3.5 5.1] {alarm_low 2.7, alarm_high 6.2};
    "ca" "17861-6" "Calcium" KIDNEY SERUM, "mg/dl" "mg/dL" 1 0.015 [Child 8.8 10.8, All 8.6 10.2] {};
    "phos" "2777-1" "Phosphat, anorganisch" KIDNEY SERUM, "mg/dl" "mg/dL" 1 0.06 [Child 3.3 5.6, All 2.5 4.5] {};
    "pth" "2731-8" "Parathormon, intakt" KIDNEY EDTA, "pg/ml" "pg/mL" 0 0.10 [All 15.0 65.0] {};
    "acr" "9318-7" "Albumin/Kreatinin-Quotient" KIDNEY SPOT, "mg/g" "mg/g" 0 0.14 [All _ 30.0] {floor 5.0};
    "gluc" "1558-6" "Glukose nüchtern" SUGAR FLUORIDE, "mg/dl" "mg/dL" 0 0.045
        [Pregnant _ 91.0, All 70.0 99.0] {alarm_low 45.0, alarm_high 400.0};
    "gluc1" "1507-3" "Glukose 1 Stunde nach 75 g" SUGAR FLUORIDE, "mg/dl" "mg/dL" 0 0.06 [All _ 179.0] {};
    "gluc2" "1518-0" "Glukose 2 Stunden nach 75 g" SUGAR FLUORIDE, "mg/dl" "mg/dL" 0 0.06 [Pregnant _ 152.0, All _ 139.0] {};
    "hba1c" "4548-4" "HbA1c" SUGAR EDTA, "%" "%" 1 0.012 [All 4.0 5.6] {};
    "hba1c-ifcc" "59261-8" "HbA1c (IFCC)" SUGAR EDTA, "mmol/mol" "mmol/mol" 0 0.0 [All 20.0 38.0] {derived Derived::GlycatedIfcc};
    "ldl" "13457-7" "LDL-Cholesterin" FATS SERUM, "mg/dl" "mg/dL" 0 0.05 [HeartPatient _ 55.0, All _ 115.0] {};
    "hdl" "2085-9" "HDL-Cholesterin" FATS SERUM, "mg/dl" "mg/dL" 0 0.04 [Female 45.0 _, Male 40.0 _] {};
    "tg" "2571-8" "Triglyceride" FATS SERUM, "mg/dl" "mg/dL" 0 0.12 [All _ 150.0] {};
    "chol" "2093-3" "Cholesterin gesamt" FATS SERUM, "mg/dl" "mg/dL" 0 0.0 [All _ 200.0] {derived Derived::Cholesterol};
    "nonhdl" "43396-1" "Non-HDL-Cholesterin" FATS SERUM, "mg/dl" "mg/dL" 0 0.0 [HeartPatient _ 85.0, All _ 145.0] {derived Derived::NonHdl};
    "lpa" "43583-4" "Lipoprotein (a)" FATS SERUM, "nmol/l" "nmol/L" 0 0.05 [All _ 75.0] {floor 7.0};
    "alt" "1742-6" "GPT (ALAT)" LIVER SERUM, "U/l" "U/L" 0 0.09 [Child _ 30.0, Female _ 35.0, Male _ 50.0] {};
    "ast" "1920-8" "GOT (ASAT)" LIVER SERUM, "U/l" "U/L" 0 0.08 [Child _ 50.0, Female _ 35.0, Male _ 50.0] {};
    "ggt" "2324-2" "Gamma-GT" LIVER SERUM, "U/l" "U/L" 0 0.08 [Child _ 23.0, Female _ 40.0, Male _ 60.0] {};
    "ap" "6768-6" "Alkalische Phosphatase" LIVER SERUM, "U/l" "U/L" 0 0.05 [Child 140.0 420.0, Female 35.0 105.0, Male 40.0 130.0] {};
    "bili" "1975-2" "Bilirubin gesamt" LIVER SERUM, "mg/dl" "mg/dL" 1 0.12 [All _ 1.2] {floor 0.2};
    "ck" "2157-6" "Creatinkinase" LIVER SERUM, "U/l" "U/L" 0 0.12 [Female _ 170.0, Male _ 190.0] {};
    "crp" "1988-5" "C-reaktives Protein" INFLAMED SERUM, "mg/l" "mg/L" 1 0.15 [All _ 5.0] {floor 0.6};
    "pct" "33959-8" "Procalcitonin" INFLAMED SERUM, "ng/ml" "ng/mL" 2 0.10 [All _ 0.10] {floor 0.02};
    "esr" "30341-2" "Blutsenkung 1. Stunde" INFLAMED CITRATE, "mm/h" "mm/h" 0 0.15 [Female _ 30.0, Male _ 20.0] {};
    "tsh" "3016-3" "TSH" THYROID SERUM, "mU/l" "m[IU]/L" 2 0.07 [Pregnant 0.10 3.00, Child 0.60 4.80, All 0.40 4.00] {floor 0.01};
    "ft4" "3024-7" "Freies T4" THYROID SERUM, "ng/dl" "ng/dL" 2 0.035 [All 0.90 1.70] {};
    "tpo" "8099-4" "TPO-Antikörper" THYROID SERUM, "U/ml" "[IU]/mL" 0 0.08 [All _ 34.0] {floor 9.0};
    "ferr" "2276-4" "Ferritin" IRON SERUM, "ng/ml" "ng/mL" 0 0.07 [Child 10.0 60.0, Female 15.0 150.0, Male 30.0 400.0] {};
    "vitd" "1989-3" "Vitamin D (25-OH)" IRON SERUM, "ng/ml" "ng/mL" 0 0.06 [All 20.0 50.0] {floor 4.0};
    "b12" "2132-9" "Vitamin B12" IRON SERUM, "pg/ml" "pg/mL" 0 0.07 [All 200.0 770.0] {};
    "fol" "2284-8" "Folsäure" IRON SERUM, "ng/ml" "ng/mL" 1 0.08 [All 3.9 26.8] {};
    "inr" "6301-6" "INR" CLOT CITRATE, "" "{INR}" 1 0.07 [Anticoagulated 2.0 3.0, All 0.9 1.2] {alarm_high 5.0};
    "quick" "5894-1" "Quick-Wert" CLOT CITRATE, "%" "%" 0 0.0 [Anticoagulated 22.0 42.0, All 70.0 125.0] {derived Derived::Quick};
    "bnp" "33762-6" "NT-proBNP" HEART SERUM, "pg/ml" "pg/mL" 0 0.09 [All _ 125.0] {};
    "tnt" "67151-1" "Troponin T (hochsensitiv)" HEART SERUM, "ng/l" "ng/L" 0 0.10 [All _ 14.0] {floor 3.0};
    "sg" "5811-5" "Spezifisches Gewicht im Urin" URINE SPOT, "" "{ratio}" 3 0.003 [All 1.005 1.030] {};
    "ph" "5803-2" "pH-Wert im Urin" URINE SPOT, "" "[pH]" 1 0.06 [All 5.0 7.5] {};
    "valp" "4086-5" "Valproinsäure" DRUGS SERUM, "mg/l" "mg/L" 0 0.07 [All 50.0 100.0] {alarm_high 130.0};
    "ige" "19113-0" "IgE gesamt" IMMUNE SERUM, "kU/l" "k[IU]/L" 0 0.06 [Child _ 90.0, All _ 100.0] {};
    "ige-birch" "" "IgE Birkenpollen" IMMUNE SERUM, "kU/l" "k[IU]/L" 2 0.06 [All _ 0.35] {floor 0.10};
    "ige-grass" "" "IgE Gräserpollen" IMMUNE SERUM, "kU/l" "k[IU]/L" 2 0.06 [All _ 0.35] {floor 0.10};
    "ige-mite" "" "IgE Hausstaubmilbe" IMMUNE SERUM, "kU/l" "k[IU]/L" 2 0.06 [All _ 0.35] {floor 0.10};
    "rubella" "8014-3" "Röteln-IgG" BIRTH SERUM, "IU/ml" "[IU]/mL" 0 0.05 [All 10.0 _] {};
    "psa" "2857-1" "PSA gesamt" TUMOUR SERUM, "ng/ml" "ng/mL" 2 0.06 [Male _ 4.00] {};
};

const ANSWERS: &[Analyte] = answers! {
    "u-leuk" "5799-2" "Leukozyten im Urin" URINE SPOT, Kind::Answers(STRIP);
    "u-nit" "5802-4" "Nitrit im Urin" URINE SPOT, Kind::Answers(YES_NO);
    "u-prot" "20454-5" "Eiweiß im Urin" URINE SPOT, Kind::Answers(STRIP);
    "u-gluc" "25428-4" "Glukose im Urin" URINE SPOT, Kind::Answers(STRIP);
    "u-ket" "2514-8" "Keton im Urin" URINE SPOT, Kind::Answers(STRIP);
    "u-hb" "5794-3" "Blut im Urin" URINE SPOT, Kind::Answers(STRIP);
    "u-cult" "630-4" "Urinkultur" GERMS MIDSTREAM, Kind::Answers(&[NO_GROWTH, E_COLI]);
    "strep" "78012-2" "Streptokokken A, Schnelltest" GERMS THROAT, Kind::Answers(YES_NO);
    "covid" "94558-4" "SARS-CoV-2-Antigen, Schnelltest" GERMS NOSE, Kind::Answers(YES_NO);
    "ifobt" "29771-3" "Okkultes Blut (immunologisch)" GERMS STOOL, Kind::Answers(YES_NO);
    "antibody" "890-4" "Antikörpersuchtest" BIRTH EDTA, Kind::Answers(YES_NO);
    "group" "882-1" "Blutgruppe und Rhesusfaktor" BIRTH EDTA, Kind::Words(&["0 Rh(D) positiv"]);
    "sediment" "" "Urinsediment" URINE SPOT, Kind::Words(&["unauffällig", "vermehrt Leukozyten, Bakterien"]);
};

/// The analyte with this key.
pub(super) fn find(key: &str) -> Option<&'static Analyte> {
    NUMBERS.iter().chain(ANSWERS).find(|analyte| analyte.key == key)
}

#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = &'static Analyte> {
    NUMBERS.iter().chain(ANSWERS)
}
