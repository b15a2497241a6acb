//! C2SP checkpoints: a journal's origin, size and root, signed (docs/format/checkpoint.md §2).
//!
//! SOURCE: C2SP tlog-checkpoint v1.0.0. The signing key belongs to the installation and signs for
//! every journal in it, so its name is the installation's and not the origin.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::header::Hash;
use crate::ids::Origin;
use crate::note::{Note, NoteError, NoteSigner};
use crate::tree::TreeHead;

/// What a checkpoint says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which journal, in which era.
    pub origin: Origin,
    /// Size and root of its tree.
    pub head: TreeHead,
}

impl Checkpoint {
    /// The three lines that are signed.
    #[must_use]
    pub fn text(&self) -> String {
        let root = BASE64_STANDARD.encode(self.head.root.0);
        format!("{}\n{}\n{root}\n", self.origin, self.head.size)
    }

    /// Signs it.
    #[must_use]
    pub fn sign(&self, signer: &NoteSigner) -> Note {
        signer.sign(&self.text())
    }

    /// Reads the text of a note; extension lines are refused.
    ///
    /// # Errors
    /// [`NoteError::Format`] if it is not exactly such a text.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let read = || {
            let mut lines = text.lines();
            let origin = Origin::parse(lines.next()?)?;
            let size = lines.next()?.parse().ok()?;
            let root = BASE64_STANDARD.decode(lines.next()?).ok()?;
            let root = Hash(root.try_into().ok()?);
            Some(Self { origin, head: TreeHead { size, root } })
        };
        let checkpoint = read().ok_or(NoteError::Format)?;
        (checkpoint.text() == text).then_some(checkpoint).ok_or(NoteError::Format)
    }
}
