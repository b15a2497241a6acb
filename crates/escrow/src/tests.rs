//! The same bytes as the public `age` program: files that it wrote open here, and files from here
//! open there.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::{Identity, KeyError, OpenError, Recipient, SECRET_BYTES_MAX, SealError, open, seal};

/// `age-keygen`, twice, and `age -r … -r …`, version 1.1.1; nothing else is under these keys.
const FIRST: &str = include_str!("../golden/first.identity");
const SECOND: &str = include_str!("../golden/second.identity");
const SEALED: &[u8] = include_bytes!("../golden/sealed.age");
const SECRET: &[u8] = b"the seal is whole\n";

fn identity(text: &str) -> Identity {
    Identity::parse_file(text).unwrap().remove(0)
}

fn holders() -> (Vec<Identity>, Vec<Recipient>) {
    let identities: Vec<_> = (0..3).map(|_| Identity::generate().unwrap()).collect();
    let recipients = identities.iter().map(Identity::recipient).collect();
    (identities, recipients)
}

#[test]
fn what_age_sealed_opens_with_either_identity() {
    for text in [FIRST, SECOND] {
        assert_eq!(open(&[identity(text)], SEALED).unwrap().as_slice(), SECRET);
    }
    let stranger = Identity::generate().unwrap();
    assert_eq!(open(&[stranger], SEALED), Err(OpenError::Foreign));
}

#[test]
fn the_identity_names_its_recipient_as_age_keygen_does() {
    let line = FIRST.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
    assert_eq!(identity(FIRST).recipient().to_string(), line);
    assert_eq!(Recipient::parse(line).unwrap(), identity(FIRST).recipient());
    assert!(FIRST.ends_with(&format!("{}\n", *identity(FIRST).to_text())));
}

#[test]
fn each_recipient_opens_what_is_sealed() {
    let (identities, recipients) = holders();
    for secret in [&b""[..], SECRET, &[7; SECRET_BYTES_MAX]] {
        let sealed = seal(&recipients, secret).unwrap();
        for identity in &identities {
            assert_eq!(open(std::slice::from_ref(identity), &sealed).unwrap().as_slice(), secret);
        }
        assert!(secret.is_empty() || !sealed.windows(secret.len()).any(|window| window == secret));
    }
}

#[test]
fn every_changed_byte_is_found() {
    let (identities, recipients) = holders();
    let sealed = seal(&recipients, SECRET).unwrap();
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(open(&identities, &changed).is_err(), "byte {at}");
    }
    for length in 0..sealed.len() {
        assert!(open(&identities, &sealed[..length]).is_err(), "{length} bytes");
    }
}

#[test]
fn two_different_holders_are_asked_for() {
    let (_, recipients) = holders();
    let [one, other, ..] = &recipients[..] else { panic!() };
    let refused = |holders: &[Recipient]| seal(holders, SECRET).unwrap_err();
    assert_eq!(refused(&[]), SealError::Recipients);
    assert_eq!(refused(std::slice::from_ref(one)), SealError::Recipients);
    assert_eq!(refused(&[one.clone(), one.clone()]), SealError::Recipients);
    assert!(seal(&[one.clone(), other.clone()], SECRET).is_ok());
    assert_eq!(refused(&[one.clone(), Recipient([0; 32])]), SealError::WeakRecipient);
    let long = vec![0; SECRET_BYTES_MAX + 1];
    assert_eq!(seal(&recipients, &long), Err(SealError::TooLarge));
}

#[test]
fn other_texts_are_no_keys() {
    let good = identity(FIRST).recipient().to_string();
    let changed = good.replace("hua7", "hua8");
    let short = good.get(..50).unwrap();
    for text in ["", "age1", short, &changed, &good.to_uppercase(), "ssh-ed25519 AAAA"] {
        assert_eq!(Recipient::parse(text), Err(KeyError::Recipient), "{text}");
    }
    for text in ["", "# nothing\n", good.as_str(), "AGE-SECRET-KEY-1QQ"] {
        assert_eq!(Identity::parse_file(text).unwrap_err(), KeyError::Identity, "{text}");
    }
    assert_eq!(format!("{:?}", identity(FIRST)), "Identity(..)");
}

#[test]
fn age_itself_opens_what_is_sealed_here() {
    let Ok(version) = Command::new("age").arg("--version").output() else {
        return eprintln!("skipped: no age on this machine");
    };
    assert!(version.status.success());
    let (identities, recipients) = holders();
    let sealed = seal(&recipients, SECRET).unwrap();
    let holder = tempfile::tempdir().unwrap();
    for identity in &identities {
        let file = holder.path().join("identity");
        std::fs::write(&file, format!("{}\n", *identity.to_text())).unwrap();
        let mut age = Command::new("age");
        age.arg("-d").arg("-i").arg(&file).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut age = age.spawn().unwrap();
        age.stdin.take().unwrap().write_all(&sealed).unwrap();
        let output = age.wait_with_output().unwrap();
        assert!(output.status.success());
        assert_eq!(output.stdout, SECRET);
    }
}
