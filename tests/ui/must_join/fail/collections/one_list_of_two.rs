//! Two lists, one of them joined.
// leak: the odd ones (line 12); exit: the end of the function (line 17)
async fn work(_: u32) {}

#[rejoin::must_join]
async fn run(numbers: Vec<u32>) {
    let (mut even, mut odd) = (Vec::new(), Vec::new());
    for number in numbers {
        if number % 2 == 0 {
            even.push(tokio::spawn(work(number)));
        } else {
            odd.push(tokio::spawn(work(number)));
        }
    }
    futures::future::join_all(even).await;
    println!("{} odd", odd.len());
}

fn main() {
    drop(run(Vec::new()));
}
