//! Packages outside of the workspace, made of `fixtures`, for cargo to work on with the versions that the workspace is
//! locked to. They lie in cargo's directory for the files of tests, and are built anew only where they change.

#![allow(dead_code, reason = "each test file uses a part")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

/// A file or a folder of this package.
pub(crate) fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Writes a file unless it is there like this.
fn put(file: &Path, text: &str) {
    if fs::read_to_string(file).ok().as_deref() != Some(text) {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
}

/// The sources of a package of the fixtures, relative to its folder.
pub(crate) fn sources(fixture: &str) -> Vec<String> {
    let files = fs::read_dir(here("fixtures").join(fixture).join("src")).unwrap();
    files
        .map(|file| format!("src/{}", file.unwrap().file_name().to_str().unwrap()))
        .collect()
}

/// Name, version and checksum of every package in a lock file that comes from a registry.
fn checksums(lock: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(lock).unwrap();
    let packages = text.split("[[package]]\n").skip(1);
    packages
        .filter(|package| package.contains("\nchecksum = "))
        .map(|package| {
            let lines = package.lines().filter(|line| {
                ["name", "version", "checksum"].contains(&line.split(" = ").next().unwrap())
            });
            lines.collect::<Vec<_>>().join(", ")
        })
        .collect()
}

/// A workspace outside of this one.
pub(crate) struct Outside {
    name: &'static str,
    root: PathBuf,
}

impl Outside {
    /// A workspace of this name with this manifest.
    pub(crate) fn new(name: &'static str, manifest: &str) -> Self {
        let outside = Self {
            name,
            root: Path::new(env!("CARGO_TARGET_TMPDIR")).join(name),
        };
        outside.put("Cargo.toml", manifest);
        // Cargo takes out of it what is not needed.
        fs::copy(here("../Cargo.lock"), outside.root.join("Cargo.lock")).unwrap();
        outside
    }

    pub(crate) fn put(&self, file: &str, text: &str) {
        put(&self.root.join(file), text);
    }

    /// Puts the sources of a fixture into a folder of the workspace.
    pub(crate) fn sources(&self, fixture: &str, folder: &str) {
        for file in sources(fixture) {
            let text = fs::read_to_string(here("fixtures").join(fixture).join(&file)).unwrap();
            put(&self.root.join(folder).join(file), &text);
        }
    }

    /// Asserts that no package was taken that this workspace is not locked to: it would be one that an earlier build of
    /// something else has left in cargo's home. The packages of the fixture itself have no checksum.
    pub(crate) fn assert_locked(&self) {
        let ours = checksums(&here("../Cargo.lock"));
        let theirs = checksums(&self.root.join("Cargo.lock"));
        let strangers: Vec<_> = theirs.difference(&ours).collect();
        assert!(
            strangers.is_empty(),
            "in the lock of {}, but not in that of the workspace: {strangers:#?}",
            self.name
        );
    }

    /// Where cargo puts what it builds.
    pub(crate) fn target(&self) -> PathBuf {
        self.root.with_file_name(format!("{}-target", self.name))
    }

    /// A command of cargo in this workspace, without what the surrounding build was told.
    pub(crate) fn cargo(&self, command: &str) -> Command {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.root).arg(command);
        // It asks `rustc -` about the target, which reads whatever stands on the input.
        cargo.stdin(Stdio::null());
        for name in [
            "CARGO_BUILD_TARGET",
            "CARGO_ENCODED_RUSTFLAGS",
            "RUSTFLAGS",
            "CLIPPY_ARGS",
            "CLIPPY_CONF_DIR",
        ] {
            cargo.env_remove(name);
        }
        cargo.env("CARGO_TERM_COLOR", "never");
        cargo.env("CARGO_TARGET_DIR", self.target());
        cargo
    }
}

/// The manifest of a package, up to and with this crate in its dependencies.
pub(crate) fn manifest(package: &str) -> String {
    let rejoin = here("../runtime").canonicalize().unwrap();
    let rejoin = rejoin.to_str().unwrap();
    format!(
        "[package]\nname = \"{package}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\nrejoin = {{ path = {rejoin:?} }}\n"
    )
}
