//! Names and times, as they are shown to people.

use std::fmt::{self, Display, Write as _};
use std::time::Duration;

/// A text that stays on its line and leaves the terminal as it is, whatever is in it: control characters are escaped, and
/// so are those that break a line or turn the direction of writing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(does_harm) {
            let (harmless, after) = rest.split_at(at);
            f.write_str(harmless)?;
            let mut chars = after.chars();
            for escaped in chars.next().into_iter().flat_map(char::escape_default) {
                f.write_char(escaped)?;
            }
            rest = chars.as_str();
        }
        f.write_str(rest)
    }
}

fn does_harm(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            // The marks, embeddings, overrides and isolates of text in two directions, and the separators of lines.
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// A time: below a minute in one unit, else in two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time(pub(crate) Duration);

impl Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.0;
        let seconds = time.as_secs();
        let (large, size, small, part) = match seconds {
            0 if time.is_zero() => return f.write_str("0s"),
            0..60 => return write!(f, "{time:.1?}"),
            60..3600 => ("m", 60, "s", 1),
            3600..86_400 => ("h", 3600, "m", 60),
            _ => ("d", 86_400, "h", 3600),
        };
        write!(
            f,
            "{}{large} {:02}{small}",
            seconds / size,
            seconds % size / part
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_harm_a_terminal_is_escaped() {
        let shown = |text| Escaped(text).to_string();
        assert_eq!(shown("shop::orders «ж» 👩‍🚀"), "shop::orders «ж» 👩‍🚀");
        assert_eq!(shown(""), "");
        assert_eq!(shown("two\r\nlines\u{1b}[31m"), "two\\r\\nlines\\u{1b}[31m");
        assert_eq!(shown("\u{202e}sdrawkcab"), "\\u{202e}sdrawkcab");
        assert_eq!(shown("a\u{2028}b\u{2069}"), "a\\u{2028}b\\u{2069}");
        assert_eq!(shown(&shown("\u{7}\u{85}")), "\\u{7}\\u{85}");
    }

    #[test]
    fn times_are_in_units_that_one_can_read() {
        let shown = |time| Time(time).to_string();
        let seconds = |seconds| shown(Duration::from_secs(seconds));
        assert_eq!(shown(Duration::ZERO), "0s");
        assert_eq!(shown(Duration::from_micros(5_320)), "5.3ms");
        assert_eq!(seconds(25), "25.0s");
        assert_eq!(seconds(90), "1m 30s");
        assert_eq!(seconds(3_599), "59m 59s");
        assert_eq!(seconds(3_600), "1h 00m");
        assert_eq!(seconds(90_061), "1d 01h");
        assert!(shown(Duration::MAX).ends_with("d 07h"));
    }
}
