//! The positions that a spawn is put in, as templates of Rust.
//!
//! In a template `$V` stands for a value of type `Handle`, `$P` for a spawn itself, `$W` for the work that a task does, `$S`
//! for statements, and `$n` for a number that makes a name unique. In `$C`, statements too, nothing is awaited.

// Positions in which a spawn counts as held although nothing looks at the handle are listed in the documentation of
// `#[guarded]`, under "Held and discarded", and are no forms here.

/// Who is told the error of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Truth {
    /// Nothing can observe the handle, so the function returns the error.
    Function,
    /// The function looks at the outcome by the handle.
    Handle,
}

use Truth::{Function, Handle};

pub(crate) struct Form {
    pub(crate) name: &'static str,
    pub(crate) template: &'static str,
    /// Of the values in the template itself.
    pub(crate) truth: Truth,
}

impl Form {
    /// Whether this can stand in a closure.
    pub(crate) fn awaits(&self) -> bool {
        ["await", "select!", "join!"]
            .iter()
            .any(|word| self.template.contains(word))
    }

    /// Whether this can leave the function early, so that it can stand nowhere else.
    pub(crate) fn returns(&self) -> bool {
        self.template.contains("??")
    }
}

const fn form(truth: Truth, name: &'static str, template: &'static str) -> Form {
    Form {
        name,
        template,
        truth,
    }
}

/// How a spawn is written. `spawn` and `task` are imported in some functions alone.
pub(crate) struct Spelling {
    pub(crate) name: &'static str,
    pub(crate) template: &'static str,
    pub(crate) imported: bool,
}

const fn spelling(name: &'static str, template: &'static str) -> Spelling {
    Spelling {
        name,
        template,
        imported: false,
    }
}

const fn imported(name: &'static str, template: &'static str) -> Spelling {
    Spelling {
        name,
        template,
        imported: true,
    }
}

#[rustfmt::skip]
pub(crate) const SPELLINGS: &[Spelling] = &[
    spelling("tokio::spawn", "tokio::spawn($W)"),
    spelling("tokio::spawn of a block", "tokio::spawn(async move { $W.await })"),
    spelling("tokio::spawn of a block with `?`", "tokio::spawn(async move { $W.await?; Ok::<(), Fault>(()) })"),
    spelling("tokio::task::spawn", "tokio::task::spawn($W)"),
    spelling("spawn_blocking", "tokio::task::spawn_blocking(move || block_on($W))"),
    spelling("Handle::current", "tokio::runtime::Handle::current().spawn($W)"),
    spelling("Handle::spawn", "HERE.spawn($W)"),
    spelling("Handle::spawn_blocking", "(&*HERE).spawn_blocking(move || block_on($W))"),
    spelling("Runtime::spawn", "OTHER.spawn(async move { $W.await })"),
    spelling("TaskTracker::spawn", "TRACKER.spawn($W)"),
    imported("spawn", "spawn($W)"),
    imported("task::spawn", "task::spawn($W)"),
    imported("task::spawn_blocking", "task::spawn_blocking(move || block_on($W))"),
];

/// Statements whose values nothing can observe.
#[rustfmt::skip]
pub(crate) const DISCARDED: &[Form] = &[
    form(Function, "statement", "$V;"),
    form(Function, "statement under cfg", "#[cfg(all())] $P;"),
    form(Function, "let _", "let _ = $V;"),
    form(Function, "let _ under cfg", "#[cfg(all())] let _ = $V;"),
    form(Function, "let _: Alias", "let _: Handle = $V;"),
    form(Function, "let _: JoinHandle<_>", "let _: tokio::task::JoinHandle<_> = $V;"),
    form(Function, "let _name", "let _task$n = $V;"),
    form(Function, "let _name: T", "let _task$n: Handle = $V;"),
    form(Function, "_ =", "_ = $V;"),
    form(Function, "(_, _) =", "(_, _) = ($V, 1);"),
    form(Function, "let (_, _)", "let (_, _) = ($V, 1);"),
    form(Function, "let (_, name)", "let (_, one$n) = ($V, 1); assert_eq!(one$n, 1);"),
    form(Function, "let (_name, _)", "let (_task$n, _) = ($V, 1);"),
    form(Function, "let (..)", "let (..) = ($V, 1);"),
    form(Function, "let [_, _]", "let [_, _] = [$V, $V];"),
    form(Function, "let [..]", "let [..] = [$V, $V];"),
    form(Function, "let Pair { task: _ }", "let Pair { task: _, number: _ } = Pair { task: $V, number: 1 };"),
    form(Function, "let Pair { .. }", "let Pair { number: _, .. } = Pair { task: $V, number: 1 };"),
    form(Function, "let Some(_) else", "let Some(_) = Some($V) else { unreachable!() };"),
    form(Function, "if let Some(_)", "if let Some(_) = Some($V) {}"),
    form(Function, "while let Some(_)", "while let Some(_) = Some($V) { break; }"),
    form(Function, "match { _ }", "match $V { _ => {} }"),
    form(Function, "match { _name }", "match $V { _task => {} }"),
    form(Function, "match { Some(_) }", "match Some($V) { Some(_) => {} None => {} }"),
    form(Function, "let _ = (..)", "let _ = ($V, 1);"),
    form(Function, "let _ = [..]", "let _ = [$V, $V];"),
    form(Function, "let _ = Some", "let _ = Some($V);"),
    form(Function, "let _ = vec!", "let _ = vec![$V, $V];"),
    form(Function, "let _ = &", "let _ = &$V;"),
    form(Function, "Some as a statement", "Some($V);"),
    form(Function, "tuple as a statement", "($V, 1);"),
    form(Function, "vec! as a statement", "vec![$V];"),
    form(Function, "drop", "drop($V);"),
    form(Function, "let _ = drop", "let _ = drop($V);"),
    form(Function, "std::mem::drop", "std::mem::drop($V);"),
    form(Function, "::core::mem::drop", "::core::mem::drop($V);"),
    form(Function, "mem::drop under an import", "{ use std::mem; mem::drop($V); }"),
    form(Function, "drop under a name of its own", "{ use std::mem::drop as let_go; let_go($V); }"),
    form(Function, "drop of a tuple", "drop(($V, 1));"),
    form(Function, "drop of Some", "drop(Some($V));"),
    form(Function, "mem::forget", "std::mem::forget($V);"),
    form(Function, "arm: _ =", "match one() { 1 => _ = $V, _ => {} }"),
    form(Function, "arm: drop", "match one() { 1 => drop($V), _ => {} }"),
    form(Function, "arm: statement", "match one() { 1 => { $V; } _ => {} }"),
    form(Function, "arms, of which some spawn", "match one() { 0 => {} 1 => { drop($V) } 2 => _ = $V, _ => { $V; } }"),
    form(Function, "select! arm: drop", "tokio::select! { _ = ready() => drop($V), }"),
    form(Function, "select! arm: _ =", "tokio::select! { _ = ready() => { _ = $V } }"),
    form(Function, "select! arm: statement", "tokio::select! { _ = ready() => { $V; } }"),
    form(Function, "select! as a statement", "tokio::select! { _ = ready() => $V };"),
    form(Function, "in assert!", "assert!({ $V; true });"),
    form(Function, "in format!", "let _ = format!(\"{}\", { $V; 1 });"),
    form(Function, "in a condition", "if { $V; true } {}"),
    form(Function, "behind &&", "let _ = yes() && { $V; true };"),
    form(Function, "closure: drop", "let start$n = || drop($V); start$n();"),
    form(Function, "closure: _ =", "let start$n = || _ = $V; start$n();"),
    form(Function, "bool::then", "yes().then(|| $V);"),
    form(Function, "Option::map in let _", "let _ = Some(1).map(|_| $V);"),
    form(Function, "for_each: drop", "(0..1).for_each(|_| drop($V));"),
    form(Function, "for_each: _ =", "(0..1).for_each(|_| _ = $V);"),
    form(Function, "for_each: statement", "(0..1).for_each(|_| { $V; });"),
];

/// Statements that look at the outcome.
#[rustfmt::skip]
pub(crate) const HELD: &[Form] = &[
    form(Handle, "awaited", "told($V.await);"),
    form(Handle, "named, awaited", "let task$n = $V; told(task$n.await);"),
    form(Handle, "_named, awaited", "let _task$n = $V; told(_task$n.await);"),
    form(Handle, "typed, awaited", "let task$n: Handle = $V; told(task$n.await);"),
    form(Handle, "assigned, awaited", "let task$n; task$n = $V; told(task$n.await);"),
    form(Handle, "awaited by reference", "let mut task$n = $V; told((&mut task$n).await);"),
    form(Function, "awaited with ??", "$V.await??;"),
    form(Handle, "join!", "let (left, right) = tokio::join!($V, $V); told(left); told(right);"),
    form(Handle, "select!", "tokio::select! { result = $V => told(result), }"),
    form(Handle, "timeout", "told(tokio::time::timeout(LONG, $V).await.unwrap());"),
    form(Handle, "pushed", "let mut tasks = Vec::new(); tasks.push($V); tasks.push($V); for task in tasks { told(task.await); }"),
    form(Handle, "vec!", "for task in vec![$V, $V] { told(task.await); }"),
    form(Handle, "array", "let tasks = [$V, $V]; for task in tasks { told(task.await); }"),
    form(Handle, "collected", "let tasks: Vec<Handle> = (0..1).map(|_| $V).collect(); for task in tasks { told(task.await); }"),
    form(Handle, "tuple pattern", "let (task$n, _) = ($V, 1); told(task$n.await);"),
    form(Handle, "field", "let pair$n = Pair { task: $V, number: 1 }; told(pair$n.task.await);"),
    form(Handle, "if let Some(name)", "if let Some(task) = Some($V) { told(task.await); }"),
    form(Handle, "let Some(name) else", "let Some(task$n) = Some($V) else { unreachable!() }; told(task$n.await);"),
    form(Handle, "match { name }", "match $V { task => told(task.await) }"),
    form(Handle, "handed over", "look_at($V).await;"),
    form(Handle, "closure", "let start$n = || $V; told(start$n().await);"),
    form(Handle, "bool::then, awaited", "if let Some(task) = yes().then(|| $V) { told(task.await); }"),
    form(Handle, "Option::map, awaited", "if let Some(task) = Some(1).map(|_| $V) { told(task.await); }"),
    form(Handle, "JoinSet", "let mut set$n = tokio::task::JoinSet::new(); set$n.spawn($W); while let Some(result) = set$n.join_next().await { told(result); }"),
];

/// Expressions whose value is one of the values in them.
#[rustfmt::skip]
pub(crate) const VALUES: &[Form] = &[
    form(Function, "parentheses", "($V)"),
    form(Function, "tail of a block", "{ $S $V }"),
    form(Function, "branches", "if yes() { $V } else { $V }"),
    form(Function, "one branch", "if yes() { $V } else { other() }"),
    form(Function, "else", "if !yes() { other() } else { $S $V }"),
    form(Function, "if let", "if let Some(_) = Some(1) { $V } else { other() }"),
    form(Function, "arms", "match one() { 0 => $V, 1 => { $V } _ => other() }"),
    form(Function, "loop, break", "loop { break $V; }"),
    form(Function, "labelled block", "'l$n: { break 'l$n $V; }"),
    form(Function, "labelled block, some paths", "'l$n: { if !yes() { break 'l$n other(); } $V }"),
    form(Function, "closure, called", "(|| $V)()"),
    form(Function, "async block, awaited", "async { $V }.await"),
    form(Function, "value of select!", "tokio::select! { _ = ready() => $V }"),
];

/// Statements around others.
#[rustfmt::skip]
pub(crate) const AROUND: &[Form] = &[
    form(Function, "block", "{ $S }"),
    form(Function, "if", "if yes() { $S } else { $S }"),
    form(Function, "else of if", "if !yes() { $S } else { $S }"),
    form(Function, "match", "match one() { 0 => { $S } _ => { $S } }"),
    form(Function, "if let", "if let Some(_) = Some(1) { $S }"),
    form(Function, "for", "for _ in 0..1 { $S }"),
    form(Function, "while let", "let mut once = Some(1); while let Some(_) = once.take() { $S }"),
    form(Function, "loop", "loop { $S break; }"),
    form(Function, "labelled", "'l$n: { $S if yes() { break 'l$n; } $S }"),
    form(Function, "async block", "async { $S }.await;"),
    form(Function, "async move block", "async move { $S }.await;"),
    form(Function, "closure", "(|| { $C })();"),
    form(Function, "named closure", "let run$n = move || { $C }; run$n();"),
    form(Function, "select! arm", "tokio::select! { _ = ready() => { $S } }"),
    form(Function, "join!", "tokio::join!(async { $S }, async { $S });"),
    form(Function, "spawned block", "tokio::spawn(async move { $S });"),
];
