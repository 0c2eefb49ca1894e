//! anyio: `tests/test_taskgroups.py`.

mod cancel;
mod deadline;
mod groups;
mod handles;
mod shield;
