//! Who asks: the bearer token (RFC 6750) and the language of a request.

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
use nahraum_app::{App, Call, Refusal, Token};
use nahraum_domain::ids::RequestId;
use nahraum_texts::Language;

use crate::problem::Failure;

/// What the door has found out about a request before any handler sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    /// The name of the request in logs and problem documents.
    pub(crate) request_id: RequestId,
    /// The language of `Accept-Language`, if there is one.
    pub(crate) language: Option<Language>,
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
        let call = bearer(request.headers()).ok_or_else(|| Refusal::NotSignedIn.into());
        ready(call.and_then(|token| call_of(request, Some(&token))).map(Self))
    }
}

impl FromRequest for Anyone {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(call_of(request, bearer(request.headers()).as_ref()).map(Self))
    }
}

fn call_of(request: &HttpRequest, token: Option<&Token>) -> Result<Call, Failure> {
    let app = request.app_data::<Data<App>>().ok_or_else(|| Failure::from(Refusal::Internal))?;
    let asked = request.extensions().get::<Asked>().copied();
    Ok(app.call(token, asked.and_then(|asked| asked.language), asked.map(|asked| asked.request_id)))
}

/// The token of the one `Authorization: Bearer` header. Two headers are as good as none: proxies and servers might
/// not agree on which one counts.
fn bearer(headers: &HeaderMap) -> Option<Token> {
    let value = only(headers, &header::AUTHORIZATION)?;
    let (scheme, token) = value.split_once(' ')?;
    // the scheme is case-insensitive (RFC 9110, 11.1)
    if scheme.eq_ignore_ascii_case("bearer") { Token::parse(token.trim_start_matches(' ')).ok() } else { None }
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
    fn one_bearer_header_with_a_token_of_the_right_form_counts() {
        let good = format!("Bearer {TOKEN}");
        assert!(bearer(&headers(&[&good])).is_some());
        assert!(bearer(&headers(&[&format!("bEARER {TOKEN}")])).is_some());
        let (basic, longer) = (format!("Basic {TOKEN}"), format!("{good}x"));
        let wrong: [&[&str]; 8] =
            [&[], &[&good, &good], &[TOKEN], &[&basic], &[&longer], &["Bearer "], &["Bearer"], &[""]];
        for wrong in wrong {
            assert!(bearer(&headers(wrong)).is_none(), "{wrong:?}");
        }
    }
}
