//! Lines on stderr that no code of others can hold up: where none may run, and where the process may end.

use std::io::Write;

use crate::escape::Escaped;

/// Writes a line, whoever listens to events; in one piece, so that lines of several threads do not mix.
pub(crate) fn say(line: &str) {
    let line = format!("rejoin: {}\n", Escaped(line));
    let _ = std::io::stderr().write_all(line.as_bytes());
}
