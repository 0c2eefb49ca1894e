//! What a service keeps until it exits.

use std::time::Duration;

use crate::{gate, say};

/// Says when it is dropped.
struct Says(&'static str);

impl Drop for Says {
    fn drop(&mut self) {
        say(format_args!("{} dropped", self.0));
    }
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a kept value");
    }
}

/// A log whose lines are written by a thread of its own, late. What is not written when the guard is dropped is written then.
mod log {
    use std::io::{Stdout, Write};
    use std::time::Duration;

    use tracing_appender::non_blocking::WorkerGuard;

    /// No test waits for this time: it is what makes the lines of a log whose guard nobody drops end with the process.
    struct Late(Stdout);

    impl Write for Late {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            std::thread::sleep(Duration::from_millis(50));
            self.0.write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            self.0.flush()
        }
    }

    pub(super) fn init() -> WorkerGuard {
        let (writer, guard) = tracing_appender::non_blocking(Late(std::io::stdout()));
        tracing_subscriber::fmt()
            .with_writer(writer)
            .with_ansi(false)
            .init();
        guard
    }
}

/// A grace that is over.
pub(crate) mod cut {
    #[rejoin::main(grace = "100ms", name = "shop")]
    pub(crate) async fn main() {
        rejoin::keep_until_exit(super::log::init());
        tokio::spawn(std::future::pending::<()>());
    }
}

/// A task that is left behind.
pub(crate) mod left {
    #[rejoin::main(grace = "100ms", name = "shop")]
    pub(crate) async fn main() {
        rejoin::keep_until_exit(super::log::init());
        crate::bodies::block().await;
    }
}

/// A panic of the main function, and a task that logs after it.
pub(crate) mod panics {
    use super::gate;

    #[rejoin::main(name = "shop")]
    pub(crate) async fn main() {
        rejoin::keep_until_exit(super::log::init());
        tokio::spawn(async {
            rejoin::shutdown_requested().await;
            gate::open().await;
            tracing::info!("drained");
        });
        panic!("no port");
    }
}

/// Values with an order.
pub(crate) mod order {
    use super::{Says, gate, say};

    #[rejoin::main]
    pub(crate) async fn main() {
        let _local = Says("a local");
        rejoin::keep_until_exit(Says("first"));
        rejoin::keep_until_exit(Says("second"));
        tokio::spawn(async {
            let _task = Says("a task");
            gate::open().await;
            rejoin::keep_until_exit(Says("third"));
        });
        say("returns");
    }
}

/// One that panics, among others.
pub(crate) mod bomb {
    use super::{Bomb, Says};

    #[rejoin::main]
    pub(crate) async fn main() -> std::process::ExitCode {
        rejoin::keep_until_exit(Says("first"));
        rejoin::keep_until_exit(Bomb);
        rejoin::keep_until_exit(Says("third"));
        std::process::ExitCode::from(3)
    }
}

/// One that keeps another when it is dropped.
pub(crate) mod nested {
    use super::Says;

    struct Keeps;

    impl Drop for Keeps {
        fn drop(&mut self) {
            rejoin::keep_until_exit(Says("kept late"));
        }
    }

    #[rejoin::main]
    pub(crate) async fn main() {
        rejoin::keep_until_exit(Says("first"));
        rejoin::keep_until_exit(Keeps);
    }
}

/// One whose destructor never ends, and tasks that are left or not.
pub(crate) mod blocks {
    use super::{Duration, Says};

    struct Blocks;

    impl Drop for Blocks {
        fn drop(&mut self) {
            loop {
                std::thread::park();
            }
        }
    }

    fn keep() {
        rejoin::keep_until_exit(Blocks);
        rejoin::keep_until_exit(Says("second"));
    }

    #[rejoin::main(grace = Duration::ZERO)]
    pub(crate) async fn main() {
        keep();
    }

    pub(crate) mod left {
        #[rejoin::main(grace = "100ms")]
        pub(crate) async fn main() {
            super::keep();
            crate::bodies::block().await;
        }
    }
}

/// A second signal.
pub(crate) mod twice {
    use super::{Says, say};

    #[rejoin::main]
    pub(crate) async fn main() {
        rejoin::keep_until_exit(Says("first"));
        say("ready");
        rejoin::shutdown_requested().await;
        say("draining");
        std::future::pending::<()>().await;
    }
}

/// Called by a program that goes on.
pub(crate) fn called() -> std::process::ExitCode {
    mod service {
        use super::Says;

        #[rejoin::main]
        pub(super) async fn main() {
            rejoin::keep_until_exit(Says("first"));
        }
    }

    service::main();
    say("goes on");
    std::process::ExitCode::SUCCESS
}

/// Without the attribute.
pub(crate) mod without {
    use super::{Duration, Says, say};

    #[tokio::main]
    pub(crate) async fn main() {
        let _local = Says("a local");
        rejoin::keep_until_exit(Says("first"));
        rejoin::spawn(async { say("drained") });
        let left = rejoin::root().join(Duration::from_secs(60)).await;
        say(format_args!("{} left", left.len()));
    }
}
