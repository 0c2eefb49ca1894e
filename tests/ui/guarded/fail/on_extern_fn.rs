#[rejoin::guarded]
extern "C" fn callback() {}

fn main() {
    callback();
}
