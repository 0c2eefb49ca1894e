//! `..` drops the field that has the handle.
// leak: the task (line 19); exit: the `..` (line 17)
type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn work(_: u32) -> Result<u32, Failure> {
    Ok(1)
}

struct Started {
    number: u32,
    #[allow(dead_code)]
    task: tokio::task::JoinHandle<Result<u32, Failure>>,
}

#[rejoin::must_join]
async fn run(count: u32) -> u32 {
    let Started { number, .. } = Started {
        number: count,
        task: tokio::spawn(work(count)),
    };
    number
}

fn main() {
    drop(run(1));
}
