//! Go: conc.

mod panics;
mod pools;
mod results;
mod wait_group;
