//! A program of generated functions: what the compiler says to each, and what happens when it runs.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::generate::{Function, Imports};
use super::outside::{Outside, manifest};

const DEPENDENCIES: &str = r#"
tokio = { version = "1", features = ["macros", "rt-multi-thread", "time"] }
tokio-util = { version = "0.7", features = ["rt"] }

[workspace]

[profile.dev]
debug = false
"#;

/// How the message of a discarded error that cannot be taken begins.
const LOST: &str = "the error of this task would be lost";

/// What became of the error of a task.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// The function returned it.
    Function,
    /// The handle gave it.
    Handle,
    /// rejoin refused the function.
    Refused,
    /// It compiled.
    Accepted,
    /// Neither the function nor the handle gave it.
    Silent,
    /// The function and the handle gave it.
    Twice,
    /// The function did not return.
    Hung,
    /// The task was not started.
    Unreached,
    /// The compiler refused the function by itself.
    Broken(String),
}

/// What the functions of a program return.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Returns {
    /// A `Result` whose error has a `From` of the tasks' error: the program runs.
    Taking,
    /// By turns a `Result` whose error has none, and nothing: the compiler must refuse each discarded task.
    Deaf,
}

/// An error of the compiler.
struct Said {
    line: usize,
    text: String,
    /// Whether it says that the error of a task is lost.
    lost: bool,
    /// Whether the types of no function have been checked because of it. Macros' own errors are so.
    early: bool,
}

/// The text of a program.
struct Program {
    text: String,
    /// Where each function stands, by its number.
    lines: BTreeMap<usize, Range<usize>>,
}

/// Builds the functions until the compiler refuses no more of them, runs them if they can run, and gives the outcome of
/// each spawn by its number.
pub(crate) fn outcomes(functions: &[Function], returns: Returns) -> BTreeMap<usize, Outcome> {
    // The programs share a folder, so that what they depend on is built once.
    static FOLDER: Mutex<()> = Mutex::new(());
    let _folder = FOLDER.lock().unwrap_or_else(PoisonError::into_inner);
    let outside = Outside::new("positions", &(manifest("positions") + DEPENDENCIES));
    let mut left: Vec<&Function> = functions.iter().collect();
    let mut otherwise = Vec::new();
    let mut outcomes = BTreeMap::new();
    loop {
        let program = Program::of(&left, returns, "#[rejoin::task_group]");
        let mut said = program.build(&outside);
        if said.is_empty() {
            break;
        }
        // What early errors hide is said in the next round.
        if said.iter().any(|said| said.early) {
            said.retain(|said| said.early);
        }
        let mut refused = Vec::new();
        left.retain(|function| {
            let said = program.said_of(function, &said);
            if said.is_empty() {
                return true;
            }
            outcomes.extend(function.spawns.iter().map(|spawn| {
                let here = program.line(spawn.number);
                (spawn.number, refusal(&said, here))
            }));
            refused.push(*function);
            if said.iter().any(|said| !said.lost) {
                otherwise.push(*function);
            }
            false
        });
        assert!(!refused.is_empty(), "it is no function: {}", said[0].text);
    }
    outside.assert_locked();
    if returns == Returns::Taking {
        outcomes.extend(run(&outside));
    }
    for spawn in left.iter().flat_map(|function| &function.spawns) {
        outcomes.entry(spawn.number).or_insert(Outcome::Accepted);
    }
    // The attribute is what they are refused for.
    if !otherwise.is_empty() {
        let said = Program::of(&otherwise, returns, "").build(&outside);
        let texts: Vec<_> = said.iter().map(|said| &*said.text).collect();
        assert!(
            said.is_empty(),
            "wrong without the attribute: {}",
            texts.join("\n")
        );
    }
    outcomes
}

/// The outcome of the spawn on a line of a function, of which all this is said.
fn refusal(said: &[&Said], line: usize) -> Outcome {
    if let Some(foreign) = said.iter().find(|said| !said.lost && !said.early) {
        Outcome::Broken(foreign.text.clone())
    } else if said.iter().any(|said| said.line == line) || said.iter().all(|said| said.early) {
        Outcome::Refused
    } else {
        Outcome::Accepted
    }
}

impl Program {
    fn of(functions: &[&Function], returns: Returns, attribute: &str) -> Self {
        let mut text = String::from(include_str!("../../fixtures/positions/src/main.rs"));
        let mut lines = BTreeMap::new();
        let mut calls = Vec::new();
        for function in functions {
            let number = function.number;
            let (ty, end) = match returns {
                Returns::Taking => ("Result<(), Error>", "Ok(())"),
                Returns::Deaf if number % 2 == 0 => ("Result<(), Deaf>", "Ok(())"),
                Returns::Deaf => ("()", ""),
            };
            let imports = "use tokio::{spawn, task};";
            let (outer, inner) = match function.imports {
                Imports::None => ("", ""),
                Imports::InFunction => ("", imports),
                Imports::InModule => (imports, ""),
            };
            let body = &function.body;
            let begin = text.lines().count() + 1;
            let module = [
                &format!("mod f{number} {{ use super::*; {outer}"),
                attribute,
                &format!("pub async fn f() -> {ty} {{ {inner}"),
                body,
                end,
                "} }\n",
            ];
            text += &module.join("\n");
            lines.insert(number, begin..text.lines().count() + 1);
            if returns == Returns::Taking {
                let numbers: Vec<usize> = function.spawns.iter().map(|it| it.number).collect();
                calls.push(format!("judge(&{numbers:?}, f{number}::f).await;"));
            }
        }
        text = [&text, "async fn all() {", &calls.join("\n"), "}\n"].join("\n");
        Self { text, lines }
    }

    /// The line of a spawn.
    fn line(&self, spawn: usize) -> usize {
        let before = self.text.split(&format!("work({spawn})")).next();
        before.map_or(0, |before| before.lines().count())
    }

    fn said_of<'a>(&self, function: &Function, said: &'a [Said]) -> Vec<&'a Said> {
        let lines = &self.lines[&function.number];
        said.iter()
            .filter(|said| lines.contains(&said.line))
            .collect()
    }

    /// What the compiler says to it.
    fn build(&self, outside: &Outside) -> Vec<Said> {
        outside.put("src/main.rs", &self.text);
        let mut cargo = outside.cargo("build");
        cargo.args(["--offline", "--quiet", "--message-format=json"]);
        let output = cargo.output().expect("cargo runs");
        let text = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
        let said: Vec<Said> = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|message| message["reason"] == "compiler-message")
            .filter_map(|message| said(&message["message"]))
            .collect();
        assert!(
            output.status.success() || !said.is_empty(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        said
    }
}

/// An error in the program, and where it stands there.
fn said(message: &Value) -> Option<Said> {
    if message["level"] != "error" {
        return None;
    }
    let text = message["message"].as_str()?;
    let spans = message["spans"].as_array()?;
    let primary = spans.iter().find(|span| span["is_primary"] == true)?;
    // Out of macros, to what the program has written.
    let mut span = primary;
    while !span["expansion"].is_null() && span["file_name"] != "src/main.rs" {
        span = &span["expansion"]["span"];
    }
    let line = span["line_start"].as_u64()?;
    Some(Said {
        line: usize::try_from(line).ok()?,
        lost: text.starts_with(LOST),
        early: message["code"].is_null(),
        text: message["rendered"].as_str().unwrap_or(text).to_owned(),
    })
}

/// Runs the program, which says a line of each spawn.
fn run(outside: &Outside) -> BTreeMap<usize, Outcome> {
    let name = format!("positions{}", std::env::consts::EXE_SUFFIX);
    let program: PathBuf = outside.target().join("debug").join(name);
    let output = Command::new(program).output().expect("it was built");
    let text = String::from_utf8(output.stdout).expect("it writes UTF-8");
    assert!(
        output.status.success(),
        "{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let outcomes = text.lines().map(|line| {
        let (number, outcome) = line.split_once(' ').expect("a number and a word");
        let outcome = match outcome {
            "function" => Outcome::Function,
            "handle" => Outcome::Handle,
            "silent" => Outcome::Silent,
            "twice" => Outcome::Twice,
            "hung" => Outcome::Hung,
            "unreached" => Outcome::Unreached,
            other => unreachable!("{other}"),
        };
        (number.parse().expect("a number"), outcome)
    });
    outcomes.collect()
}
