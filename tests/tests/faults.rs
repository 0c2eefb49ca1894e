//! A program is run again and again, each time with a fault at another of its awaits, or with two. Whatever the fault is,
//! the program ends, with that fault where it is its own; no panic and no error is lost or told twice; everything that it
//! made is dropped once; and nobody is left.
//!
//! `REJOIN_ROUNDS=200 cargo test -p rejoin-tests --test faults` repeats what runs on several threads so often.

#[path = "faults/programs.rs"]
mod programs;
#[path = "faults/world.rs"]
mod world;

use std::env;
use std::panic::set_hook;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use programs::{PROGRAMS, Program};
use tokio::runtime::Runtime;
use tokio::task::JoinError;
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use world::{Error, Fault, Happened, To, World};

/// The panics that the program's handler was told of.
static PANICS: Mutex<usize> = Mutex::new(0);
/// It was told of one.
static TOLD: Condvar = Condvar::new();

fn panics() -> MutexGuard<'static, usize> {
    PANICS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The errors that were reported.
static ERRORS: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn errors() -> MutexGuard<'static, Vec<String>> {
    ERRORS.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Errors;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Errors {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        struct Text(Option<String>, bool);

        impl Visit for Text {
            fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
                match field.name() {
                    "message" => self.0 = Some(format!("{value:?}")),
                    "kind" => self.1 = format!("{value:?}") == "\"error\"",
                    _ => {}
                }
            }
        }

        let mut text = Text(None, false);
        event.record(&mut text);
        if let Text(Some(text), true) = text {
            errors().push(text);
        }
    }
}

/// Listens to all reports, for one test at a time.
fn listen() -> MutexGuard<'static, ()> {
    static ONE: Mutex<bool> = Mutex::new(false);
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    if !std::mem::replace(&mut ONE.lock().unwrap(), true) {
        tracing_subscriber::registry().with(Errors).init();
        let before = std::panic::take_hook();
        set_hook(Box::new(move |panic| {
            let payload = panic.payload();
            let of_us = payload.downcast_ref() == Some(&"injected");
            let other = payload.is::<&str>() || payload.is::<String>();
            if other && !of_us {
                before(panic);
            }
        }));
        rejoin::on_panic(|_| {
            *panics() += 1;
            TOLD.notify_all();
        });
    }
    turn
}

/// What a program came to.
#[derive(Debug, PartialEq)]
enum Outcome {
    Value(u64),
    Injected(usize),
    Closed,
    /// A panic, as an error.
    Caught,
    /// A panic that nothing has caught.
    Panicked,
    Aborted,
    Cancelled,
    Late,
    Dropped,
}

impl Outcome {
    /// With what it was given, which is dropped here.
    fn of(ended: Result<Option<Result<u64, Error>>, JoinError>) -> Self {
        match ended {
            Ok(None) => Self::Dropped,
            Ok(Some(Ok(value))) => Self::Value(value),
            Ok(Some(Err(error))) => match error {
                Error::Injected(at) => Self::Injected(at),
                Error::Closed => Self::Closed,
                Error::Panic(_) => Self::Caught,
                Error::Join(error) if error.is_cancelled() => Self::Aborted,
                Error::Join(error) => panic!("a panic is told as one: {error}"),
                Error::Cancelled(_) => Self::Cancelled,
                Error::Late(_) => Self::Late,
            },
            Err(error) => {
                // Its payload may be one that panics when it is dropped.
                drop(rejoin::PanicError::from_join_error(error).expect("nobody aborts it"));
                Self::Panicked
            }
        }
    }
}

/// Where programs run.
#[derive(Clone, Copy, PartialEq)]
enum On {
    /// On one thread, whose clock stands still while somebody can run.
    One,
    Several,
}

impl On {
    fn runtime(self) -> Runtime {
        let mut builder = match self {
            Self::One => tokio::runtime::Builder::new_current_thread(),
            Self::Several => tokio::runtime::Builder::new_multi_thread(),
        };
        if self == Self::One {
            builder.start_paused(true);
        }
        builder.worker_threads(2).enable_all().build().unwrap()
    }

    /// The time between two looks at what is left.
    fn while_waiting(self) -> Duration {
        match self {
            Self::One => Duration::from_secs(60),
            Self::Several => Duration::from_micros(100),
        }
    }

    /// The time that programs are given: none comes near it that has not to.
    fn deadline(self, faults: &[(usize, Fault)]) -> Duration {
        let late = faults.iter().any(|(_, fault)| *fault == Fault::Late);
        match self {
            Self::Several if late => Duration::from_millis(20),
            _ => Duration::from_secs(3600),
        }
    }
}

/// How many values that panic when they are dropped there were.
fn bombs(world: &World) -> usize {
    let all = world.happened().into_iter();
    all.filter(|one| matches!(one.fault, Fault::Payload | Fault::Bomb))
        .count()
}

/// Whether nothing is in the tree but its root.
fn is_empty(tree: &str) -> bool {
    tree.starts_with("0 tasks in 0 groups\n")
}

/// Runs a program with these faults, and checks what holds whatever happens.
fn run(
    runtime: &Runtime,
    on: On,
    program: &Program,
    faults: &[(usize, Fault)],
) -> (World, Outcome) {
    let what = format!("{} with {faults:?}", program.name);
    *panics() = 0;
    errors().clear();
    let world = World::new(faults, on.deadline(faults));
    let running = world.clone();
    let outcome = runtime.block_on(async {
        let local = tokio::task::LocalSet::new();
        let program = (program.run)(running.clone());
        let ended = local.run_until(async move {
            let task = tokio::task::spawn_local(async move { running.run(program).await });
            tokio::time::timeout(Duration::from_secs(100_000), task).await
        });
        let outcome = ended.await.unwrap_or_else(|_| {
            panic!("{what} does not end:\n{}", rejoin::tree());
        });
        drop(local);
        let mut waited = 0;
        let outcome = Outcome::of(outcome);
        // What tokio keeps of a task goes a moment after it, with its payload.
        while world.alive() > 0
            || world.exploded() < bombs(&world)
            || !is_empty(&rejoin::tree().to_string())
        {
            waited += 1;
            assert!(
                waited < 100_000,
                "{what}: {} alive\n{}",
                world.alive(),
                rejoin::tree()
            );
            tokio::time::sleep(on.while_waiting()).await;
        }
        outcome
    });
    let happened = world.happened();
    let what = format!("{what}, {happened:?} and {outcome:?}");
    let count = |faults: &[Fault]| {
        happened
            .iter()
            .filter(|one| faults.contains(&one.fault))
            .count()
    };
    let bombs = bombs(&world);
    assert_eq!(world.exploded(), bombs, "destructors that panic, {what}");
    let expected = count(&[Fault::Panic, Fault::Payload]) + bombs;
    // One that goes off in another thread is about to be told.
    rejoin::flush_reports();
    let far_too_long = Duration::from_secs(60);
    let told = TOLD.wait_timeout_while(panics(), far_too_long, |told| *told < expected);
    let (told, _) = told.unwrap_or_else(PoisonError::into_inner);
    assert_eq!(*told, expected, "panics told, {what}");
    drop(told);
    for one in happened.iter().filter(|one| one.fault == Fault::Error) {
        // A group in a variable has only `Debug` for its errors.
        let texts = [
            format!("injected error {}", one.at),
            format!("Injected({})", one.at),
        ];
        let reported = errors()
            .iter()
            .filter(|error| texts.contains(error))
            .count();
        let returned = outcome == Outcome::Injected(one.at);
        let taken = world.taken().iter().filter(|at| **at == one.at).count();
        let heard = reported + usize::from(returned) + taken;
        assert!(heard <= 1, "an error is told twice: {what}");
        let lost = match one.to {
            To::Nobody => heard == 1,
            // A handle has it, and whoever holds the handle may have been stopped by the other fault.
            _ => heard == 0 && happened.len() == 1,
        };
        assert!(
            !lost,
            "an error is lost, or told though nobody has it: {what}, {:?}",
            errors()
        );
    }
    (world, outcome)
}

/// What a program comes to when this alone has happened.
fn comes_to(on: On, program: &Program, here: Happened, outcome: &Outcome) -> bool {
    let well = *outcome == Outcome::Value(program.value);
    let explicit = program.name == "explicit";
    // A group in a variable has no body to stop, which sees that the tasks were.
    let aborted = explicit && *outcome == Outcome::Aborted;
    match (here.fault, here.to) {
        (Fault::Error, To::Caller) => *outcome == Outcome::Injected(here.at),
        // `#[must_join]` adds no guard, and a group in a variable has no body.
        (Fault::Panic | Fault::Payload, To::Caller | To::ReportOrGroup) => {
            *outcome == Outcome::Caught || *outcome == Outcome::Panicked && !program.catches
        }
        // Nobody waits for those, so that it may have ended.
        (Fault::Drop | Fault::Bomb, To::Report | To::Nobody) if well => true,
        // Of two that race, the other may win in the poll in which the program would have been dropped.
        (Fault::Drop | Fault::Bomb, To::Program) if well && on == On::Several => true,
        (Fault::Drop, _) => *outcome == Outcome::Dropped,
        // What panics is the program that is dropped, or a task of its.
        (Fault::Bomb, _) => matches!(outcome, Outcome::Dropped | Outcome::Panicked),
        // It may have come to its end in the same moment.
        (Fault::Token, _) if program.bounded => well || aborted || *outcome == Outcome::Cancelled,
        (Fault::Late, To::Caller | To::Report | To::ReportOrGroup | To::Program)
            if program.bounded =>
        {
            // Of two that race, the other may have won.
            let well = well && (explicit || here.to == To::Program);
            well || aborted || *outcome == Outcome::Late
        }
        // By a clock that does not stand still anybody can be late.
        (Fault::Late, _) if program.bounded && on == On::Several && *outcome == Outcome::Late => {
            true
        }
        (Fault::Abort, To::Caller) => *outcome == Outcome::Aborted,
        _ => well,
    }
}

/// One fault at each await of each program.
fn each_alone(on: On, rounds: usize) {
    let _turn = listen();
    let runtime = on.runtime();
    for program in PROGRAMS {
        let (world, outcome) = run(&runtime, on, program, &[]);
        let well = outcome == Outcome::Value(program.value);
        assert!(well, "{} undisturbed: {outcome:?}", program.name);
        let points = world.points();
        let mut seen = 0;
        for _ in 0..rounds {
            for at in 1..=points {
                for fault in Fault::ALL {
                    let (world, outcome) = run(&runtime, on, program, &[(at, fault)]);
                    if let [here] = world.happened()[..] {
                        seen += 1;
                        let fits = comes_to(on, program, here, &outcome);
                        assert!(fits, "{} with {here:?}: {outcome:?}", program.name);
                    }
                }
            }
        }
        // Not all: only some tasks can be aborted, closures cannot wait, and who has lost a race is stopped.
        let least = points * rounds * 3;
        assert!(seen >= least, "{}: {seen} of {least}", program.name);
    }
}

#[test]
fn one_fault_at_any_await_on_one_thread() {
    each_alone(On::One, 1);
}

#[test]
fn one_fault_at_any_await_on_several_threads() {
    let rounds = env::var("REJOIN_ROUNDS").map_or(2, |rounds| rounds.parse().unwrap());
    each_alone(On::Several, rounds);
}

#[test]
fn two_faults_at_any_two_awaits() {
    const BOTH: [Fault; 5] = [
        Fault::Error,
        Fault::Panic,
        Fault::Payload,
        Fault::Drop,
        Fault::Token,
    ];
    let _turn = listen();
    let runtime = On::One.runtime();
    for program in PROGRAMS {
        let (world, _) = run(&runtime, On::One, program, &[]);
        for one in 1..=world.points() {
            for other in one + 1..=world.points() + 2 {
                for (first, second) in BOTH
                    .iter()
                    .flat_map(|first| BOTH.map(|second| (*first, second)))
                {
                    let faults = [(one, first), (other, second)];
                    let (world, outcome) = run(&runtime, On::One, program, &faults);
                    let happened = world.happened();
                    let fails = happened.iter().any(|here| {
                        here.to == To::Caller && matches!(here.fault, Fault::Error | Fault::Panic)
                    });
                    let well = outcome == Outcome::Value(program.value);
                    assert!(
                        !(fails && well),
                        "{} with {happened:?}: {outcome:?}",
                        program.name
                    );
                }
            }
        }
    }
}
