//! A function that a macro writes is read as it was written there.
// leak: the beat (line 9); exit: the end of the function (line 11)
async fn beat() {}

macro_rules! heart {
    ($name:ident, $future:expr) => {
        #[rejoin::must_join]
        async fn $name() {
            let beat = tokio::spawn($future);
            println!("{}", beat.id());
        }
    };
}

heart!(start, beat());

fn main() {
    drop(start());
}
