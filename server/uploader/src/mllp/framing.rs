//! Frames of MLLP: `<VT> message <FS><CR>`.

const START: u8 = 0x0B;
const END: u8 = 0x1C;
const RETURN: u8 = b'\r';
/// So many bytes between two frames are forgiven: line ends that some senders put there.
const STRAY: usize = 64;

/// What a byte has completed. A message cannot be printed, but by a failing test.
#[cfg_attr(test, derive(Debug, PartialEq, Eq))]
pub(super) enum Frame {
    /// A message, without its frame.
    Message(Vec<u8>),
    /// No frame; why, in a word for the log.
    Broken(&'static str),
}

/// Reads frames byte by byte, so that it does not matter how they are cut on the way.
pub(super) struct Deframer {
    message: Vec<u8>,
    state: State,
    stray: usize,
    largest: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Outside,
    Inside,
    /// Behind `<FS>`.
    Ending,
}

impl Deframer {
    /// Reads messages of at most so many bytes.
    pub(super) const fn new(largest: usize) -> Self {
        Self { message: Vec::new(), state: State::Outside, stray: 0, largest }
    }

    /// Whether a message has begun.
    pub(super) fn is_inside(&self) -> bool {
        self.state != State::Outside
    }

    /// Takes the next byte.
    pub(super) fn push(&mut self, byte: u8) -> Option<Frame> {
        match (self.state, byte) {
            (State::Outside, START) => {
                self.state = State::Inside;
                self.stray = 0;
                None
            }
            (State::Outside, _) => {
                self.stray += 1;
                (self.stray > STRAY).then_some(Frame::Broken("no-frame"))
            }
            (State::Inside, END) => {
                self.state = State::Ending;
                None
            }
            (State::Inside, START) => Some(Frame::Broken("frame-in-frame")),
            (State::Inside, _) if self.message.len() >= self.largest => Some(Frame::Broken("too-large")),
            (State::Inside, byte) => {
                self.message.push(byte);
                None
            }
            (State::Ending, RETURN) => {
                self.state = State::Outside;
                Some(Frame::Message(std::mem::take(&mut self.message)))
            }
            (State::Ending, _) => Some(Frame::Broken("frame-without-end")),
        }
    }
}

/// A message in its frame.
pub(super) fn frame(message: &[u8]) -> Vec<u8> {
    [&[START], message, &[END, RETURN]].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8], largest: usize) -> Vec<Frame> {
        let mut deframer = Deframer::new(largest);
        let mut frames = Vec::new();
        for byte in bytes {
            frames.extend(deframer.push(*byte));
            if matches!(frames.last(), Some(Frame::Broken(_))) {
                break;
            }
        }
        frames
    }

    #[test]
    fn two_messages_in_one_piece_are_two_messages() {
        let both = [frame(b"MSH|one"), b"\r\n".to_vec(), frame(b"MSH|two")].concat();
        assert_eq!(read(&both, 100), [Frame::Message(b"MSH|one".to_vec()), Frame::Message(b"MSH|two".to_vec())]);
    }

    #[test]
    fn what_is_no_frame_is_told() {
        assert_eq!(read(&[b'x'; 65], 100), [Frame::Broken("no-frame")]);
        assert_eq!(read(b"\x0Bone\x0Btwo\x1C\r", 100), [Frame::Broken("frame-in-frame")]);
        assert_eq!(read(b"\x0Bone\x1Cx", 100), [Frame::Broken("frame-without-end")]);
        assert_eq!(read(b"\x0Bonetwo\x1C\r", 5), [Frame::Broken("too-large")]);
        assert_eq!(read(b"\x0Bone", 100), []);
    }

    proptest! {
        #[test]
        fn every_message_comes_out_as_it_went_in(messages in prop::collection::vec(prop::collection::vec(0x1D..=0xFF_u8, 0..50), 0..5)) {
            let bytes: Vec<u8> = messages.iter().flat_map(|message| frame(message)).collect();
            let expected: Vec<Frame> = messages.into_iter().map(Frame::Message).collect();
            prop_assert_eq!(read(&bytes, 50), expected);
        }

        #[test]
        fn no_bytes_make_a_message_that_is_too_large(bytes in prop::collection::vec(prop_oneof![Just(START), Just(END), Just(RETURN), any::<u8>()], 0..300)) {
            for frame in read(&bytes, 10) {
                if let Frame::Message(message) = frame {
                    prop_assert!(message.len() <= 10);
                }
            }
        }
    }
}
