//! What the demo promises to everyone who builds on it.

use std::{collections::HashSet, sync::LazyLock};

use jiff::{Span, civil::date};
use nahraum_domain::kdl;
use serde_json::Value;

use super::*;

const SEED: u64 = 1;

fn today() -> Date {
    date(2026, 11, 22)
}

fn make(seed: u64) -> Vec<SeedUpload> {
    uploads(&DISTRICT, today(), seed).unwrap().map(Result::unwrap).collect()
}

/// Printing takes its time, so most tests share one district.
fn everything() -> &'static [SeedUpload] {
    static EVERYTHING: LazyLock<Vec<SeedUpload>> = LazyLock::new(|| make(SEED));
    &EVERYTHING
}

fn bytes(upload: &SeedUpload) -> &[u8] {
    match &upload.content {
        SeedContent::Fhir(bytes) | SeedContent::Document { bytes, .. } => bytes,
    }
}

fn resources(fhir: &Value) -> Vec<&Value> {
    let entries = fhir["entry"].as_array().into_iter().flatten().map(|entry| &entry["resource"]);
    let contained = fhir["contained"].as_array().into_iter().flatten();
    entries.chain(contained).chain([fhir]).collect()
}

fn of_kind<'f>(fhir: &'f Value, kind: &str) -> Vec<&'f Value> {
    resources(fhir).into_iter().filter(|resource| resource["resourceType"] == kind).collect()
}

/// Reference and birth date as the upload gives them.
fn subject(upload: &SeedUpload) -> (String, String) {
    match &upload.content {
        SeedContent::Document { metadata, .. } => (metadata.patient_reference.clone(), metadata.birth_date.to_string()),
        SeedContent::Fhir(bytes) => {
            let fhir: Value = serde_json::from_slice(bytes).unwrap();
            let patients = of_kind(&fhir, "Patient");
            assert_eq!(patients.len(), 1);
            let text = |value: &Value| String::from(value.as_str().unwrap());
            (text(&patients[0]["identifier"][0]["value"]), text(&patients[0]["birthDate"]))
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_one_does_not() {
    let (first, second) = (everything(), make(SEED));
    assert_eq!(first.len(), second.len());
    for (one, other) in first.iter().zip(&second) {
        assert_eq!((one.received_at, one.then, bytes(one)), (other.received_at, other.then, bytes(other)));
    }
    let stranger = uploads(&DISTRICT, today(), 2).unwrap().map(Result::unwrap);
    assert!(first.iter().zip(stranger).any(|(one, other)| bytes(one) != bytes(&other)));
}

#[test]
fn three_years_in_order_on_any_day() {
    for today in [today(), date(2026, 12, 27), date(2027, 3, 1), date(2028, 2, 29)] {
        let planned = plan::plan(&DISTRICT, today, SEED).unwrap();
        assert!((250..=350).contains(&planned.len()), "{}", planned.len());
        assert!(planned.is_sorted_by_key(|item| item.issued.timestamp()));
        for item in &planned {
            let day = item.issued.date();
            let days_ago = today.since(day).unwrap().get_days();
            assert!((1..=1095).contains(&days_ago), "{today} {day}");
            assert!(days_ago < item.to.registration.invited_days_ago, "{today} {day} {}", item.to.resident.given_name);
            if let plan::What::Report(report) = &item.what {
                assert!(report.sampled < item.issued);
            }
        }
    }
}

#[test]
fn a_district_of_two_practices_and_twelve_residents() {
    assert_eq!((DISTRICT.practices.len(), DISTRICT.residents.len()), (2, 12));
    let languages: HashSet<_> = DISTRICT.residents.iter().map(|r| r.language).collect();
    assert_eq!(languages, HashSet::from(["de", "de-simple", "en", "tr", "ar", "fa", "ru", "pl"]));
    let standing = |wanted| DISTRICT.residents.iter().filter(|r| r.standing == wanted).count();
    assert_eq!((standing(Standing::PaperConsent), standing(Standing::InvitedOnly)), (1, 1));
    let staff: Vec<_> = DISTRICT.staff().collect();
    assert!(staff.iter().all(|s| s.password.chars().count() >= 15));
    assert_eq!(staff.iter().map(|s| s.login).collect::<HashSet<_>>().len(), staff.len());
    let references: Vec<_> =
        DISTRICT.residents.iter().flat_map(|r| r.patients).map(|p| (p.practice, p.reference)).collect();
    assert_eq!(references.iter().collect::<HashSet<_>>().len(), references.len());
    assert!(DISTRICT.residents.iter().filter_map(|r| r.notice_address).all(|a| a.ends_with("@example.org")));
}

#[test]
fn pins_obey_the_rules_and_device_secrets_are_visibly_demo() {
    for resident in DISTRICT.residents {
        let digits: Vec<i32> = resident.pin.chars().map(|c| i32::try_from(c.to_digit(10).unwrap()).unwrap()).collect();
        assert_eq!(digits.len(), 6);
        let steps: HashSet<i32> = digits.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(steps.len() > 1, "equal or straight: {}", resident.pin);
        assert!(digits[..3] != digits[3..] && (digits[..2] != digits[2..4] || digits[2..4] != digits[4..]));
        let born = resident.birth_date;
        for form in ["%d%m%y", "%y%m%d", "%m%d%y", "%m%Y", "%Y%m"] {
            assert_ne!(born.strftime(form).to_string(), resident.pin);
        }
        assert_eq!(resident.device_secret.len(), 32);
        assert!(resident.device_secret.starts_with("de30babade30"));
        assert!(resident.device_secret.bytes().all(|b| b.is_ascii_hexdigit()));
    }
    let pins: HashSet<_> = DISTRICT.residents.iter().flat_map(|r| [r.pin, r.device_secret]).collect();
    assert_eq!(pins.len(), 24);
}

#[test]
fn every_file_is_sound_and_every_class_known() {
    for upload in everything() {
        match &upload.content {
            SeedContent::Document { metadata, media_type, bytes } => {
                assert_eq!(*media_type, MediaType::Pdf);
                assert!(bytes.starts_with(b"%PDF"));
                assert!(kdl::find(metadata.class).is_some(), "{}", metadata.class);
            }
            SeedContent::Fhir(bytes) => {
                let fhir: Value = serde_json::from_slice(bytes).unwrap();
                assert_eq!(of_kind(&fhir, "Patient").len(), 1);
                let findings = of_kind(&fhir, "DiagnosticReport").len() + of_kind(&fhir, "DocumentReference").len();
                assert_eq!(findings, 1);
                for document in of_kind(&fhir, "DocumentReference") {
                    assert!(kdl::find(document["type"]["coding"][0]["code"].as_str().unwrap()).is_some());
                }
            }
        }
    }
}

fn number(value: &Value) -> Option<f64> {
    value.as_number().map(|n| n.to_string().parse().unwrap())
}

#[test]
fn flags_agree_with_ranges_and_numbers_have_their_usual_precision() {
    let (mut checked, mut outside, mut compared) = (0, 0, 0);
    for upload in everything() {
        let SeedContent::Fhir(bytes) = &upload.content else { continue };
        let fhir: Value = serde_json::from_slice(bytes).unwrap();
        for observation in of_kind(&fhir, "Observation") {
            let quantity = &observation["valueQuantity"];
            let Some(value) = number(&quantity["value"]) else { continue };
            assert!(value.is_finite() && value >= 0.0, "{observation}");
            let range = &observation["referenceRange"][0];
            let below = number(&range["low"]["value"]).is_some_and(|low| value < low);
            let above = number(&range["high"]["value"]).is_some_and(|high| value > high);
            let flag = observation["interpretation"][0]["coding"][0]["code"].as_str().unwrap();
            let expected: &[&str] = match (below, above) {
                (true, _) => &["L", "LL"],
                (_, true) => &["H", "HH"],
                (false, false) => &["N"],
            };
            assert!(expected.contains(&flag), "{observation}");
            let decimals =
                |value: &Value| value.as_number().unwrap().to_string().split_once('.').map_or(0, |p| p.1.len());
            for side in ["low", "high"].into_iter().filter(|side| range[side].is_object()) {
                assert_eq!(decimals(&quantity["value"]), decimals(&range[side]["value"]));
            }
            checked += 1;
            outside += i32::from(flag != "N");
            compared += i32::from(quantity["comparator"].is_string());
        }
    }
    assert!(checked > 1200 && outside > 300 && compared > 10, "{checked} {outside} {compared}");
}

#[test]
fn computed_values_stand_after_what_they_come_from_and_tables_agree() {
    let keys: HashSet<_> = analytes::all().map(|a| a.key).collect();
    assert_eq!(keys.len(), analytes::all().count());
    assert!(courses::COURSES.iter().all(|course| keys.contains(course.key)));
    for item in plan::plan(&DISTRICT, today(), SEED).unwrap() {
        let plan::What::Report(report) = &item.what else { continue };
        for reading in measure::readings(&item.to, report, SEED).unwrap() {
            if let measure::Outcome::Number { digits, .. } = &reading.result {
                assert!(digits.parse::<f64>().unwrap().is_finite(), "{} {}", report.panel.title, reading.analyte.key);
            }
        }
    }
}

#[test]
fn corrections_keep_the_number_and_come_later() {
    let mut corrected = 0;
    let mut seen = Vec::new();
    for upload in everything() {
        let SeedContent::Fhir(bytes) = &upload.content else { continue };
        let fhir: Value = serde_json::from_slice(bytes).unwrap();
        let Some(report) = of_kind(&fhir, "DiagnosticReport").first().copied() else { continue };
        let name = report["identifier"][0]["value"].clone();
        if report["status"] == "corrected" {
            corrected += 1;
            assert!(seen.contains(&name));
            assert!(of_kind(&fhir, "Observation").iter().any(|o| o["status"] == "corrected"));
        } else {
            assert!(!seen.contains(&name), "{name} is given twice");
        }
        seen.push(name);
    }
    assert_eq!(corrected, schedule::CORRECTIONS.len());
}

#[test]
fn the_unclear_ones_are_unclear_and_all_others_are_not() {
    let mut unclear = 0;
    let mut recalled = 0;
    for upload in everything() {
        let (reference, born) = subject(upload);
        let patient = DISTRICT.residents.iter().find(|r| {
            r.birth_date.to_string() == born
                && r.patients.iter().any(|p| p.practice == upload.practice && p.reference == reference)
        });
        recalled += i32::from(matches!(upload.then, SeedAfter::Recall { .. }));
        match patient {
            None => {
                unclear += 1;
                assert_eq!(upload.then, SeedAfter::Nothing);
                assert!(
                    upload.received_at
                        > today()
                            .checked_sub(Span::new().days(25))
                            .unwrap()
                            .to_zoned(jiff::tz::TimeZone::UTC)
                            .unwrap()
                            .timestamp()
                );
            }
            Some(patient) if patient.standing == Standing::Activated => {}
            Some(patient) => assert_eq!((patient.standing, upload.then), (Standing::PaperConsent, SeedAfter::Nothing)),
        }
    }
    assert_eq!((unclear, recalled), (5, 1));
}
