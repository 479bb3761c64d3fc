//! Bodies of the OAuth endpoints: `application/x-www-form-urlencoded` (RFC 6749, appendix B).

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use futures_util::{StreamExt, future::LocalBoxFuture};

use super::{Paced, failure_of_payload, json::refuse_announced, json::refuse_encodings};
use crate::problem::Failure;

/// The largest form in bytes. Client assertions are the longest thing in it.
const LIMIT: u64 = 32 * 1024;

/// The fields of a form of at most 32 KiB.
#[derive(Debug)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// The value of a field that is there exactly once and not empty: RFC 6749, 3.2 treats empty as absent and forbids
    /// twice.
    ///
    /// # Errors
    /// The name of the field, when it is there twice.
    pub(crate) fn one<'f>(&'f self, name: &'static str) -> Result<Option<&'f str>, &'static str> {
        let mut values = self.0.iter().filter(|(field, value)| field == name && !value.is_empty());
        let first = values.next();
        if values.next().is_some() { Err(name) } else { Ok(first.map(|(_, value)| value.as_str())) }
    }

    /// The values of a field that may be there many times, such as ticked boxes.
    pub(crate) fn all<'f>(&'f self, name: &'static str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

impl FromRequest for Form {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let head = check_head(request);
        let mut body = Paced::new(payload.take(), LIMIT);
        Box::pin(async move {
            head?;
            let mut bytes = Vec::new();
            while let Some(chunk) = body.next().await {
                bytes.extend_from_slice(&chunk.map_err(|error| failure_of_payload(&error, LIMIT))?);
            }
            Ok(Self(form_urlencoded::parse(&bytes).into_owned().collect()))
        })
    }
}

fn check_head(request: &HttpRequest) -> Result<(), Failure> {
    if !request.content_type().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Failure::of("unsupported-media-type"));
    }
    refuse_encodings(request.headers())?;
    refuse_announced(request.headers(), LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_counts_once() {
        let form = Form(form_urlencoded::parse(b"a=1&b=&c=2&c=3").into_owned().collect());
        assert_eq!(form.one("a"), Ok(Some("1")));
        assert_eq!(form.one("b"), Ok(None));
        assert_eq!(form.one("c"), Err("c"));
        assert_eq!(form.one("d"), Ok(None));
    }
}
