//! A group that has been dropped is gone: it can neither be joined nor spawned into.
use rejoin::TaskGroup;

async fn fan_out() -> std::io::Result<()> {
    let group = TaskGroup::<std::io::Error>::new();
    drop(group);
    group.join().await
}

fn main() {
    drop(fan_out());
}
