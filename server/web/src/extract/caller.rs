//! Who asks: token (RFC 6750), proof of possession (RFC 9449) and language of a request.

use std::{
    future::{Ready, ready},
    ops::Deref,
};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap, HeaderName},
    web::Data,
};
use nahraum_app::{App, Call, Incoming, ProofHeader, Refusal, ShownCertificate, ShownToken, Token};
use nahraum_domain::ids::{ConsentId, RequestId};
use nahraum_texts::Language;
use utoipa::IntoParams;

use super::parameters::parse_id;
use crate::problem::Failure;

/// The header that names the permission by which somebody acts in a resident's place.
pub(crate) const ACTING_FOR: HeaderName = HeaderName::from_static("acting-for");

/// The header that carries a proof of possession.
pub(crate) const DPOP: HeaderName = HeaderName::from_static("dpop");

/// What the door has found out about a request before any handler sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    /// The name of the request in logs and problem documents.
    pub(crate) request_id: RequestId,
    /// The language of `Accept-Language`, if there is one.
    pub(crate) language: Option<Language>,
    /// The method as the client sent it: HEAD is served as GET, and proven as HEAD.
    pub(crate) method: &'static str,
}

/// The call of somebody who shows a token of the right form. Whether it opens anything, the use case says.
#[derive(Debug)]
pub(crate) struct Signed(Call);

/// The call of anybody: for operations that are open to the public.
#[derive(Debug)]
pub(crate) struct Anyone(Call);

impl Deref for Signed {
    type Target = Call;

    fn deref(&self) -> &Call {
        &self.0
    }
}

impl Deref for Anyone {
    type Target = Call;

    fn deref(&self) -> &Call {
        &self.0
    }
}

impl FromRequest for Signed {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let shown = Shown::of(request);
        ready(if shown.token.is_none() { Err(Refusal::NotSignedIn.into()) } else { call_of(request, &shown).map(Self) })
    }
}

impl FromRequest for Anyone {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(call_of(request, &Shown::of(request)).map(Self))
    }
}

/// How a token was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Bearer,
    Dpop,
}

/// The credentials of a request, as they stand in its headers.
#[derive(Debug)]
struct Shown<'r> {
    token: Option<(Scheme, Token)>,
    proof: Option<&'r str>,
}

impl<'r> Shown<'r> {
    fn of(request: &'r HttpRequest) -> Self {
        Self { token: authorization(request.headers()), proof: proof(request.headers()) }
    }
}

fn call_of(request: &HttpRequest, shown: &Shown<'_>) -> Result<Call, Failure> {
    let app = request.app_data::<Data<App>>().ok_or_else(|| Failure::from(Refusal::Internal))?;
    let asked = request.extensions().get::<Asked>().copied();
    let (method, path) = (asked.map_or(request.method().as_str(), |asked| asked.method), request.path());
    Ok(app.call(&Incoming {
        token: shown.token.as_ref().map(|(scheme, token)| match scheme {
            Scheme::Bearer => ShownToken::Bearer(token),
            Scheme::Dpop => ShownToken::Dpop(token),
        }),
        proof: shown.proof.map(|text| ProofHeader { text, method, path }),
        // What the handshake has proven lies beside the connection; what a header says about it counts for nothing.
        certificate: request.conn_data::<ShownCertificate>().cloned(),
        language: asked.and_then(|asked| asked.language),
        acts_by: acts_by(request.headers())?,
        request: asked.map(|asked| asked.request_id),
    }))
}

/// The token of the one `Authorization` header. Two headers are as good as none: proxies and servers might not agree on
/// which one counts.
fn authorization(headers: &HeaderMap) -> Option<(Scheme, Token)> {
    let value = only(headers, &header::AUTHORIZATION)?;
    let (scheme, token) = value.split_once(' ')?;
    // the scheme is case-insensitive (RFC 9110, 11.1)
    let scheme = match () {
        () if scheme.eq_ignore_ascii_case("bearer") => Scheme::Bearer,
        () if scheme.eq_ignore_ascii_case("dpop") => Scheme::Dpop,
        () => return None,
    };
    Some((scheme, Token::parse(token.trim_start_matches(' ')).ok()?))
}

/// The `Acting-For` header. One that cannot be read is none of those that can be left out: whoever sends it means somebody
/// else's things, and must not change their own.
fn acts_by(headers: &HeaderMap) -> Result<Option<ConsentId>, Failure> {
    if !headers.contains_key(ACTING_FOR) {
        return Ok(None);
    }
    let id = only(headers, &ACTING_FOR).unwrap_or_default();
    Ok(Some(parse_id("Acting-For", id)?))
}

/// What the `Acting-For` header is, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header to the OpenAPI document")]
pub(crate) struct ActingHeader {
    /// In whose place: the id of the permission, as it stands in `/v1/shared`, with `may_act`. Everything is done with that
    /// person's things then, in the caller's own name.
    #[param(rename = "Acting-For", nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a99")]
    acting_for: Option<String>,
}

/// The `DPoP` header. Several are one that proves nothing (RFC 9449, 4.3), and so is one that is no text.
fn proof(headers: &HeaderMap) -> Option<&str> {
    headers.contains_key(DPOP).then(|| only(headers, &DPOP).unwrap_or_default())
}

/// The text of a header that is there exactly once.
pub(crate) fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name);
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() { None } else { Some(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "nra_YUyGeRewK312linVxTjAJqDFQoNc5IAFqeVxpHxbgknGAAYr0";

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn several_proofs_are_one_that_proves_nothing() {
        let mut headers = HeaderMap::new();
        assert_eq!(proof(&headers), None);
        headers.append(DPOP, "a.b.c".parse().unwrap());
        assert_eq!(proof(&headers), Some("a.b.c"));
        headers.append(DPOP, "a.b.c".parse().unwrap());
        assert_eq!(proof(&headers), Some(""));
    }

    #[test]
    fn one_header_with_a_token_of_the_right_form_counts() {
        let good = format!("Bearer {TOKEN}");
        assert!(authorization(&headers(&[&good])).is_some());
        assert!(authorization(&headers(&[&format!("bEARER {TOKEN}")])).is_some());
        let bound = authorization(&headers(&[&format!("DPoP {TOKEN}")]));
        assert!(bound.is_some_and(|(scheme, _)| scheme == Scheme::Dpop));
        let (basic, longer) = (format!("Basic {TOKEN}"), format!("{good}x"));
        let wrong: [&[&str]; 8] =
            [&[], &[&good, &good], &[TOKEN], &[&basic], &[&longer], &["Bearer "], &["Bearer"], &[""]];
        for wrong in wrong {
            assert!(authorization(&headers(wrong)).is_none(), "{wrong:?}");
        }
    }
}
