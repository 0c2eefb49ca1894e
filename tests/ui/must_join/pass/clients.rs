//! Clients: connections with tasks of their own, requests and answers.
use std::collections::HashMap;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpStream, ToSocketAddrs};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinError, JoinHandle};

type Answers = HashMap<u64, oneshot::Sender<String>>;

struct Request {
    id: u64,
    line: String,
    answer: oneshot::Sender<String>,
}

/// The client owns its task; `close` joins it.
struct Client {
    requests: mpsc::Sender<Request>,
    driver: JoinHandle<io::Result<()>>,
    next: u64,
}

async fn drive(socket: TcpStream, mut requests: mpsc::Receiver<Request>) -> io::Result<()> {
    let (read, mut write) = socket.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut waiting = Answers::new();
    loop {
        tokio::select! {
            request = requests.recv() => {
                let Some(request) = request else { return Ok(()) };
                waiting.insert(request.id, request.answer);
                write.write_all(request.line.as_bytes()).await?;
            }
            line = lines.next_line() => {
                let Some(line) = line? else { return Ok(()) };
                let id = line.len() as u64;
                if let Some(answer) = waiting.remove(&id) {
                    let _ = answer.send(line);
                }
            }
        }
    }
}

impl Client {
    /// Whatever can fail comes first; from the spawn on nothing can.
    #[rejoin::must_join]
    async fn connect(address: impl ToSocketAddrs) -> io::Result<Self> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        let (requests, inbox) = mpsc::channel(16);
        Ok(Self {
            requests,
            driver: tokio::spawn(drive(socket, inbox)),
            next: 0,
        })
    }

    async fn call(&mut self, line: String) -> Option<String> {
        let (answer, answered) = oneshot::channel();
        self.next += 1;
        let request = Request {
            id: self.next,
            line,
            answer,
        };
        self.requests.send(request).await.ok()?;
        answered.await.ok()
    }

    async fn close(self) -> io::Result<()> {
        drop(self.requests);
        self.driver.await?
    }
}

/// A handshake that fails takes the task down before it leaves.
#[rejoin::must_join]
async fn connect_with_a_handshake(socket: TcpStream, name: &str) -> io::Result<Client> {
    let (requests, inbox) = mpsc::channel(16);
    let driver = tokio::spawn(drive(socket, inbox));
    let (answer, answered) = oneshot::channel();
    let hello = Request {
        id: 0,
        line: format!("hello {name}\n"),
        answer,
    };
    if requests.send(hello).await.is_err() || answered.await.is_err() {
        driver.abort();
        let _ = driver.await;
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(Client {
        requests,
        driver,
        next: 0,
    })
}

/// The pair of halves that many libraries return: a client, and the connection to be driven.
#[rejoin::must_join]
fn split(socket: TcpStream) -> (mpsc::Sender<Request>, JoinHandle<io::Result<()>>) {
    let (requests, inbox) = mpsc::channel(16);
    let connection = tokio::spawn(drive(socket, inbox));
    (requests, connection)
}

/// Two lookups at once, the second answer as a fallback.
#[rejoin::must_join]
async fn lookup(name: String) -> Result<u32, JoinError> {
    async fn resolve(_: String, family: u8) -> Option<u32> {
        Some(u32::from(family))
    }

    let four = tokio::spawn(resolve(name.clone(), 4));
    let six = tokio::spawn(resolve(name, 6));
    let (four, six) = tokio::join!(four, six);
    Ok(four?.or(six?).unwrap_or(0))
}

/// A hedged request: if the first is slow a second is started; both are brought home.
#[rejoin::must_join]
async fn hedged(patience: Duration) -> Option<u32> {
    async fn ask(replica: u32) -> u32 {
        tokio::task::yield_now().await;
        replica
    }

    let mut first = tokio::spawn(ask(1));
    if let Ok(answer) = tokio::time::timeout(patience, &mut first).await {
        return answer.ok();
    }
    let mut second = tokio::spawn(ask(2));
    let (answer, loser) = tokio::select! {
        answer = &mut first => (answer, second),
        answer = &mut second => (answer, first),
    };
    loser.abort();
    let _ = loser.await;
    answer.ok()
}

/// A subscription whose pump ends when the receiver is dropped; the caller has both.
#[rejoin::must_join]
fn subscribe(topic: &'static str) -> (mpsc::Receiver<String>, JoinHandle<()>) {
    let (messages, inbox) = mpsc::channel(4);
    let pump = tokio::spawn(async move {
        let mut count = 0;
        while messages.send(format!("{topic} {count}")).await.is_ok() {
            count += 1;
        }
    });
    (inbox, pump)
}

/// One request in a task, its error and its panic told apart.
#[rejoin::must_join]
async fn isolated(body: String) -> Result<usize, String> {
    async fn post(body: String) -> io::Result<usize> {
        Ok(body.len())
    }

    match tokio::spawn(post(body)).await {
        Ok(Ok(length)) => Ok(length),
        Ok(Err(error)) => Err(error.to_string()),
        Err(error) if error.is_panic() => Err("the request panicked".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The token is refreshed beside the call, and the refresher ends before the call returns.
#[rejoin::must_join]
async fn with_fresh_token(call: impl Future<Output = io::Result<u32>>) -> io::Result<u32> {
    let (stop, mut stopped) = oneshot::channel::<()>();
    let refresher = tokio::spawn(async move {
        let mut turns = 0_u32;
        loop {
            tokio::select! {
                _ = &mut stopped => return turns,
                () = tokio::time::sleep(Duration::from_secs(45)) => turns += 1,
            }
        }
    });
    let answer = call.await;
    let _ = stop.send(());
    let turns = refresher.await?;
    answer.map(|answer| answer + turns)
}

#[tokio::test]
async fn clients_come_home() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut client = Client::connect(address).await.unwrap();
    let (mut socket, _) = listener.accept().await.unwrap();
    let (answer, ()) = tokio::join!(client.call("ping\n".to_owned()), async {
        socket.write_all(b"x\n").await.unwrap();
    });
    assert_eq!(answer.as_deref(), Some("x"));
    client.close().await.unwrap();

    assert_eq!(lookup("a".to_owned()).await.unwrap(), 4);
    assert_eq!(hedged(Duration::from_secs(60)).await, Some(1));
    assert_eq!(isolated("abc".to_owned()).await, Ok(3));
    assert_eq!(with_fresh_token(async { Ok(2) }).await.unwrap(), 2);
    let (mut inbox, pump) = subscribe("news");
    assert_eq!(inbox.recv().await.as_deref(), Some("news 0"));
    drop(inbox);
    pump.await.unwrap();
}
