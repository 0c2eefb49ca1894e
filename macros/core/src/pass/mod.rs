//! Syntax in, facts out.

pub mod attrs;
pub mod calls;
pub mod discard;
pub mod groups;
pub mod imports;
pub mod lift;
pub mod params;
pub mod plain;
pub mod signature;
