//! A join in only one arm.
// leak: the render (line 12); exit: the end of the function (line 17)
enum Mode {
    Wait,
    Background,
}

async fn render() {}

#[rejoin::must_join]
async fn draw(mode: Mode) {
    let render = tokio::spawn(render());
    match mode {
        Mode::Wait => render.await.unwrap(),
        Mode::Background => println!("drawing"),
    }
}

fn main() {
    drop(draw(Mode::Wait));
    drop(draw(Mode::Background));
}
