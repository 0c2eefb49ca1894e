//! The log of the service, as its operator would read it: what the panic hook prints, and what rejoin reports.
//!
//! Both would go to standard error, in the middle of the demo's report; here they are kept, to be shown in it.

use std::io::{self, Write};
use std::sync::OnceLock;
use std::time::Duration;
use tokio::sync::watch;
use tracing_subscriber::fmt::MakeWriter;

/// A line that has not come by then does not come, and the report shows that it is missing.
const PATIENCE: Duration = Duration::from_secs(2);

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// What Rust prints about every panic.
    Hook(String),
    /// What rejoin reports.
    Report(String),
}

impl Line {
    /// The line as printed.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Hook(text) | Self::Report(text) => text,
        }
    }

    fn is_report(&self) -> bool {
        matches!(self, Self::Report(_))
    }
}

/// The log of this process.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    lines: &'static watch::Sender<Vec<Line>>,
}

impl Log {
    /// Starts to keep the log; later calls give the same one.
    ///
    /// Panics outside the demo's handlers are printed as ever.
    ///
    /// # Panics
    ///
    /// When the process has a `tracing` subscriber already.
    pub fn keep() -> Self {
        static LINES: OnceLock<watch::Sender<Vec<Line>>> = OnceLock::new();
        let mut first = false;
        let log = Self {
            lines: LINES.get_or_init(|| {
                first = true;
                watch::Sender::default()
            }),
        };
        if first {
            log.keep_hook_lines();
            log.keep_reports();
        }
        log
    }

    fn keep_hook_lines(self) {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let of_a_handler = panic.location().is_some_and(|at| {
                at.file().ends_with("demo/with.rs") || at.file().ends_with("demo/without.rs")
            });
            if !of_a_handler {
                return previous(panic);
            }
            let thread = std::thread::current();
            let name = thread.name().unwrap_or("<unnamed>");
            self.push(Line::Hook(
                format!("thread '{name}' {panic}").replace('\n', " "),
            ));
        }));
    }

    fn keep_reports(self) {
        tracing_subscriber::fmt()
            .with_writer(self)
            .with_ansi(false)
            .without_time()
            .init();
    }

    fn push(self, line: Line) {
        self.lines.send_modify(|lines| lines.push(line));
    }

    /// How long it is now.
    #[must_use]
    pub fn mark(self) -> usize {
        self.lines.borrow().len()
    }

    /// What was written since a mark.
    #[must_use]
    pub fn since(self, mark: usize) -> Vec<Line> {
        self.lines.borrow()[mark..].to_vec()
    }

    /// Waits for so many lines of the hook since a mark.
    pub async fn hook_lines(self, mark: usize, many: usize) {
        self.wait(mark, many, |line| !line.is_report()).await;
    }

    /// Waits for so many reports since a mark.
    pub async fn reports(self, mark: usize, many: usize) {
        self.wait(mark, many, Line::is_report).await;
    }

    async fn wait(self, mark: usize, many: usize, which: impl Fn(&Line) -> bool) {
        let enough =
            |lines: &Vec<Line>| lines[mark..].iter().filter(|line| which(line)).count() >= many;
        let _ = tokio::time::timeout(PATIENCE, self.lines.subscribe().wait_for(enough)).await;
    }
}

/// Takes the events that a subscriber has formatted, one a call.
impl Write for Log {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        // Last comes the backtrace, where `RUST_BACKTRACE` asks for one: pages of it.
        let line = text.split(" backtrace=").next().unwrap_or_default();
        self.push(Line::Report(line.trim().replace('\n', " ")));
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        *self
    }
}
