//! What is said of a leak.

use crate::leak::build::{About, Loss};

/// A leak, as far as words go.
#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent facts about one leak"
)]
pub struct What {
    pub thread: bool,
    /// Whether the task was started by a function that was called.
    pub tracked: bool,
    /// The variable that had the handle.
    pub holder: About,
    /// Whether its name means something else where it is lost.
    pub shadowed: bool,
    pub loss: Loss,
    /// Whether the spawn stands where its handle is lost.
    pub at_spawn: bool,
    /// Whether no path joins it.
    pub never: bool,
    /// How many other exits lose it.
    pub more: usize,
    /// Whether the function could be a group.
    pub can_group: bool,
}

/// What is said at the spawn and at the exit.
pub fn of(what: &What) -> (String, Option<String>) {
    let task = what.task();
    let aborted = if what.holder.aborted {
        ", and `abort()` only asks it to stop"
    } else {
        ""
    };
    let at_once = what.loss == Loss::EndOfStatement && what.never && what.holder.name.is_none();
    if what.loss == Loss::Unbound || at_once {
        let advice = what.unbound_advice();
        let dropped = match &what.holder.name {
            Some(name) if what.loss == Loss::Unbound => format!("nothing uses `{name}`"),
            _ => "its handle is dropped at once".to_owned(),
        };
        let message = format!("nobody joins {task}: {dropped}{aborted}; {advice}");
        return (message, None);
    }
    let when = what.when();
    let more = match what.more {
        0 => String::new(),
        1 => " and at 1 other exit".to_owned(),
        more => format!(" and at {more} other exits"),
    };
    let fate = if what.is_never() {
        format!("{task} is never joined{aborted}")
    } else {
        format!("{task} is not joined when {when}{more}{aborted}")
    };
    let message = format!("{fate}: {}", what.advice());
    let exit = (!what.at_spawn).then(|| format!("{} is not joined when {when} here", what.named()));
    (message, exit)
}

/// The same under `#[task_group]`, where only a handle that nothing uses is a leak.
pub fn in_group(what: &What) -> (String, Option<String>) {
    let task = what.task();
    let Some(name) = &what.holder.name else {
        let message = format!(
            "{task} is held by a handle that nobody uses, so its error would be lost: await the handle, or spawn it as a statement of its own, and the group takes its outcome"
        );
        return (message, None);
    };
    let held = if what.holder.owned {
        format!("is held in `{name}`, which no path reads")
    } else {
        format!("is held by `{name}`, which no path uses")
    };
    let message = format!(
        "{task} {held}, so its error would be lost: {}, or spawn it as a statement of its own, and the group takes its outcome",
        what.join()
    );
    let exit = match what.loss {
        Loss::Dropped => format!("`{name}` is dropped unused here"),
        Loss::Ignored => format!("`{name}` is given to `_` here"),
        Loss::Forgotten => format!("`{name}` is forgotten here"),
        _ => format!("`{name}` is lost when {} here", what.when()),
    };
    (message, Some(exit))
}

impl What {
    fn task(&self) -> &'static str {
        match (self.thread, self.tracked) {
            (true, _) => "this thread",
            (false, true) => "the task that this call starts",
            (false, false) => "this task",
        }
    }

    fn is_never(&self) -> bool {
        self.never && !self.holder.lent && self.loss.is_final()
    }

    /// What the exit calls it.
    fn named(&self) -> String {
        let noun = if self.thread { "thread" } else { "task" };
        match &self.holder.name {
            Some(name) if self.holder.owned => format!("a {noun} of `{name}`"),
            Some(name) if self.shadowed => format!("the {noun} of the first `{name}`"),
            Some(name) => format!("the {noun} of `{name}`"),
            None => format!("the spawned {noun}"),
        }
    }

    fn when(&self) -> String {
        // A handle that is one of several goes the way of its collection.
        let handle = match &self.holder.name {
            Some(name) if self.holder.owned => format!("`{name}`"),
            _ => "its handle".to_owned(),
        };
        match self.loss {
            Loss::Unbound | Loss::Dropped => format!("{handle} is dropped"),
            Loss::EndOfBlock => format!("{handle} goes out of scope"),
            Loss::EndOfFunction => "the function ends".to_owned(),
            Loss::EndOfStatement => "the statement ends".to_owned(),
            Loss::EndOfClosure => format!("the closure that has taken {handle} ends"),
            Loss::EndOfAsync => format!("the async block that has taken {handle} ends"),
            Loss::Try => "`?` returns early".to_owned(),
            Loss::Return => "the function returns early".to_owned(),
            Loss::ReturnOfClosure => "the closure returns early".to_owned(),
            Loss::ReturnOfBlock => "the async block returns early".to_owned(),
            Loss::Break => format!("`break` leaves the scope of {handle}"),
            Loss::Continue => format!("`continue` leaves the scope of {handle}"),
            Loss::Overwritten => format!("{handle} is overwritten"),
            Loss::Forgotten => format!("{handle} is forgotten"),
            Loss::Ignored => format!("{handle} is given to `_`"),
            Loss::Cleared => format!("{handle} is cleared"),
            Loss::Timeout => format!("the time is up, which drops {handle}"),
            Loss::Select => format!("another branch of `select!` wins, which drops {handle}"),
            Loss::TryJoin => format!("another one fails in `try_join!`, which drops {handle}"),
        }
    }

    /// How it is joined.
    fn join(&self) -> String {
        let about = &self.holder;
        match (&about.name, self.thread) {
            (None, true) => "keep the handle and call `join()` on it".to_owned(),
            (None, false) => "keep the handle and await it".to_owned(),
            (Some(name), true) if about.owned => format!("join each thread in `{name}`"),
            (Some(name), false) if about.owned => {
                let path = match self.loss {
                    Loss::Overwritten | Loss::Cleared => " before that",
                    _ if self.is_never() => "",
                    _ => " on that path",
                };
                format!("await the handles in `{name}`{path}, as in `join_all({name}).await`")
            }
            (Some(name), thread) if about.optional => {
                let join = if thread { "join" } else { "await" };
                format!("take the handle out of `{name}` and {join} it")
            }
            (Some(name), true) => format!("call `{name}.join()`"),
            (Some(name), false) => format!("await `{name}`"),
        }
    }

    fn unbound_advice(&self) -> String {
        if self.thread {
            return "keep the handle and call `join()` on it, or hand it to somebody".to_owned();
        }
        let group = if self.can_group {
            ", write `#[task_group]`, whose group joins it"
        } else {
            ", hand it to somebody"
        };
        format!(
            "keep the handle and await it{group}, or let it go with `rejoin::detach(handle, \"reason\")`"
        )
    }

    fn advice(&self) -> String {
        let about = &self.holder;
        let name = about.name.as_deref().unwrap_or("handle");
        match self.loss {
            Loss::Timeout => {
                return format!(
                    "lend the handle, as in `timeout(time, &mut {name})`, and when the time is up, abort it and await it"
                );
            }
            Loss::Select => {
                return format!(
                    "lend the handle, as in `result = &mut {name} => …`, and await it in the other branches, or after the `select!`"
                );
            }
            Loss::TryJoin => {
                return format!(
                    "lend the handles, as in `try_join!(&mut {name}, …)`, and when one fails, abort and await those that are not finished, or use `join!`"
                );
            }
            _ => {}
        }
        let mut ways = vec![self.join()];
        let early = matches!(
            self.loss,
            Loss::Try | Loss::Return | Loss::Break | Loss::Continue
        );
        match self.loss {
            // It is in the middle of an expression.
            _ if early && about.name.is_none() => {
                return "put what can leave before the spawn, or keep the handle and join it on that path".to_owned();
            }
            Loss::Overwritten | Loss::Cleared if about.owned && !self.thread => {}
            Loss::Overwritten | Loss::Cleared => ways[0].push_str(" before that"),
            _ if self.shadowed => {
                ways[0] = format!(
                    "a later `let` takes its name, so give it a name of its own and {} it",
                    if self.thread { "join" } else { "await" }
                );
            }
            _ if !self.is_never() && (!about.owned || self.thread) => {
                ways[0].push_str(" on that path");
            }
            _ => {}
        }
        let them = if about.owned { "them" } else { "it" };
        ways.push(format!("hand {them} to somebody"));
        if !self.thread && self.can_group && (early || about.owned) {
            ways.push(format!(
                "write `#[task_group]`, whose group joins {them} on every path"
            ));
        }
        if !self.thread && !about.owned && !about.optional && !self.shadowed {
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
