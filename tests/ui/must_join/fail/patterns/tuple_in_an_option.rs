//! A handle in a tuple in an `Option`: the pattern that binds it does not join it.
// leak: the task (line 21); exit: the `?` (line 18)
type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn work(_: u32) -> Result<u32, Failure> {
    Ok(1)
}

fn send() -> Result<(), Failure> {
    Ok(())
}

#[rejoin::must_join]
async fn run(count: u32) -> Result<u32, Failure> {
    let mut last = None;
    for number in 0..count {
        if let Some((task, _)) = last {
            send()?;
            let _: Result<Result<u32, Failure>, tokio::task::JoinError> = task.await;
        }
        last = Some((tokio::spawn(work(number)), number));
    }
    match last {
        Some((task, _)) => task.await?,
        None => Ok(0),
    }
}

fn main() {
    drop(run(1));
}
