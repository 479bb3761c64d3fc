//! Uploads: both orders of parts, every limit, and what a broken form is told.

use actix_web::{http::header, test::TestRequest};
use serde::Deserialize;

use super::*;
use crate::problem::Reader;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    title: String,
}

/// Keeps what it gets, until it is full.
struct Basket {
    bytes: Vec<u8>,
    room: usize,
}

impl Sink for Basket {
    fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.bytes.extend_from_slice(chunk);
        if self.bytes.len() > self.room { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

fn basket() -> Basket {
    Basket { bytes: Vec::new(), room: usize::MAX }
}

fn part(name: &str, media_type: &str, content: &str) -> String {
    let media_type = if media_type.is_empty() { String::new() } else { format!("Content-Type: {media_type}\r\n") };
    format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"x\"\r\n{media_type}\r\n{content}\r\n")
}

async fn incoming(body: String, media_type: &str) -> Incoming {
    let request = TestRequest::post().insert_header((header::CONTENT_TYPE, media_type)).set_payload(body);
    let (request, mut payload) = request.to_http_parts();
    Incoming::from_request(&request, &mut payload).await.unwrap()
}

async fn form(parts: &[String], limit: u64, sink: &mut Basket) -> Result<Form<Metadata>, (String, Option<String>)> {
    let body = format!("{}--b--\r\n", parts.concat());
    let incoming = incoming(body, "Multipart/Form-Data; boundary=b").await;
    assert_eq!(incoming.media_type(), Some("multipart/form-data"));
    incoming.form(sink, limit).await.map_err(|failure| told(&failure))
}

fn told(failure: &Failure) -> (String, Option<String>) {
    let document = failure.document(&Reader { language: None, request_id: String::new(), now: None });
    (document.code, document.errors.first().map(|error| format!("{} {}", error.pointer, error.code)))
}

#[actix_web::test]
async fn the_parts_come_in_any_order() {
    let metadata = part("metadata", "application/json", r#"{"title": "x"}"#);
    let file = part("file", "application/pdf; x=y", "%PDF");
    for parts in [[metadata.clone(), file.clone()], [file, metadata]] {
        let mut basket = basket();
        let form = form(&parts, 4, &mut basket).await.unwrap();
        assert_eq!(form.metadata, Some(Metadata { title: "x".to_owned() }));
        assert_eq!(basket.bytes, b"%PDF");
    }
}

#[actix_web::test]
async fn a_broken_form_is_told_what_is_broken() {
    let metadata = || part("metadata", "", r#"{"title": "x"}"#);
    let file = || part("file", "", "%PDF");
    for (parts, code, error) in [
        (vec![], "malformed-form", Some("file missing-part")),
        (vec![metadata()], "malformed-form", Some("file missing-part")),
        (vec![file(), file()], "malformed-form", Some("file doubled-part")),
        (vec![metadata(), metadata(), file()], "malformed-form", Some("metadata doubled-part")),
        (vec![part("x", "", "x"), file()], "malformed-form", Some("x unknown-part")),
        (
            vec![part("metadata", "", r#"{"titel": "x"}"#), file()],
            "unknown-field",
            Some("/metadata/titel unknown-field"),
        ),
        (vec![part("metadata", "", ""), file()], "malformed-json", Some("1:0 malformed-json")),
        (vec![part("file", "", "%PDF-")], "too-large", None),
        (vec![part("metadata", "", &" ".repeat(65_537)), file()], "too-large", None),
    ] {
        let told = form(&parts, 4, &mut basket()).await.unwrap_err();
        assert_eq!(told, (code.to_owned(), error.map(str::to_owned)));
    }
}

#[actix_web::test]
async fn a_form_that_ends_early_or_is_none() {
    let cut = incoming(
        "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n%PD".to_owned(),
        "multipart/form-data; boundary=b",
    );
    assert_eq!(cut.await.form::<Metadata>(&mut basket(), 9).await.unwrap_err().code(), "malformed-form");
    for (media_type, code) in [
        ("application/json", "unsupported-media-type"),
        ("multipart/form-data", "malformed-form"),
        ("", "unsupported-media-type"),
    ] {
        let other = incoming(String::new(), media_type).await;
        assert_eq!(other.form::<Metadata>(&mut basket(), 9).await.unwrap_err().code(), code, "{media_type}");
    }
}

#[actix_web::test]
async fn a_raw_body_has_its_limit_and_the_disk_its_end() {
    let raw = || incoming("0123456789".to_owned(), "application/fhir+json");
    let mut all = basket();
    assert_eq!(raw().await.raw(&mut all, 10).await.unwrap(), 10);
    assert_eq!(all.bytes, b"0123456789");
    assert_eq!(raw().await.raw(&mut basket(), 9).await.unwrap_err().code(), "too-large");
    let mut small = Basket { bytes: Vec::new(), room: 5 };
    assert_eq!(raw().await.raw(&mut small, 10).await.unwrap_err().code(), "storage-full");
}

#[actix_web::test]
async fn what_is_announced_as_too_large_or_packed_is_refused_unread() {
    for (name, value, code) in
        [(header::CONTENT_LENGTH, "11", "too-large"), (header::CONTENT_ENCODING, "gzip", "unsupported-media-type")]
    {
        let mut incoming = incoming("01".to_owned(), "application/fhir+json").await;
        incoming.headers.insert(name, value.parse().unwrap());
        let mut basket = basket();
        assert_eq!(incoming.raw(&mut basket, 10).await.unwrap_err().code(), code);
        assert!(basket.bytes.is_empty());
    }
}
