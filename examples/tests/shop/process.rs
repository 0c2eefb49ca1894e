//! The shop as a process.

use crate::samples::Samples;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// A shop that has not ended by then hangs; it is killed, so that the test fails and ends.
const FAR_TOO_LONG: Duration = Duration::from_secs(120);

/// A shop that is open.
pub(crate) struct Process {
    pub(crate) http: SocketAddr,
    pub(crate) grpc: SocketAddr,
    pub(crate) operators: SocketAddr,
    running: Running,
    stdout: BufReader<ChildStdout>,
    stderr: JoinHandle<String>,
    last_metrics: PathBuf,
    watched: Sender<()>,
}

/// Does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

/// One that is closed.
#[derive(Debug)]
pub(crate) struct Ended {
    /// `None` when a signal has ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stderr: String,
    pub(crate) last_metrics: Samples,
}

/// One that has not even opened.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shop"));
    command
        .env("RUST_BACKTRACE", "0")
        .env_remove("REJOIN_ON_PANIC");
    for address in ["--http", "--grpc"] {
        command.args([address, "127.0.0.1:0"]);
    }
    command
}

impl Process {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let last_metrics = format!("shop-{}-{number}.prom", std::process::id());
        let last_metrics = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(last_metrics);
        let mut process = command()
            .args(["--operators", "127.0.0.1:0", "--last-metrics"])
            .arg(&last_metrics)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the shop opens");
        let mut errors = process.stderr.take().expect("it was asked for");
        let stderr = std::thread::spawn(move || {
            let mut text = String::new();
            errors.read_to_string(&mut text).expect("text");
            text
        });
        let mut stdout = BufReader::new(process.stdout.take().expect("it was asked for"));
        let mut address = |port: &str| {
            let mut line = String::new();
            stdout.read_line(&mut line).expect("text");
            let address = line.trim().strip_prefix(port).map(str::trim);
            let address = address.and_then(|address| address.parse().ok());
            address.unwrap_or_else(|| panic!("no address of {port} in {line:?}"))
        };
        let (watched, ends) = channel();
        let id = process.id();
        std::thread::spawn(move || {
            if ends.recv_timeout(FAR_TOO_LONG) == Err(RecvTimeoutError::Timeout) {
                send("KILL", id);
            }
        });
        Self {
            http: address("http"),
            grpc: address("grpc"),
            operators: address("operators"),
            running: Running(process),
            stdout,
            stderr,
            last_metrics,
            watched,
        }
    }

    /// Runs it to its end.
    pub(crate) fn run(arguments: &[&str]) -> Ran {
        let ran = command().args(arguments).output().expect("it can be run");
        Ran {
            code: ran.status.code(),
            stdout: String::from_utf8(ran.stdout).expect("text"),
        }
    }

    /// Sends it a signal: `"TERM"`, `"INT"`.
    pub(crate) fn signal(&self, name: &str) {
        send(name, self.running.0.id());
    }

    /// Waits for its end.
    pub(crate) fn ended(mut self) -> Ended {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).expect("text");
        let status = self.running.0.wait().expect("it ends");
        drop(self.watched);
        let stderr = self.stderr.join().expect("it was read");
        // There are none where it was ended in the middle.
        let last_metrics = std::fs::read_to_string(&self.last_metrics).unwrap_or_default();
        let _ = std::fs::remove_file(self.last_metrics);
        Ended {
            code: status.code(),
            stderr,
            last_metrics: Samples::read(&last_metrics),
        }
    }
}

impl Ended {
    /// How many lines of the log have these words.
    pub(crate) fn lines(&self, words: &str) -> u64 {
        let lines = self.stderr.lines().filter(|line| line.contains(words));
        lines.map(|_| 1).sum()
    }
}

fn send(signal: &str, process: u32) {
    // The shell has a `kill` of its own, wherever there is a shell.
    let status = Command::new("sh")
        .args(["-c", "kill -s \"$1\" \"$2\"", "sh", signal])
        .arg(process.to_string())
        .status();
    assert!(status.expect("a shell").success());
}
