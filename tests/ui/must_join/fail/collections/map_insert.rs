//! Under a key, and forgotten.
// leak: the sessions (line 11); exit: the end of the function (line 14)
use std::collections::HashMap;

async fn session(_: u32) {}

#[rejoin::must_join]
async fn open(users: Vec<u32>) -> usize {
    let mut sessions = HashMap::new();
    for user in users {
        sessions.insert(user, tokio::spawn(session(user)));
    }
    sessions.len()
}

fn main() {
    drop(open(Vec::new()));
}
