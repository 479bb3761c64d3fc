//! When two URLs are the same for `htu` (RFC 9449, 4.3): syntax-based and scheme-based normalisation (RFC 3986, 6.2.2 and
//! 6.2.3), without query and fragment.

use std::fmt::Write;

use url::Url;

/// Longer than any address of ours. Checked before anything is parsed.
const MAX_LENGTH: usize = 2048;

/// One spelling for all spellings of an `http` or `https` URL: small letters in scheme and host, no default port, no `.`
/// and `..`, letters not written as `%61`, no query and no fragment. `None` when it is no such URL, or one with a user.
pub(crate) fn comparable(text: &str) -> Option<String> {
    // the parser forgives blanks, line ends, backslashes and too many or too few slashes; a proof has none of them
    let plain = text.len() <= MAX_LENGTH && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let (_, behind) = text.split_once("://")?;
    if !plain || behind.starts_with('/') {
        return None;
    }
    let mut url = Url::parse(text).ok()?;
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let path = unescaped(url.path())?;
    url.set_query(None);
    url.set_fragment(None);
    url.set_path(&path);
    Some(url.into())
}

/// The path with what needs no escape unescaped, and capitals in the escapes that remain (RFC 3986, 6.2.2.1 and 6.2.2.2).
fn unescaped(path: &str) -> Option<String> {
    let mut plain = String::with_capacity(path.len());
    let mut rest = path.chars();
    while let Some(character) = rest.next() {
        if character != '%' {
            plain.push(character);
            continue;
        }
        let high = rest.next()?.to_digit(16)?;
        let low = rest.next()?.to_digit(16)?;
        let byte = u8::try_from(high * 16 + low).ok()?;
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            plain.push(char::from(byte));
        } else {
            write!(plain, "%{byte:02X}").ok()?;
        }
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_address_are_one() {
        let one = Some("https://nahraum.example/v1/oauth/token".to_owned());
        for same in [
            "https://nahraum.example/v1/oauth/token",
            "HTTPS://Nahraum.EXAMPLE:443/v1/oauth/token",
            "https://nahraum.example/v1/oauth/token?x=1#y",
            "https://nahraum.example/v1/./x/../oauth/token",
            "https://nahraum.example/v1/%6Fauth/%74oken",
        ] {
            assert_eq!(comparable(same), one, "{same}");
        }
        for other in [
            "http://nahraum.example/v1/oauth/token",
            "https://nahraum.example:8443/v1/oauth/token",
            "https://nahraum.example/v1/oauth/token/",
            "https://nahraum.example/v1/oauth/Token",
            "https://nahraum.example/v1/oauth%2Ftoken",
            "https://nahraum.example.evil.example/v1/oauth/token",
        ] {
            assert!(comparable(other).is_some() && comparable(other) != one, "{other}");
        }
        assert_eq!(comparable("https://a.example"), comparable("https://a.example/"));
        assert_eq!(comparable("https://a.example/%c3%a4"), comparable("https://a.example/%C3%A4"));
    }

    #[test]
    fn what_is_no_address_compares_with_nothing() {
        for wrong in [
            "",
            "/v1/oauth/token",
            "nahraum.example/v1",
            "https:nahraum.example/v1",
            "https:///nahraum.example/v1",
            "https:\\\\nahraum.example/v1",
            "https://nahraum.example\\v1",
            "https://nahraum.example/v1\n",
            "https://nahraum .example/v1",
            "https://user@nahraum.example/v1",
            "https://user:secret@nahraum.example/v1",
            "https://:secret@nahraum.example/v1",
            "ftp://nahraum.example/v1",
            "https://nahraum.example/%",
            "https://nahraum.example/%4",
            "https://nahraum.example/%zz",
            "https://nähraum.example/v1",
            "https:///",
            &format!("https://nahraum.example/{}", "x".repeat(1_000_000)),
        ] {
            assert_eq!(comparable(wrong), None, "{}", wrong.get(..100).unwrap_or(wrong));
        }
    }

    proptest! {
        #[test]
        fn normalising_is_done_once(text in "https?://[a-zA-Z.]{1,12}(:[0-9]{1,4})?/[a-z%0-9A-F./~?#]{0,20}") {
            if let Some(normal) = comparable(&text) {
                prop_assert_eq!(comparable(&normal), Some(normal.clone()));
            }
        }
    }
}
