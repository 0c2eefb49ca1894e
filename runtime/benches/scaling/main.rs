//! Cost against number: what a task takes in a group of a hundred and in one of a million, and how long a cancellation of
//! so many takes, beside the peers.
//!
//! `cargo bench -p rejoin --bench scaling` prints the tables; with `-- --save` they and the plots go into the docs. Words
//! after `--` pick the tables. The contenders take turns, so that what disturbs the machine disturbs all of them; a figure
//! is the median of the rounds, with the least and the greatest.

mod cancel;
mod cost;
#[path = "../measured/mod.rs"]
mod measured;
#[path = "../versus/pairs.rs"]
#[allow(dead_code, reason = "of pairs, only the stopwatch")]
mod pairs;
mod plot;
#[path = "../versus/work.rs"]
#[allow(dead_code, reason = "not in the root")]
mod work;

use measured::Arguments;
use pairs::Sample;
use plot::{Point, Series};

/// How many tasks: what the plots have on their lower axis.
const NUMBERS: [usize; 5] = [100, 1_000, 10_000, 100_000, 1_000_000];

/// Odd, so that there is a median.
const ROUNDS: usize = 7;

/// One way of doing the work, and what a task of `number` takes in it.
struct Contender {
    name: &'static str,
    measure: fn(usize) -> Sample,
    /// From there on it takes too long to wait for.
    most: usize,
}

impl Contender {
    const fn new(name: &'static str, measure: fn(usize) -> Sample) -> Self {
        let most = usize::MAX;
        Self {
            name,
            measure,
            most,
        }
    }

    const fn up_to(self, most: usize) -> Self {
        Self { most, ..self }
    }
}

/// Every contender at every number.
fn race(contenders: &[Contender]) -> Vec<Series> {
    let mut series: Vec<Series> = contenders
        .iter()
        .map(|contender| Series::new(contender.name))
        .collect();
    for number in NUMBERS {
        eprintln!("{number} tasks ...");
        let mut rounds: Vec<Vec<f64>> = vec![Vec::new(); contenders.len()];
        // The first round pays for memory and threads.
        for round in 0..=ROUNDS {
            for (place, contender) in contenders.iter().enumerate() {
                if number > contender.most {
                    continue;
                }
                let wall = (contender.measure)(number).wall();
                if round > 0 {
                    rounds[place].push(wall);
                }
            }
        }
        for (series, figures) in series.iter_mut().zip(rounds) {
            if !figures.is_empty() {
                series.add(Point::of(number, figures));
            }
        }
    }
    series
}

fn main() {
    let arguments = Arguments::get();
    if arguments.pick("cost") {
        let title = "Spawning and joining tasks that yield once";
        let series = race(&cost::CONTENDERS);
        plot::show(&arguments, "cost", title, "ns per task", &series);
    }
    if arguments.pick("cancel") {
        let title = "Cancelling idle tasks, until the last has ended";
        let series = race(&cancel::CONTENDERS);
        plot::show(&arguments, "cancel", title, "ns per task", &series);
    }
}
