//! So many within so long.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The times of the latest panics, the oldest first: never more than it takes to abort.
#[derive(Debug, Default)]
pub(super) struct Window {
    recent: VecDeque<Instant>,
}

impl Window {
    pub(super) const fn new() -> Self {
        Self {
            recent: VecDeque::new(),
        }
    }

    /// Counts a panic: whether it is the last of `panics` with no more than `within` between the first of them and
    /// itself.
    pub(super) fn fills(&mut self, at: Instant, panics: u32, within: Duration) -> bool {
        let panics = usize::try_from(panics).unwrap_or(usize::MAX);
        self.recent
            .retain(|&earlier| at.saturating_duration_since(earlier) <= within);
        self.recent.push_back(at);
        while self.recent.len() > panics {
            self.recent.pop_front();
        }
        self.recent.len() == panics
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    /// Which of the panics at these seconds strike.
    fn strikes(panics: u32, within: Duration, seconds: &[f64]) -> Vec<bool> {
        let start = Instant::now();
        let mut window = Window::new();
        seconds
            .iter()
            .map(|&at| window.fills(start + Duration::from_secs_f64(at), panics, within))
            .collect()
    }

    #[test]
    fn the_last_of_as_many_within_the_window_strikes() {
        assert_eq!(strikes(3, MINUTE, &[0.0, 10.0, 20.0]), [false, false, true]);
    }

    #[test]
    fn those_that_are_older_do_not_count() {
        assert_eq!(
            strikes(3, MINUTE, &[0.0, 40.0, 60.1, 100.0, 101.0]),
            [false, false, false, true, true]
        );
    }

    #[test]
    fn the_bounds_of_the_window_belong_to_it() {
        assert_eq!(strikes(2, MINUTE, &[0.0, 60.0]), [false, true]);
        assert_eq!(strikes(2, MINUTE, &[0.0, 60.001]), [false, false]);
    }

    #[test]
    fn one_strikes_at_once() {
        assert_eq!(strikes(1, MINUTE, &[0.0, 300.0]), [true, true]);
    }

    #[test]
    fn many_spread_out_never_strike_and_are_not_kept() {
        let mut window = Window::new();
        let start = Instant::now();
        for n in 0..10_000 {
            let at = start + Duration::from_secs(n * 25);
            assert!(!window.fills(at, 4, MINUTE));
            assert!(window.recent.len() <= 3);
        }
    }

    #[test]
    fn two_threads_may_count_in_the_wrong_order() {
        assert_eq!(strikes(2, MINUTE, &[5.0, 4.9]), [false, true]);
    }
}
