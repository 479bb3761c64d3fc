//! Documents inside files for programs: base64 in, a document that a person can look at out.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use nahraum_domain::finding::{EmbeddedDocument, Warning};
use nahraum_domain::private::Private;

use crate::Refusal;

/// Padding is often missing in real files and carries no information.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a document inside a file is not accepted.
#[derive(Debug)]
pub(crate) enum BadDocument {
    /// It is not base64.
    Base64,
    /// It is none that a person could look at.
    Refused(Refusal),
}

/// Decodes a document and judges it by its bytes, like one that comes alone. White space is passed over.
pub(crate) fn from_base64(text: &[u8]) -> Result<(EmbeddedDocument, Vec<Warning>), BadDocument> {
    let bytes = if text.iter().any(u8::is_ascii_whitespace) {
        BASE64.decode(text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect::<Vec<u8>>())
    } else {
        BASE64.decode(text)
    };
    let bytes = bytes.map_err(|_| BadDocument::Base64)?;
    let (media_type, warnings) = crate::document(&bytes).map_err(BadDocument::Refused)?;
    Ok((EmbeddedDocument { media_type, bytes: Private::new(bytes) }, warnings))
}
