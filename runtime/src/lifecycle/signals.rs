//! The signals that ask a service to end.

use std::io;
use std::task::{Context, Poll};

/// A signal: its name, and its number on Unix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signal {
    pub(super) name: &'static str,
    pub(super) number: i32,
}

const INTERRUPT: Signal = Signal {
    name: if cfg!(unix) { "SIGINT" } else { "Ctrl-C" },
    number: 2,
};

#[cfg(unix)]
pub(super) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// From here on the signals no longer end the process by themselves.
    pub(super) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Signal> {
        const TERMINATE: Signal = Signal {
            name: "SIGTERM",
            number: 15,
        };
        // A stream of signals never ends.
        for (stream, signal) in [
            (&mut self.terminate, TERMINATE),
            (&mut self.interrupt, INTERRUPT),
        ] {
            if let Poll::Ready(Some(())) = stream.poll_recv(cx) {
                return Poll::Ready(signal);
            }
        }
        Poll::Pending
    }
}

#[cfg(windows)]
pub(super) struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    /// From here on Ctrl-C no longer ends the process by itself.
    pub(super) fn listen() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Signal> {
        match self.0.poll_recv(cx) {
            Poll::Ready(Some(())) => Poll::Ready(INTERRUPT),
            _ => Poll::Pending,
        }
    }
}
