//! The layer around HTTP services, with real servers and real clients.

#![allow(missing_docs)]

mod common;
#[path = "http/faulty.rs"]
mod faulty;
#[path = "http/hang_up.rs"]
mod hang_up;
#[path = "http/layer.rs"]
mod layer;
#[path = "http/table.rs"]
mod table;
#[path = "http/times.rs"]
mod times;
#[path = "http/wire.rs"]
mod wire;
