//! The vault: every byte of a finding, and every word about a person, passes here on its way into the database and out.
//!
//! It is the one place where encryption with a key per resident belongs; the rooms only see [`Vault::seal`] and
//! [`Vault::open`] and will not change when it comes. What is sealed today is *framed, not encrypted*: one leading byte
//! names the form, so that later forms can live beside this one. SECURITY.md says so to operators.
//!
//! Documents are cut into chunks of 64 KiB, each sealed by itself, so that a part can be read without the whole.

use serde::{Serialize, de::DeserializeOwned};

/// Size of a document's chunks before sealing, in bytes. The last one may be shorter.
pub const CHUNK: usize = 64 * 1024;

/// The form byte of bytes that are framed and not encrypted.
const PLAIN: u8 = 0;

/// Where a sealed value belongs. A later form binds it, so that values cannot be swapped between places.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Table and column.
    pub column: &'static str,
    /// The id of the row.
    pub row: &'a [u8; 16],
    /// The number of the chunk, 0 for values that have none.
    pub part: i32,
}

/// A sealed value that cannot be opened: damaged, or of a form this version does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value cannot be opened")]
pub struct NotOpened;

/// Seals and opens. See the module's text.
#[derive(Debug, Clone, Default)]
pub struct Vault;

impl Vault {
    /// Seals bytes for a place.
    #[must_use]
    pub fn seal(&self, _place: Place<'_>, bytes: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(bytes.len().saturating_add(1));
        sealed.push(PLAIN);
        sealed.extend_from_slice(bytes);
        sealed
    }

    /// Opens what was sealed for the same place.
    ///
    /// # Errors
    /// [`NotOpened`] when the form is unknown.
    pub fn open(&self, _place: Place<'_>, mut sealed: Vec<u8>) -> Result<Vec<u8>, NotOpened> {
        if sealed.first() != Some(&PLAIN) {
            return Err(NotOpened);
        }
        sealed.remove(0);
        Ok(sealed)
    }

    /// Seals a structure as JSON.
    ///
    /// # Errors
    /// [`NotOpened`] when the value cannot be written as JSON, which none of ours does.
    pub fn seal_json<T: Serialize>(&self, place: Place<'_>, value: &T) -> Result<Vec<u8>, NotOpened> {
        Ok(self.seal(place, &serde_json::to_vec(value).map_err(|_| NotOpened)?))
    }

    /// Opens a structure.
    ///
    /// # Errors
    /// [`NotOpened`] when the form is unknown or the JSON is not what was expected.
    pub fn open_json<T: DeserializeOwned>(&self, place: Place<'_>, sealed: Vec<u8>) -> Result<T, NotOpened> {
        serde_json::from_slice(&self.open(place, sealed)?).map_err(|_| NotOpened)
    }

    /// Seals a text.
    #[must_use]
    pub fn seal_text(&self, place: Place<'_>, text: &str) -> Vec<u8> {
        self.seal(place, text.as_bytes())
    }

    /// Opens a text.
    ///
    /// # Errors
    /// [`NotOpened`] when the form is unknown or the bytes are not UTF-8.
    pub fn open_text(&self, place: Place<'_>, sealed: Vec<u8>) -> Result<String, NotOpened> {
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
    fn an_unknown_form_is_an_error_and_no_guess() {
        assert_eq!(Vault.open(PLACE, vec![9, 1, 2]), Err(NotOpened));
        assert_eq!(Vault.open(PLACE, Vec::new()), Err(NotOpened));
    }
}
