//! Packages to compile, and how long cargo takes for them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

/// The root of this repository.
pub(crate) fn repository() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package
        .join("..")
        .canonicalize()
        .expect("the package has a parent")
}

/// A workspace of generated packages, with a target folder of its own.
pub(crate) struct Workshop {
    root: PathBuf,
}

/// What a command took.
#[derive(Clone, Copy)]
pub(crate) struct Took {
    pub(crate) wall: Duration,
    /// Of the processors, for all processes together; the wall's where the system does not tell.
    pub(crate) cpu: Duration,
}

impl Workshop {
    /// An empty one, that starts with the versions which this repository is locked to.
    pub(crate) fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("compile")
            .join(name);
        let workshop = Self { root };
        fs::create_dir_all(&workshop.root).expect("a folder for the generated packages");
        let lock = workshop.root.join("Cargo.lock");
        fs::copy(repository().join("Cargo.lock"), lock).expect("a lock file");
        workshop
    }

    pub(crate) fn put(&self, file: &str, text: &str) {
        let file = self.root.join(file);
        let folder = file.parent().expect("a file is in a folder");
        fs::create_dir_all(folder).expect("a folder");
        fs::write(file, text).expect("a generated file");
    }

    /// Deletes what was built.
    pub(crate) fn clean(&self) {
        // Where nothing was built yet there is nothing to delete.
        let _ = fs::remove_dir_all(self.root.join("target"));
    }

    fn cargo(&self, arguments: &str) -> Command {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .args(arguments.split_whitespace())
            .current_dir(&self.root);
        for name in ["CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS", "CARGO_BUILD_TARGET"] {
            cargo.env_remove(name);
        }
        cargo.env("CARGO_TARGET_DIR", self.root.join("target"));
        // Every measurement compiles its package whole.
        cargo.env("CARGO_INCREMENTAL", "0");
        cargo.env("CARGO_TERM_COLOR", "never");
        cargo.stdin(Stdio::null());
        cargo
    }

    /// Runs cargo to its end: what it took, or what it said.
    pub(crate) fn run(&self, arguments: &str) -> Result<Took, String> {
        let (start, cpu) = (Instant::now(), children());
        let output = self
            .cargo(arguments)
            .output()
            .map_err(|error| error.to_string())?;
        let wall = start.elapsed();
        let spent = children().zip(cpu);
        let cpu = spent.map_or(wall, |(after, before)| after.saturating_sub(before));
        if output.status.success() {
            Ok(Took { wall, cpu })
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// What cargo prints.
    pub(crate) fn print(&self, arguments: &str) -> Option<String> {
        let output = self.cargo(arguments).output().ok()?;
        output.status.success().then_some(())?;
        String::from_utf8(output.stdout).ok()
    }
}

/// Processor time of all processes that this one has waited for, and of theirs.
fn children() -> Option<Duration> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // After the name, which may hold anything: the state is field 3, the two times are 16 and 17, in hundredths.
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    Some(Duration::from_millis((ticks(16)? + ticks(17)?) * 10))
}

/// The one in the middle.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Whether a target is met, for the table.
pub(crate) fn verdict(met: bool) -> &'static str {
    if met { " ✓" } else { " ✗" }
}
