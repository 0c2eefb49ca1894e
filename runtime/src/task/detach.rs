//! Letting a task go on purpose.

use crate::sync::Arc;

use tokio::task::JoinHandle;

use crate::ambient;
use crate::scope::Scope;

/// Lets a task go on purpose: it moves to the [root](crate::root), which reports and drains it, and its group no longer
/// waits for it or cancels it.
///
/// The reason is for whoever reads the code. A handle that is not of a task of rejoin's, or of one that has ended, is
/// just dropped. What the task spawned before belongs to its group still.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let group = rejoin::TaskGroup::<std::io::Error>::new();
/// let audit = group.spawn(std::future::pending::<()>());
/// rejoin::detach(audit, "the audit log is written beside the answer");
/// group.join().await.unwrap(); // does not wait for the audit log
/// assert_eq!(rejoin::root().live().len(), 1);
/// # }
/// ```
pub fn detach<T>(handle: JoinHandle<T>, reason: &'static str) {
    let _ = reason;
    let id = handle.id();
    drop(handle);
    let here = ambient::scope();
    let mut scope = Some(&here);
    while let Some(around) = scope {
        if around.let_go(id) {
            return;
        }
        scope = around.parent();
    }
    // A handle from elsewhere: look everywhere.
    let mut below = vec![Arc::clone(Scope::root())];
    while let Some(scope) = below.pop() {
        if scope.let_go(id) {
            return;
        }
        below.extend(scope.children());
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;
    use crate::TaskGroup;

    #[tokio::test]
    async fn a_scope_whose_detached_task_has_gone_is_as_before() {
        let group = TaskGroup::<std::io::Error>::new();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let task = group.spawn(async move {
            let _ = stopped.await;
        });
        let scope = group.scope().clone();
        assert!(!scope.has_let_go());
        detach(task, "for the test");
        assert!(scope.has_let_go());
        drop(stop);
        // It moves to the root as soon as it is polled.
        while scope.has_let_go() {
            tokio::task::yield_now().await;
        }
        let other = group.spawn(pending::<()>());
        assert!(!scope.has_let_go());
        other.abort();
        group.join().await.unwrap();
    }
}
