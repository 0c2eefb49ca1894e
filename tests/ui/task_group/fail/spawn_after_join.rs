//! A group that has been joined is gone: no task can be spawned into it.
use rejoin::TaskGroup;

async fn fan_out() -> std::io::Result<()> {
    let group = TaskGroup::<std::io::Error>::new();
    group.join().await?;
    group.launch(async {});
    Ok(())
}

fn main() {
    drop(fan_out());
}
