//! The attributes of [rejoin](https://docs.rs/rejoin). Use them through that crate.

use proc_macro::TokenStream;

/// Handlers and workers: a panic becomes the function's return value, and every task it starts is owned.
///
/// ```
/// # async fn send_mail(_: u32) {}
/// # async fn store(_: u32) -> std::io::Result<()> { Ok(()) }
/// #[rejoin::guarded]
/// async fn sign_up(user: u32) -> std::io::Result<()> {
///     assert_ne!(user, 0, "nobody has number 0");
///     store(user).await?;
///     tokio::spawn(send_mail(user)); // outlives the handler; owned, reported, drained at shutdown
///     Ok(())
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let error = sign_up(0).await.unwrap_err();
/// assert!(error.to_string().contains("nobody has number 0"));
/// # rejoin::root().join(std::time::Duration::from_secs(1)).await;
/// # }
/// ```
///
/// The signature and the type of every expression stay what they were: `tokio::spawn(f)` still gives tokio's `JoinHandle`.
///
/// # Options
///
/// | option | values | default |
/// |---|---|---|
/// | `on_panic` | `"recover"`: the panic becomes the return value · `"unwind"`: it goes on, only the spawns are rewritten · `"abort"`: it is reported and the process ends · `"abort after 5 in 60s"`, `"shutdown"`: see [below](#a-policy-of-its-own) | `"recover"`; on an `impl`, a trait or a `mod` `"unwind"` |
/// | `or` | the value to return after a panic, or a closure that is handed the `PanicError` | [`FromPanic`] of the return type |
/// | `name` | what its tasks are called in reports | the function's path |
/// | `crate` | the path of rejoin, where it is renamed or re-exported | `::rejoin` |
///
/// ```
/// #[rejoin::guarded(or = |panic| format!("sorry: {}", panic.message()))]
/// fn greet(name: &str) -> String {
///     assert!(!name.is_empty(), "no name");
///     format!("hello {name}")
/// }
/// assert_eq!(greet(""), "sorry: no name");
/// ```
///
/// `or` is evaluated after the body. A parameter that only `or` names is kept for it; one that both name must be `Copy`
/// or behind a `&`, as the body owns it. Behind `&mut` (`or = self.to` in a method with `&mut self` that uses `self`) it
/// is a compile error: write a value without it, or recover in the function that owns it.
///
/// # Where it goes
///
/// On an `async fn`, a `fn`, or a method, also in a trait impl and under or over `#[async_trait]`. In a function that
/// returns a future (`impl Future`, `Pin<Box<dyn Future>>`, `BoxFuture`) the future is guarded, and not only the call.
/// A function that returns `impl IntoResponse`, or a future of one, returns axum's `Response` (feature `axum`).
///
/// Parameters are inside of the guard, also those that the body does not name: a panic poisons the `MutexGuard` that one
/// holds, and a destructor of one that panics is recovered. They are dropped in the order of the bare function. An
/// attribute *below* that reads them, as `#[tracing::instrument]` does, sees the patterns as written; what such a pattern
/// leaves unbound (`(a, _)`, `..`) is dropped outside.
///
/// An `async fn` becomes a `fn` that returns its guarded future, and documentation shows it so: that saves the second copy
/// of the arguments which an `async fn` keeps, and lets 31 such functions nest before rustc no longer proves that the
/// outermost is `Send`. It stays an `async fn` where an attribute below reads it, where it returns an `impl Trait` or a
/// macro, where it is `unsafe`, where `or` names a parameter, and under `#[must_use]` and `#[expect]`.
///
/// On an `impl` block, a trait, or an inline `mod` it means every function inside, and there bare means
/// `on_panic = "unwind"`. Left alone are `#[test]`-like functions, `#[cfg(test)]` items, `Drop::drop`, `const` and
/// `extern` functions, and functions that have an attribute of rejoin of their own.
///
/// A return type that cannot hold a panic does not compile, and the message names the ways out. `on_panic = "unwind"`
/// fits every function and costs nothing: it can be put on all functions of a crate. Such a function does not own its panics:
/// they are reported by the task, the group or the recovering function around it, and where there is none as `unowned`.
///
/// # Its tasks
///
/// A task belongs to the scope around the *caller at run time*: the nearest open [`#[task_group]`](macro@task_group),
/// else the root. It is reported when it panics, named after the function, and waited for by its scope, *not* by this
/// function. A task whose handle is discarded and that returns an `Err` has it reported; a handle that you keep has the
/// outcome, as always.
///
/// # Which spawns are seen
///
/// A call is rewritten only where it is certain what it is. Seen are
///
/// | form | example |
/// |---|---|
/// | a path in full | `tokio::spawn(f)`, `tokio::task::{spawn, spawn_blocking, spawn_local}`, `std::thread::spawn(f)`, `rejoin::spawn(f)` |
/// | a path through a `use`, in the function, in the annotated `mod`, at the head of the file or in a module around | `use tokio::{spawn, task};` and `spawn(f)`, `task::spawn_blocking(f)` |
/// | the handle of the current runtime | `Handle::current().spawn(f)` |
/// | a method, by the type of its receiver: a `JoinSet`, a `TaskTracker`, a `LocalSet`, a `Handle` or a `Runtime` of tokio, also behind a reference, a `Box`, an `Arc`, an `Rc` or a lock guard | `set.spawn(f)`, `self.rt.spawn_blocking(f)` |
///
/// Names resolve as in the compiler: a local, a parameter or an item of the function hides an import, and a module or an
/// import that is called `tokio` is not the crate. A `use` at the head of the file is found in the file; where there is no
/// file to read, as for a function that another macro has made, such a call stays as it was. So does one whose name means
/// different things under different `#[cfg]`s, as where a simulator is imported in place of tokio: an attribute cannot tell
/// which of them holds. The receiver of a method is a variable or a field: `rt.handle().spawn(f)` and `v[0].spawn(f)` stay as
/// they are written, and so does a call whose receiver is of any other type. Not seen either: `std::thread::Builder`, and a
/// function that is used as a value (`.map(tokio::spawn)`).
///
/// A future or a closure that is too large for a stack is boxed before it is handed on, as by tokio. A method names the type
/// of what it is given, so there it is not: a future of hundreds of KiB goes to `tokio::spawn`, or in a `Box::pin`. The
/// [benchmarks](https://docs.rs/rejoin/latest/rejoin/docs/benchmarks/index.html#large-futures) have the sizes.
///
/// Closures and async blocks are read, nested `fn` items are not. Of macros, the input of `select!`, `join!`,
/// `try_join!`, `vec!` and of the formatting and assertion macros is read; the expansion of any other macro is not. A
/// spawn that is not seen stays as it was, and belongs to the root if the function that makes it is annotated.
///
/// # Held and discarded
///
/// A spawn is *discarded* where nothing can observe its value: as a statement, under `let _ =`, `_ =` or a `_name` that is
/// never mentioned, under a wildcard in any pattern, in `drop(…)` or `mem::forget(…)`, and as the value of a block, a
/// branch, an arm, a `break` or a closure that is itself discarded. Everywhere else it is *held*, and the outcome is that
/// of its handle. A `JoinSet` holds its tasks; a `TaskTracker`, a `Handle`, a `Runtime` and a `LocalSet` hold none, so
/// that `tracker.spawn(f);` is discarded as `tokio::spawn(f);` is. The type of a receiver is seen behind references, `Box`,
/// `Rc`, `Arc`, `LazyLock` and lock guards, and behind nothing else. A task on another runtime belongs to the scope of the
/// caller too. The tasks of a `JoinMap` are not tracked: it gives no handle by which a group could abort them.
///
/// Held, although nothing looks at the handle, and so a hole: a handle in a variable with a plain name that nothing mentions
/// (rustc says that it is unused) or that is dropped later; a handle that a method has looked at and that is then dropped
/// (`spawn(f).is_finished();`); one in a struct literal, in a `for _ in [spawn(f)]` or in an iterator that is dropped; one that
/// is assigned to a `_name` after its `let`; and the value of a closure that is called by its name, of a function that is
/// given a closure or a block, and of a block in `join!`. `#[must_join]` refuses most of them.
///
/// An output in which a `Result` is only a part, as in `(r, 1)`, `vec![r]` or the value of `join!(a, b)`, is no `Result`: its
/// `Err` is dropped with it.
///
/// # After a panic
///
/// What the function changed behind a `&mut`, a lock or an atomic stays changed, perhaps half-way: a `std` mutex is
/// poisoned, a `tokio` or `parking_lot` one is not. Locals and arguments are dropped. Recover where the state that
/// remains visible is small or checked, as in a request handler; let a task that owns much state unwind, and start it anew.
///
/// # A policy of its own
///
/// A function can be stricter than the policy of the process ([`set_panic_policy`], `REJOIN_ON_PANIC`), never milder:
///
/// | `on_panic` | a panic of this function |
/// |---|---|
/// | `"abort"` | ends the process, as soon as it was reported |
/// | `"abort after 5 in 60s"` | the fifth within 60 seconds ends the process |
/// | `"shutdown"` | requests a shutdown of the process |
///
/// What becomes of a panic that does not end the process is what it would be without: it is recovered, in an `impl`, a
/// trait or a `mod` it unwinds. `"unwind, abort after 5 in 60s"` and `"recover, shutdown"` say both. Each function has a
/// count of its own, the calls of all threads together, and those of a generic function whatever its types; also where
/// one attribute stands on a whole `mod`. Counted is what panics in the function itself, also through others that it
/// calls, and not in the tasks that it starts.
///
/// ```
/// # use std::io;
/// # fn look_up(_: &str) -> u32 { 7 }
/// // One order that cannot be priced is one order; five in a minute are a broken price list.
/// #[rejoin::guarded(on_panic = "abort after 5 in 60s")]
/// async fn price(item: String) -> io::Result<u32> {
///     Ok(look_up(&item))
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// # assert_eq!(price("pen".to_owned()).await.unwrap(), 7);
/// # }
/// ```
///
/// # Costs
///
/// The guard takes the place of the function's own future: about 1 ns a call, 24 bytes, and one step of the 128 in which
/// rustc must prove that a future is `Send`. 31 guarded functions can call each other, where 41 bare ones can. An editor
/// shows such a function as the `fn … -> impl Future<Output = T>` that it has become; callers, traits and the
/// documentation see no difference.
///
/// Who could see one is spared: with another attribute macro below this one, with `#[must_use]` or `#[expect]`, with
/// `impl Trait`, a macro or `!` in the return type, where it is `unsafe`, and where `or` mentions an argument, the
/// function stays an `async fn` that awaits its guard. That is two steps more, so that 20 can call each other. A lint of
/// clippy's that looks at how a function is written may not fire on a guarded one; an `#[expect]` of it stays silent.
///
/// `or` cannot use the arguments by value: the body owns them.
///
/// # Panics
///
/// Under `panic = "abort"` nothing can be caught; see [`CATCHES_PANICS`].
///
/// [`FromPanic`]: https://docs.rs/rejoin/latest/rejoin/trait.FromPanic.html
/// [`CATCHES_PANICS`]: https://docs.rs/rejoin/latest/rejoin/constant.CATCHES_PANICS.html
/// [`set_panic_policy`]: https://docs.rs/rejoin/latest/rejoin/fn.set_panic_policy.html
#[proc_macro_attribute]
pub fn guarded(args: TokenStream, item: TokenStream) -> TokenStream {
    rejoin_macros_core::guarded(args.into(), item.into()).into()
}

/// Structured concurrency: the function returns when its body and every task of its group have ended, and the first
/// failure cancels the rest.
///
/// ```
/// # use std::io;
/// # async fn fetch(url: &str) -> io::Result<usize> { if url == "down" { Err(io::ErrorKind::TimedOut.into()) } else { Ok(url.len()) } }
/// #[rejoin::task_group]
/// async fn warm_up(urls: Vec<&'static str>) -> io::Result<()> {
///     for url in urls {
///         tokio::spawn(async move {
///             fetch(url).await?;
///             io::Result::Ok(())
///         });
///     }
///     Ok(())
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// assert!(warm_up(vec!["a", "b"]).await.is_ok());
/// let error = warm_up(vec!["a", "down", "b"]).await.unwrap_err();
/// assert_eq!(error.kind(), io::ErrorKind::TimedOut); // and no task is left
/// # }
/// ```
///
/// A task is *held* when its handle is used as a value: the outcome, `Err` and panic alike, is that of the handle alone. It
/// is *discarded* when [nothing can observe the handle](macro@guarded#held-and-discarded): then an `Err` or a panic fails
/// the group. Either way the group waits for the task. The tasks of its tasks belong to it, too.
///
/// The body's locals and *all* arguments are dropped before the group waits, so that a child which waits for a channel to
/// close does not wait for ever.
///
/// # Options
///
/// | option | values | default |
/// |---|---|---|
/// | `limit` | at most so many tasks spawned by the body at once | none |
/// | `deadline` | `"2s"`, `"1m 30s"`, or an expression of type `Duration`; the error needs a `From<DeadlineExceeded>` | none |
/// | `grace` | how long cancelled tasks may take before they are aborted; a group inside has its own | zero |
/// | `warn_after` | how long the group waits before the tasks still alive are reported, at least a millisecond | `"10s"` |
/// | `on_failure` | `"cancel"` · `"collect"`: all run to the end, and the function returns `Result<T, Errors<E>>` · `"isolate"`: a failure is reported and touches nobody | `"cancel"` |
/// | `on_panic` | `"unwind"` · `"recover"`, as if [`#[guarded]`](macro@guarded) stood outside · `"abort"`, `"abort after 5 in 60s"`, `"shutdown"`, `"abort if unjoined for 30s"`: see [below](#a-panic-of-the-group) | `"unwind"`, after everyone was joined, where the error has no `From<PanicError>` |
/// | `token` | a `CancellationToken` that cancels the group | none |
/// | `name` | what the group and its tasks are called in reports | the function's path |
/// | `crate` | the path of rejoin, where it is renamed or re-exported | `::rejoin` |
///
/// Expressions are evaluated before the body, and can use the arguments: `limit = jobs.len()`.
///
/// # Failure
///
/// The first failure cancels the siblings and the body at once; everyone is joined; then it is returned, as `?` would, or
/// as a panic where the error cannot hold one. Later failures are reported. Of failures at the same time a panic goes before
/// an error, and a task before the body. An error that says, or whose sources say, that a task or a group was cancelled
/// never goes before what has cancelled this group. An error that the function cannot take does not compile, at the spawn:
///
/// ```compile_fail
/// # async fn fetch() -> std::io::Result<()> { Ok(()) }
/// #[rejoin::task_group]
/// async fn lost() {
///     tokio::spawn(fetch()); // the error of this task would be lost
/// }
/// ```
///
/// Keep the handle, return a `Result`, handle the error in the task, or say `on_failure = "isolate"`. Not seen are a
/// future whose type is a generic parameter of the function, and the output of a bare `impl Trait`.
///
/// With `"collect"` the body's `?` takes an `E`, while the function returns `Errors<E>`.
///
/// A function that returns the handle of its own task, alone or in a tuple, a struct or an `Option`, or stores it behind
/// `self` or another argument, does not compile as a group: the task has ended before the handle could be used, and a task
/// that does not end by itself, such as an accept loop, would keep the function for ever.
///
/// ```compile_fail
/// # use tokio::{net::TcpListener, task::JoinHandle};
/// # async fn answer(_: tokio::net::TcpStream) {}
/// #[rejoin::task_group]
/// async fn start_server(listener: TcpListener) -> JoinHandle<()> {
///     tokio::spawn(async move {
///         while let Ok((connection, _)) = listener.accept().await {
///             answer(connection).await;
///         }
///     })
/// }
/// ```
///
/// Make the caller the owner of the task, by `rejoin::root().spawn(…)`, by `rejoin::detach(handle, "reason")`, or by
/// [`#[guarded]`](macro@guarded) instead of the group. Seen is what the body itself stores. A task of a `JoinSet` behind an
/// argument or in the value of the function, a handle that is passed to a constructor (`Server::new(handle)`) or sent
/// through a channel, and an `AbortHandle` are not: there the group waits without a word at compile time, and `warn_after`
/// names the task.
///
/// # Executors inside the group
///
/// A body can drive an executor: a `LocalSet` by `run_until`, a nested runtime by `block_on` in a blocking closure, a
/// `FuturesUnordered`, the `LocalPool` of `futures`. What belongs to the group then:
///
/// | code | what it spawns belongs to |
/// |---|---|
/// | the future that is given to `run_until` or to `block_on` | the group |
/// | a task of a `LocalSet` that annotated code or `rejoin::spawn_local` has spawned | the group of the code that spawned it |
/// | a raw task of a `LocalSet` or of a nested runtime, spawned by code that nobody annotated | the root, whoever drives it |
/// | a future without a task of its own, in `join!`, a `FuturesUnordered` or a `LocalPool` | the scope of the code that polls it; handed on, the next one's |
///
/// A raw task is not cancelled with the group that drives it either, and does not see the deadline: for rejoin it is outside,
/// as on any other runtime.
///
/// ```
/// # use tokio::task::LocalSet;
/// #[rejoin::task_group]
/// async fn draw(windows: LocalSet) {
///     windows
///         .run_until(async {
///             tokio::task::spawn_local(async { /* a task of this group */ });
///         })
///         .await;
///     // The raw tasks that `windows` had before are not waited for: they go with the set.
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// # let windows = LocalSet::new();
/// # windows.spawn_local(std::future::pending::<()>());
/// # draw(windows).await;
/// # }
/// ```
///
/// # A panic of the group
///
/// A group can be stricter than the policy of the process, as [a function](macro@guarded#a-policy-of-its-own) can, with the
/// same words: they mean each panic of its body and of its discarded tasks, and count them over all calls. They take effect
/// at once, before the group has come home. A held task gives its panic to its handle, and is not counted. For an accept
/// loop, `on_failure = "isolate", on_panic = "abort after 5 in 60s"` makes one bad connection nobody's trouble, and five
/// in a minute a fault of the server.
///
/// With `"abort if unjoined for 30s"`, alone or after another policy and a comma, the process ends if this group has not come
/// home 30 seconds after a panic has cancelled it: a task that never awaits would keep the service half alive. The last
/// report names the panic, and who is still alive.
///
/// # Cancellation
///
/// It is a ladder. (1) The group's token: `rejoin::cancelled().await` and `rejoin::is_cancelled()` see it. (2) After
/// `grace`, what remains is aborted at its next await. (3) Blocking tasks and threads cannot be aborted: the group waits
/// for them. (4) Waiting for longer than `warn_after` is reported, with name, spawn site, age and kind of each task alive.
///
/// It waits also for the tasks of a runtime or a `LocalSet` that nobody drives any more, until that is driven again or
/// dropped: one that the body owns is dropped with it, one that is kept elsewhere is not.
///
/// A task that is spawned into a cancelled group is never polled, and reported once for each place that spawns: what has to
/// run all the same, such as a rollback in a destructor, is for `rejoin::shield`. Cancellation *from outside* (the deadline, the token, the
/// root) drops the body only where the function can say so, by an error with `From<Cancelled>`; otherwise the children are
/// cancelled and the body runs on. A `deadline` and a `grace` need a runtime with its timer enabled.
///
/// # Limits
///
/// With `limit` the body waits for a free place *before* the innermost statement that spawns, so that memory stays flat over
/// a million items. In closures, where nothing can be awaited, the task is made at once and waits for its place before it
/// begins. Tasks of tasks take no place, nor do threads or the tasks of a `JoinSet`. A body that stops reading what its
/// own tasks wait to write can still lock up:
///
/// ```text
/// #[rejoin::task_group(limit = 8)]
/// async fn lines(files: Vec<File>) -> u64 {
///     let (tx, mut rx) = mpsc::channel(1);
///     for file in files {
///         let tx = tx.clone();
///         tokio::spawn(count(file, tx)); // the ninth waits here for a place,
///     }
///     drop(tx);
///     sum(&mut rx).await // and nobody reads what the first eight send
/// }
/// ```
///
/// Read in a task of its own, or before the next spawn.
///
/// # Cancel safety
///
/// When the function's future is dropped half-way, its tasks are cancelled and aborted in that drop, and the scope around
/// waits for those still stopping. The body is dropped at its await, as that of any `async fn`.
///
/// # Which spawns are seen
///
/// As under [`#[guarded]`](macro@guarded). Stacked with it, in either order, the spawns belong to the group and the guard
/// stands outside. Above `#[tokio::main]`, `#[tokio::test]` and `#[async_trait]`'s methods it sees the `async fn`; below
/// the first two it says so.
///
/// # Costs
///
/// The group takes the place of the function's own future, as [`#[guarded]`](macro@guarded) does, unless an option
/// mentions an argument or `on_failure` is `"collect"`: 31 groups can be nested, where 41 bare functions can. It is opened
/// by the first poll. While it waits it holds the body's value: a function whose value is not `Send`, or is generic and not
/// said to be, has a future that is not.
#[proc_macro_attribute]
pub fn task_group(args: TokenStream, item: TokenStream) -> TokenStream {
    rejoin_macros_core::task_group(args.into(), item.into()).into()
}

/// Every handle of a task joined on every path, or it does not compile.
#[doc = include_str!("../docs/must_join.md")]
#[proc_macro_attribute]
pub fn must_join(args: TokenStream, item: TokenStream) -> TokenStream {
    rejoin_macros_core::must_join(args.into(), item.into()).into()
}

/// A service, from start to exit: a runtime, the signals that ask it to stop, and an orderly end.
///
/// ```no_run
/// # use std::{io, time::Duration};
/// # async fn keep_warm() {}
/// # async fn answer(_: tokio::net::TcpStream) {}
/// #[rejoin::main(grace = "20s")]
/// async fn main() -> io::Result<()> {
///     tokio::spawn(keep_warm()); // owned by the root, reported by name
///     let listener = tokio::net::TcpListener::bind("0.0.0.0:8080").await?;
///     loop {
///         tokio::select! {
///             connection = listener.accept() => {
///                 tokio::spawn(answer(connection?.0));
///             }
///             () = rejoin::shutdown_requested() => return Ok(()), // SIGTERM, Ctrl-C
///         }
///     }
/// }
/// ```
///
/// It does what `#[tokio::main]` does, on the same return types. Before the body begins, it opens the root and listens to
/// SIGTERM and SIGINT (on Windows to Ctrl-C). Such a signal *requests* a shutdown and cancels nothing:
/// `rejoin::shutdown_requested()` resolves, accept loops stop, what is in flight goes on. The end of the body requests it
/// too. Then:
///
/// 1. *Drain*: the body and every task of the root have `grace` to end.
/// 2. *Cancel*: what has not ended is cancelled and aborted, and the body is dropped.
/// 3. *Join*: a second later those still alive are named, and the process exits.
///
/// The locals of `main` are dropped when its body ends, before the drain. What the drain itself needs, such as the guard of a
/// log writer, is for `rejoin::keep_until_exit(guard)`.
///
/// A second signal exits at once. The page [`rejoin::docs::shutdown`] has the exit codes, and shows how axum, tonic and queues
/// fit in.
///
/// # Options
///
/// | option | values | default |
/// |---|---|---|
/// | `grace` | how long a shutdown may drain: `"20s"`, or an expression of type `Duration` | `"25s"`, below Kubernetes' 30 |
/// | `name` | what the main function and its tasks are called in reports | the function's path |
/// | `flavor` | `"multi_thread"` · `"current_thread"` · `"local"`, where tokio has a `LocalRuntime` | `"multi_thread"` |
/// | `worker_threads` | how many threads the runtime has; an expression may say it | one a core |
/// | `start_paused` | with `"current_thread"`: whether tokio's clock stands still (tokio's feature `test-util`). The grace is real time all the same | `false` |
/// | `crate` | the path of rejoin, where it is renamed or re-exported | `::rejoin` |
///
/// Those of tokio mean what they mean there, except for `name`, which there is the runtime's. Its `unhandled_panic` is
/// unstable, and there is no need for it: each panic is reported.
///
/// # Where it goes
///
/// On an `async fn main`, also one in a module that a plain `main` calls. Not on other functions: the attribute ends the
/// process. `#[task_group]` and `#[guarded]` may stand over or under it. It needs the feature `main` of `rejoin`.
///
/// The spawns of its body are treated as those of [`#[guarded(on_panic = "unwind")]`](macro@guarded).
///
/// # Panics
///
/// A panic of the body is reported at once, starts the same shutdown, and then leaves the main function: exit code 101.
/// Where the system gives no runtime or no signals, that is a panic as well.
///
/// [`rejoin::docs::shutdown`]: https://docs.rs/rejoin/latest/rejoin/docs/shutdown/index.html
#[proc_macro_attribute]
pub fn main(args: TokenStream, item: TokenStream) -> TokenStream {
    rejoin_macros_core::main(args.into(), item.into()).into()
}

/// What `#[rejoin::main]` is without the feature that it needs.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn main_without_feature(_args: TokenStream, item: TokenStream) -> TokenStream {
    rejoin_macros_core::main_without_feature(item.into()).into()
}
