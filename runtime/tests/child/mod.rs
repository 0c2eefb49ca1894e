//! Cases that end their process: the test binary, asked for the same test, which then finds itself to be the child.
#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    unused_macros,
    reason = "each test file uses a part of it"
)]

use std::io::Read;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

/// A child that has not ended by then hangs: it is killed, and its test fails with what it wrote.
const FAR_TOO_LONG: Duration = Duration::from_secs(60);

/// Set for the process that a test starts.
const CHILD: &str = "REJOIN_TEST_CHILD";

/// Whether this process is the child of a test.
pub fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// Runs this test in a child, which is `$case`.
macro_rules! child {
    ($name:ident, $environment:expr, $case:expr) => {{
        if $crate::child::is_child() {
            return $case();
        }
        $crate::child::run(stringify!($name), &$environment)
    }};
}
pub(crate) use child;

/// No environment.
pub const NOTHING: [(&str, &str); 0] = [];

/// Runs a future as a program's `main` would.
pub fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// Sets a handler that says on stderr what it was given.
pub fn hear() {
    rejoin::on_panic(|report| {
        // In one piece: the hook of std writes at the same time.
        let line = format!("heard: {}\n", report.message());
        eprint!("{line}");
    });
}

/// How a child has ended, and what it wrote to stderr.
pub struct Ended {
    pub status: ExitStatus,
    pub stderr: String,
}

/// Runs a test again as a process of its own, with this environment.
pub fn run(case: &str, environment: &[(&str, &str)]) -> Ended {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([case, "--exact", "--nocapture", "--test-threads=1"])
        .env("RUST_BACKTRACE", "0")
        .env_remove("REJOIN_ON_PANIC")
        .env(CHILD, "1")
        .envs(environment.iter().copied());
    let mut process = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut errors = process.stderr.take().unwrap();
    let (written, stderr) = channel();
    // Its end is the end of what it writes.
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        errors.read_to_end(&mut bytes).unwrap();
        let _ = written.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    let stderr = stderr.recv_timeout(FAR_TOO_LONG).unwrap_or_else(|_| {
        process.kill().unwrap();
        let stderr = stderr.recv().unwrap();
        panic!("`{case}` hangs: it has not ended within {FAR_TOO_LONG:?}, and wrote {stderr}");
    });
    Ended {
        status: process.wait().unwrap(),
        stderr,
    }
}

impl Ended {
    /// Asserts that the process was aborted.
    #[track_caller]
    pub fn aborted(&self) -> &Self {
        #[cfg(unix)]
        {
            use std::os::unix::process::ExitStatusExt;
            assert_eq!(
                self.status.signal(),
                Some(6),
                "not SIGABRT: {}",
                self.stderr
            );
        }
        assert!(!self.status.success(), "{}", self.stderr);
        self
    }

    /// Asserts that the process has ended well.
    #[track_caller]
    pub fn succeeded(&self) -> &Self {
        assert!(self.status.success(), "{}", self.stderr);
        self
    }

    /// How many lines of stderr contain this.
    pub fn count(&self, text: &str) -> usize {
        self.stderr
            .lines()
            .filter(|line| line.contains(text))
            .count()
    }

    /// Asserts that one line of stderr, and no other, contains this; gives it.
    #[track_caller]
    pub fn line(&self, text: &str) -> &str {
        assert_eq!(self.count(text), 1, "lines with {text:?}: {}", self.stderr);
        let mut lines = self.stderr.lines();
        lines.find(|line| line.contains(text)).unwrap()
    }
}
