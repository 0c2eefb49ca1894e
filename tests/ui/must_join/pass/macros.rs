//! Macros that take handles, and macros that only look.
use std::io;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

async fn work(number: u32) -> u32 {
    number
}

/// `join!` waits for all of them.
#[rejoin::must_join]
async fn join() -> u32 {
    let first = tokio::spawn(work(1));
    let second = tokio::spawn(work(2));
    let (first, second, third) = tokio::join!(first, second, tokio::spawn(work(3)));
    first.unwrap_or(0) + second.unwrap_or(0) + third.unwrap_or(0)
}

/// That of `futures` as well.
#[rejoin::must_join]
async fn join_of_futures() -> u32 {
    let first = tokio::spawn(work(1));
    let (first, second) = futures::join!(first, work(2));
    first.unwrap_or(0) + second
}

/// One that has been polled to its end must not be polled again.
async fn end(task: JoinHandle<u32>) {
    if !task.is_finished() {
        task.abort();
        let _ = task.await;
    }
}

/// `try_join!` by reference; what is left is given to a function that ends it.
#[rejoin::must_join]
async fn try_join(fail: bool) -> Result<u32, JoinError> {
    let mut first = tokio::spawn(async move {
        assert!(!fail, "as it was asked to");
        1
    });
    let mut second = tokio::spawn(work(2));
    match tokio::try_join!(&mut first, &mut second) {
        Ok((first, second)) => Ok(first + second),
        Err(error) => {
            end(first).await;
            end(second).await;
            Err(error)
        }
    }
}

/// Or is asked itself whether it has ended.
#[rejoin::must_join]
async fn try_join_and_ask(fail: bool) -> Result<u32, JoinError> {
    let mut first = tokio::spawn(async move {
        assert!(!fail, "as it was asked to");
        1
    });
    let mut second = tokio::spawn(work(2));
    let both = tokio::try_join!(&mut first, &mut second);
    for task in [first, second] {
        if !task.is_finished() {
            task.abort();
            let _ = task.await;
        }
    }
    both.map(|(first, second)| first + second)
}

/// `try_join!` of functions that take the handle: theirs it is.
#[rejoin::must_join]
async fn try_join_of_functions() -> Result<(u32, u32), JoinError> {
    async fn flatten(task: JoinHandle<u32>) -> Result<u32, JoinError> {
        task.await
    }

    let first = tokio::spawn(work(1));
    let second = tokio::spawn(work(2));
    tokio::try_join!(flatten(first), flatten(second))
}

/// `select!` without handles says nothing about them.
#[rejoin::must_join]
async fn select_of_others(stop: CancellationToken) -> Option<u32> {
    let task = tokio::spawn(work(1));
    let stopped = tokio::select! {
        () = stop.cancelled() => true,
        () = tokio::task::yield_now() => false,
    };
    let answer = task.await.ok();
    answer.filter(|_| !stopped)
}

/// A loop of `select!` that is left by one door only.
#[rejoin::must_join]
async fn select_until_it_ends() -> (u32, u32) {
    let mut task = tokio::spawn(work(1));
    let mut turns = 0;
    loop {
        tokio::select! {
            biased;
            answer = &mut task => return (answer.unwrap_or(0), turns),
            () = tokio::time::sleep(Duration::from_secs(1)) => turns += 1,
        }
    }
}

/// The loser is awaited in the handler.
#[rejoin::must_join]
async fn select_and_await(stop: CancellationToken) -> io::Result<u32> {
    let mut task = tokio::spawn(work(1));
    tokio::select! {
        answer = &mut task => Ok(answer?),
        () = stop.cancelled() => {
            task.abort();
            match task.await {
                Ok(answer) => Ok(answer),
                Err(_) => Err(io::ErrorKind::Interrupted.into()),
            }
        }
    }
}

/// The `else` of `select!` is taken only when all of them have ended.
#[rejoin::must_join]
async fn select_with_an_else(mut commands: mpsc::Receiver<u32>) -> u32 {
    let mut task = tokio::spawn(work(1));
    let mut sum = 0;
    loop {
        tokio::select! {
            Err(error) = &mut task => panic!("{error}"),
            Some(command) = commands.recv() => sum += command,
            else => return sum,
        }
    }
}

/// A list that was written out, and then iterated.
#[rejoin::must_join]
async fn list() -> u32 {
    let tasks = vec![tokio::spawn(work(1)), tokio::spawn(work(2))];
    let mut sum = 0;
    for task in tasks {
        sum += task.await.unwrap_or(0);
    }
    sum
}

/// Printed, asserted, formatted, and joined.
#[rejoin::must_join]
async fn printed() -> String {
    let task = tokio::spawn(work(1));
    println!("started {task:?}");
    assert_ne!(format!("{}", task.id()), "");
    debug_assert!(task.id() == task.id(), "{task:?}");
    let answer = task.await;
    format!("{answer:?}")
}

macro_rules! join_each {
    ($($task:expr),* $(,)?) => {
        [$($task.await.unwrap_or(0)),*]
    };
}

macro_rules! start {
    ($future:expr) => {
        tokio::spawn($future)
    };
}

/// A macro of one's own takes what it is given.
#[rejoin::must_join]
async fn own_macro() -> [u32; 2] {
    let first = tokio::spawn(work(1));
    let second = tokio::spawn(work(2));
    join_each!(first, second)
}

/// What a macro expands to is not seen, be it a spawn.
#[rejoin::must_join]
async fn spawn_of_a_macro() -> u32 {
    let task = start!(work(1));
    task.await.unwrap_or(0)
}

/// Awaited in the arguments of a macro.
#[rejoin::must_join]
async fn in_arguments() -> String {
    let task = tokio::spawn(work(1));
    format!("{:?}", task.await.ok())
}

/// Conditions on statements: whichever exists is joined.
#[rejoin::must_join]
async fn conditional() -> u32 {
    #[cfg(unix)]
    let task = tokio::spawn(work(1));
    #[cfg(not(unix))]
    let task = tokio::spawn(work(2));
    task.await.unwrap_or(0)
}

/// A spawn that is compiled out counts for nothing.
#[rejoin::must_join]
async fn compiled_out() -> u32 {
    #[cfg(any())]
    tokio::spawn(work(1));
    work(2).await
}

#[tokio::test(start_paused = true)]
async fn macros_join() {
    assert_eq!(join().await, 6);
    assert_eq!(join_of_futures().await, 3);
    assert_eq!(try_join(false).await.unwrap(), 3);
    assert!(try_join(true).await.is_err());
    assert_eq!(try_join_and_ask(false).await.unwrap(), 3);
    assert!(try_join_and_ask(true).await.is_err());
    assert_eq!(try_join_of_functions().await.unwrap(), (1, 2));
    assert_eq!(select_of_others(CancellationToken::new()).await, Some(1));
    assert_eq!(select_until_it_ends().await.0, 1);
    assert_eq!(select_and_await(CancellationToken::new()).await.unwrap(), 1);
    let (commands, inbox) = mpsc::channel(1);
    commands.send(2).await.unwrap();
    drop(commands);
    assert_eq!(select_with_an_else(inbox).await, 2);
    assert_eq!(list().await, 3);
    assert_eq!(printed().await, "Ok(1)");
    assert_eq!(own_macro().await, [1, 2]);
    assert_eq!(spawn_of_a_macro().await, 1);
    assert_eq!(in_arguments().await, "Some(1)");
    assert!(conditional().await > 0);
    assert_eq!(compiled_out().await, 2);
}
