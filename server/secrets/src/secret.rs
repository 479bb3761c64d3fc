//! A secret text: a PIN, a password, a code, on its way to the hasher or to the one person it belongs to.

use std::fmt;

use zeroize::Zeroizing;

/// A text that is overwritten in memory when it goes out of use and that never prints.
///
/// There is no `PartialEq`: equal secrets are found by the [`Hasher`](crate::Hasher), in constant time.
///
/// ```compile_fail,E0369
/// # use nahraum_secrets::Secret;
/// let equal = Secret::new("483920") == Secret::new("483920");
/// ```
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a text over. Whoever made it from another text still has to see to that one.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself, for hashing it or for handing it out.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_dots() {
        assert_eq!(format!("{:?}", Secret::new("483920")), "•••");
    }
}
