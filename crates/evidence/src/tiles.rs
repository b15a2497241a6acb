//! Tiles and entry bundles of a growing tree (docs/format/bundle.md §5; C2SP tlog-tiles).
//!
//! *Invariant:* holds at most one unfinished tile per level; the partial tiles come out once, at
//! the end.

use record::Hash;
use record::tree::{Frontier, LEAF_BYTES, leaf_hash};

use crate::layout::{TILE_WIDTH, entries, tile};

/// A finished file of the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TileFile {
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
}

/// Hashes entries into tiles and a root.
#[derive(Debug, Default)]
pub(crate) struct TileBuilder {
    size: u64,
    entries: Vec<u8>,
    levels: Vec<Level>,
}

/// The unfinished tile of one level, and the tree over it: each node is hashed once.
#[derive(Debug, Default)]
struct Level {
    /// Full tiles that came out.
    full: u64,
    hashes: Vec<u8>,
    frontier: Frontier,
}

impl TileBuilder {
    /// Adds the entry of the next record and returns the files that it completes.
    pub(crate) fn push(&mut self, entry: &[u8; LEAF_BYTES]) -> Vec<TileFile> {
        let mut done = Vec::new();
        let bytes = u16::try_from(entry.len()).unwrap_or(u16::MAX);
        self.entries.extend_from_slice(&bytes.to_be_bytes());
        self.entries.extend_from_slice(entry);
        let leaf = leaf_hash(entry);
        self.size += 1;
        if self.size().is_multiple_of(TILE_WIDTH) {
            let path = entries(self.size() / TILE_WIDTH - 1, TILE_WIDTH);
            done.push(TileFile { path, bytes: std::mem::take(&mut self.entries) });
        }
        self.push_hash(leaf, &mut done);
        done
    }

    fn push_hash(&mut self, leaf: Hash, done: &mut Vec<TileFile>) {
        let (mut hash, mut number) = (leaf, 0u32);
        for level in &mut self.levels {
            level.push(hash);
            if level.frontier.size() < TILE_WIDTH {
                return;
            }
            hash = std::mem::take(&mut level.frontier).root();
            let path = tile(number, level.full, TILE_WIDTH);
            done.push(TileFile { path, bytes: std::mem::take(&mut level.hashes) });
            level.full += 1;
            number += 1;
        }
        let mut level = Level::default();
        level.push(hash);
        self.levels.push(level);
    }

    /// How many entries it holds.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The root over them: what is unfinished on a level stands to the right of all above it.
    pub(crate) fn root(&self) -> Hash {
        let smaller = |right, level: &Level| level.frontier.root_before(right);
        self.levels.iter().fold(None, smaller).unwrap_or_else(|| Frontier::default().root())
    }

    /// The partial tiles at the right edge.
    pub(crate) fn finish(mut self) -> Vec<TileFile> {
        let mut done = Vec::new();
        if !self.entries.is_empty() {
            let path = entries(self.size() / TILE_WIDTH, self.size() % TILE_WIDTH);
            done.push(TileFile { path, bytes: std::mem::take(&mut self.entries) });
        }
        for (number, level) in (0u32..).zip(&mut self.levels) {
            let width = level.frontier.size();
            if width > 0 {
                let path = tile(number, level.full, width);
                done.push(TileFile { path, bytes: std::mem::take(&mut level.hashes) });
            }
        }
        done
    }
}

impl Level {
    fn push(&mut self, hash: Hash) {
        self.hashes.extend_from_slice(&hash.0);
        self.frontier.push(hash);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::layout::paths;

    fn entry(number: u64) -> [u8; LEAF_BYTES] {
        record::tree::leaf_entry(record::Seq(number), &number.to_be_bytes())
    }

    #[test]
    fn the_files_are_those_of_the_layout_and_the_root_that_of_the_tree() {
        for size in [0, 1, 7, 255, 256, 257, 513, 65_536, 65_537] {
            let (mut builder, mut files) = (TileBuilder::default(), Vec::new());
            let mut leaves = Vec::new();
            for number in 0..size {
                files.extend(builder.push(&entry(number)));
                leaves.push(leaf_hash(&entry(number)));
            }
            assert_eq!(builder.root(), record::tree::root(&leaves), "size {size}");
            files.extend(builder.finish());
            let found: BTreeSet<String> = files.into_iter().map(|file| file.path).collect();
            let expected: BTreeSet<String> =
                paths(size).into_iter().filter(|path| path.starts_with("tile/")).collect();
            assert_eq!(found, expected, "size {size}");
        }
    }

    #[test]
    fn a_tile_above_holds_the_roots_of_the_full_tiles_below() {
        let mut builder = TileBuilder::default();
        let mut files = Vec::new();
        (0..513).for_each(|number| files.extend(builder.push(&entry(number))));
        files.extend(builder.finish());
        let above = files.iter().find(|file| file.path == "tile/1/000.p/2").unwrap();
        let leaves: Vec<Hash> = (0..512).map(|number| leaf_hash(&entry(number))).collect();
        let expected = [record::tree::root(&leaves[..256]).0, record::tree::root(&leaves[256..]).0];
        assert_eq!(above.bytes, expected.concat());
    }
}
