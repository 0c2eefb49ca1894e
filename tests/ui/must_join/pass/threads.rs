//! Threads and blocking tasks.
use std::io;
use std::sync::mpsc;
use std::thread::JoinHandle;

use tokio::task::JoinError;

/// Joined, and its panic handed on.
#[rejoin::must_join]
fn sum(numbers: Vec<u64>) -> u64 {
    let adder = std::thread::spawn(move || numbers.iter().sum());
    match adder.join() {
        Ok(sum) => sum,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// A list of threads.
#[rejoin::must_join]
fn in_parallel(parts: Vec<Vec<u64>>) -> u64 {
    let mut threads = Vec::new();
    for part in parts {
        threads.push(std::thread::spawn(move || part.iter().sum::<u64>()));
    }
    threads
        .into_iter()
        .map(|thread| thread.join().expect("a sum panicked"))
        .sum()
}

/// The error waits for the thread.
#[rejoin::must_join]
fn error_after_the_join(read: impl FnOnce() -> io::Result<u64>) -> io::Result<u64> {
    let (sender, receiver) = mpsc::channel::<u64>();
    let reader = std::thread::spawn(move || receiver.iter().sum::<u64>());
    let read = read();
    if let Ok(number) = &read {
        let _ = sender.send(*number);
    }
    drop(sender);
    let total = reader.join().map_err(|_| io::Error::other("it panicked"))?;
    read.map(|number| number + total)
}

/// A scope joins by itself; its threads are not the attribute's business.
#[rejoin::must_join]
fn scoped(numbers: &[u64]) -> u64 {
    let (left, right) = numbers.split_at(numbers.len() / 2);
    std::thread::scope(|scope| {
        let left = scope.spawn(|| left.iter().sum::<u64>());
        right.iter().sum::<u64>() + left.join().unwrap_or(0)
    })
}

/// Kept by who returns it.
struct Logger {
    lines: Option<mpsc::Sender<String>>,
    thread: Option<JoinHandle<usize>>,
}

impl Logger {
    #[rejoin::must_join]
    fn start() -> Self {
        let (lines, inbox) = mpsc::channel::<String>();
        let thread = std::thread::spawn(move || inbox.iter().count());
        Self {
            lines: Some(lines),
            thread: Some(thread),
        }
    }

    fn log(&self, line: &str) {
        if let Some(lines) = &self.lines {
            let _ = lines.send(line.to_owned());
        }
    }

    fn stop(&mut self) -> usize {
        drop(self.lines.take());
        self.thread
            .take()
            .and_then(|thread| thread.join().ok())
            .unwrap_or(0)
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A blocking task that is told to stop, and waited for.
#[rejoin::must_join]
async fn until_told() -> Result<usize, JoinError> {
    let (stop, stopped) = mpsc::channel::<()>();
    let loops = tokio::task::spawn_blocking(move || stopped.iter().count());
    let _ = stop.send(());
    drop(stop);
    loops.await
}

/// The runtime's own block: the spawn belongs to the function.
#[rejoin::must_join]
fn blocks_on(runtime: &tokio::runtime::Runtime) -> u32 {
    runtime.block_on(async {
        let task = tokio::spawn(async { 7 });
        task.await.unwrap_or(0)
    })
}

#[tokio::test]
async fn threads_are_joined() {
    assert_eq!(sum(vec![1, 2]), 3);
    assert_eq!(in_parallel(vec![vec![1], vec![2]]), 3);
    assert_eq!(error_after_the_join(|| Ok(2)).unwrap(), 4);
    assert!(error_after_the_join(|| Err(io::ErrorKind::NotFound.into())).is_err());
    assert_eq!(scoped(&[1, 2, 3]), 6);
    let mut logger = Logger::start();
    logger.log("one");
    assert_eq!(logger.stop(), 1);
    assert_eq!(until_told().await.unwrap(), 1);
}

#[test]
fn a_runtime_is_driven() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    assert_eq!(blocks_on(&runtime), 7);
}
