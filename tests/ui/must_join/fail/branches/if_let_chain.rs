//! Both parts of the chain must hold for the join to be reached.
// leak: the decoder (line 9); exit: the end of the function (line 15)
async fn decode() -> u32 {
    1
}

#[rejoin::must_join]
async fn play(frame: Option<u32>) {
    let decoder = tokio::spawn(decode());
    if let Some(frame) = frame
        && frame > 0
    {
        println!("{frame} {}", decoder.await.unwrap());
    }
}

fn main() {
    drop(play(None));
}
