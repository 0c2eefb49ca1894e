//! Values by the site that they are for: found without a lock, however many there are, and kept as long as the map.
//!
//! 1. It is a tree. A lookup begins at the first node, and goes from a node that is another site's to the one of its four
//!    places that the next two bits of the wanted site's address say.
//! 2. A place is filled once and never emptied, so a lookup needs no lock. Of two threads that fill one place the first wins;
//!    the other finds another site's node there, and goes on below it.
//! 3. The bits are those of the address times an odd number, which is a permutation: two sites differ in one of them, so no
//!    way down is longer than [`ALL`].

use std::sync::OnceLock;

use crate::site::Site;

/// So many levels have room for every site.
pub(crate) const ALL: usize = 1 + u64::BITS as usize / 2;

/// Two raised to 64, over the golden ratio: neighbours are spread far apart.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

#[derive(Debug)]
pub(crate) struct BySite<T> {
    first: Place<T>,
}

type Place<T> = OnceLock<Box<Node<T>>>;

#[derive(Debug)]
struct Node<T> {
    site: &'static Site,
    value: T,
    below: [Place<T>; 4],
}

impl<T> BySite<T> {
    pub(crate) const fn new() -> Self {
        Self {
            first: OnceLock::new(),
        }
    }

    /// The value of a site, which is made if there is none. `None` if it would be deeper than so many levels.
    #[inline]
    pub(crate) fn get_or_add(
        &self,
        site: &'static Site,
        levels: usize,
        make: impl Fn() -> T,
    ) -> Option<&T> {
        let mut bits = (std::ptr::from_ref(site).addr() as u64).wrapping_mul(SPREAD);
        let mut place = &self.first;
        for _ in 0..levels {
            let node = place.get_or_init(|| {
                Box::new(Node {
                    site,
                    value: make(),
                    below: [const { OnceLock::new() }; 4],
                })
            });
            if std::ptr::eq(node.site, site) {
                return Some(&node.value);
            }
            place = &node.below[(bits >> (u64::BITS - 2)) as usize];
            bits <<= 2;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    static SITES: [Site; 1000] = [const { Site::new("many") }; 1000];

    impl<T> BySite<T> {
        fn depth(&self) -> usize {
            fn below<T>(place: &Place<T>) -> usize {
                let node = place.get();
                node.map_or(0, |node| {
                    1 + node.below.iter().map(below).max().unwrap_or(0)
                })
            }
            below(&self.first)
        }
    }

    #[test]
    fn each_site_has_one_value() {
        let map = BySite::new();
        for _ in 0..2 {
            for (at, site) in SITES.iter().enumerate() {
                assert_eq!(map.get_or_add(site, ALL, || at), Some(&at));
            }
        }
        assert!(map.depth() <= 12, "{} levels for a thousand", map.depth());
    }

    #[test]
    fn a_bound_on_the_levels_is_one_on_what_is_kept() {
        let map = BySite::new();
        let kept: HashSet<_> = SITES
            .iter()
            .enumerate()
            .filter_map(|(at, site)| map.get_or_add(site, 3, || at))
            .collect();
        assert_eq!(kept.len(), 1 + 4 + 16);
        assert_eq!(map.depth(), 3);
    }

    #[test]
    fn threads_that_add_at_one_time_get_the_same_values() {
        const THREADS: usize = 4;
        for _ in 0..20 {
            let map = BySite::new();
            let (begin, made) = (Barrier::new(THREADS), AtomicUsize::new(0));
            let all: Vec<Vec<usize>> = std::thread::scope(|threads| {
                let look = || {
                    begin.wait();
                    let make = || made.fetch_add(1, Ordering::SeqCst);
                    let values = SITES[..200]
                        .iter()
                        .map(|site| map.get_or_add(site, ALL, make));
                    values.map(|value| *value.unwrap()).collect()
                };
                let running: Vec<_> = (0..THREADS).map(|_| threads.spawn(look)).collect();
                running.into_iter().map(|one| one.join().unwrap()).collect()
            });
            assert!(all.iter().all(|values| *values == all[0]));
            assert_eq!(made.into_inner(), 200, "a place is filled once");
            let distinct: HashSet<_> = all[0].iter().collect();
            assert_eq!(distinct.len(), 200);
        }
    }
}
