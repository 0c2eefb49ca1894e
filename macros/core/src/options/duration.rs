//! Durations as people write them: `"2s"`, `"1m 30s"`, `"250ms"`.

use std::time::Duration;

/// Reads a duration.
///
/// # Errors
///
/// What is wrong with it, for the reader of an error message.
pub fn parse(text: &str) -> Result<Duration, String> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err("an empty duration: write `\"2s\"` or `\"1m 30s\"`".to_owned());
    }
    let mut total = 0_u128;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        if number.is_empty() {
            return Err(format!(
                "`{text}` is no duration: a number comes before each unit, as in `\"1m 30s\"`"
            ));
        }
        let after = after.trim_start();
        let letters = after
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let nanos = unit_nanos(unit).ok_or_else(|| {
            if unit.is_empty() {
                format!("`{text}` has no unit: write `\"{number}s\"` or `\"{number}ms\"`")
            } else {
                format!("`{unit}` is no unit of time: rejoin knows ns, us, ms, s, m, h and d")
            }
        })?;
        total = amount(number, nanos)
            .and_then(|amount| total.checked_add(amount))
            .ok_or_else(|| format!("`{number}{unit}` is no duration that a clock can hold"))?;
        rest = after.trim_start();
    }
    let seconds = u64::try_from(total / 1_000_000_000);
    let nanos = u32::try_from(total % 1_000_000_000);
    match (seconds, nanos) {
        (Ok(seconds), Ok(nanos)) => Ok(Duration::new(seconds, nanos)),
        _ => Err(format!("`{text}` is longer than a clock can hold")),
    }
}

fn unit_nanos(unit: &str) -> Option<u128> {
    Some(match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" | "sec" | "secs" => 1_000_000_000,
        "m" | "min" | "mins" => 60_000_000_000,
        "h" | "hour" | "hours" => 3_600_000_000_000,
        "d" | "day" | "days" => 86_400_000_000_000,
        _ => return None,
    })
}

/// A decimal number of units, in nanoseconds.
fn amount(number: &str, unit: u128) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let whole: u128 = whole.parse().ok()?;
    let places = u32::try_from(fraction.len()).ok()?;
    let fraction: u128 = fraction.parse().ok()?;
    whole
        .checked_mul(unit)?
        .checked_add(fraction.checked_mul(unit)? / 10_u128.checked_pow(places)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        for (text, milliseconds) in [
            ("2s", 2_000),
            ("1m 30s", 90_000),
            ("1m30s", 90_000),
            (" 250ms ", 250),
            ("1h", 3_600_000),
            ("1.5s", 1_500),
            ("0s", 0),
            ("2 min", 120_000),
        ] {
            assert_eq!(
                parse(text),
                Ok(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_duration_says_why() {
        for (text, reason) in [
            ("2 parsecs", "`parsecs` is no unit"),
            ("5", "has no unit: write `\"5s\"`"),
            ("", "empty"),
            ("soon", "a number comes before"),
            ("1..2s", "no duration that a clock can hold"),
            ("-1s", "a number comes before"),
            (
                "99999999999999999999999999999999999999999s",
                "a clock can hold",
            ),
            ("999999999999999999999999d", "a clock can hold"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
