//! Bytes taken apart. Every sequence of bytes is fine: where there are none left, they are zero.

use pack_abi::Contract;

use crate::common::random::{self, Choices};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    pub(crate) fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    pub(crate) fn is_empty(self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn rest(self) -> &'a [u8] {
        self.rest
    }

    /// At most so many bytes.
    pub(crate) fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(count.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let taken = self.take(N);
        std::array::from_fn(|at| taken.get(at).copied().unwrap_or(0))
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let [byte] = self.bytes();
        byte
    }

    /// One of so many things.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count
    }

    /// As many bytes as the two before say: so that an insertion in one block does not change the next.
    pub(crate) fn block(&mut self) -> &'a [u8] {
        let length = u16::from_le_bytes(self.bytes());
        self.take(usize::from(length))
    }

    pub(crate) fn choices(&mut self) -> Choices {
        Choices::new(self.block().to_vec())
    }

    pub(crate) fn contract(&mut self) -> Contract {
        random::contract(&mut self.choices())
    }
}
