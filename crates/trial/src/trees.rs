//! Proofs of the tree.

use record::Hash;
use record::tree::{
    TreeHead, consistency_proof, inclusion_proof, root, verify_consistency, verify_inclusion,
};

/// The first bytes choose a tree, a leaf and an older size; the rest changes a genuine proof, or
/// makes one of its own. A changed proof proves nothing.
pub(crate) fn proofs(bytes: &[u8]) {
    let [size, index, old, how, rest @ ..] = bytes else { return };
    let size = usize::from(*size % 70) + 1;
    let (index, old) = (usize::from(*index) % size, usize::from(*old) % size + 1);
    let leaves: Vec<Hash> = (0..size).map(|n| Hash([u8::try_from(n).unwrap(); 32])).collect();
    let (leaf, head) = (leaves[index], head(&leaves));
    let genuine = inclusion_proof(&leaves, index).unwrap();
    assert!(verify_inclusion(&leaf, index as u64, head.size, &genuine, &head.root));
    let path = changed(&genuine, *how, rest);
    let proves = verify_inclusion(&leaf, index as u64, head.size, &path, &head.root);
    assert_eq!(proves, path == genuine, "only the genuine path proves");
    let older = self::head(&leaves[..old]);
    let genuine = consistency_proof(&leaves, old).unwrap();
    assert!(verify_consistency(&older, &head, &genuine));
    let path = changed(&genuine, *how, rest);
    let proves = verify_consistency(&older, &head, &path);
    assert_eq!(proves, path == genuine, "only the genuine path proves");
    anything(rest);
}

fn head(leaves: &[Hash]) -> TreeHead {
    TreeHead { size: leaves.len() as u64, root: root(leaves) }
}

fn changed(path: &[Hash], how: u8, rest: &[u8]) -> Vec<Hash> {
    let mut path = path.to_vec();
    let at = usize::from(rest.first().copied().unwrap_or(0));
    match how % 5 {
        0 => {}
        1 => path.truncate(at % (path.len() + 1)),
        2 => path.extend(hashes(rest)),
        3 if !path.is_empty() => {
            let at = at % path.len();
            path[at].0[at % 32] ^= rest.get(1).copied().unwrap_or(0);
        }
        _ => path.reverse(),
    }
    path
}

/// Sizes and hashes that nobody chose.
fn anything(rest: &[u8]) {
    let mut reader = record::Reader::new(rest);
    let (Ok(old), Ok(new)) = (reader.u64("old"), reader.u64("new")) else { return };
    let path = hashes(reader.bytes(reader.remaining(), "path").unwrap());
    let (first, last) = (Hash([1; 32]), Hash([2; 32]));
    let (older, newer) = (TreeHead { size: old, root: first }, TreeHead { size: new, root: last });
    assert!(!verify_consistency(&older, &newer, &path), "hashes of nothing prove nothing");
    assert!(!verify_inclusion(&first, old, new, &path, &last), "hashes of nothing prove nothing");
}

fn hashes(bytes: &[u8]) -> Vec<Hash> {
    let chunks = bytes.chunks_exact(32).take(80);
    chunks.map(|chunk| Hash(chunk.try_into().unwrap())).collect()
}
