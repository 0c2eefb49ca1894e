//! Metrics: how many tasks there are, what panics, and how long a cancelled group takes to come home.
//!
//! Through the facade `metrics`, with the feature of that name; without it everything here is empty.
//!
//! 1. A count costs a look-up of the recorder, which is a load, and the recorder's own addition: each thread keeps the
//!    handles of the recorder that it used last, and knows it by its address.
//! 2. The recorder may be installed when tasks are alive already. A task is taken off the gauge by the recorder that has
//!    added it, and by no other.

#[cfg(feature = "metrics")]
pub(crate) use counted::{Alive, Stopwatch, panicked};
#[cfg(not(feature = "metrics"))]
pub(crate) use uncounted::{Alive, Stopwatch, panicked};

#[cfg(feature = "metrics")]
mod counted {
    use std::cell::RefCell;
    use std::ptr;
    use std::time::Instant;

    use metrics::{
        Counter, Gauge, Key, KeyName, Label, Level, Metadata, Recorder, Unit, with_recorder,
    };

    use crate::panic::quietly;

    static SPAWNED: Key = Key::from_static_name("rejoin_tasks_spawned_total");
    static ALIVE: Key = Key::from_static_name("rejoin_tasks_alive");
    static CANCEL: Key = Key::from_static_name("rejoin_cancel_seconds");
    const PANICS: &str = "rejoin_panics_total";

    static METADATA: Metadata<'static> = Metadata::new("rejoin", Level::INFO, Some("rejoin"));

    /// The label of a panic that no task or function of rejoin's is around.
    const NOBODY: &str = "none";

    struct Handles {
        recorder: usize,
        spawned: Counter,
        alive: Gauge,
    }

    thread_local! {
        static HANDLES: RefCell<Option<Handles>> = const { RefCell::new(None) };
    }

    impl Handles {
        #[cold]
        fn of(recorder: &dyn Recorder) -> Self {
            describe(recorder);
            Self {
                recorder: address(recorder),
                spawned: recorder.register_counter(&SPAWNED, &METADATA),
                alive: recorder.register_gauge(&ALIVE, &METADATA),
            }
        }
    }

    fn address(recorder: &dyn Recorder) -> usize {
        ptr::from_ref(recorder).cast::<()>().addr()
    }

    /// Says what is measured: each thread once to its recorder.
    fn describe(recorder: &dyn Recorder) {
        let name = |key: &'static Key| KeyName::from_const_str(key.name());
        recorder.describe_counter(
            name(&SPAWNED),
            Some(Unit::Count),
            "Tasks that were spawned".into(),
        );
        recorder.describe_gauge(
            name(&ALIVE),
            Some(Unit::Count),
            "Tasks that have not ended".into(),
        );
        recorder.describe_counter(
            KeyName::from_const_str(PANICS),
            Some(Unit::Count),
            "Panics, by the name of the task or function that they happened in".into(),
        );
        recorder.describe_histogram(
            name(&CANCEL),
            Some(Unit::Seconds),
            "Time from the cancellation of a task group until all of its tasks had ended".into(),
        );
    }

    /// Runs `f` with the recorder in force, and this thread's handles of it.
    fn with_handles<R>(f: impl Fn(&dyn Recorder, &Handles) -> R) -> R {
        with_recorder(|recorder| {
            let kept = HANDLES.try_with(|handles| {
                let mut handles = handles.try_borrow_mut().ok()?;
                let handles = match &mut *handles {
                    Some(kept) if kept.recorder == address(recorder) => kept,
                    other => other.insert(Handles::of(recorder)),
                };
                Some(f(recorder, handles))
            });
            // The thread is ending, or the recorder itself spawns.
            match kept {
                Ok(Some(result)) => result,
                _ => f(recorder, &Handles::of(recorder)),
            }
        })
    }

    /// Of a task that a recorder has not counted, because it panicked.
    const NO_RECORDER: usize = 0;

    /// A task that is on the gauge: of which recorder.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Alive(usize);

    impl Alive {
        /// A task is spawned.
        #[inline]
        pub(crate) fn count() -> Self {
            let counted = quietly(|| {
                with_handles(|_, handles| {
                    handles.spawned.increment(1);
                    handles.alive.increment(1.0);
                    Self(handles.recorder)
                })
            });
            counted.unwrap_or(Self(NO_RECORDER))
        }

        /// It has ended.
        #[inline]
        pub(crate) fn end(self) {
            quietly(|| {
                with_handles(|_, handles| {
                    if handles.recorder == self.0 {
                        handles.alive.decrement(1.0);
                    }
                });
            });
        }
    }

    /// When a scope was cancelled.
    #[derive(Debug)]
    pub(crate) struct Stopwatch(Option<Instant>);

    impl Stopwatch {
        pub(crate) const fn new() -> Self {
            Self(None)
        }

        pub(crate) fn start(&mut self) {
            self.0 = Some(Instant::now());
        }

        /// The scope has ended.
        pub(crate) fn stop(self) {
            let Some(since) = self.0 else { return };
            quietly(|| {
                with_handles(|recorder, _| {
                    recorder
                        .register_histogram(&CANCEL, &METADATA)
                        .record(since.elapsed());
                });
            });
        }
    }

    /// So many panics are reported.
    pub(crate) fn panicked(task: Option<&str>, count: u64) {
        let label = Label::new("task", task.unwrap_or(NOBODY).to_owned());
        let key = Key::from_parts(PANICS, vec![label]);
        with_handles(|recorder, _| recorder.register_counter(&key, &METADATA).increment(count));
    }
}

#[cfg(not(feature = "metrics"))]
mod uncounted {
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Alive;

    impl Alive {
        #[inline]
        pub(crate) fn count() -> Self {
            Self
        }

        #[inline]
        pub(crate) fn end(self) {
            let Self = self;
        }
    }

    #[derive(Debug)]
    pub(crate) struct Stopwatch;

    impl Stopwatch {
        pub(crate) const fn new() -> Self {
            Self
        }

        #[inline]
        pub(crate) fn start(&mut self) {
            let Self = self;
        }

        #[inline]
        pub(crate) fn stop(self) {
            let Self = self;
        }
    }

    #[inline]
    pub(crate) fn panicked(_: Option<&str>, _: u64) {}
}
