//! Acknowledgments of HL7 v2 (2.9.2, original mode): `MSH` with the sides exchanged, and `MSA` with the number of the message.

use jiff::Timestamp;

/// The longest field that is repeated, in bytes.
const LONGEST: usize = 200;

/// What a sender is told (HL7 table 0008).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Acknowledgment {
    /// The message is kept.
    Accept,
    /// It could not be kept now; send it again.
    Error,
    /// It is none; sending it again changes nothing.
    Reject,
}

impl Acknowledgment {
    const fn code(self) -> &'static [u8] {
        match self {
            Self::Accept => b"AA",
            Self::Error => b"AE",
            Self::Reject => b"AR",
        }
    }
}

/// The header of a message: its delimiter, and its fields; the first is `MSH`, so that field n of the standard is at n - 1.
struct Header<'m> {
    delimiter: u8,
    fields: Vec<&'m [u8]>,
}

impl<'m> Header<'m> {
    /// The first `MSH` of a message, or of a batch.
    fn find(message: &'m [u8]) -> Option<Self> {
        let mut segments = message.split(|byte| matches!(byte, b'\r' | b'\n'));
        let line = segments.find(|segment| segment.starts_with(b"MSH"))?;
        let delimiter = *line.get(3).filter(|byte| byte.is_ascii_punctuation())?;
        let fields: Vec<&[u8]> = line.split(|byte| *byte == delimiter).collect();
        (fields.len() > 2).then_some(Self { delimiter, fields })
    }

    /// Field n of the standard.
    fn field(&self, number: usize) -> &'m [u8] {
        let field = self.fields.get(number.saturating_sub(1)).copied().unwrap_or_default();
        field.get(..LONGEST).unwrap_or(field)
    }
}

/// Whether these bytes are an HL7 v2 message or a batch of them. What is in it, the server says.
pub(super) fn is_message(message: &[u8]) -> bool {
    let starts = [&b"MSH"[..], b"FHS", b"BHS"].iter().any(|segment| message.starts_with(segment));
    starts && Header::find(message).is_some()
}

/// The answer to a message. `id` is our number of it.
pub(super) fn acknowledge(message: &[u8], what: Acknowledgment, id: &str, now: Timestamp) -> Vec<u8> {
    let header = Header::find(message).unwrap_or(Header { delimiter: b'|', fields: vec![b"MSH", b"^~\\&"] });
    let time = now.strftime("%Y%m%d%H%M%S+0000").to_string();
    let version = Some(header.field(12)).filter(|version| !version.is_empty()).unwrap_or(b"2.5.1");
    let processing = Some(header.field(11)).filter(|processing| !processing.is_empty()).unwrap_or(b"P");
    let msh = [
        b"MSH",
        header.field(2),
        header.field(5),
        header.field(6),
        header.field(3),
        header.field(4),
        time.as_bytes(),
        b"",
        b"ACK",
        id.as_bytes(),
        processing,
        version,
    ];
    let msa = [b"MSA", what.code(), header.field(10)];
    let delimiter = [header.delimiter];
    [msh.join(&delimiter[..]), b"\r".to_vec(), msa.join(&delimiter[..]), b"\r".to_vec()].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(message: &[u8], what: Acknowledgment) -> String {
        let now = "2026-11-27T08:00:00Z".parse().unwrap();
        String::from_utf8(acknowledge(message, what, "42", now)).unwrap()
    }

    #[test]
    fn the_answer_names_the_message_and_goes_back_to_its_sender() {
        let message = b"MSH|^~\\&|LIS|Labor|KIS|Praxis|20261127||ORU^R01|4711|T|2.3\rPID|1\r";
        assert_eq!(
            answer(message, Acknowledgment::Accept),
            "MSH|^~\\&|KIS|Praxis|LIS|Labor|20261127080000+0000||ACK|42|T|2.3\rMSA|AA|4711\r"
        );
        assert!(answer(message, Acknowledgment::Error).ends_with("MSA|AE|4711\r"));
    }

    #[test]
    fn other_delimiters_and_batches_are_understood() {
        assert!(answer(b"MSH#^~\\&#a#b#c#d###ORU#77#P#2.5", Acknowledgment::Accept).ends_with("MSA#AA#77\r"));
        let batch = b"FHS|^~\\&|a\nBHS|^~\\&|a\nMSH|^~\\&|a|b|c|d|||ORU|78|P|2.5\n";
        assert!(is_message(batch));
        assert!(answer(batch, Acknowledgment::Accept).ends_with("MSA|AA|78\r"));
    }

    #[test]
    fn what_is_no_message_is_none() {
        for none in [&b""[..], b"MSH", b"MSHxyz", b"PID|1", b"hello MSH|^~\\&|", b"FHS|^~\\&|a\rBTS|0", b"MSH|"] {
            assert!(!is_message(none), "{none:?}");
            assert!(answer(none, Acknowledgment::Reject).contains("\rMSA|AR|"), "{none:?}");
        }
    }

    proptest! {
        #[test]
        fn an_answer_has_two_segments_whatever_came(message in prop::collection::vec(any::<u8>(), 0..200), start in "(MSH[|#]\\^~)?") {
            let message = [start.as_bytes(), &message].concat();
            let answer = acknowledge(&message, Acknowledgment::Reject, "1", "2026-11-27T08:00:00Z".parse().unwrap());
            prop_assert_eq!(answer.iter().filter(|byte| **byte == b'\r').count(), 2);
            prop_assert!(answer.starts_with(b"MSH") && !answer.contains(&b'\n'));
        }
    }
}
