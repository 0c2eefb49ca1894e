//! What is alive, counted from outside.

use super::watch;

pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

/// How many futures have been made and not been dropped.
#[derive(Clone, Debug, Default)]
pub(crate) struct Alive(watch::Sender<usize>);

impl Alive {
    pub(crate) fn one(&self) -> One {
        self.0.send_modify(|alive| *alive += 1);
        One(self.clone())
    }

    pub(crate) fn get(&self) -> usize {
        *self.0.borrow()
    }

    /// Waits until none is.
    pub(crate) async fn gone(&self) {
        let mut alive = self.0.subscribe();
        drop(alive.wait_for(|alive| *alive == 0).await);
    }
}

/// In a future, for as long as that is there.
#[derive(Debug)]
pub(crate) struct One(Alive);

impl Drop for One {
    fn drop(&mut self) {
        self.0
            .0
            .send_modify(|alive| *alive = alive.checked_sub(1).expect("dropped once"));
    }
}
