//! The thread that listens to signals and goes through the stages of a shutdown.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Builder;

use super::ended::{exit, exit_at_once, left};
use super::signals::Signals;
use super::{Threads, Verdict, told};
use crate::cause::CancelCause;
use crate::clock;
use crate::live::{LiveTask, TaskKind};
use crate::panic::frame;
use crate::root::{GIVE_UP, drained};
use crate::scope::Scope;
use crate::shutdown::{self, Reason, reason, shutdown_requested};
use crate::site::Site;

/// How long a shutdown may take before somebody who watches it is told what it waits for.
const NOTICE: Duration = Duration::from_secs(1);

/// How long the main thread has at least to let go of a runtime in which nothing of ours is alive. The runtime itself is
/// given [`GIVE_UP`]; the rest is for destructors.
const LET_GO: Duration = Duration::from_secs(3);

/// Starts the thread; returns once it listens.
pub(super) fn start(site: &'static Site, grace: Duration, threads: Arc<Threads>) -> io::Result<()> {
    let (ready, listens) = sync_channel(1);
    let drain = move || {
        let started = Builder::new_current_thread()
            .enable_io()
            .build()
            .and_then(|runtime| {
                let entered = runtime.enter();
                let signals = Signals::listen()?;
                drop(entered);
                Ok((runtime, signals))
            });
        match started {
            Err(error) => drop(ready.send(Err(error))),
            Ok((runtime, signals)) => {
                let _ = ready.send(Ok(()));
                // A waker of somebody's may panic; the process must not outlive the one who ends it.
                let Err(_) = frame(|| runtime.block_on(attend(site, grace, &threads, signals)));
                exit(left());
            }
        }
    };
    thread::Builder::new()
        .name("rejoin-drain".to_owned())
        .spawn(drain)?;
    listens
        .recv()
        .unwrap_or_else(|_| Err(io::Error::other("the thread that listens has ended")))
}

/// Listens to signals for ever, and goes through the stages beside it.
async fn attend(
    site: &'static Site,
    grace: Duration,
    threads: &Threads,
    signals: Signals,
) -> Infallible {
    let mut listen = pin!(listen(signals, threads));
    let mut stages = pin!(stages(site, grace, threads));
    poll_fn(|cx| match listen.as_mut().poll(cx) {
        Poll::Pending => stages.as_mut().poll(cx),
    })
    .await;
    listen.await
}

/// The first signal asks for the shutdown; the second, or one after it, ends the process.
async fn listen(mut signals: Signals, threads: &Threads) -> Infallible {
    let mut asked = false;
    loop {
        let signal = poll_fn(|cx| signals.poll_next(cx)).await;
        if asked || threads.done.is_cancelled() {
            exit_at_once(128 + signal.number);
        }
        asked = true;
        shutdown::request(Reason::Signal(signal.name));
    }
}

/// Drain, cancel, give up.
async fn stages(site: &'static Site, grace: Duration, threads: &Threads) {
    shutdown_requested().await;
    let reason = reason().unwrap_or(Reason::Asked);
    let asked = Instant::now();
    let ended = || threads.body.cancelled();

    let silent = grace.min(NOTICE);
    let mut drains = drained(ended(), silent).await;
    if !drains && silent < grace {
        told::drains(
            reason,
            site,
            grace.saturating_sub(silent),
            &alive(site, threads),
        );
        drains = drained(ended(), grace.saturating_sub(silent)).await;
    }
    let mut verdict = Verdict::InTime;
    if !drains {
        verdict = Verdict::Cut;
        told::cancels(grace, &alive(site, threads));
        Scope::root().abort_all(&CancelCause::Shutdown);
        threads.cut.cancel();
        if !drained(ended(), GIVE_UP).await {
            let alive = alive(site, threads);
            if alive.iter().any(|task| task.kind() != TaskKind::Group) {
                return leave(&alive, threads).await;
            }
            verdict = Verdict::Groups;
        }
    }
    decide(threads, verdict);
    // Untracked tasks may have destructors that take their time.
    let rest = grace.saturating_sub(asked.elapsed()).max(LET_GO);
    if !is_done_within(threads, rest).await {
        told::held(site, rest);
        exit(left());
    }
}

/// Reports who is left, and sees to it that the process ends.
async fn leave(alive: &[LiveTask], threads: &Threads) {
    told::leaves(alive);
    decide(threads, Verdict::Tasks);
    if threads.body.is_cancelled() {
        // The main thread knows whether the main function has failed, and exits. A task may hold that thread.
        is_done_within(threads, GIVE_UP).await;
    }
    exit(left());
}

fn decide(threads: &Threads, verdict: Verdict) {
    let _ = threads.verdict.set(verdict);
    threads.told.cancel();
}

/// Whether the main thread lets go of its runtime in time.
async fn is_done_within(threads: &Threads, time: Duration) -> bool {
    let mut done = pin!(threads.done.cancelled());
    let mut timer = clock::timer(time);
    poll_fn(|cx| match done.as_mut().poll(cx) {
        Poll::Ready(()) => Poll::Ready(true),
        Poll::Pending => timer.poll(cx).map(|()| false),
    })
    .await
}

/// Who is alive: the main function first, the oldest task next.
fn alive(site: &'static Site, threads: &Threads) -> Vec<LiveTask> {
    let mut alive = Scope::root().live_and_open();
    alive.sort_by_key(|task| task.since);
    if !threads.body.is_cancelled() {
        let body = LiveTask {
            path: site.name().to_owned(),
            spawned_at: site.location(),
            since: threads.since,
            kind: TaskKind::Task,
        };
        alive.insert(0, body);
    }
    alive
}
