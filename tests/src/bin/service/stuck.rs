//! What cannot be stopped.

use crate::say;

fn spin() -> ! {
    loop {
        std::hint::spin_loop();
    }
}

/// A task that never awaits, beside others that can be aborted.
pub(crate) mod spins {
    use super::{say, spin};

    #[rejoin::main(grace = "100ms", worker_threads = 2)]
    pub(crate) async fn main() {
        tokio::spawn(std::future::pending::<()>());
        tokio::spawn(async {
            say("ready");
            spin()
        });
        rejoin::shutdown_requested().await;
    }
}

/// A task that never awaits, on the only thread.
pub(crate) mod spins_alone {
    use super::{say, spin};

    #[rejoin::main(grace = "100ms", flavor = "current_thread")]
    pub(crate) async fn main() {
        tokio::spawn(async {
            say("ready");
            spin()
        });
        rejoin::shutdown_requested().await;
    }
}

/// A main function that never awaits.
pub(crate) mod body_spins {
    use super::{say, spin};

    #[rejoin::main(grace = "20s", flavor = "current_thread")]
    pub(crate) async fn main() {
        say("ready");
        spin()
    }
}

/// A blocking task and a thread that hang.
pub(crate) mod blocks {
    use super::say;

    fn hang(started: &std::sync::mpsc::Sender<()>) {
        let _ = started.send(());
        loop {
            std::thread::park();
        }
    }

    #[rejoin::main(grace = "100ms", name = "shop")]
    pub(crate) async fn main() {
        let (started, running) = std::sync::mpsc::channel();
        let also = started.clone();
        tokio::task::spawn_blocking(move || hang(&started));
        std::thread::spawn(move || hang(&also));
        running.recv().unwrap();
        running.recv().unwrap();
        say("ready");
        rejoin::shutdown_requested().await;
    }
}

/// Says when it is dropped.
struct OnDrop(&'static str);

impl Drop for OnDrop {
    fn drop(&mut self) {
        say(self.0);
    }
}

/// A group whose function runs in a task that rejoin does not know, such as a server's, and looks at no cancellation.
pub(crate) mod open {
    use super::{OnDrop, say};

    #[rejoin::task_group(name = "stream")]
    async fn stream() {
        let _dropped = OnDrop("stream dropped");
        say("ready");
        std::future::pending::<()>().await;
    }

    /// Not annotated.
    fn elsewhere() {
        tokio::spawn(stream());
    }

    #[rejoin::main(grace = "100ms", name = "shop")]
    pub(crate) async fn main() {
        elsewhere();
        rejoin::shutdown_requested().await;
    }
}

/// A group that the program keeps, and never joins.
pub(crate) mod kept {
    use std::sync::OnceLock;

    use rejoin::{PanicError, TaskGroup};

    use super::say;

    static MAILS: OnceLock<TaskGroup<PanicError>> = OnceLock::new();

    #[rejoin::main(grace = "100ms", name = "shop")]
    pub(crate) async fn main() {
        let mails = TaskGroup::builder().name("mails").open();
        mails.launch(async {});
        assert!(MAILS.set(mails).is_ok());
        say("ready");
        rejoin::shutdown_requested().await;
    }
}

/// A destructor that hangs, of a task that rejoin does not know.
pub(crate) mod destructor {
    use super::say;

    struct Hang;

    impl Drop for Hang {
        fn drop(&mut self) {
            loop {
                std::thread::park();
            }
        }
    }

    /// Not annotated.
    fn elsewhere() {
        tokio::spawn(async {
            let _hang = Hang;
            std::future::pending::<()>().await;
        });
    }

    #[rejoin::main(grace = "100ms", flavor = "current_thread", name = "shop")]
    pub(crate) async fn main() {
        elsewhere();
        tokio::task::yield_now().await;
        say("ready");
        rejoin::shutdown_requested().await;
        say("ends");
    }
}
