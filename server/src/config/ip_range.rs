//! Ranges of IP addresses as reverse proxies are named: a single address or CIDR notation (RFC 4632).

use std::{fmt, net::IpAddr, str::FromStr};

/// A block of addresses, such as `10.1.0.0/16` or `::1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IpRange {
    /// Any address of the block.
    pub address: IpAddr,
    /// How many leading bits belong to the block: 0 to 32 for IPv4, 0 to 128 for IPv6.
    pub prefix: u8,
}

impl FromStr for IpRange {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u8>().map_err(|_| ())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| ())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        match prefix.unwrap_or(longest) {
            prefix if prefix <= longest => Ok(Self { address, prefix }),
            _ => Err(()),
        }
    }
}

impl fmt::Display for IpRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_alone_is_a_range_of_one() {
        for (text, shown) in [("10.1.0.0/16", "10.1.0.0/16"), ("127.0.0.1", "127.0.0.1/32"), ("::1", "::1/128")] {
            assert_eq!(text.parse::<IpRange>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn nonsense_is_no_range() {
        for text in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "proxy", "10.0.0.0/-1", "10.0.0.0/"] {
            assert!(text.parse::<IpRange>().is_err(), "{text}");
        }
    }
}
