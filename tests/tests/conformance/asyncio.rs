//! asyncio: `Lib/test/test_asyncio/test_taskgroups.py`.

mod failures;
mod tasks;
