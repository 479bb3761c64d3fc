//! What the server signs about its log: canonical texts (RFC 8785) and nothing else.
//!
//! The `format` in each text keeps a signature over one kind from passing for another.

use std::fmt::Write as _;

use super::chain::{Hash, Position};
use crate::ids::ResidentId;

/// What a signature about the chain over all is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    /// The log has had these entries.
    Checkpoint,
    /// The log was pruned up to here, because these entries were too old.
    Anchor,
}

impl Mark {
    /// A stable word for it, in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Checkpoint => "checkpoint",
            Self::Anchor => "anchor",
        }
    }

    /// The mark with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Checkpoint, Self::Anchor].into_iter().find(|mark| mark.as_str() == word)
    }
}

/// A place in the chain over all, to be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// What for.
    pub mark: Mark,
    /// The place. Its count is the number of the newest entry and, because numbers begin with 1 and have no gaps, how
    /// many entries there have been.
    pub place: Position,
    /// When it was signed, in microseconds since 1970-01-01T00:00:00Z.
    pub at: i64,
    /// The public key of the signer. It names the installation.
    pub key: [u8; 32],
}

impl Checkpoint {
    /// The text to sign.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { mark, place, at, key } = self;
        format!(
            "{{\"at\":{at},\"format\":\"nahraum-log-{}-1\",\"hash\":\"{}\",\"key\":\"{}\",\"seq\":{}}}",
            mark.as_str(),
            hex(&place.hash),
            hex(key),
            place.count
        )
    }
}

/// What a resident takes away: how their chain stands, and where the chain over all stood then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// Whose chain.
    pub resident: ResidentId,
    /// How it stands.
    pub own: Position,
    /// How the chain over all stands.
    pub all: Position,
    /// When, in microseconds since 1970-01-01T00:00:00Z.
    pub at: i64,
    /// The public key of the signer.
    pub key: [u8; 32],
}

impl Statement {
    /// The text to sign.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { resident, own, all, at, key } = self;
        format!(
            "{{\"at\":{at},\"count\":{},\"format\":\"nahraum-log-statement-1\",\"hash\":\"{}\",\"key\":\"{}\",\
             \"resident\":\"{resident}\",\"resident_hash\":\"{}\",\"seq\":{}}}",
            own.count,
            hex(&all.hash),
            hex(key),
            hex(&own.hash),
            all.count
        )
    }
}

/// Bytes as lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len().saturating_mul(2)), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ok = write!(text, "{byte:02x}").is_ok();
        text
    })
}

/// `N` bytes from exactly twice as many lower-case hexadecimal digits.
#[must_use]
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    let mut digits = text.bytes();
    for byte in &mut bytes {
        *byte = value(digits.next()?)? << 4 | value(digits.next()?)?;
    }
    digits.next().is_none().then_some(bytes)
}

/// A hash from its hexadecimal digits.
#[must_use]
pub fn unhex_hash(text: &str) -> Option<Hash> {
    unhex(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_are_pinned() {
        let place = Position { count: 7, hash: [0xab; 32] };
        let (ab, cd, ef) = ("ab".repeat(32), "cd".repeat(32), "ef".repeat(32));
        let checkpoint = Checkpoint { mark: Mark::Checkpoint, place, at: 12, key: [0xcd; 32] };
        assert_eq!(
            checkpoint.text(),
            format!(
                "{{\"at\":12,\"format\":\"nahraum-log-checkpoint-1\",\"hash\":\"{ab}\",\"key\":\"{cd}\",\"seq\":7}}"
            )
        );
        assert!(Checkpoint { mark: Mark::Anchor, ..checkpoint }.text().contains("\"nahraum-log-anchor-1\""));
        let resident = ResidentId::from_bytes([1; 16]);
        let own = Position { count: 3, hash: [0xef; 32] };
        assert_eq!(
            Statement { resident, own, all: place, at: 12, key: [0xcd; 32] }.text(),
            format!(
                "{{\"at\":12,\"count\":3,\"format\":\"nahraum-log-statement-1\",\"hash\":\"{ab}\",\"key\":\"{cd}\",\
                 \"resident\":\"{resident}\",\"resident_hash\":\"{ef}\",\"seq\":7}}"
            )
        );
    }

    #[test]
    fn hexadecimal_digits_come_back() {
        assert_eq!(unhex::<4>(&hex(&[0, 9, 0xaf, 0xff])), Some([0, 9, 0xaf, 0xff]));
        for wrong in ["", "0", "00", "0000000", "000000000", "0000000g", "000000AF", "ö00000"] {
            assert_eq!(unhex::<4>(wrong), None, "{wrong}");
        }
    }
}
