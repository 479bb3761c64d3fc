//! Downloads that can be resumed: strong ETags, conditional requests and byte ranges (RFC 9110, 13 and 14), and the name
//! under which a document is saved (RFC 6266).

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder,
    dev::Payload,
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
};

use nahraum_domain::audit::statement::hex;
use sha2::{Digest as _, Sha256};

use crate::problem::Failure;

/// The longest file name without its extension, in characters.
const MAX_NAME: usize = 100;

/// A strong entity tag: equal tags, equal bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Etag(String);

/// What a client said about what it already has and which part it wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Conditions {
    range: Option<String>,
    if_range: Option<String>,
    if_none_match: Option<String>,
    accept_encoding: Option<String>,
}

/// What to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Selection {
    /// Everything: 200.
    Whole,
    /// These bytes, both inclusive: 206.
    Part {
        /// The first byte, from 0.
        first: u64,
        /// The last byte.
        last: u64,
    },
    /// Nothing, the client has it: 304.
    NotModified,
    /// The range begins behind the end: 416.
    Unsatisfiable,
}

impl Etag {
    /// The tag of bytes with this SHA-256. Everything but hex digits is left out, so that any text makes a valid tag.
    pub(crate) fn from_sha256_hex(digest: &str) -> Self {
        Self(format!("\"{}\"", digest.chars().filter(char::is_ascii_hexdigit).collect::<String>()))
    }

    /// The tag of these bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self::from_sha256_hex(&hex(&Sha256::digest(bytes)))
    }

    /// The tag of the same bytes as gzip: other bytes, another tag (RFC 9110, 8.8.3.3).
    pub(crate) fn of_gzip(self) -> Self {
        Self(format!("{}-gzip\"", self.0.trim_end_matches('"')))
    }

    /// The value of the header `ETag`.
    pub(crate) fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).unwrap_or(HeaderValue::from_static("\"\""))
    }
}

impl FromRequest for Conditions {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request.headers())))
    }
}

impl Conditions {
    /// The conditions in these headers.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self {
            range: joined(headers, &header::RANGE),
            if_range: joined(headers, &header::IF_RANGE),
            if_none_match: joined(headers, &header::IF_NONE_MATCH),
            accept_encoding: joined(headers, &header::ACCEPT_ENCODING),
        }
    }

    /// Whether the client takes gzip (RFC 9110, 12.5.3): it is named, and not with the weight 0.
    pub(crate) fn gzip(&self) -> bool {
        let codings = self.accept_encoding.as_deref().unwrap_or_default().split(',');
        codings.into_iter().any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
            let is_refused =
                |part: &str| part.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0));
            is_gzip && !parts.any(is_refused)
        })
    }

    /// Whether the client has exactly this already. Weak comparison (RFC 9110, 13.1.2).
    pub(crate) fn is_current(&self, etag: &Etag) -> bool {
        self.if_none_match.as_deref().is_some_and(|tags| {
            let mut tags = tags.split(',').map(str::trim);
            tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag.0)
        })
    }

    /// What to send of `size` bytes with this tag, in the order of RFC 9110, 13.2.2.
    ///
    /// Several ranges, other units than bytes and ranges that cannot be read are as good as none: a server may ignore
    /// `Range`, and the whole is always right.
    pub(crate) fn select(&self, etag: &Etag, size: u64) -> Selection {
        if self.is_current(etag) {
            return Selection::NotModified;
        }
        // only a strong tag that fits makes the range count; a date or a weak tag does not (13.1.5)
        if self.if_range.as_ref().is_some_and(|tag| *tag != etag.0) {
            return Selection::Whole;
        }
        self.range.as_deref().and_then(|range| single(range, size)).unwrap_or(Selection::Whole)
    }
}

/// All values of a header as one list.
fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values: Vec<&str> = headers.get_all(name).map(|value| value.to_str()).collect::<Result<_, _>>().ok()?;
    if values.is_empty() { None } else { Some(values.join(", ")) }
}

/// The one byte range of the header, or nothing if it cannot be read (RFC 9110, 14.1.2).
fn single(range: &str, size: u64) -> Option<Selection> {
    let (unit, spec) = range.split_once('=')?;
    let (first, last) = spec.trim().split_once('-')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let end = size.checked_sub(1);
    let (first, last) = match (digits(first), digits(last)) {
        (Some(first), Some(last)) if first > last => return None,
        (Some(first), Some(last)) => (first, last),
        (Some(first), None) if last.is_empty() => (first, u64::MAX),
        // the last so many bytes; none of them cannot be satisfied
        (None, Some(0)) if first.is_empty() => return Some(Selection::Unsatisfiable),
        (None, Some(suffix)) if first.is_empty() => (size.saturating_sub(suffix), u64::MAX),
        _ => return None,
    };
    match end {
        Some(end) if first <= end => Some(Selection::Part { first, last: last.min(end) }),
        Some(_) | None => Some(Selection::Unsatisfiable),
    }
}

/// A number in ASCII digits. One too large for 64 bits is behind every end.
fn digits(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(u64::MAX))
}

/// The beginning of the answer: 200, 206 or 304 with `ETag`, `Accept-Ranges` and `Content-Range`.
///
/// # Errors
/// `range-not-satisfiable` with the size in `Content-Range`.
pub(crate) fn head(selection: Selection, etag: &Etag, size: u64) -> Result<HttpResponseBuilder, Failure> {
    let mut answer = match selection {
        Selection::Whole => HttpResponse::Ok(),
        Selection::NotModified => HttpResponse::NotModified(),
        Selection::Part { first, last } => {
            let mut answer = HttpResponse::PartialContent();
            answer.insert_header((header::CONTENT_RANGE, format!("bytes {first}-{last}/{size}")));
            answer
        }
        Selection::Unsatisfiable => {
            let failure = Failure::of("range-not-satisfiable");
            let whole = HeaderValue::from_str(&format!("bytes */{size}"));
            return Err(match whole {
                Ok(whole) => failure.header(header::CONTENT_RANGE, whole),
                Err(_) => failure,
            });
        }
    };
    answer.insert_header((header::ETAG, etag.header()));
    answer.insert_header((header::ACCEPT_RANGES, HeaderValue::from_static("bytes")));
    Ok(answer)
}

/// `Content-Disposition: attachment` with the title as file name: once in ASCII for old clients, once in UTF-8
/// (RFC 8187). Path separators, control and direction characters are left out; the name says nothing to the server.
pub(crate) fn attachment(title: &str, extension: &str) -> HeaderValue {
    let name: String = title.chars().filter(|character| harmless(*character)).take(MAX_NAME).collect();
    let name = name.trim_matches(|character: char| character == '.' || character.is_whitespace());
    let name = if name.is_empty() { "Befund" } else { name };
    let ascii: String = name.chars().map(plain).collect();
    let value = format!(
        "attachment; filename=\"{ascii}.{extension}\"; filename*=UTF-8''{}.{extension}",
        percent_encoded(name),
    );
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"))
}

fn harmless(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
        // zero width and direction: U+200B..U+200F, U+2028..U+202E, U+2060..U+2069, the byte order mark, U+061C
        && !matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}')
        && !matches!(character, '\u{FEFF}' | '\u{061C}')
}

/// The character for the ASCII name. Percent signs would be decoded by some clients.
fn plain(character: char) -> char {
    if character.is_ascii_alphanumeric() || matches!(character, ' ' | '-' | '_' | '.' | '(' | ')' | ',' | '+') {
        character
    } else {
        '_'
    }
}

/// Everything but `attr-char` of RFC 8187, 3.2.1 as percent-encoded UTF-8.
fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            b'!' | b'#' | b'$' | b'&' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests;
