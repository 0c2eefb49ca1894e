//! Structured, panic-safe concurrency for tokio.
