//! Running one of the example services as its user would, by its standard input and output.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};

/// A service that was started and has said where it listens.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    process: Child,
    stdout: BufReader<ChildStdout>,
}

/// What a service wrote, and that it ended well.
pub(crate) struct Ended {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Running {
    pub(crate) fn start(program: &str) -> Self {
        let mut process = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the example starts");
        let mut stdout = BufReader::new(process.stdout.take().expect("it was asked for"));
        let mut address = String::new();
        stdout.read_line(&mut address).expect("it prints");
        Self {
            address: address.trim().parse().expect("its address"),
            process,
            stdout,
        }
    }

    /// Closes its standard input, which asks it to stop, and waits until it has.
    pub(crate) fn stop(mut self) -> Ended {
        drop(self.process.stdin.take());
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).expect("text");
        let mut stderr = String::new();
        let mut errors = self.process.stderr.take().expect("it was asked for");
        errors.read_to_string(&mut stderr).expect("text");
        let status = self.process.wait().expect("it ends");
        assert!(status.success(), "{status}: {stderr}");
        Ended { stdout, stderr }
    }
}
