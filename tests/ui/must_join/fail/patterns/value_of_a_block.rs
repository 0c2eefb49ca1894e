//! Or that of a block.
// leak: the job (line 9); exit: the end of the function (line 12)
async fn job(_: u32) {}

#[rejoin::must_join]
async fn run() {
    let job = {
        let id = 7;
        tokio::spawn(job(id))
    };
    println!("{}", job.id());
}

fn main() {
    drop(run());
}
