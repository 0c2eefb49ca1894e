//! The live tree as JSON: a process of its own, so that the tree is known to the letter.
#![cfg(feature = "serde")]

mod common;

use std::future::pending;

use common::spawn;
use rejoin::TaskGroup;
use serde_json::json;

#[tokio::test]
async fn the_fields_are_those_that_are_documented() {
    let mail = spawn!("mail \"<now>\"", pending::<()>());
    let orders = TaskGroup::<std::io::Error>::builder().name("orders").open();
    let opener = spawn!("opener", async {
        let inner = TaskGroup::<std::io::Error>::builder().name("inner").open();
        inner.launch(pending::<()>());
        inner.join().await.unwrap();
    });
    let tree = loop {
        let tree = rejoin::tree();
        if tree.scopes().len() == 3 && tree.task_count() == 3 {
            break tree;
        }
        tokio::task::yield_now().await;
    };
    let mut json = serde_json::to_value(&tree).unwrap();
    assert!(json["taken_at"].take().as_f64().unwrap() > 1.7e9);
    for scope in json["scopes"].as_array_mut().unwrap() {
        assert!(scope["age"].take().is_f64());
        // Where a group was opened in a builder is the line of `open`.
        scope["opened_at"].take();
        for task in scope["tasks"].as_array_mut().unwrap() {
            assert!(task["age"].take().is_f64());
            task["spawned_at"].take();
        }
    }
    let task = |id: String, name: &str| {
        json!({
            "id": id, "name": name, "spawned_at": null, "kind": "task", "state": "running", "age": null,
            "detached": false,
        })
    };
    let (_, leaf) = tree.tasks().last().unwrap();
    let mut owner = json["scopes"][2]["owner"].take();
    let place = owner["spawned_at"].take();
    assert!(
        place
            .as_str()
            .unwrap()
            .starts_with("runtime/tests/tree_json.rs:")
    );
    assert_eq!(owner, json!({ "name": "opener", "spawned_at": null }));
    let scope = |id: usize, parent: Option<usize>, name: &str, tasks: serde_json::Value| {
        json!({
            "id": id, "parent": parent, "name": name, "opened_at": null, "owner": null, "state": "running",
            "shielded": false, "age": null, "tasks": tasks,
        })
    };
    let mut inner = scope(
        2,
        Some(0),
        "inner",
        json!([task(leaf.id().unwrap().to_string(), leaf.name())]),
    );
    inner["state"] = json!("waiting");
    let tasks = [
        task(mail.id().to_string(), "mail \"<now>\""),
        task(opener.id().to_string(), "opener"),
    ];
    assert_eq!(
        json,
        json!({
            "taken_at": null,
            "shutting_down": false,
            "task_count": 3,
            "scope_count": 3,
            "scopes": [scope(0, None, "root", json!(tasks)), scope(1, Some(0), "orders", json!([])), inner],
        })
    );
    rejoin::root().request_shutdown();
    let json = serde_json::to_value(rejoin::tree()).unwrap();
    assert_eq!(json["shutting_down"], true);
    drop(orders);
    mail.abort();
    opener.abort();
}
