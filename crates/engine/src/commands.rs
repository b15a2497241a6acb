//! Which command ids were used, and where: 24 bytes for each, in sorted shelves.
//!
//! *Invariant:* the first bits of an id name its shelf, and a shelf ascends: read shelf by shelf, all
//! ids ascend. Ids are random, so that shelves fill alike; if they were not, a shelf grows long and
//! everything stays right.
//! *Invariant:* the first place of an id stays.

use bincode::{Decode, Encode};
use record::{CommandId, Seq};

/// Most ids of a shelf on average: to add one moves a kilobyte, and to find one touches two lines.
const SHELF_IDS: usize = 64;
/// A shelf grows by so many, instead of to the double.
const SHELF_GROWTH: usize = 16;
/// As many shelves as the first four bytes of an id can name.
const BITS_MAX: u32 = 32;

type Shelf = Vec<(CommandId, Seq)>;

/// The first place of every command id.
#[derive(Debug, Encode, Decode)]
pub(crate) struct Commands {
    /// How many bits name a shelf.
    bits: u32,
    shelves: Vec<Shelf>,
    count: usize,
}

impl Default for Commands {
    fn default() -> Self {
        Self { bits: 0, shelves: vec![Shelf::new()], count: 0 }
    }
}

impl Commands {
    /// Where a command's first event stands.
    pub(crate) fn get(&self, id: CommandId) -> Option<Seq> {
        let shelf = self.shelves.get(shelf_of(id, self.bits))?;
        let place = find(shelf, id).ok()?;
        shelf.get(place).map(|(_, seq)| *seq)
    }

    /// Notes where an id was used; a later use of the same id changes nothing.
    pub(crate) fn note(&mut self, id: CommandId, seq: Seq) {
        let Some(shelf) = self.shelves.get_mut(shelf_of(id, self.bits)) else { return };
        let Err(place) = find(shelf, id) else { return };
        if shelf.len() == shelf.capacity() {
            shelf.reserve_exact(SHELF_GROWTH);
        }
        shelf.insert(place, (id, seq));
        self.count += 1;
        if self.count > self.shelves.len().saturating_mul(SHELF_IDS) && self.bits < BITS_MAX {
            self.divide();
        }
    }

    /// How many ids there are.
    pub(crate) const fn len(&self) -> usize {
        self.count
    }

    /// All of them, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (CommandId, Seq)> {
        self.shelves.iter().flatten().copied()
    }

    /// Makes two shelves of each.
    fn divide(&mut self) {
        self.bits += 1;
        let bits = self.bits;
        let halves = |mut lower: Shelf| {
            let upper = lower.partition_point(|(id, _)| shelf_of(*id, bits).is_multiple_of(2));
            let upper = lower.split_off(upper);
            lower.shrink_to_fit();
            [lower, upper]
        };
        self.shelves = std::mem::take(&mut self.shelves).into_iter().flat_map(halves).collect();
    }
}

fn find(shelf: &Shelf, id: CommandId) -> Result<usize, usize> {
    shelf.binary_search_by_key(&id, |(known, _)| *known)
}

/// The number that the first bits of an id make.
fn shelf_of(id: CommandId, bits: u32) -> usize {
    let front = id.as_bytes().first_chunk().map_or(0, |front| u32::from_be_bytes(*front));
    let number = front.checked_shr(BITS_MAX.saturating_sub(bits)).unwrap_or(0);
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn id(number: u64) -> CommandId {
        let hash = blake3::hash(&number.to_be_bytes());
        CommandId::from_bytes(hash.as_bytes().first_chunk().copied().unwrap())
    }

    #[test]
    fn holds_what_a_map_holds() {
        let (mut commands, mut map) = (Commands::default(), BTreeMap::new());
        for number in 0..40_000u64 {
            // Every third id was used before; its first place stays.
            let id = id(if number % 3 == 0 { number / 2 } else { number });
            commands.note(id, Seq(number));
            map.entry(id).or_insert(Seq(number));
        }
        assert!(commands.iter().eq(map.iter().map(|(id, seq)| (*id, *seq))));
        assert_eq!(commands.len(), map.len());
        assert!(map.iter().all(|(id, seq)| commands.get(*id) == Some(*seq)));
        assert_eq!(commands.get(id(1_000_000)), None);
        assert!(commands.shelves.len() > 256, "they were divided");
        assert!(commands.shelves.iter().all(|shelf| shelf.len() < 2 * SHELF_IDS));
    }
}
