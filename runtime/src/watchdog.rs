//! One thread for the whole process, started on first need: it names tasks that keep a group waiting, and it is the clock
//! of [`Root::join`](crate::Root::join).
//!
//! A thread, because tokio's timer is not always there, runs away when time is paused, and stands still with a runtime
//! that a task blocks.
//!
//! It runs no code of others but wakers: what is to be told it hands to a second thread, so that a log which blocks holds up
//! no timer. What that thread cannot take is left out: it comes again, at doubling intervals.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::task::{Context as Cx, Poll, Waker};
use std::time::{Duration, Instant};

use crate::live::LiveTask;
use crate::panic::frame_holding;
use crate::scope::Scope;

/// How often it looks when nobody has asked for more.
const TICK: Duration = Duration::from_secs(1);

#[derive(Debug)]
struct Watchdog {
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

fn watchdog() -> &'static Watchdog {
    static WATCHDOG: OnceLock<&'static Watchdog> = OnceLock::new();
    WATCHDOG.get_or_init(|| {
        let watchdog = Box::leak(Box::new(Watchdog {
            shortest: AtomicU64::new(u64::MAX),
            timers: Mutex::new(Vec::new()),
            changed: Condvar::new(),
        }));
        let watching: &'static Watchdog = watchdog;
        let started = std::thread::Builder::new()
            .name("rejoin-watchdog".to_owned())
            .spawn(move || watching.run());
        if let Err(error) = started {
            eprintln!(
                "rejoin: no thread for the watchdog, so nothing names tasks that hang: {error}"
            );
        }
        watching
    })
}

/// Keeps an eye on a scope whose owner waits for its tasks.
pub(crate) fn watch(scope: &Scope) {
    let watchdog = watchdog();
    scope.set_waiting();
    let warn_after = millis(scope.warn_after());
    if warn_after < watchdog.shortest.load(Ordering::Relaxed) {
        let _timers = watchdog.lock();
        watchdog.shortest.fetch_min(warn_after, Ordering::Relaxed);
        watchdog.changed.notify_one();
    }
}

/// Has it look for scopes that do not come home after a panic.
pub(crate) fn wake() {
    let watchdog = watchdog();
    let _timers = watchdog.lock();
    watchdog.changed.notify_one();
}

/// Resolves after a time, whatever becomes of tokio's clock.
pub(crate) fn timer(after: Duration) -> Timer {
    let watchdog = watchdog();
    // A date beyond what the clock can tell never comes.
    let Some(at) = Instant::now().checked_add(after) else {
        return Timer { alarm: None };
    };
    let alarm = Arc::new(Alarm {
        at,
        rung: AtomicBool::new(false),
        waker: Mutex::new(None),
    });
    watchdog.lock().push(Arc::clone(&alarm));
    watchdog.changed.notify_one();
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

impl Watchdog {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Alarm>>> {
        self.timers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) -> ! {
        loop {
            let now = Instant::now();
            self.ring(now);
            // Those that begin to wait meanwhile say so again.
            self.shortest.store(u64::MAX, Ordering::Relaxed);
            let Due {
                next: due,
                shortest,
            } = report_overdue(now);
            self.shortest.fetch_min(shortest, Ordering::Relaxed);
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

/// A scope that has waited too long.
struct Stuck {
    path: String,
    waited: Duration,
    alive: Vec<LiveTask>,
    /// Dropped when it is told.
    told: Option<std::sync::mpsc::Sender<()>>,
}

/// So many wait for a log that blocks.
const WAITING: usize = 64;

/// How long a process that is to end waits for the names of those that have not.
const LAST: Duration = Duration::from_secs(1);

/// Hands a report to the thread that makes it; `false` when there is no room, or no thread.
fn tell(stuck: Stuck) -> bool {
    static TELLER: OnceLock<Option<SyncSender<Stuck>>> = OnceLock::new();
    let teller = TELLER.get_or_init(|| {
        let (sender, receiver): (_, Receiver<Stuck>) = sync_channel(WAITING);
        let started = std::thread::Builder::new()
            .name("rejoin-stuck".to_owned())
            .spawn(move || {
                for stuck in receiver {
                    crate::report::stuck(&stuck.path, stuck.waited, &stuck.alive);
                    drop(stuck.told);
                }
            });
        started.ok().map(|_| sender)
    });
    teller
        .as_ref()
        .is_some_and(|teller| teller.try_send(stuck).is_ok())
}

/// A scope has not come home after a panic: ends the process, and says who is to blame.
fn end_unjoined(scope: &Arc<Scope>, panic: &str, after: Duration) -> ! {
    let path = scope.path();
    let alive = scope.live_and_open();
    let (told, is_told) = channel();
    let stuck = Stuck {
        path: path.clone(),
        waited: after,
        alive: alive.clone(),
        told: Some(told),
    };
    if tell(stuck) {
        // It ends with an error when that is done.
        let _ = is_told.recv_timeout(LAST);
    }
    let alive = crate::report::Alive(&alive);
    crate::policy::unjoined(
        scope.site(),
        scope.policy(),
        after,
        format_args!("`{path}` has not been joined {after:?} after {panic}; {alive}"),
    )
}

/// When to look again.
struct Due {
    /// When the next scope will have waited too long.
    next: Option<Instant>,
    /// The shortest `warn_after` of those that wait, in milliseconds.
    shortest: u64,
}

/// Reports every scope that has waited too long; tells when the next one will have.
fn report_overdue(now: Instant) -> Due {
    let mut due = Due {
        next: None,
        shortest: u64::MAX,
    };
    let mut until = |at: Instant| due.next = Some(due.next.map_or(at, |next| next.min(at)));
    let mut below = vec![Arc::clone(Scope::root())];
    while let Some(scope) = below.pop() {
        match scope.overdue(now) {
            Some(Ok(waited)) => {
                let alive = scope.live_and_open();
                // The last may have ended just now.
                if !alive.is_empty() {
                    let path = scope.path();
                    let told = None;
                    tell(Stuck {
                        path,
                        waited,
                        alive,
                        told,
                    });
                }
            }
            Some(Err(at)) => until(at),
            None => {}
        }
        if scope.is_waiting() {
            due.shortest = due.shortest.min(millis(scope.warn_after()));
        }
        match scope.unjoined(now) {
            Some(Ok((panic, after))) => end_unjoined(&scope, &panic, after),
            Some(Err(at)) => until(at),
            None => {}
        }
        below.extend(scope.children());
    }
    due
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
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

    #[tokio::test]
    async fn it_looks_seldom_again_when_nobody_is_in_a_hurry() {
        let group = crate::TaskGroup::<std::io::Error>::builder()
            .warn_after(Duration::from_millis(1))
            .open();
        let task = group.spawn(std::future::pending::<()>());
        let joined = tokio::spawn(group.join());
        while watchdog().shortest.load(Ordering::Relaxed) > 1 {
            tokio::task::yield_now().await;
        }
        task.abort();
        joined.await.unwrap().unwrap();
        while watchdog().shortest.load(Ordering::Relaxed) <= 1 {
            tokio::task::yield_now().await;
        }
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
