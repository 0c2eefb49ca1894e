//! What `#[must_join]` accepts: functions that lose no handle, written as they are found in services. They must compile
//! without a warning, and do what they did.
//!
//! All of them are one program, so that they are linked once; what is refused is in `ui.rs`.

#![deny(warnings)]
#![forbid(unsafe_code)]
#![allow(dead_code, reason = "most of these functions are there to be compiled")]

#[path = "../ui/must_join/pass/actors.rs"]
mod actors;
#[path = "../ui/must_join/pass/clients.rs"]
mod clients;
#[path = "../ui/must_join/pass/closures.rs"]
mod closures;
#[path = "../ui/must_join/pass/collections.rs"]
mod collections;
#[path = "../ui/must_join/pass/containers.rs"]
mod containers;
#[path = "../ui/must_join/pass/detached.rs"]
mod detached;
#[path = "../ui/must_join/pass/divergence.rs"]
mod divergence;
#[path = "../ui/must_join/pass/friends.rs"]
mod friends;
#[path = "../ui/must_join/pass/generics.rs"]
mod generics;
#[path = "../ui/must_join/pass/groups.rs"]
mod groups;
#[path = "../ui/must_join/pass/handlers.rs"]
mod handlers;
#[path = "../ui/must_join/pass/heartbeats.rs"]
mod heartbeats;
#[path = "../ui/must_join/pass/macros.rs"]
mod macros;
#[path = "../ui/must_join/pass/patterns.rs"]
mod patterns;
#[path = "../ui/must_join/pass/pipelines.rs"]
mod pipelines;
#[path = "../ui/must_join/pass/pools.rs"]
mod pools;
#[path = "../ui/must_join/pass/rests.rs"]
mod rests;
#[path = "../ui/must_join/pass/retries.rs"]
mod retries;
#[path = "../ui/must_join/pass/returned.rs"]
mod returned;
#[path = "../ui/must_join/pass/servers.rs"]
mod servers;
#[path = "../ui/must_join/pass/sessions.rs"]
mod sessions;
#[path = "../ui/must_join/pass/shutdown.rs"]
mod shutdown;
#[path = "../ui/must_join/pass/threads.rs"]
mod threads;
#[path = "../ui/must_join/pass/workers.rs"]
mod workers;
