//! Texts that have one form: notes, checkpoints, keys, and the texts of a bundle and a backup.

use evidence::KeyHistory;
use record::checkpoint::Checkpoint;
use record::note::{Note, NoteSigner, Vkey};
use record::tree::TreeHead;
use record::{Hash, JournalId, Origin};

/// Notes, checkpoints and keys; and the text of a note under a genuine signature.
pub(crate) fn note(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(note) = Note::parse(text) {
        assert_eq!(note.to_string(), text);
        let _count = note.signature_count();
        if let Ok(checkpoint) = Checkpoint::parse(note.text()) {
            assert_eq!(checkpoint.text(), note.text());
        }
    }
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        assert_eq!(checkpoint.text(), text);
        let signer = signer(1);
        let signed = checkpoint.sign(&signer).to_string();
        let read = Note::parse(&signed).expect("what we sign is a note");
        read.verify(&signer.vkey()).expect("and verifies");
        read.verify(&self::signer(2).vkey()).expect_err("under no other key");
    }
    if let Ok(key) = Vkey::parse(text) {
        assert_eq!(key.to_string(), text);
    }
    if let Some(origin) = Origin::parse(text) {
        assert_eq!(origin.to_string(), text);
    }
    if let Some(id) = JournalId::from_hex(text) {
        assert_eq!(id.to_string(), text);
    }
}

fn signer(seed: u8) -> NoteSigner {
    NoteSigner::new("zegel.example/school", &[seed; 32]).unwrap()
}

/// The text files of a bundle, and the manifest of a backup.
pub(crate) fn bundle_text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let same = |again: Option<String>| assert!(again.is_none_or(|again| again == text));
    same(evidence::trial::manifest(text));
    same(evidence::trial::census(text));
    same(evidence::trial::witness(text, &checkpoint()));
    same(KeyHistory::parse(text).ok().map(|history| history.to_string()));
    same(engine::trial::backup_manifest(text));
    let line = evidence::trial::escaped(text);
    assert!(!line.chars().any(char::is_control), "a text on one line");
}

fn checkpoint() -> Checkpoint {
    let origin = Origin::first(JournalId::from_bytes([3; 16]));
    Checkpoint { origin, head: TreeHead { size: 9, root: Hash([4; 32]) } }
}
