//! P1: a function that compiles without our attributes compiles with them, and the types of its expressions stay
//! the same. Every shape here is compiled bare and under each attribute that fits it, run both ways, and compared.
//!
//! A shape's `run` block is compiled once against the bare half and once against each twin; its values are compared
//! by one generic function, so it only compiles where they are of the same type. Where a body spawns, it
//! returns the `type_name_of_val` of its handles too.

// The shapes are odd on purpose, and each is written as its users write it.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    unused_imports,
    unused_braces,
    unused_parens,
    redundant_semicolons,
    clippy::all,
    clippy::pedantic,
    clippy::undocumented_unsafe_blocks
)]

#[macro_use]
#[path = "shapes/support.rs"]
mod support;

#[path = "shapes/blocks.rs"]
mod blocks;
#[path = "shapes/bodies.rs"]
mod bodies;
#[path = "shapes/conditional.rs"]
mod conditional;
#[path = "shapes/discarded.rs"]
mod discarded;
#[path = "shapes/errors.rs"]
mod errors;
#[path = "shapes/friends.rs"]
mod friends;
#[path = "shapes/generated.rs"]
mod generated;
#[path = "shapes/held.rs"]
mod held;
#[path = "shapes/launched.rs"]
mod launched;
#[path = "shapes/lifted.rs"]
mod lifted;
#[path = "shapes/methods.rs"]
mod methods;
#[path = "shapes/names.rs"]
mod names;
#[path = "shapes/receivers.rs"]
mod receivers;
#[path = "shapes/returns.rs"]
mod returns;
#[path = "shapes/sets.rs"]
mod sets;
#[path = "shapes/signatures.rs"]
mod signatures;
#[path = "shapes/traits.rs"]
mod traits;
#[path = "shapes/traps.rs"]
mod traps;
