//! What other libraries promise of their tasks, and how they test it, asked of rejoin: a module a peer. Each test here
//! checks what the tests check that its row on the page names, which is `runtime/docs/conformance.md` and the files of
//! its folder. `conformance_page.rs` keeps the two together.

#![allow(missing_docs)]

mod common;

mod conformance {
    mod anyio;
    mod asyncio;
    mod conc;
    mod go;
    mod java;
    mod kotlin;
    mod support;
    mod swift;
    mod tokio;
    mod trio;
}
