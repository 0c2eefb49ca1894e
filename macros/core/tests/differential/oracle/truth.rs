//! What the paths of a body have shown.

use std::collections::BTreeMap;

use crate::{exit::Exit, tree::Site};

/// What is true of a body.
#[derive(Clone, Debug)]
pub(crate) struct Truth {
    pub(super) sharp: Seen,
    pub(super) blind: Seen,
    /// Whether there are statements to which no path comes.
    pub(crate) dead: bool,
}

/// What was seen on the paths, with one bit for each spawn site.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// The exits, with what they lose.
    pub(super) lost: BTreeMap<Exit, u64>,
    pub(super) reached: u64,
    /// What somebody joins, on some path.
    pub(super) joined: u64,
    /// What somebody asks to stop.
    pub(super) aborted: u64,
    /// What had a name, or a place in something that has one.
    pub(super) named: u64,
    /// What other functions have spawned, which the analysis was told of.
    pub(super) tracked: u64,
    /// What comes in pairs, of one call.
    pub(super) paired: u64,
}

impl Seen {
    fn leaks(&self, site: Site) -> bool {
        self.lost.values().any(|mask| mask & (1 << site) != 0)
    }

    fn exits(&self, site: Site) -> Vec<Exit> {
        let loses = |(_, mask): &(&Exit, &u64)| *mask & (1 << site) != 0;
        self.lost
            .iter()
            .filter(loses)
            .map(|(exit, _)| *exit)
            .collect()
    }
}

/// By which exits a site's task is lost.
#[derive(Debug)]
pub(crate) struct Exits {
    pub(crate) some: Vec<Exit>,
    /// Whether these are all, and it is known whether any path joins the task.
    pub(crate) joined: Option<bool>,
}

impl Truth {
    /// Whether some path leaks a task of the site, and the analysis has to say so.
    pub(crate) fn leaks(&self, site: Site, group: bool) -> bool {
        let bit = 1 << site;
        let used = self.blind.joined | self.blind.aborted;
        let held = self.sharp.named | self.sharp.tracked;
        let held = held & !self.blind.paired;
        self.sharp.leaks(site) && (!group || used & bit == 0 && held & bit != 0)
    }

    /// Whether the analysis may say that some path leaks a task of the site.
    pub(crate) fn may_leak(&self, site: Site, group: bool) -> bool {
        let bit = 1 << site;
        let used = self.sharp.joined & !self.blind.paired;
        self.blind.leaks(site) && (!group || used & bit == 0)
    }

    /// Whether some path comes to the site. Of code that is never reached nothing is asked.
    pub(crate) fn reaches(&self, site: Site) -> bool {
        self.blind.reached & (1 << site) != 0
    }

    pub(crate) fn exits(&self, site: Site) -> Exits {
        let bit = 1 << site;
        let (sharp, some) = (self.sharp.exits(site), self.blind.exits(site));
        let joined = self.sharp.joined & bit != 0;
        let sure = sharp == some
            && joined == (self.blind.joined & bit != 0)
            && self.blind.paired & bit == 0;
        Exits {
            some,
            joined: sure.then_some(joined),
        }
    }
}
