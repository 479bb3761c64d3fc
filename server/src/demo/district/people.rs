//! The people and places of the demo district Lerchenbrook. Everyone and everything here is invented.

use jiff::civil::date;

use super::{District, Office, Practice, Registration, Resident, Sex, StaffLogin, Standing, UploadCredential};

/// The general practice's place in [`District::practices`].
pub(super) const GENERAL: usize = 0;
/// The cardiology practice's place in [`District::practices`].
pub(super) const CARDIOLOGY: usize = 1;

/// Who signs for the general practice.
pub(super) const HARMSDORF: &str = "Dr. med. Wiebke Harmsdorf";
/// Who signs for the cardiology practice.
pub(super) const BROOKMANN: &str = "Dr. med. Hauke Brookmann";

// Places in `District::residents`.
pub(super) const YUSUF: usize = 0;
pub(super) const RANIA: usize = 1;
pub(super) const FINJA: usize = 2;
pub(super) const KWAME: usize = 3;
pub(super) const JOERN: usize = 4;
pub(super) const FATMA: usize = 5;
pub(super) const DARIUSH: usize = 6;
pub(super) const GALINA: usize = 7;
pub(super) const ZBIGNIEW: usize = 8;
pub(super) const KAETHE: usize = 9;
pub(super) const HEINZ: usize = 10;
// The twelfth is invited and has no findings.

/// The district of the demo.
pub(crate) static DISTRICT: District =
    District { quarter: "Lerchenbrook", practices: PRACTICES, kiosk: KIOSK, office: OFFICE, residents: RESIDENTS };

const PRACTICES: &[Practice] = &[
    Practice {
        name: "Hausarztpraxis am Lerchenplatz",
        specialty: "Allgemeinmedizin",
        address: "Lerchenplatz 4, 00000 Lerchenbrook",
        contact: "Telefon 0000 555-010",
        staff: &[
            StaffLogin {
                login: "harmsdorf",
                display_name: HARMSDORF,
                duty: "Ärztin",
                password: "demo-lerche-zwitschert-morgens",
            },
            StaffLogin {
                login: "sarigoez",
                display_name: "Emre Sarıgöz",
                duty: "Anmeldung",
                password: "demo-tulpen-am-fensterbrett",
            },
        ],
        upload_credential: UploadCredential { label: "Praxissoftware am Lerchenplatz" },
    },
    Practice {
        name: "Herzpraxis Lerchenbrook",
        specialty: "Innere Medizin und Kardiologie",
        address: "Am Brookufer 17, 00000 Lerchenbrook",
        contact: "Telefon 0000 555-020",
        staff: &[
            StaffLogin {
                login: "brookmann",
                display_name: BROOKMANN,
                duty: "Arzt",
                password: "demo-ruderboot-im-schilf",
            },
            StaffLogin {
                login: "tehrani",
                display_name: "Samira Tehrani-Voss",
                duty: "Medizinische Fachangestellte",
                password: "demo-quittengelee-im-glas",
            },
        ],
        upload_credential: UploadCredential { label: "Praxissoftware der Herzpraxis" },
    },
];

const KIOSK: Office = Office {
    name: "Gesundheitskiosk Lerchenbrook",
    staff: &[StaffLogin {
        login: "wulf",
        display_name: "Nadeschda Wulf",
        duty: "Beratung (Deutsch, Russisch, Polnisch)",
        password: "demo-teekanne-mit-samowar",
    }],
};

const OFFICE: Office = Office {
    name: "Bezirksamt Lerchenbrook",
    staff: &[StaffLogin {
        login: "petersen",
        display_name: "Maike Petersen",
        duty: "veröffentlicht Einwilligungstexte",
        password: "demo-stempelkissen-und-siegel",
    }],
};

const fn at_general(reference: &'static str, invited_days_ago: i32) -> Registration {
    Registration { practice: GENERAL, reference, invited_days_ago }
}

const fn at_cardiology(reference: &'static str, invited_days_ago: i32) -> Registration {
    Registration { practice: CARDIOLOGY, reference, invited_days_ago }
}

const RESIDENTS: &[Resident] = &[
    Resident {
        family_name: "al-Khatib",
        given_name: "Yusuf",
        sex: Sex::Male,
        birth_date: date(2019, 4, 16),
        language: "de",
        story: "Schulkind, Allergien und Infekte",
        phone: "auf dem Telefon der Mutter Rania",
        patients: &[at_general("21044", 790)],
        standing: Standing::Activated,
        pin: "407193",
        device_secret: "de30babade30babade30babade300001",
        notice_address: Some("familie.al-khatib@example.org"),
    },
    Resident {
        family_name: "al-Khatib",
        given_name: "Rania",
        sex: Sex::Female,
        birth_date: date(1995, 8, 3),
        language: "ar",
        story: "schwanger in der 33. Woche, Eisenmangel",
        phone: "eigenes Telefon, von der Familie mitbenutzt",
        patients: &[at_general("20871", 1040)],
        standing: Standing::Activated,
        pin: "628405",
        device_secret: "de30babade30babade30babade300002",
        notice_address: Some("familie.al-khatib@example.org"),
    },
    Resident {
        family_name: "Brandhorst",
        given_name: "Finja",
        sex: Sex::Female,
        birth_date: date(2010, 9, 2),
        language: "de",
        story: "Jugendliche, Unterfunktion der Schilddrüse",
        phone: "eigenes Telefon",
        patients: &[at_general("19530", 1005)],
        standing: Standing::Activated,
        pin: "915270",
        device_secret: "de30babade30babade30babade300003",
        notice_address: None,
    },
    Resident {
        family_name: "Asante-Boadi",
        given_name: "Kwame",
        sex: Sex::Male,
        birth_date: date(1988, 3, 7),
        language: "en",
        story: "Lagerist, Vorstufe von Diabetes, Vitamin-D-Mangel",
        phone: "eigenes Telefon",
        patients: &[at_general("22310", 830)],
        standing: Standing::Activated,
        pin: "360816",
        device_secret: "de30babade30babade30babade300004",
        notice_address: Some("kwame.asante-boadi@example.org"),
    },
    Resident {
        family_name: "Petersohn",
        given_name: "Jörn",
        sex: Sex::Male,
        birth_date: date(1979, 12, 19),
        language: "de-simple",
        story: "arbeitet in einer Werkstatt, Epilepsie unter Valproat",
        phone: "eigenes Telefon, Betreuerin hilft",
        patients: &[at_general("15206", 1070)],
        standing: Standing::Activated,
        pin: "284610",
        device_secret: "de30babade30babade30babade300005",
        notice_address: Some("joern.petersohn@example.org"),
    },
    Resident {
        family_name: "Yıldızhan",
        given_name: "Fatma",
        sex: Sex::Female,
        birth_date: date(1961, 5, 28),
        language: "tr",
        story: "Diabetes Typ 2, koronare Herzkrankheit",
        phone: "eigenes Telefon",
        patients: &[at_general("10482", 1088), at_cardiology("K-3107", 980)],
        standing: Standing::Activated,
        pin: "751938",
        device_secret: "de30babade30babade30babade300006",
        notice_address: Some("fatma.yildizhan@example.org"),
    },
    Resident {
        family_name: "Rahmanpour",
        given_name: "Dariush",
        sex: Sex::Male,
        birth_date: date(1958, 10, 11),
        language: "fa",
        story: "Vorhofflimmern, Blutverdünnung mit Phenprocoumon",
        phone: "eigenes Telefon",
        patients: &[at_general("11957", 1085), at_cardiology("K-2874", 1060)],
        standing: Standing::Activated,
        pin: "139527",
        device_secret: "de30babade30babade30babade300007",
        notice_address: Some("dariush.rahmanpour@example.org"),
    },
    Resident {
        family_name: "Sokolowa",
        given_name: "Galina",
        sex: Sex::Female,
        birth_date: date(1954, 1, 22),
        language: "ru",
        story: "chronische Nierenkrankheit, Bluthochdruck",
        phone: "eigenes Telefon",
        patients: &[at_general("09318", 1080), at_cardiology("K-3340", 700)],
        standing: Standing::Activated,
        pin: "806241",
        device_secret: "de30babade30babade30babade300008",
        notice_address: None,
    },
    Resident {
        family_name: "Wrzosek",
        given_name: "Zbigniew",
        sex: Sex::Male,
        birth_date: date(1967, 7, 14),
        language: "pl",
        story: "Maurer, Herzinfarkt vor zwei Jahren, Gicht",
        phone: "eigenes Telefon",
        patients: &[at_general("13765", 1010), at_cardiology("K-3391", 690)],
        standing: Standing::Activated,
        pin: "492057",
        device_secret: "de30babade30babade30babade300009",
        notice_address: Some("zbigniew.wrzosek@example.org"),
    },
    Resident {
        family_name: "Wulfhagen",
        given_name: "Käthe",
        sex: Sex::Female,
        birth_date: date(1935, 2, 11),
        language: "de",
        story: "91 Jahre, Herzschwäche, lebt allein",
        phone: "Tablet, das die Enkelin eingerichtet hat",
        patients: &[at_general("04127", 1075), at_cardiology("K-2509", 1050)],
        standing: Standing::Activated,
        pin: "573068",
        device_secret: "de30babade30babade30babade300010",
        notice_address: Some("enkelin.wulfhagen@example.org"),
    },
    Resident {
        family_name: "Möhring",
        given_name: "Heinz-Dieter",
        sex: Sex::Male,
        birth_date: date(1946, 6, 5),
        language: "de",
        story: "COPD, hat auf Papier eingewilligt und noch nicht freigeschaltet",
        phone: "noch keines eingerichtet",
        patients: &[at_general("23018", 12), at_cardiology("K-3502", 10)],
        standing: Standing::PaperConsent,
        pin: "618324",
        device_secret: "de30babade30babade30babade300011",
        notice_address: None,
    },
    Resident {
        family_name: "Ionescu-Pop",
        given_name: "Mirela",
        sex: Sex::Female,
        birth_date: date(1990, 11, 30),
        language: "en",
        story: "neu in der Praxis, eingeladen, noch keine Einwilligung",
        phone: "noch keines eingerichtet",
        patients: &[at_general("23051", 4)],
        standing: Standing::InvitedOnly,
        pin: "270945",
        device_secret: "de30babade30babade30babade300012",
        notice_address: None,
    },
];
