//! The text of errors.

use super::cfg::{LeakKind, Many, Rest, VarInfo};

/// What the text of a leak depends on.
#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent facts about one leak"
)]
pub(super) struct Facts {
    pub(super) thread: bool,
    /// Whether the task was started by a function that is called.
    pub(super) tracked: bool,
    /// The variable that had the handle.
    pub(super) holder: VarInfo,
    /// Whether its name means something else at the exit.
    pub(super) shadowed: bool,
    pub(super) kind: LeakKind,
    /// Whether the exit is in a loop that consumes the variable.
    pub(super) consumed: bool,
    /// Whether the spawn is at the exit.
    pub(super) at_spawn: bool,
    /// Whether no path joins it.
    pub(super) never: bool,
    /// The number of other exits that lose it.
    pub(super) more: usize,
    /// Whether the function could be a group.
    pub(super) can_group: bool,
}

/// The texts at the spawn and at the exit.
pub(super) fn leak(facts: &Facts) -> (String, Option<String>) {
    let task = facts.task();
    let aborted = if facts.holder.aborted {
        ", and `abort()` only asks it to stop"
    } else {
        ""
    };
    let at_once = facts.kind == LeakKind::EndOfStatement
        && facts.never
        && facts.holder.name.is_none()
        && facts.holder.rest.is_none();
    if facts.kind == LeakKind::Unbound || at_once {
        let dropped = match &facts.holder.name {
            Some(name) if facts.kind == LeakKind::Unbound => format!("nothing uses `{name}`"),
            _ => "its handle is dropped at once".to_owned(),
        };
        let advice = facts.unbound_advice();
        let message = format!("{task} is never joined: {dropped}{aborted}; {advice}");
        return (message, None);
    }
    let when = facts.when();
    let more = match facts.more {
        0 => String::new(),
        1 => " and at 1 other exit".to_owned(),
        more => format!(" and at {more} other exits"),
    };
    let outcome = if facts.is_never() {
        format!("{task} is never joined{aborted}")
    } else {
        let when = match (facts.consumed, facts.kind) {
            (true, LeakKind::Try) => "`?` returns early after another one has failed",
            _ => &when,
        };
        format!("{task} is not joined when {when}{more}{aborted}")
    };
    let message = format!("{outcome}: {}", facts.advice());
    let exit = (!facts.at_spawn).then(|| {
        let (named, verb) = facts.named();
        format!("{named} {verb} not joined when {when} here")
    });
    (message, exit)
}

/// The same under `#[task_group]`, where the only leak is a handle that nothing uses.
pub(super) fn leak_in_group(facts: &Facts) -> (String, Option<String>) {
    let task = facts.task();
    let Some(name) = &facts.holder.name else {
        let message = format!(
            "{task} has a handle that nothing uses, so its error would be lost: await the handle, or spawn it as a statement of its own, and the group takes its outcome"
        );
        return (message, None);
    };
    let held = if facts.holder.many.is_some() {
        format!("is held in `{name}`, which no path reads")
    } else {
        format!("is held by `{name}`, which no path uses")
    };
    let message = format!(
        "{task} {held}, so its error would be lost: {}, or spawn it as a statement of its own, and the group takes its outcome",
        facts.join()
    );
    let exit = match facts.kind {
        LeakKind::Dropped => format!("`{name}` is dropped unused here"),
        LeakKind::Ignored => format!("`{name}` is given to `_` here"),
        LeakKind::Forgotten => format!("`{name}` is forgotten here"),
        _ => format!("`{name}` is lost when {} here", facts.when()),
    };
    (message, Some(exit))
}

/// The texts for a handle that leaves a function whose group owns the task.
pub(super) fn escape(thread: bool, returned: bool) -> (String, String) {
    let noun = if thread { "thread" } else { "task" };
    let where_to = if returned {
        "is returned"
    } else {
        "is stored behind an argument"
    };
    let message = format!(
        "the handle of this {noun} {where_to}, but `#[task_group]` waits for the {noun} before the function returns: the {noun} has ended before anybody could use the handle, and if it does not end by itself, the function never returns; start it in the root with `rejoin::root().spawn(…)`, let it go with `rejoin::detach(handle, \"reason\")`, write `#[guarded]` instead of `#[task_group]`, or make the caller the owner of the {noun}: pass it a `TaskGroup` and spawn there"
    );
    let exit = format!("the handle of the {noun} {where_to} here");
    (message, exit)
}

impl Facts {
    fn task(&self) -> &'static str {
        match (self.thread, self.tracked) {
            (true, _) => "this thread",
            (false, true) => "the task that this call starts",
            (false, false) => "this task",
        }
    }

    fn is_never(&self) -> bool {
        self.never && !self.holder.lent && self.kind.is_final()
    }

    /// How the text at the exit names the task, and the verb to that.
    fn named(&self) -> (String, &'static str) {
        let noun = if self.thread { "thread" } else { "task" };
        let name = self.holder.name.as_deref();
        match (name, self.holder.rest) {
            _ if self.consumed && self.kind == LeakKind::Try => {
                (format!("the {noun}s after the first failure"), "are")
            }
            _ if self.consumed => (format!("the {noun}s that the loop has not reached"), "are"),
            (_, Some(Rest::Race)) => (format!("the {noun} that has lost the race"), "is"),
            (Some(name), Some(Rest::Items)) => (format!("the other {noun}s of `{name}`"), "are"),
            (None, Some(Rest::Items)) => (format!("the other {noun}s"), "are"),
            (Some(name), None) if self.holder.many.is_some() => {
                (format!("a {noun} of `{name}`"), "is")
            }
            (Some(name), None) if self.shadowed => {
                (format!("the {noun} of the first `{name}`"), "is")
            }
            (Some(name), None) => (format!("the {noun} of `{name}`"), "is"),
            (None, None) => (format!("the spawned {noun}"), "is"),
        }
    }

    fn when(&self) -> String {
        // A handle in a collection shares the fate of the collection.
        let handle = match &self.holder.name {
            Some(name) if self.holder.many.is_some() && self.holder.rest.is_none() => {
                format!("`{name}`")
            }
            _ => "its handle".to_owned(),
        };
        match self.kind {
            LeakKind::Break if self.consumed => "`break` leaves the loop".to_owned(),
            LeakKind::Continue if self.consumed => "`continue` leaves the loop".to_owned(),
            LeakKind::Unbound | LeakKind::Dropped => format!("{handle} is dropped"),
            LeakKind::EndOfBlock => format!("{handle} goes out of scope"),
            LeakKind::EndOfFunction => "the function ends".to_owned(),
            LeakKind::EndOfStatement => "the statement ends".to_owned(),
            LeakKind::EndOfClosure => format!("the closure that has taken {handle} ends"),
            LeakKind::EndOfAsync => format!("the async block that has taken {handle} ends"),
            LeakKind::Try => "`?` returns early".to_owned(),
            LeakKind::Return | LeakKind::Stored => "the function returns early".to_owned(),
            LeakKind::ReturnOfClosure => "the closure returns early".to_owned(),
            LeakKind::ReturnOfBlock => "the async block returns early".to_owned(),
            LeakKind::Break => format!("`break` leaves the scope of {handle}"),
            LeakKind::Continue => format!("`continue` leaves the scope of {handle}"),
            LeakKind::Overwritten => format!("{handle} is overwritten"),
            LeakKind::Forgotten => format!("{handle} is forgotten"),
            LeakKind::Ignored => format!("{handle} is given to `_`"),
            LeakKind::Cleared => format!("{handle} is cleared"),
            LeakKind::Truncated => format!("{handle} is truncated"),
            LeakKind::NotTaken => "only some of the items are taken".to_owned(),
            LeakKind::Timeout => format!("the time is up, which drops {handle}"),
            LeakKind::Select => format!("another branch of `select!` wins, which drops {handle}"),
            LeakKind::Race => format!("another future completes first, and {handle} is dropped"),
            LeakKind::TryJoin => format!("another one fails first, which drops {handle}"),
        }
    }

    /// How it is joined.
    fn join(&self) -> String {
        let info = &self.holder;
        match (&info.name, self.thread) {
            (None, true) => "keep the handle and call `join()` on it".to_owned(),
            (None, false) => "keep the handle and await it".to_owned(),
            (Some(name), true) if info.many.is_some() => format!("join each thread in `{name}`"),
            (Some(name), false) if info.many.is_some() => {
                let path = match self.kind {
                    LeakKind::Overwritten | LeakKind::Cleared | LeakKind::Truncated => {
                        " before that"
                    }
                    _ if self.is_never() => "",
                    _ => " on that path",
                };
                match self.all(name) {
                    Some(all) => {
                        format!(
                            "await the handles in `{name}`{path}, as in `join_all({all}).await`"
                        )
                    }
                    None => format!("await the handles in `{name}`{path}"),
                }
            }
            (Some(name), thread) if info.tuple => {
                let join = if thread { "join" } else { "await" };
                format!("{join} the handle in `{name}`")
            }
            (Some(name), thread) if info.optional => {
                let join = if thread { "join" } else { "await" };
                format!("take the handle out of `{name}` and {join} it")
            }
            (Some(name), true) => format!("call `{name}.join()`"),
            (Some(name), false) => format!("await `{name}`"),
        }
    }

    /// All handles of a collection, as an expression; `None` where they are in tuples.
    fn all(&self, name: &str) -> Option<String> {
        match self.holder.many {
            _ if self.holder.tuple => None,
            Some(Many::Map) => Some(format!("{name}.into_values()")),
            _ => Some(name.to_owned()),
        }
    }

    fn unbound_advice(&self) -> String {
        if self.thread {
            return "keep the handle and call `join()` on it, or pass it on".to_owned();
        }
        let group = if self.can_group {
            format!(", {}", group("it"))
        } else {
            ", pass it on".to_owned()
        };
        format!(
            "keep the handle and await it{group}, or let it go with `rejoin::detach(handle, \"reason\")`"
        )
    }

    /// What to do about the items that a loop leaves behind.
    fn rest_advice(&self) -> String {
        let name = self.holder.name.as_deref().unwrap_or("handles");
        if self.thread {
            return "join all threads first, and look at the results after that".to_owned();
        }
        let group = if self.can_group {
            format!("{}, ", group("it"))
        } else {
            String::new()
        };
        let example = match self.all(name) {
            Some(all) => format!(", as in `let results = join_all({all}).await;`"),
            None => String::new(),
        };
        format!(
            "{group}collect the results first{example}, or abort and await the rest on that path"
        )
    }

    fn advice(&self) -> String {
        let info = &self.holder;
        let name = info.name.as_deref().unwrap_or("handle");
        match self.kind {
            _ if self.consumed || info.rest == Some(Rest::Items) => return self.rest_advice(),
            LeakKind::Timeout if info.many.is_some() => {
                return format!(
                    "lend the handles, as in `timeout(time, join_all(&mut {name}))`, and when the time is up, abort and await those that are not finished"
                );
            }
            LeakKind::Timeout => {
                return format!(
                    "lend the handle, as in `timeout(time, &mut {name})`, and when the time is up, abort it and await it"
                );
            }
            LeakKind::Select if info.many.is_some() => {
                return format!(
                    "lend the handles, as in `results = join_all(&mut {name}) => …`, and await those that are not finished in the other branches, or after the `select!`"
                );
            }
            LeakKind::Select => {
                return format!(
                    "lend the handle, as in `result = &mut {name} => …`, and await it in the other branches, or after the `select!`"
                );
            }
            _ if info.rest == Some(Rest::Race) => {
                return "the output has the future that has lost: abort it and await it".to_owned();
            }
            LeakKind::TryJoin if info.many.is_some() => {
                let Some(name) = &info.name else {
                    return "let all of them end and look at the results then, as in `let results = join_all(handles).await;`, or keep the handles and lend them, as in `try_join_all(&mut handles)`, and when one fails, abort and await those that are not finished".to_owned();
                };
                return format!(
                    "lend the handles, as in `try_join_all(&mut {name})`, and when one fails, abort and await those that are not finished, or use `join_all`"
                );
            }
            LeakKind::TryJoin => {
                return format!(
                    "lend the handles, as in `try_join!(&mut {name}, …)`, and when one fails, abort and await those that are not finished, or use `join!`"
                );
            }
            _ => {}
        }
        let mut ways = vec![self.join()];
        let many = info.many.is_some();
        let early = matches!(
            self.kind,
            LeakKind::Try | LeakKind::Return | LeakKind::Break | LeakKind::Continue
        );
        match self.kind {
            // It is in the middle of an expression.
            _ if early && info.name.is_none() => {
                return "move the early exit before the spawn, or keep the handle and join it on that path".to_owned();
            }
            LeakKind::Overwritten | LeakKind::Cleared | LeakKind::Truncated
                if many && !self.thread => {}
            LeakKind::Overwritten | LeakKind::Cleared | LeakKind::Truncated => {
                ways[0].push_str(" before that");
            }
            _ if self.shadowed => {
                ways[0] = format!(
                    "a later `let` takes its name, so give it a name of its own and {} it",
                    if self.thread { "join" } else { "await" }
                );
            }
            _ if !self.is_never() && (!many || self.thread) => {
                ways[0].push_str(" on that path");
            }
            _ => {}
        }
        let them = if many { "them" } else { "it" };
        ways.push(format!("pass {them} on"));
        if !self.thread && self.can_group && (early || many) {
            ways.push(group(them));
        }
        if !self.thread && !many && !info.optional && !info.tuple && !self.shadowed {
            ways.push(format!(
                "let it go with `rejoin::detach({name}, \"reason\")`"
            ));
        }
        match ways.split_last() {
            Some((last, first)) if !first.is_empty() => format!("{}, or {last}", first.join(", ")),
            _ => ways.concat(),
        }
    }
}

fn group(them: &str) -> String {
    format!(
        "write `#[task_group]`, whose group joins {them} on every path and cancels {them} when the function's future is dropped"
    )
}
