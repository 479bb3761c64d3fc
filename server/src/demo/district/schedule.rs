//! Which laboratory reports exist: routine controls, single occasions, corrections, and the ones that went astray.

use super::{
    panels::{self, Panel},
    people::{CARDIOLOGY, DARIUSH, FATMA, FINJA, GALINA, GENERAL, HEINZ, JOERN, KAETHE, KWAME, RANIA, YUSUF, ZBIGNIEW},
};

/// How a laboratory report reaches the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// FHIR with values; now and then with the printed report inside.
    Values,
    /// Only the printed report, as PDF.
    Print,
}

/// The same panel at regular distances.
pub(super) struct Series {
    /// Place in `District::residents`.
    pub(super) resident: usize,
    /// Place in `District::practices`.
    pub(super) practice: usize,
    /// What was examined.
    pub(super) panel: &'static Panel,
    /// Days before today of the first sample.
    pub(super) first_days_ago: i32,
    /// Days before today after which there is no further sample.
    pub(super) last_days_ago: i32,
    /// Days between two samples.
    pub(super) every_days: i32,
    /// How it is sent.
    pub(super) form: Form,
}

const fn series(resident: usize, practice: usize, panel: &'static Panel, first: i32, last: i32, every: i32) -> Series {
    Series {
        resident,
        practice,
        panel,
        first_days_ago: first,
        last_days_ago: last,
        every_days: every,
        form: Form::Values,
    }
}

const fn once(resident: usize, practice: usize, panel: &'static Panel, days_ago: i32) -> Series {
    series(resident, practice, panel, days_ago, days_ago, 1)
}

const fn print(resident: usize, practice: usize, panel: &'static Panel, days_ago: i32) -> Series {
    Series { form: Form::Print, ..once(resident, practice, panel, days_ago) }
}

/// Every laboratory report that reaches the right person.
pub(super) static SERIES: &[Series] = &[
    once(YUSUF, GENERAL, &panels::IRON, 760),
    once(YUSUF, GENERAL, &panels::IRON, 662),
    once(YUSUF, GENERAL, &panels::IRON, 581),
    once(YUSUF, GENERAL, &panels::STREP, 440),
    once(YUSUF, GENERAL, &panels::CRP, 440),
    once(YUSUF, GENERAL, &panels::COVID, 318),
    once(YUSUF, GENERAL, &panels::ALLERGY, 205),
    once(YUSUF, GENERAL, &panels::STREP, 95),
    once(YUSUF, GENERAL, &panels::CRP, 95),
    series(RANIA, GENERAL, &panels::IRON, 1020, 840, 90),
    once(RANIA, GENERAL, &panels::VITAMINS, 842),
    print(RANIA, GENERAL, &panels::SMALL_COUNT, 500),
    once(RANIA, GENERAL, &panels::COVID, 390),
    once(RANIA, GENERAL, &panels::PREGNANCY_FIRST, 185),
    once(RANIA, GENERAL, &panels::URINE, 147),
    once(RANIA, GENERAL, &panels::CULTURE, 147),
    once(RANIA, GENERAL, &panels::URINE, 131),
    series(RANIA, GENERAL, &panels::PREGNANCY, 158, 18, 28),
    once(RANIA, GENERAL, &panels::GLUCOSE_TEST, 57),
    once(RANIA, GENERAL, &panels::ANTIBODIES, 53),
    once(RANIA, GENERAL, &panels::URINE, 5),
    once(FINJA, GENERAL, &panels::THYROID_FIRST, 985),
    once(FINJA, GENERAL, &panels::IRON, 984),
    series(FINJA, GENERAL, &panels::THYROID, 940, 800, 48),
    series(FINJA, GENERAL, &panels::THYROID, 640, 20, 105),
    once(FINJA, GENERAL, &panels::IRON, 320),
    once(FINJA, GENERAL, &panels::INFECTION, 261),
    once(FINJA, GENERAL, &panels::LIVER_CHECK, 261),
    once(FINJA, GENERAL, &panels::IRON, 118),
    once(KWAME, GENERAL, &panels::CHECKUP, 810),
    once(KWAME, GENERAL, &panels::VITAMIN_D, 700),
    once(KWAME, GENERAL, &panels::VITAMIN_D, 598),
    series(KWAME, GENERAL, &panels::SUGAR, 560, 12, 182),
    once(KWAME, GENERAL, &panels::INFECTION, 500),
    once(KWAME, GENERAL, &panels::CRP, 488),
    once(KWAME, GENERAL, &panels::LIVER_CHECK, 400),
    once(KWAME, GENERAL, &panels::LIPIDS, 378),
    once(KWAME, GENERAL, &panels::VITAMIN_D, 330),
    once(KWAME, GENERAL, &panels::COVID, 41),
    series(JOERN, GENERAL, &panels::VALPROATE, 1060, 24, 112),
    once(JOERN, GENERAL, &panels::VITAMIN_D, 620),
    once(JOERN, GENERAL, &panels::VITAMIN_D, 520),
    print(JOERN, GENERAL, &panels::LIVER_CHECK, 410),
    once(JOERN, GENERAL, &panels::LIPIDS, 228),
    series(FATMA, GENERAL, &panels::DIABETES, 1075, 8, 88),
    series(FATMA, GENERAL, &panels::ALBUMIN, 1075, 30, 176),
    once(FATMA, GENERAL, &panels::CHECKUP, 1074),
    once(FATMA, GENERAL, &panels::VITAMIN_D, 860),
    once(FATMA, GENERAL, &panels::VITAMIN_D, 758),
    once(FATMA, GENERAL, &panels::URINE, 612),
    once(FATMA, GENERAL, &panels::CULTURE, 612),
    once(FATMA, CARDIOLOGY, &panels::HEART_ACUTE, 955),
    once(FATMA, CARDIOLOGY, &panels::LIPIDS_FIRST, 955),
    series(FATMA, CARDIOLOGY, &panels::STATIN, 890, 36, 170),
    series(DARIUSH, GENERAL, &panels::INR, 1076, 4, 35),
    once(DARIUSH, GENERAL, &panels::INR, 522),
    once(DARIUSH, GENERAL, &panels::SMALL_COUNT, 518),
    once(DARIUSH, GENERAL, &panels::INR, 514),
    series(DARIUSH, CARDIOLOGY, &panels::HEART_FAILURE, 1045, 60, 245),
    once(DARIUSH, CARDIOLOGY, &panels::THYROID, 1044),
    once(DARIUSH, GENERAL, &panels::CHECKUP, 602),
    once(DARIUSH, GENERAL, &panels::PROSTATE, 600),
    once(DARIUSH, GENERAL, &panels::LIPIDS, 190),
    series(GALINA, GENERAL, &panels::KIDNEY, 1070, 10, 76),
    series(GALINA, GENERAL, &panels::ALBUMIN, 1070, 60, 200),
    series(GALINA, GENERAL, &panels::KIDNEY_BLOOD, 980, 35, 240),
    series(GALINA, GENERAL, &panels::KIDNEY_BONE, 995, 90, 300),
    once(GALINA, CARDIOLOGY, &panels::HEART_ACUTE, 688),
    once(GALINA, CARDIOLOGY, &panels::STATIN, 430),
    once(GALINA, CARDIOLOGY, &panels::HEART_FAILURE, 250),
    print(GALINA, CARDIOLOGY, &panels::HEART_FAILURE, 65),
    once(ZBIGNIEW, GENERAL, &panels::CHECKUP, 1000),
    once(ZBIGNIEW, CARDIOLOGY, &panels::HEART_ACUTE, 680),
    once(ZBIGNIEW, CARDIOLOGY, &panels::LIPIDS_FIRST, 680),
    series(ZBIGNIEW, CARDIOLOGY, &panels::STATIN, 655, 6, 108),
    once(ZBIGNIEW, CARDIOLOGY, &panels::HEART_ACUTE, 400),
    once(ZBIGNIEW, GENERAL, &panels::CRP, 405),
    series(ZBIGNIEW, GENERAL, &panels::GOUT, 404, 15, 77),
    once(ZBIGNIEW, GENERAL, &panels::STOOL, 280),
    print(ZBIGNIEW, GENERAL, &panels::SMALL_COUNT, 262),
    once(ZBIGNIEW, GENERAL, &panels::PROSTATE, 262),
    series(KAETHE, CARDIOLOGY, &panels::HEART_FAILURE, 1040, 14, 102),
    series(KAETHE, GENERAL, &panels::KIDNEY, 1000, 40, 160),
    once(KAETHE, GENERAL, &panels::VITAMINS, 980),
    once(KAETHE, GENERAL, &panels::VITAMINS, 860),
    once(KAETHE, GENERAL, &panels::THYROID, 858),
    once(KAETHE, GENERAL, &panels::PNEUMONIA, 310),
    once(KAETHE, GENERAL, &panels::PNEUMONIA, 306),
    once(KAETHE, CARDIOLOGY, &panels::HEART_FAILURE, 304),
    once(KAETHE, GENERAL, &panels::CRP, 301),
    once(KAETHE, GENERAL, &panels::PNEUMONIA, 287),
    once(KAETHE, GENERAL, &panels::URINE, 133),
    once(KAETHE, GENERAL, &panels::CULTURE, 132),
    once(KAETHE, GENERAL, &panels::CULTURE, 123),
    once(HEINZ, GENERAL, &panels::CHECKUP, 6),
    once(HEINZ, GENERAL, &panels::CRP, 6),
    once(HEINZ, CARDIOLOGY, &panels::HEART_ACUTE, 5),
];

/// A report whose first version was wrong: the correction carries the same number and comes later.
pub(super) struct Correction {
    /// Place in `District::residents`.
    pub(super) resident: usize,
    /// The panel's title.
    pub(super) panel: &'static Panel,
    /// Which report of the resident with this panel, counted from 0 in order of time.
    pub(super) occurrence: usize,
    /// The value that was wrong.
    pub(super) key: &'static str,
    /// What it was multiplied with by mistake.
    pub(super) factor: f64,
    /// How many days later the corrected report came.
    pub(super) days_later: i32,
    /// What the laboratory says about it.
    pub(super) remark: &'static str,
}

/// Every correction.
pub(super) static CORRECTIONS: &[Correction] = &[
    Correction {
        resident: GALINA,
        panel: &panels::KIDNEY,
        occurrence: 10,
        key: "k",
        factor: 1.24,
        days_later: 2,
        remark: "Korrigiert: Die erste Probe war hämolytisch, Kalium wurde aus einer neuen Probe bestimmt.",
    },
    Correction {
        resident: DARIUSH,
        panel: &panels::INR,
        occurrence: 22,
        key: "inr",
        factor: 1.5,
        days_later: 1,
        remark: "Korrigiert: Gerät neu kalibriert, Messung wiederholt.",
    },
    Correction {
        resident: FATMA,
        panel: &panels::DIABETES,
        occurrence: 6,
        key: "hba1c",
        factor: 1.28,
        days_later: 3,
        remark: "Korrigiert: Proben waren vertauscht, HbA1c aus der richtigen Probe bestimmt.",
    },
    Correction {
        resident: KAETHE,
        panel: &panels::HEART_FAILURE,
        occurrence: 6,
        key: "na",
        factor: 0.93,
        days_later: 2,
        remark: "Korrigiert: Übertragungsfehler bei Natrium.",
    },
    Correction {
        resident: ZBIGNIEW,
        panel: &panels::GOUT,
        occurrence: 3,
        key: "uric",
        factor: 1.4,
        days_later: 2,
        remark: "Korrigiert: Harnsäure nachgemessen.",
    },
];

/// A line of the practice for the patient, on the newest report with this panel.
pub(super) struct LabNote {
    /// Place in `District::residents`.
    pub(super) resident: usize,
    /// The panel.
    pub(super) panel: &'static Panel,
    /// What the practice says.
    pub(super) text: &'static str,
}

const fn note(resident: usize, panel: &'static Panel, text: &'static str) -> LabNote {
    LabNote { resident, panel, text }
}

/// Every such line.
pub(super) static LAB_NOTES: &[LabNote] = &[
    note(FATMA, &panels::DIABETES, "Sehr gut, der Langzeitzucker ist wieder unter 7. Bitte so weitermachen."),
    note(KWAME, &panels::SUGAR, "Der Blutzucker ist wieder normal. Bewegung und weniger Süßes haben geholfen."),
    note(RANIA, &panels::PREGNANCY, "Der Eisenspeicher füllt sich. Bitte das Eisen bis zur Geburt weiternehmen."),
    note(FINJA, &panels::THYROID, "Die Schilddrüse ist gut eingestellt. Nächste Kontrolle in drei Monaten."),
    note(DARIUSH, &panels::INR, "Im Zielbereich. Dosis bleibt gleich."),
    note(JOERN, &panels::VALPROATE, "Die Werte sind gut. Bitte die Tabletten weiter jeden Tag nehmen."),
    note(
        GALINA,
        &panels::KIDNEY,
        "Die Nierenwerte sind etwas schlechter. Bitte den Termin in der nächsten Woche wahrnehmen.",
    ),
    note(KAETHE, &panels::HEART_FAILURE, "Stabil. Bitte weiter jeden Morgen wiegen."),
    note(ZBIGNIEW, &panels::GOUT, "Harnsäure im Ziel. Allopurinol bitte nicht absetzen."),
];

/// Why an upload cannot be assigned by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A patient reference that the practice does not know.
    UnknownReference(&'static str),
    /// Day and month of the birth date are not the patient's.
    WrongBirthDate,
}

/// A laboratory report that ends in the practice's inbox.
pub(super) struct Stray {
    /// What it would be if it were right.
    pub(super) series: Series,
    /// What is wrong with it.
    pub(super) fault: Fault,
}

/// The laboratory reports that went astray; documents that did are in the documents' table.
pub(super) static STRAYS: &[Stray] = &[
    Stray { series: once(JOERN, GENERAL, &panels::THYROID, 9), fault: Fault::UnknownReference("15260") },
    Stray { series: once(FATMA, GENERAL, &panels::SMALL_COUNT, 5), fault: Fault::WrongBirthDate },
    Stray { series: once(DARIUSH, CARDIOLOGY, &panels::KIDNEY, 7), fault: Fault::UnknownReference("11957") },
];
