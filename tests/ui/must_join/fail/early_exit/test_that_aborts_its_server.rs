//! A test that stops its server and does not wait: the next test finds the port taken.
// leak: the server (line 12); exit: the end of the function (line 15)
async fn serve() {}

async fn get(_: &str) -> u16 {
    200
}

#[rejoin::must_join]
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let server = tokio::spawn(serve());
    assert_eq!(get("/health").await, 200);
    server.abort();
}
