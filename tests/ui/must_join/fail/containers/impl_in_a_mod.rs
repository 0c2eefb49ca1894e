//! And what is in the blocks inside.
// leak: the beat (line 13); exit: the end of the method (line 15)
#[rejoin::must_join]
mod heart {
    use tokio::task;

    pub struct Heart;

    async fn beat() {}

    impl Heart {
        pub async fn start(&self) {
            let beat = task::spawn(beat());
            println!("{}", beat.id());
        }
    }
}

fn main() {
    drop(heart::Heart.start());
}
