#![deny(warnings)]

use rejoin::{Errors, task_group};
use std::error::Error;
use std::io;

type Every = Errors<Box<dyn Error + Send + Sync>>;

#[task_group(on_failure = "collect")]
async fn converts((a, b): (u32, u32)) -> Result<u32, Every> {
    tokio::spawn(async { io::Result::Ok(()) });
    tokio::task::spawn_blocking(|| io::Result::Ok(()));
    if a > b {
        return Err("no".into());
    }
    let number: u32 = "3".parse()?;
    Ok(number)
}

#[task_group(on_failure = "collect")]
async fn generic<T, E>(value: &T) -> Result<T, Errors<E>>
where
    T: Clone,
    E: From<io::Error> + Send + 'static,
{
    tokio::spawn(async { io::Result::Ok(()) });
    Ok(value.clone())
}

#[task_group(on_failure = "collect")]
async fn borrows(value: &str) -> Result<&str, Errors<io::Error>> {
    tokio::spawn(async { io::Result::Ok(()) });
    std::fs::metadata(".")?;
    Ok(value)
}

#[task_group(on_failure = "collect")]
async fn hides() -> Result<impl Iterator<Item = u32>, Errors<io::Error>> {
    tokio::spawn(async { io::Result::Ok(()) });
    Ok((0..3).filter(|number| number % 2 == 0))
}

#[task_group(on_failure = "collect", on_panic = "recover")]
async fn recovers() -> Result<(), Every> {
    tokio::spawn(async { io::Result::Ok(()) });
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    assert_eq!(converts((1, 2)).await.unwrap(), 3);
    assert_eq!(generic::<_, io::Error>(&1).await.unwrap(), 1);
    assert_eq!(borrows("a").await.unwrap(), "a");
    assert_eq!(hides().await.unwrap().sum::<u32>(), 2);
    recovers().await.unwrap();
}
