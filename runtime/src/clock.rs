//! The clock: one thread for the whole process, started on first need. It rings timers, and looks at intervals for what is
//! overdue (`watchdog`).
//!
//! A thread, because tokio's timer is not always there, runs away when time is paused, and stands still with a runtime
//! that a task blocks. It runs no code of others but wakers.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::task::{Context as Cx, Poll, Waker};
use std::time::{Duration, Instant};

use crate::panic::frame_holding;

/// How often it looks when nobody has asked for more.
const TICK: Duration = Duration::from_secs(1);

#[derive(Debug)]
struct Clock {
    /// The shortest `warn_after` that was asked for, in milliseconds: how closely it has to look.
    shortest: AtomicU64,
    timers: Mutex<Vec<Arc<Alarm>>>,
    changed: Condvar,
}

#[derive(Debug)]
struct Alarm {
    at: Instant,
    rung: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

fn clock() -> &'static Clock {
    static CLOCK: OnceLock<&'static Clock> = OnceLock::new();
    CLOCK.get_or_init(|| {
        let clock = Box::leak(Box::new(Clock {
            shortest: AtomicU64::new(u64::MAX),
            timers: Mutex::new(Vec::new()),
            changed: Condvar::new(),
        }));
        let clock: &'static Clock = clock;
        let started = std::thread::Builder::new()
            .name("rejoin-clock".to_owned())
            .spawn(move || clock.run());
        if let Err(error) = started {
            eprintln!("rejoin: no thread for the clock, so nothing names tasks that hang: {error}");
        }
        clock
    })
}

/// When to look again.
pub(crate) struct Due {
    /// When the next thing will be overdue.
    pub(crate) next: Option<Instant>,
    /// The shortest time after which something that began now would be, in milliseconds.
    pub(crate) shortest: u64,
}

/// Reports what is overdue at an instant.
type Look = fn(Instant) -> Due;

static LOOK: OnceLock<Look> = OnceLock::new();

/// Says how to look for what is overdue, the first time.
pub(crate) fn set_look(look: Look) {
    LOOK.get_or_init(|| look);
}

/// Has it look closely enough for something that is overdue after `shortest` milliseconds.
pub(crate) fn look_after(shortest: u64) {
    let clock = clock();
    if shortest < clock.shortest.load(Ordering::Relaxed) {
        let _timers = clock.lock();
        clock.shortest.fetch_min(shortest, Ordering::Relaxed);
        clock.changed.notify_one();
    }
}

/// How closely it looks, in milliseconds.
#[cfg(test)]
pub(crate) fn shortest() -> u64 {
    clock().shortest.load(Ordering::Relaxed)
}

/// Has it look at once.
pub(crate) fn wake() {
    let clock = clock();
    let _timers = clock.lock();
    clock.changed.notify_one();
}

/// Resolves after a time, whatever becomes of tokio's clock.
pub(crate) fn timer(after: Duration) -> Timer {
    let clock = clock();
    // A date beyond what the clock can tell never comes.
    let Some(at) = Instant::now().checked_add(after) else {
        return Timer { alarm: None };
    };
    let alarm = Arc::new(Alarm {
        at,
        rung: AtomicBool::new(false),
        waker: Mutex::new(None),
    });
    clock.lock().push(Arc::clone(&alarm));
    clock.changed.notify_one();
    Timer { alarm: Some(alarm) }
}

#[derive(Debug)]
pub(crate) struct Timer {
    alarm: Option<Arc<Alarm>>,
}

impl Timer {
    pub(crate) fn poll(&mut self, cx: &Cx<'_>) -> Poll<()> {
        let Some(alarm) = &self.alarm else {
            return Poll::Pending;
        };
        // First the waker, then the look: the bell is rung in the other order.
        *alarm.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(cx.waker().clone());
        if alarm.rung.load(Ordering::Acquire) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Clock {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Alarm>>> {
        self.timers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) -> ! {
        loop {
            let now = Instant::now();
            self.ring(now);
            // Those that begin to wait meanwhile say so again.
            self.shortest.store(u64::MAX, Ordering::Relaxed);
            let due = LOOK.get().and_then(|look| {
                let due = look(now);
                self.shortest.fetch_min(due.shortest, Ordering::Relaxed);
                due.next
            });
            let timers = self.lock();
            let shortest = Duration::from_millis(self.shortest.load(Ordering::Relaxed));
            let look = now + TICK.min((shortest / 4).max(Duration::from_millis(1)));
            let wake = timers
                .iter()
                .map(|alarm| alarm.at)
                .chain(due.map(|due| due.min(look)))
                .chain([look])
                .min()
                .unwrap_or(look);
            let wait = wake.saturating_duration_since(Instant::now());
            drop(
                self.changed
                    .wait_timeout(timers, wait)
                    .unwrap_or_else(PoisonError::into_inner),
            );
        }
    }

    fn ring(&self, now: Instant) {
        let mut rung = Vec::new();
        self.lock().retain(|alarm| {
            let due = alarm.at <= now;
            if due {
                rung.push(Arc::clone(alarm));
            }
            // An alarm whose timer was dropped is not kept either.
            !due && Arc::strong_count(alarm) > 1
        });
        for alarm in rung {
            alarm.rung.store(true, Ordering::Release);
            let waker = alarm
                .waker
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            if let Some(waker) = waker {
                // It is a runtime's, and may panic: the others still have to be rung for.
                drop(frame_holding(|| waker.wake()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};
    use std::task::Wake;

    use super::*;

    struct Rings(Option<Sender<()>>);

    impl Wake for Rings {
        fn wake(self: Arc<Self>) {
            let rings = self.0.as_ref().expect("nobody to ring for");
            rings.send(()).expect("somebody listens");
        }
    }

    /// Whether the timer has left its waker in time.
    fn waits(timer: &mut Timer, rings: Option<Sender<()>>) -> bool {
        let waker = Waker::from(Arc::new(Rings(rings)));
        timer.poll(&Cx::from_waker(&waker)).is_pending()
    }

    #[test]
    fn a_waker_that_panics_silences_no_other() {
        let mut bomb = timer(Duration::from_millis(20));
        let mut other = timer(Duration::from_millis(30));
        let (rings, rang) = channel();
        waits(&mut bomb, None);
        if waits(&mut other, Some(rings)) {
            let far_too_long = Duration::from_secs(60);
            rang.recv_timeout(far_too_long).expect("it goes on");
        }
    }
}
