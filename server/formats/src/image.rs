//! JPEG and PNG: is this one whole image of a size that a phone can show? Pixels are never decoded.

mod orientation;
mod strip;

use memchr::memchr_iter;
use nahraum_domain::finding::MediaType;

use crate::pdf::ends_as_zip;
use crate::sniff::skip_blank;

pub use strip::{Stripped, strip};

/// The largest image that is accepted (SR-I04): decoding needs four bytes a pixel.
pub const MAX_PIXELS: u64 = 40_000_000;

/// A phone may append a depth map or a preview as further JPEGs, never many.
const MAX_APPENDED: usize = 16;

const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1A\n";

/// What is known about an accepted image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageFacts {
    /// Its type.
    pub media_type: MediaType,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

/// Why an image is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImageRefusal {
    /// Neither JPEG nor PNG.
    #[error("The file is neither a JPEG nor a PNG image.")]
    NotImage,
    /// The end is missing.
    #[error("The image is not complete; it was probably cut off while it was saved or sent.")]
    Truncated,
    /// The structure contradicts itself.
    #[error("The image is damaged.")]
    Damaged,
    /// More than [`MAX_PIXELS`].
    #[error("The image has more than 40 million pixels.")]
    TooLarge,
    /// Another file behind the image.
    #[error("The image contains a second file of another kind behind it.")]
    Polyglot,
}

/// Checks one image.
///
/// # Errors
/// [`ImageRefusal`] names the first thing that makes the image unusable for a reader or dangerous.
pub fn check(bytes: &[u8]) -> Result<ImageFacts, ImageRefusal> {
    let (media_type, (width, height), trailing) = if bytes.starts_with(b"\xFF\xD8\xFF") {
        let (size, trailing) = jpeg(bytes)?;
        (MediaType::Jpeg, size, trailing)
    } else if let Some(chunks) = bytes.strip_prefix(PNG_SIGNATURE) {
        let (size, trailing) = png(chunks, &mut |_| ())?;
        (MediaType::Png, size, trailing)
    } else {
        return Err(ImageRefusal::NotImage);
    };
    if !skip_blank(trailing).is_empty() || ends_as_zip(bytes) {
        return Err(ImageRefusal::Polyglot);
    }
    Ok(ImageFacts { media_type, width, height })
}

type Size = (u32, u32);

fn limited((width, height): Size) -> Result<Size, ImageRefusal> {
    if width == 0 || height == 0 {
        return Err(ImageRefusal::Damaged);
    }
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(ImageRefusal::TooLarge);
    }
    Ok((width, height))
}

/// A piece of an image, as it stands in the file.
struct Piece<'a> {
    /// What kind it is: the marker of a JPEG segment as its last byte, or the type of a PNG chunk.
    kind: [u8; 4],
    /// What it says.
    content: &'a [u8],
    /// All of it, with what surrounds it; for the beginning of a scan with the scan.
    whole: &'a [u8],
}

/// PNG chunks (ISO/IEC 15948, 5.3): length, type, data, CRC. The CRC is left to the decoder.
fn png<'a>(chunks: &'a [u8], see: &mut dyn FnMut(Piece<'a>)) -> Result<(Size, &'a [u8]), ImageRefusal> {
    let mut rest = chunks;
    let mut size = None;
    let mut data = false;
    loop {
        let (length, behind) = rest.split_first_chunk::<4>().ok_or(ImageRefusal::Truncated)?;
        let (kind, behind) = behind.split_first_chunk::<4>().ok_or(ImageRefusal::Truncated)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| ImageRefusal::Damaged)?;
        let (content, behind) = behind.split_at_checked(length).ok_or(ImageRefusal::Truncated)?;
        let (_crc, behind) = behind.split_first_chunk::<4>().ok_or(ImageRefusal::Truncated)?;
        see(Piece { kind: *kind, content, whole: before(rest, behind) });
        rest = behind;
        match (kind, size) {
            (b"IHDR", None) => {
                let (width, content) = content.split_first_chunk::<4>().ok_or(ImageRefusal::Damaged)?;
                let (height, _) = content.split_first_chunk::<4>().ok_or(ImageRefusal::Damaged)?;
                size = Some(limited((u32::from_be_bytes(*width), u32::from_be_bytes(*height)))?);
            }
            (b"IHDR", Some(_)) | (_, None) => return Err(ImageRefusal::Damaged),
            (b"IDAT", Some(_)) => data = true,
            (b"IEND", Some(size)) if data => return Ok((size, rest)),
            (b"IEND", Some(_)) => return Err(ImageRefusal::Damaged),
            _ => {}
        }
    }
}

/// The first image's size, and what follows the last image. Phones append depth maps as further JPEGs (CIPA DC-007).
fn jpeg(bytes: &[u8]) -> Result<(Size, &[u8]), ImageRefusal> {
    let (size, mut rest) = one_jpeg(bytes, &mut |_| ())?;
    for _ in 0..MAX_APPENDED {
        let next = skip_blank(rest);
        if !next.starts_with(b"\xFF\xD8\xFF") {
            break;
        }
        rest = one_jpeg(next, &mut |_| ())?.1;
    }
    Ok((size, rest))
}

/// Marker segments (ITU-T T.81, annex B) from SOI to EOI.
fn one_jpeg<'a>(bytes: &'a [u8], see: &mut dyn FnMut(Piece<'a>)) -> Result<(Size, &'a [u8]), ImageRefusal> {
    let mut rest = bytes.get(2..).ok_or(ImageRefusal::Truncated)?;
    let mut size = None;
    let mut scan = false;
    loop {
        let (marker, behind) = next_marker(rest)?;
        rest = behind;
        if marker == 0xD9 {
            let size = size.filter(|_| scan).ok_or(ImageRefusal::Damaged)?;
            return Ok((size, rest));
        }
        if matches!(marker, 0x01 | 0xD0..=0xD7) {
            continue; // markers without a segment
        }
        let begin = rest;
        let (content, behind) = segment(rest)?;
        rest = behind;
        match marker {
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF if size.is_none() => {
                size = Some(frame_size(content)?);
            }
            0xDA if size.is_some() => {
                scan = true;
                rest = behind_scan(rest)?;
            }
            0xDA | 0xD8 => return Err(ImageRefusal::Damaged),
            _ => {}
        }
        see(Piece { kind: [0, 0, 0xFF, marker], content, whole: before(begin, rest) });
    }
}

/// What stands in `all` before its end `rest`.
fn before<'a>(all: &'a [u8], rest: &[u8]) -> &'a [u8] {
    all.get(..all.len().saturating_sub(rest.len())).unwrap_or(all)
}

/// The marker that the bytes begin with, fill bytes skipped.
fn next_marker(bytes: &[u8]) -> Result<(u8, &[u8]), ImageRefusal> {
    let fill = bytes.iter().take_while(|b| **b == 0xFF).count();
    match bytes.get(fill..).and_then(<[u8]>::split_first) {
        None => Err(ImageRefusal::Truncated),
        Some((marker, rest)) if fill > 0 && *marker != 0 => Ok((*marker, rest)),
        Some(_) => Err(ImageRefusal::Damaged),
    }
}

fn segment(bytes: &[u8]) -> Result<(&[u8], &[u8]), ImageRefusal> {
    let (length, rest) = bytes.split_first_chunk::<2>().ok_or(ImageRefusal::Truncated)?;
    let length = usize::from(u16::from_be_bytes(*length)).checked_sub(2).ok_or(ImageRefusal::Damaged)?;
    rest.split_at_checked(length).ok_or(ImageRefusal::Truncated)
}

fn frame_size(content: &[u8]) -> Result<Size, ImageRefusal> {
    match content {
        [_precision, h1, h0, w1, w0, ..] => {
            limited((u16::from_be_bytes([*w1, *w0]).into(), u16::from_be_bytes([*h1, *h0]).into()))
        }
        _ => Err(ImageRefusal::Damaged),
    }
}

/// Skips entropy-coded data: up to a marker that is neither stuffing nor a restart.
fn behind_scan(bytes: &[u8]) -> Result<&[u8], ImageRefusal> {
    memchr_iter(0xFF, bytes)
        .find(|at| bytes.get(at + 1).is_some_and(|next| !matches!(next, 0 | 0xFF | 0xD0..=0xD7)))
        .and_then(|at| bytes.get(at..))
        .ok_or(ImageRefusal::Truncated)
}

#[cfg(test)]
mod tests {
    use super::*;

    const JPEG: &[u8] = include_bytes!("../../../tests/fixtures/formats/image/small.jpg");
    const PNG: &[u8] = include_bytes!("../../../tests/fixtures/formats/image/small.png");

    #[test]
    fn whole_images_are_measured() {
        assert_eq!(check(JPEG), Ok(ImageFacts { media_type: MediaType::Jpeg, width: 16, height: 8 }));
        assert_eq!(check(PNG), Ok(ImageFacts { media_type: MediaType::Png, width: 16, height: 8 }));
        assert!(check(&[JPEG, b"\0\0"].concat()).is_ok());
        assert!(check(&[JPEG, JPEG].concat()).is_ok(), "a depth map behind the photo");
    }

    #[test]
    fn every_cut_is_noticed() {
        for image in [JPEG, PNG] {
            for cut in 8..image.len() {
                assert_eq!(check(&image[..cut]), Err(ImageRefusal::Truncated), "{cut}");
            }
        }
    }

    #[test]
    fn a_bomb_is_refused_before_decoding() {
        let mut png = PNG.to_vec();
        png[16..24].copy_from_slice(&[0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF]);
        assert_eq!(check(&png), Err(ImageRefusal::TooLarge));
        png[16..20].copy_from_slice(&[0; 4]);
        assert_eq!(check(&png), Err(ImageRefusal::Damaged));
    }

    #[test]
    fn a_second_file_is_refused() {
        for image in [JPEG, PNG] {
            assert_eq!(check(&[image, b"PK\x03\x04zip"].concat()), Err(ImageRefusal::Polyglot));
            assert_eq!(check(&[image, b"<script>"].concat()), Err(ImageRefusal::Polyglot));
        }
        assert_eq!(check(b"GIF89a"), Err(ImageRefusal::NotImage));
    }
}
