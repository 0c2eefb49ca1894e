//! Pages beside the reference: how to adopt rejoin, how a service shuts down, what it costs, and what it promises beside
//! others.

#[doc = include_str!("../docs/adopting.md")]
pub mod adopting {}

#[doc = include_str!("../docs/benchmarks.md")]
#[doc = include_str!("../docs/measured/versus.md")]
#[doc = include_str!("../docs/benchmarks/targets.md")]
#[doc = include_str!("../docs/measured/cost.md")]
#[doc = include_str!("../docs/measured/cost.svg")]
#[doc = include_str!("../docs/benchmarks/cancel.md")]
#[doc = include_str!("../docs/measured/cancel.md")]
#[doc = include_str!("../docs/measured/cancel.svg")]
#[doc = include_str!("../docs/benchmarks/memory.md")]
#[doc = include_str!("../docs/measured/memory.md")]
#[doc = include_str!("../docs/measured/memory.svg")]
#[doc = include_str!("../docs/benchmarks/sizes.md")]
#[doc = include_str!("../docs/measured/sizes.md")]
#[doc = include_str!("../docs/benchmarks/large.md")]
#[doc = include_str!("../docs/measured/large_release.md")]
#[doc = include_str!("../docs/measured/large_debug.md")]
#[doc = include_str!("../docs/benchmarks/compile.md")]
#[doc = include_str!("../docs/measured/check.md")]
#[doc = include_str!("../docs/benchmarks/depth.md")]
#[doc = include_str!("../docs/measured/depth.md")]
#[doc = include_str!("../docs/benchmarks/build.md")]
#[doc = include_str!("../docs/measured/build.md")]
#[allow(
    clippy::doc_markdown,
    reason = "the tables are as the benches print them"
)]
pub mod benchmarks {}

#[doc = include_str!("../docs/conformance.md")]
#[doc = include_str!("../docs/conformance/go.md")]
#[doc = include_str!("../docs/conformance/conc.md")]
#[doc = include_str!("../docs/conformance/trio.md")]
#[doc = include_str!("../docs/conformance/anyio.md")]
#[doc = include_str!("../docs/conformance/asyncio.md")]
#[doc = include_str!("../docs/conformance/kotlin.md")]
#[doc = include_str!("../docs/conformance/java.md")]
#[doc = include_str!("../docs/conformance/swift.md")]
#[doc = include_str!("../docs/conformance/otp.md")]
#[doc = include_str!("../docs/conformance/tokio.md")]
pub mod conformance {}

#[doc = include_str!("../docs/shutdown.md")]
pub mod shutdown {}
