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
//! ```
//!
//! # What the client sees
//!
//! | the panic comes | over HTTP/1.1 | over HTTP/2 | gRPC |
//! |---|---|---|---|
//! | before the response has begun | an empty 500, `Connection: close` | an empty 500; other streams go on | status `INTERNAL` |
//! | while the body streams | the body breaks off, the connection closes | the stream is reset | status `INTERNAL` |
//!
//! Of what the panic said it sees nothing. [`GuardLayer::answer`] puts your own response in place of the empty 500.
//!
//! # Names
//!
//! The report says the request: in the field `request` of the event, in the line on stderr, in
//! [`PanicError::request`](crate::PanicError::request). With the feature `axum`, inside `Router::layer`, that is the method
//! and the route, such as `GET /users/{id}`. Elsewhere it is the method and the path as the client sent it, up to 256
//! characters, without the query. A panic that another guard has caught before (of a task of the handler's group, of
//! a function with `#[guarded]`) was reported there, under the name of that task or function.
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
