//! What every part of a decision becomes in FHIR, and what never stands in it.

use std::collections::BTreeSet;

use nahraum_domain::ids::{ConsentId, FindingId, PracticeId, StaffId};

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

fn rule() -> Rule {
    Rule {
        id: ConsentId::from_bytes([1; 16]),
        effect: Effect::Permit,
        recipient: Recipient::Organisation(OrganisationId::from_bytes([2; 16])),
        purpose: Purpose::Treatment,
        data: Data::default(),
        rights: Rights::default(),
        period: Period { from: at(0), until: Some(at(86_400)) },
        ended_at: None,
        representation: None,
    }
}

fn granted() -> [Event; 1] {
    [Event { kind: EventKind::Granted, at: at(0), recorded_at: at(1), in_place: false }]
}

fn written(standing: Standing, events: &[Event], decided: Decided<'_>) -> Json {
    let export = ConsentExport {
        id: [1; 16],
        resident: [9; 16],
        kept_by: "https://nahraum.example",
        standing,
        events,
        decided,
        shown: None,
        evidence: &[],
    };
    serde_json::from_slice(&fhir_consent(&export)).unwrap()
}

fn of(rule: &Rule) -> Json {
    written(Standing::Granted, &granted(), Decided::Rule(rule, Some("Praxis am Markt")))["provision"]["provision"][0]
        .clone()
}

fn codes(list: &Json) -> Vec<&str> {
    let concepts = list.as_array().unwrap().iter();
    concepts.map(|one| one["coding"][0]["code"].as_str().or(one["code"].as_str()).unwrap()).collect()
}

/// Cardinalities and bindings of R4, and its rules ppc-1 (a policy or a policy rule) and ppc-2 (a patient).
#[test]
fn what_r4_demands_is_there_and_the_default_is_no() {
    let consent = written(Standing::Granted, &granted(), Decided::Rule(&rule(), None));
    assert_eq!((&consent["resourceType"], &consent["status"]), (&json!("Consent"), &json!("active")));
    assert_eq!(consent["scope"]["coding"][0]["code"], "patient-privacy");
    assert_eq!(codes(&consent["category"]), ["59284-0", "IDSCL"]);
    assert_eq!(consent["patient"]["identifier"]["value"], "urn:uuid:09090909-0909-0909-0909-090909090909");
    assert_eq!(consent["policyRule"]["coding"][0]["code"], "OPTOUT");
    assert!(consent["provision"]["type"].is_null(), "not permitted in the root");
    assert_eq!(consent["dateTime"], at(0).to_string());
    assert_eq!(consent["meta"]["lastUpdated"], at(1).to_string());
    assert!(consent["patient"]["display"].is_null() && consent["patient"]["reference"].is_null());
}

#[test]
fn each_standing_has_its_status() {
    for (standing, status) in [
        (Standing::NotAsked, "draft"),
        (Standing::Asked, "proposed"),
        (Standing::Granted, "active"),
        (Standing::Refused, "rejected"),
        (Standing::Withdrawn, "inactive"),
        (Standing::Expired, "inactive"),
        (Standing::Corrected, "entered-in-error"),
    ] {
        assert_eq!(written(standing, &granted(), Decided::Rule(&rule(), None))["status"], status);
    }
}

#[test]
fn a_permission_says_who_what_for_and_until_when() {
    let provision = of(&rule());
    assert_eq!(provision["type"], "permit");
    assert_eq!(provision["period"], json!({"start": at(0).to_string(), "end": at(86_400).to_string()}));
    let actor = &provision["actor"][0];
    assert_eq!(actor["role"]["coding"][0]["code"], "IRCP");
    assert_eq!(
        (&actor["reference"]["type"], &actor["reference"]["display"]),
        (&json!("Organization"), &json!("Praxis am Markt"))
    );
    assert_eq!(codes(&provision["action"]), ["access"]);
    assert_eq!(codes(&provision["purpose"]), ["TREAT", "treatment"]);
    assert_eq!(codes(&provision["securityLabel"]), ["N"]);
    for absent in ["data", "code", "dataPeriod"] {
        assert!(provision[absent].is_null(), "all findings: {absent}");
    }
    let more = of(&Rule { rights: Rights { download: true, pass_on: true }, ..rule() });
    assert_eq!(codes(&more["action"]), ["access", "collect", "disclose"]);
}

#[test]
fn every_purpose_has_a_code_of_the_standard() {
    let standard = |purpose| of(&Rule { purpose, ..rule() })["purpose"][0]["code"].as_str().unwrap().to_owned();
    assert_eq!(Purpose::ALL.map(standard), ["TREAT", "PATRQT", "SUPNWK", "PATRQT", "ETREAT"]);
}

#[test]
fn the_findings_are_named_by_reference_kind_author_and_day() {
    let finding = FindingId::from_bytes([3; 16]);
    let data = Data {
        documents: Some(BTreeSet::from([finding])),
        kinds: Some(BTreeSet::from(["laboratory"])),
        authors: Some(BTreeSet::from([PracticeId::from_bytes([4; 16])])),
        from: Some("2026-01-01".parse().unwrap()),
        to: None,
        sensitive: false,
    };
    let provision = of(&Rule { data, ..rule() });
    let named = &provision["data"];
    assert_eq!((&named[0]["meaning"], &named[1]["meaning"]), (&json!("instance"), &json!("authoredby")));
    assert_eq!(named[0]["reference"]["identifier"]["value"], format!("urn:uuid:{finding}"));
    assert_eq!(codes(&provision["code"]), ["laboratory"]);
    assert_eq!(provision["dataPeriod"], json!({"start": "2026-01-01"}));
    // Who names a delicate finding means it.
    assert_eq!(codes(&provision["securityLabel"]), ["N", "R"]);
}

#[test]
fn a_denial_closes_everything_to_whom_it_is_for() {
    let everyone = of(&Rule { effect: Effect::Deny, recipient: Recipient::Everyone, ..rule() });
    assert_eq!(everyone["type"], "deny");
    assert!(everyone["actor"].is_null() && everyone["purpose"].is_null() && everyone["securityLabel"].is_null());
    assert_eq!(codes(&everyone["action"]), ["access", "collect", "disclose"]);
    let person = Recipient::Person(StaffId::from_bytes([5; 16]));
    let one = of(&Rule { effect: Effect::Deny, recipient: person, ..rule() });
    assert_eq!(one["actor"][0]["reference"]["type"], "Practitioner");
}

/// What was planned is not what happened.
#[test]
fn a_rule_that_was_taken_back_ended_then() {
    assert_eq!(of(&Rule { ended_at: Some(at(60)), ..rule() })["period"]["end"], at(60).to_string());
    let open = Period { from: at(0), until: None };
    assert_eq!(of(&Rule { period: open, ended_at: Some(at(60)), ..rule() })["period"]["end"], at(60).to_string());
    assert!(of(&Rule { period: open, ..rule() })["period"]["end"].is_null());
}

#[test]
fn a_consent_names_its_text_and_its_history() {
    let text = AgreedTo { purpose: "base", version: 3, language: "tr", sha256: "abc" };
    let events = [
        Event { kind: EventKind::Granted, at: at(0), recorded_at: at(0), in_place: false },
        Event { kind: EventKind::Withdrawn, at: at(9), recorded_at: at(9), in_place: false },
    ];
    let consent = written(Standing::Withdrawn, &events, Decided::Text(text));
    assert_eq!(consent["policy"][0]["uri"], "https://nahraum.example/v1/consent-texts/base?lang=tr&version=3");
    assert_eq!(codes(&consent["category"]), ["59284-0", "ICOL"]);
    let kinds: Vec<&Json> = (0..2).map(|n| &consent["extension"][n]["extension"][0]["valueCode"]).collect();
    assert_eq!(kinds, ["granted", "withdrawn"]);
    assert_eq!(consent["extension"][2]["extension"][1]["valueString"], "abc");
}
