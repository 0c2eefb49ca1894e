//! Joined only where there was something to wait for.
// leak: the decoder (line 9); exit: the end of the function (line 13)
async fn decode() -> u32 {
    1
}

#[rejoin::must_join]
async fn play(frame: Option<u32>) {
    let decoder = tokio::spawn(decode());
    if let Some(frame) = frame {
        println!("{frame} {}", decoder.await.unwrap());
    }
}

fn main() {
    drop(play(None));
}
