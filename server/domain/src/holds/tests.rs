//! Nobody reads of a virus alone on a phone because somebody did not think of it; and a blood count waits for nobody.

use super::*;
use crate::{
    finding::{SourceFormat, Subject},
    kdl,
    observation::{Observation, Value},
    private::Private,
};

fn row(name: &str, loinc: Option<&str>) -> Observation {
    Observation {
        local_code: None,
        loinc: loinc.map(str::to_owned),
        name: Private::new(name.to_owned()),
        group: None,
        status: "final".into(),
        value: Value::Text(Private::new("negativ".into())),
        raw_text: Private::new("negativ".into()),
        flag: None,
        flag_raw: None,
        ranges: Vec::new(),
        effective_at: None,
        effective_date: None,
        method: None,
        specimen: None,
        comment: None,
    }
}

/// A laboratory report with these rows.
fn report(observations: Vec<Observation>) -> ReadFinding {
    ReadFinding {
        source_format: SourceFormat::FhirR4,
        class: kdl::find("LB120107").unwrap(),
        title: Private::new("Laborbefund".into()),
        author: None,
        note: None,
        subject: Subject::default(),
        clinical_date: None,
        issued_at: None,
        status: ReportStatus::Final,
        business_key: None,
        observations,
        embedded: None,
        retracts: false,
        warnings: Vec::new(),
        part: None,
    }
}

fn about(name: &str, loinc: Option<&str>) -> Vec<Topic> {
    topics(&report(vec![row("Leukozyten", Some("6690-2")), row(name, loinc)])).into_iter().collect()
}

#[test]
fn names_say_what_a_value_is_about_however_they_are_written() {
    let infections = [
        "HIV-1/2-Ak + p24-Ag",
        "HIV1 RNA quantitativ",
        "HBsAg",
        "HBs-Antigen",
        "Anti-HBc gesamt",
        "HCV-Ak",
        "Hepatitis-C-PCR",
        "Lues-Suchtest (TPHA)",
        "Treponema pallidum Ak",
        "Chlamydia trachomatis DNA",
        "HPV High Risk",
        "Frengi testi",
    ];
    for name in infections {
        assert_eq!(about(name, None), [Topic::Infections], "{name}");
    }
    for name in ["β-hCG", "HCG im Urin", "Schwangerschaftstest", "Gebelik testi"] {
        assert_eq!(about(name, None), [Topic::Pregnancy], "{name}");
    }
    for name in ["Drogenscreening", "Amphetamine i.U.", "THC", "Benzodiazepine"] {
        assert_eq!(about(name, None), [Topic::Drugs], "{name}");
    }
    assert_eq!(about("BRCA1", None), [Topic::Genetics]);
    assert_eq!(about("Zervixzytologie, Zytologischer Befund", None), [Topic::Pathology]);
}

#[test]
fn what_is_common_waits_for_nobody() {
    let common = [
        "Leukozyten",
        "Anti-HBs (Impftiter)",
        "Anti-HBs Antikörper",
        "Hämoglobin A1c",
        "Kreatinin",
        "TSH",
        "CRP",
        "Röteln-IgG",
        "Valproat",
        "Cholesterin",
        "Ferritin",
        "Methotrexat",
        "Thrombozyten",
        "Archivnummer",
    ];
    for name in common {
        assert_eq!(about(name, None), [], "{name}");
    }
}

#[test]
fn codes_say_it_without_a_name() {
    for (topic, codes) in CODES {
        for code in *codes {
            assert_eq!(about("?", Some(code)), [*topic], "{code}");
        }
    }
}

#[test]
fn a_code_stands_once_and_words_are_in_small_letters() {
    let codes: Vec<&str> = CODES.iter().flat_map(|(_, codes)| *codes).copied().collect();
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
    for word in WORDS.iter().flat_map(|(_, words)| *words) {
        assert_eq!(plain(word.trim_end()), format!(" {} ", word.trim_end()), "{word:?} would never be found");
    }
}

#[test]
fn what_the_report_says_of_itself_counts() {
    let plain = report(vec![row("Kalium", None)]);
    assert_eq!(topics(&plain), BTreeSet::new());
    assert_eq!(topics(&ReadFinding { status: ReportStatus::Preliminary, ..plain.clone() }), [Topic::NotFinal].into());
    let genes = ReadFinding { warnings: vec![Warning::Genetic, Warning::Confidential], ..plain.clone() };
    assert_eq!(topics(&genes), [Topic::Confidential, Topic::Genetics].into());
    let notified = ReadFinding { warnings: vec![Warning::Notifiable], ..plain.clone() };
    assert_eq!(topics(&notified), [Topic::Infections].into());
    let critical = Observation { flag: Some(Flag::CriticalHigh), ..row("Kalium", None) };
    assert_eq!(topics(&report(vec![critical])), [Topic::Critical].into());
    let tissue = ReadFinding { title: Private::new("Histologischer Befund".into()), ..plain };
    assert_eq!(topics(&tissue), [Topic::Pathology].into());
}

#[test]
fn what_no_timer_may_release_is_on_the_list() {
    let critical = Observation { flag: Some(Flag::CriticalLow), ..row("Kalium", None) };
    let plain = report(vec![row("Kalium", None)]);
    let all = [
        report(vec![critical]),
        ReadFinding { status: ReportStatus::Partial, ..plain.clone() },
        ReadFinding { warnings: vec![Warning::Confidential], ..plain.clone() },
        ReadFinding { warnings: vec![Warning::Genetic], ..plain },
    ];
    for read in all {
        assert!(
            crate::release::needs_a_person(&read) && HoldRules::default().days_for(&read, None) == Some(LONGEST_HOLD)
        );
    }
}

#[test]
fn a_practice_shortens_the_list_or_waits_with_everything() {
    let (virus, blood) = (report(vec![row("HIV", None)]), report(vec![row("Kalium", None)]));
    let days = |rules: &HoldRules| (rules.days_for(&virus, None), rules.days_for(&blood, None));
    let all = HoldRules::default();
    assert_eq!(days(&all), (Some(14), None));
    assert_eq!(days(&HoldRules { topics: [Topic::Critical].into(), ..all.clone() }), (None, None));
    assert_eq!(days(&HoldRules { days: 3, other_days: 2, ..all.clone() }), (Some(3), Some(2)));
    assert_eq!(days(&HoldRules { days: 1, other_days: 2, ..all.clone() }), (Some(2), Some(2)));
    assert_eq!((all.days_for(&virus, Some(0)), all.days_for(&blood, Some(5))), (None, Some(5)));
    for topic in Topic::ALL {
        assert_eq!(Topic::parse(topic.as_str()), Some(topic));
    }
}
