//! A proof of consistency as text (docs/format/bundle.md §13; RFC 9162 §2.1.4).
//!
//! *Invariant:* a proof that parses prints to the same bytes.

use std::fmt;

use record::tree::{TreeHead, verify_consistency};
use record::{Hash, Origin};

const TITLE: &str = "zegel-consistency/v1";
/// Longest path between two trees of up to 2⁶⁴ leaves.
const PATH_MAX: usize = 130;

/// Shows that a tree of the new head begins with one of the old head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    pub(super) origin: Origin,
    pub(super) old: TreeHead,
    pub(super) new: TreeHead,
    pub(super) path: Vec<Hash>,
}

impl Proof {
    /// Reads the text; `None` if it has any form but the canonical one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let title = lines.next()?;
        let origin = Origin::parse(lines.next()?)?;
        let (old, new) = (head(lines.next()?)?, head(lines.next()?)?);
        let path = lines.take(PATH_MAX + 1).map(Hash::from_hex).collect::<Option<Vec<_>>>()?;
        let proof = Self { origin, old, new, path };
        let whole = title == TITLE && proof.path.len() <= PATH_MAX && proof.to_string() == text;
        whole.then_some(proof)
    }

    /// Whether the path leads from the old head to the new one.
    #[must_use]
    pub fn holds(&self) -> bool {
        verify_consistency(&self.old, &self.new, &self.path)
    }
}

fn head(line: &str) -> Option<TreeHead> {
    let (size, root) = line.split_once(' ')?;
    Some(TreeHead { size: size.parse().ok()?, root: Hash::from_hex(root)? })
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{TITLE}\n{}", self.origin)?;
        writeln!(f, "{} {}\n{} {}", self.old.size, self.old.root, self.new.size, self.new.root)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{hash}"))
    }
}
