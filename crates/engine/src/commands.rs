//! Which command ids were used, and where: 24 bytes for each, in one sorted array.
//!
//! *Invariant:* `settled` ascends, and no id is in both: the first place of an id stays.
//! *Invariant:* `starts` only narrows a search: without it, or with ids that crowd, searches are
//! slower and find the same.

use std::collections::BTreeMap;
use std::ops::Range;

use bincode::de::{BorrowDecoder, Decoder};
use bincode::enc::Encoder;
use bincode::error::{DecodeError, EncodeError};
use bincode::{BorrowDecode, Decode, Encode};
use record::{CommandId, Seq};

/// Fewest new ids that are worth moving the array for.
const RECENT_MIN: usize = 1_024;
/// New ids join the array when there is one for so many of it: each id is moved about this often
/// while the array doubles, and the tree of the new ones stays small beside it.
const RECENT_PART: usize = 16;

/// Ids of one start: a search then touches two or three lines of memory instead of twenty.
const IDS_PER_START: usize = 8;

/// The first place of every command id.
#[derive(Debug, Default, Encode, Decode)]
pub(crate) struct Commands {
    settled: Vec<(CommandId, Seq)>,
    recent: BTreeMap<CommandId, Seq>,
    starts: Starts,
}

/// For each value that the first bits of an id can have, where such ids start. Ids are random, so
/// they spread evenly. It is made anew with the array, and never stored.
#[derive(Debug, Default)]
struct Starts(Vec<u32>);

impl Starts {
    fn of(settled: &[(CommandId, Seq)]) -> Self {
        let bits = (settled.len() / IDS_PER_START).checked_ilog2().unwrap_or(0);
        let values = 1usize << bits;
        let mut starts = Vec::with_capacity(values + 1);
        for (place, (id, _)) in (0u32..).zip(settled) {
            let upto = first_bits(*id, values);
            starts.resize(starts.len().max(upto + 1), place);
        }
        starts.resize(values + 1, u32::try_from(settled.len()).unwrap_or(u32::MAX));
        Self(starts)
    }

    /// Where an id stands if it stands anywhere.
    fn range(&self, id: CommandId, length: usize) -> Range<usize> {
        let values = self.0.len().saturating_sub(1);
        let value = first_bits(id, values.max(1));
        let at = |value: usize| self.0.get(value).and_then(|start| usize::try_from(*start).ok());
        at(value).unwrap_or(0)..at(value + 1).unwrap_or(length)
    }
}

/// The first bits of an id, for a power of two of values.
fn first_bits(id: CommandId, values: usize) -> usize {
    let first = id.as_bytes().first_chunk().copied().map_or(0, u32::from_be_bytes);
    let bits = values.ilog2().min(u32::BITS);
    let value = u64::from(first) >> (u32::BITS - bits);
    usize::try_from(value).unwrap_or(0)
}

impl Encode for Starts {
    fn encode<E: Encoder>(&self, _: &mut E) -> Result<(), EncodeError> {
        Ok(())
    }
}

impl<C> Decode<C> for Starts {
    fn decode<D: Decoder<Context = C>>(_: &mut D) -> Result<Self, DecodeError> {
        Ok(Self::default())
    }
}

impl<'de, C> BorrowDecode<'de, C> for Starts {
    fn borrow_decode<D: BorrowDecoder<'de, Context = C>>(_: &mut D) -> Result<Self, DecodeError> {
        Ok(Self::default())
    }
}

impl Commands {
    /// Where a command's first event stands.
    pub(crate) fn get(&self, id: CommandId) -> Option<Seq> {
        let recent = self.recent.get(&id).copied();
        recent.or_else(|| self.find(id))
    }

    /// Notes where an id was used; a later use of the same id changes nothing.
    pub(crate) fn note(&mut self, id: CommandId, seq: Seq) {
        if self.find(id).is_none() {
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

    fn find(&self, id: CommandId) -> Option<Seq> {
        let crowd = self.settled.get(self.starts.range(id, self.settled.len()))?;
        let place = crowd.binary_search_by_key(&id, |(settled, _)| *settled).ok()?;
        crowd.get(place).map(|(_, seq)| *seq)
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
        self.starts = Starts::of(&self.settled);
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
        assert!(commands.starts.0.len() > commands.settled.len() / IDS_PER_START / 2);
        // As after a snapshot.
        commands.starts = Starts::default();
        assert!(map.iter().all(|(id, seq)| commands.get(*id) == Some(*seq)));
    }

    #[test]
    fn ids_that_crowd_are_found_too() {
        let crowd = |number: u16| {
            let mut bytes = [0xff; 16];
            bytes[14..].copy_from_slice(&number.to_be_bytes());
            CommandId::from_bytes(bytes)
        };
        let mut commands = Commands::default();
        (0..5_000).for_each(|number| commands.note(crowd(number), Seq(u64::from(number))));
        commands.note(CommandId::from_bytes([0; 16]), Seq(7));
        commands.settle();
        assert!((0..5_000).all(|number| commands.get(crowd(number)) == Some(Seq(number.into()))));
        assert_eq!(commands.get(CommandId::from_bytes([0; 16])), Some(Seq(7)));
        assert_eq!(commands.get(crowd(5_000)), None);
        assert_eq!(commands.get(CommandId::from_bytes([0x80; 16])), None);
    }
}
