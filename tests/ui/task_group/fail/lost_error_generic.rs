//! The error is a parameter of the function: the conversion is that of the instance, and the function has none.
#[rejoin::task_group]
async fn f<E>(_: &str) -> Result<(), E> {
    tokio::spawn(async { Err::<(), std::fmt::Error>(std::fmt::Error) });
    Ok(())
}

fn main() {
    drop(f::<std::fmt::Error>("x"));
}
