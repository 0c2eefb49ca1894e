//! Names, options, patterns, and the ways that a handle can take.
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};

async fn work(number: u32) -> u32 {
    number
}

fn is_even(number: u32) -> bool {
    number.is_multiple_of(2)
}

/// A tuple, both parts joined.
#[rejoin::must_join]
async fn tuple() -> Result<u32, JoinError> {
    let (left, right) = (tokio::spawn(work(1)), tokio::spawn(work(2)));
    let left = left.await;
    let right = right.await;
    Ok(left? + right?)
}

/// Nested, and an array.
#[rejoin::must_join]
async fn nested() -> u32 {
    let (first, [second, third]) = (
        tokio::spawn(work(1)),
        [tokio::spawn(work(2)), tokio::spawn(work(3))],
    );
    let mut sum = 0;
    for task in [first, second, third] {
        sum += task.await.unwrap_or(0);
    }
    sum
}

/// The name is used again for what came of it.
#[rejoin::must_join]
async fn shadowed() -> u32 {
    let answer = tokio::spawn(work(1));
    let answer = answer.await;
    let answer = answer.unwrap_or(0);
    let answer = tokio::spawn(work(answer + 1));
    answer.await.unwrap_or(0)
}

/// An inner block has its own.
#[rejoin::must_join]
async fn inner_block() -> u32 {
    let task = tokio::spawn(work(1));
    let inner = {
        let task = tokio::spawn(work(2));
        task.await.unwrap_or(0)
    };
    inner + task.await.unwrap_or(0)
}

/// Started here or there, joined once.
#[rejoin::must_join]
async fn either(left: bool) -> u32 {
    let task;
    let side;
    if left {
        task = tokio::spawn(work(1));
        side = "left";
    } else {
        side = "right";
        task = tokio::spawn(work(2));
    }
    println!("{side}");
    task.await.unwrap_or(0)
}

/// The value of an `if` and of a `match`.
#[rejoin::must_join]
async fn by_value(kind: u32) -> u32 {
    let task = match kind {
        0 => return 0,
        1 => tokio::spawn(work(10)),
        kind if is_even(kind) => {
            let doubled = kind * 2;
            tokio::spawn(work(doubled))
        }
        _ => {
            if kind > 100 {
                tokio::spawn(work(100))
            } else {
                tokio::spawn(work(kind))
            }
        }
    };
    task.await.unwrap_or(0)
}

/// Joined in each arm, also in that with a guard.
#[rejoin::must_join]
async fn each_arm(kind: Option<u32>) -> u32 {
    let task = tokio::spawn(work(1));
    match kind {
        Some(kind) if is_even(kind) => task.await.unwrap_or(0) + kind,
        Some(kind) => {
            let first = task.await.unwrap_or(0);
            first + kind * 2
        }
        None => task.await.unwrap_or(0),
    }
}

/// A handle that may not be there.
#[rejoin::must_join]
async fn optional(verbose: bool) -> u32 {
    let mut reporter = None;
    if verbose {
        reporter = Some(tokio::spawn(work(1)));
    }
    let done = work(2).await;
    if let Some(reporter) = reporter {
        done + reporter.await.unwrap_or(0)
    } else {
        done
    }
}

/// By `then`, and joined by `match`.
#[rejoin::must_join]
async fn optional_in_a_match(verbose: bool) -> u32 {
    let reporter = verbose.then(|| tokio::spawn(work(1)));
    match reporter {
        Some(reporter) => reporter.await.unwrap_or(0),
        None => 0,
    }
}

/// Taken out of the option.
#[rejoin::must_join]
async fn taken(verbose: bool) -> Result<u32, JoinError> {
    let mut reporter = if verbose {
        Some(tokio::spawn(work(1)))
    } else {
        None
    };
    let mut sum = 0;
    while let Some(task) = reporter.take() {
        sum += task.await?;
    }
    Ok(sum)
}

/// An option of a handle as one future.
#[rejoin::must_join]
async fn future_of_an_option(verbose: bool) -> u32 {
    let reporter = verbose.then(|| tokio::spawn(work(1)));
    match futures::future::OptionFuture::from(reporter).await {
        Some(Ok(reported)) => reported,
        Some(Err(_)) | None => 0,
    }
}

/// `let … else` before the spawn, and after the join.
#[rejoin::must_join]
async fn let_else(mut numbers: mpsc::Receiver<u32>) -> u32 {
    let Some(number) = numbers.recv().await else {
        return 0;
    };
    let task = tokio::spawn(work(number));
    let Ok(answer) = task.await else {
        return 0;
    };
    let Some(next) = numbers.recv().await else {
        return answer;
    };
    answer + next
}

/// `let … else` on the option of a handle.
#[rejoin::must_join]
async fn let_else_of_an_option(verbose: bool) -> u32 {
    let reporter = verbose.then(|| tokio::spawn(work(1)));
    let Some(reporter) = reporter else {
        return 0;
    };
    reporter.await.unwrap_or(0)
}

/// The join is the first of a chain of conditions: it is always reached.
#[rejoin::must_join]
async fn chain(number: Option<u32>) -> u32 {
    let task = tokio::spawn(work(1));
    if let Ok(answer) = task.await
        && let Some(number) = number
        && is_even(number)
    {
        answer + number
    } else {
        0
    }
}

/// As a condition itself.
#[rejoin::must_join]
async fn condition() -> bool {
    let task = tokio::spawn(work(2));
    if task.await.is_ok_and(is_even) {
        return true;
    }
    false
}

/// In a condition that is always evaluated: the join stands on the left.
#[rejoin::must_join]
async fn left_of_an_and(ready: bool) -> bool {
    let task = tokio::spawn(work(2));
    task.await.is_ok() && ready
}

/// `ref` borrows.
#[rejoin::must_join]
async fn borrowed_by_a_pattern() -> u32 {
    let task = tokio::spawn(work(1));
    #[allow(clippy::toplevel_ref_arg, reason = "as it is found in older code")]
    let ref running = task;
    println!("{} {}", running.id(), running.is_finished());
    task.await.unwrap_or(0)
}

/// Moved from name to name, joined at last.
#[rejoin::must_join]
async fn moved() -> u32 {
    let first = tokio::spawn(work(1));
    let second = first;
    let (third, count) = (second, 1);
    let fourth = { third };
    fourth.await.unwrap_or(0) + count
}

/// By reference: awaited, and not used again.
#[rejoin::must_join]
async fn by_reference() -> u32 {
    let mut task = tokio::spawn(work(1));
    (&mut task).await.unwrap_or(0)
}

/// Joined, and then given a new task.
#[rejoin::must_join]
async fn assigned_after_the_join() -> u32 {
    let mut task = tokio::spawn(work(1));
    let mut sum = 0;
    for number in 2..4 {
        sum += (&mut task).await.unwrap_or(0);
        task = tokio::spawn(work(number));
    }
    sum + task.await.unwrap_or(0)
}

/// A struct takes them, a pattern gives them back.
#[rejoin::must_join]
async fn in_a_struct() -> u32 {
    struct Pair {
        left: JoinHandle<u32>,
        right: JoinHandle<u32>,
    }

    let pair = Pair {
        left: tokio::spawn(work(1)),
        right: tokio::spawn(work(2)),
    };
    let Pair { left, right } = pair;
    let left = left.await.unwrap_or(0);
    left + right.await.unwrap_or(0)
}

/// The value of a labelled block.
#[rejoin::must_join]
async fn labelled_block(skip: bool) -> u32 {
    let task = 'start: {
        if skip {
            break 'start None;
        }
        Some(tokio::spawn(work(1)))
    };
    match task {
        Some(task) => task.await.unwrap_or(0),
        None => 0,
    }
}

/// Joined, on the way out of a loop.
#[rejoin::must_join]
async fn on_the_way_out(limit: u32) -> u32 {
    let task = tokio::spawn(work(7));
    let mut round = 0;
    let last = loop {
        round += 1;
        if round == limit {
            break task.await.unwrap_or(0);
        }
        if round > 100 {
            return task.await.unwrap_or(0);
        }
    };
    last + round
}

/// Arguments are evaluated from left to right: what can fail stands before the spawn.
#[rejoin::must_join]
async fn fallible_argument_first(text: &str) -> Result<u32, std::num::ParseIntError> {
    async fn watch(limit: u32, task: JoinHandle<u32>) -> u32 {
        task.await.unwrap_or(0).min(limit)
    }

    let sum = watch(text.parse()?, tokio::spawn(work(9))).await;
    Ok(sum)
}

/// Of an early return nothing is left when the spawn comes later.
#[rejoin::must_join]
async fn exits_before_the_spawn(text: &str) -> Result<u32, Box<dyn std::error::Error>> {
    if text.is_empty() {
        return Ok(0);
    }
    let number = text.parse::<u32>()?;
    let task = tokio::spawn(work(number));
    let answer = task.await?;
    let sum = answer.checked_add(1).ok_or("too much")?;
    Ok(sum)
}

/// The same name in two arms, each joined where it was made.
#[rejoin::must_join]
async fn in_its_own_arm(kind: u32) -> u32 {
    if kind == 0 {
        let task = tokio::spawn(work(1));
        task.await.unwrap_or(0)
    } else if kind == 1 {
        let task = tokio::spawn(work(2));
        task.await.unwrap_or(0)
    } else {
        kind
    }
}

#[tokio::test]
async fn patterns_hold() {
    assert_eq!(tuple().await.unwrap(), 3);
    assert_eq!(nested().await, 6);
    assert_eq!(shadowed().await, 2);
    assert_eq!(inner_block().await, 3);
    assert_eq!(either(true).await + either(false).await, 3);
    assert_eq!(by_value(2).await, 4);
    assert_eq!(each_arm(Some(3)).await, 7);
    assert_eq!(optional(true).await, 3);
    assert_eq!(optional_in_a_match(true).await, 1);
    assert_eq!(taken(true).await.unwrap(), 1);
    assert_eq!(future_of_an_option(true).await, 1);
    let (numbers, inbox) = mpsc::channel(2);
    numbers.send(1).await.unwrap();
    numbers.send(2).await.unwrap();
    assert_eq!(let_else(inbox).await, 3);
    assert_eq!(let_else_of_an_option(true).await, 1);
    assert!(condition().await && left_of_an_and(true).await);
    assert_eq!(borrowed_by_a_pattern().await, 1);
    assert_eq!(moved().await, 2);
    assert_eq!(by_reference().await, 1);
    assert_eq!(assigned_after_the_join().await, 6);
    assert_eq!(in_a_struct().await, 3);
    assert_eq!(labelled_block(false).await, 1);
    assert_eq!(on_the_way_out(3).await, 10);
    assert_eq!(fallible_argument_first("3").await, Ok(3));
    assert_eq!(exits_before_the_spawn("3").await.unwrap(), 4);
    assert_eq!(in_its_own_arm(1).await, 2);
}
