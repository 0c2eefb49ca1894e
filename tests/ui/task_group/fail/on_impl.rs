struct Store;

#[rejoin::task_group]
impl Store {
    async fn flush(&self) {}
}

fn main() {
    drop(Store.flush());
}
