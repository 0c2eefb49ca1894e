//! The live tree: who is in it, where, and how far they have come.

mod common;

use std::collections::HashSet;
use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use common::{GroupId, Site, group, launch, launch_blocking, settle, spawn};
use rejoin::tree::{ScopeNode, State, TaskNode, Tree};
use rejoin::{TaskGroup, TaskKind, shield, tree};
use tokio::sync::oneshot;

type Group = TaskGroup<std::io::Error>;

const HOUR: Duration = Duration::from_secs(3600);

fn open(name: &'static str) -> Group {
    Group::builder().name(name).grace(HOUR).open()
}

/// The one scope of a name.
fn scope<'a>(tree: &'a Tree, name: &str) -> &'a ScopeNode {
    let mut found = tree.scopes().iter().filter(|scope| scope.name() == name);
    let first = found.next().expect(name);
    assert!(found.next().is_none(), "two scopes `{name}`");
    first
}

/// The one task of a name, and its scope.
fn task<'a>(tree: &'a Tree, name: &str) -> (&'a ScopeNode, &'a TaskNode) {
    let mut found = tree.tasks().filter(|(_, task)| task.name() == name);
    let first = found.next().expect(name);
    assert!(found.next().is_none(), "two tasks `{name}`");
    first
}

fn has_task(tree: &Tree, name: &str) -> bool {
    tree.tasks().any(|(_, task)| task.name() == name)
}

/// Looks until it sees what it waits for.
async fn until(seen: impl Fn(&Tree) -> bool) -> Tree {
    loop {
        let tree = rejoin::tree();
        if seen(&tree) {
            return tree;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn parent_and_child_links_can_be_inspected_while_it_runs() {
    static INNER: GroupId = GroupId::new("links_inner");
    let outer = open("links_outer");
    let (end, ended) = oneshot::channel::<()>();
    outer.launch(async {
        group!(INNER, async {
            launch!("links_leaf", pending::<()>());
            ended.await.unwrap();
            rejoin::cancelled().await;
        })
        .await;
    });
    let tree = until(|tree| has_task(tree, "links_leaf")).await;
    let (inner, leaf) = task(&tree, "links_leaf");
    assert_eq!(inner.name(), "links_inner");
    let outer_node = tree.parent(inner).unwrap();
    assert_eq!(outer_node.name(), "links_outer");
    assert_eq!(tree.parent(outer_node).unwrap().id(), tree.root().id());
    assert!(tree.parent(tree.root()).is_none());
    let children: Vec<_> = tree.children(outer_node).map(ScopeNode::name).collect();
    assert_eq!(children, ["links_inner"]);
    assert_eq!(leaf.state(), State::Running);
    assert!(leaf.spawned_at().file().ends_with("tree.rs"));

    // A parent comes before its children.
    for (place, scope) in tree.scopes().iter().enumerate() {
        assert_eq!(scope.id(), place);
        assert!(scope.parent().is_none_or(|parent| parent < place));
    }
    drop((end, outer));
}

#[tokio::test]
async fn the_dump_nests_named_scopes_with_parent_and_owner() {
    let outer = open("dump_outer");
    outer.launch(async {
        let owner = spawn!("dump_owner", async {
            let inner = open("dump_inner");
            inner.launch(pending::<()>());
            inner.join().await.unwrap();
        });
        owner.await.unwrap();
    });
    let tree = until(|tree| {
        let mut scopes = tree.scopes().iter();
        scopes.any(|scope| scope.name() == "dump_inner" && scope.state() == State::Waiting)
    })
    .await;
    let inner = scope(&tree, "dump_inner");
    let owner = inner.owner().unwrap();
    assert_eq!(owner.name(), "dump_owner");
    let (around, task) = task(&tree, "dump_owner");
    assert_eq!(owner.spawned_at(), task.spawned_at());
    assert_eq!(inner.parent(), Some(around.id()));
    assert_eq!(around.name(), "dump_outer");

    let text = format!("{tree:#}");
    let line = |part: &str| text.lines().position(|line| line.contains(part)).unwrap();
    assert!(line("─ dump_outer") < line("─ dump_inner"), "{text}");
    let inner = text.lines().nth(line("─ dump_inner")).unwrap();
    assert!(inner.ends_with(", opened by dump_owner"), "{inner}");
    drop(outer);
}

#[tokio::test]
async fn a_group_runs_waits_is_cancelled_and_aborted() {
    static FUNCTION: GroupId = GroupId::new("states");
    const DEAF: &str = "states_deaf";
    let (end, ended) = mpsc::channel::<()>();
    let (begin, begun) = oneshot::channel::<()>();
    let (body, go_on) = oneshot::channel::<()>();
    let (waits, deaf) = (open("states_cancelled"), Arc::new(AtomicBool::new(false)));
    let running = tokio::spawn(group!(FUNCTION, async move {
        launch!("states_task", pending::<()>());
        launch_blocking!("states_deaf", move || {
            begin.send(()).unwrap();
            let _ = ended.recv();
        });
        go_on.await.unwrap();
    }));
    // One that has not begun could be aborted still.
    begun.await.unwrap();
    let tree = rejoin::tree();
    assert_eq!(scope(&tree, "states").state(), State::Running);
    assert_eq!(task(&tree, "states_task").1.state(), State::Running);

    body.send(()).unwrap();
    let tree = until(|tree| scope(tree, "states").state() != State::Running).await;
    assert_eq!(scope(&tree, "states").state(), State::Waiting);

    // Its tasks are aborted at once, because nobody is there any more; the closure is deaf to it.
    running.abort();
    let tree = until(|tree| !has_task(tree, "states_task")).await;
    let (around, closure) = task(&tree, DEAF);
    assert_eq!(around.state(), State::Aborted);
    assert_eq!(closure.state(), State::Cancelled);
    assert_eq!(closure.kind(), TaskKind::Blocking);
    end.send(()).unwrap();
    until(|tree| !has_task(tree, DEAF)).await;

    let stop = Arc::clone(&deaf);
    let task_of_it = waits.spawn(async move {
        while !stop.load(Ordering::Relaxed) {
            tokio::task::yield_now().await;
        }
    });
    waits.cancel();
    let tree = rejoin::tree();
    let cancelled = scope(&tree, "states_cancelled");
    assert_eq!(cancelled.state(), State::Cancelled);
    assert_eq!(cancelled.tasks()[0].state(), State::Cancelled);
    deaf.store(true, Ordering::Relaxed);
    task_of_it.await.unwrap();
}

#[tokio::test]
async fn threads_closures_shields_and_tasks_of_other_runtimes_are_in_it() {
    const THREAD: &Site = &Site::new("kinds_thread");
    let (end, ended) = mpsc::channel::<()>();
    let (end_closure, closure) = mpsc::channel::<()>();
    let thread = rejoin::__private::spawn_thread(THREAD, move || {
        let _ = ended.recv();
    });
    launch_blocking!("kinds_blocking", move || {
        let _ = closure.recv();
    });
    let (end_shield, shielded) = oneshot::channel::<()>();
    let shielded = shield(async {
        launch!("kinds_shielded", async {
            let _ = shielded.await;
        });
    });
    let elsewhere = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    {
        let _in_it = elsewhere.enter();
        launch!("kinds_elsewhere", pending::<()>());
    }
    let tree = until(|tree| has_task(tree, "kinds_shielded")).await;
    let (root, found) = task(&tree, "kinds_thread");
    assert!(root.parent().is_none() && found.id().is_none());
    assert_eq!(found.kind(), TaskKind::Thread);
    assert_eq!(task(&tree, "kinds_blocking").1.kind(), TaskKind::Blocking);
    assert_eq!(task(&tree, "kinds_elsewhere").1.kind(), TaskKind::Task);
    assert!(task(&tree, "kinds_shielded").0.is_shielded());

    drop((end, end_closure, end_shield));
    thread.join().unwrap();
    shielded.await;
    elsewhere.shutdown_background();
    until(|tree| {
        !tree
            .tasks()
            .any(|(_, task)| task.name().starts_with("kinds_"))
    })
    .await;
}

#[tokio::test]
async fn a_detached_task_is_marked_and_moves_to_the_root() {
    let group = open("detached_from");
    let (poll, polled) = oneshot::channel::<()>();
    let letting_go = group.spawn(async move {
        let task = spawn!("detached", async {
            let _ = polled.await;
            pending::<()>().await;
        });
        (task,)
    });
    rejoin::detach(letting_go.await.unwrap().0, "to see where it goes");
    let before = tree();
    let (from, task_before) = task(&before, "detached");
    assert!(task_before.is_detached());
    assert_eq!(from.name(), "detached_from");

    poll.send(()).unwrap();
    settle().await;
    let after = tree();
    let (to, task_after) = task(&after, "detached");
    assert!(to.parent().is_none() && !task_after.is_detached());
    assert_eq!(task_after.id(), task_before.id());
    group.join().await.unwrap();
}

#[tokio::test]
async fn a_group_that_was_joined_and_left_a_detached_task_is_inside_the_root() {
    let outer = open("adopted_from");
    let (done, is_done) = oneshot::channel::<()>();
    outer.launch(async {
        let inner = open("adopted");
        let task = inner.spawn(pending::<()>());
        settle().await;
        rejoin::detach(task, "to leave something behind");
        inner.join().await.unwrap();
        done.send(()).unwrap();
        pending::<()>().await;
    });
    is_done.await.unwrap();
    let tree = rejoin::tree();
    // The task has moved to the root itself if it was polled since.
    for scope in tree
        .scopes()
        .iter()
        .filter(|scope| scope.name() == "adopted")
    {
        assert_eq!(scope.parent(), Some(0));
    }
    assert!(scope(&tree, "adopted_from").parent() == Some(0));
}

#[tokio::test]
async fn ages_and_the_order_of_tasks_are_those_of_their_spawns() {
    let group = open("ages");
    group.launch(pending::<()>());
    let first = tree();
    let was = scope(&first, "ages").age();
    group.launch(pending::<()>());
    let second = tree();
    let now = scope(&second, "ages");
    assert!(now.age() >= was);
    assert!(second.taken_at() >= first.taken_at());
    let [oldest, youngest] = now.tasks() else {
        panic!("{now:?}")
    };
    assert!(oldest.age() >= youngest.age());
    assert_eq!(oldest.id(), scope(&first, "ages").tasks()[0].id());
}

/// Many pieces, and between them tasks end, are spawned and are let go, so that entries move all the time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_task_is_seen_once_while_thousands_come_and_go() {
    let group = Arc::new(open("churn"));
    let mut lasting = HashSet::new();
    let mut handles = Vec::new();
    let stop = Arc::new(AtomicBool::new(false));
    for _ in 0..2000 {
        let task = group.spawn(pending::<()>());
        lasting.insert(task.id());
        handles.push(task);
        group.launch(async { tokio::task::yield_now().await });
    }
    let churning: Vec<_> = (0..2)
        .map(|_| {
            let (group, stop) = (Arc::clone(&group), Arc::clone(&stop));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    for _ in 0..200 {
                        group.launch(async { tokio::task::yield_now().await });
                    }
                    let task = group.spawn(async { tokio::task::yield_now().await });
                    rejoin::detach(task, "to have it taken off the list");
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for round in 0..10 {
        let seen = tokio::task::spawn_blocking(tree).await.unwrap();
        let ids: Vec<_> = seen.tasks().filter_map(|(_, task)| task.id()).collect();
        let each: HashSet<_> = ids.iter().copied().collect();
        assert_eq!(ids.len(), each.len(), "a task was seen twice");
        let missed = lasting.difference(&each).count();
        assert_eq!(missed, 0, "round {round}");
        // Some of those that were to last end, too, so that sweeps have much to move.
        for task in handles.drain(..100) {
            lasting.remove(&task.id());
            task.abort();
        }
    }
    stop.store(true, Ordering::Relaxed);
    for task in churning {
        task.await.unwrap();
    }
}

/// The same for groups: places in the list of the root are given back and taken again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_group_is_seen_once_while_others_are_opened_and_closed() {
    let lasting: Vec<_> = (0..700)
        .map(|_| {
            let between = open("coming_and_going");
            let lasting = open("lasting_group");
            lasting.launch(pending::<()>());
            drop(between);
            lasting
        })
        .collect();
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let churning = tokio::spawn(async move {
        while !stopped.load(Ordering::Relaxed) {
            let groups: Vec<_> = (0..50).map(|_| open("coming_and_going")).collect();
            tokio::task::yield_now().await;
            drop(groups);
        }
    });
    for _ in 0..10 {
        let seen = tokio::task::spawn_blocking(tree).await.unwrap();
        let scopes = seen.scopes().iter();
        let groups: Vec<_> = scopes
            .filter(|scope| scope.name() == "lasting_group")
            .collect();
        assert_eq!(groups.len(), lasting.len());
        assert!(groups.iter().all(|group| group.tasks().len() == 1));
    }
    stop.store(true, Ordering::Relaxed);
    churning.await.unwrap();
}
