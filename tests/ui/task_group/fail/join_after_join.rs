//! A group that has been joined is gone: it cannot be joined again.
use rejoin::TaskGroup;

async fn fan_out() -> std::io::Result<()> {
    let group = TaskGroup::<std::io::Error>::new();
    group.join().await?;
    group.join().await
}

fn main() {
    drop(fan_out());
}
