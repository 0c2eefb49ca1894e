//! Services that use `rejoin`, and what they share.
//!
//! [`demo`] is the tour: one service whose handlers exist twice, once as written and once with an attribute, and
//! six things that happen to services. Each scenario returns what it measured, which the report prints and the
//! smoke tests assert. Of the other binaries `shop` is a service as one deploys it, in a folder that stands alone;
//! the rest are one small service each.

pub mod client;
pub mod demo;
pub mod gauge;
pub mod stop;
