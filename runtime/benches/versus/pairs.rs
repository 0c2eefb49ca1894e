//! Pairs of measurements: both sides alternately, so that what disturbs the machine disturbs both.

use std::future::Future;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

/// A row takes at most about so long, but no fewer than `FEWEST` and no more than `MOST` pairs.
const BUDGET: Duration = Duration::from_secs(11);
const FEWEST: usize = 7;
const MOST: usize = 61;

/// How the two sides are compared.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// Our time by theirs is at most this.
    Ratio(f64),
    /// Our time is above theirs by at most so many nanoseconds.
    Nanoseconds(f64),
    /// Only to be seen.
    None,
}

/// A side: one round, as nanoseconds per unit of work.
pub(crate) type Side = fn() -> f64;

pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) target: Target,
    pub(crate) ours: Side,
    pub(crate) theirs: Side,
}

pub(crate) const HEADER: &str = "\
| row | target | median | least – greatest | ours, ns | theirs, ns | pairs |
|---|---|---|---|---|---|---|";

impl Row {
    /// Measures the row; gives its line of the table.
    pub(crate) fn measure(&self) -> String {
        // The first round of each side pays for memory and threads.
        let (_, _) = ((self.ours)(), (self.theirs)());
        let start = Instant::now();
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        while ours.len() < FEWEST || (ours.len() < MOST && start.elapsed() < BUDGET) {
            // Alternately the first, as the second may profit from what the first has left.
            if ours.len() % 2 == 0 {
                ours.push((self.ours)());
                theirs.push((self.theirs)());
            } else {
                theirs.push((self.theirs)());
                ours.push((self.ours)());
            }
        }
        let mut compared: Vec<f64> = ours
            .iter()
            .zip(&theirs)
            .map(|(ours, theirs)| match self.target {
                Target::Nanoseconds(_) => ours - theirs,
                Target::Ratio(_) | Target::None => ours / theirs,
            })
            .collect();
        let middle = median(&mut compared);
        let (target, digits) = match self.target {
            Target::Ratio(most) => (format!("≤ {most:.2}{}", verdict(middle, most)), 3),
            Target::Nanoseconds(most) => (format!("≤ {most} ns{}", verdict(middle, most)), 2),
            Target::None => (String::new(), 3),
        };
        format!(
            "| {} | {target} | {middle:.digits$} | {:.digits$} – {:.digits$} | {:.1} | {:.1} | {} |",
            self.name,
            compared[0],
            compared[compared.len() - 1],
            median(&mut ours),
            median(&mut theirs),
            compared.len(),
        )
    }
}

fn verdict(value: f64, most: f64) -> &'static str {
    if value <= most { " ✓" } else { " ✗" }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Two workers, as the table says.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime")
    })
}

/// Runs a future as a task, so that what it spawns goes to its worker's own queue.
pub(crate) fn on_worker<F>(future: F) -> F::Output
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    runtime()
        .block_on(runtime().spawn(future))
        .expect("the bench does not panic")
}

/// Nanoseconds for each of `units`.
#[allow(clippy::cast_precision_loss, reason = "a figure to be read")]
pub(crate) fn each(elapsed: Duration, units: usize) -> f64 {
    elapsed.as_nanos() as f64 / units as f64
}

/// Times a future on a worker, as nanoseconds for each of `units`.
pub(crate) fn timed<F>(units: usize, future: F) -> f64
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let elapsed = on_worker(async move {
        let start = Instant::now();
        let output = future.await;
        let elapsed = start.elapsed();
        drop(output);
        elapsed
    });
    each(elapsed, units)
}
