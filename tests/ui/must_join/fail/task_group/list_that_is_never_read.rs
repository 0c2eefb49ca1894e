//! A list of handles that nobody reads.
// leak: the pages (line 12); exit: the end of the function (line 14)
async fn render(_: u32) -> Result<(), std::fmt::Error> {
    Ok(())
}

#[rejoin::must_join]
#[rejoin::task_group]
async fn run(pages: Vec<u32>) {
    let mut renders = Vec::new();
    for page in pages {
        renders.push(tokio::spawn(render(page)));
    }
}

fn main() {
    drop(run(Vec::new()));
}
