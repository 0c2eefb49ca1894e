//! Destructors that write down their names.

use std::cell::RefCell;

thread_local! {
    static LOG: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// Writes its name down when it is dropped.
pub(crate) struct Noted(pub(crate) &'static str);

impl Noted {
    /// A value that borrows nothing, of a temporary.
    pub(crate) fn value(&self) -> u8 {
        note("value");
        u8::from(!self.0.is_empty())
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        note(self.0);
    }
}

pub(crate) fn note(name: &'static str) {
    LOG.with(|log| log.borrow_mut().push(name));
}

pub(crate) fn take() -> Vec<&'static str> {
    LOG.with(RefCell::take)
}
