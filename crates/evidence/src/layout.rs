//! Which files a bundle has (docs/format/bundle.md §2): the size of the journal decides it alone.
//!
//! *Invariant:* no path is ever taken from a bundle; every path that is opened is computed here.

use std::collections::BTreeSet;

/// Most records of one bundle: its manifest then still fits a signed note of 16 MiB.
pub const RECORDS_MAX: u64 = 1 << 24;
/// Records of one file under `records/`.
pub(crate) const RECORDS_PER_FILE: u64 = 1_024;
/// Hashes of one full tile, and entries of one full entry bundle.
pub(crate) const TILE_WIDTH: u64 = 256;

/// Bytes of one hash of a tile.
const HASH_BYTES: u64 = 32;
/// Bytes of one entry, with its length.
const ENTRY_FRAME_BYTES: u64 = 2 + 84;

pub(crate) const MANIFEST: &str = "manifest";
pub(crate) const CHECKPOINT: &str = "checkpoint";
pub(crate) const KEYS: &str = "keys";
pub(crate) const CENSUS: &str = "census";
pub(crate) const POPULATION: &str = "population";
pub(crate) const RECEIPTS: &str = "receipts";
pub(crate) const WITNESS: &str = "witness";
pub(crate) const INSTRUCTIONS: &str = "VERIFY.md";

/// All files of a bundle of `size` records, without the manifest.
pub(crate) fn paths(size: u64) -> BTreeSet<String> {
    let fixed = [CHECKPOINT, KEYS, CENSUS, POPULATION, RECEIPTS, WITNESS, INSTRUCTIONS];
    let mut paths: BTreeSet<String> = fixed.into_iter().map(str::to_owned).collect();
    let (mut level, mut hashes) = (0, size);
    while hashes > 0 {
        paths.extend(tiles_of(hashes).map(|(index, width)| tile(level, index, width)));
        level += 1;
        hashes /= TILE_WIDTH;
    }
    paths.extend(tiles_of(size).map(|(index, width)| entries(index, width)));
    let files = 0..size.div_ceil(RECORDS_PER_FILE);
    paths.extend(files.flat_map(|number| [headers(number), bodies(number)]));
    paths
}

/// How many bytes a tile or entry bundle has; `None` for another file.
pub(crate) fn tile_bytes(path: &str) -> Option<u64> {
    let each = if path.starts_with("tile/entries/") { ENTRY_FRAME_BYTES } else { HASH_BYTES };
    let partial = path.strip_prefix("tile/")?.rsplit_once(".p/");
    let width = partial.map_or(Some(TILE_WIDTH), |(_, width)| width.parse().ok())?;
    Some(width.saturating_mul(each))
}

fn tiles_of(hashes: u64) -> impl Iterator<Item = (u64, u64)> {
    (0..hashes.div_ceil(TILE_WIDTH))
        .map(move |index| (index, (hashes - index * TILE_WIDTH).min(TILE_WIDTH)))
}

/// Path of a tile of hashes.
pub(crate) fn tile(level: u32, index: u64, width: u64) -> String {
    format!("tile/{level}/{}", place(index, width))
}

/// Path of a bundle of entries.
pub(crate) fn entries(index: u64, width: u64) -> String {
    format!("tile/entries/{}", place(index, width))
}

/// Path of the headers of 1,024 records.
pub(crate) fn headers(number: u64) -> String {
    format!("records/headers/{number:08}")
}

/// Path of the bodies of 1,024 records.
pub(crate) fn bodies(number: u64) -> String {
    format!("records/bodies/{number:08}")
}

/// `x001/x234/067` for 1,234,067, with `.p/W` for a partial tile (C2SP tlog-tiles).
fn place(index: u64, width: u64) -> String {
    let mut path = format!("{:03}", index % 1_000);
    let mut rest = index / 1_000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1_000);
        rest /= 1_000;
    }
    if width < TILE_WIDTH { format!("{path}.p/{width}") } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_of_70_000_has_the_tiles_that_the_specification_lists() {
        let paths = paths(70_000);
        let count = |prefix: &str| paths.iter().filter(|path| path.starts_with(prefix)).count();
        assert_eq!(count("tile/0/"), 274);
        assert_eq!(count("tile/1/"), 2);
        assert_eq!(count("tile/2/"), 1);
        assert_eq!(count("tile/entries/"), 274);
        assert_eq!(count("records/headers/"), 69);
        for path in ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"] {
            assert!(paths.contains(path), "{path}");
        }
    }

    #[test]
    fn the_length_of_a_tile_follows_from_its_path() {
        let bytes = [
            "tile/0/273.p/112",
            "tile/2/000",
            "tile/entries/x001/x234/067",
            "tile/entries/000.p/9",
        ]
        .map(tile_bytes);
        assert_eq!(bytes, [112 * 32, 256 * 32, 256 * 86, 9 * 86].map(Some));
        assert_eq!(tile_bytes("census"), None);
    }

    #[test]
    fn a_large_index_is_split_in_threes() {
        assert_eq!(tile(0, 1_234_067, 256), "tile/0/x001/x234/067");
    }

    #[test]
    fn a_manifest_of_the_most_records_fits_a_note() {
        let line = |path: &String| 64 + 1 + 10 + 1 + path.len() + 1;
        let bytes: usize = paths(RECORDS_MAX).iter().map(line).sum();
        assert!(bytes + 1_000 < record::note::NOTE_BYTES_MAX, "{bytes}");
    }
}
