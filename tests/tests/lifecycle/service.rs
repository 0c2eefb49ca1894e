//! A service that was started.

use std::fmt::Debug;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// A test that hangs fails instead.
const FAR_TOO_LONG: Duration = Duration::from_secs(120);

pub(crate) struct Service {
    process: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    /// Line by line; all of it is read at once, so that nobody waits to write it.
    stderr: Receiver<String>,
    /// Dropped when it has ended.
    watched: Sender<()>,
}

/// How a service has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// `None` when a signal has killed it.
    pub(crate) code: Option<i32>,
    /// What it said to the end, and was not read before.
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Service {
    pub(crate) fn start(case: &str) -> Self {
        Self::start_under(case, "")
    }

    /// Starts a service with a panic policy in its environment.
    pub(crate) fn start_under(case: &str, policy: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_service"))
            .arg(case)
            .env("RUST_BACKTRACE", "0")
            .env("REJOIN_ON_PANIC", policy)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (lines, stderr) = channel();
        let errors = BufReader::new(process.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in errors.lines() {
                let _ = lines.send(line.unwrap());
            }
        });
        let (watched, ends) = channel();
        let id = process.id();
        std::thread::spawn(move || {
            if ends.recv_timeout(FAR_TOO_LONG) == Err(RecvTimeoutError::Timeout) {
                send("KILL", id);
            }
        });
        Self {
            stdin: process.stdin.take(),
            stdout: BufReader::new(process.stdout.take().unwrap()),
            stderr,
            process,
            watched,
        }
    }

    /// The next line that it says.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Waits until it says this, and nothing else before.
    #[track_caller]
    pub(crate) fn says(&mut self, words: &str) {
        assert_eq!(self.line(), words);
    }

    /// The next line of its standard error.
    pub(crate) fn complaint(&mut self) -> String {
        self.stderr.recv().unwrap_or_default()
    }

    /// Opens its gate.
    pub(crate) fn open_gate(&mut self) {
        self.stdin.as_mut().unwrap().write_all(b"open\n").unwrap();
    }

    /// Sends it a signal: `"TERM"`, `"INT"`.
    pub(crate) fn signal(&self, name: &str) {
        send(name, self.process.id());
    }

    /// Waits for its end. Its standard input stays open until then.
    pub(crate) fn ended(mut self) -> Ended {
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).unwrap();
        let status = self.process.wait().unwrap();
        drop((self.stdin, self.watched));
        Ended {
            code: status.code(),
            stdout,
            stderr: self.stderr.iter().map(|line| line + "\n").collect(),
        }
    }
}

fn send(signal: &str, process: u32) {
    // The shell has a `kill` of its own, wherever there is a shell.
    let status = Command::new("sh")
        .args(["-c", "kill -s \"$1\" \"$2\"", "sh", signal])
        .arg(process.to_string())
        .status();
    assert!(status.unwrap().success());
}

impl Ended {
    #[track_caller]
    pub(crate) fn expect(&self, code: i32) {
        assert_eq!(self.code, Some(code), "{self:?}");
    }

    /// What rejoin said on standard error, but for what a slow machine makes it say.
    pub(crate) fn reports(&self) -> Vec<&str> {
        let lines = self.stderr.lines();
        lines
            .filter_map(|line| line.strip_prefix("rejoin: "))
            .filter(|report| !report.contains(": waiting up to "))
            .collect()
    }

    /// The reports that begin like this, without what they begin with.
    pub(crate) fn reports_of(&self, kind: &str) -> Vec<&str> {
        let reports = self.reports();
        let of_kind = reports
            .into_iter()
            .filter_map(|report| report.strip_prefix(kind));
        of_kind.collect()
    }
}

/// Whether a task is told by its kind, its name, its place and its age, in this order.
#[track_caller]
pub(crate) fn assert_names(told: &str, kind: &str, name: &str, site: &str, end: &str) {
    let begin = format!("{kind} `{name}` spawned at {site}, ");
    let rest = told.strip_prefix(&*begin);
    let rest = rest.unwrap_or_else(|| panic!("{told:?} does not begin with {begin:?}"));
    let end = format!("s ago{end}");
    let age = rest.strip_suffix(&*end);
    let age = age.unwrap_or_else(|| panic!("{rest:?} does not end with {end:?}"));
    let age = age.trim_end_matches('m');
    assert!(age.parse::<f64>().is_ok(), "no age in {told:?}");
}

/// Where a text stands that is in a source of the services once.
pub(crate) fn place(file: &str, text: &str) -> String {
    let file = format!("src/bin/service/{file}");
    let source = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&file)).unwrap();
    let found: Vec<_> = source.match_indices(text).map(|(begin, _)| begin).collect();
    let [begin] = found[..] else {
        panic!("{text:?} is in the source {} times", found.len());
    };
    let before = &source[..begin];
    let column = before.lines().last().unwrap_or_default().chars().count() + 1;
    format!("tests/{file}:{}:{column}", before.lines().count())
}
