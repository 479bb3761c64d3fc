//! Query, path, key and days: what is read and what is not.

use actix_web::test::TestRequest;
use nahraum_domain::ids::FindingId;

use super::*;
use crate::problem::Reader;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    #[serde(default)]
    limit: Limit,
    kind: Option<String>,
}

fn document(failure: &Failure) -> (String, Option<String>) {
    let document = failure.document(&Reader { language: None, request_id: String::new(), now: None });
    (document.code, document.errors.first().map(|error| error.pointer.clone()))
}

async fn query(query: &str) -> Result<Filter, (String, Option<String>)> {
    let request = TestRequest::with_uri(&format!("/x?{query}")).to_http_request();
    Query::<Filter>::extract(&request).await.map(|query| query.0).map_err(|failure| document(&failure))
}

#[actix_web::test]
async fn limits_are_coerced() {
    for (text, limit) in [("", 50), ("limit=1", 1), ("limit=200", 200), ("limit=201", 200), ("limit=99999999999", 200)]
    {
        assert_eq!(query(text).await.unwrap().limit.get(), limit, "{text}");
    }
    assert_eq!(query("kind=a%20b").await.unwrap().kind.as_deref(), Some("a b"));
}

#[actix_web::test]
async fn a_wrong_query_names_its_parameter() {
    for (text, code, name) in [
        ("limit=0", "invalid-parameter", "limit"),
        ("limit=-1", "invalid-parameter", "limit"),
        ("limit=x", "invalid-parameter", "limit"),
        ("limit=", "invalid-parameter", "limit"),
        ("kidn=x", "unknown-parameter", "kidn"),
        ("kind=a&kind=b", "invalid-parameter", "kind"),
    ] {
        assert_eq!(query(text).await.unwrap_err(), (code.to_owned(), Some(name.to_owned())), "{text}");
    }
}

#[actix_web::test]
async fn an_id_that_cannot_be_read_is_not_found() {
    for (text, code) in [("018f3c5e-0000-7000-8000-00000000000a", None), ("x", Some("not-found"))] {
        let request = TestRequest::default().param("id", text).to_http_request();
        let answer = Path::<FindingId>::extract(&request).await;
        assert_eq!(answer.err().map(|failure| failure.code()), code);
    }
}

#[actix_web::test]
async fn keys_are_short_and_visible() {
    let longest = "k".repeat(64);
    let longer = "k".repeat(65);
    for (sent, code) in [
        (&[&*longest][..], None),
        (&["~!x"], None),
        (&[], Some("idempotency-key-missing")),
        (&[""], Some("idempotency-key-malformed")),
        (&["a b"], Some("idempotency-key-malformed")),
        (&["ä"], Some("idempotency-key-malformed")),
        (&[&*longer], Some("idempotency-key-malformed")),
        (&["a", "b"], Some("idempotency-key-malformed")),
    ] {
        let request = sent.iter().fold(TestRequest::default(), |r, key| r.append_header(("Idempotency-Key", *key)));
        let answer = IdempotencyKey::extract(&request.to_http_request()).await;
        assert_eq!(answer.as_ref().err().map(Failure::code), code, "{sent:?}");
        if let Ok(key) = answer {
            assert_eq!(key.into_string(), sent[0]);
        }
    }
}

#[test]
fn a_day_has_one_spelling() {
    assert_eq!(parse_date("/birth_date", "1961-03-14").unwrap().to_string(), "1961-03-14");
    for wrong in
        ["", "1961-3-14", "14.03.1961", "1961-02-30", "19610314", "1961-03-14T00:00:00", " 1961-03-14", "+001961-03-14"]
    {
        let fault = parse_date("/birth_date", wrong).unwrap_err();
        assert_eq!((fault.pointer, fault.code), ("/birth_date", "invalid-date"), "{wrong}");
    }
}
