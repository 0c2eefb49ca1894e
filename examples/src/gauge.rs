//! Counting what is under way, from inside: whoever works holds an [`Inside`], which leaves when it is dropped,
//! however that comes about.
//!
//! A gauge is awaited rather than polled, so that nothing here has to sleep and look again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// How many are inside now, and were at most.
#[derive(Clone, Debug)]
pub struct Gauge {
    count: Arc<watch::Sender<Count>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    now: usize,
    peak: usize,
    finished: usize,
}

/// Counts as one until it is dropped.
#[derive(Debug)]
pub struct Inside {
    gauge: Gauge,
}

impl Default for Gauge {
    fn default() -> Self {
        Self {
            count: Arc::new(watch::Sender::new(Count::default())),
        }
    }
}

impl Gauge {
    /// Counts one more, until the value is dropped.
    #[must_use = "leaves at once when dropped"]
    pub fn enter(&self) -> Inside {
        self.count.send_modify(|count| {
            count.now += 1;
            count.peak = count.peak.max(count.now);
        });
        Inside {
            gauge: self.clone(),
        }
    }

    /// How many are inside.
    #[must_use]
    pub fn now(&self) -> usize {
        self.count.borrow().now
    }

    /// The most that were ever inside at once.
    #[must_use]
    pub fn peak(&self) -> usize {
        self.count.borrow().peak
    }

    /// How many left by [`Inside::finish`].
    #[must_use]
    pub fn finished(&self) -> usize {
        self.count.borrow().finished
    }

    /// Waits until `many` are inside at once.
    pub async fn reaches(&self, many: usize) {
        self.wait(|count| count.now >= many).await;
    }

    /// Waits until `many` have finished.
    pub async fn has_finished(&self, many: usize) {
        self.wait(|count| count.finished >= many).await;
    }

    /// Waits until nobody is inside.
    pub async fn idle(&self) {
        self.wait(|count| count.now == 0).await;
    }

    async fn wait(&self, mut reached: impl FnMut(&Count) -> bool) {
        self.count
            .subscribe()
            .wait_for(|count| reached(count))
            .await
            .expect("the gauge holds its sender");
    }
}

impl Inside {
    /// Leaves, having done what was to be done.
    pub fn finish(self) {
        self.gauge.count.send_modify(|count| count.finished += 1);
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.gauge.count.send_modify(|count| count.now -= 1);
    }
}

/// Gauges by name, so that what runs side by side does not count each other.
#[derive(Clone, Debug, Default)]
pub struct Gauges {
    by_name: Arc<Mutex<HashMap<String, Gauge>>>,
}

impl Gauges {
    /// The gauge of that name.
    #[must_use]
    pub fn of(&self, name: &str) -> Gauge {
        let mut gauges = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        gauges.entry(name.to_owned()).or_default().clone()
    }
}
