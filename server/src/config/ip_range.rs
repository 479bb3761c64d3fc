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

impl IpRange {
    /// Whether an address lies in the block. An IPv4 address that arrives mapped into IPv6 counts as IPv4.
    #[must_use]
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                leading(u128::from(ours.to_bits()) << 96, self.prefix)
                    == leading(u128::from(theirs.to_bits()) << 96, self.prefix)
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                leading(ours.to_bits(), self.prefix) == leading(theirs.to_bits(), self.prefix)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// The first `prefix` bits of an address; the others are zero.
fn leading(bits: u128, prefix: u8) -> u128 {
    bits & u128::MAX.checked_shl(128_u32.saturating_sub(u32::from(prefix))).unwrap_or(0)
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
    fn a_range_knows_its_addresses() {
        for (range, inside, outside) in [
            ("10.1.0.0/16", "10.1.255.9", "10.2.0.1"),
            ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
            ("0.0.0.0/0", "203.0.113.9", "::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
            ("10.0.0.0/8", "::ffff:10.9.9.9", "::ffff:11.0.0.1"),
        ] {
            let range: IpRange = range.parse().unwrap();
            assert!(range.contains(inside.parse().unwrap()), "{range} {inside}");
            assert!(!range.contains(outside.parse().unwrap()), "{range} {outside}");
        }
    }

    #[test]
    fn nonsense_is_no_range() {
        for text in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "proxy", "10.0.0.0/-1", "10.0.0.0/"] {
            assert!(text.parse::<IpRange>().is_err(), "{text}");
        }
    }
}
