//! In the README: a whole service. What it does at its end is tested in `lifecycle`, what its layer does in `http`; the
//! service in full is an example, and has a test of its own.
type Failure = Box<dyn std::error::Error>;
struct Mail;
async fn order(axum::extract::State(mails): axum::extract::State<mpsc::Sender<Mail>>) { let _ = mails.send(Mail).await; }
async fn send(Mail: Mail) {}
fn stock() -> tonic::service::Routes { tonic::service::Routes::default() }

use axum::{Router, routing::post};
use futures::TryFutureExt;
use rejoin::tower::GuardLayer;
use tokio::{net::TcpListener, sync::mpsc};

#[rejoin::task_group(limit = 8)]
async fn send_all(mut queue: mpsc::Receiver<Mail>) {
    while let Some(mail) = queue.recv().await { // until its senders are gone: the queue drains before it ends
        tokio::spawn(send(mail));
    }
}

#[rejoin::main(grace = "20s", name = "shop")]
async fn main() -> Result<(), Failure> {
    rejoin::on_panic(|report| eprintln!("{report}")); // to whatever wakes somebody up
    let (mails, queue) = mpsc::channel(1024);
    tokio::spawn(send_all(queue));

    let app = Router::new().route("/orders", post(order)).with_state(mails).layer(GuardLayer::new());
    let http = axum::serve(TcpListener::bind("0.0.0.0:8080").await?, app)
        .with_graceful_shutdown(rejoin::shutdown_requested());
    let grpc = tonic::transport::Server::builder()
        .layer(GuardLayer::new())
        .add_routes(stock())
        .serve_with_shutdown("0.0.0.0:50051".parse()?, rejoin::shutdown_requested());
    // Until both have answered what they had accepted.
    tokio::try_join!(http.into_future().err_into::<Failure>(), grpc.err_into())?;
    Ok(())
}

#[test]
fn the_service_is_a_main_function() {
    let _: fn() -> Result<(), Failure> = main;
}
