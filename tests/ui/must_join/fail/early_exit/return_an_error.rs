//! An error that is returned by hand is an exit as well.
// leak: the migration (line 7); exit: the `return` (line 9)
async fn migrate() {}

#[rejoin::must_join]
async fn boot(version: u32) -> Result<(), String> {
    let migration = tokio::spawn(migrate());
    if version < 3 {
        return Err(format!("version {version} is too old"));
    }
    migration.await.map_err(|error| error.to_string())
}

fn main() {
    drop(boot(3));
}
