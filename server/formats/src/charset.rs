//! Which characters the bytes of an older file mean. What it declares is asked, but the bytes decide: declarations are
//! often wrong, and a wrong umlaut in a name is a wrong name.

use std::borrow::Cow;

use encoding_rs::{ISO_8859_15, WINDOWS_1252};

/// A set of characters that files of practices and laboratories come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Charset {
    /// The German variant of 7-bit ASCII (DIN 66003): umlauts in the place of brackets and braces.
    Din66003,
    /// The character set of the IBM PC, code page 437.
    Ibm437,
    /// ISO 8859-1, Latin 1.
    Iso8859_1,
    /// ISO 8859-15, Latin 9, with the euro sign.
    Iso8859_15,
    /// Windows code page 1252: as ISO 8859-1, with characters where that has controls.
    Windows1252,
    /// UTF-8.
    Utf8,
}

/// Which set of characters a text is taken to be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The set.
    pub charset: Charset,
    /// Whether the bytes speak against what the file declares.
    pub contradicts: bool,
}

/// ü ä Ä ö Ö Ü ß in code page 437.
const UMLAUTS_437: [u8; 7] = [0x81, 0x84, 0x8E, 0x94, 0x99, 0x9A, 0xE1];

/// Ä Ö Ü ä ö ü ß in the sets that begin like ISO 8859-1.
const UMLAUTS_LATIN: [u8; 7] = [0xC4, 0xD6, 0xDC, 0xE4, 0xF6, 0xFC, 0xDF];

/// Decides from the bytes of a whole file.
///
/// Without a byte above 127 the declaration holds. Valid UTF-8 with at least one longer character is UTF-8, because no
/// other text is that by chance. Else the umlauts decide between code page 437 and the Latin sets, and between those the
/// bytes 80 to 9F, which only Windows uses.
#[must_use]
pub fn decide(bytes: &[u8], declared: Charset) -> Decision {
    if bytes.is_ascii() {
        return Decision { charset: declared, contradicts: false };
    }
    let charset = if std::str::from_utf8(bytes).is_ok() { Charset::Utf8 } else { of_eight_bits(bytes, declared) };
    Decision { charset, contradicts: charset != declared }
}

/// The bytes of those pieces that are not all ASCII, for whoever asks for others only: most pieces are.
pub(crate) fn beyond_ascii(bytes: &[u8]) -> impl Iterator<Item = &u8> {
    bytes.chunks(64).filter(|piece| !piece.is_ascii()).flatten()
}

fn of_eight_bits(bytes: &[u8], declared: Charset) -> Charset {
    let mut counts = [0_usize; 256];
    for byte in beyond_ascii(bytes) {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let sum = |of: &[u8]| of.iter().filter_map(|byte| counts.get(usize::from(*byte))).sum::<usize>();
    let (ibm, latin) = (sum(&UMLAUTS_437), sum(&UMLAUTS_LATIN));
    if ibm > latin || (ibm == latin && declared == Charset::Ibm437) {
        return Charset::Ibm437;
    }
    let windows = counts.get(0x80..0xA0).is_some_and(|middle| middle.iter().any(|count| *count > 0));
    match declared {
        _ if windows => Charset::Windows1252,
        Charset::Iso8859_1 | Charset::Iso8859_15 | Charset::Windows1252 => declared,
        Charset::Din66003 | Charset::Ibm437 | Charset::Utf8 => Charset::Iso8859_15,
    }
}

impl Charset {
    /// Every set.
    pub const ALL: [Self; 6] =
        [Self::Din66003, Self::Ibm437, Self::Iso8859_1, Self::Iso8859_15, Self::Windows1252, Self::Utf8];

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Din66003 => "DIN 66003",
            Self::Ibm437 => "IBM 437",
            Self::Iso8859_1 => "ISO 8859-1",
            Self::Iso8859_15 => "ISO 8859-15",
            Self::Windows1252 => "Windows-1252",
            Self::Utf8 => "UTF-8",
        }
    }

    /// The text that bytes mean. What means nothing becomes U+FFFD.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        if self != Self::Din66003
            && bytes.is_ascii()
            && let Ok(text) = std::str::from_utf8(bytes)
        {
            return Cow::Borrowed(text);
        }
        match self {
            Self::Din66003 => bytes.iter().map(|byte| din(*byte)).collect(),
            Self::Ibm437 => bytes.iter().map(|byte| ibm(*byte)).collect(),
            Self::Iso8859_1 => encoding_rs::mem::decode_latin1(bytes),
            Self::Iso8859_15 => ISO_8859_15.decode_without_bom_handling(bytes).0,
            Self::Windows1252 => WINDOWS_1252.decode_without_bom_handling(bytes).0,
            Self::Utf8 => String::from_utf8_lossy(bytes),
        }
    }
}

fn din(byte: u8) -> char {
    match byte {
        b'@' => '§',
        b'[' => 'Ä',
        b'\\' => 'Ö',
        b']' => 'Ü',
        b'{' => 'ä',
        b'|' => 'ö',
        b'}' => 'ü',
        b'~' => 'ß',
        0x80.. => char::REPLACEMENT_CHARACTER,
        other => char::from(other),
    }
}

fn ibm(byte: u8) -> char {
    let above = byte.checked_sub(0x80).and_then(|at| IBM_437.get(usize::from(at)));
    above.copied().unwrap_or(char::from(byte))
}

/// Code page 437 from 80 on, but for E1: German files mean ß, not the Greek β that looks like it.
#[rustfmt::skip]
const IBM_437: [char; 128] = [
    'Ç', 'ü', 'é', 'â', 'ä', 'à', 'å', 'ç', 'ê', 'ë', 'è', 'ï', 'î', 'ì', 'Ä', 'Å',
    'É', 'æ', 'Æ', 'ô', 'ö', 'ò', 'û', 'ù', 'ÿ', 'Ö', 'Ü', '¢', '£', '¥', '₧', 'ƒ',
    'á', 'í', 'ó', 'ú', 'ñ', 'Ñ', 'ª', 'º', '¿', '⌐', '¬', '½', '¼', '¡', '«', '»',
    '░', '▒', '▓', '│', '┤', '╡', '╢', '╖', '╕', '╣', '║', '╗', '╝', '╜', '╛', '┐',
    '└', '┴', '┬', '├', '─', '┼', '╞', '╟', '╚', '╔', '╩', '╦', '╠', '═', '╬', '╧',
    '╨', '╤', '╥', '╙', '╘', '╒', '╓', '╫', '╪', '┘', '┌', '█', '▄', '▌', '▐', '▀',
    'α', 'ß', 'Γ', 'π', 'Σ', 'σ', 'µ', 'τ', 'Φ', 'Θ', 'Ω', 'δ', '∞', 'φ', 'ε', '∩',
    '≡', '±', '≥', '≤', '⌠', '⌡', '÷', '≈', '°', '∙', '·', '√', 'ⁿ', '²', '■', '\u{A0}',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn umlauts_are_the_same_in_every_set() {
        let words = "ÄÖÜäöüß";
        let cases: &[(Charset, &[u8])] = &[
            (Charset::Din66003, b"[\\]{|}~"),
            (Charset::Ibm437, b"\x8E\x99\x9A\x84\x94\x81\xE1"),
            (Charset::Iso8859_1, b"\xC4\xD6\xDC\xE4\xF6\xFC\xDF"),
            (Charset::Iso8859_15, b"\xC4\xD6\xDC\xE4\xF6\xFC\xDF"),
            (Charset::Windows1252, b"\xC4\xD6\xDC\xE4\xF6\xFC\xDF"),
            (Charset::Utf8, words.as_bytes()),
        ];
        for (charset, bytes) in cases {
            assert_eq!(charset.decode(bytes), words, "{}", charset.name());
        }
        assert_eq!(Charset::Iso8859_15.decode(b"\xA4"), "€");
        assert_eq!(Charset::Iso8859_1.decode(b"\xA4"), "¤");
        assert_eq!(Charset::Windows1252.decode(b"\x84\x80"), "„€");
        assert_eq!(
            (Charset::Ibm437.decode(b"\xE6g/l"), Charset::Ibm437.decode(b"\xF8C")),
            ("µg/l".into(), "°C".into())
        );
    }

    #[test]
    fn the_bytes_decide_and_the_declaration_breaks_ties() {
        let of = |bytes: &[u8], declared| {
            let decision = decide(bytes, declared);
            (decision.charset, decision.contradicts)
        };
        for declared in Charset::ALL {
            assert_eq!(of(b"plain [words]", declared), (declared, false), "seven bits say nothing");
        }
        assert_eq!(of("Groß".as_bytes(), Charset::Iso8859_15), (Charset::Utf8, true));
        assert_eq!(of("Groß".as_bytes(), Charset::Utf8), (Charset::Utf8, false));
        assert_eq!(of(b"Gro\xDF", Charset::Iso8859_1), (Charset::Iso8859_1, false));
        assert_eq!(of(b"Gro\xDF", Charset::Ibm437), (Charset::Iso8859_15, true));
        assert_eq!(of(b"Gro\xDF", Charset::Din66003), (Charset::Iso8859_15, true));
        assert_eq!(of(b"M\x81\xE1ig", Charset::Iso8859_15), (Charset::Ibm437, true));
        assert_eq!(of(b"\x82", Charset::Ibm437), (Charset::Ibm437, false), "no umlaut, so it is as declared");
        assert_eq!(of(b"\x82", Charset::Iso8859_1), (Charset::Windows1252, true));
        assert_eq!(of(b"M\xFCller \x96 Gro\xDF", Charset::Iso8859_1), (Charset::Windows1252, true));
    }
}
