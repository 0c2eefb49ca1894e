//! The handle of a thread cannot be made without the thread, so a discarded one is a statement of its own.

fn start() -> std::thread::JoinHandle<Result<(), std::io::Error>> {
    std::thread::spawn(|| Ok(()))
}

#[rejoin::task_group]
async fn branch(one: bool) -> Result<(), std::io::Error> {
    let _ = if one {
        std::thread::spawn(|| Err(std::io::ErrorKind::Other.into()))
    } else {
        start()
    };
    Ok(())
}

fn main() {
    drop(branch(true));
}
