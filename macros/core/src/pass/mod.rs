//! Syntax in, facts out.

pub mod groups;
pub mod lift;
pub mod params;
pub mod signature;
