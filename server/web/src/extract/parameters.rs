//! Small things of a request: the id in the path, the query, the idempotency key, days.

use std::{
    future::{Ready, ready},
    str::FromStr,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::HeaderName};
use jiff::civil::Date;
use nahraum_app::{Fault, Refusal};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use utoipa::IntoParams;

use super::{caller::only, strict_json::quoted};
use crate::problem::{Failure, Words};

/// The one placeholder of the path. What cannot be read as `T` does not exist, and is answered in the same words as
/// what does not exist.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<T: FromStr> FromRequest for Path<T> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let value = request.match_info().iter().next().and_then(|(_, text)| text.parse().ok());
        ready(value.map(Self).ok_or_else(Failure::not_found))
    }
}

/// The two variable parts of a path. What cannot be one is "not found".
#[derive(Debug)]
pub(crate) struct Paths<A, B>(pub(crate) A, pub(crate) B);

impl<A: FromStr, B: FromStr> FromRequest for Paths<A, B> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut parts = request.match_info().iter().map(|(_, text)| text);
        let first = parts.next().and_then(|text| text.parse().ok());
        let second = parts.next().and_then(|text| text.parse().ok());
        ready(first.zip(second).map(|(first, second)| Self(first, second)).ok_or_else(Failure::not_found))
    }
}

/// The query. `T` refuses what it does not know.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(request.query_string().as_bytes()));
        ready(serde_path_to_error::deserialize(pairs).map(Self).map_err(|error| query_fault(&error)))
    }
}

fn query_fault(error: &serde_path_to_error::Error<serde_urlencoded::de::Error>) -> Failure {
    let message = error.inner().to_string();
    let name = error.path().to_string();
    if message.starts_with("unknown field ") {
        return unknown_parameter(&name);
    }
    if let Some(name) = quoted(&message, "missing field `") {
        let words = Words::new("This parameter is missing.", "Dieser Parameter fehlt.");
        return Failure::of("invalid-parameter").at(name, "missing-parameter", words);
    }
    if let Some(name) = quoted(&message, "duplicate field `") {
        let words = Words::new("This parameter is there twice.", "Dieser Parameter ist doppelt vorhanden.");
        return Failure::of("invalid-parameter").at(name, "doubled-parameter", words);
    }
    let words = Words::new("This value does not belong here.", "Dieser Wert gehört hier nicht hin.");
    Failure::of("invalid-parameter").at(name, "invalid-parameter", words)
}

/// A query parameter that the operation does not have.
pub(crate) fn unknown_parameter(name: &str) -> Failure {
    let words = Words::new("This parameter is not known here.", "Dieser Parameter ist hier nicht bekannt.");
    Failure::of("unknown-parameter").at(name, "unknown-parameter", words)
}

/// Which page of a list: the parameters of every list that has no filter.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    /// How many at most, 1 to 200.
    #[serde(default)]
    #[param(value_type = Option<u32>, nullable = false, minimum = 1, maximum = 200, example = 50)]
    pub(crate) limit: Limit,
    /// Where to go on.
    #[param(nullable = false, example = "b3BhcXVl")]
    pub(crate) cursor: Option<String>,
}

/// How many items a page has: 50 unless said otherwise, at least 1; more than 200 becomes 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit(u32);

impl Limit {
    const USUAL: u32 = 50;
    /// The most that there are.
    pub(crate) const MOST: u32 = 200;

    /// The usual page of the access log, as in the national record (ePA).
    pub(crate) const fn of_the_log() -> Self {
        Self(25)
    }

    /// The number.
    pub(crate) const fn get(self) -> u32 {
        self.0
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(Self::USUAL)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // a number too large for 64 bits is no number of items anybody means
        match u64::deserialize(deserializer)? {
            0 => Err(serde::de::Error::custom("at least one")),
            number => Ok(Self(u32::try_from(number).unwrap_or(Self::MOST).min(Self::MOST))),
        }
    }
}

/// Documents the header that [`IdempotencyKey`] reads.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read by the derive only")]
pub(crate) struct IdempotencyHeader {
    /// A random key for this action, 1 to 64 visible ASCII characters. Send the same key again with every repetition
    /// of the same request; keys are remembered for at least 24 hours.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 64,
        example = "3f1c9a52-0c1e-4d57-9b7e-6a2f1c0b9a02"
    )]
    idempotency_key: String,
}

/// The header `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key as it was sent.
    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

impl FromRequest for IdempotencyKey {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        const NAME: HeaderName = HeaderName::from_static("idempotency-key");
        if !request.headers().contains_key(NAME) {
            return ready(Err(Refusal::IdempotencyKeyMissing.into()));
        }
        let key = only(request.headers(), &NAME)
            .filter(|key| (1..=64).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()));
        ready(key.map(|key| Self(key.to_owned())).ok_or_else(|| Failure::of("idempotency-key-malformed")))
    }
}

/// Reads a day in the one spelling of this API, `YYYY-MM-DD`.
///
/// # Errors
/// A fault at `pointer`.
pub(crate) fn parse_date(pointer: &'static str, text: &str) -> Result<Date, Fault> {
    let fault = Fault { pointer, code: "invalid-date", detail: "Ein Tag wird JJJJ-MM-TT geschrieben." };
    // jiff also reads times and other spellings: a day has one here
    text.parse::<Date>().ok().filter(|date| date.to_string() == text).ok_or(fault)
}

/// An id in a body.
///
/// # Errors
/// A fault at `pointer`.
pub(crate) fn parse_id<I: FromStr>(pointer: &'static str, text: &str) -> Result<I, Fault> {
    text.parse().map_err(|_| Fault { pointer, code: "invalid-id", detail: "This is no id." })
}

#[cfg(test)]
mod tests;
