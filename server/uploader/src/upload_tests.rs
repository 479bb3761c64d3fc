//! How answers are understood, without a server.

use super::*;

fn reply(status: u16, problem: bool, body: &str) -> Reply {
    let wait = Some(Duration::from_secs(7));
    Reply { status, problem, nonce: None, retry_after: wait, date: None, body: body.as_bytes().to_vec() }
}

fn problem(status: u16, code: &str) -> Verdict {
    judge(&reply(status, true, &format!(r#"{{"code":"{code}","title":"Satz.","status":{status},"request_id":"r"}}"#)))
}

fn result(status: u16, documents: &str) -> Verdict {
    judge(&reply(status, false, &format!(r#"{{"dry_run":false,"documents":[{documents}]}}"#)))
}

const LATER: Verdict = Verdict::NotNow(NotNow::Later(Some(Duration::from_secs(7))));

fn code(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::Refused(refused) => refused.code.as_str(),
        Verdict::Taken(_) | Verdict::Failed(_) | Verdict::NotNow(_) => "",
    }
}

#[test]
fn what_was_stored_is_taken() {
    let good = r#"{"state":"delivered","duplicate":false}"#;
    let known = r#"{"state":"delivered","duplicate":true}"#;
    let inbox = r#"{"state":"inbox","duplicate":false,"warnings":["title-missing"]}"#;
    assert_eq!(result(201, good), Verdict::Taken(Outcome::Sent));
    assert_eq!(result(202, &format!("{good},{inbox}")), Verdict::Taken(Outcome::Inbox));
    assert_eq!(result(200, known), Verdict::Taken(Outcome::Known));
    assert_eq!(result(201, &format!("{known},{good}")), Verdict::Taken(Outcome::Sent));
}

#[test]
fn a_report_that_was_not_taken_is_never_filed_away_as_sent() {
    let good = r#"{"state":"delivered","duplicate":false}"#;
    let refused = r#"{"state":"refused","duplicate":false,"warnings":["consent-missing"]}"#;
    for (status, documents, reports) in [
        (200, refused.to_owned(), (1, 1)),
        (201, format!("{good},{refused}"), (1, 2)),
        (202, format!("{refused},{refused}"), (2, 2)),
    ] {
        let verdict = result(status, &documents);
        assert_eq!(code(&verdict), "consent-missing");
        let Verdict::Refused(refused) = verdict else { panic!("taken") };
        assert_eq!(refused.reports, Some(reports));
    }
}

#[test]
fn a_page_of_somebody_else_refuses_nothing() {
    for status in [200, 201, 301, 302, 400, 403, 404, 407, 413, 415, 422, 451, 502, 503] {
        assert_eq!(judge(&reply(status, false, "<html>Willkommen im Hotel</html>")), LATER, "{status}");
        assert_eq!(judge(&reply(status, true, "<html>")), LATER, "{status}");
    }
    assert_eq!(judge(&reply(422, false, r#"{"code":"no-such-page","title":"x"}"#)), LATER, "no problem document");
    assert_eq!(result(201, ""), LATER);
}

#[test]
fn a_fault_of_the_file_is_a_refusal_and_trouble_on_the_way_is_none() {
    for (status, word) in [
        (422, "pdf-encrypted"),
        (415, "file-type-unknown"),
        (413, "too-large"),
        (409, "older-version"),
        (403, "consent-missing"),
        (400, "malformed-form"),
        (422, "idempotency-key-reused"),
        (418, "new-one"),
    ] {
        assert_eq!(code(&problem(status, word)), word);
    }
    for (status, word) in [
        (400, "body-incomplete"),
        (404, "not-found"),
        (408, "too-slow"),
        (429, "try-later"),
        (503, "overloaded"),
        (507, "storage-full"),
    ] {
        assert_eq!(problem(status, word), LATER, "{word}");
    }
    assert_eq!(problem(500, "internal"), Verdict::Failed(Some(Duration::from_secs(7))));
    for (status, word) in [(401, "session-over"), (403, "forbidden")] {
        assert_eq!(problem(status, word), Verdict::NotNow(NotNow::ShutOut));
    }
}

#[test]
fn each_kind_goes_the_way_that_is_documented_for_it() {
    for (bytes, expected) in [
        (&b"%PDF-1.7"[..], Kind::Document),
        (b"\xFF\xD8\xFF\xE0", Kind::Document),
        (b"\x89PNG\r\n\x1A\n", Kind::Document),
        (b"\xEF\xBB\xBF\n {\"resourceType\":1}", Kind::Fhir),
        (b"MSH|^~\\&|", Kind::Hl7),
        (b"\x0BMSH|^~\\&|", Kind::Hl7),
        (b"\r\nBHS|", Kind::Hl7),
        (b"01380008220\r\n", Kind::Other),
        (b"", Kind::Other),
        (b"   ", Kind::Other),
    ] {
        assert_eq!(kind(bytes), expected, "{bytes:?}");
    }
}

#[test]
fn the_same_request_has_the_same_key_and_another_one_another() {
    let (a, b) = (Sha256::of(b"a"), Sha256::of(b"b"));
    let key = |hash: &Sha256, answers, hold_days| {
        idempotency_key(&Content { bytes: b"", hash, known: Known { answers, taken: false }, hold_days })
    };
    assert_eq!(key(&a, 0, None), key(&a, 0, None));
    assert_eq!(key(&a, 0, None).len(), 64);
    let keys = [key(&a, 0, None), key(&b, 0, None), key(&a, 1, None), key(&a, 0, Some(5))];
    assert_eq!(keys.iter().collect::<std::collections::HashSet<_>>().len(), keys.len());
}
