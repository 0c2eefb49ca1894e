//! A module in a module, with its own imports.
// leak: the job (line 17); exit: the `?` (line 18)
#[rejoin::must_join]
mod outer {
    pub mod inner {
        use std::io;

        use tokio::task::spawn as start;

        async fn job() {}

        async fn step() -> io::Result<()> {
            Ok(())
        }

        pub async fn run() -> io::Result<()> {
            let job = start(job());
            step().await?;
            job.await?;
            Ok(())
        }
    }
}

fn main() {
    drop(outer::inner::run());
}
