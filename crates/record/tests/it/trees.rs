//! The tree against an independent implementation (`ct-merkle`), and proofs that must fail.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use record::tree::{
    Frontier, TreeHead, consistency_proof, inclusion_proof, leaf_entry, leaf_hash, recorded_hash,
    root, verify_consistency, verify_inclusion,
};
use record::{Hash, Seq, body_digest};
use sha2::Sha256;

/// One past two full subtrees, so that every shape of a right edge occurs.
const SIZE_MAX: usize = 130;

type Theirs = MemoryBackedTree<Sha256, Vec<u8>>;

fn entries() -> Vec<Vec<u8>> {
    (0..SIZE_MAX).map(|index| format!("entry {index}").into_bytes()).collect()
}

fn leaves() -> Vec<Hash> {
    entries().iter().map(|entry| leaf_hash(entry)).collect()
}

fn theirs(size: usize) -> Theirs {
    let mut tree = Theirs::new();
    entries().into_iter().take(size).for_each(|entry| tree.push(entry));
    tree
}

fn head(leaves: &[Hash]) -> TreeHead {
    TreeHead { size: leaves.len() as u64, root: root(leaves) }
}

fn their_root(head: &TreeHead) -> RootHash<Sha256> {
    RootHash::new(head.root.0.into(), head.size)
}

fn joined(path: &[Hash]) -> Vec<u8> {
    path.iter().flat_map(|hash| hash.0).collect()
}

#[test]
fn roots_agree() {
    let leaves = leaves();
    let mut frontier = Frontier::default();
    for size in 0..=SIZE_MAX {
        assert_eq!(frontier.size(), size as u64);
        assert_eq!(frontier.root(), root(&leaves[..size]), "size {size}");
        assert_eq!(frontier.root().0, <[u8; 32]>::from(*theirs(size).root().as_bytes()));
        leaves.get(size).into_iter().for_each(|leaf| frontier.push(*leaf));
    }
}

#[test]
fn inclusion_proofs_agree() {
    let (leaves, entries) = (leaves(), entries());
    for size in 1..=SIZE_MAX {
        let (tree, head) = (theirs(size), head(&leaves[..size]));
        for index in 0..size {
            let path = inclusion_proof(&leaves[..size], index).unwrap();
            assert_eq!(joined(&path), tree.prove_inclusion(index).as_bytes(), "{index} of {size}");
            assert!(verify_inclusion(&leaves[index], index as u64, head.size, &path, &head.root));
            let proof = InclusionProof::try_from_bytes(joined(&path)).unwrap();
            their_root(&head).verify_inclusion(&entries[index], index as u64, &proof).unwrap();
        }
        assert_eq!(inclusion_proof(&leaves[..size], size), None);
    }
}

#[test]
fn consistency_proofs_agree() {
    let leaves = leaves();
    for size in 1..=SIZE_MAX {
        let (tree, new) = (theirs(size), head(&leaves[..size]));
        for before in 1..=size {
            let old = head(&leaves[..before]);
            let path = consistency_proof(&leaves[..size], before).unwrap();
            assert!(verify_consistency(&old, &new, &path), "{before} to {size}");
            if before == size {
                assert!(path.is_empty());
                continue;
            }
            assert_eq!(joined(&path), tree.prove_consistency(size - before).as_bytes());
            let proof = ConsistencyProof::try_from_bytes(joined(&path)).unwrap();
            their_root(&new).verify_consistency(&their_root(&old), &proof).unwrap();
        }
        assert_eq!(consistency_proof(&leaves[..size], 0), None);
        assert_eq!(consistency_proof(&leaves[..size], size + 1), None);
    }
}

#[test]
fn a_false_inclusion_fails() {
    let leaves = leaves();
    for size in 1..=33 {
        let head = head(&leaves[..size]);
        for index in 0..size {
            let path = inclusion_proof(&leaves[..size], index).unwrap();
            let holds = |leaf: &Hash, at: usize, of: usize, path: &[Hash], root: &Hash| {
                verify_inclusion(leaf, at as u64, of as u64, path, root)
            };
            let leaf = &leaves[index];
            for other in (0..size + 2).filter(|other| *other != index) {
                assert!(!holds(leaf, other, size, &path, &head.root), "{other} for {index}");
            }
            assert!(!holds(&leaves[(index + 1) % SIZE_MAX], index, size, &path, &head.root));
            assert!(!holds(leaf, index, size, &path, &flipped(&head.root)));
            assert!(!holds(leaf, index, 0, &path, &head.root));
            for wrong in wrong_paths(&path) {
                assert!(!holds(leaf, index, size, &wrong, &head.root));
            }
        }
    }
}

#[test]
fn a_false_consistency_fails() {
    let leaves = leaves();
    for size in 2..=33 {
        let new = head(&leaves[..size]);
        for before in 1..size {
            let old = head(&leaves[..before]);
            let path = consistency_proof(&leaves[..size], before).unwrap();
            let foreign = TreeHead { root: flipped(&old.root), ..old };
            assert!(!verify_consistency(&foreign, &new, &path));
            let foreign = TreeHead { root: flipped(&new.root), ..new };
            assert!(!verify_consistency(&old, &foreign, &path));
            assert!(!verify_consistency(&new, &old, &path), "a tree does not shrink");
            for wrong in wrong_paths(&path) {
                assert!(!verify_consistency(&old, &new, &wrong), "{before} to {size}");
            }
        }
    }
}

#[test]
fn equal_and_empty_heads() {
    let leaves = leaves();
    let (none, three) = (head(&[]), head(&leaves[..3]));
    assert!(verify_consistency(&three, &three, &[]));
    assert!(!verify_consistency(&three, &three, &[three.root]));
    let foreign = TreeHead { root: flipped(&three.root), ..three };
    assert!(!verify_consistency(&three, &foreign, &[]));
    assert!(verify_consistency(&none, &none, &[]));
    assert!(!verify_consistency(&none, &three, &[]), "of nothing there is nothing to prove");
}

#[test]
fn proofs_of_huge_trees_end() {
    let path = vec![Hash([7; 32]); 80];
    for size in [u64::MAX, u64::MAX - 1, 1 << 63, (1 << 63) + 1] {
        assert!(!verify_inclusion(&path[0], size - 1, size, &path, &path[0]));
        let (old, new) = (TreeHead { size: size - 1, root: path[0] }, path[0]);
        assert!(!verify_consistency(&old, &TreeHead { size, root: new }, &path));
    }
}

/// The path one hash shorter at either end, one longer, and with each hash changed.
fn wrong_paths(path: &[Hash]) -> Vec<Vec<Hash>> {
    let mut longer = path.to_vec();
    longer.push(Hash([0; 32]));
    let mut wrong = vec![longer];
    if let [_, shorter @ ..] = path {
        wrong.push(shorter.to_vec());
    }
    if let [shorter @ .., _] = path {
        wrong.push(shorter.to_vec());
    }
    for index in 0..path.len() {
        let mut changed = path.to_vec();
        changed[index] = flipped(&changed[index]);
        wrong.push(changed);
    }
    wrong
}

fn flipped(hash: &Hash) -> Hash {
    let mut bytes = hash.0;
    bytes[31] ^= 1;
    Hash(bytes)
}

#[test]
fn an_entry_gives_back_the_record_hash() {
    let entry = leaf_entry(Seq(7), b"header");
    assert_eq!(recorded_hash(&entry), body_digest(b"header"));
}
