//! The watchdog: names the tasks that keep a group waiting, and ends the process where a panic has cancelled a group that
//! nobody joins.
//!
//! The thread of the clock looks; what is to be told it hands to a second thread, so that a log which blocks holds up
//! no timer. What that thread cannot take is left out: it comes again, at doubling intervals.

use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::time::{Duration, Instant};

use crate::clock::{self, Due};
use crate::live::LiveTask;
use crate::report;
use crate::scope::Scope;
use crate::sync::Arc;

/// Keeps an eye on a scope whose owner waits for its tasks.
pub(crate) fn watch(scope: &Scope) {
    scope.set_waiting();
    clock::look_after(millis(scope.warn_after()));
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
                    report::stuck(&stuck.path, stuck.waited, &stuck.alive);
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
    let alive = report::Alive(&alive);
    crate::policy::unjoined(
        scope.site(),
        scope.policy(),
        after,
        format_args!("`{path}` has not been joined {after:?} after {panic}; {alive}"),
    )
}

/// Reports every scope that has waited too long; tells when the next one will have.
pub(crate) fn look(now: Instant) -> Due {
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
    use super::*;

    #[tokio::test]
    async fn it_looks_seldom_again_when_nobody_is_in_a_hurry() {
        let group = crate::TaskGroup::<std::io::Error>::builder()
            .warn_after(Duration::from_millis(1))
            .open();
        let task = group.spawn(std::future::pending::<()>());
        let joined = tokio::spawn(group.join());
        while clock::shortest() > 1 {
            tokio::task::yield_now().await;
        }
        task.abort();
        joined.await.unwrap().unwrap();
        while clock::shortest() <= 1 {
            tokio::task::yield_now().await;
        }
    }
}
