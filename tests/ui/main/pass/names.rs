#![deny(warnings, clippy::all, clippy::pedantic)]

type Result<T> = std::result::Result<T, String>;

#[rejoin::main]
async fn main() -> Result<()> {
    // Names of the expansion are not the user's.
    let (__service, __runtime, __ended, __value) = (1, 2, 3, 4);
    let run = |number: u32| -> Result<u32> { Ok(number) };
    let started = tokio::spawn(async move { run(__service + __runtime) });
    assert_eq!(started.await.map_err(|error| error.to_string())??, 3);
    if __ended == __value {
        return Err("hygiene".to_owned());
    }
    Ok(())
}
