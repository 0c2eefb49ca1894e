//! What `on_panic = "…"` says: `recover`, `unwind, abort after 5 in 60s`, `abort if unjoined for 30s`.
//!
//! Two things in one text, each at most once: what becomes of the panic in the function, and what it does to the process.
//! The latter is written as the runtime's `PanicPolicy` prints and reads it.

use std::time::Duration;

use super::duration;

/// What becomes of a panic in a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnPanic {
    Recover,
    Unwind,
}

/// What a panic does to the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    Shutdown,
    Abort,
    AbortAfter { panics: u32, within: Duration },
}

/// A policy, read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// `None` is what the attribute does where nothing is said.
    pub then: Option<OnPanic>,
    pub reaction: Option<Reaction>,
    /// How long a group that a panic has cancelled may take to come home.
    pub unjoined: Option<Duration>,
}

impl Policy {
    /// Whether it says anything of the process.
    pub fn has_consequences(&self) -> bool {
        self.reaction.is_some() || self.unjoined.is_some()
    }
}

/// Reads a policy.
///
/// # Errors
///
/// What is wrong with it, for the reader of an error message.
pub fn parse(text: &str) -> Result<Policy, String> {
    let mut policy = Policy::default();
    for part in text.split(',') {
        let words: Vec<_> = part.split_whitespace().collect();
        let twice = match words[..] {
            ["recover"] => policy.then.replace(OnPanic::Recover).is_some(),
            ["unwind"] => policy.then.replace(OnPanic::Unwind).is_some(),
            ["shutdown"] => policy.reaction.replace(Reaction::Shutdown).is_some(),
            ["abort"] => policy.reaction.replace(Reaction::Abort).is_some(),
            ["abort", "if", "unjoined", "for", ref after @ ..] => policy
                .unjoined
                .replace(duration::parse(&after.join(" "))?)
                .is_some(),
            ["abort", "after", ref after @ ..] => policy.reaction.replace(window(after)?).is_some(),
            [] => return Err("`on_panic` says nothing here: write `\"recover\"`".to_owned()),
            _ => {
                return Err(format!(
                    "`{}` is nothing that a panic can do: write {KNOWN}",
                    words.join(" ")
                ));
            }
        };
        if twice {
            let part = words.join(" ");
            return Err(match words[0] {
                "recover" | "unwind" => {
                    "a panic is recovered or unwinds: write one of the two".to_owned()
                }
                _ => format!(
                    "`{part}` comes beside another word for what a panic does to the process: write one"
                ),
            });
        }
    }
    match (policy.reaction, policy.then) {
        (Some(Reaction::Abort), Some(_)) => {
            Err("`abort` ends the process with the first panic, so nothing is left to recover or to unwind: write `abort` alone".to_owned())
        }
        (Some(Reaction::Abort), None) => {
            policy.then = Some(OnPanic::Unwind);
            Ok(policy)
        }
        _ => Ok(policy),
    }
}

pub const KNOWN: &str =
    "\"recover\", \"unwind\", \"abort\", \"abort after 5 in 60s\" or \"shutdown\"";

/// `5 in 60s`
fn window(words: &[&str]) -> Result<Reaction, String> {
    let [panics, "in", within @ ..] = words else {
        return Err(
            "`abort after` needs a number and a time: write \"abort after 5 in 60s\"".to_owned(),
        );
    };
    let panics = match panics.parse() {
        Ok(0) => {
            return Err(
                "it would abort after no panic: write \"abort\" for the first, or a number from 1"
                    .to_owned(),
            );
        }
        Ok(panics) => panics,
        Err(_) => {
            return Err(format!(
                "`{panics}` is no number of panics: write \"abort after 5 in 60s\""
            ));
        }
    };
    let within = duration::parse(&within.join(" "))?;
    if within.is_zero() {
        return Err("no two panics are within no time: write \"abort after 5 in 60s\"".to_owned());
    }
    Ok(Reaction::AbortAfter { panics, within })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const WINDOW: Reaction = Reaction::AbortAfter {
        panics: 5,
        within: MINUTE,
    };

    #[test]
    fn policies_are_read() {
        use OnPanic::{Recover, Unwind};
        for (text, then, reaction, unjoined) in [
            ("recover", Some(Recover), None, None),
            (" unwind ", Some(Unwind), None, None),
            ("abort", Some(Unwind), Some(Reaction::Abort), None),
            ("shutdown", None, Some(Reaction::Shutdown), None),
            ("abort after 5 in 60s", None, Some(WINDOW), None),
            ("abort after 5 in 1 min", None, Some(WINDOW), None),
            (
                "recover, abort after 5 in 1m",
                Some(Recover),
                Some(WINDOW),
                None,
            ),
            (
                "abort after 5 in 60s,unwind",
                Some(Unwind),
                Some(WINDOW),
                None,
            ),
            (
                "shutdown, abort if unjoined for 1m",
                None,
                Some(Reaction::Shutdown),
                Some(MINUTE),
            ),
            ("abort if unjoined for 0.5m 30s", None, None, Some(MINUTE)),
        ] {
            let policy = Policy {
                then,
                reaction,
                unjoined,
            };
            assert_eq!(parse(text), Ok(policy), "{text}");
        }
    }

    #[test]
    fn what_is_no_policy_says_why() {
        for (text, reason) in [
            ("", "says nothing here"),
            ("abort,", "says nothing here"),
            (
                "ignore",
                "`ignore` is nothing that a panic can do: write \"recover\",",
            ),
            ("Abort", "`Abort` is nothing"),
            ("recover, unwind", "write one of the two"),
            ("abort, shutdown", "`shutdown` comes beside another word"),
            (
                "abort after 5 in 60s, abort",
                "`abort` comes beside another word",
            ),
            ("abort, recover", "nothing is left to recover"),
            (
                "abort if unjoined for 1s, abort if unjoined for 2s",
                "`abort if unjoined for 2s` comes beside",
            ),
            (
                "abort after 5",
                "needs a number and a time: write \"abort after 5 in 60s\"",
            ),
            ("abort after", "write \"abort after 5 in 60s\""),
            ("abort after five in 60s", "`five` is no number"),
            ("abort after -1 in 60s", "`-1` is no number"),
            ("abort after 0 in 60s", "write \"abort\" for the first"),
            ("abort after 5 in", "an empty duration"),
            ("abort after 5 in 60", "has no unit"),
            ("abort after 5 in 0s", "no two panics are within no time"),
            ("abort if unjoined for", "an empty duration"),
            ("abort if unjoined", "`abort if unjoined` is nothing"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
