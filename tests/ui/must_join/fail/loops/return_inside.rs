//! Out of the function from within a loop, past a join that stands behind it.
// leak: the clock (line 7); exit: the `return` (line 10)
async fn clock() {}

#[rejoin::must_join]
async fn simulate(mut events: Vec<u32>) -> Option<u32> {
    let clock = tokio::spawn(clock());
    while let Some(event) = events.pop() {
        if event > 9 {
            return Some(event);
        }
    }
    clock.await.ok()?;
    None
}

fn main() {
    drop(simulate(Vec::new()));
}
