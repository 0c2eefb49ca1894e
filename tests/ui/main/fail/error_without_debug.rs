struct Fault;

#[rejoin::main]
async fn main() -> Result<(), Fault> {
    std::future::ready(Err(Fault)).await
}
