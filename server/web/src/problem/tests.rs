//! The map from refusals to problems: complete, without doubles, and with what each status owes.

use std::collections::HashSet;

use actix_web::body::to_bytes;
use nahraum_app::{Fault, Objection, Refusal};
use nahraum_domain::activation::InvitationState;
use serde_json::{Value, json};

use super::*;

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn reader(language: Option<Language>) -> Reader {
    Reader { language, request_id: "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a88".to_owned(), now: Some(second(1_000)) }
}

fn answer(refusal: Refusal) -> HttpResponse {
    Failure::from(refusal).answer(&reader(Some(Language::En)))
}

async fn body(answer: HttpResponse) -> Value {
    serde_json::from_slice(&to_bytes(answer.into_body()).await.unwrap()).unwrap()
}

/// Every refusal once, with the status it must have. The map itself is exhaustive by the compiler.
fn refusals() -> Vec<(Refusal, u16)> {
    vec![
        (Refusal::NotSignedIn, 401),
        (Refusal::Forbidden, 403),
        (Refusal::NotFound, 404),
        (Refusal::SignInFailed, 401),
        (Refusal::TryLater(second(1_090)), 429),
        (Refusal::ActivationFailed, 403),
        (Refusal::CodeFailed, 403),
        (Refusal::WrongNumber, 422),
        (Refusal::NothingToConfirm, 409),
        (Refusal::ConfirmationBlocked, 409),
        (Refusal::TooManyDevices, 409),
        (Refusal::RecipientBlocked, 409),
        (Refusal::TooManyRules, 409),
        (Refusal::ConsentTextUnknown, 422),
        (Refusal::NotNextVersion, 409),
        (Refusal::ConsentMissing, 403),
        (Refusal::StateConflict, 409),
        (Refusal::BirthDateDiffers, 409),
        (Refusal::InvitationBlocked(second(2_000)), 409),
        (Refusal::InvitationNotOpen(InvitationState::Used), 409),
        (Refusal::ReplacesOtherPatient, 409),
        (Refusal::OlderVersion, 409),
        (Refusal::NothingToWithdraw, 422),
        (Refusal::NoDocument, 404),
        (Refusal::Recalled, 410),
        (Refusal::IdempotencyKeyReused, 422),
        (Refusal::IdempotencyKeyMissing, 400),
        (Refusal::invalid("/pin", "weak-pin", "Zu einfach."), 422),
        (Refusal::TooLarge { limit: 10 }, 413),
        (Refusal::Overloaded { retry_after_seconds: 3 }, 503),
        (Refusal::Objection(Objection::TooDemanding), 422),
        (Refusal::Objection(Objection::Malware), 422),
        (Refusal::Objection(Objection::Unavailable), 503),
        (Refusal::StorageFull, 507),
        (Refusal::Internal, 500),
    ]
}

#[actix_web::test]
async fn every_refusal_has_its_status_and_document() {
    for (refusal, status) in refusals() {
        let answer = answer(refusal.clone());
        assert_eq!(answer.status().as_u16(), status, "{refusal:?}");
        assert_eq!(answer.headers().get(header::CONTENT_TYPE).unwrap(), MEDIA_TYPE);
        assert_eq!(answer.headers().contains_key(header::WWW_AUTHENTICATE), status == 401, "{refusal:?}");
        assert_eq!(
            refusal != Refusal::Internal,
            Failure::from(refusal.clone()).code() != INTERNAL.code,
            "{refusal:?} is on the list"
        );
        let document = body(answer).await;
        assert_eq!(document["status"], json!(status));
        assert_eq!(document["type"], json!(format!("/problems/{}", document["code"].as_str().unwrap())));
        assert_eq!(document["request_id"], json!("019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a88"));
    }
}

/// This floor does not know the crate that reads files, and must know its codes.
#[test]
fn every_code_of_the_reader_of_files_is_on_the_list() {
    let source = include_str!("../../../formats/src/refusal.rs");
    let (_, codes) = source.split_once("pub const CODES: &'static [&'static str] = &[").unwrap();
    let (codes, _) = codes.split_once("];").unwrap();
    let codes: Vec<&str> = codes.split('"').skip(1).step_by(2).collect();
    assert!(codes.len() >= 40, "{codes:?}");
    for code in codes {
        assert!(kind(code).is_some(), "{code}");
    }
}

#[test]
fn a_file_that_cannot_be_read_has_its_place() {
    use refusals::{place, unreadable};
    assert_eq!(place(Some("/entry/0"), Some(3), None).as_deref(), Some("/entry/0"));
    assert_eq!(place(None, Some(3), Some(7)).as_deref(), Some("3:7"));
    assert_eq!(place(None, Some(3), None).as_deref(), Some("3:1"));
    assert_eq!(place(None, None, Some(7)), None);
    let words = || Words::new("The end is missing.", "Das Ende fehlt.");
    let told = unreadable(Failure::of("fhir-truncated"), "fhir-truncated", Some("3:7".to_owned()), words);
    let document = told.document(&reader(None));
    assert_eq!((document.status, document.detail.as_deref()), (422, Some("Das Ende fehlt.")));
    assert_eq!((&*document.errors[0].pointer, &*document.errors[0].code), ("3:7", "fhir-truncated"));
}

#[test]
fn the_list_has_no_doubles_and_no_gaps() {
    let mut seen = HashSet::new();
    for kind in kinds::all() {
        assert!(seen.insert(kind.code), "{} is there twice", kind.code);
        assert!(kind.code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{}", kind.code);
        assert!((400..600).contains(&kind.status), "{}", kind.code);
        for sentence in [kind.title_en, kind.title_de, kind.meaning_en, kind.what_to_do_en] {
            assert!(sentence.ends_with('.') && sentence.len() > 10, "{}: {sentence}", kind.code);
        }
    }
}

#[test]
fn waiting_is_told_in_whole_seconds() {
    let retry_after = |refusal| answer(refusal).headers().get(header::RETRY_AFTER).cloned();
    assert_eq!(retry_after(Refusal::TryLater(second(1_090))).unwrap(), "90");
    assert_eq!(retry_after(Refusal::TryLater(Timestamp::new(1_000, 1).unwrap())).unwrap(), "1");
    assert_eq!(retry_after(Refusal::TryLater(second(10))).unwrap(), "1");
    assert_eq!(retry_after(Refusal::InvitationBlocked(second(1_100))).unwrap(), "100");
    assert_eq!(retry_after(Refusal::Overloaded { retry_after_seconds: 0 }).unwrap(), "1");
    assert_eq!(retry_after(Refusal::Forbidden), None);
}

#[test]
fn too_much_is_told_to_client_libraries_as_well() {
    let rate_limit = |refusal| answer(refusal).headers().get("ratelimit").cloned();
    assert_eq!(rate_limit(Refusal::TryLater(second(1_090))).unwrap(), "\"try-later\";r=0;t=90");
    assert_eq!(rate_limit(Refusal::Overloaded { retry_after_seconds: 5 }), None);
}

#[actix_web::test]
async fn faults_are_told_place_by_place_in_the_reader_s_language() {
    let two = Refusal::Invalid(vec![
        Fault { pointer: "/pin", code: "weak-pin", detail: "Zu einfach." },
        Fault { pointer: "/language", code: "unknown", detail: "Unbekannt." },
    ]);
    let document = body(answer(two)).await;
    assert_eq!(document["errors"][1], json!({"pointer": "/language", "code": "unknown", "detail": "Unbekannt."}));

    let empty = Failure::of("file-empty");
    assert_eq!(empty.document(&reader(None)).title, "Die Datei ist leer.");
    assert_eq!(empty.document(&reader(Some(Language::DeSimple))).title, "Die Datei ist leer.");
    assert_eq!(empty.document(&reader(Some(Language::Tr))).title, "The file is empty.");
    let answer = empty.answer(&reader(None));
    assert_eq!(answer.headers().get(header::CONTENT_LANGUAGE).unwrap(), "de");
}

#[test]
fn a_long_pointer_is_cut() {
    let failure = Failure::of("unknown-field").at("ü".repeat(500), "unknown-field", Words::same("x"));
    assert_eq!(failure.document(&reader(None)).errors[0].pointer.chars().count(), MAX_POINTER);
}

#[test]
fn every_status_of_the_framework_finds_a_kind_of_the_same_status() {
    for status in [400, 401, 403, 404, 405, 408, 413, 414, 415, 416, 431, 500, 503] {
        let status = StatusCode::from_u16(status).unwrap();
        assert_eq!(Failure::of_status(status).status_code(), status);
    }
}
