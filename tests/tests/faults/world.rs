//! What a program runs in: it numbers the awaits, lets a fault happen at one of them, and counts what is there.

use std::any::Any;
use std::collections::HashMap;
use std::future::{Future, pending};
use std::panic::panic_any;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rejoin::{Cancelled, DeadlineExceeded, Errors, PanicError};
use tokio::sync::Notify;
use tokio::task::{AbortHandle, Id, JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

/// What can happen at an await.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It gives an error.
    Error,
    /// It panics.
    Panic,
    /// It panics with a payload that panics when it is dropped.
    Payload,
    /// The future of the whole program is dropped.
    Drop,
    /// The same, and a local of what waits there panics when it is dropped.
    Bomb,
    /// The token of the program is cancelled.
    Token,
    /// The task is aborted.
    Abort,
    /// The await takes longer than the deadline of the program.
    Late,
}

impl Fault {
    pub(crate) const ALL: [Self; 8] = [
        Self::Error,
        Self::Panic,
        Self::Payload,
        Self::Drop,
        Self::Bomb,
        Self::Token,
        Self::Abort,
        Self::Late,
    ];
}

/// Whose a failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum To {
    /// The program ends with it.
    Caller,
    /// It is reported.
    Report,
    /// An error is reported, and a panic is the group's, whose program ends with it.
    ReportOrGroup,
    /// The program looks at it and goes on.
    Program,
    /// It is let go with its handle, unless it is a panic, which is reported.
    Nobody,
}

#[derive(Debug)]
pub(crate) enum Error {
    Injected(usize),
    /// The symptom of somebody else's end.
    Closed,
    Panic(PanicError),
    Join(JoinError),
    Cancelled(Cancelled),
    Late(DeadlineExceeded),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Injected(at) => write!(f, "injected error {at}"),
            other => write!(f, "{other:?}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Injected(_) | Self::Closed => None,
            Self::Panic(panic) => Some(panic),
            Self::Join(error) => Some(error),
            Self::Cancelled(cancelled) => Some(cancelled),
            Self::Late(late) => Some(late),
        }
    }
}

impl From<PanicError> for Error {
    fn from(panic: PanicError) -> Self {
        Self::Panic(panic)
    }
}

impl From<JoinError> for Error {
    fn from(error: JoinError) -> Self {
        match PanicError::from_join_error(error) {
            Ok(panic) => Self::Panic(panic),
            Err(error) => Self::Join(error),
        }
    }
}

impl From<Cancelled> for Error {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled)
    }
}

impl From<DeadlineExceeded> for Error {
    fn from(late: DeadlineExceeded) -> Self {
        Self::Late(late)
    }
}

impl From<Errors<Self>> for Error {
    fn from(errors: Errors<Self>) -> Self {
        errors.into_vec().swap_remove(0)
    }
}

/// Panics where it is dropped.
struct Bomb(Arc<Inner>);

impl Drop for Bomb {
    fn drop(&mut self) {
        self.0.exploded.fetch_add(1, SeqCst);
        panic!("injected");
    }
}

/// In a future from where it is made, for as long as it is there.
pub(crate) struct Here(World, bool);

impl Drop for Here {
    fn drop(&mut self) {
        assert!(!std::mem::replace(&mut self.1, true), "dropped twice");
        assert_ne!(self.0.0.alive.fetch_sub(1, SeqCst), 0, "dropped too often");
    }
}

/// What has happened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Happened {
    pub(crate) at: usize,
    pub(crate) fault: Fault,
    pub(crate) to: To,
}

#[derive(Clone)]
pub(crate) struct World(Arc<Inner>);

struct Inner {
    faults: Vec<(usize, Fault)>,
    points: AtomicUsize,
    happened: Mutex<Vec<Happened>>,
    alive: AtomicUsize,
    exploded: AtomicUsize,
    /// Errors that the program has looked at.
    taken: Mutex<Vec<usize>>,
    known: Mutex<HashMap<Id, AbortHandle>>,
    drop_it: Notify,
    dropped: CancellationToken,
    token: CancellationToken,
    deadline: Duration,
}

impl World {
    pub(crate) fn new(faults: &[(usize, Fault)], deadline: Duration) -> Self {
        Self(Arc::new(Inner {
            faults: faults.to_vec(),
            points: AtomicUsize::new(0),
            happened: Mutex::default(),
            alive: AtomicUsize::new(0),
            exploded: AtomicUsize::new(0),
            taken: Mutex::default(),
            known: Mutex::default(),
            drop_it: Notify::new(),
            dropped: CancellationToken::new(),
            token: CancellationToken::new(),
            deadline,
        }))
    }

    // For programs.

    /// A guard for a future that is made here.
    pub(crate) fn here(&self) -> Here {
        self.0.alive.fetch_add(1, SeqCst);
        Here(self.clone(), false)
    }

    /// The fault of the point that is reached.
    fn next(&self, to: To) -> Option<Happened> {
        let at = self.0.points.fetch_add(1, SeqCst) + 1;
        let here = self.0.faults.iter().find(|(point, _)| *point == at);
        here.map(|&(at, fault)| Happened { at, fault, to })
    }

    fn happens(&self, what: Happened) {
        self.0.happened.lock().unwrap().push(what);
    }

    /// An await, and whatever happens there.
    pub(crate) async fn point(&self, to: To) -> Result<(), Error> {
        let fault = self.next(to);
        tokio::task::yield_now().await;
        let Some(here) = fault else { return Ok(()) };
        match here.fault {
            Fault::Error | Fault::Panic | Fault::Payload => self.fail(here)?,
            Fault::Drop => {
                self.happens(here);
                self.0.drop_it.notify_one();
                self.0.dropped.cancelled().await;
            }
            Fault::Bomb => {
                // It goes off where the future is dropped, or where it is left.
                let bomb = Bomb(Arc::clone(&self.0));
                self.happens(here);
                self.0.drop_it.notify_one();
                self.0.dropped.cancelled().await;
                drop(bomb);
            }
            Fault::Token => {
                self.happens(here);
                self.0.token.cancel();
                tokio::task::yield_now().await;
            }
            Fault::Abort => {
                let known = self.0.known.lock().unwrap().remove(&tokio::task::id());
                if let Some(task) = known {
                    self.happens(here);
                    task.abort();
                    let () = pending().await;
                }
            }
            Fault::Late => {
                self.happens(here);
                tokio::time::sleep(self.0.deadline * 2).await;
            }
        }
        Ok(())
    }

    fn fail(&self, here: Happened) -> Result<(), Error> {
        self.happens(here);
        match here.fault {
            Fault::Error => Err(Error::Injected(here.at)),
            Fault::Panic => panic!("injected"),
            _ => {
                let bomb: Box<dyn Any + Send> = Box::new(Bomb(Arc::clone(&self.0)));
                panic_any(bomb)
            }
        }
    }

    /// A point in code that does not await.
    pub(crate) fn point_sync(&self, to: To) -> Result<(), Error> {
        match self.next(to) {
            Some(here) if matches!(here.fault, Fault::Error | Fault::Panic | Fault::Payload) => {
                self.fail(here)
            }
            _ => Ok(()),
        }
    }

    /// Lets a task be aborted at a point of its own.
    pub(crate) fn know<T>(&self, task: &JoinHandle<T>) {
        let mut known = self.0.known.lock().unwrap();
        known.insert(task.id(), task.abort_handle());
    }

    /// The program has looked at this failure.
    pub(crate) fn take(&self, error: Error) {
        if let Error::Injected(at) = error {
            self.0.taken.lock().unwrap().push(at);
        }
    }

    pub(crate) fn token(&self) -> CancellationToken {
        self.0.token.clone()
    }

    pub(crate) fn deadline(&self) -> Duration {
        self.0.deadline
    }

    // For whoever runs them.

    /// Polls the program until it ends or is dropped.
    pub(crate) async fn run<T>(&self, program: impl Future<Output = T>) -> Option<T> {
        let _dropped = self.0.dropped.clone().drop_guard();
        tokio::select! {
            biased;
            () = self.0.drop_it.notified() => None,
            output = program => Some(output),
        }
    }

    pub(crate) fn points(&self) -> usize {
        self.0.points.load(SeqCst)
    }

    pub(crate) fn alive(&self) -> usize {
        self.0.alive.load(SeqCst)
    }

    pub(crate) fn happened(&self) -> Vec<Happened> {
        self.0.happened.lock().unwrap().clone()
    }

    pub(crate) fn taken(&self) -> Vec<usize> {
        self.0.taken.lock().unwrap().clone()
    }

    /// How many values that panic when they are dropped were.
    pub(crate) fn exploded(&self) -> usize {
        self.0.exploded.load(SeqCst)
    }
}
