//! The largest future that can be spawned, the largest closure and the largest main function, beside the same without rejoin.
//!
//! A stack that overflows ends its process, so each size is tried in a process of its own: this program, as its own child. The
//! stacks are those of a worker (two mebibytes) and of a main thread on Windows (one). What a build copies depends on its
//! profile, so there are two tables:
//!
//! `cargo bench -p rejoin --features main --bench large`, and the same with `--profile dev`; with `-- --save` each table goes into
//! the docs.
#![allow(
    clippy::large_futures,
    clippy::large_stack_arrays,
    reason = "what is measured"
)]

#[path = "measured/mod.rs"]
mod measured;

use std::fmt::Write;
use std::hint::black_box;
use std::process::{Command, Stdio};

use measured::Arguments;
use rejoin::TaskGroup;
use tokio::runtime::Handle;

/// Where a child finds what it is to try.
const CHILD: &str = "REJOIN_LARGE_CHILD";

const STACKS: [usize; 2] = [2 << 20, 1 << 20];

/// A future of a little more than this size.
async fn large<const SIZE: usize>() -> usize {
    let data = [1_u8; SIZE];
    tokio::task::yield_now().await;
    black_box(&data).len()
}

/// A closure of this size.
fn closure<const SIZE: usize>() -> impl FnOnce() -> usize + Send {
    let data = [1_u8; SIZE];
    move || black_box(&data).len()
}

async fn checked<const SIZE: usize>() {
    assert_eq!(large::<SIZE>().await, SIZE);
}

/// With rejoin.
mod ours {
    use super::{Handle, TaskGroup, checked, closure, large};

    #[rejoin::task_group]
    pub(super) async fn held<const SIZE: usize>() {
        let task = tokio::spawn(large::<SIZE>());
        assert_eq!(task.await.expect("no panic"), SIZE);
    }

    #[rejoin::task_group]
    pub(super) async fn discarded<const SIZE: usize>() {
        tokio::spawn(checked::<SIZE>());
    }

    #[rejoin::task_group]
    pub(super) async fn method<const SIZE: usize>() {
        let handle = Handle::current();
        let task = handle.spawn(large::<SIZE>());
        assert_eq!(task.await.expect("no panic"), SIZE);
    }

    #[rejoin::task_group]
    pub(super) async fn blocking<const SIZE: usize>() {
        let task = tokio::task::spawn_blocking(closure::<SIZE>());
        assert_eq!(task.await.expect("no panic"), SIZE);
    }

    pub(super) async fn shield<const SIZE: usize>() {
        assert_eq!(rejoin::shield(large::<SIZE>()).await, SIZE);
    }

    pub(super) async fn explicit<const SIZE: usize>() {
        let group = TaskGroup::<std::io::Error>::new();
        let task = group.spawn(large::<SIZE>());
        assert_eq!(task.await.expect("no panic"), SIZE);
        group.join().await.expect("no error");
    }
}

/// As tokio alone does it.
mod bare {
    use super::{Handle, checked, closure, large};

    pub(super) async fn held<const SIZE: usize>() {
        let task = tokio::spawn(large::<SIZE>());
        assert_eq!(task.await.expect("no panic"), SIZE);
    }

    pub(super) async fn discarded<const SIZE: usize>() {
        tokio::spawn(checked::<SIZE>()).await.expect("no panic");
    }

    pub(super) async fn method<const SIZE: usize>() {
        let handle = Handle::current();
        let task = handle.spawn(large::<SIZE>());
        assert_eq!(task.await.expect("no panic"), SIZE);
    }

    pub(super) async fn blocking<const SIZE: usize>() {
        let task = tokio::task::spawn_blocking(closure::<SIZE>());
        assert_eq!(task.await.expect("no panic"), SIZE);
    }
}

/// A way to spawn, or the main function.
type Way = (&'static str, &'static str);

/// What the rows are called: in a child's orders, and in the table.
const WAYS: &[Way] = &[
    ("held", "a held spawn"),
    ("discarded", "a discarded spawn"),
    ("method", "a spawn by a method, `handle.spawn(…)`"),
    ("blocking", "a blocking closure"),
    ("shield", "`shield` / `tokio::spawn`"),
    ("explicit", "`TaskGroup::spawn` / `tokio::spawn`"),
    #[cfg(feature = "main")]
    ("main", "a main function"),
];

fn block_on(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future);
}

fn run_ours<const SIZE: usize>(way: &str) {
    match way {
        "held" => block_on(ours::held::<SIZE>()),
        "discarded" => block_on(ours::discarded::<SIZE>()),
        "method" => block_on(ours::method::<SIZE>()),
        "blocking" => block_on(ours::blocking::<SIZE>()),
        "shield" => block_on(ours::shield::<SIZE>()),
        "explicit" => block_on(ours::explicit::<SIZE>()),
        _ => panic!("no way is called {way}"),
    }
}

fn run_bare<const SIZE: usize>(way: &str) {
    match way {
        "held" | "shield" | "explicit" => block_on(bare::held::<SIZE>()),
        "discarded" => block_on(bare::discarded::<SIZE>()),
        "method" => block_on(bare::method::<SIZE>()),
        "blocking" => block_on(bare::blocking::<SIZE>()),
        _ => panic!("no way is called {way}"),
    }
}

/// The sizes that are tried, in kibibytes; each has code of its own.
macro_rules! sizes {
    ($($kib:literal)*) => {
        const SIZES: &[usize] = &[$($kib),*];

        fn run(is_ours: bool, way: &str, kib: usize) {
            match (kib, is_ours, way) {
                $(
                    #[cfg(feature = "main")]
                    ($kib, true, "main") => {
                        #[rejoin::main(flavor = "current_thread")]
                        async fn main() {
                            checked::<{ $kib << 10 }>().await;
                        }
                        main();
                    }
                    #[cfg(feature = "main")]
                    ($kib, false, "main") => {
                        #[tokio::main(flavor = "current_thread")]
                        async fn main() {
                            checked::<{ $kib << 10 }>().await;
                        }
                        main();
                    }
                    ($kib, true, way) => run_ours::<{ $kib << 10 }>(way),
                    ($kib, false, way) => run_bare::<{ $kib << 10 }>(way),
                )*
                _ => panic!("{kib} KiB are not tried"),
            }
        }
    };
}
sizes!(16 32 48 64 96 128 160 192 224 256 288 320 352 384 416 448 480 512 576 640 704 768 832 896 960 1024);

/// Tries what the environment says, on a thread with such a stack.
fn child(orders: &str) {
    let mut orders = orders.split(' ');
    let mut next = || orders.next().expect("four words");
    let (is_ours, way) = (next() == "ours", next().to_owned());
    let mut number = || next().parse().expect("a number");
    let (kib, stack): (usize, usize) = (number(), number());
    let thread = std::thread::Builder::new().stack_size(stack);
    let thread = thread.spawn(move || run(is_ours, &way, kib));
    let ended = thread.expect("a thread").join();
    assert!(ended.is_ok(), "it has panicked");
}

/// Whether a child survives this.
fn survives(whose: &str, way: &str, kib: usize, stack: usize) -> bool {
    let program = std::env::current_exe().expect("this program");
    let status = Command::new(program)
        .env(CHILD, format!("{whose} {way} {kib} {stack}"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.expect("a child").success()
}

/// The largest size that does.
fn most(whose: &str, way: &str, stack: usize) -> String {
    let many = SIZES.partition_point(|kib| survives(whose, way, *kib, stack));
    match (many.checked_sub(1).map(|at| SIZES[at]), SIZES.get(many)) {
        (Some(kib), Some(_)) => kib.to_string(),
        (Some(kib), None) => format!("≥ {kib}"),
        (None, _) => format!("< {}", SIZES[0]),
    }
}

fn main() {
    if let Ok(orders) = std::env::var(CHILD) {
        return child(&orders);
    }
    let arguments = Arguments::get();
    let profile = if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    };
    let mut table =
        format!("| {profile}, KiB | on 2 MiB | bare | on 1 MiB | bare |\n|---|---|---|---|---|\n");
    for (way, name) in WAYS.iter().filter(|(way, _)| arguments.pick(way)) {
        let [two, one] = STACKS.map(|stack| ["ours", "bare"].map(|whose| most(whose, way, stack)));
        let row = format!(
            "| {name} | {} | {} | {} | {} |",
            two[0], two[1], one[0], one[1]
        );
        println!("{row}");
        let _ = writeln!(table, "{row}");
    }
    println!("\n{table}");
    arguments.save(&format!("large_{profile}.md"), &table);
}
