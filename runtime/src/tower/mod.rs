//! A layer around an HTTP or gRPC service: it contains, names and times its requests.
//!
//! [`GuardLayer`] goes around the whole service: an axum `Router`, a tonic `Server`, a stack of [tower] layers, a plain
//! hyper service. A panic anywhere in it ends one request, is reported once, with that request, and the client gets an
//! answer. `#[guarded]` on a handler knows more, since it can give a panic the handler's own error type; the layer sees
//! what no attribute can: extractors, other layers, streamed bodies.
//!
//! ```
//! use axum::{Router, routing::get};
//! use rejoin::tower::GuardLayer;
//!
//! let app: Router = Router::new()
//!     .route("/users/{id}", get(|| async { "Ada" }))
//!     .layer(GuardLayer::new());
//!
//! let server = tonic::transport::Server::builder().layer(GuardLayer::new());
//! ```
//!
//! # What the client sees
//!
//! | the panic comes | over HTTP/1.1 | over HTTP/2 | gRPC |
//! |---|---|---|---|
//! | before the response has begun | an empty 500, `Connection: close` | an empty 500; other streams go on | status `INTERNAL` |
//! | while the body streams | the body breaks off, the connection closes | the stream is reset | status `INTERNAL` |
//!
//! Of what the panic said it sees nothing. [`GuardLayer::answer`] puts your own response in place of the empty 500. A
//! deliberate abort ([`abort_handler`](crate::abort_handler)) passes the layer unreported, and the server breaks off.
//!
//! # Names
//!
//! The report says the request: in the field `request` of the event, in the line on stderr, in
//! [`PanicError::request`](crate::PanicError::request). With the feature `axum`, inside `Router::layer`, that is the method
//! and the route, such as `GET /users/{id}`. Elsewhere it is the method and the path as the client sent it, up to 256
//! characters, without the query. It is told beside the name of the task or function, where the panic has one: in a
//! function with `#[guarded]`, in the tasks of the handler's groups and of the groups inside them. A task in the background,
//! which belongs to the root, outlives the request and does not have it.
//!
//! # Time
//!
//! With the feature `tracing`, and where somebody listens to the target `rejoin::request` at the level `DEBUG`, a request
//! has a span `request` with the fields `method` and `route` (or `path`), which the tasks of its handler inherit. At the
//! end of the body comes an event with these and with `status`, `elapsed_ms` and `outcome`: `answered`, `panicked`,
//! `failed` (the service or the body gave an error) or `dropped` (half-way; as a rule, the client has gone). Nobody looks
//! at the clock otherwise.
//!
//! # Tasks of a request
//!
//! The layer opens no scope. When a client hangs up, the server drops the request's future, and with it the task groups
//! of the handler: they cancel their tasks. What a handler with `#[guarded]` has spawned belongs to the scope around the
//! service, in the end to the [root](crate::root()), and goes on.
//!
//! # What it does not see
//!
//! What leaves the request behind. A panic in it is still reported, by [`on_panic`](crate::on_panic) too, but ends whatever
//! task it is in:
//!
//! - A connection that was upgraded: axum runs the callback of a `WebSocketUpgrade` in a task of its own. `#[guarded]` on the
//!   function that it calls contains and names it.
//! - A service under tower's `Buffer`: its `poll_ready` and `call` run in a task of the buffer's, and a panic there closes the
//!   buffer for good. So the layer goes below the buffer, and, for what is above, around it once more: two of them tell a
//!   panic once.
//!
//! # Beside tower-http's `CatchPanicLayer`
//!
//! What the client sees, over HTTP/1.1 and, where that differs, over HTTP/2; a test asks both layers. `closes` means a
//! `Connection: close` over HTTP/1.1. Each panic in the last column has a report with the request, but for `poll_ready`,
//! which comes before there is one; what is done on purpose has none.
//!
//! | it panics in | `CatchPanicLayer` | `GuardLayer` |
//! |---|---|---|
//! | nowhere | 200 `hello` | 200 `hello` |
//! | `poll_ready` | no reply | 500, closes |
//! | `call` | 500 `Service panicked` | 500, closes |
//! | the handler | 500 `Service panicked` | 500, closes |
//! | a task of the handler's `#[task_group]` | 500 `Service panicked` | 500, closes |
//! | the handler, then its destructor | no reply | 500, closes |
//! | the handler, with a payload whose destructor panics | no reply | 500, closes |
//! | the handler, on purpose (`abort_handler`) | 500 `Service panicked` | no reply |
//! | the handler's destructor, when the client has hung up | unwinds through the server | contained |
//! | the custom answer | no reply | 500, closes |
//! | the body, at its first frame | no reply; HTTP/2: 200 ``, broken off | no reply |
//! | the body, half-way | 200 `he`, broken off | 200 `he`, broken off |
//! | the body, half-way, on purpose | 200 `he`, broken off | 200 `he`, broken off |
//! | the body's `size_hint` | no reply | 200 `hello` |
//! | the body's `is_end_stream` | no reply | 200 `hello` |
//! | the body's destructor | no reply; HTTP/2: 200 `hello` | 200 `hello` |
//!
//! At its first frame a server has sent nothing yet of the response that it already has, and cannot take it back: hyper
//! closes the connection. Where the body breaks off with either layer, it is the server's own task that dies under the
//! other one: of HTTP/1.1 the connection, of HTTP/2 the stream, and the panic is nobody's.
//!
//! A panic in a destructor that runs because of another panic ends the process, whatever is around it; so does every panic
//! under `panic = "abort"`.
//!
//! [tower]: https://docs.rs/tower

mod answer;
mod asked;
mod body;
mod future;
mod grpc;
mod service;
mod watch;

pub use answer::{Answer, InternalServerError};
pub use body::GuardBody;
pub use future::GuardFuture;
pub use service::{Guard, GuardLayer};
