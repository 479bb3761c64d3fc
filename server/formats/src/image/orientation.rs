//! Which way up a photo is: the one thing of what a camera writes into it that belongs to the picture.

/// The tag of the orientation (Exif 2.32, table 4).
const ORIENTATION: u16 = 0x0112;

/// What an Exif segment begins with.
const EXIF: &[u8] = b"Exif\0\0";

/// The orientation in an Exif segment of a JPEG, 2 to 8. None when it is not said, when it is upright, and when it cannot be read.
pub(super) fn of(segment: &[u8]) -> Option<u8> {
    let tiff = segment.strip_prefix(EXIF)?;
    let number: fn([u8; 2]) -> u16 = match tiff.get(..4)? {
        b"II*\0" => u16::from_le_bytes,
        b"MM\0*" => u16::from_be_bytes,
        _ => return None,
    };
    let at = |place: usize| Some(number(*tiff.get(place..)?.first_chunk()?));
    // The offset of the first directory has four bytes; one that does not fit into two leads out of the segment.
    let (low, high) = if tiff.starts_with(b"II") { (at(4)?, at(6)?) } else { (at(6)?, at(4)?) };
    let directory = usize::from(low);
    let entries = usize::from(at(directory)?);
    let found =
        (0..entries).map(|n| directory.saturating_add(2 + 12 * n)).find(|entry| at(*entry) == Some(ORIENTATION))?;
    let value = u8::try_from(at(found.saturating_add(8))?).ok()?;
    (high == 0 && (2..=8).contains(&value)).then_some(value)
}

/// A whole Exif segment that says nothing but the orientation, with its marker.
pub(super) fn segment(orientation: u8) -> Vec<u8> {
    let directory: [&[u8]; 5] = [
        b"MM\0*\0\0\0\x08\0\x01",
        &ORIENTATION.to_be_bytes(),
        // A short number, one of them, on the left side of its field.
        b"\0\x03\0\0\0\x01",
        &[0, orientation, 0, 0],
        // No further directory.
        &[0; 4],
    ];
    [b"\xFF\xE1\0\x22", EXIF, &directory.concat()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for orientation in 2..=8 {
            let segment = segment(orientation);
            assert_eq!(segment.len(), 0x22 + 2, "the length counts itself and not the marker");
            assert_eq!(of(&segment[4..]), Some(orientation));
        }
    }

    #[test]
    fn what_cannot_be_read_is_upright() {
        let little = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        assert_eq!(of(little), Some(6));
        for cut in 0..little.len() - 6 {
            assert!(of(&little[..cut]).is_none_or(|o| o == 6), "{cut}");
        }
        assert_eq!(of(b"http://ns.adobe.com/xap/1.0/\0"), None);
        assert_eq!(of(&segment(1)[4..]), None, "upright needs no word");
        assert_eq!(of(&segment(9)[4..]), None);
    }
}
