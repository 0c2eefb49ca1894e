//! What a tree looks like as text, to the letter.

use std::time::{Duration, SystemTime};

use super::{Owner, ScopeNode, State, TaskNode, Tree};
use crate::live::TaskKind;
use crate::site::Site;

const MAIL: &Site = &Site::new("mail");
const ORDERS: &Site = &Site::new("shop::orders");
const PAY: &Site = &Site::new("pay");
const EVIL: &Site = &Site::new("two\nlines\u{1b}[31m");

fn task(site: &'static Site, age: u64) -> TaskNode {
    TaskNode {
        id: None,
        site,
        kind: TaskKind::Task,
        state: State::Running,
        age: Duration::from_millis(age),
        detached: false,
    }
}

/// Scopes of these names inside these places, with these tasks.
pub(super) fn tree(scopes: Vec<(Option<usize>, &'static Site, Vec<TaskNode>)>) -> Tree {
    let scopes = scopes.into_iter().enumerate();
    Tree {
        taken_at: SystemTime::now(),
        shutting_down: false,
        scopes: scopes
            .map(|(id, (parent, site, tasks))| ScopeNode {
                id,
                parent,
                site,
                owner: None,
                state: State::Running,
                shielded: false,
                age: Duration::from_secs(100),
                tasks,
            })
            .collect(),
    }
}

pub(super) const ROOT: &Site = &Site::new("root");

#[test]
fn a_few_have_a_line_each() {
    let mut tree = tree(vec![
        (None, ROOT, vec![task(MAIL, 90_061_000), task(MAIL, 3_210)]),
        (Some(0), ORDERS, vec![task(PAY, 12)]),
        (Some(1), PAY, vec![task(MAIL, 12)]),
        (Some(0), PAY, vec![]),
    ]);
    let [_, orders, pay, last] = &mut tree.scopes[..] else {
        unreachable!()
    };
    orders.state = State::Waiting;
    orders.owner = Some(Owner {
        name: MAIL.name(),
        spawned_at: MAIL.location(),
    });
    pay.state = State::Aborted;
    pay.tasks[0].state = State::Cancelled;
    pay.tasks[0].kind = TaskKind::Blocking;
    last.shielded = true;
    last.age = Duration::from_secs(4000);
    tree.scopes[0].tasks[1].detached = true;
    tree.shutting_down = true;

    let (mail, pay, orders) = (MAIL.location(), PAY.location(), ORDERS.location());
    assert_eq!(
        tree.to_string(),
        format!(
            "\
4 tasks in 3 groups, shutting down

NAME             STATE         AGE  KIND      WHERE
root             running    1m 40s
├─ mail          running    1d 01h  task      {mail}
├─ mail          running      3.2s  task      {mail}, detached
├─ pay           running    1h 06m  shield    {pay}
└─ shop::orders  waiting    1m 40s  group     {orders}, opened by mail
   ├─ pay        running      12ms  task      {pay}
   └─ pay        aborted    1m 40s  group     {pay}
      └─ mail    cancelled    12ms  blocking  {mail}
"
        )
    );
}

/// A hundred groups alike, with two tasks each, and one that is not like them.
fn many() -> Tree {
    let mut scopes = vec![(
        None,
        ROOT,
        (0..97).rev().map(|age| task(MAIL, age * 1000)).collect(),
    )];
    for age in 0..100 {
        scopes.push((Some(0), ORDERS, vec![task(PAY, 10), task(PAY, 10 + age)]));
    }
    let mut tree = tree(scopes);
    tree.scopes[7].state = State::Cancelled;
    tree
}

#[test]
fn many_that_are_alike_share_a_line() {
    let (mail, pay, orders) = (MAIL.location(), PAY.location(), ORDERS.location());
    assert_eq!(
        many().to_string(),
        format!(
            "\
297 tasks in 100 groups

NAME                  STATE                AGE  KIND   WHERE
root                  running           1m 40s
├─ 97 × mail          running    oldest 1m 36s  task   {mail}
├─ 99 × shop::orders  running    oldest 1m 40s  group  {orders}, 198 tasks inside
│  └─ 198 × pay       running     oldest 109ms  task   {pay}
└─ shop::orders       cancelled         1m 40s  group  {orders}
   └─ 2 × pay         running      oldest 16ms  task   {pay}
"
        )
    );
}

#[test]
fn each_of_many_has_its_own_line_on_request() {
    let text = format!("{:#}", many());
    assert_eq!(text.lines().count(), 3 + 1 + 297 + 100);
    assert!(!text.contains('×'), "{text}");
}

#[test]
fn a_name_stays_on_its_line_and_gives_the_terminal_no_commands() {
    let text = tree(vec![(None, ROOT, vec![task(EVIL, 1)])]).to_string();
    assert_eq!(text.lines().count(), 5);
    assert!(text.contains("└─ two\\nlines\\u{1b}[31m  "), "{text}");
}

#[test]
fn a_long_name_leaves_the_columns_of_the_others_in_place() {
    const LONG: &Site = &Site::new(
        "<shop::orders::Placing<shop::payment::Card, shop::shelf::Reserved> as shop::retry::Again>::run_to_the_end",
    );
    let text = tree(vec![(None, ROOT, vec![task(LONG, 1), task(MAIL, 1)])]).to_string();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[3].find("running"), Some(80 + 2), "{text}");
    let long = format!("├─ {}  running", LONG.name());
    assert!(lines[4].starts_with(&long), "{text}");
    // Of three bytes each, the branches are one wide.
    assert_eq!(lines[5].find("running"), Some(80 + 2 + 4), "{text}");
}

#[test]
fn ten_thousand_groups_inside_each_other_are_no_trouble() {
    let mut scopes = vec![(None, ROOT, vec![])];
    for parent in 0..10_000 {
        scopes.push((Some(parent), ORDERS, vec![]));
    }
    let text = tree(scopes).to_string();
    let last = text.lines().last().unwrap();
    assert_eq!(text.lines().count(), 10_004);
    assert!(
        last.trim_start()
            .starts_with("└─ (10000 deep) shop::orders"),
        "{last}"
    );
    assert!(text.len() < 3_000_000, "{}", text.len());
}
