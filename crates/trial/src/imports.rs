//! The file of an import.

use std::io::Read as _;

use flate2::read::GzDecoder;

use crate::evaluations;

/// As it is, with a right heading in front, and unpacked; a message never repeats what was read.
pub(crate) fn csv(bytes: &[u8]) {
    let limited = GzDecoder::new(bytes).take(1 << 20);
    let _unpacked = evaluations::read(limited, false);
    told(bytes);
    let items: Vec<String> = (1..=28).map(|item| format!("Q{item}")).collect();
    let heading = format!("instr,class,nb.repeat,attendance,difficulty,{}\n", items.join(","));
    told(&[heading.as_bytes(), bytes].concat());
}

fn told(bytes: &[u8]) {
    match evaluations::read(bytes, true) {
        Ok(rows) => {
            let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
            assert!(rows.len() <= lines + 1, "no more rows than lines");
            assert!(rows.iter().all(|row| row.answers.len() == 28 && row.identity.is_some()));
        }
        Err(error) => {
            let told = format!("{error:#}");
            assert!(told.is_ascii(), "a message of ours alone: {told}");
        }
    }
}
