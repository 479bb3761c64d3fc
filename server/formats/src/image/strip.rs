//! An image without what a camera or a program wrote into it: place, time, device, names, thumbnails, depth maps.
//!
//! What stays is what is needed to see the same picture. The list says what stays and not what goes: what nobody has thought of goes.

use nahraum_domain::finding::MediaType;

use super::{ImageFacts, ImageRefusal, PNG_SIGNATURE, Piece, check, one_jpeg, orientation, png};

/// An image with nothing but its picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stripped {
    /// What is known of it, as it is seen: a photo that lies on its side has its height from left to right.
    pub facts: ImageFacts,
    /// The image.
    pub bytes: Vec<u8>,
}

/// PNG chunks that make the picture (ISO/IEC 15948, 11): size, colours, transparency, pixels.
const PNG_KEPT: [&[u8; 4]; 11] =
    [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"sRGB", b"gAMA", b"cHRM", b"iCCP", b"sBIT", b"pHYs"];

/// Takes everything out of an image that is not the picture. Which way up it is stays.
///
/// # Errors
/// As [`check`].
pub fn strip(bytes: &[u8]) -> Result<Stripped, ImageRefusal> {
    let mut facts = check(bytes)?;
    let mut kept = Vec::with_capacity(bytes.len());
    match bytes.strip_prefix(PNG_SIGNATURE) {
        Some(chunks) if facts.media_type == MediaType::Png => {
            kept.extend_from_slice(PNG_SIGNATURE);
            png(chunks, &mut |chunk| {
                if PNG_KEPT.contains(&&chunk.kind) {
                    kept.extend_from_slice(chunk.whole);
                }
            })?;
        }
        Some(_) | None => {
            kept.extend_from_slice(b"\xFF\xD8");
            let mut lies = false;
            one_jpeg(bytes, &mut |segment| lies |= keep(&segment, &mut kept))?;
            kept.extend_from_slice(b"\xFF\xD9");
            if lies {
                (facts.width, facts.height) = (facts.height, facts.width);
            }
        }
    }
    Ok(Stripped { facts, bytes: kept })
}

/// Keeps of a JPEG segment what makes the picture (ITU-T T.81, table B.1); whether it says that the picture lies on its side.
fn keep(segment: &Piece<'_>, kept: &mut Vec<u8>) -> bool {
    let [.., marker] = segment.kind;
    match marker {
        // JFIF: the density, without the thumbnail behind it.
        0xE0 => {
            if let Some(density) = segment.content.get(..12).filter(|c| c.starts_with(b"JFIF\0")) {
                kept.extend_from_slice(b"\xFF\xE0\0\x10");
                kept.extend_from_slice(density);
                kept.extend_from_slice(&[0, 0]);
            }
        }
        0xE1 => {
            let orientation = orientation::of(segment.content);
            kept.extend(orientation.map(orientation::segment).into_iter().flatten());
            return orientation.is_some_and(|orientation| orientation >= 5);
        }
        // How colours are meant: a profile, and Adobe's word on how they were transformed.
        0xE2 if segment.content.starts_with(b"ICC_PROFILE\0") => whole(segment, marker, kept),
        0xEE if segment.content.starts_with(b"Adobe") => whole(segment, marker, kept),
        // Frames, tables, scans, restart intervals, numbers of lines.
        0xC0..=0xCF | 0xDA..=0xDD => whole(segment, marker, kept),
        _ => {}
    }
    false
}

fn whole(segment: &Piece<'_>, marker: u8, kept: &mut Vec<u8>) {
    kept.extend_from_slice(&[0xFF, marker]);
    kept.extend_from_slice(segment.whole);
}

#[cfg(test)]
mod tests {
    use memchr::memmem;
    use proptest::prelude::*;

    use super::*;

    const JPEG: &[u8] = include_bytes!("../../../../tests/fixtures/formats/image/small.jpg");
    const PNG: &[u8] = include_bytes!("../../../../tests/fixtures/formats/image/small.png");
    const CANARY: &[u8] = b"Kanarienweg 7";

    fn jpeg_segment(marker: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, marker][..], &length, content].concat()
    }

    fn png_chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&length[..], kind, content, &[0; 4]].concat()
    }

    fn holds(bytes: &[u8], part: &[u8]) -> bool {
        memmem::find(bytes, part).is_some()
    }

    #[test]
    fn what_a_phone_writes_into_a_photo_is_gone_and_it_stays_upright() {
        let mut exif = orientation::segment(6)[4..].to_vec();
        exif.extend_from_slice(CANARY);
        let xmp = [b"http://ns.adobe.com/xap/1.0/\0", CANARY].concat();
        let said: Vec<u8> = [
            jpeg_segment(0xE0, &[b"JFIF\0\x01\x02\0\0\x01\0\x01\x01\x01", CANARY].concat()),
            jpeg_segment(0xE1, &exif),
            jpeg_segment(0xE1, &xmp),
            jpeg_segment(0xE2, &[b"MPF\0", CANARY].concat()),
            jpeg_segment(0xED, &[b"Photoshop 3.0\0", CANARY].concat()),
            jpeg_segment(0xFE, CANARY),
        ]
        .concat();
        let photo = [&JPEG[..2], &said, &JPEG[2..], JPEG].concat();
        let stripped = strip(&photo).unwrap();
        assert!(!holds(&stripped.bytes, CANARY));
        assert_eq!((stripped.facts.width, stripped.facts.height), (8, 16), "as it is seen");
        assert!(holds(&stripped.bytes, &orientation::segment(6)));
        assert_eq!(check(&stripped.bytes), check(JPEG));
        assert!(stripped.bytes.len() <= JPEG.len() + 36 + 18, "the depth map behind it is gone");
    }

    #[test]
    fn what_a_program_writes_into_a_picture_is_gone() {
        let end = PNG.len() - 12;
        let said: Vec<u8> = [b"tEXt", b"iTXt", b"zTXt", b"eXIf", b"tIME", b"acTL", b"prVt"]
            .iter()
            .flat_map(|kind| png_chunk(kind, CANARY))
            .collect();
        let stripped = strip(&[&PNG[..end], &said, &PNG[end..]].concat()).unwrap();
        assert_eq!(stripped.bytes, strip(PNG).unwrap().bytes);
        assert!(!holds(&stripped.bytes, CANARY) && holds(&stripped.bytes, b"IDAT"));
    }

    #[test]
    fn a_colour_profile_stays() {
        let profile = jpeg_segment(0xE2, b"ICC_PROFILE\0\x01\x01colours");
        let stripped = strip(&[&JPEG[..2], &profile, &JPEG[2..]].concat()).unwrap();
        assert!(holds(&stripped.bytes, &profile));
    }

    proptest! {
        #[test]
        fn what_is_stripped_is_an_image_of_the_same_size_and_stays_as_it_is(
            at in 0..JPEG.len().max(PNG.len()), byte: u8, is_png: bool,
        ) {
            let mut bytes = if is_png { PNG } else { JPEG }.to_vec();
            if let Some(there) = bytes.get_mut(at) {
                *there = byte;
            }
            match (check(&bytes), strip(&bytes)) {
                (Ok(facts), Ok(stripped)) => {
                    prop_assert_eq!(stripped.facts, facts);
                    prop_assert_eq!(check(&stripped.bytes), Ok(facts));
                    prop_assert_eq!(strip(&stripped.bytes), Ok(stripped));
                }
                (checked, stripped) => prop_assert_eq!(checked.err(), stripped.err()),
            }
        }
    }
}
