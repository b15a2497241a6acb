//! Putting a journal back: records as they were written, and room for them
//! (docs/format/backup.md §6).
//!
//! *Invariant:* a record is taken in only where its number, its predecessor and its digests fit,
//! as if it had just been sealed; everything is synced and read back as any commit is.

use record::{JournalId, Record};

use crate::chain::{Chain, Flaw};
use crate::commit::{CommitError, Encoded, take_back};
use crate::database::Writes;
use crate::layout::all_keys;
use crate::scan::hash_of_header;
use crate::store::{Journal, Store};

/// Keys of one batch of removals.
const REMOVALS: usize = 2_048;

impl Store {
    /// Takes in records that stood in this journal before, as they are.
    ///
    /// # Errors
    /// [`CommitError::Damaged`] at the first record that does not follow; then nothing was written.
    pub fn take_in(&mut self, id: JournalId, records: &[Record]) -> Result<(), CommitError> {
        let chain = self.journal(id).map_or(Chain::start(id), |known| known.chain);
        let mut ended = Encoded::after(chain);
        for record in records {
            let seq = ended.chain.next;
            follow(&mut ended, record).map_err(|flaw| CommitError::Damaged { seq, flaw })?;
        }
        let mut writes = Writes::new();
        ended.write_into(&mut writes);
        if writes.is_empty() {
            return Ok(());
        }
        self.write_checked(&writes)?;
        let (database, journals) = self.parts_mut();
        let journal = journals.entry(id).or_insert_with(|| Journal::start(id));
        take_back(database, journal, &ended)
    }

    /// Removes every record, page and leaflet of a journal, so that it can be put back.
    ///
    /// # Errors
    /// [`CommitError`]; what a failure left is removed by the next call.
    pub fn remove(&mut self, id: JournalId) -> Result<(), CommitError> {
        for prefix in all_keys(id) {
            loop {
                let some = self.database().prefix(&prefix).take(REMOVALS);
                let keys = some.map(|entry| entry.map(|(key, _)| (key.to_vec(), None)));
                let writes = keys.collect::<Result<Writes, _>>().map_err(crate::ReadError::from)?;
                if writes.is_empty() {
                    break;
                }
                self.write_checked(&writes)?;
            }
        }
        let (_, journals) = self.parts_mut();
        journals.remove(&id);
        Ok(())
    }

    fn write_checked(&mut self, writes: &Writes) -> Result<(), CommitError> {
        let (database, _) = self.parts_mut();
        database.apply(writes).map_err(CommitError::Poisoned)
    }
}

fn follow(ended: &mut Encoded, record: &Record) -> Result<(), Flaw> {
    let bytes = record.encode();
    // Decoding checks every body against its digest.
    Record::decode(&bytes)?;
    ended.chain.follow(&record.header, hash_of_header(&bytes, &record.bodies))?;
    ended.push(&bytes);
    Ok(())
}
