//! The vault: every byte of a finding, and every word about a person, passes here on its way into the database and out.
//!
//! It is the one place where encryption with a key per resident belongs; the rooms only see [`Vault::seal`] and
//! [`Vault::open`] and will not change when it comes. What is sealed today is *framed, not encrypted*: one leading byte
//! names the form, so that later forms can live beside this one, and eight check bytes bind it to its place. SECURITY.md
//! says so to operators.
//!
//! Documents are cut into chunks of 64 KiB, each sealed by itself, so that a part can be read without the whole.

use nahraum_secrets::sha256;
use serde::{Serialize, de::DeserializeOwned};

/// Size of a document's chunks before sealing, in bytes. The last one may be shorter.
pub(crate) const CHUNK: usize = 64 * 1024;

/// The form byte of bytes that are framed and not encrypted.
const PLAIN: u8 = 0;

/// The length of the check that binds a value to its place, in bytes.
const CHECK: usize = 8;

/// Where a sealed value belongs. It is bound to it, so that values cannot be swapped between places.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// Table and column.
    pub(crate) column: &'static str,
    /// The id of the row.
    pub(crate) row: &'a [u8; 16],
    /// The number of the chunk, 0 for values that have none.
    pub(crate) part: i32,
}

impl Place<'_> {
    /// The first bytes of SHA-256 over place and bytes: no secret, but a disk that rots or a row that was moved by hand
    /// is noticed.
    fn check(&self, bytes: &[u8]) -> [u8; CHECK] {
        let mut all = Vec::with_capacity(bytes.len().saturating_add(64));
        all.extend_from_slice(self.column.as_bytes());
        all.push(0);
        all.extend_from_slice(self.row);
        all.extend_from_slice(&self.part.to_be_bytes());
        all.extend_from_slice(bytes);
        let [a, b, c, d, e, f, g, h, ..] = sha256(&all);
        [a, b, c, d, e, f, g, h]
    }
}

/// A sealed value that cannot be opened: damaged, moved, or of a form this version does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value cannot be opened")]
pub(crate) struct NotOpened;

/// Seals and opens. See the module's text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vault;

impl Vault {
    /// Seals bytes for a place.
    #[must_use]
    pub(crate) fn seal(&self, place: Place<'_>, bytes: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(bytes.len().saturating_add(1 + CHECK));
        sealed.push(PLAIN);
        sealed.extend_from_slice(&place.check(bytes));
        sealed.extend_from_slice(bytes);
        sealed
    }

    /// Opens what was sealed for the same place.
    ///
    /// # Errors
    /// [`NotOpened`] when the form is unknown, or when the value was damaged or belongs to another place.
    pub(crate) fn open(&self, place: Place<'_>, mut sealed: Vec<u8>) -> Result<Vec<u8>, NotOpened> {
        let (form, rest) = sealed.split_first().ok_or(NotOpened)?;
        let (check, bytes) = rest.split_at_checked(CHECK).ok_or(NotOpened)?;
        if *form != PLAIN || place.check(bytes) != check {
            return Err(NotOpened);
        }
        sealed.drain(..=CHECK);
        Ok(sealed)
    }

    /// Seals a structure as JSON.
    ///
    /// # Errors
    /// [`NotOpened`] when the value cannot be written as JSON, which none of ours does.
    pub(crate) fn seal_json<T: Serialize>(&self, place: Place<'_>, value: &T) -> Result<Vec<u8>, NotOpened> {
        Ok(self.seal(place, &serde_json::to_vec(value).map_err(|_| NotOpened)?))
    }

    /// Opens a structure.
    ///
    /// # Errors
    /// [`NotOpened`] when the form is unknown or the JSON is not what was expected.
    pub(crate) fn open_json<T: DeserializeOwned>(&self, place: Place<'_>, sealed: Vec<u8>) -> Result<T, NotOpened> {
        serde_json::from_slice(&self.open(place, sealed)?).map_err(|_| NotOpened)
    }

    /// Seals a text.
    #[must_use]
    pub(crate) fn seal_text(&self, place: Place<'_>, text: &str) -> Vec<u8> {
        self.seal(place, text.as_bytes())
    }

    /// Opens a text.
    ///
    /// # Errors
    /// [`NotOpened`] when the form is unknown or the bytes are not UTF-8.
    pub(crate) fn open_text(&self, place: Place<'_>, sealed: Vec<u8>) -> Result<String, NotOpened> {
        String::from_utf8(self.open(place, sealed)?).map_err(|_| NotOpened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'static> = Place { column: "findings.summary", row: &[0; 16], part: 0 };

    #[test]
    fn what_is_sealed_opens_again() {
        let vault = Vault;
        assert_eq!(vault.open(PLACE, vault.seal(PLACE, b"bytes")).unwrap(), b"bytes");
        assert_eq!(vault.open_text(PLACE, vault.seal_text(PLACE, "ä")).unwrap(), "ä");
    }

    #[test]
    fn a_value_that_was_moved_or_damaged_is_noticed() {
        let sealed = Vault.seal(PLACE, b"bytes");
        for other in [Place { part: 1, ..PLACE }, Place { row: &[1; 16], ..PLACE }, Place { column: "x", ..PLACE }] {
            assert_eq!(Vault.open(other, sealed.clone()), Err(NotOpened));
        }
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert_eq!(Vault.open(PLACE, damaged), Err(NotOpened), "byte {at}");
        }
    }

    #[test]
    fn an_unknown_form_is_an_error_and_no_guess() {
        assert_eq!(Vault.open(PLACE, vec![9, 1, 2]), Err(NotOpened));
        assert_eq!(Vault.open(PLACE, Vec::new()), Err(NotOpened));
    }
}
