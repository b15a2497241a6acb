//! A hash table of 4-byte numbers whose keys stand elsewhere.
//!
//! *Invariants:* a slot is empty, gone, or a live number with 32 bits of its hash, so that growing
//! reads no key and searching reads hardly a wrong one; at most three quarters of the slots are
//! not empty, so that every search ends. Eleven to twenty-one bytes an entry instead of the forty
//! and more of a map that holds the 16-byte id once more.

const EMPTY: u32 = u32::MAX;
const GONE: u32 = u32::MAX - 1;
/// Numbers in the table are below this.
pub(crate) const NUMBERS_MAX: u32 = GONE;

#[derive(Clone, Copy)]
struct Slot {
    hash: u32,
    number: u32,
}

#[derive(Default)]
pub(crate) struct Table {
    slots: Vec<Slot>,
    live: usize,
    gone: usize,
}

impl Table {
    /// A table that takes so many numbers without growing.
    pub(crate) fn with_room(count: usize) -> Self {
        let mut table = Self::default();
        table.grow_to(count);
        table
    }

    /// The number at `hash` for which `is` holds.
    pub(crate) fn find(&self, hash: u64, is: impl Fn(u32) -> bool) -> Option<u32> {
        self.slots.get(self.place(fold(hash), is)?).map(|slot| slot.number)
    }

    /// Adds a number that is not in the table.
    pub(crate) fn insert(&mut self, hash: u64, number: u32) {
        assert!(number < NUMBERS_MAX, "a number that means empty or gone");
        if (self.live + self.gone + 1) * 4 > self.slots.len() * 3 {
            self.rebuild();
        }
        self.put(Slot { hash: fold(hash), number });
    }

    /// Puts `number` where the one for which `is` holds stands.
    pub(crate) fn replace(&mut self, hash: u64, number: u32, is: impl Fn(u32) -> bool) {
        let place = self.place(fold(hash), is);
        if let Some(slot) = place.and_then(|place| self.slots.get_mut(place)) {
            slot.number = number;
        }
    }

    /// Takes out the number for which `is` holds.
    pub(crate) fn remove(&mut self, hash: u64, is: impl Fn(u32) -> bool) {
        let place = self.place(fold(hash), is);
        if let Some(slot) = place.and_then(|place| self.slots.get_mut(place)) {
            slot.number = GONE;
            self.live -= 1;
            self.gone += 1;
        }
    }

    fn place(&self, hash: u32, is: impl Fn(u32) -> bool) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut place = start(hash) & mask;
        loop {
            let slot = self.slots.get(place)?;
            let live = slot.number < NUMBERS_MAX;
            if slot.number == EMPTY {
                return None;
            }
            if live && slot.hash == hash && is(slot.number) {
                return Some(place);
            }
            place = (place + 1) & mask;
        }
    }

    fn rebuild(&mut self) {
        self.grow_to((self.live + 1) * 3 / 2);
    }

    fn grow_to(&mut self, count: usize) {
        let length = (count * 4 / 3 + 1).next_power_of_two().max(16);
        let empty = Slot { hash: 0, number: EMPTY };
        let old = std::mem::replace(&mut self.slots, vec![empty; length]);
        (self.live, self.gone) = (0, 0);
        old.into_iter().filter(|slot| slot.number < NUMBERS_MAX).for_each(|slot| self.put(slot));
    }

    fn put(&mut self, new: Slot) {
        let mask = self.slots.len().saturating_sub(1);
        let mut place = start(new.hash) & mask;
        while self.slots.get(place).is_some_and(|slot| slot.number != EMPTY) {
            place = (place + 1) & mask;
        }
        if let Some(slot) = self.slots.get_mut(place) {
            *slot = new;
            self.live += 1;
        }
    }
}

fn fold(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or(0)
}

fn start(hash: u32) -> usize {
    usize::try_from(hash).unwrap_or(0)
}
