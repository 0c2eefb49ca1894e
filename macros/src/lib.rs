//! The attributes of `rejoin`.
