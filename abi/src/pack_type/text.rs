use super::{Arg, Identity};

/// The longest message, in bytes.
const BYTES: usize = 1 << 10;

/// Text that the compiler can put together.
pub(super) struct Text {
    bytes: [u8; BYTES],
    len: usize,
}

#[allow(
    clippy::indexing_slicing,
    reason = "the indices are smaller than the lengths, and a const fn has no other way"
)]
impl Text {
    pub(super) const fn new() -> Self {
        Self {
            bytes: [0; BYTES],
            len: 0,
        }
    }

    pub(super) const fn push(&mut self, texts: &[&str]) {
        let mut rest = texts;
        while let [text, others @ ..] = rest {
            let mut bytes = text.as_bytes();
            while let [byte, tail @ ..] = bytes {
                self.push_byte(*byte);
                bytes = tail;
            }
            rest = others;
        }
    }

    /// As [`Identity`] is displayed.
    pub(super) const fn push_name(&mut self, identity: &Identity) {
        self.push(&[identity.word]);
        let mut args = identity.args;
        while let [arg, rest @ ..] = args {
            self.push_byte(b'-');
            match arg {
                Arg::Type(identity) => self.push_name(identity),
                Arg::Number(number) => self.push_number(*number),
            }
            args = rest;
        }
    }

    const fn push_number(&mut self, number: u64) {
        if number > 9 {
            self.push_number(number / 10);
        }
        #[allow(clippy::cast_possible_truncation, reason = "it is less than 10")]
        self.push_byte(b'0' + (number % 10) as u8);
    }

    pub(super) const fn push_byte(&mut self, byte: u8) {
        if self.len < BYTES {
            self.bytes[self.len] = byte;
            self.len += 1;
        }
    }

    pub(super) const fn as_bytes(&self) -> &[u8] {
        self.bytes.split_at(self.len).0
    }

    pub(super) const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.as_bytes()) {
            Ok(text) => text,
            // A name was cut off in the middle of a letter.
            Err(_) => "too long to be said",
        }
    }
}
