//! Servers.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{gate, say};

/// Every request waits at the gate, and leaves a job in the queue of a worker.
mod shop {
    use axum::extract::State;
    use axum::{Router, routing};
    use tokio::sync::mpsc;

    use super::{AtomicUsize, Ordering, gate, say};

    static IN_FLIGHT: AtomicUsize = AtomicUsize::new(0);

    #[rejoin::guarded(on_panic = "unwind")]
    async fn answer(State(jobs): State<mpsc::Sender<usize>>) -> String {
        let number = IN_FLIGHT.fetch_add(1, Ordering::SeqCst) + 1;
        say(format_args!("in flight {number}"));
        gate::open().await;
        // Background work: it is still there when the answer has been given.
        tokio::spawn(async move {
            tokio::task::yield_now().await;
            let _ = jobs.send(number).await;
        });
        format!("answer {number}")
    }

    #[rejoin::guarded(on_panic = "unwind")]
    pub(super) fn open() -> Router {
        let (jobs, mut queue) = mpsc::channel(1);
        tokio::spawn(async move {
            let mut done = 0;
            while queue.recv().await.is_some() {
                tokio::task::yield_now().await;
                done += 1;
            }
            say(format_args!("queue empty, {done} jobs done"));
        });
        tokio::spawn(async {
            rejoin::shutdown_requested().await;
            say("draining");
        });
        Router::new()
            .route("/", routing::get(answer))
            .with_state(jobs)
    }
}

/// The shop, served by axum.
pub(crate) mod served {
    use tokio::net::TcpListener;

    use super::{say, shop};

    #[rejoin::main]
    pub(crate) async fn main() -> std::io::Result<()> {
        let app = shop::open();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        say(format_args!("ready {}", listener.local_addr()?));
        axum::serve(listener, app)
            .with_graceful_shutdown(rejoin::shutdown_requested())
            .await?;
        say("served");
        Ok(())
    }
}

/// The shop, served by tonic.
pub(crate) mod by_tonic {
    use tokio::net::TcpListener;
    use tonic::service::Routes;
    use tonic::transport::Server;
    use tonic::transport::server::TcpIncoming;

    use super::{say, shop};

    #[rejoin::main]
    pub(crate) async fn main() -> Result<(), Box<dyn std::error::Error>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let routes = Routes::from(shop::open());
        say(format_args!("ready {}", listener.local_addr()?));
        Server::builder()
            .accept_http1(true)
            .add_routes(routes)
            .serve_with_incoming_shutdown(TcpIncoming::from(listener), rejoin::shutdown_requested())
            .await?;
        say("served");
        Ok(())
    }
}

/// As many requests as come, each with a little work before and after its answer.
pub(crate) mod load {
    use axum::{Router, routing};
    use tokio::net::TcpListener;

    use super::{AtomicUsize, Ordering, say};

    static BEGUN: AtomicUsize = AtomicUsize::new(0);
    static FINISHED: AtomicUsize = AtomicUsize::new(0);

    #[rejoin::task_group]
    async fn answer() -> String {
        let begun = BEGUN.fetch_add(1, Ordering::SeqCst) + 1;
        if begun == 200 {
            say("busy");
        }
        tokio::spawn(async {
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
        });
        tokio::task::yield_now().await;
        FINISHED.fetch_add(1, Ordering::SeqCst);
        "x".repeat(100_000)
    }

    #[rejoin::main]
    pub(crate) async fn main() -> std::io::Result<()> {
        let app = Router::new().route("/", routing::get(answer));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        say(format_args!("ready {}", listener.local_addr()?));
        axum::serve(listener, app)
            .with_graceful_shutdown(rejoin::shutdown_requested())
            .await?;
        let (begun, finished) = (&BEGUN, &FINISHED);
        say(format_args!(
            "begun {} finished {}",
            begun.load(Ordering::SeqCst),
            finished.load(Ordering::SeqCst)
        ));
        Ok(())
    }
}

/// It takes its time before it is ready.
pub(crate) mod starting {
    use axum::Router;
    use tokio::net::TcpListener;

    use super::{gate, say};

    #[rejoin::main]
    pub(crate) async fn main() -> std::io::Result<()> {
        say("starting");
        tokio::spawn(async {
            rejoin::shutdown_requested().await;
            say("asked to stop");
        });
        gate::open().await;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        axum::serve(listener, Router::new())
            .with_graceful_shutdown(rejoin::shutdown_requested())
            .await?;
        say("served nobody");
        Ok(())
    }
}
