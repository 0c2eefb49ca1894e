//! A spawn as the statement of one arm.
// leak: the retry (line 14); exit: the spawn itself
enum Event {
    Failed(u32),
    Done,
}

async fn retry(_: u32) {}

#[rejoin::must_join]
async fn on_event(event: Event) {
    match event {
        Event::Failed(job) => {
            tokio::spawn(retry(job));
        }
        Event::Done => {}
    }
}

fn main() {
    drop(on_event(Event::Failed(1)));
    drop(on_event(Event::Done));
}
