//! The headers that every answer carries, also errors (SR-K11).

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// Nothing may be loaded by, or framed with, an answer of this server.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// Two years, with all names below this one.
const STRICT_TRANSPORT_SECURITY: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// The name under which a request stands in the logs.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub(crate) const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Puts the headers on. `https` says whether phones reach the server under an https address: promised to somebody who
/// came by http, HSTS would lock them out (RFC 6797, 7.2).
///
/// Health data must not stay in caches, so nothing is stored unless a handler has said otherwise.
pub(crate) fn dress(headers: &mut HeaderMap, https: bool) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT_SECURITY);
    }
    unless_set(headers, header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    unless_set(headers, header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.remove(header::SERVER);
}

fn unless_set(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    if !headers.contains_key(&name) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handler_may_cache_and_may_not_sniff() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("sniff"));
        headers.insert(header::SERVER, HeaderValue::from_static("x/1.0"));
        dress(&mut headers, false);
        assert_eq!(headers.get(header::CACHE_CONTROL).unwrap(), "public, max-age=300");
        assert_eq!(headers.get(header::X_CONTENT_TYPE_OPTIONS).unwrap(), "nosniff");
        assert!(!headers.contains_key(header::SERVER));
        assert!(!headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
    }
}
