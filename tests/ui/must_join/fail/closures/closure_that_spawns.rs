//! A task that is started in a closure, and ends with it.
// leak: the job (line 8); exit: the end of the closure (line 10)
async fn job(_: u32) {}

#[rejoin::must_join]
fn start() {
    let begin = |id: u32| {
        let job = tokio::spawn(job(id));
        println!("started {}", job.id());
    };
    begin(1);
}

fn main() {
    if false {
        start();
    }
}
