//! The handle is the value of a `match`, whichever arm made it.
// leak: the handler (line 13); exit: the end of the function (line 17)
enum Request {
    Read,
    Close,
}

async fn read() {}

#[rejoin::must_join]
async fn handle(request: Request) {
    let handler = match request {
        Request::Read => tokio::spawn(read()),
        Request::Close => return,
    };
    println!("handled by {}", handler.id());
}

fn main() {
    drop(handle(Request::Read));
    drop(handle(Request::Close));
}
