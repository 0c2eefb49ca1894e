//! In the README: a whole service. What it does at its end is tested in `lifecycle`, what its layer does in `http`.
async fn home() -> &'static str { "home" }
async fn next_mail() -> Option<u8> { None }
async fn send(_: u8) {}

use axum::{Router, routing::get};
use rejoin::tower::GuardLayer;

#[rejoin::guarded]
async fn mailer() {
    while let Some(mail) = next_mail().await { // until its senders are gone: the queue drains before it ends
        send(mail).await;
    }
}

#[rejoin::main(grace = "25s")]
async fn main() -> std::io::Result<()> {
    rejoin::on_panic(|report| eprintln!("{report}")); // to whatever wakes somebody up
    tokio::spawn(mailer());

    let app = Router::new().route("/", get(home)).layer(GuardLayer::new());
    let listener = tokio::net::TcpListener::bind("0.0.0.0:8080").await?;
    axum::serve(listener, app)
        .with_graceful_shutdown(rejoin::shutdown_requested())
        .await
}

#[test]
fn the_service_is_a_main_function() {
    let _: fn() -> std::io::Result<()> = main;
}
