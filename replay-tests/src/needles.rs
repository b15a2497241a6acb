//! Looks for exact bytes at every offset of every file below some directories.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::files::files_below;

/// Where something stands that should stand nowhere.
#[derive(Debug, PartialEq, Eq)]
pub struct Hit {
    /// In which file, or in whose name.
    pub file: PathBuf,
    /// Where in it.
    pub offset: usize,
    /// Which of the needles.
    pub needle: usize,
}

/// Every place of every needle; names of files and directories are looked at too.
#[must_use]
pub fn find(needles: &[Vec<u8>], directories: &[&Path]) -> Vec<Hit> {
    let table = Table::new(needles);
    let mut hits = Vec::new();
    for file in directories.iter().flat_map(|directory| files_below(directory)) {
        let named = file.to_string_lossy().into_owned().into_bytes();
        let content = std::fs::read(&file).unwrap();
        for bytes in [named, content] {
            let found = table.places(needles, &bytes);
            hits.extend(found.map(|(offset, needle)| Hit { file: file.clone(), offset, needle }));
        }
    }
    hits
}

/// Every place of every needle in some bytes: offset, and which needle.
#[must_use]
pub fn find_in(needles: &[Vec<u8>], bytes: &[u8]) -> Vec<(usize, usize)> {
    Table::new(needles).places(needles, bytes).collect()
}

/// A name as bytes: in UTF-8, in capitals, in small letters, and in both orders of UTF-16.
#[must_use]
pub fn spellings(name: &str) -> Vec<Vec<u8>> {
    let units: Vec<u16> = name.encode_utf16().collect();
    vec![
        name.as_bytes().to_vec(),
        name.to_uppercase().into_bytes(),
        name.to_lowercase().into_bytes(),
        units.iter().flat_map(|unit| [(unit & 0xff) as u8, (unit >> 8) as u8]).collect(),
        units.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
    ]
}

/// Needles by their first bytes: two to pass by quickly, four to look closer.
struct Table {
    begins: Vec<bool>,
    needles: HashMap<[u8; 4], Vec<usize>>,
}

impl Table {
    fn new(needles: &[Vec<u8>]) -> Self {
        let mut table = Self { begins: vec![false; 1 << 16], needles: HashMap::new() };
        for (number, needle) in needles.iter().enumerate() {
            let start: [u8; 4] = needle[..4].try_into().expect("a needle of four bytes or more");
            table.begins[first_two(&start)] = true;
            table.needles.entry(start).or_default().push(number);
        }
        table
    }

    fn places<'a>(
        &'a self,
        needles: &'a [Vec<u8>],
        bytes: &'a [u8],
    ) -> impl Iterator<Item = (usize, usize)> + 'a {
        let starts = bytes.windows(4).enumerate();
        let likely = starts.filter(|(_, start)| self.begins[first_two(start)]);
        let known = likely.filter_map(|(offset, start)| Some((offset, self.needles.get(start)?)));
        known.flat_map(move |(offset, candidates)| {
            let here = move |needle: &&usize| bytes[offset..].starts_with(&needles[**needle]);
            candidates.iter().filter(here).map(move |needle| (offset, *needle))
        })
    }
}

fn first_two(start: &[u8]) -> usize {
    usize::from(u16::from_be_bytes([start[0], start[1]]))
}
