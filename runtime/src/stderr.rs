//! Lines on stderr that no code of others can hold up: where none may run, and where the process may end.

#[cfg(unix)]
use std::fs::File;
use std::io::Write;
#[cfg(unix)]
use std::os::fd::AsFd;

use crate::escape::Escaped;
#[cfg(unix)]
use crate::fork;

/// Writes a line, whoever listens to events; in one piece, so that lines of several threads do not mix.
pub(crate) fn say(line: &str) {
    let line = format!("rejoin: {}\n", Escaped(line));
    #[cfg(unix)]
    if fork::is_forked() {
        // By a descriptor of its own: std's lock may be held for ever.
        let stderr = std::io::stderr().as_fd().try_clone_to_owned();
        let _ = stderr.and_then(|stderr| File::from(stderr).write_all(line.as_bytes()));
        return;
    }
    let _ = std::io::stderr().write_all(line.as_bytes());
}
