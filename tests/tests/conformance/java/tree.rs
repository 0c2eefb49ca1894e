//! The dump of scopes and tasks.

use rejoin::task_group;
use rejoin::tree::{ScopeNode, TaskNode, Tree};
use tokio::sync::mpsc;

use super::super::support::Gauge;
use super::{Scope, hold};

fn scope<'a>(tree: &'a Tree, name: &str) -> &'a ScopeNode {
    let mut found = tree.scopes().iter();
    found
        .find(|scope| scope.name().ends_with(name))
        .unwrap_or_else(|| panic!("no {name} in\n{tree:#}"))
}

/// A scope with this name inside a task, for as long as the task lives.
async fn opens(name: &'static str, ready: mpsc::Sender<()>, gauge: Gauge) {
    let scope = Scope::builder().name(name).open();
    scope.launch(hold(gauge.enter()));
    ready.send(()).await.unwrap();
    scope.join().await.unwrap();
}

#[task_group]
async fn java_tree(look: mpsc::Sender<()>, looked: impl AsyncFnOnce()) {
    let gauge = Gauge::default();
    tokio::spawn(opens("java_child_a", look.clone(), gauge.clone()));
    tokio::spawn(opens("java_child_b", look, gauge));
    looked().await;
    panic!("enough");
}

#[tokio::test]
async fn the_dump_nests_named_scopes_with_parent_and_owner() {
    let (ready, mut opened) = mpsc::channel(2);
    let looks = async move || {
        opened.recv().await.unwrap();
        opened.recv().await.unwrap();
        let tree = rejoin::tree();
        let around = scope(&tree, "java_tree");
        assert_eq!(tree.parent(around).unwrap().id(), tree.root().id());
        assert!(tree.parent(tree.root()).is_none());
        assert!(tree.root().owner().is_none());
        let mut owners = Vec::new();
        for name in ["java_child_a", "java_child_b"] {
            let child = scope(&tree, name);
            assert_eq!(child.parent(), Some(around.id()));
            owners.push(child.owner().unwrap().spawned_at());
        }
        // Its owners are the two tasks of the scope around.
        let tasks: Vec<_> = around.tasks().iter().map(TaskNode::spawned_at).collect();
        assert_eq!(tasks.len(), 2);
        assert!(tasks.iter().all(|task| owners.contains(task)), "{tree:#}");
        assert_ne!(owners[0], owners[1]);
    };
    let ended = tokio::spawn(java_tree(ready, looks)).await;
    assert_eq!(
        super::super::support::text(&*ended.unwrap_err().into_panic()),
        "enough"
    );
}

#[task_group]
async fn java_nested_a(gauge: Gauge) -> Result<(), BoxedText> {
    tokio::spawn(hold(gauge.enter()));
    java_nested_b(gauge).await
}

#[task_group]
async fn java_nested_b(gauge: Gauge) -> Result<(), BoxedText> {
    tokio::spawn(hold(gauge.enter()));
    tokio::task::yield_now().await;
    let tree = rejoin::tree();
    let (a, b) = (scope(&tree, "java_nested_a"), scope(&tree, "java_nested_b"));
    assert_eq!(b.parent(), Some(a.id()));
    assert_eq!((a.tasks().len(), b.tasks().len()), (1, 1));
    assert!(b.owner().is_none(), "one task is in both");
    Err(BoxedText("seen"))
}

#[derive(Debug, PartialEq)]
struct BoxedText(&'static str);

#[tokio::test]
async fn scopes_of_one_task_nest_in_the_dump() {
    let gauge = Gauge::default();
    let outcome = java_nested_a(gauge.clone()).await;
    assert_eq!(outcome, Err(BoxedText("seen")));
    assert_eq!((gauge.all(), gauge.now()), (2, 0));
}

#[tokio::test]
async fn the_name_of_a_scope_is_in_its_text() {
    let scope = Scope::builder().name("duke").open();
    let text = || format!("{:#}", rejoin::tree());
    assert!(text().contains("─ duke"), "{}", text());
    drop(scope);
    assert!(!text().contains("─ duke"), "a closed scope is gone");
}
