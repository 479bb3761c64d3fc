//! What is ordered together: the demo laboratory's panels, in the order of the report.

/// A group of values that one sample is examined for.
pub(super) struct Panel {
    /// The title of the report.
    pub(super) title: &'static str,
    /// Keys of analytes, in order; a computed value stands after those it is computed from.
    pub(super) parts: &'static [&'static [&'static str]],
    /// Working days from sample to report.
    pub(super) turnaround: u8,
    /// Diagnostic service section, HL7 v2 table 0074.
    pub(super) section: &'static str,
}

impl Panel {
    /// The keys, in order.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.parts.iter().copied().flatten().copied()
    }
}

const fn panel(title: &'static str, turnaround: u8, parts: &'static [&'static [&'static str]]) -> Panel {
    Panel { title, parts, turnaround, section: "LAB" }
}

const fn germs(title: &'static str, turnaround: u8, parts: &'static [&'static [&'static str]]) -> Panel {
    Panel { title, parts, turnaround, section: "MB" }
}

const COUNT: &[&str] = &["hb", "mchc", "hct", "mcv", "ery", "mch", "leuk", "thr"];
const CELLS: &[&str] = &["lymph", "mono", "eos", "baso", "neut"];
const CREATININE: &[&str] = &["crea", "egfr"];
const SALTS: &[&str] = &["na", "k"];
const FATS: &[&str] = &["ldl", "hdl", "tg", "chol", "nonhdl"];
const LIVER: &[&str] = &["alt", "ast", "ggt"];
const STRIP: &[&str] = &["sg", "ph", "u-leuk", "u-nit", "u-prot", "u-gluc", "u-ket", "u-hb"];

pub(super) static SMALL_COUNT: Panel = panel("Kleines Blutbild", 1, &[COUNT]);
pub(super) static IRON: Panel = panel("Blutbild und Eisenspeicher", 1, &[COUNT, &["ferr"]]);
pub(super) static INFECTION: Panel = panel("Großes Blutbild und Entzündungswerte", 1, &[COUNT, CELLS, &["crp", "esr"]]);
pub(super) static CRP: Panel = panel("Entzündungswert (CRP)", 0, &[&["crp", "leuk"]]);
pub(super) static PNEUMONIA: Panel =
    panel("Entzündungswerte und Nierenwerte", 0, &[COUNT, &["crp", "pct"], CREATININE, SALTS]);
pub(super) static CHECKUP: Panel =
    panel("Gesundheitsuntersuchung", 1, &[COUNT, CREATININE, &["gluc", "hba1c"], FATS, LIVER, &["tsh"]]);
pub(super) static DIABETES: Panel =
    panel("Verlaufskontrolle Diabetes", 1, &[&["gluc", "hba1c", "hba1c-ifcc"], CREATININE, &["k"]]);
pub(super) static SUGAR: Panel = panel("Langzeitzucker", 1, &[&["gluc", "hba1c", "hba1c-ifcc"]]);
pub(super) static ALBUMIN: Panel = panel("Urin: Albumin und Status", 1, &[&["acr"], STRIP]);
pub(super) static LIPIDS: Panel = panel("Fettstoffwechsel", 1, &[FATS]);
pub(super) static LIPIDS_FIRST: Panel = panel("Fettstoffwechsel mit Lipoprotein (a)", 2, &[FATS, &["lpa"]]);
pub(super) static STATIN: Panel = panel("Fettstoffwechsel unter Statin", 1, &[FATS, &["alt", "ck"]]);
pub(super) static THYROID: Panel = panel("Schilddrüsenwerte", 1, &[&["tsh", "ft4"]]);
pub(super) static THYROID_FIRST: Panel = panel("Schilddrüsenwerte mit Antikörpern", 2, &[&["tsh", "ft4", "tpo"]]);
pub(super) static INR: Panel = panel("Gerinnungskontrolle", 0, &[&["inr", "quick"]]);
pub(super) static KIDNEY: Panel =
    panel("Nierenwerte und Elektrolyte", 1, &[CREATININE, &["urea"], SALTS, &["ca", "phos", "uric"]]);
pub(super) static KIDNEY_BONE: Panel =
    panel("Knochenstoffwechsel bei Nierenkrankheit", 2, &[&["ca", "phos", "pth", "vitd"]]);
pub(super) static KIDNEY_BLOOD: Panel = panel("Blutbild und Eisen bei Nierenkrankheit", 1, &[COUNT, &["ferr", "crp"]]);
pub(super) static HEART_FAILURE: Panel =
    panel("Herzschwäche: Verlaufskontrolle", 1, &[&["bnp"], CREATININE, SALTS, &["hb"]]);
pub(super) static HEART_ACUTE: Panel = panel("Herzwerte", 0, &[&["tnt", "ck", "bnp"], CREATININE, &["k"]]);
pub(super) static VALPROATE: Panel =
    panel("Valproat-Spiegel und Verträglichkeit", 2, &[&["valp", "na"], CREATININE, LIVER, COUNT]);
pub(super) static GOUT: Panel = panel("Harnsäure und Nierenwerte", 1, &[&["uric"], CREATININE, &["crp"]]);
pub(super) static PREGNANCY_FIRST: Panel =
    panel("Erste Untersuchung in der Schwangerschaft", 2, &[&["group", "antibody", "rubella"], COUNT, &["tsh"], STRIP]);
pub(super) static PREGNANCY: Panel = panel("Vorsorge in der Schwangerschaft", 1, &[COUNT, &["ferr"], STRIP]);
pub(super) static GLUCOSE_TEST: Panel = panel("Zuckerbelastungstest", 0, &[&["gluc", "gluc1", "gluc2"]]);
pub(super) static ANTIBODIES: Panel = panel("Antikörpersuchtest", 1, &[&["antibody"]]);
pub(super) static URINE: Panel = panel("Urinstatus", 0, &[STRIP, &["sediment"]]);
pub(super) static CULTURE: Panel = germs("Urinkultur", 2, &[&["u-cult"]]);
pub(super) static STREP: Panel = germs("Rachenabstrich", 0, &[&["strep"]]);
pub(super) static COVID: Panel = germs("Schnelltest Atemwege", 0, &[&["covid"]]);
pub(super) static STOOL: Panel = panel("Darmkrebs-Vorsorge: Test auf Blut im Stuhl", 1, &[&["ifobt"]]);
pub(super) static ALLERGY: Panel =
    panel("Allergiediagnostik", 2, &[&["ige", "ige-birch", "ige-grass", "ige-mite"], CELLS]);
pub(super) static VITAMINS: Panel = panel("Vitamine und Eisenspeicher", 2, &[&["vitd", "b12", "fol", "ferr"]]);
pub(super) static VITAMIN_D: Panel = panel("Vitamin D und Calcium", 1, &[&["vitd", "ca"]]);
pub(super) static LIVER_CHECK: Panel = panel("Leberwerte", 1, &[LIVER, &["ap", "bili"]]);
pub(super) static PROSTATE: Panel = panel("Vorsorge PSA", 1, &[&["psa"]]);
