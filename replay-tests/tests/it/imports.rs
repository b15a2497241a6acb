//! Imports: one name counts once, a bad row refuses all, and what a row says never identifies it.

use std::path::{Path, PathBuf};
use std::process::Command as Process;

use engine::{EngineError, ImportOutcome, ImportPlan, ImportRow};
use events::{Answer, Identity, Question, QuestionKind};
use record::JournalId;
use rules::Refusal;
use serde_json::Value;

use crate::demo::{shipped, shipped_lines};
use crate::school::{Round, School};
use crate::support::{zegel, zegel_json};

const LINES: u64 = 5_820;

/// An installation with one tenant, made by the binary.
struct Installed {
    data: String,
    holder: tempfile::TempDir,
}

impl Installed {
    fn new() -> Self {
        let holder = tempfile::tempdir().unwrap();
        let data = holder.path().join("data").to_str().unwrap().to_owned();
        zegel_json(&["init", "--data", &data]);
        zegel_json(&["tenant", "start", "--data", &data, "--name", "school"]);
        Self { data, holder }
    }

    fn show(&self, what: &str) -> Value {
        zegel_json(&["show", what, "--data", &self.data, "--tenant", "school"])
    }

    fn records(&self) -> u64 {
        let tenants = zegel_json(&["show", "tenants", "--data", &self.data]);
        tenants[0]["records"].as_u64().unwrap()
    }

    fn import<'a>(&'a self, file: &'a Path, name: &'a str) -> Vec<&'a str> {
        let file = file.to_str().unwrap();
        let of = ["--data", &self.data, "--tenant", "school", "--file", file, "--name", name];
        [&["import", "evaluations"], &of[..]].concat()
    }

    fn responses(&self) -> Vec<u64> {
        let board = self.show("rounds");
        let rounds = board["rounds"].as_array().unwrap();
        rounds.iter().map(|round| round["responses"].as_u64().unwrap()).collect()
    }

    /// The shipped file, with some of its lines changed.
    fn changed(&self, change: impl FnOnce(&mut Vec<String>)) -> PathBuf {
        let mut lines = shipped_lines();
        change(&mut lines);
        let file = self.holder.path().join("changed.csv");
        std::fs::write(&file, lines.join("\n")).unwrap();
        file
    }
}

#[test]
fn a_name_counts_once_and_the_same_file_counts_under_each_name() {
    let school = Installed::new();
    let file = shipped();
    let first = zegel_json(&school.import(&file, "spring"));
    assert_eq!((&first["already_handled"], &first["rows"]), (&Value::Bool(false), &LINES.into()));
    // Without invented names there is nobody: pseudonyms with answers, and nothing else.
    let subjects = school.show("subjects");
    let subjects = subjects.as_array().unwrap();
    assert_eq!(subjects.len() as u64, LINES);
    assert!(subjects.iter().all(|row| row["leaves"] == serde_json::json!({ "2": 1 })));

    let records = school.records();
    let again = zegel_json(&school.import(&file, "spring"));
    assert_eq!(again["already_handled"], true);
    assert_eq!(again["round"], first["round"]);
    assert_eq!((school.records(), school.responses()), (records, vec![LINES]));

    // The same lines in another round are other people's answers.
    let other = zegel_json(&school.import(&file, "autumn"));
    assert_eq!(other["already_handled"], false);
    assert_ne!(other["round"], first["round"]);
    assert_eq!(school.responses(), [LINES, LINES]);
    assert_eq!(school.show("subjects").as_array().unwrap().len() as u64, 2 * LINES);
    let check = zegel_json(&["replay", "--check", "--data", &school.data]);
    assert_eq!(check[0]["verdict"]["kind"], "equal");
}

#[test]
fn a_bad_row_refuses_all_of_it() {
    let school = Installed::new();
    let records = school.records();
    type Change = fn(&mut Vec<String>);
    let changes: [(Change, &[&str]); 4] = [
        (|lines| set(&mut lines[4_321], 5 + 16, "6"), &["row 4321", "column Q17", "1 to 5"]),
        (|lines| set(&mut lines[5_820], 32, "x"), &["row 5820", "column Q28"]),
        (|lines| lines[17].push_str(",3"), &["row 17", "33 columns"]),
        (|lines| set(&mut lines[0], 1, "klas"), &["heading", "column 2", "`class`"]),
    ];
    for (change, expected) in changes {
        let file = school.changed(change);
        let refused = zegel(&school.import(&file, "spring"));
        assert_eq!(refused.status.code(), Some(1));
        let said = String::from_utf8(refused.stderr).unwrap();
        let missing: Vec<_> = expected.iter().filter(|part| !said.contains(**part)).collect();
        assert!(missing.is_empty(), "{missing:?} not in: {said}");
        assert!(said.contains("nothing was imported"), "{said}");
        assert_eq!((school.records(), school.responses()), (records, Vec::new()));
    }
}

fn set(line: &mut String, column: usize, value: &str) {
    let mut fields: Vec<_> = line.split(',').collect();
    fields[column] = value;
    *line = fields.join(",");
}

const NAME: &str = "spring";

/// Sixty rows, each of another group or score than its neighbours; one in three twice.
fn rows(named: bool) -> Vec<ImportRow> {
    let row = |row: u8| ImportRow {
        group: format!("group {}", row / 3 % 4),
        answers: vec![Answer::Score(1 + row / 3 % 5)],
        identity: named.then(|| Identity { name: format!("Row {row}"), email: None }),
    };
    (0..60).map(row).collect()
}

fn plan(round: Round, rows: &[ImportRow]) -> ImportPlan<'_> {
    ImportPlan { name: NAME, round: round.id, rows }
}

/// A school whose import stopped before its last row, which did not fit the question.
fn interrupted(named: bool) -> (School, JournalId, Round) {
    let mut school = School::new(5);
    let tenant = school.engine().start_tenant("school").unwrap();
    let question = Question { text: "?".to_owned(), kind: QuestionKind::Agree5 };
    let survey = school.define(tenant, vec![question]);
    let round = school.open_round(tenant, survey, 5).unwrap();
    let mut rows = rows(named);
    rows.last_mut().unwrap().answers = vec![Answer::Score(6)];
    let refused = school.engine().import(tenant, &plan(round, &rows), &mut |_, _| {});
    let rule = matches!(refused, Err(EngineError::Refused(Refusal::AnswerOutOfRange { .. })));
    assert!(rule, "{refused:?}");
    assert_eq!(counted(&mut school, tenant, round), 0, "unfinished rows do not count");
    (school, tenant, round)
}

fn counted(school: &mut School, tenant: JournalId, round: Round) -> u64 {
    let views = school.engine().tenant(tenant).unwrap().views();
    views.surveys().round(round.id).unwrap().responses
}

fn size(school: &mut School) -> u64 {
    school.engine().tenants()[0].records
}

#[test]
fn rows_in_another_order_are_refused_as_a_reused_id() {
    for named in [false, true] {
        let (mut school, tenant, round) = interrupted(named);
        let mut permuted = rows(named);
        permuted.rotate_left(7);
        let before = size(&mut school);
        let refused = school.engine().import(tenant, &plan(round, &permuted), &mut |_, _| {});
        assert!(matches!(refused, Err(EngineError::CommandReused)), "{refused:?}");
        assert_eq!(counted(&mut school, tenant, round), 0);
        // The control: the same rows in their own order go on where it stopped.
        let done = school.engine().import(tenant, &plan(round, &rows(named)), &mut |_, _| {});
        let appended = size(&mut school) - before;
        match done.unwrap() {
            ImportOutcome::Completed { rows: 60, resumed } => assert!(resumed >= 59, "{resumed}"),
            other => panic!("{other:?}"),
        }
        assert_eq!(counted(&mut school, tenant, round), 60);
        eprintln!("named {named}: {appended} records after the interruption");
        let people = school.engine().tenant(tenant).unwrap().views().people().list(0, 0).total;
        assert_eq!(people, if named { 60 } else { 0 });
        let again = school.engine().import(tenant, &plan(round, &permuted), &mut |_, _| {});
        assert!(matches!(again, Ok(ImportOutcome::AlreadyHandled)), "{again:?}");
    }
}

#[test]
fn an_interrupted_import_goes_on_after_reopening() {
    let (mut school, tenant, round) = interrupted(true);
    school.reopen();
    let done = school.engine().import(tenant, &plan(round, &rows(true)), &mut |_, _| {});
    assert!(matches!(done, Ok(ImportOutcome::Completed { rows: 60, .. })), "{done:?}");
    assert_eq!(counted(&mut school, tenant, round), 60);
    // Each person is there once, however often it was tried.
    let engine = school.engine();
    let people = engine.tenant(tenant).unwrap().views().people().list(0, 100);
    assert_eq!(people.total, 60);
    for person in people.people {
        let items = engine.find(engine.tenant(tenant).unwrap(), person.subject).unwrap();
        assert_eq!(items.len(), 3, "identity, answers and the link");
    }
}

#[test]
fn an_import_ends_with_the_secret_of_its_identities() {
    let (mut school, tenant, round) = interrupted(true);
    let scope = record::public::Cut::Scope(round.identity_scope);
    school.erase(tenant, vec![scope]).unwrap();
    let over = school.engine().import(tenant, &plan(round, &rows(true)), &mut |_, _| {});
    assert!(matches!(over, Err(EngineError::NothingKept)), "{over:?}");
    assert_eq!(counted(&mut school, tenant, round), 0);
}

#[test]
fn a_closed_pipe_or_a_missing_file_imports_nothing() {
    let school = Installed::new();
    let records = school.records();
    let nowhere = school.holder.path().join("nowhere.csv");
    assert_eq!(zegel(&school.import(&nowhere, "spring")).status.code(), Some(1));
    let cut = school.holder.path().join("cut.csv.gz");
    let half = Process::new("head").args(["-c", "20000"]).arg(shipped()).output().unwrap();
    std::fs::write(&cut, half.stdout).unwrap();
    let refused = zegel(&school.import(&cut, "spring"));
    assert_eq!(refused.status.code(), Some(1), "half a file is no file");
    assert_eq!((school.records(), school.responses()), (records, Vec::new()));
}
