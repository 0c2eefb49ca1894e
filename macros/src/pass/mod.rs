//! Syntax in, facts out.

pub(crate) mod attrs;
pub(crate) mod calls;
pub(crate) mod discard;
pub(crate) mod duration;
pub(crate) mod flow;
pub(crate) mod groups;
pub(crate) mod imports;
pub(crate) mod join;
pub(crate) mod lifetimes;
pub(crate) mod lift;
pub(crate) mod params;
pub(crate) mod plain;
pub(crate) mod policy;
pub(crate) mod signature;
pub(crate) mod spawn;
pub(crate) mod tokens;
