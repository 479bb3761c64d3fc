//! Ranges, conditions and file names, as examples and as properties.

use actix_web::ResponseError;
use proptest::prelude::*;

use super::*;

fn etag() -> Etag {
    Etag::from_sha256_hex("9f86d081")
}

fn conditions(range: Option<&str>, if_range: Option<&str>, if_none_match: Option<&str>) -> Conditions {
    let own = |text: Option<&str>| text.map(str::to_owned);
    Conditions {
        range: own(range),
        if_range: own(if_range),
        if_none_match: own(if_none_match),
        ..Conditions::default()
    }
}

fn range(range: &str, size: u64) -> Selection {
    conditions(Some(range), None, None).select(&etag(), size)
}

#[test]
fn ranges_as_in_rfc_9110() {
    use Selection::{Part, Unsatisfiable, Whole};
    for (text, size, expected) in [
        ("bytes=0-499", 10_000, Part { first: 0, last: 499 }),
        ("bytes=500-999", 10_000, Part { first: 500, last: 999 }),
        ("bytes=-500", 10_000, Part { first: 9500, last: 9999 }),
        ("bytes=9500-", 10_000, Part { first: 9500, last: 9999 }),
        ("bytes=0-0", 10_000, Part { first: 0, last: 0 }),
        ("bytes=0-99999", 10_000, Part { first: 0, last: 9999 }),
        ("bytes=-99999", 10_000, Part { first: 0, last: 9999 }),
        ("Bytes = 0-1", 10, Part { first: 0, last: 1 }),
        ("bytes=10000-", 10_000, Unsatisfiable),
        ("bytes=99999999999999999999999-", 10_000, Unsatisfiable),
        ("bytes=-0", 10_000, Unsatisfiable),
        ("bytes=0-", 0, Unsatisfiable),
        ("bytes=-1", 0, Unsatisfiable),
        ("bytes=5-4", 10_000, Whole),
        ("bytes=0-0,5-6", 10_000, Whole),
        ("bytes=a-b", 10_000, Whole),
        ("bytes=-", 10_000, Whole),
        ("bytes=+1-2", 10_000, Whole),
        ("items=0-1", 10_000, Whole),
        ("0-1", 10_000, Whole),
        ("", 10_000, Whole),
    ] {
        assert_eq!(range(text, size), expected, "{text} of {size}");
    }
}

#[test]
fn conditions_decide_before_ranges() {
    let select = |r, i, n| conditions(r, i, n).select(&etag(), 10);
    let part = Selection::Part { first: 2, last: 9 };
    assert_eq!(select(Some("bytes=2-"), Some("\"9f86d081\""), None), part);
    assert_eq!(select(Some("bytes=2-"), Some("\"other\""), None), Selection::Whole);
    assert_eq!(select(Some("bytes=2-"), Some("W/\"9f86d081\""), None), Selection::Whole);
    assert_eq!(select(Some("bytes=2-"), Some("Sun, 22 Nov 2026 09:00:00 GMT"), None), Selection::Whole);
    assert_eq!(select(Some("bytes=2-"), None, Some("\"9f86d081\"")), Selection::NotModified);
    assert_eq!(select(None, None, Some("\"a\", W/\"9f86d081\"")), Selection::NotModified);
    assert_eq!(select(None, None, Some("*")), Selection::NotModified);
    assert_eq!(select(None, None, Some("9f86d081")), Selection::Whole);
    assert_eq!(select(None, None, None), Selection::Whole);
}

#[test]
fn two_headers_are_one_list() {
    let mut headers = HeaderMap::new();
    headers.append(header::IF_NONE_MATCH, HeaderValue::from_static("\"a\""));
    headers.append(header::IF_NONE_MATCH, HeaderValue::from_static("\"9f86d081\""));
    headers.append(header::RANGE, HeaderValue::from_static("bytes=0-1"));
    headers.append(header::RANGE, HeaderValue::from_static("bytes=2-3"));
    assert!(Conditions::of(&headers).is_current(&etag()));
    headers.remove(header::IF_NONE_MATCH);
    assert_eq!(Conditions::of(&headers).select(&etag(), 10), Selection::Whole);
}

#[test]
fn the_head_says_what_was_selected() {
    let answer = head(Selection::Part { first: 2, last: 9 }, &etag(), 10).unwrap().finish();
    assert_eq!(answer.status(), 206);
    assert_eq!(answer.headers().get(header::CONTENT_RANGE).unwrap(), "bytes 2-9/10");
    assert_eq!(answer.headers().get(header::ETAG).unwrap(), "\"9f86d081\"");
    assert_eq!(head(Selection::NotModified, &etag(), 10).unwrap().finish().status(), 304);
    assert_eq!(head(Selection::Whole, &etag(), 10).unwrap().finish().status(), 200);
    let answer = head(Selection::Unsatisfiable, &etag(), 10).err().unwrap().error_response();
    assert_eq!(answer.status(), 416);
    assert_eq!(answer.headers().get(header::CONTENT_RANGE).unwrap(), "bytes */10");
}

#[test]
fn file_names_are_harmless_and_readable() {
    for (title, name) in [
        ("Laborbefund", "attachment; filename=\"Laborbefund.pdf\"; filename*=UTF-8''Laborbefund.pdf"),
        ("Röntgen, links", "attachment; filename=\"R_ntgen, links.pdf\"; filename*=UTF-8''R%C3%B6ntgen%2C%20links.pdf"),
        ("../../etc/passwd", "attachment; filename=\"etcpasswd.pdf\"; filename*=UTF-8''etcpasswd.pdf"),
        ("a\r\nSet-Cookie: x\"", "attachment; filename=\"aSet-Cookie x.pdf\"; filename*=UTF-8''aSet-Cookie%20x.pdf"),
        ("fdp\u{202E}exe", "attachment; filename=\"fdpexe.pdf\"; filename*=UTF-8''fdpexe.pdf"),
        ("\u{202E}. ", "attachment; filename=\"Befund.pdf\"; filename*=UTF-8''Befund.pdf"),
    ] {
        assert_eq!(attachment(title, "pdf"), name, "{title:?}");
    }
    assert!(attachment(&"ü".repeat(300), "pdf").len() < 1000);
}

#[test]
fn gzip_is_taken_where_it_is_named_and_not_refused() {
    let takes = |text: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_str(text).unwrap());
        Conditions::of(&headers).gzip()
    };
    for yes in ["gzip", "br, GZIP;q=0.5", "deflate , gzip ; q=1"] {
        assert!(takes(yes), "{yes}");
    }
    for no in ["", "identity", "gzip;q=0", "gzip; q=0.000", "br, x-gzip-like", "*;q=0"] {
        assert!(!takes(no), "{no}");
    }
    assert_eq!(Etag::of(b"a").of_gzip().header().to_str().unwrap().matches('"').count(), 2);
}

proptest! {
    #[test]
    fn a_part_lies_within_the_whole(text in "bytes=[0-9]{0,4}-[0-9]{0,4}", size in 0_u64..2000) {
        if let Selection::Part { first, last } = range(&text, size) {
            prop_assert!(first <= last && last < size);
        }
    }

    #[test]
    fn every_possible_part_is_selected(size in 1_u64..u64::MAX, a in any::<u64>(), b in any::<u64>()) {
        let (first, last) = ((a % size).min(b % size), (a % size).max(b % size));
        prop_assert_eq!(range(&format!("bytes={first}-{last}"), size), Selection::Part { first, last });
    }

    #[test]
    fn no_header_breaks_it(text in ".*", size in any::<u64>()) {
        range(&text, size);
        range(&format!("bytes={text}"), size);
    }

    #[test]
    fn every_title_makes_one_quoted_name(title in any::<String>()) {
        let value = attachment(&title, "pdf");
        let value = value.to_str().unwrap();
        prop_assert_eq!(value.matches('"').count(), 2);
        prop_assert!(value.starts_with("attachment; filename=\"") && value.ends_with(".pdf"));
        prop_assert!(!value.contains('/') && !value.contains('\\'), "{}", value);
    }
}
