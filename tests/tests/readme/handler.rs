//! In the README: a handler that panics, with work in the background.
use rejoin::PanicError;
use std::time::Duration;

#[derive(Debug)]
enum AppError {
    #[expect(dead_code, reason = "only matched")]
    Panic(PanicError),
}

async fn send_mail(_: String) {}

impl From<PanicError> for AppError {
    fn from(panic: PanicError) -> Self {
        AppError::Panic(panic)
    }
}

#[rejoin::guarded]
async fn sign_up(name: String) -> Result<char, AppError> {
    tokio::spawn(send_mail(name.clone())); // not joined here: the root waits for it
    Ok(name.chars().next().unwrap())       // panics for "": the caller gets the `Err`
}

#[tokio::main]
async fn main() {
    assert_eq!(sign_up("ada".into()).await.unwrap(), 'a');
    assert!(matches!(sign_up(String::new()).await, Err(AppError::Panic(_))));

    for task in rejoin::root().join(Duration::from_secs(25)).await {
        eprintln!("left behind: {task}"); // name, spawn site, age and kind
    }
}

#[test]
fn a_handler_answers_although_it_panics() {
    main();
}
