//! The text of a SMART Health Link (HL7 SMART Health Cards and Links, "Construct a SMART Health Link Payload").

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::Serialize;

/// The longest address that a link may lead to, in characters.
pub const MAX_URL: usize = 128;
/// The longest label, in characters.
pub const MAX_LABEL: usize = 80;

/// What a link says. Whoever reads it can read what it leads to.
#[derive(Clone, Copy)]
pub struct ShlPayload<'a> {
    /// The address of the manifest, at most [`MAX_URL`] characters.
    pub url: &'a str,
    /// The key, in Base64url.
    pub key: &'a str,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whether it can be asked again, and may show something else then (`L`).
    pub long_term: bool,
    /// Whether it asks for a passcode (`P`).
    pub passcode: bool,
    /// A short description, at most [`MAX_LABEL`] characters.
    pub label: Option<&'a str>,
}

/// The members in the order of the specification; absent is absent.
#[derive(Serialize)]
struct Members<'a> {
    url: &'a str,
    key: &'a str,
    exp: i64,
    #[serde(skip_serializing_if = "str::is_empty")]
    flag: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    v: u8,
}

/// The link: `shlink:/` and the minified JSON in Base64url. None when the address or the label is too long.
#[must_use]
pub fn shlink(payload: &ShlPayload<'_>) -> Option<String> {
    let too_long = payload.label.is_some_and(|label| label.chars().count() > MAX_LABEL);
    if too_long || payload.url.chars().count() > MAX_URL {
        return None;
    }
    // In alphabetical order.
    let flag = match (payload.long_term, payload.passcode) {
        (true, true) => "LP",
        (true, false) => "L",
        (false, true) => "P",
        (false, false) => "",
    };
    let ShlPayload { url, key, expires_at, label, .. } = *payload;
    let members = Members { url, key, exp: expires_at.as_second(), flag, label, v: 1 };
    Some(format!("shlink:/{}", URL_SAFE_NO_PAD.encode(serde_json::to_vec(&members).ok()?)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    const KEY: &str = "rxTgYlOaKJPFtcEd0qcceN8wEU4p94SqAwIWQe6uX7Q";

    fn read(link: &str) -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(link.strip_prefix("shlink:/").unwrap()).unwrap()).unwrap()
    }

    proptest! {
        #[test]
        fn every_payload_is_read_back(
            path in "[A-Za-z0-9_-]{0,140}", label in prop::option::of("\\PC{0,90}"),
            second in 0..4_102_444_800_i64, long_term in any::<bool>(), passcode in any::<bool>(),
        ) {
            let url = format!("https://n.example/{path}");
            let expires_at = Timestamp::from_second(second).unwrap();
            let payload = ShlPayload { url: &url, key: KEY, expires_at, long_term, passcode, label: label.as_deref() };
            let fits = url.len() <= MAX_URL && label.as_ref().is_none_or(|label| label.chars().count() <= MAX_LABEL);
            let link = shlink(&payload);
            prop_assert_eq!(link.is_some(), fits);
            let Some(link) = link else { return Ok(()) };
            prop_assert!(link.strip_prefix("shlink:/").unwrap().bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
            let read = read(&link);
            prop_assert_eq!(&read["url"], &Value::from(url.as_str()));
            prop_assert_eq!((&read["key"], &read["v"]), (&Value::from(KEY), &Value::from(1)));
            prop_assert_eq!(read["exp"].as_i64(), Some(second));
            prop_assert_eq!(read.get("label").and_then(Value::as_str), label.as_deref());
            let flag = read.get("flag").and_then(Value::as_str).unwrap_or_default();
            prop_assert_eq!((flag.contains('L'), flag.contains('P')), (long_term, passcode));
            prop_assert!(flag.bytes().is_sorted() && !flag.contains('U'));
        }
    }

    #[test]
    fn it_is_minified_and_without_padding() {
        let expires_at = Timestamp::from_second(1_764_000_000).unwrap();
        let payload = ShlPayload {
            url: "https://n.example/shl/x",
            key: KEY,
            expires_at,
            long_term: true,
            passcode: true,
            label: None,
        };
        let link = shlink(&payload).unwrap();
        let json = URL_SAFE_NO_PAD.decode(link.strip_prefix("shlink:/").unwrap()).unwrap();
        let expected =
            format!(r#"{{"url":"https://n.example/shl/x","key":"{KEY}","exp":1764000000,"flag":"LP","v":1}}"#);
        assert_eq!(String::from_utf8(json).unwrap(), expected);
        assert!(!link.contains('='));
    }
}
