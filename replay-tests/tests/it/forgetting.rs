//! After an erasure nothing that is left opens the person's parts; everybody else's still open.
//!
//! The judge is [`replay_tests::oracle`]: it has every file and the format documents, and no code of the product.
//! Its positive control is that it opens everything before the erasure, and the erased parts again
//! wherever an old slot file is at hand.

mod harness;
pub(crate) mod installation;
mod shipped;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use installation::{Installation, PERSON, PERSON_EMAIL};
use replay_tests::bundle::{self, Id, sealed_parts};
use replay_tests::needles;
use replay_tests::oracle::{self, Keys, Look};

use crate::support::{demo, zegel};

const TENANT: &str = "alfa";
const ROUND: &str = "course evaluations";
/// Categories as docs/format/events.md numbers them.
const IDENTITY: u16 = 1;
pub(crate) const LINK: u16 = 3;

type Places = BTreeSet<(u64, u8)>;

/// An installation just before and just after two people were erased with one order.
struct Erased {
    installation: Installation,
    before: Keys,
    /// Parts of the journal before the order, which the oracle opened all.
    parts: Vec<bundle::Part>,
    people: [String; 2],
    names: Vec<String>,
    /// What the oracle counts among the two people's parts.
    doomed: Places,
    old_slots: PathBuf,
    old_database: PathBuf,
    old_guard: PathBuf,
}

/// Imports a round, registers a person, and erases that person and a respondent.
fn erase_two(look: Look, fill: impl Fn(&Installation)) -> Erased {
    let installation = Installation::new().with_tenant(TENANT);
    fill(&installation);
    let registered = installation.add_person(TENANT);
    installation.close(TENANT, ROUND);
    let parts = sealed_parts(&installation.export(TENANT, "bundle-before"));
    let before = oracle::read(&[&installation.data], look);
    let opened = before.open_all(&parts);
    assert_eq!(opened.len(), parts.len(), "all open before the erasure");
    let respondent = text(respondents(&before)[0]);
    let people = [respondent, registered];
    let doomed: Places =
        people.iter().flat_map(|person| before.parts_about(id(person), &parts)).collect();
    let names = names(&before, &parts);
    let old_slots = installation.keep("keys", "old-keys");
    let old_database = installation.keep("db", "old-db");
    let old_guard = installation.keep("guard", "old-guard");
    let subjects = ["--subject", &people[0], "--subject", &people[1]];
    let erased = installation
        .of(TENANT, &[&["erase", "--ground", "art-17", "--yes"], &subjects[..]].concat());
    assert_eq!(erased["leaves"], 4, "identity, answers and link; and an identity: {erased}");
    Erased {
        installation,
        before,
        parts,
        people,
        names,
        doomed,
        old_slots,
        old_database,
        old_guard,
    }
}

fn small(installation: &Installation) {
    installation.import(TENANT, ROUND, 60);
}

#[test]
fn nothing_left_in_the_directory_opens_the_parts_of_an_erased_person() {
    let erased = erase_two(Look::Everywhere, small);
    let Erased { installation, before, parts, doomed, old_slots, .. } = &erased;
    assert_eq!(doomed.len(), 4);
    let data = installation.data.as_path();
    let after = oracle::read(&[data], Look::Everywhere);
    eprintln!("before: {:?}", before.figures);
    eprintln!("after:  {:?}, {} of {} parts open", after.figures, parts.len() - 4, parts.len());
    opens_all_but(&after, parts, doomed);
    // The journal grew: what was sealed since opens too, and the last word of the tree is the same.
    let parts_now = sealed_parts(&installation.export(TENANT, "bundle-after"));
    opens_all_but(&oracle::read(&[data], Look::Everywhere), &parts_now, doomed);
    no_dead_key_lies_about(before, &after, parts, doomed, data);

    // An old slot file beside the directory opens them again: the oracle is strong enough.
    let with_old = oracle::read(&[data, old_slots], Look::Everywhere);
    assert_eq!(with_old.open_all(parts).len(), parts.len(), "the oracle is too weak");
    an_old_slot_put_back_is_seen_and_overwritten(&erased);
}

/// As a faulty destruction would leave it: the old root still stands in the spare slot.
fn an_old_slot_put_back_is_seen_and_overwritten(erased: &Erased) {
    let Erased { installation, parts, doomed, old_slots, .. } = erased;
    let slots = installation.slots();
    let old = std::fs::read(old_slots.join(slots.file_name().unwrap())).unwrap();
    let live =
        |file: &[u8]| file.chunks_exact(4_096).position(|slot| slot.starts_with(b"zegelkey"));
    let mut present = std::fs::read(&slots).unwrap();
    let (old_at, new_at) = (live(&old).unwrap(), live(&present).unwrap());
    assert_ne!(old_at, new_at, "a cut writes the other slot");
    let range = old_at * 4_096..(old_at + 1) * 4_096;
    present[range.clone()].copy_from_slice(&old[range]);
    std::fs::write(&slots, present).unwrap();
    let red = oracle::read(&[&installation.data], Look::Everywhere).open_all(parts);
    assert!(doomed.iter().all(|part| red.contains_key(part)), "the oracle is blind");
    installation.ask(&["doctor"]);
    opens_all_but(&oracle::read(&[&installation.data], Look::Everywhere), parts, doomed);
}

/// Neither a destroyed leaf key nor a replaced node key stands anywhere in clear.
fn no_dead_key_lies_about(
    before: &Keys,
    after: &Keys,
    parts: &[bundle::Part],
    doomed: &Places,
    data: &Path,
) {
    let leaves = parts.iter().filter(|part| doomed.contains(&part.place()));
    let mut dead: Vec<Vec<u8>> =
        leaves.flat_map(|part| &before.leaves[&part.leaf].keys).map(|key| key.to_vec()).collect();
    let replaced: Vec<_> = before.nodes.difference(&after.nodes).collect();
    assert!(replaced.len() >= 4, "tenant page, two branches and an entry page");
    dead.extend(replaced.iter().map(|node| node.key.to_vec()));
    assert_eq!(needles::find(&dead, &[data]), []);
    let planted = data.join("planted");
    std::fs::write(&planted, [&[0; 777][..], &dead[2]].concat()).unwrap();
    let hits = needles::find(&dead, &[data]);
    assert!(matches!(&hits[..], [hit] if hit.needle == 2 && hit.offset == 777), "{hits:?}");
    std::fs::remove_file(planted).unwrap();
}

#[test]
fn of_5820_people_the_erased_one_is_gone_and_the_others_are_all_there() {
    let csv = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../crates/zegel/data/turkiye-student-evaluation.csv.gz"
    );
    let erased = erase_two(Look::AtVersions, |installation| {
        installation.import_file(TENANT, ROUND, Path::new(csv));
    });
    let Erased { installation, before, parts, doomed, old_slots, old_database, .. } = &erased;
    let after = oracle::read(&[&installation.data], Look::AtVersions);
    eprintln!("before: {:?}, {} parts open", before.figures, parts.len());
    eprintln!("after:  {:?}, {} parts do not", after.figures, doomed.len());
    opens_all_but(&after, parts, doomed);
    no_dead_key_lies_about(before, &after, parts, doomed, &installation.data);
    // Here the database may have reused the place of an old page: its copy has them for certain.
    let with_old = oracle::read(&[old_database, old_slots], Look::AtVersions);
    assert!(doomed.iter().all(|part| with_old.open_all(parts).contains_key(part)));
    nobodys_name_is_in_clear(&erased);
}

#[test]
fn an_older_database_put_back_is_refused_as_pages_older_than_root() {
    let erased = erase_two(Look::AtVersions, small);
    let Erased { installation, people, parts, old_slots, .. } = &erased;
    let present = [installation.keep("db", "new-db"), installation.keep("guard", "new-guard")];
    let slots = std::fs::read(installation.slots()).unwrap();

    installation.put_back("db", &erased.old_database);
    every_command_says_older_than_root(installation, &people[1]);
    // The guard may be as old as the database: the keys still know better.
    installation.put_back("guard", &erased.old_guard);
    every_command_says_older_than_root(installation, &people[1]);
    assert_eq!(std::fs::read(installation.slots()).unwrap(), slots, "the slot file is left alone");
    // Nobody else's parts were harmed: with the right files everything goes on.
    installation.put_back("db", &present[0]);
    installation.put_back("guard", &present[1]);
    installation.ask(&["doctor"]);
    assert_eq!(installation.verify(&installation.export(TENANT, "good")).0, 0);

    // A whole machine put back, keys and guard too, opens again: only a checkpoint that somebody
    // kept elsewhere tells.
    let kept = installation.beside("good").join("checkpoint");
    installation.put_back("db", &erased.old_database);
    installation.put_back("guard", &erased.old_guard);
    installation.put_back("keys", old_slots);
    let back = oracle::read(&[&installation.data], Look::AtVersions).open_all(parts);
    assert_eq!(back.len(), parts.len());
    let rolled_back = installation.export(TENANT, "rolled-back");
    assert_eq!(installation.verify(&rolled_back), (0, "INTACT".to_owned()));
    let against = installation.verify_with(&rolled_back, &["--previous", kept.to_str().unwrap()]);
    assert_eq!(against.status.code(), Some(3), "incomplete against the checkpoint kept outside");
}

fn every_command_says_older_than_root(installation: &Installation, person: &str) {
    let commands: [&[&str]; 7] = [
        &["doctor"],
        &["show", "tenants"],
        &["show", "journal", "--tenant", TENANT],
        &["replay", "--check"],
        &["erase", "--tenant", TENANT, "--subject", person, "--yes"],
        &["person", "add", "--tenant", TENANT, "--name", "Another"],
        &["export", "bundle", "--tenant", TENANT, "--out", "/nowhere/at/all"],
    ];
    for command in commands {
        let said = installation.refused(command);
        assert!(said.contains("pages older than root"), "{command:?}: {said}");
    }
}

#[test]
fn a_name_is_in_no_file_before_or_after_its_erasure() {
    let erased = erase_two(Look::AtVersions, small);
    assert_eq!(erased.names.len(), 61);
    nobodys_name_is_in_clear(&erased);
    // The scanner finds what is there: a planted name, and the tenant's own name, which is public.
    let Erased { installation, .. } = &erased;
    let planted = installation.data.join("db").join("planted");
    std::fs::write(&planted, format!("....{PERSON}")).unwrap();
    let hits = needles::find(&needles::spellings(PERSON), &[&installation.data]);
    assert_eq!(hits, [needles::Hit { file: planted, offset: 4, needle: 0 }]);
    assert!(!needles::find(&[TENANT.as_bytes().to_vec()], &[&installation.data]).is_empty());
}

/// Looks for every name and its words in everything before, during and after.
fn nobodys_name_is_in_clear(erased: &Erased) {
    let Erased { installation, old_slots, old_database, old_guard, names, .. } = erased;
    let bundle = installation.beside("bundle-before");
    let late = installation.beside("bundle-late");
    installation.export(TENANT, "bundle-late");
    let words = names.iter().flat_map(|name| name.split(' ')).filter(|word| word.len() > 4);
    let mut wanted: BTreeSet<Vec<u8>> = words.map(|word| word.as_bytes().to_vec()).collect();
    assert!(wanted.len() > 20, "{} words", wanted.len());
    for name in names.iter().map(String::as_str).chain([PERSON, PERSON_EMAIL]) {
        wanted.extend(needles::spellings(name));
    }
    let wanted: Vec<_> = wanted.into_iter().collect();
    let everywhere: [&Path; 6] =
        [&installation.data, old_slots, old_database, old_guard, &bundle, &late];
    assert_eq!(needles::find(&wanted, &everywhere), []);
}

#[test]
fn what_still_opens_does_not_name_an_erased_person() {
    let erased = erase_two(Look::AtVersions, small);
    let Erased { installation, parts, before, doomed, people, .. } = &erased;
    let opened = before.open_all(parts);
    let said = |name: &str| {
        let holds =
            |content: &[u8]| content.windows(name.len()).any(|part| part == name.as_bytes());
        opened.iter().filter(|(_, content)| holds(content)).map(|(place, _)| *place).collect()
    };
    // The control: before, exactly the doomed identity says the name.
    let identity: Places = said(PERSON);
    assert!(identity.len() == 1 && identity.is_subset(doomed), "{identity:?}");
    let parts_now = sealed_parts(&installation.export(TENANT, "bundle-after"));
    let left = oracle::read(&[&installation.data], Look::AtVersions).open_all(&parts_now);
    let name_of_respondent = identity_of(before, parts, id(&people[0]));
    for name in [PERSON, PERSON_EMAIL, &name_of_respondent] {
        let holds =
            |content: &[u8]| content.windows(name.len()).any(|part| part == name.as_bytes());
        assert!(!left.values().any(|content| holds(content)));
    }
    let shown = ["show", "subjects", "--tenant", TENANT, "--json"];
    let shown = String::from_utf8(installation.run(&shown).stdout).unwrap();
    assert!(people.iter().all(|person| !shown.contains(person.as_str())));
}

#[test]
fn the_demonstration_erased_its_person_too() {
    let demo = demo();
    let bundle = PathBuf::from(demo.shown["bundle"].as_str().unwrap());
    let parts = sealed_parts(&bundle);
    let keys = oracle::read(&[&demo.data], Look::AtVersions);
    eprintln!("{:?}", keys.figures);
    let opened = keys.open_all(&parts);
    assert_eq!(parts.len() - opened.len(), 3, "identity, answers and link of one person");
    let verdict = zegel(&["verify", bundle.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&verdict.stdout).into_owned();
    assert!(said.contains("stated present"), "{said}");
}

/// Exactly the parts that are not doomed open.
pub(crate) fn opens_all_but(keys: &Keys, parts: &[bundle::Part], doomed: &Places) {
    let all: Places = parts.iter().map(bundle::Part::place).collect();
    let opened: Places = keys.open_all(parts).into_keys().collect();
    let expected: Places = all.difference(doomed).copied().collect();
    assert_eq!(opened.intersection(doomed).count(), 0, "an erased part opens");
    assert_eq!(opened, expected, "everybody else's parts open");
}

/// The people who have a link, and so answers.
fn respondents(keys: &Keys) -> Vec<Id> {
    let links = keys.leaves.values().filter(|leaf| leaf.category == LINK);
    let people: BTreeSet<Id> = links.filter_map(|leaf| leaf.subject).collect();
    people.into_iter().collect()
}

/// Every name that an identity holds: its length in one byte, then its text.
pub(crate) fn names(keys: &Keys, parts: &[bundle::Part]) -> Vec<String> {
    let identities = parts
        .iter()
        .filter(|part| keys.leaves.get(&part.leaf).is_some_and(|leaf| leaf.category == IDENTITY));
    identities.filter_map(|part| keys.open(part)).map(|content| name_in(&content)).collect()
}

fn identity_of(keys: &Keys, parts: &[bundle::Part], person: Id) -> String {
    let theirs = |part: &&bundle::Part| {
        let leaf = &keys.leaves[&part.leaf];
        leaf.category == IDENTITY && leaf.subject == Some(person)
    };
    name_in(&keys.open(parts.iter().find(theirs).unwrap()).unwrap())
}

fn name_in(identity: &[u8]) -> String {
    let length = usize::from(identity[0]);
    String::from_utf8(identity[1..=length].to_vec()).unwrap()
}

/// An id as text.
pub(crate) fn text(id: Id) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An id from text.
pub(crate) fn id(text: &str) -> Id {
    u128::from_str_radix(text, 16).unwrap().to_be_bytes()
}
