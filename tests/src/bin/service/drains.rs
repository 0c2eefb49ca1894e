//! What happens between the request and the end.

use crate::{gate, say};

/// A task that does not end.
pub(crate) mod pending {
    use super::say;

    #[rejoin::main]
    pub(crate) async fn main() {
        tokio::spawn(std::future::pending::<()>());
        say("ready");
        rejoin::shutdown_requested().await;
        say("draining");
    }
}

/// A task that panics while the service drains, and one that outlives that.
pub(crate) mod panic {
    use super::say;

    #[rejoin::main(name = "shop")]
    pub(crate) async fn main() {
        let (panics, panicked) = tokio::sync::oneshot::channel::<()>();
        tokio::spawn(async move {
            let _panics = panics;
            rejoin::shutdown_requested().await;
            panic!("half drained");
        });
        tokio::spawn(async move {
            assert!(panicked.await.is_err());
            say("drained all the same");
        });
        say("ready");
        rejoin::shutdown_requested().await;
    }
}

/// The program asks for it.
pub(crate) mod asked {
    use super::{gate, say};

    #[rejoin::main]
    pub(crate) async fn main() {
        tokio::spawn(async {
            gate::open().await;
            rejoin::root().request_shutdown();
        });
        say("ready");
        rejoin::shutdown_requested().await;
        say("draining");
    }
}

/// A main function that drains by hand, as one written for `#[tokio::main]` does.
pub(crate) mod by_hand {
    use std::time::Duration;

    use super::{gate, say};

    #[rejoin::main]
    pub(crate) async fn main() {
        tokio::spawn(async {
            gate::open().await;
            say("drained");
        });
        say("ready");
        let left = rejoin::root().join(Duration::from_secs(20)).await;
        say(format_args!("{} left", left.len()));
    }
}

/// A read of standard input that nobody can interrupt.
pub(crate) mod stdin {
    use tokio::io::AsyncReadExt;

    use super::say;

    #[rejoin::main]
    pub(crate) async fn main() {
        let mut input = [0];
        let mut stdin = tokio::io::stdin();
        let mut read = std::pin::pin!(stdin.read(&mut input));
        // Once polled, the read is under way on a thread.
        let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(read.as_mut().poll(cx)));
        assert!(polled.await.is_pending());
        say("ready");
        rejoin::shutdown_requested().await;
        say("draining");
    }
}

/// A report that takes longer than the end of the process.
pub(crate) mod reported {
    use std::thread::JoinHandle;
    use std::time::Duration;

    use tracing_subscriber::layer::{Context, SubscriberExt};
    use tracing_subscriber::util::SubscriberInitExt;

    use super::say;

    struct Slow;

    impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Slow {
        fn on_event(&self, _: &tracing::Event<'_>, _: Context<'_, S>) {
            // Who does not wait for it never hears it. No test waits for this time: it is what makes a process that does not
            // wait end without the line.
            std::thread::sleep(Duration::from_millis(100));
            say("reported");
        }
    }

    pub(super) fn subscribe() {
        tracing_subscriber::registry().with(Slow).init();
    }

    /// Not annotated: no frame sees its panic.
    pub(super) fn elsewhere() -> JoinHandle<()> {
        std::thread::spawn(|| panic!("nobody knows it"))
    }

    #[rejoin::main]
    pub(crate) async fn main() {
        subscribe();
        assert!(elsewhere().join().is_err());
        say("ends");
    }
}

/// The same when a signal cuts the end short.
pub(crate) mod reported_left {
    use super::reported::{elsewhere, subscribe};
    use super::say;

    #[rejoin::main]
    pub(crate) async fn main() {
        subscribe();
        say("ready");
        rejoin::shutdown_requested().await;
        assert!(elsewhere().join().is_err());
        say("draining");
        std::future::pending::<()>().await;
    }
}

/// A subscriber hears of the stages.
pub(crate) mod events {
    use super::{gate, say};

    #[rejoin::main(grace = "1s 200ms", name = "shop")]
    pub(crate) async fn main() {
        tracing_subscriber::fmt()
            .with_writer(std::io::stdout)
            .with_ansi(false)
            .init();
        let (started, running) = tokio::sync::oneshot::channel();
        tokio::task::spawn_blocking(move || {
            let _ = started.send(());
            loop {
                std::thread::park();
            }
        });
        let _ = running.await;
        say("ready");
        gate::open().await;
    }
}
