//! What is said of a leak.

use crate::pass::flow::Loss;

/// A leak, as far as words go.
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent facts about one leak"
)]
pub(crate) struct What<'a> {
    pub(crate) thread: bool,
    /// Whether the task was started by a function that was called.
    pub(crate) tracked: bool,
    /// Whether the handle is in a collection.
    pub(crate) many: bool,
    /// The variable that had the handle.
    pub(crate) name: Option<&'a str>,
    pub(crate) aborted: bool,
    pub(crate) loss: Loss,
    /// Whether no path joins it.
    pub(crate) never: bool,
    /// How many other exits lose it.
    pub(crate) more: usize,
}

/// What is said at the spawn and at the exit.
pub(crate) fn of(what: &What<'_>) -> (String, Option<String>) {
    let task = what.task();
    if what.loss == Loss::Unbound {
        let message = if what.thread {
            format!(
                "nobody joins {task}: its handle is dropped at once; keep the handle and call `join()` on it, or hand it to somebody"
            )
        } else {
            format!(
                "nobody joins {task}: its handle is dropped at once; keep the handle and await it, write `#[task_group]`, whose group joins it, or let it go with `rejoin::detach(handle, \"reason\")`"
            )
        };
        return (message, None);
    }
    let when = what.when();
    let never = what.never && what.loss.is_final();
    let more = match what.more {
        0 => String::new(),
        1 => " and at 1 other exit".to_owned(),
        more => format!(" and at {more} other exits"),
    };
    let aborted = if what.aborted {
        "; `abort()` only asks it to stop"
    } else {
        ""
    };
    let fate = if never {
        format!("{task} is never joined{aborted}")
    } else {
        format!("{task} is not joined when {when}{more}{aborted}")
    };
    let message = format!("{fate}: {}", what.advice());
    let named = match what.name {
        Some(name) if what.many => format!("a task whose handle is in `{name}`"),
        Some(name) => format!("the task of `{name}`"),
        None if what.thread => "the spawned thread".to_owned(),
        None => "the spawned task".to_owned(),
    };
    let exit = format!("{named} is not joined when {when} here");
    (message, Some(exit))
}

/// The same under `#[task_group]`, where only a handle that nothing uses is a leak.
pub(crate) fn in_group(what: &What<'_>) -> (String, Option<String>) {
    let task = what.task();
    let name = what.name.unwrap_or("handle");
    if what.loss == Loss::Unbound {
        return (
            format!(
                "{task} is held by a handle that nobody uses, so its error would be lost: await the handle"
            ),
            None,
        );
    }
    let message = format!(
        "{task} is held by a handle that no path uses, so its error would be lost: await `{name}`, or spawn it as a statement of its own, and the group takes its outcome"
    );
    let exit = format!("the handle `{name}` is lost when {} here", what.when());
    (message, Some(exit))
}

impl What<'_> {
    fn task(&self) -> &'static str {
        match (self.thread, self.tracked) {
            (true, _) => "this thread",
            (false, true) => "the task that this call starts",
            (false, false) => "this task",
        }
    }

    fn when(&self) -> &'static str {
        match self.loss {
            Loss::Unbound | Loss::Dropped => "its handle is dropped",
            Loss::EndOfBlock => "its handle goes out of scope",
            Loss::EndOfFunction => "the function ends",
            Loss::EndOfStatement => "the statement ends, and its handle with it,",
            Loss::EndOfCapture => "the closure or block that has taken its handle ends",
            Loss::Try => "`?` returns early",
            Loss::Return => "the function returns early",
            Loss::Break => "`break` leaves the scope of its handle",
            Loss::Continue => "`continue` leaves the scope of its handle",
            Loss::Overwritten => "its handle is overwritten",
            Loss::Forgotten => "its handle is forgotten",
            Loss::Ignored => "its handle is given to `_`",
            Loss::Cleared => "its collection is cleared",
            Loss::Timeout => "the timeout elapses, which drops its handle",
            Loss::Select => "another branch of `select!` wins, which drops its handle",
            Loss::TryJoin => "another one fails in `try_join!`, which drops its handle",
        }
    }

    fn advice(&self) -> String {
        let name = self.name.unwrap_or("handle");
        if self.thread {
            return match self.loss {
                Loss::Overwritten => {
                    format!("call `{name}.join()` before, or hand the handle to somebody")
                }
                _ => format!("call `{name}.join()` on that path, or hand the handle to somebody"),
            };
        }
        let detach = format!("or let it go with `rejoin::detach({name}, \"reason\")`");
        match self.loss {
            Loss::Timeout => "lend the handle, as in `timeout(time, &mut handle)`, and when the time is up, abort it and await it".to_owned(),
            Loss::Select => "lend the handle, as in `result = &mut handle => …`, and await it after the others".to_owned(),
            Loss::TryJoin => "lend the handles, as in `try_join!(&mut a, &mut b)`, and await the rest when one fails, or use `join!`".to_owned(),
            Loss::Overwritten => {
                format!("await the old handle before, hand it to somebody, {detach}")
            }
            Loss::Cleared => "await the handles before".to_owned(),
            _ if self.many => format!(
                "await the handles in `{name}` on that path, as in `join_all({name}).await`, hand them to somebody, or write `#[task_group]`, whose group joins them"
            ),
            Loss::Try | Loss::Return | Loss::Break | Loss::Continue => format!(
                "await `{name}` on that path, hand it to somebody, write `#[task_group]`, whose group joins it on every path, {detach}"
            ),
            _ => format!("await `{name}`, hand it to somebody, {detach}"),
        }
    }
}
