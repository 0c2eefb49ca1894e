//! Any tokens under any attribute: see [`case`].

mod case;
mod choices;
mod corpus;
mod grow;
mod spoil;
mod words;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

use case::{Case, Outcome};

/// So many take half a minute in a debug build on one slow core.
const STREAMS: u64 = 5_000;
/// So many faults are told at once.
const SHOWN: usize = 3;

pub(crate) fn number(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(
        value
            .parse()
            .unwrap_or_else(|_| panic!("{name} is a number, and not {value:?}")),
    )
}

fn bytes(seed: u64) -> Vec<u8> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let length = 32 << rng.usize(0..6);
    std::iter::repeat_with(|| rng.u8(..)).take(length).collect()
}

fn judge(seed: u64) -> Result<Outcome, String> {
    let case = Case::of(&bytes(seed));
    catch_unwind(AssertUnwindSafe(|| {
        case.judge().map(|(outcome, _)| outcome)
    }))
    .unwrap_or_else(|_| Err("it panics".to_owned()))
    .map_err(|fault| format!("{fault}\n// REJOIN_SEED={seed} REJOIN_STREAMS=1\n{case}"))
}

#[test]
fn whatever_tokens_there_are_no_attribute_panics_and_what_comes_out_parses() {
    let first = number("REJOIN_SEED").unwrap_or(0);
    let count = number("REJOIN_STREAMS").unwrap_or(STREAMS);
    let next = AtomicU64::new(0);
    let outcomes = [const { AtomicUsize::new(0) }; 3];
    let faults = Mutex::new(Vec::new());
    let work = || {
        loop {
            let at = next.fetch_add(1, Relaxed);
            if at >= count {
                break;
            }
            match judge(first.wrapping_add(at)) {
                Ok(outcome) => {
                    outcomes[outcome as usize].fetch_add(1, Relaxed);
                }
                Err(fault) => {
                    let mut faults = faults.lock().expect("nobody panics with it");
                    faults.push(fault);
                    if faults.len() >= SHOWN {
                        next.store(count, Relaxed);
                    }
                }
            }
            // The text of every stream that was parsed is kept for its spans.
            proc_macro2::extra::invalidate_current_thread_spans();
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..threads.min(8) {
            // As much stack as rustc has.
            let thread = std::thread::Builder::new().stack_size(8 << 20);
            thread.spawn_scoped(scope, work).expect("a thread");
        }
    });
    let [unchanged, changed, refused] = outcomes.map(AtomicUsize::into_inner);
    println!(
        "REJOIN_SEED={first} REJOIN_STREAMS={count}: {unchanged} unchanged, {changed} changed, {refused} refused"
    );
    let faults = faults.into_inner().expect("nobody panics with it");
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    if count >= STREAMS {
        // Else the streams would prove little.
        let part = usize::try_from(count / 50).expect("few");
        assert!(unchanged > part && changed > 5 * part && refused > 5 * part);
    }
}
