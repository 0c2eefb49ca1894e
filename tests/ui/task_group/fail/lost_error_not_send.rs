//! An error that is bound to its thread cannot travel to the function.
use std::rc::Rc;

#[rejoin::task_group]
async fn fan_out() -> Result<(), Rc<str>> {
    tokio::task::spawn_local(async { Err::<(), _>(Rc::<str>::from("local")) });
    Ok(())
}

fn main() {
    drop(fan_out());
}
