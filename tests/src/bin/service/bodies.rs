//! How a main function ends, and what it may return.

use std::process::ExitCode;

use crate::{gate, say};

/// Holds a task that cannot be aborted; returns when it runs.
pub(crate) async fn block() {
    let (started, running) = tokio::sync::oneshot::channel();
    rejoin::spawn_blocking(move || {
        let _ = started.send(());
        loop {
            std::thread::park();
        }
    });
    let _ = running.await;
}

/// It returns with work alive.
pub(crate) mod returned {
    use super::{gate, say};

    #[rejoin::main]
    pub(crate) async fn main() {
        tokio::spawn(async {
            rejoin::shutdown_requested().await;
            say("draining");
            gate::open().await;
            say("done");
        });
        say("returns");
    }
}

/// It fails with work alive.
pub(crate) mod err {
    use super::{gate, say};

    #[derive(Debug)]
    #[expect(dead_code, reason = "it is shown")]
    pub(crate) struct NoPort(u16);

    #[rejoin::main]
    pub(crate) async fn main() -> Result<(), NoPort> {
        tokio::spawn(async {
            rejoin::shutdown_requested().await;
            say("draining");
            gate::open().await;
            say("done");
        });
        Err(NoPort(80))?;
        unreachable!("it has failed")
    }
}

/// It fails, and somebody is left.
pub(crate) mod err_left {
    #[rejoin::main(grace = "100ms")]
    pub(crate) async fn main() -> Result<(), &'static str> {
        super::block().await;
        Err("no port")
    }
}

/// It loses its worker to a panic.
pub(crate) mod worker {
    use super::{gate, say};

    #[rejoin::main(name = "worker")]
    pub(crate) async fn main() {
        tokio::spawn(async {
            gate::open().await;
            panic!("no such queue");
        });
        say("ready");
        rejoin::shutdown_requested().await;
        say("draining");
    }
}

/// It panics with work alive.
pub(crate) mod panicked {
    use super::{gate, say};

    #[rejoin::main(name = "shop")]
    pub(crate) async fn main() {
        tokio::spawn(async {
            rejoin::shutdown_requested().await;
            say("draining");
            gate::open().await;
            say("done");
        });
        panic!("no port");
    }
}

/// It has an exit code of its own.
pub(crate) mod code {
    use std::process::ExitCode;

    #[rejoin::main(worker_threads = 1)]
    pub(crate) async fn main() -> ExitCode {
        tokio::spawn(async {});
        ExitCode::from(3)
    }
}

/// It has an exit code of its own, and somebody is left.
pub(crate) mod code_left {
    use std::process::ExitCode;
    use std::time::Duration;

    const GRACE: Duration = Duration::from_millis(100);

    #[rejoin::main(grace = GRACE)]
    pub(crate) async fn main() -> ExitCode {
        super::block().await;
        ExitCode::from(42)
    }
}

/// It does not look at requests, so it is dropped.
pub(crate) mod cut {
    use super::say;

    struct OnDrop(&'static str);

    impl Drop for OnDrop {
        fn drop(&mut self) {
            say(self.0);
        }
    }

    #[rejoin::main(grace = "100ms", name = "shop")]
    pub(crate) async fn main() {
        let _body = OnDrop("body dropped");
        let task = OnDrop("task dropped");
        tokio::spawn(async move {
            let _task = task;
            std::future::pending::<()>().await;
        });
        say("ready");
        std::future::pending::<()>().await;
    }
}

/// It is dropped, and its destructor panics.
pub(crate) mod bad_drop {
    use super::say;

    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in a destructor");
        }
    }

    #[rejoin::main(grace = "100ms")]
    pub(crate) async fn main() {
        let _bomb = Bomb;
        say("ready");
        std::future::pending::<()>().await;
    }
}

/// It never returns.
pub(crate) mod never {
    use super::say;

    #[rejoin::main(grace = "100ms")]
    pub(crate) async fn main() -> ! {
        say("ready");
        loop {
            std::future::pending::<()>().await;
        }
    }
}

/// Its type is hidden.
pub(crate) mod opaque {
    use std::process::{ExitCode, Termination};

    #[rejoin::main(flavor = "multi_thread", worker_threads = 1 + 1)]
    pub(crate) async fn main() -> impl Termination {
        ExitCode::from(4)
    }
}

/// It holds what is not `Send`, and spawns it.
pub(crate) mod local {
    use std::rc::Rc;

    use super::say;

    #[rejoin::main(flavor = "local")]
    pub(crate) async fn main() {
        let shared = Rc::new(42);
        let own = Rc::clone(&shared);
        let task = tokio::task::spawn_local(async move { *own });
        say(format_args!("{} {}", task.await.unwrap(), shared));
        tokio::task::spawn_local(async move {
            rejoin::shutdown_requested().await;
            say(format_args!("drained {shared}"));
        });
    }
}

/// Its clock stands still.
pub(crate) mod paused {
    use std::time::Duration;

    use super::say;

    #[rejoin::main(flavor = "current_thread", start_paused = true)]
    pub(crate) async fn main() {
        tokio::time::sleep(Duration::from_secs(1_000_000)).await;
        tokio::spawn(async {
            tokio::time::sleep(Duration::from_secs(1_000_000)).await;
            say("later");
        });
        say("later");
    }
}

/// It takes an argument, gives a value, and the program goes on after it.
pub(crate) fn called() -> ExitCode {
    mod wrapped {
        use super::super::{gate, say};

        #[rejoin::main]
        pub(super) async fn main(mut words: Vec<&str>) -> Result<(), String> {
            tokio::spawn(async {});
            words.push("called");
            say(words.join(" "));
            drop(words);
            gate::open().await;
            Err("returned".to_owned())
        }
    }
    let outcome = wrapped::main(vec!["it", "is"]);
    say(outcome.unwrap_err());
    // No service runs any more, so a signal ends the program at once.
    say("goes on");
    loop {
        std::thread::park();
    }
}
