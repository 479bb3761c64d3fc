//! From which network a request comes: its peer's, or what a reverse proxy of ours says about it (SR-I11).
//!
//! `X-Forwarded-For` is a list to which every proxy adds whom it was asked by. It is read from its end, and as far as the hop
//! that says so is one of the operator's own; what stands before was written by a stranger.

use std::{
    future::{Ready, ready},
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{HeaderMap, HeaderName},
    web::Data,
};
use nahraum_domain::network::{IpRange, Network};

use crate::problem::Failure;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The reverse proxies that the operator has named. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Proxies(Arc<[IpRange]>);

impl Proxies {
    /// These, and no others.
    #[must_use]
    pub fn new(ranges: &[IpRange]) -> Self {
        Self(Arc::from(ranges))
    }

    fn have(&self, address: IpAddr) -> bool {
        self.0.iter().any(|range| range.contains(address))
    }

    /// Who speaks behind this peer.
    fn origin(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let lists: Vec<&str> = headers.get_all(X_FORWARDED_FOR).map(|list| list.to_str().unwrap_or_default()).collect();
        let mut origin = peer;
        for hop in lists.iter().rev().flat_map(|list| list.rsplit(',')) {
            if !self.have(origin) {
                break;
            }
            let Some(address) = address(hop) else { break };
            origin = address;
        }
        origin
    }
}

/// An address as proxies write it, some with its port.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// The network that a request comes from. Requests without an address share one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sender(pub(crate) Network);

impl FromRequest for Sender {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let peer = request.peer_addr().map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| peer.ip());
        let origin =
            request.app_data::<Data<Proxies>>().map_or(peer, |proxies| proxies.origin(peer, request.headers()));
        ready(Ok(Self(Network::of(origin))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(peer: &str, lists: &[&str]) -> String {
        let ranges = ["10.0.0.0/8", "192.0.2.1", "2001:db8::/64"].map(|range| range.parse().unwrap());
        let mut headers = HeaderMap::new();
        for list in lists {
            headers.append(X_FORWARDED_FOR, list.parse().unwrap());
        }
        Proxies::new(&ranges).origin(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn sr_i11_a_proxy_of_ours_says_whom_it_was_asked_by() {
        assert_eq!(origin("10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(origin("192.0.2.1", &["2001:db8:1::7"]), "2001:db8:1::7");
        assert_eq!(origin("::ffff:10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        for with_port in ["203.0.113.9:4711", " 203.0.113.9 "] {
            assert_eq!(origin("10.0.0.1", &[with_port]), "203.0.113.9");
        }
        for with_port in ["[2001:db8:1::7]:4711", "[2001:db8:1::7]"] {
            assert_eq!(origin("10.0.0.1", &[with_port]), "2001:db8:1::7");
        }
    }

    #[test]
    fn sr_i11_what_strangers_say_about_themselves_is_not_believed() {
        assert_eq!(origin("203.0.113.9", &["198.51.100.1"]), "203.0.113.9", "not asked through a proxy at all");
        assert_eq!(origin("10.0.0.1", &["198.51.100.1, 203.0.113.9"]), "203.0.113.9", "what stood there before");
        assert_eq!(origin("10.0.0.1", &["198.51.100.1", "203.0.113.9"]), "203.0.113.9", "in a header of its own");
        assert_eq!(origin("10.0.0.1", &["198.51.100.1, 203.0.113.9, 10.0.0.2"]), "203.0.113.9", "through two of ours");
        assert_eq!(origin("10.0.0.1", &["10.0.0.3, 203.0.113.9"]), "203.0.113.9", "posing as one of ours");
    }

    #[test]
    fn sr_i11_what_cannot_be_read_is_the_proxys_own() {
        for nonsense in [&[][..], &[""], &["unknown"], &["203.0.113.9, x"], &["203.0.113.9,"], &["_hidden, 10.0.0.1:x"]]
        {
            assert_eq!(origin("10.0.0.7", nonsense), "10.0.0.7", "{nonsense:?}");
        }
        let mut headers = HeaderMap::new();
        headers.append(X_FORWARDED_FOR, actix_web::http::header::HeaderValue::from_bytes(b"\xff").unwrap());
        let ours = Proxies::new(&["10.0.0.7".parse().unwrap()]);
        assert_eq!(ours.origin("10.0.0.7".parse().unwrap(), &headers).to_string(), "10.0.0.7");
    }
}
