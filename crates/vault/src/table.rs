//! A hash table of 4-byte numbers whose keys stand elsewhere.
//!
//! *Invariants:* a slot is empty, gone, or a live number; at most three quarters of the slots are
//! not empty, so that every search ends. Four to eight bytes an entry instead of the forty of a
//! map that holds the 16-byte id once more.

const EMPTY: u32 = u32::MAX;
const GONE: u32 = u32::MAX - 1;
/// Numbers in the table are below this.
pub(crate) const NUMBERS_MAX: u32 = GONE;

#[derive(Default)]
pub(crate) struct Table {
    slots: Vec<u32>,
    live: usize,
    gone: usize,
}

impl Table {
    /// The number at `hash` for which `is` holds.
    pub(crate) fn find(&self, hash: u64, is: impl Fn(u32) -> bool) -> Option<u32> {
        self.slots.get(self.slot(hash, is)?).copied()
    }

    /// Adds a number; `rehash` gives the hash of a number that is in the table.
    pub(crate) fn insert(&mut self, hash: u64, number: u32, rehash: impl Fn(u32) -> u64) {
        assert!(number < NUMBERS_MAX, "a number that means empty or gone");
        if (self.live + self.gone + 1) * 4 > self.slots.len() * 3 {
            self.rebuild(rehash);
        }
        self.put(hash, number);
    }

    /// Puts `number` where the one for which `is` holds stands.
    pub(crate) fn replace(&mut self, hash: u64, number: u32, is: impl Fn(u32) -> bool) {
        if let Some(slot) = self.slot(hash, is).and_then(|slot| self.slots.get_mut(slot)) {
            *slot = number;
        }
    }

    /// Takes out the number for which `is` holds.
    pub(crate) fn remove(&mut self, hash: u64, is: impl Fn(u32) -> bool) {
        if let Some(slot) = self.slot(hash, is).and_then(|slot| self.slots.get_mut(slot)) {
            *slot = GONE;
            self.live -= 1;
            self.gone += 1;
        }
    }

    /// Every number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        self.slots.iter().copied().filter(|number| *number < NUMBERS_MAX)
    }

    fn slot(&self, hash: u64, is: impl Fn(u32) -> bool) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut slot = start(hash) & mask;
        loop {
            match *self.slots.get(slot)? {
                EMPTY => return None,
                number if number != GONE && is(number) => return Some(slot),
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    fn rebuild(&mut self, rehash: impl Fn(u32) -> u64) {
        let length = ((self.live + 1) * 2).next_power_of_two().max(16);
        let old = std::mem::replace(&mut self.slots, vec![EMPTY; length]);
        (self.live, self.gone) = (0, 0);
        for number in old.into_iter().filter(|number| *number < NUMBERS_MAX) {
            self.put(rehash(number), number);
        }
    }

    fn put(&mut self, hash: u64, number: u32) {
        let mask = self.slots.len().saturating_sub(1);
        let mut slot = start(hash) & mask;
        while self.slots.get(slot).is_some_and(|number| *number != EMPTY) {
            slot = (slot + 1) & mask;
        }
        if let Some(place) = self.slots.get_mut(slot) {
            *place = number;
            self.live += 1;
        }
    }
}

fn start(hash: u64) -> usize {
    usize::try_from(hash & u64::from(u32::MAX)).unwrap_or(0)
}
