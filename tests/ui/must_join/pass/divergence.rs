//! Paths that end nowhere: a program that stops leaks no task.
use std::process;

use tokio::sync::mpsc;

async fn work(number: u32) -> u32 {
    number
}

/// A panic is no way out.
#[rejoin::must_join]
async fn panics(number: u32) -> u32 {
    let task = tokio::spawn(work(number));
    if number == 0 {
        eprintln!("{} is still running", task.id());
        panic!("nobody has number 0");
    }
    task.await.unwrap_or(0)
}

/// Nor is what cannot be reached, or is not written yet.
#[rejoin::must_join]
async fn unreachable(number: u32) -> u32 {
    let task = tokio::spawn(work(number));
    match number {
        0 => unreachable!("nobody has number 0"),
        1 => todo!(),
        2 => unimplemented!("two"),
        _ => task.await.unwrap_or(0),
    }
}

/// The process ends.
#[rejoin::must_join]
async fn exits(number: u32) -> u32 {
    let task = tokio::spawn(work(number));
    if number == 0 {
        eprintln!("nobody has number 0");
        process::exit(2);
    }
    if number == 1 {
        std::process::abort();
    }
    task.await.unwrap_or(0)
}

/// A loop without an end.
#[rejoin::must_join]
async fn forever(mut numbers: mpsc::Receiver<u32>) -> u32 {
    let task = tokio::spawn(work(1));
    if numbers.recv().await.is_none() {
        loop {
            std::future::pending::<()>().await;
        }
    }
    task.await.unwrap_or(0)
}

/// A future that never ends.
#[rejoin::must_join]
async fn pending(number: u32) -> u32 {
    let task = tokio::spawn(work(number));
    if number == 0 {
        std::future::pending::<()>().await;
    } else {
        return task.await.unwrap_or(0);
    }
    unreachable!()
}

/// A handle that is kept to the end of a loop that has none.
#[rejoin::must_join]
async fn beside_forever() -> ! {
    let task = tokio::spawn(work(1));
    loop {
        println!("{}", task.is_finished());
        std::future::pending::<()>().await;
    }
}

/// In a `let … else`.
#[rejoin::must_join]
async fn let_else(text: &str) -> u32 {
    let task = tokio::spawn(work(1));
    let Ok(number) = text.parse::<u32>() else {
        panic!("{text} is no number");
    };
    task.await.unwrap_or(0) + number
}

/// `unwrap` and `expect` end in a panic, too: that is what a group is for.
#[rejoin::must_join]
async fn unwraps(text: &str) -> u32 {
    let task = tokio::spawn(work(1));
    let number: u32 = text.parse().expect("a number");
    task.await.unwrap() + number
}

/// A timeout that must not happen.
#[rejoin::must_join]
async fn in_time() -> u32 {
    let mut task = tokio::spawn(work(1));
    match tokio::time::timeout(std::time::Duration::from_secs(60), &mut task).await {
        Ok(answer) => answer.unwrap_or(0),
        Err(_) => panic!("a minute is enough for everyone"),
    }
}

/// The branch that would drop the handle ends the program.
#[rejoin::must_join]
async fn watchdog(signal: impl Future<Output = ()>) -> bool {
    let server = tokio::spawn(work(1));
    tokio::select! {
        () = signal => process::exit(0),
        ended = server => ended.is_ok(),
    }
}

/// An endless range is left by its own doors only.
#[rejoin::must_join]
async fn endless_range(limit: u32) -> u32 {
    let task = tokio::spawn(work(1));
    for number in 2.. {
        if number > limit {
            return task.await.unwrap_or(0) + number;
        }
    }
    0
}

/// All arms but one end the program.
#[rejoin::must_join]
async fn only_one_goes_on(number: u32) -> u32 {
    let task = tokio::spawn(work(number));
    let doubled = if number > 9 {
        process::exit(1)
    } else if number == 0 {
        unreachable!()
    } else {
        number * 2
    };
    doubled + task.await.unwrap_or(0)
}

#[tokio::test]
async fn the_other_paths_go_on() {
    assert_eq!(panics(1).await, 1);
    assert_eq!(unreachable(3).await, 3);
    assert_eq!(exits(3).await, 3);
    let (numbers, inbox) = mpsc::channel(1);
    numbers.send(1).await.unwrap();
    assert_eq!(forever(inbox).await, 1);
    assert_eq!(pending(1).await, 1);
    assert_eq!(let_else("1").await, 2);
    assert_eq!(unwraps("1").await, 2);
    assert_eq!(in_time().await, 1);
    assert!(watchdog(std::future::pending()).await);
    assert_eq!(endless_range(4).await, 6);
    assert_eq!(only_one_goes_on(2).await, 6);
}
