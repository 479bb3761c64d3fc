//! What every request and every answer goes through, with a room made for it.

use std::sync::LazyLock;

use actix_web::{body::to_bytes, delete, get, post, test};
use nahraum_domain::ids::FindingId;
use serde_json::{Value, json};

use super::*;
use crate::{
    extract::{Json, Path, Query, Signed},
    problem::Answer,
    register::ServiceConfig,
};

const ID: &str = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a88";

#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Filter {
    kind: Option<String>,
}

#[utoipa::path(security(()), params(Filter))]
#[get("/things")]
async fn list_things(query: Query<Filter>) -> Answer {
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "public, max-age=300")).json(query.0.kind))
}

#[utoipa::path(security(()), request_body = String)]
#[post("/things")]
async fn create_thing(_call: Signed, body: Json<Value>) -> Answer {
    Ok(HttpResponse::Created().json(body.0))
}

#[utoipa::path(security(()), params(("id" = String, Path)))]
#[delete("/things/{id}")]
async fn delete_thing(_id: Path<FindingId>) -> Answer {
    Err(nahraum_app::Refusal::NotFound.into())
}

#[utoipa::path(security(()))]
#[get("/broken")]
async fn get_broken() -> Answer {
    panic!("in /secret/path: SELECT")
}

#[utoipa::path(security(()))]
#[get("/foreign")]
async fn get_foreign() -> Result<String, Error> {
    Err(actix_web::error::ErrorBadRequest("SELECT * FROM findings"))
}

static ROUTES: LazyLock<Routes> = LazyLock::new(|| crate::declared(room));

fn room(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_things).service(create_thing).service(delete_thing).service(get_broken).service(get_foreign);
}

/// A clock that stands at 1000 s and a server that calls every nameless request alike.
fn moment(sent: Option<RequestId>) -> Moment {
    let request = sent.unwrap_or_else(|| ID.parse().unwrap());
    Moment { now: Timestamp::from_second(1_000).unwrap(), request }
}

/// Sends one request to a fresh house; what cannot be answered by a handler is answered by the error.
async fn ask(request: test::TestRequest) -> HttpResponse {
    let house = test::init_service(crate::house(moment, true, room, &ROUTES)).await;
    match test::try_call_service(&house, request.to_request()).await {
        Ok(response) => response.into_parts().1,
        Err(error) => error.error_response(),
    }
}

async fn send(method: &str, path: &str) -> HttpResponse {
    ask(test::TestRequest::with_uri(path).method(method.parse().unwrap())).await
}

async fn text(answer: HttpResponse) -> String {
    String::from_utf8(to_bytes(answer.into_body()).await.unwrap().to_vec()).unwrap()
}

fn value<'a>(answer: &'a HttpResponse, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[actix_web::test]
async fn every_answer_carries_the_headers() {
    for (method, path, status) in [
        ("GET", "/things", 200),
        ("HEAD", "/things", 200),
        ("OPTIONS", "/things", 204),
        ("GET", "/foreign", 400),
        ("POST", "/things", 401),
        ("GET", "/nowhere", 404),
        ("DELETE", "/things/x", 404),
        ("TRACE", "/things", 405),
        ("PUT", "/things", 405),
        ("GET", "/broken", 500),
        ("BREW", "/things", 405),
        ("BREW", "/nowhere", 404),
    ] {
        let answer = send(method, path).await;
        assert_eq!(answer.status(), status, "{method} {path}");
        for (name, expected) in [
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
            ("strict-transport-security", "max-age=63072000; includeSubDomains"),
            ("x-request-id", ID),
            ("server", ""),
        ] {
            assert_eq!(value(&answer, name), expected, "{name} of {method} {path}");
        }
        let cached = status == 200;
        assert_eq!(value(&answer, "cache-control"), if cached { "public, max-age=300" } else { "no-store" });
        if status >= 400 {
            assert_eq!(value(&answer, "content-type"), MEDIA_TYPE, "{method} {path}");
            assert_eq!(value(&answer, "content-language"), "de");
            let body = text(answer).await;
            let problem: Value = serde_json::from_str(&body).unwrap();
            assert_eq!((&problem["status"], &problem["request_id"]), (&json!(status), &json!(ID)));
            for inner in ["SELECT", "panicked", "/secret", "src/"] {
                assert!(!body.contains(inner), "{body}");
            }
        }
    }
}

#[actix_web::test]
async fn allow_is_exact() {
    for (method, path, allow) in [
        ("OPTIONS", "/things", "GET, HEAD, POST, OPTIONS"),
        ("PUT", "/things", "GET, HEAD, POST, OPTIONS"),
        ("TRACE", "/things/7", "DELETE, OPTIONS"),
        ("HEAD", "/things/7", "DELETE, OPTIONS"),
        ("CONNECT", "/broken", "GET, HEAD, OPTIONS"),
        ("OPTIONS", "/nowhere", ""),
    ] {
        assert_eq!(value(&send(method, path).await, "allow"), allow, "{method} {path}");
    }
}

#[actix_web::test]
async fn what_is_missing_looks_like_what_is_not_yours() {
    let absent_route = text(send("GET", "/nowhere").await).await;
    assert_eq!(absent_route, text(send("DELETE", "/things/not-an-id").await).await);
    assert_eq!(absent_route, text(send("DELETE", &format!("/things/{ID}")).await).await);
}

#[actix_web::test]
async fn a_panic_costs_one_request() {
    let house = test::init_service(crate::house(moment, false, room, &ROUTES)).await;
    let get = |path| test::TestRequest::get().uri(path).to_request();
    for _ in 0..3 {
        let error = test::try_call_service(&house, get("/broken")).await.unwrap_err();
        let answer = error.error_response();
        assert_eq!(answer.status(), 500);
        assert_eq!(value(&answer, "strict-transport-security"), "");
        assert!(test::call_service(&house, get("/things")).await.status().is_success());
    }
}

#[actix_web::test]
async fn head_is_get_without_its_body() {
    let get = send("GET", "/things?kind=abc").await;
    let head = send("HEAD", "/things?kind=abc").await;
    assert_eq!(get.body().size(), BodySize::Sized(5));
    assert_eq!(head.body().size(), BodySize::Sized(5));
    assert_eq!(text(get).await, "\"abc\"");
    assert_eq!(text(head).await, "");
}

#[actix_web::test]
async fn requests_have_one_name() {
    const OTHER: &str = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a99";
    for (sent, name) in [(OTHER, OTHER), ("x", ID), ("", ID), (&*OTHER.to_uppercase(), ID)] {
        let answer = ask(test::TestRequest::get().uri("/nowhere").insert_header(("X-Request-Id", sent))).await;
        assert_eq!(value(&answer, "x-request-id"), name, "{sent}");
        assert!(text(answer).await.contains(name));
    }
}

#[actix_web::test]
async fn problems_speak_the_reader_s_language() {
    for (accept, language, title) in [
        ("de-AT", "de", "Hier gibt es nichts für Sie."),
        ("en", "en", "There is nothing here for you."),
        ("tr, en;q=0.5", "en", "There is nothing here for you."),
        ("xx", "de", "Hier gibt es nichts für Sie."),
    ] {
        let answer = ask(test::TestRequest::get().uri("/nowhere").insert_header(("Accept-Language", accept))).await;
        assert_eq!(value(&answer, "content-language"), language);
        assert!(text(answer).await.contains(title), "{accept}");
    }
}

#[actix_web::test]
async fn addresses_and_headers_have_limits() {
    let uri = |length: usize| format!("/things?kind={}", "x".repeat(length - "/things?kind=".len()));
    assert_eq!(send("GET", &uri(8192)).await.status(), 200);
    assert_eq!(send("GET", &uri(8193)).await.status(), 414);
    let header = |length: usize| test::TestRequest::get().uri("/things").insert_header(("x-a", "x".repeat(length)));
    assert_eq!(ask(header(65_000)).await.status(), 200);
    assert_eq!(ask(header(65_537)).await.status(), 431);
}

#[actix_web::test]
async fn unknown_parameters_are_refused_wherever_they_stand() {
    for (method, path, name) in
        [("GET", "/things?kidn=x", "kidn"), ("DELETE", "/things/7?force", "force"), ("HEAD", "/broken?x=1", "x")]
    {
        let answer = send(method, path).await;
        assert_eq!(answer.status(), 400, "{path}");
        if method != "HEAD" {
            let problem: Value = serde_json::from_str(&text(answer).await).unwrap();
            assert_eq!(
                (&problem["code"], &problem["errors"][0]["pointer"]),
                (&json!("unknown-parameter"), &json!(name))
            );
        }
    }
}

#[actix_web::test]
async fn who_is_not_signed_in_hears_so_before_the_body_is_judged() {
    let answer = ask(test::TestRequest::post().uri("/things").set_payload("{")).await;
    assert_eq!(
        (answer.status().as_u16(), value(&answer, "www-authenticate")),
        (401, r#"DPoP algs="ES256 EdDSA", Bearer"#)
    );
}
