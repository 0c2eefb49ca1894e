//! Ending in good order.
use std::time::Duration;

use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

async fn until(stop: CancellationToken) -> u32 {
    stop.cancelled().await;
    1
}

/// Cancel, then join.
#[rejoin::must_join]
async fn by_token(work: impl Future<Output = ()>) -> Result<u32, JoinError> {
    let stop = CancellationToken::new();
    let worker = tokio::spawn(until(stop.child_token()));
    work.await;
    stop.cancel();
    worker.await
}

/// Some time to end, then an abort, and the join in either case.
#[rejoin::must_join]
async fn with_a_grace(grace: Duration) -> &'static str {
    let mut worker = tokio::spawn(std::future::pending::<()>());
    if tokio::time::timeout(grace, &mut worker).await.is_err() {
        worker.abort();
        let _ = worker.await;
        return "aborted";
    }
    "ended"
}

/// The same as a `match`.
#[rejoin::must_join]
async fn with_a_grace_in_a_match(grace: Duration) -> Result<u32, JoinError> {
    let mut worker = tokio::spawn(async { 4 });
    match tokio::time::timeout(grace, &mut worker).await {
        Ok(ended) => ended,
        Err(late) => {
            eprintln!("{late}");
            worker.abort();
            worker.await
        }
    }
}

/// The same as a `let … else`.
#[rejoin::must_join]
async fn with_a_grace_in_a_let_else(grace: Duration) -> Option<u32> {
    let mut worker = tokio::spawn(async { 4 });
    let Ok(ended) = tokio::time::timeout(grace, &mut worker).await else {
        worker.abort();
        return worker.await.ok();
    };
    ended.ok()
}

/// The same as an `if let` with an `else`.
#[rejoin::must_join]
async fn with_a_grace_in_an_if_let(grace: Duration) -> bool {
    let mut worker = tokio::spawn(async { 4 });
    if let Ok(ended) = tokio::time::timeout(grace, &mut worker).await {
        ended.is_ok()
    } else {
        worker.abort();
        worker.await.is_ok()
    }
}

/// A channel that is closed is the sign to end.
#[rejoin::must_join]
async fn by_closing(work: Vec<u32>) -> Result<u32, JoinError> {
    let (sender, mut inbox) = mpsc::channel(1);
    let worker = tokio::spawn(async move {
        let mut sum = 0;
        while let Some(item) = inbox.recv().await {
            sum += item;
        }
        sum
    });
    for item in work {
        if sender.send(item).await.is_err() {
            break;
        }
    }
    drop(sender);
    worker.await
}

/// Everyone hears the broadcast, and everyone is joined.
#[rejoin::must_join]
async fn by_broadcast(count: usize) -> usize {
    let (stop, _) = broadcast::channel::<()>(1);
    let mut workers = Vec::new();
    for _ in 0..count {
        let mut stopped = stop.subscribe();
        workers.push(tokio::spawn(async move { stopped.recv().await.is_ok() }));
    }
    let _ = stop.send(());
    let mut ended = 0;
    for worker in workers {
        if worker.await.unwrap_or(false) {
            ended += 1;
        }
    }
    ended
}

/// Aborted through references first, so that all stop at once, and joined then.
#[rejoin::must_join]
async fn abort_all_then_join(count: usize) -> usize {
    let workers: Vec<JoinHandle<()>> = (0..count)
        .map(|_| tokio::spawn(std::future::pending()))
        .collect();
    for worker in &workers {
        worker.abort();
    }
    let mut aborted = 0;
    for worker in workers {
        aborted += usize::from(worker.await.is_err_and(|error| error.is_cancelled()));
    }
    aborted
}

/// A signal or the end of the work, whatever comes first.
#[rejoin::must_join]
async fn until_a_signal(signal: impl Future<Output = ()>) -> Result<u32, JoinError> {
    let stop = CancellationToken::new();
    let mut server = tokio::spawn(until(stop.clone()));
    tokio::select! {
        ended = &mut server => return ended,
        () = signal => stop.cancel(),
    }
    server.await
}

/// The handle tells whether it was joined in the `select!`.
#[rejoin::must_join]
async fn stopped_unless_finished(signal: impl Future<Output = ()>) {
    let mut server = tokio::spawn(std::future::pending::<()>());
    tokio::select! {
        _ = &mut server => {}
        () = signal => {}
    }
    if !server.is_finished() {
        server.abort();
        let _ = server.await;
    }
}

/// What came of the `select!` tells it, too.
#[rejoin::must_join]
async fn by_what_came_of_it(signal: impl Future<Output = ()>) -> Option<u32> {
    let stop = CancellationToken::new();
    let mut server = tokio::spawn(until(stop.clone()));
    let ended = tokio::select! {
        ended = &mut server => Some(ended),
        () = signal => None,
    };
    if let Some(ended) = ended {
        ended.ok()
    } else {
        stop.cancel();
        server.await.ok()
    }
}

/// Or a flag.
#[rejoin::must_join]
async fn by_a_flag(mut commands: mpsc::Receiver<u32>) -> u32 {
    let mut worker = tokio::spawn(async { 1 });
    let mut ended = false;
    let mut sum = 0;
    loop {
        tokio::select! {
            done = &mut worker, if !ended => {
                ended = true;
                sum += done.unwrap_or(0);
            }
            command = commands.recv() => {
                let Some(command) = command else { break };
                sum += command;
            }
        }
    }
    if !ended {
        sum += worker.await.unwrap_or(0);
    }
    sum
}

/// The same in a loop that has other things to do.
#[rejoin::must_join]
async fn until_a_signal_in_a_loop(
    mut commands: mpsc::Receiver<u32>,
    stop: CancellationToken,
) -> Result<u32, JoinError> {
    let mut server = tokio::spawn(until(stop.clone()));
    let mut handled = 0;
    let ended = loop {
        tokio::select! {
            ended = &mut server => break ended,
            command = commands.recv() => {
                if let Some(command) = command {
                    handled += command;
                } else {
                    stop.cancel();
                    break server.await;
                }
            }
        }
    };
    Ok(handled + ended?)
}

/// The order matters: the front first, then what it needs.
#[rejoin::must_join]
async fn in_order() -> Result<(), JoinError> {
    let stop_front = CancellationToken::new();
    let stop_back = CancellationToken::new();
    let back = tokio::spawn(until(stop_back.clone()));
    let front = tokio::spawn(until(stop_front.clone()));
    stop_front.cancel();
    let front = front.await;
    stop_back.cancel();
    let back = back.await;
    front.and(back).map(drop)
}

/// Each step can fail; the tasks are brought home before the error leaves.
#[rejoin::must_join]
async fn start_or_roll_back(fail: bool) -> Result<Vec<JoinHandle<u32>>, String> {
    let stop = CancellationToken::new();
    let first = tokio::spawn(until(stop.clone()));
    if fail {
        stop.cancel();
        let _ = first.await;
        return Err("the second would not start".to_owned());
    }
    let second = tokio::spawn(until(stop));
    Ok(vec![first, second])
}

/// Watched from a task of its own, which is joined as well.
#[rejoin::must_join]
async fn with_a_watchdog(work: impl Future<Output = u32>) -> (u32, bool) {
    let (done, mut is_done) = watch::channel(false);
    let watchdog = tokio::spawn(async move {
        tokio::select! {
            seen = is_done.wait_for(|&done| done) => seen.is_ok(),
            () = tokio::time::sleep(Duration::from_secs(30)) => false,
        }
    });
    let result = work.await;
    done.send_replace(true);
    let in_time = matches!(watchdog.await, Ok(true));
    (result, in_time)
}

/// The one who asked hears when it is over.
#[rejoin::must_join]
async fn on_request(mut requests: mpsc::Receiver<oneshot::Sender<u32>>, stop: CancellationToken) {
    let worker = tokio::spawn(until(stop.clone()));
    let asked = requests.recv().await;
    stop.cancel();
    let ended = worker.await;
    if let (Some(answer), Ok(ended)) = (asked, ended) {
        let _ = answer.send(ended);
    }
}

#[tokio::test(start_paused = true)]
async fn all_end() {
    let grace = Duration::from_secs(1);
    assert_eq!(by_token(async {}).await.unwrap(), 1);
    assert_eq!(with_a_grace(grace).await, "aborted");
    assert_eq!(with_a_grace_in_a_match(grace).await.unwrap(), 4);
    assert_eq!(with_a_grace_in_a_let_else(grace).await, Some(4));
    assert!(with_a_grace_in_an_if_let(grace).await);
    assert_eq!(by_closing(vec![1, 2]).await.unwrap(), 3);
    assert_eq!(by_broadcast(3).await, 3);
    assert_eq!(abort_all_then_join(3).await, 3);
    assert_eq!(until_a_signal(async {}).await.unwrap(), 1);
    stopped_unless_finished(async {}).await;
    assert_eq!(by_what_came_of_it(async {}).await, Some(1));
    let (commands, inbox) = mpsc::channel(4);
    commands.send(4).await.unwrap();
    drop(commands);
    assert_eq!(by_a_flag(inbox).await, 5);
    let (commands, inbox) = mpsc::channel(4);
    commands.send(4).await.unwrap();
    drop(commands);
    let stop = CancellationToken::new();
    assert_eq!(until_a_signal_in_a_loop(inbox, stop).await.unwrap(), 5);
    in_order().await.unwrap();
    assert!(start_or_roll_back(true).await.is_err());
    assert_eq!(with_a_watchdog(async { 2 }).await, (2, true));
    let (requests, inbox) = mpsc::channel(1);
    let (answer, answered) = oneshot::channel();
    requests.send(answer).await.unwrap();
    on_request(inbox, CancellationToken::new()).await;
    assert_eq!(answered.await, Ok(1));
}
