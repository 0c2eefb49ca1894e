//! The tests of `rejoin` are in `tests/`.
