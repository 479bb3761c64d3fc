//! Letters and plans: doctor to doctor, hospital to practice, practice to patient.

use super::{
    people::{CARDIOLOGY, DARIUSH, FATMA, FINJA, GALINA, GENERAL, HEINZ, JOERN, KAETHE, KWAME, RANIA, YUSUF, ZBIGNIEW},
    sheets::{PLAIN, Sender, Sheet, SheetForm},
};

/// Every letter and plan.
pub(super) static LETTERS: &[Sheet] = &[
    Sheet {
        resident: FATMA,
        practice: CARDIOLOGY,
        class: "ED110104",
        title: "Arztbrief Kardiologie",
        paragraphs: &[
            "Diagnosen: koronare Herzkrankheit ohne behandlungsbedürftige Engstelle, Bluthochdruck, Diabetes mellitus Typ 2.",
            "Es besteht seit einigen Monaten Druck auf der Brust beim Treppensteigen. Blutdruck heute 148/86 mmHg, Puls 72/min.",
            "Empfehlung: Statin in hoher Dosis beginnen, Zielwert LDL unter 55 mg/dl. Blutdrucktabletten erhöhen.",
            "Kontrolle bei uns in sechs Monaten, bei Beschwerden in Ruhe sofort den Notruf 112 wählen.",
        ],
        note: Some("Bitte die neue Tablette abends nehmen. Fragen beantwortet auch der Gesundheitskiosk."),
        days_ago: &[949],
        ..PLAIN
    },
    Sheet {
        resident: FATMA,
        practice: CARDIOLOGY,
        class: "ED110104",
        title: "Arztbrief Kardiologie, Verlauf",
        paragraphs: &[
            "Keine Beschwerden unter Belastung. Blutdruck 132/78 mmHg. EKG und Ultraschall unverändert gut.",
            "Das LDL-Cholesterin ist deutlich gesunken. Die Behandlung wird unverändert fortgesetzt.",
        ],
        days_ago: &[719, 370, 33],
        ..PLAIN
    },
    Sheet {
        resident: FATMA,
        practice: GENERAL,
        class: "TH130107",
        title: "Medikationsplan",
        paragraphs: &[
            "Metformin 1000 mg: morgens 1, abends 1. Ramipril 5 mg: morgens 1.",
            "Atorvastatin 40 mg: abends 1. Acetylsalicylsäure 100 mg: morgens 1.",
            "Empagliflozin 10 mg: morgens 1. Bitte ausreichend trinken.",
        ],
        days_ago: &[700, 340, 96],
        ..PLAIN
    },
    Sheet {
        resident: FATMA,
        practice: GENERAL,
        class: "AD010109",
        title: "Augenärztlicher Befund bei Diabetes",
        sender: Sender::Hospital,
        paragraphs: &[
            "Netzhaut beidseits ohne Zeichen einer diabetischen Schädigung. Sehschärfe rechts 0,9, links 0,8.",
            "Kontrolle in einem Jahr.",
        ],
        days_ago: &[815, 452],
        ..PLAIN
    },
    Sheet {
        resident: DARIUSH,
        practice: CARDIOLOGY,
        class: "ED110104",
        title: "Arztbrief Kardiologie",
        paragraphs: &[
            "Diagnosen: dauerhaftes Vorhofflimmern, Bluthochdruck. Blutverdünnung mit Phenprocoumon, Ziel-INR 2 bis 3.",
            "Der Patient ist gut belastbar. Frequenz in Ruhe 78/min. Kein Hinweis auf eine Verschlechterung der Herzschwäche.",
            "Wir bitten um Fortführung der INR-Kontrollen in der Hausarztpraxis.",
        ],
        days_ago: &[1043, 552, 62],
        ..PLAIN
    },
    Sheet {
        resident: DARIUSH,
        practice: GENERAL,
        class: "AD010109",
        title: "Bericht: INR-Entgleisung",
        paragraphs: &[
            "Während einer Behandlung mit Clarithromycin stieg der INR auf über 5. Kleine Blutergüsse an den Unterarmen, sonst keine Blutung.",
            "Phenprocoumon wurde zwei Tage ausgesetzt, Vitamin K gegeben. INR danach 1,8, inzwischen wieder im Zielbereich.",
            "Bei Antibiotika künftig INR nach drei Tagen kontrollieren.",
        ],
        note: Some("Bitte vor jedem neuen Medikament sagen, dass Sie Blutverdünner nehmen."),
        days_ago: &[512],
        ..PLAIN
    },
    Sheet {
        resident: DARIUSH,
        practice: GENERAL,
        class: "TH130107",
        title: "Medikationsplan",
        paragraphs: &["Phenprocoumon 3 mg: nach INR-Ausweis. Bisoprolol 5 mg: morgens 1. Candesartan 8 mg: morgens 1."],
        days_ago: &[880, 508, 140],
        ..PLAIN
    },
    Sheet {
        resident: GALINA,
        practice: GENERAL,
        class: "ED110104",
        title: "Arztbrief Nephrologie",
        sender: Sender::Hospital,
        paragraphs: &[
            "Diagnosen: chronische Nierenkrankheit Stadium G4 A3 bei langjährigem Bluthochdruck, renale Anämie.",
            "Die Nierenfunktion hat weiter abgenommen. Kalium grenzwertig: Ernährungsberatung, Tabletten angepasst.",
            "Wir empfehlen Eisen, Vitamin D und die Vorstellung alle drei Monate. Der linke Arm sollte für Blutabnahmen geschont werden.",
        ],
        note: Some("Bitte Termin im Gesundheitskiosk für die Ernährungsberatung auf Russisch machen."),
        days_ago: &[296, 112],
        ..PLAIN
    },
    Sheet {
        resident: GALINA,
        practice: CARDIOLOGY,
        class: "ED110104",
        title: "Arztbrief Kardiologie",
        paragraphs: &[
            "Bluthochdruck mit Verdickung der Herzwand, Pumpfunktion gut (LVEF 60 %). Troponin stabil leicht erhöht bei Nierenkrankheit.",
            "Blutdruckziel unter 130/80 mmHg. Statin fortführen.",
        ],
        days_ago: &[685, 246],
        ..PLAIN
    },
    Sheet {
        resident: GALINA,
        practice: GENERAL,
        class: "TH130107",
        title: "Medikationsplan",
        paragraphs: &[
            "Candesartan 16 mg: morgens 1. Amlodipin 5 mg: abends 1. Torasemid 10 mg: morgens 1.",
            "Atorvastatin 20 mg: abends 1. Colecalciferol 20.000 IE: alle zwei Wochen 1.",
            "Bitte kein Ibuprofen oder Diclofenac einnehmen: schadet den Nieren.",
        ],
        days_ago: &[830, 420, 108],
        ..PLAIN
    },
    Sheet {
        resident: ZBIGNIEW,
        practice: CARDIOLOGY,
        class: "AD010115",
        title: "Entlassungsbrief nach Herzinfarkt",
        sender: Sender::Hospital,
        paragraphs: &[
            "Aufnahme mit starken Brustschmerzen. Diagnose: Vorderwandinfarkt. Sofortige Herzkatheter-Untersuchung, ein Stent in den Ramus interventricularis anterior.",
            "Verlauf ohne Komplikationen. LVEF bei Entlassung 42 %. Rauchstopp dringend empfohlen.",
            "Ticagrelor und Acetylsalicylsäure für zwölf Monate, Atorvastatin 80 mg, Bisoprolol, Ramipril. Anschlussheilbehandlung ist beantragt.",
        ],
        form: SheetForm::Isik,
        days_ago: &[682],
        ..PLAIN
    },
    Sheet {
        resident: ZBIGNIEW,
        practice: CARDIOLOGY,
        class: "ED110104",
        title: "Arztbrief Kardiologie, Verlauf",
        paragraphs: &[
            "Keine Angina pectoris. Blutdruck 126/76 mmHg. Pumpfunktion gebessert (LVEF 54 %).",
            "LDL im Zielbereich. Ticagrelor ist beendet, Acetylsalicylsäure dauerhaft weiter.",
        ],
        days_ago: &[588, 268, 31],
        ..PLAIN
    },
    Sheet {
        resident: ZBIGNIEW,
        practice: GENERAL,
        class: "PT080102",
        title: "Histologie nach Darmspiegelung",
        sender: Sender::Hospital,
        paragraphs: &[
            "Material: Polyp 6 mm aus dem Sigma, vollständig abgetragen.",
            "Befund: tubuläres Adenom mit geringgradiger Dysplasie. Kein Hinweis auf Krebs. Ränder frei.",
            "Empfehlung: Kontrolle der Darmspiegelung in fünf Jahren.",
        ],
        note: Some("Gute Nachricht: Der Polyp war gutartig und ist ganz entfernt."),
        days_ago: &[244],
        ..PLAIN
    },
    Sheet {
        resident: ZBIGNIEW,
        practice: GENERAL,
        class: "TH130107",
        title: "Medikationsplan",
        paragraphs: &[
            "Acetylsalicylsäure 100 mg: morgens 1. Atorvastatin 80 mg: abends 1. Ezetimib 10 mg: abends 1.",
            "Bisoprolol 2,5 mg: morgens 1. Ramipril 5 mg: morgens 1. Allopurinol 300 mg: mittags 1.",
        ],
        days_ago: &[340, 92],
        ..PLAIN
    },
    Sheet {
        resident: KAETHE,
        practice: CARDIOLOGY,
        class: "ED110104",
        title: "Arztbrief Kardiologie",
        paragraphs: &[
            "Diagnosen: Herzschwäche mit eingeschränkter Pumpfunktion (LVEF 38 %), Linksschenkelblock.",
            "Gewicht stabil, keine Beinödeme. Die Patientin versorgt sich mit Hilfe der Enkelin selbst.",
            "Empfehlung: Tabletten unverändert, tägliches Wiegen, Kontrolle in vier Monaten.",
        ],
        days_ago: &[1035, 639, 261],
        ..PLAIN
    },
    Sheet {
        resident: KAETHE,
        practice: GENERAL,
        class: "TH130107",
        title: "Medikationsplan",
        paragraphs: &[
            "Sacubitril/Valsartan 24/26 mg: morgens 1, abends 1. Bisoprolol 2,5 mg: morgens 1.",
            "Torasemid 10 mg: morgens 1. Spironolacton 25 mg: morgens eine halbe. Empagliflozin 10 mg: morgens 1.",
        ],
        days_ago: &[860, 285, 84],
        ..PLAIN
    },
    Sheet {
        resident: RANIA,
        practice: GENERAL,
        class: "AD010109",
        title: "Bericht der Frauenarztpraxis",
        sender: Sender::Gynaecology,
        paragraphs: &[
            "Zweite Ultraschalluntersuchung in der 21. Woche: zeitgerecht entwickeltes Kind, Herzschlag regelmäßig, Fruchtwasser normal.",
            "Placenta an der Hinterwand. Eisenpräparat weiter nehmen, Kontrolle des Blutbilds in vier Wochen.",
        ],
        note: Some("Ihrem Kind geht es gut."),
        days_ago: &[84],
        ..PLAIN
    },
    Sheet {
        resident: RANIA,
        practice: GENERAL,
        class: "TH130107",
        title: "Medikationsplan",
        paragraphs: &["Eisen(II)-sulfat 100 mg: morgens 1, nüchtern mit Saft. Folsäure/Jod: morgens 1."],
        days_ago: &[82],
        ..PLAIN
    },
    Sheet {
        resident: YUSUF,
        practice: GENERAL,
        class: "AD010109",
        title: "Vorsorgeuntersuchung vor der Schule",
        paragraphs: &[
            "Größe 112 cm, Gewicht 19,4 kg. Sehen und Hören altersgerecht. Sprache: zweisprachig, gut verständlich.",
            "Blässe durch Eisenmangel gebessert. Keine Bedenken gegen die Einschulung.",
        ],
        days_ago: &[576],
        ..PLAIN
    },
    Sheet {
        resident: FINJA,
        practice: GENERAL,
        class: "TH130107",
        title: "Medikationsplan",
        paragraphs: &["L-Thyroxin 75 µg: morgens 1, eine halbe Stunde vor dem Frühstück."],
        days_ago: &[886, 366],
        ..PLAIN
    },
    Sheet {
        resident: KWAME,
        practice: GENERAL,
        class: "AD010109",
        title: "Report of your health check (Bericht der Gesundheitsuntersuchung)",
        paragraphs: &[
            "Blutdruck 134/84 mmHg, Gewicht 91 kg bei 178 cm. Langzeitzucker leicht erhöht, Leberwerte leicht erhöht.",
            "Empfehlung: dreimal pro Woche 30 Minuten Bewegung, weniger gesüßte Getränke. Kurs im Gesundheitskiosk auf Englisch.",
            "Kontrolle in sechs Monaten.",
        ],
        days_ago: &[806, 186],
        ..PLAIN
    },
    Sheet {
        resident: JOERN,
        practice: GENERAL,
        class: "ED110104",
        title: "Arztbrief Neurologie",
        sender: Sender::Hospital,
        paragraphs: &[
            "Fokale Epilepsie, seit vier Monaten anfallsfrei. Ein Anfall im Zusammenhang mit vergessenen Tabletten.",
            "Valproat unverändert 2 x 600 mg. Wochendosierer empfohlen. Spiegel- und Blutbildkontrolle alle drei Monate.",
        ],
        note: Some("Bitte die Tabletten jeden Tag nehmen. Der Kasten für die Woche hilft dabei."),
        days_ago: &[452, 88],
        ..PLAIN
    },
    Sheet {
        resident: JOERN,
        practice: GENERAL,
        class: "TH130107",
        title: "Medikationsplan",
        paragraphs: &["Valproat retard 600 mg: morgens 1, abends 1. Colecalciferol 1.000 IE: morgens 1."],
        days_ago: &[1058, 540],
        ..PLAIN
    },
    Sheet {
        resident: HEINZ,
        practice: GENERAL,
        class: "TH130107",
        title: "Medikationsplan",
        paragraphs: &[
            "Tiotropium/Olodaterol: morgens 2 Hübe. Salbutamol: bei Atemnot 2 Hübe. Ramipril 2,5 mg: morgens 1.",
        ],
        days_ago: &[3],
        ..PLAIN
    },
];
