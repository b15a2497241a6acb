//! The demonstration's numbers are those of the file it came from, before and after erasures.
//!
//! A round's published numbers are what was computed when it closed and never change; what is
//! recomputed from the responses that still open is the file without exactly the erased line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use engine::PartState;
use events::{Answer, RoundId};
use record::public::Cut;
use record::{JournalId, Seq, SubjectId};
use rules::Gathered;
use serde_json::Value;

use crate::school::School;
use crate::support::{demo, zegel, zegel_json};

/// Lines of the file, without the heading.
const LINES: usize = 5_820;

/// The file that the binary ships.
pub(crate) fn shipped() -> PathBuf {
    let shipped = "../crates/zegel/data/turkiye-student-evaluation.csv.gz";
    Path::new(env!("CARGO_MANIFEST_DIR")).join(shipped)
}

/// The file unpacked, line by line; the heading first.
pub(crate) fn shipped_lines() -> Vec<String> {
    let unpacked = Command::new("gzip").arg("-dc").arg(shipped()).output().unwrap();
    assert!(unpacked.status.success(), "gzip -dc");
    let text = String::from_utf8(unpacked.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// A response: its group and its 28 scores.
type Row = (String, Vec<u8>);

fn row_of_line(line: &str) -> Row {
    let numbers: Vec<u8> = line.split(',').map(|number| number.trim().parse().unwrap()).collect();
    let group = format!("instructor {}, class {:02}", numbers[0], numbers[1]);
    (group, numbers[5..].to_vec())
}

fn row_of(gathered: &Gathered) -> Row {
    let score = |answer: &Answer| match answer {
        Answer::Score(score) => *score,
        other => panic!("not a score: {other:?}"),
    };
    (gathered.group.clone(), gathered.answers.iter().map(score).collect())
}

/// How often each row occurs: 1,843 lines of the file equal another.
fn multiset(rows: impl IntoIterator<Item = Row>) -> BTreeMap<Row, usize> {
    let mut counts = BTreeMap::new();
    rows.into_iter().for_each(|row| *counts.entry(row).or_default() += 1);
    counts
}

fn analysis(data: &Path) -> Value {
    let data = data.to_str().unwrap();
    zegel_json(&["show", "analysis", "--data", data, "--tenant", "voorbeeld"])
}

fn compare(analysis: &Value, file: &Path) -> Output {
    std::fs::write(file, analysis.to_string()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/compare.py");
    Command::new("python3").arg(script).arg(shipped()).arg(file).output().unwrap()
}

#[test]
fn published_numbers_equal_those_computed_from_the_file() {
    let demo = demo();
    let holder = tempfile::tempdir().unwrap();
    let file = holder.path().join("analysis.json");
    let mut analysis = analysis(&demo.data);
    // Shown again after the erasure, it is what the demonstration showed before it.
    assert_eq!(analysis[0], demo.shown["analysis"]);
    let equal = compare(&analysis, &file);
    let said = String::from_utf8_lossy(&equal.stdout).into_owned();
    assert!(equal.status.success(), "{said}");
    // All of everyone's cells, and of each group at least number, mean and deviation.
    let compared: usize = said.split(' ').next().unwrap().parse().unwrap();
    assert!(compared >= 28 * (4 + 14 * 3), "{said}");

    let one = analysis[0]["questions"][3]["cells"][5]["mean_millionths"].as_u64().unwrap();
    analysis[0]["questions"][3]["cells"][5]["mean_millionths"] = (one + 2).into();
    let changed = compare(&analysis, &file);
    assert_eq!(changed.status.code(), Some(1), "two millionths more in one cell are noticed");
    analysis[0]["questions"][3]["cells"][5]["mean_millionths"] = one.into();
    let counts = &mut analysis[0]["questions"][27]["cells"][0]["counts"];
    let count = counts[2].as_u64().unwrap();
    counts[2] = (count - 1).into();
    assert_eq!(compare(&analysis, &file).status.code(), Some(1), "and so is one person less");
}

#[test]
fn a_second_erasure_changes_no_published_number() {
    let (_holder, data) = demo().copy();
    let before = analysis(&data);
    let at = data.to_str().unwrap();
    let of = ["--data", at, "--tenant", "voorbeeld"];
    let subjects = zegel_json(&[&["show", "subjects"], &of[..]].concat());
    let subjects = subjects.as_array().unwrap();
    let person = subjects.iter().find(|row| !row["leaves"]["1"].is_null()).unwrap();
    let person = person["subject"].as_str().unwrap();
    assert_ne!(person, demo().shown["erased_subject"]);
    let items = zegel_json(&[&["show", "subjects", "--subject", person], &of[..]].concat());
    assert_eq!(items.as_array().unwrap().len(), 3, "identity, answers and the link");
    let erased = zegel_json(&[&["erase", "--subject", person, "--yes"], &of[..]].concat());
    assert_eq!(erased["leaves"], 3);
    let check = zegel_json(&["replay", "--check", "--data", at]);
    assert_eq!(check[0]["verdict"]["kind"], "equal");
    assert_eq!(analysis(&data), before);
    let left = zegel_json(&[&["show", "subjects", "--subject", person], &of[..]].concat());
    assert_eq!(left, Value::Array(Vec::new()), "nothing of the person is found any more");
}

/// The one round of the demonstration, and the place of its first response.
fn round_of(school: &mut School, tenant: JournalId) -> (RoundId, u64) {
    let views = school.engine().tenant(tenant).unwrap().views();
    let round = views.surveys().board().rounds[0].round;
    let ranges = views.surveys().response_ranges(round);
    assert_eq!(ranges.len(), 1, "the responses of one import stand together");
    let (from, to) = ranges[0];
    assert_eq!(usize::try_from(to.0 - from.0).unwrap(), LINES);
    (round, from.0)
}

/// The responses that still open, in the order of the journal.
fn gathered(school: &mut School, tenant: JournalId, round: RoundId) -> Vec<Row> {
    let engine = school.engine();
    let gathered = engine.gather(engine.tenant(tenant).unwrap(), round).unwrap();
    gathered.iter().map(row_of).collect()
}

/// Which of the round's records open, by their places.
fn open_places(school: &mut School, tenant: JournalId, first: u64) -> Vec<u64> {
    let rows = school.engine().journal_rows(tenant, Seq(first), LINES as u64).unwrap();
    let open = rows.iter().filter(|row| row.parts[1].state == PartState::Open);
    let places: Vec<_> = open.map(|row| row.seq).collect();
    let erased = rows.iter().filter(|row| row.parts[1].state == PartState::Erased).count();
    assert_eq!(places.len() + erased, LINES, "every answer is open or erased");
    places
}

/// The rows without one of them.
fn without(mut rows: BTreeMap<Row, usize>, row: &Row) -> BTreeMap<Row, usize> {
    let count = rows.get_mut(row).expect("the row is among them");
    *count -= 1;
    rows.retain(|_, count| *count > 0);
    rows
}

#[test]
fn what_still_opens_is_the_file_without_exactly_the_erased_line() {
    let (holder, data) = demo().copy();
    let lines = multiset(shipped_lines().iter().skip(1).map(|line| row_of_line(line)));
    assert_eq!(lines.values().sum::<usize>(), LINES);
    let mut school = School::at(&data, holder);
    let tenant = JournalId::from_hex(demo().shown["tenant"].as_str().unwrap()).unwrap();
    let (round, first) = round_of(&mut school, tenant);

    // The demonstration erased one person: exactly one line is missing.
    let before = gathered(&mut school, tenant, round);
    let counts = multiset(before.clone());
    let missing: Vec<_> = lines.keys().filter(|row| counts.get(*row) != lines.get(*row)).collect();
    assert_eq!(missing.len(), 1);
    assert!(without(lines.clone(), missing[0]) == counts);

    // One more, whose answers are found while their link still opens.
    let engine = school.engine();
    let views = engine.tenant(tenant).unwrap().views();
    let person = views.people().list(1_000, 1).people[0].subject;
    let items = engine.find(engine.tenant(tenant).unwrap(), person).unwrap();
    let response = items.iter().find(|item| item.event == "survey.response-submitted").unwrap();
    assert_ne!(SubjectId::from_hex(&response.subject), Some(person), "under a pseudonym");
    let places = open_places(&mut school, tenant, first);
    assert_eq!(places.len(), before.len());
    let own = &before[places.iter().position(|place| *place == response.seq).unwrap()];

    school.erase(tenant, vec![Cut::Subject(person)]).unwrap();
    let after = multiset(gathered(&mut school, tenant, round));
    assert!(without(counts, own) == after, "one row is gone: the person's own");
    assert!(without(without(lines.clone(), missing[0]), own) == after, "of the file, two are");
    let left = open_places(&mut school, tenant, first);
    let gone: Vec<_> = places.iter().filter(|place| !left.contains(place)).collect();
    assert_eq!(gone, [&response.seq]);
}

#[test]
fn the_demonstration_says_what_it_did() {
    let holder = tempfile::tempdir().unwrap();
    let data = holder.path().join("demo");
    let output = zegel(&["demo", "--no-serve", "--data", data.to_str().unwrap()]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    // One line a question: its number stands first, the number of responses behind the question.
    let is_row = |line: &&str| {
        let mut words = line.trim_start_matches(['│', ' ']).split_whitespace();
        words.next().is_some_and(|word| word.parse::<u8>().is_ok()) && line.contains(" 5820 ")
    };
    let rows: Vec<_> = text.lines().filter(is_row).collect();
    assert_eq!(rows.len(), 28, "{text}");
    let verdicts: Vec<_> = text.lines().filter(|line| line.contains("INTACT")).collect();
    assert_eq!(verdicts.len(), 1, "{text}");
    assert!(verdicts[0].contains("INTACT-WITH-ERASURES"), "{text}");
    assert!(text.contains("Every view rebuilt from the journal: equal to the live ones"));
    assert_eq!(demo().shown["verdict"], "INTACT-WITH-ERASURES");
    assert_eq!(demo().shown["replay"]["kind"], "equal");
}
