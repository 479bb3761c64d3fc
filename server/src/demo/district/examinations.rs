//! Reports of examinations that come as paper: ECG, ultrasound, X-ray, lung function, vaccinations.

use super::{
    people::{CARDIOLOGY, DARIUSH, FATMA, FINJA, GALINA, GENERAL, HEINZ, JOERN, KAETHE, KWAME, RANIA, YUSUF, ZBIGNIEW},
    schedule::Fault,
    sheets::{Fate, PLAIN, Sender, Sheet, SheetForm},
};

/// Every examination report.
pub(super) static EXAMINATIONS: &[Sheet] = &[
    Sheet {
        resident: FATMA,
        practice: CARDIOLOGY,
        class: "DG060111",
        title: "Ruhe-EKG",
        paragraphs: &[
            "Sinusrhythmus, Frequenz 72/min. Lagetyp: Linkstyp. PQ 168 ms, QRS 92 ms, QTc 418 ms.",
            "Keine Zeichen einer frischen Durchblutungsstörung. T-Negativierung in aVL, unverändert zum Vorbefund.",
            "Beurteilung: regelrechter Rhythmus, kein neuer Befund.",
        ],
        days_ago: &[954, 372, 38],
        ..PLAIN
    },
    Sheet {
        resident: DARIUSH,
        practice: CARDIOLOGY,
        class: "DG060111",
        title: "Ruhe-EKG",
        paragraphs: &[
            "Vorhofflimmern, mittlere Kammerfrequenz 78/min. Lagetyp: Indifferenztyp. QRS 96 ms.",
            "Keine Pausen über 2 Sekunden, keine Zeichen einer frischen Durchblutungsstörung.",
            "Beurteilung: bekanntes Vorhofflimmern, Frequenz gut eingestellt.",
        ],
        days_ago: &[1044, 555, 310, 64],
        ..PLAIN
    },
    Sheet {
        resident: DARIUSH,
        practice: CARDIOLOGY,
        class: "DG060111",
        title: "Langzeit-EKG über 24 Stunden",
        paragraphs: &[
            "Durchgehend Vorhofflimmern. Frequenz im Mittel 74/min, minimal 46/min (nachts), maximal 132/min (Treppe).",
            "412 einzelne Kammer-Extrasystolen, keine Salven. Längste Pause 1,9 Sekunden.",
            "Beurteilung: gute Frequenzkontrolle, keine Änderung der Tabletten nötig.",
        ],
        note: Some("Alles in Ordnung. Bitte die Tabletten weiter wie bisher nehmen."),
        form: SheetForm::Isik,
        days_ago: &[553],
        ..PLAIN
    },
    Sheet {
        resident: ZBIGNIEW,
        practice: CARDIOLOGY,
        class: "DG060111",
        title: "Belastungs-EKG",
        paragraphs: &[
            "Belastung bis 150 Watt, Abbruch wegen Ermüdung der Beine. Frequenz 68 auf 141/min, Blutdruck 128/78 auf 186/88 mmHg.",
            "Keine Brustschmerzen, keine neuen ST-Senkungen, keine Rhythmusstörungen.",
            "Beurteilung: gute Belastbarkeit, kein Hinweis auf eine Durchblutungsstörung des Herzens.",
        ],
        note: Some("Sehr guter Verlauf. Leichte Arbeit auf dem Bau ist möglich, schweres Heben noch nicht."),
        days_ago: &[590, 270, 34],
        ..PLAIN
    },
    Sheet {
        resident: KAETHE,
        practice: CARDIOLOGY,
        class: "DG060111",
        title: "Ruhe-EKG",
        paragraphs: &[
            "Sinusrhythmus, Frequenz 66/min. Linksschenkelblock (QRS 146 ms), bekannt.",
            "Beurteilung: unverändert zum Vorbefund.",
        ],
        days_ago: &[1039, 570, 88],
        ..PLAIN
    },
    Sheet {
        resident: FATMA,
        practice: CARDIOLOGY,
        class: "DG020111",
        title: "Ultraschall des Herzens",
        paragraphs: &[
            "Linke Kammer normal groß, Wanddicke 12 mm. Auswurfleistung (LVEF) 58 %. Keine regionalen Wandbewegungsstörungen.",
            "Geringe Mitralklappen-Undichtigkeit ohne Bedeutung. Rechtes Herz unauffällig, kein Erguss.",
            "Beurteilung: gute Pumpfunktion, leichte Verdickung der Herzwand bei Bluthochdruck.",
        ],
        form: SheetForm::Isik,
        days_ago: &[950, 371],
        ..PLAIN
    },
    Sheet {
        resident: ZBIGNIEW,
        practice: CARDIOLOGY,
        class: "DG020111",
        title: "Ultraschall des Herzens nach Infarkt",
        paragraphs: &[
            "Linke Kammer leicht vergrößert. Bewegungsarmut der Vorderwand nahe der Spitze. LVEF 48 %.",
            "Klappen unauffällig, kein Thrombus, kein Erguss.",
            "Beurteilung: leicht eingeschränkte Pumpfunktion nach Vorderwandinfarkt, Besserung gegenüber der Klinik (42 %).",
        ],
        form: SheetForm::Isik,
        days_ago: &[678],
        ..PLAIN
    },
    Sheet {
        resident: KAETHE,
        practice: CARDIOLOGY,
        class: "DG020111",
        title: "Ultraschall des Herzens",
        paragraphs: &[
            "Linke Kammer vergrößert, LVEF 38 %. Vorhöfe beidseits vergrößert. Mittelgradige Mitralklappen-Undichtigkeit.",
            "Schmaler Pleuraerguss rechts. Geschätzter Lungendruck 42 mmHg.",
            "Beurteilung: mittelgradig eingeschränkte Pumpfunktion, zum Vorjahr stabil.",
        ],
        note: Some("Bitte weiter jeden Morgen wiegen und bei zwei Kilo mehr in drei Tagen anrufen."),
        form: SheetForm::Isik,
        days_ago: &[1036, 640, 262],
        ..PLAIN
    },
    Sheet {
        resident: GALINA,
        practice: GENERAL,
        class: "DG020111",
        title: "Ultraschall der Nieren",
        paragraphs: &[
            "Nieren beidseits verkleinert (rechts 8,9 cm, links 9,1 cm), Rinde verschmälert und heller als die Leber.",
            "Kein Harnstau, keine Steine. Harnblase unauffällig.",
            "Beurteilung: Zeichen einer chronischen Nierenkrankheit beidseits.",
        ],
        days_ago: &[1064, 540, 118],
        ..PLAIN
    },
    Sheet {
        resident: KWAME,
        practice: GENERAL,
        class: "DG020111",
        title: "Ultraschall des Bauches",
        paragraphs: &[
            "Leber normal groß, verdichtet im Sinne einer leichten Verfettung. Gallenblase, Milz und Nieren unauffällig.",
            "Beurteilung: leichte Fettleber. Bewegung und weniger Zucker helfen; Kontrolle in einem Jahr.",
        ],
        note: Some("Keine Sorge: Das geht mit Bewegung und weniger Süßem meist wieder zurück."),
        days_ago: &[396],
        ..PLAIN
    },
    Sheet {
        resident: FINJA,
        practice: GENERAL,
        class: "DG020111",
        title: "Ultraschall der Schilddrüse",
        paragraphs: &[
            "Schilddrüse 9 ml, echoarm und unruhig im Sinne einer Autoimmunentzündung. Keine Knoten.",
            "Beurteilung: passend zu Hashimoto-Thyreoiditis, Kontrolle in einem Jahr.",
        ],
        days_ago: &[978, 428],
        ..PLAIN
    },
    Sheet {
        resident: KAETHE,
        practice: GENERAL,
        class: "DG020110",
        title: "Röntgen des Brustkorbs",
        sender: Sender::Radiology,
        paragraphs: &[
            "Fleckige Verschattung im rechten Unterfeld. Herz verbreitert, leichte Stauung. Schmaler Erguss rechts.",
            "Beurteilung: Lungenentzündung rechts unten. Kontrolle nach sechs Wochen empfohlen.",
        ],
        days_ago: &[309],
        ..PLAIN
    },
    Sheet {
        resident: KAETHE,
        practice: GENERAL,
        class: "DG020110",
        title: "Röntgen des Brustkorbs, Kontrolle",
        sender: Sender::Radiology,
        paragraphs: &[
            "Im Vergleich zur Voraufnahme vollständige Rückbildung der Verschattung. Herz weiterhin verbreitert.",
            "Beurteilung: Lungenentzündung ausgeheilt.",
        ],
        days_ago: &[264],
        ..PLAIN
    },
    Sheet {
        resident: ZBIGNIEW,
        practice: GENERAL,
        class: "DG020110",
        title: "Röntgen des rechten Vorfußes",
        sender: Sender::Radiology,
        paragraphs: &[
            "Kleine randständige Knochendefekte am Großzehengrundgelenk, Weichteilschwellung. Kein Bruch.",
            "Beurteilung: passend zu Gicht.",
        ],
        days_ago: &[402],
        ..PLAIN
    },
    Sheet {
        resident: JOERN,
        practice: GENERAL,
        class: "DG020107",
        title: "MRT des Kopfes",
        sender: Sender::Radiology,
        paragraphs: &[
            "Kein Hinweis auf Blutung, Raumforderung oder frische Durchblutungsstörung. Bekannte Narbe links temporal, unverändert.",
            "Beurteilung: kein neuer Befund.",
        ],
        note: Some("Das Bild vom Kopf ist in Ordnung. Es gibt nichts Neues."),
        days_ago: &[548],
        ..PLAIN
    },
    Sheet {
        resident: HEINZ,
        practice: CARDIOLOGY,
        class: "DG060108",
        title: "Lungenfunktion",
        paragraphs: &[
            "FEV1 1,42 l (51 % vom Soll), FVC 2,71 l (74 %), FEV1/FVC 52 %. Nach Bronchodilatation FEV1 1,51 l.",
            "Beurteilung: mittelgradige, nicht umkehrbare Verengung der Atemwege, passend zu COPD.",
        ],
        days_ago: &[4],
        ..PLAIN
    },
    Sheet {
        resident: YUSUF,
        practice: GENERAL,
        class: "AM160102",
        title: "Impfungen",
        paragraphs: &[
            "Verabreicht: Auffrischung Tetanus, Diphtherie, Keuchhusten (Schulalter). Charge DEMO-4711.",
            "Impfstatus nach den Empfehlungen vollständig.",
        ],
        days_ago: &[702],
        ..PLAIN
    },
    Sheet {
        resident: RANIA,
        practice: GENERAL,
        class: "AM160102",
        title: "Impfung gegen Keuchhusten in der Schwangerschaft",
        paragraphs: &[
            "Verabreicht: Tdap, Oberarm links. Charge DEMO-5120. Keine Sofortreaktion.",
            "Die Impfung schützt das Kind in den ersten Lebensmonaten.",
        ],
        note: Some("Der Arm darf zwei Tage wehtun. Bei Fieber bitte anrufen."),
        days_ago: &[26],
        ..PLAIN
    },
    Sheet {
        resident: KAETHE,
        practice: GENERAL,
        class: "AM160102",
        title: "Impfung gegen Grippe",
        paragraphs: &["Verabreicht: Grippe-Hochdosisimpfstoff, Oberarm rechts. Charge DEMO-6033. Gut vertragen."],
        days_ago: &[772, 410, 46],
        ..PLAIN
    },
    Sheet {
        resident: GALINA,
        practice: GENERAL,
        class: "AM160102",
        title: "Impfung gegen Hepatitis B",
        paragraphs: &["Verabreicht: Hepatitis B, angepasst an die Nierenkrankheit. Charge DEMO-5877. Gut vertragen."],
        days_ago: &[330, 300, 150],
        ..PLAIN
    },
    Sheet {
        resident: FATMA,
        practice: CARDIOLOGY,
        class: "DG020111",
        title: "Ultraschall der Halsschlagadern",
        paragraphs: &["Plaques beidseits ohne Einengung des Blutflusses."],
        days_ago: &[12],
        fate: Fate::Recalled("Der Bericht gehört zu einer anderen Person."),
        ..PLAIN
    },
    Sheet {
        resident: KAETHE,
        practice: CARDIOLOGY,
        class: "DG060111",
        title: "Ruhe-EKG",
        paragraphs: &["Sinusrhythmus, Frequenz 68/min. Linksschenkelblock, bekannt."],
        days_ago: &[11],
        fate: Fate::Astray(Fault::UnknownReference("K-2590")),
        ..PLAIN
    },
    Sheet {
        resident: YUSUF,
        practice: GENERAL,
        class: "AM160102",
        title: "Impfung gegen Grippe",
        paragraphs: &["Verabreicht: Grippe-Nasenspray-Impfstoff. Charge DEMO-6101. Gut vertragen."],
        form: SheetForm::Isik,
        days_ago: &[3],
        fate: Fate::Astray(Fault::WrongBirthDate),
        ..PLAIN
    },
];
