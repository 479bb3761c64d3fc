//! `[sign_in]`: what people and programs must prove.

use std::path::PathBuf;

use actix_web::http::Uri;

use super::{is_loopback_host, key::Key, settings::Settings};

/// Whether tokens are good without a proof of possession (RFC 9449). Then whoever finds a token can use it: for trying
/// things out with curl, not for real people's findings.
const BEARER: Key = Key::switch("sign_in.bearer").or("false");
/// Whether people who work here need two factors: `required`, or `demo` for invented people.
const SECOND_FACTOR: Key = Key::text("sign_in.second_factor", "\"required\" or \"demo\"").or("required");
/// Where the sign-in page may send its codes: addresses of the district's own portals and apps, compared exactly.
const REDIRECT_URIS: Key = Key::list(
    "sign_in.redirect_uris",
    "https addresses, or those of apps, such as [\"https://portal.example.org/cb\"]",
)
.or("");
/// A list of breached passwords: SHA-1 in capital hex, ordered by hash, as "Have I Been Pwned" gives it.
const BREACHED: Key = Key::text("sign_in.breached_passwords_file", "the path of a file");

pub(super) const KEYS: &[Key] = &[BEARER, SECOND_FACTOR, REDIRECT_URIS, BREACHED];

/// What people and programs must prove.
#[derive(Debug, Clone)]
pub(crate) struct SignIn {
    /// Whether tokens are good without a proof of possession.
    pub bearer: bool,
    /// Whether people who work here may do with a password alone: never with real findings.
    pub password_alone: bool,
    /// Where authorization codes may be sent.
    pub redirect_uris: Vec<String>,
    /// The list of breached passwords.
    pub breached_passwords_file: Option<PathBuf>,
}

pub(super) fn read(settings: &mut Settings) -> Option<SignIn> {
    let password_alone = settings.text(&SECOND_FACTOR, |word| match word {
        "required" => Some(false),
        "demo" => Some(true),
        _ => None,
    });
    let redirect_uris = settings.list(&REDIRECT_URIS, |text| redirect_uri(text).then(|| text.to_owned()));
    let breached_passwords_file = settings.text(&BREACHED, |text| Some(PathBuf::from(text)));
    Some(SignIn {
        bearer: settings.switch(&BEARER),
        password_alone: password_alone?,
        redirect_uris,
        breached_passwords_file,
    })
}

/// An address that may be given codes: https; http on this machine; or a scheme of an app's own, which is the name of a
/// domain backwards (RFC 8252, 7.1). Nothing behind `#`.
fn redirect_uri(text: &str) -> bool {
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    if !visible || text.contains(['#', '"', '<', '>', '\\']) {
        return false;
    }
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let host = || text.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
    match scheme {
        "https" => host().is_some(),
        "http" => host().is_some_and(|host| is_loopback_host(host.trim_matches(['[', ']']))),
        app => {
            let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
            app.contains('.')
                && app.starts_with(|c: char| c.is_ascii_lowercase())
                && app.chars().all(letters)
                && rest.starts_with('/')
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sent_to_exact_and_safe_addresses() {
        for good in [
            "https://portal.example.org/cb",
            "https://portal.example.org:8443/cb?x=1",
            "http://127.0.0.1:4000/cb",
            "http://localhost/cb",
            "org.example.nahraum:/cb",
        ] {
            assert!(redirect_uri(good), "{good}");
        }
        for bad in [
            "",
            "portal.example.org/cb",
            "http://portal.example.org/cb",
            "https://portal.example.org/cb#x",
            "javascript:alert(1)",
            "data:text/html,x",
            "nahraum:/cb",
            "https:///cb",
            "https://a.example/ cb",
        ] {
            assert!(!redirect_uri(bad), "{bad}");
        }
    }
}
