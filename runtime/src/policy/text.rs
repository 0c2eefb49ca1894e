//! A policy as text, for the environment: `abort after 5 in 60s, abort if unjoined for 30s`.

use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{PanicPolicy, Reaction};

/// A text that is no [`PanicPolicy`]: what is wrong with it, and what it could be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsePolicyError {
    variable: Option<&'static str>,
    text: String,
    fault: String,
}

impl ParsePolicyError {
    pub(super) fn named(mut self, variable: &'static str) -> Self {
        self.variable = Some(variable);
        self
    }
}

impl fmt::Display for ParsePolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            variable,
            text,
            fault,
        } = self;
        match variable {
            Some(variable) => write!(f, "{variable}={text:?} is no panic policy: {fault}"),
            None => write!(f, "{text:?} is no panic policy: {fault}"),
        }
    }
}

impl Error for ParsePolicyError {}

impl FromStr for PanicPolicy {
    type Err = ParsePolicyError;

    fn from_str(text: &str) -> Result<Self, ParsePolicyError> {
        parse(text).map_err(|fault| ParsePolicyError {
            variable: None,
            text: text.to_owned(),
            fault,
        })
    }
}

const KNOWN: &str = "it is one of `recover`, `shutdown`, `abort` and `abort after 5 in 60s`, and `abort if unjoined for \
     30s` can follow it after a comma";

fn parse(text: &str) -> Result<PanicPolicy, String> {
    let mut reaction = None;
    let mut unjoined = None;
    for part in text.split(',') {
        let words: Vec<_> = part.split_whitespace().collect();
        let (name, twice) = match words[..] {
            ["abort", "if", "unjoined", "for", ref after @ ..] => (
                "`abort if unjoined`",
                unjoined.replace(duration(after)?).is_some(),
            ),
            _ => (
                "what a panic does",
                reaction.replace(one(&words)?).is_some(),
            ),
        };
        if twice {
            return Err(format!("{name} is said twice"));
        }
    }
    Ok(PanicPolicy {
        reaction: reaction.unwrap_or(Reaction::Recover),
        unjoined,
    })
}

fn one(words: &[&str]) -> Result<Reaction, String> {
    Ok(match *words {
        ["recover"] => Reaction::Recover,
        ["shutdown"] => Reaction::Shutdown,
        ["abort"] => Reaction::Abort,
        ["abort", "after", panics, "in", ref within @ ..] => {
            let panics = match panics.parse() {
                Ok(0) => {
                    return Err("it aborts after 0 panics: write `abort` for the first".to_owned());
                }
                Ok(panics) => panics,
                Err(_) => return Err(format!("`{panics}` is no number of panics")),
            };
            let within = duration(within)?;
            if within.is_zero() {
                return Err("no two panics are within 0 seconds".to_owned());
            }
            Reaction::AbortAfter { panics, within }
        }
        ["abort", "after", ..] => {
            return Err("write `abort after 5 in 60s`".to_owned());
        }
        _ => return Err(KNOWN.to_owned()),
    })
}

/// The units that a duration is written in, the longest first.
const UNITS: [(&str, u64); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// As the attributes read them: `60s`, `1m 30s`, `250 ms`.
fn duration(words: &[&str]) -> Result<Duration, String> {
    let text = words.join(" ");
    let wrong = || {
        format!(
            "`{text}` is no duration: write numbers with d, h, m, s, ms, us or ns, as in `60s` or `1m 30s`"
        )
    };
    let mut total = None::<Duration>;
    let mut rest = &*text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
        let end = end.ok_or_else(wrong)?;
        let (number, after) = rest.split_at(end);
        let after = after.trim_start();
        let end = after.find(|c: char| !c.is_alphabetic());
        let (unit, after) = after.split_at(end.unwrap_or(after.len()));
        let (_, nanos) = UNITS
            .iter()
            .find(|(name, _)| *name == short(unit))
            .ok_or_else(wrong)?;
        let part = amount(number, *nanos).ok_or_else(wrong)?;
        total = total
            .unwrap_or_default()
            .checked_add(Duration::from_nanos(part));
        rest = after.trim_start();
    }
    total.ok_or_else(wrong)
}

/// The short name of a unit.
fn short(unit: &str) -> &str {
    match unit {
        "µs" | "μs" => "us",
        "sec" | "secs" => "s",
        "min" | "mins" => "m",
        "hour" | "hours" => "h",
        "day" | "days" => "d",
        other => other,
    }
}

/// A decimal number of units, in nanoseconds.
fn amount(number: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let places = u32::try_from(fraction.len()).ok()?;
    let fraction = fraction.parse::<u64>().ok()?.checked_mul(unit)?;
    let whole = whole.parse::<u64>().ok()?.checked_mul(unit)?;
    whole.checked_add(fraction / 10_u64.checked_pow(places)?)
}

impl fmt::Display for PanicPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reaction {
            Reaction::Recover => f.write_str("recover")?,
            Reaction::Shutdown => f.write_str("shutdown")?,
            Reaction::Abort => f.write_str("abort")?,
            Reaction::AbortAfter { panics, within } => {
                write!(f, "abort after {panics} in {}", Escaped(within))?;
            }
        }
        if let Some(after) = self.unjoined {
            write!(f, ", abort if unjoined for {}", Escaped(after))?;
        }
        Ok(())
    }
}

/// A duration in the largest unit, of seconds and smaller ones, that holds it whole.
struct Escaped(Duration);

impl fmt::Display for Escaped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.as_nanos();
        let units = &UNITS[3..];
        let (unit, size) = units
            .iter()
            .find(|(_, size)| nanos.is_multiple_of(u128::from(*size)))
            .unwrap_or(&UNITS[6]);
        write!(f, "{}{unit}", nanos / u128::from(*size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn every_policy_has_a_text() {
        for (text, policy) in [
            ("recover", PanicPolicy::recover()),
            ("shutdown", PanicPolicy::shutdown()),
            ("abort", PanicPolicy::abort()),
            (
                "abort after 5 in 60s",
                PanicPolicy::abort_after(5, seconds(60)),
            ),
            (
                "abort after 2 in 250ms",
                PanicPolicy::abort_after(2, Duration::from_millis(250)),
            ),
            (
                "recover, abort if unjoined for 30s",
                PanicPolicy::recover().abort_if_unjoined(seconds(30)),
            ),
            (
                "abort after 5 in 60s, abort if unjoined for 1500us",
                PanicPolicy::abort_after(5, seconds(60))
                    .abort_if_unjoined(Duration::from_micros(1500)),
            ),
        ] {
            assert_eq!(text.parse(), Ok(policy));
            assert_eq!(policy.to_string(), text);
        }
    }

    #[test]
    fn it_may_be_written_in_other_ways() {
        let after = PanicPolicy::abort_after(5, seconds(90));
        for text in [
            "abort after 5 in 90s",
            "  abort  after 5 in  1m 30s ",
            "abort after 5 in 1m30s",
            "abort after 5 in 90 s",
            "abort after 5 in 1.5 min",
            "abort after 5 in 1 min 30secs",
            "abort after 5 in 90000000 µs",
        ] {
            assert_eq!(text.parse(), Ok(after), "{text}");
        }
        let unjoined = PanicPolicy::recover().abort_if_unjoined(seconds(3600));
        assert_eq!("abort if unjoined for 1h".parse(), Ok(unjoined));
        assert_eq!("abort if unjoined for 1h,recover".parse(), Ok(unjoined));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, fault) in [
            ("abrot", "it is one of `recover`, `shutdown`, `abort`"),
            ("", "it is one of"),
            ("abort,", "it is one of"),
            ("Abort", "it is one of"),
            ("abort, shutdown", "what a panic does is said twice"),
            (
                "abort if unjoined for 1s, abort if unjoined for 2s",
                "`abort if unjoined` is said twice",
            ),
            ("abort after 0 in 60s", "write `abort` for the first"),
            ("abort after x in 60s", "`x` is no number of panics"),
            ("abort after -1 in 60s", "`-1` is no number of panics"),
            ("abort after 5", "write `abort after 5 in 60s`"),
            ("abort after 5 in", "`` is no duration"),
            ("abort after 5 in 60", "`60` is no duration"),
            ("abort after 5 in s", "`s` is no duration"),
            ("abort after 5 in 1 parsec", "`1 parsec` is no duration"),
            ("abort after 5 in 1..5s", "`1..5s` is no duration"),
            ("abort after 5 in .s", "`.s` is no duration"),
            ("abort after 5 in 0s", "no two panics are within 0 seconds"),
            (
                "abort after 5 in 99999999999999d",
                "`99999999999999d` is no duration",
            ),
            ("abort if unjoined for", "`` is no duration"),
        ] {
            let error = text.parse::<PanicPolicy>().unwrap_err().to_string();
            assert!(error.contains(fault), "{text:?}: {error}");
            assert!(error.starts_with(&format!("{text:?} is no panic policy: ")));
        }
    }

    #[test]
    fn an_error_names_the_variable() {
        let error = "abrot".parse::<PanicPolicy>().unwrap_err();
        let shown = error.named("REJOIN_ON_PANIC").to_string();
        assert!(
            shown.starts_with("REJOIN_ON_PANIC=\"abrot\" is no panic policy: it is one of"),
            "{shown}"
        );
    }
}
