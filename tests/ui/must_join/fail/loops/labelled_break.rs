//! Out of two loops at once, past the join of the outer one.
// leak: the row (line 8); exit: the `break 'rows` (line 11)
async fn row(_: usize) {}

#[rejoin::must_join]
async fn scan(rows: Vec<Vec<u32>>) {
    'rows: for (index, cells) in rows.into_iter().enumerate() {
        let row = tokio::spawn(row(index));
        for cell in cells {
            if cell == 0 {
                break 'rows;
            }
        }
        row.await.unwrap();
    }
}

fn main() {
    drop(scan(Vec::new()));
}
