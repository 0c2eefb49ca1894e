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

/// A side: one round.
pub(crate) type Side = fn() -> Sample;

/// Nanoseconds per unit of work, on the clock and on the processors.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    wall: f64,
    cpu: f64,
}

impl Sample {
    /// On the clock.
    #[allow(dead_code, reason = "for `scaling`")]
    pub(crate) const fn wall(self) -> f64 {
        self.wall
    }
}

pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) target: Target,
    pub(crate) ours: Side,
    pub(crate) theirs: Side,
}

pub(crate) const HEADER: &str = "\
| row | target | median | least – greatest | of CPU time | ours, ns | theirs, ns | pairs |
|---|---|---|---|---|---|---|---|";

impl Row {
    /// Measures the row; gives its line of the table.
    pub(crate) fn measure(&self) -> String {
        // The first round of each side pays for memory and threads.
        let (_, _) = ((self.ours)(), (self.theirs)());
        let start = Instant::now();
        let mut pairs: Vec<(Sample, Sample)> = Vec::new();
        while pairs.len() < FEWEST || (pairs.len() < MOST && start.elapsed() < BUDGET) {
            // Alternately the first, as the second may profit from what the first has left.
            pairs.push(if pairs.len() & 1 == 0 {
                let ours = (self.ours)();
                (ours, (self.theirs)())
            } else {
                let theirs = (self.theirs)();
                ((self.ours)(), theirs)
            });
        }
        let compare = |ours: f64, theirs: f64| match self.target {
            Target::Nanoseconds(_) => ours - theirs,
            Target::Ratio(_) | Target::None => ours / theirs,
        };
        let wall = sorted(pairs.iter().map(|(a, b)| compare(a.wall, b.wall)));
        let cpu = sorted(pairs.iter().map(|(a, b)| compare(a.cpu, b.cpu)));
        let ours = sorted(pairs.iter().map(|(ours, _)| ours.wall));
        let theirs = sorted(pairs.iter().map(|(_, theirs)| theirs.wall));
        let (middle, count) = (wall.len() / 2, wall.len());
        let (target, digits) = match self.target {
            Target::Ratio(most) => (format!("≤ {most:.2}{}", verdict(wall[middle], most)), 3),
            Target::Nanoseconds(most) => (format!("≤ {most} ns{}", verdict(wall[middle], most)), 2),
            Target::None => (String::new(), 3),
        };
        format!(
            "| {} | {target} | {:.digits$} | {:.digits$} – {:.digits$} | {:.digits$} | {:.1} | {:.1} | {count} |",
            self.name,
            wall[middle],
            wall[0],
            wall[count - 1],
            cpu[middle],
            ours[middle],
            theirs[middle],
        )
    }
}

fn verdict(value: f64, most: f64) -> &'static str {
    if value <= most { " ✓" } else { " ✗" }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
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

/// A measurement under way.
pub(crate) struct Stopwatch {
    wall: Instant,
    cpu: u64,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self {
            cpu: cpu(),
            wall: Instant::now(),
        }
    }

    /// What has passed, for each of `units`.
    #[allow(clippy::cast_precision_loss, reason = "figures to be read")]
    pub(crate) fn each(&self, units: usize) -> Sample {
        let wall = self.wall.elapsed();
        Sample {
            wall: wall.as_nanos() as f64 / units as f64,
            cpu: cpu().saturating_sub(self.cpu) as f64 / units as f64,
        }
    }
}

/// Nanoseconds that the threads of this process have run, where Linux tells: what others do on the machine does not
/// count in it. It is exact to a few milliseconds.
fn cpu() -> u64 {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else {
        return 0;
    };
    let of = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(path.join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    };
    threads.filter_map(|thread| of(thread.ok()?.path())).sum()
}

/// Measures a future on a worker, for each of `units`.
pub(crate) fn timed<F>(units: usize, future: F) -> Sample
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    on_worker(async move {
        let watch = Stopwatch::start();
        let output = future.await;
        let sample = watch.each(units);
        drop(output);
        sample
    })
}
