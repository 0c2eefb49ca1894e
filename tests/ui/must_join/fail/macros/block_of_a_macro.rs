//! A body that a macro was handed.
// leak: the beat (line 13); exit: the spawn itself
async fn beat() {}

macro_rules! function {
    ($name:ident $body:block) => {
        #[rejoin::must_join]
        async fn $name() $body
    };
}

function!(start {
    tokio::spawn(beat());
});

fn main() {
    drop(start());
}
