//! The one image of an offer: what it may be, and what has to be said with it.

use crate::finding::MediaType;

/// The largest image in bytes, after everything that is not the picture has been taken out: ten seconds on a slow line.
pub const MAX_BYTES: usize = 512 * 1024;

/// The longest side in pixels: more than any phone shows.
pub const MAX_SIDE: u32 = 4096;

/// The longest description in characters: a screen reader says it in one go.
pub const MAX_ALT: usize = 250;

/// What is known of the image of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its type.
    pub media_type: MediaType,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

/// Whether an image of this size can be shown on every phone.
#[must_use]
pub fn is_small_enough(width: u32, height: u32, bytes: usize) -> bool {
    width.max(height) <= MAX_SIDE && bytes <= MAX_BYTES
}

/// What an image shows as it is kept, if it can be: at most [`MAX_ALT`] characters on one line. Empty is not said.
#[must_use]
pub fn alt(text: &str) -> Option<String> {
    let text = text.trim();
    (text.chars().count() <= MAX_ALT && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_as_a_camera_makes_it_is_too_large() {
        assert!(is_small_enough(1600, 1200, MAX_BYTES) && is_small_enough(MAX_SIDE, 1, 1));
        assert!(!is_small_enough(1, MAX_SIDE + 1, 1) && !is_small_enough(1, 1, MAX_BYTES + 1));
    }

    #[test]
    fn what_is_shown_is_said_on_one_line() {
        assert_eq!(alt(" Drei Menschen gehen ").as_deref(), Some("Drei Menschen gehen"));
        assert_eq!((alt("zwei\nZeilen"), alt(&"ä".repeat(251))), (None, None));
        assert_eq!(alt(&"ä".repeat(250)).map(|alt| alt.chars().count()), Some(250));
    }
}
