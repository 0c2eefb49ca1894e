//! The log of the service, as its operator would read it: what the panic hook prints, and what rejoin reports.
//!
//! Both would go to standard error, in the middle of the demo's report; here they are kept, to be shown in it.

use super::report::Twins;
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

    /// Whether rejoin has made it.
    #[must_use]
    pub fn is_report(&self) -> bool {
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
            // The first frame of rejoin's installs its hook, which calls the one that is there: ours.
            let _ = rejoin::catch_sync(|| ());
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

    /// What was written about so many panics since a mark, by the side whose file it names. Waits for it: a report is
    /// made when the unwinding has got to a frame of rejoin's, or past them all.
    pub async fn of_panics(self, mark: usize, panics: usize) -> Twins<Vec<Line>> {
        let enough = |lines: &Vec<Line>| {
            let reports = lines[mark..].iter().filter(|line| line.is_report()).count();
            reports >= panics && lines.len() - mark - reports >= panics
        };
        let _ = tokio::time::timeout(PATIENCE, self.lines.subscribe().wait_for(enough)).await;
        let (mut without, mut with) = (Vec::new(), Vec::new());
        for line in &self.lines.borrow()[mark..] {
            let side = if line.text().contains("demo/with.rs") {
                &mut with
            } else {
                &mut without
            };
            side.push(line.clone());
        }
        Twins { without, with }
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
