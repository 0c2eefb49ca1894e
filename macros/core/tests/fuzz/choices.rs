//! What decides which stream is made: bytes, of a fuzzer or of a seed.

/// Bytes that are used up one after the other; behind their end every choice is the first one, so that all ends.
pub(crate) struct Choices<'a> {
    bytes: &'a [u8],
}

impl<'a> Choices<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(crate) fn are_used_up(&self) -> bool {
        self.bytes.is_empty()
    }

    fn byte(&mut self) -> usize {
        self.bytes.split_off_first().copied().unwrap_or(0).into()
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let mut number = self.byte();
        if end > 256 {
            number = number << 8 | self.byte();
        }
        number % end.max(1)
    }

    /// Whether one of so many bytes comes up.
    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) + 1 == times
    }

    pub(crate) fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}
