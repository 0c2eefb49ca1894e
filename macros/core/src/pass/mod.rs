//! Syntax in, facts out.

pub mod attrs;
pub mod calls;
pub mod discard;
pub mod duration;
pub mod groups;
pub mod imports;
pub mod lift;
pub mod params;
pub mod plain;
pub mod policy;
pub mod signature;
pub mod spawn;
pub mod tokens;
