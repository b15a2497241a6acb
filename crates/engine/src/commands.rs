//! Which command ids were used, and where: 24 bytes for each, in one sorted array.
//!
//! *Invariant:* `settled` ascends, and no id is in both: the first place of an id stays.

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use record::{CommandId, Seq};

/// Fewest new ids that are worth moving the array for.
const RECENT_MIN: usize = 1_024;
/// New ids join the array when there is one for so many of it: each id is moved about this often
/// while the array doubles, and the tree of the new ones stays small beside it.
const RECENT_PART: usize = 16;

/// The first place of every command id.
#[derive(Debug, Default, Encode, Decode)]
pub(crate) struct Commands {
    settled: Vec<(CommandId, Seq)>,
    recent: BTreeMap<CommandId, Seq>,
}

impl Commands {
    /// Where a command's first event stands.
    pub(crate) fn get(&self, id: CommandId) -> Option<Seq> {
        let recent = self.recent.get(&id).copied();
        recent.or_else(|| self.settled.get(self.find(id).ok()?).map(|(_, seq)| *seq))
    }

    /// Notes where an id was used; a later use of the same id changes nothing.
    pub(crate) fn note(&mut self, id: CommandId, seq: Seq) {
        if self.find(id).is_err() {
            self.recent.entry(id).or_insert(seq);
            if self.recent.len() >= RECENT_MIN.max(self.settled.len() / RECENT_PART) {
                self.settle();
            }
        }
    }

    /// How many ids there are.
    pub(crate) fn len(&self) -> usize {
        self.settled.len() + self.recent.len()
    }

    /// All of them, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (CommandId, Seq)> {
        let mut settled = self.settled.iter().copied().peekable();
        let mut recent = self.recent.iter().map(|(id, seq)| (*id, *seq)).peekable();
        std::iter::from_fn(move || match (settled.peek(), recent.peek()) {
            (Some((old, _)), Some((new, _))) if new < old => recent.next(),
            (None, _) => recent.next(),
            (Some(_), _) => settled.next(),
        })
    }

    fn find(&self, id: CommandId) -> Result<usize, usize> {
        self.settled.binary_search_by_key(&id, |(settled, _)| *settled)
    }

    /// Merges the new ids into the array, from its end, so that no second array is needed.
    fn settle(&mut self) {
        let recent = std::mem::take(&mut self.recent);
        let mut end = self.settled.len();
        self.settled.reserve_exact(recent.len());
        self.settled.extend(recent.iter().map(|(id, seq)| (*id, *seq)));
        let mut gap = recent.len();
        for (id, seq) in recent.into_iter().rev() {
            let larger = self.settled.get(..end).unwrap_or_default();
            let start = larger.partition_point(|(settled, _)| *settled < id);
            self.settled.copy_within(start..end, start + gap);
            gap -= 1;
            end = start;
            if let Some(place) = self.settled.get_mut(start + gap) {
                *place = (id, seq);
            }
        }
    }
}

#[cfg(test)]
mod tests {
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
        assert!(commands.recent.len() <= RECENT_MIN.max(commands.settled.len() / RECENT_PART));
    }
}
