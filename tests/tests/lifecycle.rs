//! `#[rejoin::main]` from start to exit: real processes, real signals. The services are in `src/bin/service`.
//!
//! Nothing here waits for a time to pass: the services say how far they are, and go on when they are told to.
#![cfg(unix)]

#[path = "lifecycle/bodies.rs"]
mod bodies;
#[path = "lifecycle/drains.rs"]
mod drains;
#[path = "lifecycle/http.rs"]
mod http;
#[path = "lifecycle/keeps.rs"]
mod keeps;
#[path = "lifecycle/policies.rs"]
mod policies;
#[path = "lifecycle/service.rs"]
mod service;
#[path = "lifecycle/stuck.rs"]
mod stuck;
