//! Each golden value in both directions: encoding gives the bytes, decoding gives the value.

use record::checkpoint::Checkpoint;
use record::note::{Note, Vkey};
use record::public::PublicPart;
use record::tree::{
    TreeHead, consistency_proof, inclusion_proof, leaf_entry, leaf_hash, record_leaf, root,
};
use record::{Hash, Header, Origin, Record, padding};

use crate::examples::{
    golden, golden_lines, golden_text, public_parts, public_record, sealed_record, signer, tenant,
};

#[test]
fn records_and_their_hashes() {
    for (index, record) in [public_record(), sealed_record()].into_iter().enumerate() {
        let header = golden(&format!("record-{index}-header"));
        assert_eq!(record.header.encode(), header);
        assert_eq!(Header::decode(&header).unwrap(), record.header);

        let bytes = golden(&format!("record-{index}"));
        assert_eq!(record.encode(), bytes);
        assert_eq!(Record::decode(&bytes).unwrap(), record);
        assert_eq!(record.header.record_bytes(), bytes.len() as u64);

        let hash = golden(&format!("record-{index}-hash"));
        assert_eq!(record.header.record_hash().0.as_slice(), hash);
    }
    assert_eq!(sealed_record().header.previous, public_record().header.record_hash());
}

#[test]
fn parts_are_bound_to_their_place_and_keys() {
    let record = sealed_record();
    for (index, keys) in [(0u8, [0x11, 0x22]), (1, [0x33, 0x44])] {
        let part = record.header.parts[usize::from(index)];
        let data = record.header.associated_data(index, &part);
        assert_eq!(data, golden(&format!("part-{index}-associated-data")));

        let input = [[keys[0]; 32].as_slice(), &[keys[1]; 32], &data].concat();
        let mut output = [0u8; 64];
        blake3::Hasher::new_derive_key("zegel 2026-11 part key v1")
            .update(&input)
            .finalize_xof()
            .fill(&mut output);
        assert_eq!(output.as_slice(), golden(&format!("part-{index}-key")));

        let body = golden(&format!("part-{index}-body"));
        assert_eq!(body[..32], output[32..], "the body opens with the commitment");
        assert_eq!(body.len() as u64, part.body_bytes());
    }
}

#[test]
fn plaintexts_are_padded_with_zeros() {
    for (index, length) in [(0usize, 64usize), (1, 72)] {
        let plaintext = golden(&format!("part-{index}-plaintext"));
        assert_eq!(plaintext.len(), length);
        let (stated, rest) = plaintext.split_first_chunk::<4>().unwrap();
        let content = usize::try_from(u32::from_be_bytes(*stated)).unwrap();
        assert!(rest[content..].iter().all(|byte| *byte == 0));
        let padded = padding::padded_length(u32::try_from(content + 4).unwrap());
        assert_eq!(padded, u32::try_from(length).ok());
        assert_eq!(padded, Some(sealed_record().header.parts[index].length));
    }
}

#[test]
fn leaves_of_records() {
    for (index, record) in [public_record(), sealed_record()].into_iter().enumerate() {
        let entry = golden(&format!("leaf-{index}-entry"));
        assert_eq!(leaf_entry(record.header.seq, &record.header.encode()).as_slice(), entry);
        let hash = golden(&format!("leaf-{index}-hash"));
        assert_eq!(leaf_hash(&entry).0.as_slice(), hash);
        assert_eq!(record_leaf(&record.header).0.as_slice(), hash);
    }
}

#[test]
fn roots_and_proofs() {
    let leaves: Vec<Hash> = (0u8..8).map(|entry| leaf_hash(&[entry])).collect();
    let roots: Vec<Vec<u8>> = (0..=8).map(|size| root(&leaves[..size]).0.to_vec()).collect();
    assert_eq!(roots, golden_lines("tree-roots-0-to-8"));
    assert_eq!(bytes(inclusion_proof(&leaves[..7], 4)), golden_lines("tree-inclusion-4-of-7"));
    assert_eq!(bytes(consistency_proof(&leaves[..7], 3)), golden_lines("tree-consistency-3-to-7"));
    assert_eq!(head().root.0.as_slice(), golden("tree-root-of-records"));
}

fn bytes(path: Option<Vec<Hash>>) -> Vec<Vec<u8>> {
    path.unwrap().iter().map(|hash| hash.0.to_vec()).collect()
}

fn head() -> TreeHead {
    let leaves = [public_record(), sealed_record()].map(|record| record_leaf(&record.header));
    TreeHead { size: 2, root: root(&leaves) }
}

pub(crate) fn checkpoint() -> Checkpoint {
    Checkpoint { origin: Origin::first(tenant()), head: head() }
}

#[test]
fn the_verifying_key() {
    let text = golden_text("vkey.txt");
    let text = text.strip_suffix('\n').unwrap();
    assert_eq!(signer().vkey().to_string(), text);
    assert_eq!(Vkey::parse(text), Ok(signer().vkey()));
}

#[test]
fn a_note() {
    let text = golden_text("note.txt");
    let note = signer().sign("The seal is whole.\n\nSo is the journal.\n");
    assert_eq!(note.to_string(), text);
    let parsed = Note::parse(&text).unwrap();
    assert_eq!(parsed, note);
    assert_eq!(parsed.verify(&signer().vkey()), Ok(()));
}

#[test]
fn a_checkpoint() {
    let text = golden_text("checkpoint.txt");
    assert_eq!(checkpoint().sign(&signer()).to_string(), text);
    let note = Note::parse(&text).unwrap();
    assert_eq!(note.verify(&signer().vkey()), Ok(()));
    assert_eq!(Checkpoint::parse(note.text()), Ok(checkpoint()));
}

#[test]
fn every_public_part() {
    for (name, part) in public_parts() {
        let bytes = golden(name);
        assert_eq!(part.encode(), bytes, "{name}");
        assert_eq!(part.check(), Ok(()), "{name}");
        let decoded = PublicPart::decode(&part.kind().unwrap(), &bytes);
        assert_eq!(decoded, Ok(Some(part)), "{name}");
    }
}

#[test]
fn the_public_part_of_a_record() {
    let started = PublicPart::of(&public_record()).unwrap().unwrap();
    assert_eq!(started.event_name(), "tenant.started");
    assert_eq!(PublicPart::of(&sealed_record()), Ok(None));
}
