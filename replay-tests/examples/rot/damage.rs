//! Which byte of which file is bent, and how: the same for the same seed and number.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use replay_tests::dice::Dice;

/// What disks write whole.
const SECTOR: usize = 512;

/// Holds space, and no bytes that mean anything.
const RESERVE: &str = "db/reserve";

/// Every file of an installation but the reserve, by its path within it.
pub(crate) type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Reads all files below a directory; not what is made anew or only locks.
///
/// # Errors
/// Whatever the system says.
pub(crate) fn read_all(directory: &Path) -> io::Result<Files> {
    let mut files = Files::new();
    read_into(directory, directory, &mut files)?;
    Ok(files)
}

fn read_into(root: &Path, directory: &Path, files: &mut Files) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            read_into(root, &path, files)?;
        } else if let Ok(within) = path.strip_prefix(root)
            && within != Path::new(RESERVE)
        {
            files.insert(within.to_owned(), fs::read(&path)?);
        }
    }
    Ok(())
}

/// Writes them all below a new directory.
///
/// # Errors
/// Whatever the system says.
pub(crate) fn write_all(directory: &Path, files: &Files) -> io::Result<()> {
    fs::create_dir_all(directory.join("db/blobs"))?;
    for (within, bytes) in files {
        let path = directory.join(within);
        fs::create_dir_all(path.parent().unwrap_or(directory))?;
        fs::write(path, bytes)?;
    }
    Ok(())
}

/// Lends the reserve of one installation to a copy: 64 MiB need not be written for each.
///
/// # Errors
/// Whatever the system says.
pub(crate) fn link_reserve(from: &Path, to: &Path) -> io::Result<()> {
    fs::hard_link(from.join(RESERVE), to.join(RESERVE))
}

/// What was done, for people.
pub(crate) struct Damage {
    pub(crate) kind: &'static str,
    pub(crate) file: PathBuf,
    pub(crate) at: usize,
}

/// Damages one place.
pub(crate) fn damage(files: &mut Files, older: &Files, seed: u64, number: u64) -> Damage {
    let mut dice = Dice::new(seed.wrapping_mul(0x0100_0000_01b3).wrapping_add(number));
    let whole: Vec<PathBuf> =
        files.iter().filter(|(_, bytes)| !bytes.is_empty()).map(|(path, _)| path.clone()).collect();
    // The database is most of the bytes, and the other files are more kinds: half and half.
    let file = match dice.below(2) {
        0 => PathBuf::from("db/db"),
        _ => whole.get(dice.below(whole.len())).cloned().unwrap_or_default(),
    };
    let bytes = files.get(&file).cloned().unwrap_or_default();
    let at = dice.below(bytes.len());
    let (kind, bent) = match dice.below(100) {
        0..=1 => ("truncated", Some(bytes.get(..at).unwrap_or_default().to_vec())),
        2 => ("sector of zeros", Some(zero_sector(bytes, at))),
        3 => ("sectors swapped", Some(swap_sectors(bytes, at, dice.below(usize::MAX)))),
        4 => ("removed", None),
        5..=6 => ("older", Some(older.get(&file).cloned().unwrap_or(bytes))),
        7 => ("another's", Some(anothers(files, &file, &mut dice).unwrap_or(bytes))),
        _ => ("flipped", Some(flip(bytes, at, dice.below(8)))),
    };
    match bent {
        Some(bent) => files.insert(file.clone(), bent),
        None => files.remove(&file),
    };
    Damage { kind, file, at }
}

fn flip(mut bytes: Vec<u8>, at: usize, bit: usize) -> Vec<u8> {
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << bit;
    }
    bytes
}

fn zero_sector(mut bytes: Vec<u8>, at: usize) -> Vec<u8> {
    let start = at / SECTOR * SECTOR;
    bytes.iter_mut().skip(start).take(SECTOR).for_each(|byte| *byte = 0);
    bytes
}

fn swap_sectors(mut bytes: Vec<u8>, at: usize, with: usize) -> Vec<u8> {
    let sectors = bytes.len() / SECTOR;
    if sectors > 1 {
        let (one, two) = (at / SECTOR % sectors, with % sectors);
        for offset in 0..SECTOR {
            bytes.swap(one * SECTOR + offset, two * SECTOR + offset);
        }
    }
    bytes
}

/// The content of another file of the same kind.
fn anothers(files: &Files, file: &Path, dice: &mut Dice) -> Option<Vec<u8>> {
    let alike: Vec<_> = files
        .iter()
        .filter(|(path, _)| *path != file && path.extension() == file.extension())
        .filter(|(path, _)| path.parent() == file.parent())
        .collect();
    alike.get(dice.below(alike.len())).map(|(_, bytes)| (*bytes).clone())
}
