//! The command line.

use clap::Parser as _;

use crate::cli::Arguments;

/// Words, with a zero byte between them.
pub(crate) fn arguments(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let words = std::iter::once("zegel").chain(text.split('\0').take(32));
    if let Err(error) = Arguments::try_parse_from(words) {
        let _said = error.render().to_string();
    }
}
