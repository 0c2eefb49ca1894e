//! Sessions as they are found in services: turns, signals, handshakes.
use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

enum Command {
    Send(String),
    Cancel,
    Shutdown,
}

struct Session {
    inbox: mpsc::Receiver<Command>,
    deferred: VecDeque<String>,
}

impl Session {
    async fn cancelled(&mut self, turn: JoinHandle<usize>) -> Option<usize> {
        turn.abort();
        turn.await.ok()
    }

    /// A turn runs in a task while commands go on being read.
    #[rejoin::must_join]
    async fn turn(&mut self, text: String) -> Option<usize> {
        let mut turn: JoinHandle<usize> = tokio::spawn(async move { text.len() });
        loop {
            tokio::select! {
                biased;
                command = self.inbox.recv() => match command {
                    Some(Command::Cancel) => return self.cancelled(turn).await,
                    Some(Command::Shutdown) | None => {
                        turn.abort();
                        let _ = turn.await;
                        return None;
                    }
                    Some(Command::Send(next)) => self.deferred.push_back(next),
                },
                done = &mut turn => return done.ok(),
            }
        }
    }
}

/// Until a signal; then some time to end, and then an end.
#[rejoin::must_join]
async fn run_until(signal: impl Future<Output = ()>, grace: Duration) {
    let stop = CancellationToken::new();
    let mut manager = tokio::spawn(stop.child_token().cancelled_owned());
    tokio::select! {
        ended = &mut manager => eprintln!("it stopped by itself: {ended:?}"),
        () = signal => {
            stop.cancel();
            match tokio::time::timeout(grace, &mut manager).await {
                Ok(ended) => println!("stopped: {ended:?}"),
                Err(late) => {
                    eprintln!("aborting: {late}");
                    manager.abort();
                    let _ = manager.await;
                }
            }
        }
    }
}

/// The server of a test: returned as soon as it answers.
#[rejoin::must_join]
async fn boot(attempts: u32) -> (u16, JoinHandle<io::Result<()>>) {
    let (ready, mut is_ready) = oneshot::channel();
    let server = tokio::spawn(async move {
        let _ = ready.send(());
        Ok(())
    });
    for _ in 0..attempts {
        if is_ready.try_recv().is_ok() {
            return (80, server);
        }
        tokio::task::yield_now().await;
    }
    panic!("the server did not come up");
}

/// An admin server that may not be configured, beside one that is.
#[rejoin::must_join]
async fn serve_with_admin(
    admin: Option<u16>,
    server: impl Future<Output = io::Result<()>>,
) -> io::Result<()> {
    let admin = admin.map(|port| tokio::spawn(async move { println!("admin on {port}") }));
    tokio::pin!(server);
    if let Some(mut admin) = admin {
        return tokio::select! {
            served = &mut server => {
                admin.abort();
                let _ = admin.await;
                served
            }
            ended = &mut admin => match ended {
                Ok(()) => server.await,
                Err(error) => Err(error.into()),
            },
        };
    }
    server.await
}

/// Pinned in its place, and polled by reference.
#[rejoin::must_join]
async fn pinned(stop: CancellationToken) -> Result<u32, JoinError> {
    let task = tokio::spawn(async { 1 });
    tokio::pin!(task);
    tokio::select! {
        done = &mut task => done,
        () = stop.cancelled() => {
            task.abort();
            task.await
        }
    }
}

/// A rebinding that only adds `mut`.
#[rejoin::must_join]
async fn made_mutable(stop: CancellationToken) -> bool {
    let task = tokio::spawn(async { 1 });
    println!("started {}", task.id());
    let mut task = task;
    let done = tokio::select! {
        done = &mut task => return done.is_ok(),
        () = stop.cancelled() => false,
    };
    task.abort();
    let _ = task.await;
    done
}

/// Checks that are pushed from several places, and a `continue` behind one of them.
#[rejoin::must_join]
async fn health(providers: Vec<(String, Option<u16>)>) -> usize {
    let mut checks = Vec::new();
    for (name, port) in providers {
        let Some(port) = port else {
            checks.push(tokio::spawn(async move { name.is_empty() }));
            continue;
        };
        let check = tokio::spawn(async move { port > 0 && !name.is_empty() });
        checks.push(check);
    }
    let mut healthy = 0;
    for check in checks {
        match check.await {
            Ok(true) => healthy += 1,
            Ok(false) => {}
            Err(error) => eprintln!("a check panicked: {error}"),
        }
    }
    healthy
}

/// The handshake failed: told to stop, awaited, and only then reported.
#[rejoin::must_join]
async fn open(limit: Duration) -> Result<JoinHandle<()>, &'static str> {
    let (connected, is_connected) = oneshot::channel::<()>();
    let task = tokio::spawn(async move {
        let _ = connected.send(());
    });
    match tokio::time::timeout(limit, is_connected).await {
        Ok(Ok(())) => Ok(task),
        late_or_closed => {
            task.abort();
            let _ = task.await;
            Err(if late_or_closed.is_err() {
                "too late"
            } else {
                "closed before it was open"
            })
        }
    }
}

/// The error is made first and returned last.
#[rejoin::must_join]
async fn disconnect(farewells: mpsc::Sender<u32>) -> Result<(), String> {
    let reader = tokio::spawn(std::future::pending::<()>());
    let sent = farewells.send(1).await;
    reader.abort();
    let ended = reader.await;
    sent.map_err(|error| error.to_string())?;
    match ended {
        Err(error) if error.is_panic() => Err("the reader panicked".to_owned()),
        _ => Ok(()),
    }
}

#[tokio::test(start_paused = true)]
async fn sessions_end() {
    let (commands, inbox) = mpsc::channel(4);
    let mut session = Session {
        inbox,
        deferred: VecDeque::new(),
    };
    let later = Command::Send("later".to_owned());
    commands.send(later).await.unwrap();
    assert_eq!(session.turn("now".to_owned()).await, Some(3));
    commands.send(Command::Cancel).await.unwrap();
    session.turn("never".to_owned()).await;
    commands.send(Command::Shutdown).await.unwrap();
    assert_eq!(session.turn("never".to_owned()).await, None);

    run_until(async {}, Duration::from_secs(1)).await;
    boot(10).await.1.await.unwrap().unwrap();
    serve_with_admin(Some(1), async { Ok(()) }).await.unwrap();
    assert_eq!(pinned(CancellationToken::new()).await.unwrap(), 1);
    assert!(made_mutable(CancellationToken::new()).await);
    assert_eq!(health(vec![("a".to_owned(), Some(1))]).await, 1);
    open(Duration::from_secs(1)).await.unwrap().await.unwrap();
    let (farewells, mut heard) = mpsc::channel(1);
    disconnect(farewells).await.unwrap();
    assert_eq!(heard.recv().await, Some(1));
}
