//! Accept loops and connections.
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, broadcast, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

async fn echo(mut socket: TcpStream) -> io::Result<u64> {
    let (mut read, mut write) = socket.split();
    tokio::io::copy(&mut read, &mut write).await
}

/// The set holds every connection, and is emptied at the end.
#[rejoin::must_join]
async fn with_a_set(listener: TcpListener, stop: CancellationToken) -> io::Result<usize> {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (socket, _) = accepted?;
                connections.spawn(echo(socket));
            }
            Some(ended) = connections.join_next() => {
                if let Err(error) = ended {
                    eprintln!("a connection panicked: {error}");
                }
            }
            () = stop.cancelled() => break,
        }
    }
    let mut left = 0;
    while let Some(ended) = connections.join_next().await {
        left += usize::from(ended.is_ok());
    }
    Ok(left)
}

/// The tracker counts, and waits at the end.
#[rejoin::must_join]
async fn with_a_tracker(listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
    let tracker = TaskTracker::new();
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let (socket, peer) = accepted?;
        tracker.spawn(async move {
            if let Err(error) = echo(socket).await {
                eprintln!("{peer}: {error}");
            }
        });
    }
    tracker.close();
    tracker.wait().await;
    Ok(())
}

/// Every handle is kept in a list that is joined when the loop ends.
#[rejoin::must_join]
async fn with_a_list(listener: TcpListener, limit: usize) {
    let mut connections = Vec::with_capacity(limit);
    while connections.len() < limit {
        match listener.accept().await {
            Ok((socket, _)) => connections.push(tokio::spawn(echo(socket))),
            Err(error) => {
                eprintln!("accept: {error}");
                break;
            }
        }
    }
    for connection in connections {
        match connection.await {
            Ok(Ok(bytes)) => println!("{bytes} bytes"),
            Ok(Err(error)) => eprintln!("{error}"),
            Err(panic) => eprintln!("{panic}"),
        }
    }
}

/// One connection after the other, each in a task so that a panic stays there.
#[rejoin::must_join]
async fn one_by_one(listener: TcpListener) -> io::Result<()> {
    loop {
        let (socket, peer) = listener.accept().await?;
        let connection = tokio::spawn(echo(socket));
        if let Err(panic) = connection.await {
            eprintln!("{peer}: {panic}");
        }
    }
}

/// The permit goes with the task; the handle goes to whoever reaps.
#[rejoin::must_join]
async fn with_permits(
    listener: TcpListener,
    permits: Arc<Semaphore>,
    reaper: mpsc::Sender<tokio::task::JoinHandle<io::Result<u64>>>,
) -> io::Result<()> {
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else {
            return Ok(());
        };
        let (socket, _) = listener.accept().await?;
        let connection = tokio::spawn(async move {
            let copied = echo(socket).await;
            drop(permit);
            copied
        });
        if reaper.send(connection).await.is_err() {
            return Ok(());
        }
    }
}

/// Both directions of a proxy: when one ends, the other is stopped and waited for.
#[rejoin::must_join]
async fn proxy(client: TcpStream, upstream: SocketAddr) -> io::Result<()> {
    let server = TcpStream::connect(upstream).await?;
    let (mut client_read, mut client_write) = client.into_split();
    let (mut server_read, mut server_write) = server.into_split();
    let mut up =
        tokio::spawn(async move { tokio::io::copy(&mut client_read, &mut server_write).await });
    let mut down =
        tokio::spawn(async move { tokio::io::copy(&mut server_read, &mut client_write).await });
    tokio::select! {
        _ = &mut up => {
            down.abort();
            let _ = down.await;
        }
        _ = &mut down => {
            up.abort();
            let _ = up.await;
        }
    }
    Ok(())
}

/// A chat connection: what is read goes out by the loop, what is written by a task of its own.
#[rejoin::must_join]
async fn chat(socket: TcpStream, room: broadcast::Sender<String>) -> io::Result<()> {
    let (read, mut write) = socket.into_split();
    let mut inbox = room.subscribe();
    let writer = tokio::spawn(async move {
        while let Ok(line) = inbox.recv().await {
            if write.write_all(line.as_bytes()).await.is_err() {
                break;
            }
        }
    });
    let mut lines = BufReader::new(read).lines();
    let read = loop {
        match lines.next_line().await {
            Ok(Some(line)) => {
                let _ = room.send(line);
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    writer.abort();
    match writer.await {
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        _ => read,
    }
}

/// An axum server that runs beside the work, and is shut down when that is done.
#[rejoin::must_join]
async fn metrics_beside(work: impl Future<Output = ()>) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let stop = CancellationToken::new();
    let app = axum::Router::new().route("/metrics", axum::routing::get(|| async { "up 1\n" }));
    let server = tokio::spawn(
        axum::serve(listener, app)
            .with_graceful_shutdown(stop.clone().cancelled_owned())
            .into_future(),
    );
    work.await;
    stop.cancel();
    server.await?
}

/// The listeners of a server of two protocols; both are joined, whichever ends first.
#[rejoin::must_join]
async fn two_protocols(plain: TcpListener, admin: TcpListener) -> (io::Result<()>, io::Result<()>) {
    let plain = tokio::spawn(one_by_one(plain));
    let admin = tokio::spawn(one_by_one(admin));
    let (plain, admin) = tokio::join!(plain, admin);
    (
        plain.unwrap_or_else(|error| Err(error.into())),
        admin.unwrap_or_else(|error| Err(error.into())),
    )
}

/// A connection with an idle limit: the reader is told to stop, and then waited for.
#[rejoin::must_join]
async fn idle_limit(mut socket: TcpStream, idle: Duration) -> io::Result<usize> {
    let (seen, mut beats) = mpsc::channel(1);
    let mut reader = tokio::spawn(async move {
        let mut buffer = [0; 512];
        let mut total = 0;
        loop {
            let read = socket.read(&mut buffer).await?;
            if read == 0 || seen.send(()).await.is_err() {
                return io::Result::Ok(total);
            }
            total += read;
        }
    });
    loop {
        tokio::select! {
            total = &mut reader => return total?,
            beat = tokio::time::timeout(idle, beats.recv()) => {
                if beat.is_err() {
                    reader.abort();
                    return match reader.await {
                        Ok(total) => total,
                        Err(error) if error.is_cancelled() => Ok(0),
                        Err(error) => Err(error.into()),
                    };
                }
            }
        }
    }
}

#[tokio::test]
async fn a_proxy_and_an_echo() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let echo = tokio::spawn(with_a_tracker(listener, stop.clone()));

    let front = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(front.local_addr().unwrap())
        .await
        .unwrap();
    let (accepted, _) = front.accept().await.unwrap();
    let proxied = tokio::spawn(proxy(accepted, upstream));
    client.write_all(b"hello").await.unwrap();
    let mut answer = [0; 5];
    client.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"hello");

    drop(client);
    proxied.await.unwrap().unwrap();
    stop.cancel();
    echo.await.unwrap().unwrap();
    metrics_beside(async {}).await.unwrap();
}
