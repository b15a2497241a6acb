//! A scope that ended and a tenant that ended: their parts are gone, and nothing of anybody else.
//!
//! Judged by the oracle of [`crate::forgetting`], which has every file and no code of the product.

use std::collections::BTreeSet;
use std::path::Path;

use engine::{Clock, Engine, EngineError, Paths, Request};
use events::{Answer, Identity, RoundId, SurveyId};
use record::{CommandId, JournalId, ScopeId, SubjectId, TimestampMicros};
use replay_tests::bundle::{Id, Part, sealed_parts};
use replay_tests::needles;
use replay_tests::oracle::{Keys, Look, read};
use rules::Command;
use serde_json::Value;

use crate::forgetting::installation::{Installation, PERSON};
use crate::forgetting::{LINK, id, names, opens_all_but, text};
use crate::support::files_below;

const ALFA: &str = "alfa";
const BETA: &str = "beta";
const ROWS: usize = 40;
/// Who orders and who approves, as random references.
const ONE: &str = "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf";
const ANOTHER: &str = "b0b1b2b3b4b5b6b7b8b9babbbcbdbebf";

/// Two tenants with closed rounds, and what the oracle knew of them then.
struct Two {
    installation: Installation,
    before: Keys,
    alfa: Vec<Part>,
    beta: Vec<Part>,
    /// What the second tenant sees.
    seen_by_beta: Vec<Value>,
}

fn two_tenants() -> Two {
    let installation = Installation::new().with_tenant(ALFA).with_tenant(BETA);
    for (tenant, round) in [(ALFA, "first"), (ALFA, "second"), (BETA, "first")] {
        installation.import(tenant, round, ROWS);
        installation.close(tenant, round);
    }
    installation.add_person(ALFA);
    installation.add_person(BETA);
    let alfa = sealed_parts(&installation.export(ALFA, "alfa-before"));
    let beta = sealed_parts(&installation.export(BETA, "beta-before"));
    let before = read(&[&installation.data], Look::AtVersions);
    opens_all_but(&before, &alfa, &BTreeSet::new());
    opens_all_but(&before, &beta, &BTreeSet::new());
    let seen_by_beta = everything_shown(&installation, BETA, "beta-seen-before");
    Two { installation, before, alfa, beta, seen_by_beta }
}

/// All that a tenant can ask: its views, its journal, its keys and what an auditor says.
fn everything_shown(installation: &Installation, tenant: &str, bundle: &str) -> Vec<Value> {
    let questions: [&[&str]; 6] = [
        &["show", "journal", "--most", "10000"],
        &["show", "analysis"],
        &["show", "rounds"],
        &["show", "subjects"],
        &["show", "key"],
        &["replay", "--check"],
    ];
    let mut shown: Vec<Value> =
        questions.iter().map(|question| installation.of(tenant, question)).collect();
    let (exit, verdict) = installation.verify(&installation.export(tenant, bundle));
    shown.push(Value::from(exit));
    shown.push(Value::from(verdict));
    shown
}

impl Two {
    /// The second tenant sees what it saw, and all its parts open.
    fn beta_lost_nothing(&self, keys: &Keys, bundle: &str) {
        assert_eq!(everything_shown(&self.installation, BETA, bundle), self.seen_by_beta);
        assert!(self.seen_by_beta.contains(&Value::from("INTACT")));
        opens_all_but(keys, &self.beta, &BTreeSet::new());
    }

    /// What the directory leads to, with a page looked for at every single offset.
    fn exhaustive(&self) -> Keys {
        read(&[&self.installation.data], Look::Everywhere)
    }

    /// The same, looking where the version of a page stands.
    fn data(&self) -> Keys {
        read(&[&self.installation.data], Look::AtVersions)
    }

    fn scope(&self, round: usize, scope: &str) -> String {
        let rounds = self.installation.of(ALFA, &["show", "rounds"]);
        let named = |row: &&Value| row["name"] == ["first", "second"][round];
        let row = rounds["rounds"].as_array().unwrap().iter().find(named).unwrap();
        row[scope].as_str().unwrap().to_owned()
    }

    fn end_scope(&self, scope: &str) -> Value {
        let end = ["scope", "end", "--scope", scope, "--ground", "retention", "--yes"];
        self.installation.of(ALFA, &end)
    }
}

fn under(parts: &[Part], scope: &str) -> BTreeSet<(u64, u8)> {
    parts.iter().filter(|part| part.scope == id(scope)).map(Part::place).collect()
}

#[test]
fn an_ended_scope_takes_its_parts_and_nothing_else() {
    let two = two_tenants();
    let Two { installation, alfa, .. } = &two;
    let analysis = installation.of(ALFA, &["show", "analysis"]);
    let board = installation.of(ALFA, &["show", "rounds"]);
    let answers = two.scope(0, "answers_scope");
    let identities = two.scope(1, "identity_scope");

    let old_keys = installation.keep("keys", "old-keys");
    let receipt = two.end_scope(&answers);
    assert_eq!((&receipt["leaves"], &receipt["scopes"]), (&Value::from(ROWS), &Value::from(1)));
    let mut dead = under(alfa, &answers);
    assert_eq!(dead.len(), ROWS);
    opens_all_but(&two.data(), alfa, &dead);

    let receipt = two.end_scope(&identities);
    let gone = under(alfa, &identities);
    assert_eq!(gone.len(), 2 * ROWS + 1, "identities, links, and the secret of the import");
    assert_eq!(receipt["leaves"], Value::from(gone.len()));
    dead.extend(gone);
    let keys = two.exhaustive();
    eprintln!("{:?}: {} of {} parts are gone", keys.figures, dead.len(), alfa.len());
    opens_all_but(&keys, alfa, &dead);
    assert!(
        !keys.scopes.contains_key(&id(&answers)) && !keys.scopes.contains_key(&id(&identities))
    );
    let with_old = read(&[&installation.data, &old_keys], Look::AtVersions);
    opens_all_but(&with_old, alfa, &BTreeSet::new());

    // What was published stays, and so does the number of responses.
    assert_eq!(installation.of(ALFA, &["show", "analysis"]), analysis);
    assert_eq!(installation.of(ALFA, &["show", "rounds"]), board);
    assert_eq!(installation.of(ALFA, &["replay", "--check"])[0]["verdict"]["kind"], "equal");
    let bundle = installation.export(ALFA, "alfa-after");
    assert_eq!(installation.verify(&bundle), (0, "INTACT-WITH-ERASURES".to_owned()));
    let said =
        installation.refused(&["scope", "end", "--tenant", ALFA, "--scope", &answers, "--yes"]);
    assert!(said.contains("eras"), "{said}");
    two.beta_lost_nothing(&keys, "beta-seen-after");
    whoever_lost_answers_can_still_be_erased(&two, &keys, &answers);
}

/// A respondent of the ended round still has an identity and a link; both can go.
fn whoever_lost_answers_can_still_be_erased(two: &Two, keys: &Keys, answers: &str) {
    let held = two.alfa.iter().filter_map(|part| keys.leaves.get(&part.leaf));
    let person = { held }.find(|leaf| leaf.category == LINK).unwrap().subject.unwrap();
    let erased = ["erase", "--subject", &text(person), "--yes"];
    let receipt = two.installation.of(ALFA, &erased);
    assert_eq!(receipt["leaves"], 2);
    let about = two.before.parts_about(person, &two.alfa);
    assert_eq!(about.len(), 3);
    assert_eq!(about.intersection(&under(&two.alfa, answers)).count(), 1);
    let opened = two.data().open_all(&two.alfa);
    assert!(about.iter().all(|part| !opened.contains_key(part)));
}

#[test]
fn an_ended_tenant_is_gone_and_the_other_one_is_untouched() {
    let two = two_tenants();
    let Two { installation, alfa, .. } = &two;
    let old_keys = installation.keep("keys", "old-keys");
    let end = ["tenant", "end", "--tenant", ALFA, "--ground", "contract-end", "--by", ONE];
    let said = installation.refused(&[&end[..], &["--yes"]].concat());
    assert!(said.contains("another"), "one person cannot end a tenant: {said}");
    let ordered =
        installation.of(ALFA, &["tenant", "end", "--ground", "contract-end", "--by", ONE]);
    let order = ordered["order"].as_str().unwrap();
    let approve = ["erase", "--tenant", ALFA, "--approve", order, "--by"];
    let said = installation.refused(&[&approve[..], &[ONE]].concat());
    assert!(said.contains("another person"), "four eyes: {said}");
    opens_all_but(&two.data(), alfa, &BTreeSet::new());

    let receipt = installation.ask(&[&approve[..], &[ANOTHER]].concat());
    assert_eq!((&receipt["tenant"], &receipt["stage"]), (&true.into(), &"done".into()));
    let all: BTreeSet<_> = alfa.iter().map(Part::place).collect();
    let keys = two.exhaustive();
    eprintln!("{:?}: {} parts are gone, {} open", keys.figures, all.len(), two.beta.len());
    opens_all_but(&keys, alfa, &all);
    let strong = read(&[&installation.data, &old_keys], Look::AtVersions);
    opens_all_but(&strong, alfa, &BTreeSet::new());
    two.beta_lost_nothing(&keys, "beta-seen-after");
    no_key_and_no_name_is_left(&two, &keys);
    an_auditor_is_told(&two);
    commands_are_refused(installation);
    an_old_slot_file_is_overwritten(&two, &old_keys, &all);
    // The other tenant goes on.
    installation.add_person(BETA);
    installation.ask(&["doctor"]);
}

/// Of the ended tenant not one key stands in clear anywhere, nor a name.
fn no_key_and_no_name_is_left(two: &Two, keys: &Keys) {
    let Two { installation, before, alfa, .. } = two;
    let leaves: BTreeSet<Id> = alfa.iter().map(|part| part.leaf).collect();
    let scopes: BTreeSet<Id> = alfa.iter().map(|part| part.scope).collect();
    let mut dead: Vec<Vec<u8>> = Vec::new();
    for key in leaves.iter().flat_map(|leaf| &before.leaves[leaf].keys) {
        dead.push(key.to_vec());
    }
    for key in scopes.iter().flat_map(|scope| &before.scopes[scope]) {
        dead.push(key.to_vec());
    }
    let nodes = before.nodes.difference(&keys.nodes);
    dead.extend(nodes.map(|node| node.key.to_vec()));
    assert!(dead.len() > 4 * ROWS);
    assert_eq!(needles::find(&dead, &[&installation.data]), []);
    let mut wanted = needles::spellings(PERSON);
    let named = names(before, alfa);
    assert_eq!(named.len(), 2 * ROWS + 1);
    wanted.extend(named.iter().flat_map(|name| needles::spellings(name)));
    let bundle = installation.export(ALFA, "alfa-ended");
    assert_eq!(needles::find(&wanted, &[&installation.data, &bundle]), []);
    for question in ["tenants", "journal", "key", "rounds", "analysis"] {
        let of = if question == "tenants" { &[][..] } else { &["--tenant", ALFA] };
        let output = installation.run(&[&["show", question], of].concat());
        let answers = !matches!(question, "rounds" | "analysis");
        assert_eq!(output.status.code(), Some(i32::from(!answers)), "show {question}");
        let mut shown = String::from_utf8_lossy(&output.stdout).into_owned();
        shown.push_str(&String::from_utf8_lossy(&output.stderr));
        assert!(answers || shown.contains("ended"), "show {question}: {shown}");
        assert!(named.iter().all(|name| !shown.contains(name)), "show {question}");
    }
}

fn an_auditor_is_told(two: &Two) {
    let Two { installation, alfa, .. } = two;
    let bundle = installation.beside("alfa-ended");
    assert_eq!(installation.verify(&bundle), (0, "INTACT-WITH-ERASURES".to_owned()));
    let bodies: Vec<_> = sealed_parts(&bundle).iter().map(Part::place).collect();
    assert!(bodies.len() >= alfa.len(), "the ciphertexts stay");
    let replayed = installation.of(ALFA, &["replay", "--check"]);
    assert_eq!(replayed[0]["verdict"]["kind"], "ended");
    let tenants = installation.ask(&["show", "tenants"]);
    let ended = |name: &str| {
        let row = tenants.as_array().unwrap().iter().find(|row| row["name"] == name);
        row.unwrap()["ended"].as_bool().unwrap()
    };
    assert!(ended(ALFA) && !ended(BETA));
    let rows = installation.of(ALFA, &["show", "journal", "--most", "10000"]);
    let states = rows.as_array().unwrap().iter().flat_map(|row| row["parts"].as_array().unwrap());
    assert!(states.clone().count() > alfa.len());
    assert!(states.clone().all(|part| part["state"] == "erased" || part["state"] == "public"));
}

fn commands_are_refused(installation: &Installation) {
    let file = installation.beside("rows.csv");
    let commands: [&[&str]; 7] = [
        &["person", "add", "--name", "Somebody"],
        &["import", "evaluations", "--name", "third", "--file", file.to_str().unwrap()],
        &["survey", "close", "--round", "first", "--again"],
        &["show", "subjects"],
        &["erase", "--subject", ONE, "--yes"],
        &["scope", "end", "--scope", ONE, "--yes"],
        &["tenant", "end", "--by", ONE],
    ];
    for command in commands {
        let said = installation.refused(&[command, &["--tenant", ALFA]].concat());
        assert!(said.contains("has ended"), "{command:?}: {said}");
    }
}

/// The fence of a tenant outlives its keys: an old slot file does not bring it back.
fn an_old_slot_file_is_overwritten(two: &Two, old_keys: &Path, all: &BTreeSet<(u64, u8)>) {
    let Two { installation, alfa, .. } = two;
    let present: Vec<_> = files_below(&installation.data.join("keys"));
    for file in &present {
        std::fs::copy(old_keys.join(file.file_name().unwrap()), file).unwrap();
    }
    // KNOWN GAP: the removed pages lie in the database file until sled writes over them, which it may
    // have done already; then the old root opens nothing, and this control saw nothing. That the
    // oracle sees is held by the same control before the ending.
    let red = two.data().open_all(alfa);
    eprintln!("with the old slots {} parts open again", red.len());
    installation.ask(&["show", "tenants"]);
    opens_all_but(&two.data(), alfa, all);
}

#[test]
fn after_an_ending_who_was_erased_stays_out_and_who_returns_gets_a_new_leaf() {
    let two = two_tenants();
    let Two { installation, before, alfa, .. } = &two;
    let linked: Vec<Id> = before
        .leaves
        .values()
        .filter(|leaf| leaf.category == LINK)
        .filter_map(|leaf| leaf.subject)
        .collect();
    let second = two.scope(1, "identity_scope");
    let of_second = |person: &&Id| {
        let about = before.parts_about(**person, alfa);
        about.intersection(&under(alfa, &second)).count() == 2
    };
    let [returning, erased] = linked.iter().filter(of_second).take(2).collect::<Vec<_>>()[..]
    else {
        panic!("two respondents of the second round")
    };
    let receipt = installation.of(ALFA, &["erase", "--subject", &text(*erased), "--yes"]);
    assert_eq!(receipt["leaves"], 3);
    two.end_scope(&second);
    let pseudonym = pseudonym_of(before, alfa, *erased);
    let answers_second = two.scope(1, "answers_scope");

    let mut desk = Desk::open(&two);
    let permanent = desk.engine.permanent_scope(desk.tenant).unwrap();
    let ended = ScopeId::from_bytes(id(&second));
    // Nothing is written for who was erased, nor under what ended.
    desk.refuses(registration(*erased, permanent));
    desk.refuses(registration(*returning, ended));
    let scopes = [[0x51; 16], [0x52; 16]].map(ScopeId::from_bytes);
    let round = desk.open_round(scopes[0], scopes[1]).unwrap();
    desk.refuses(response(round, pseudonym));
    assert!(desk.open_round(ended, ScopeId::from_bytes([0x53; 16])).is_err());
    // Who comes back gets a leaf that never was; a fresh pseudonym is taken too.
    desk.takes(registration(*returning, permanent));
    desk.takes(response(round, [0x54; 16]));
    drop(desk);

    let parts = sealed_parts(&installation.export(ALFA, "alfa-returned"));
    let keys = two.data();
    let leaves: BTreeSet<Id> = keys
        .leaves
        .iter()
        .filter(|(_, leaf)| leaf.subject == Some(*returning))
        .map(|(leaf, _)| *leaf)
        .collect();
    assert_eq!(leaves.len(), 1);
    let earlier: BTreeSet<Id> = alfa.iter().map(|part| part.leaf).collect();
    assert!(leaves.is_disjoint(&earlier), "a leaf id is never used again");
    assert_eq!(keys.parts_about(*returning, &parts).len(), 1, "the old parts stay closed");
    let mut dead = under(alfa, &second);
    dead.extend(before.parts_about(*erased, alfa));
    opens_all_but(&keys, &parts, &dead);
    assert_eq!(under(&parts, &answers_second).len(), ROWS, "their ciphertexts stay");
}

/// The pseudonym that a person's link names.
fn pseudonym_of(keys: &Keys, parts: &[Part], person: Id) -> Id {
    let about = keys.parts_about(person, parts);
    let theirs = parts.iter().filter(|part| about.contains(&part.place()));
    let subjects = theirs.filter_map(|part| keys.leaves[&part.leaf].subject);
    { subjects }.find(|subject| *subject != person).unwrap()
}

/// The engine itself, for what the command line does not offer.
struct Desk {
    engine: Engine,
    tenant: JournalId,
    commands: u8,
}

impl Desk {
    fn open(two: &Two) -> Self {
        let clock = Clock::new(|| TimestampMicros(4_000_000_000_000_000));
        let engine = Engine::open(Paths::under(&two.installation.data), clock).unwrap();
        let named = engine.tenants().into_iter().find(|tenant| tenant.name == ALFA).unwrap();
        Self { engine, tenant: JournalId::from_hex(&named.tenant).unwrap(), commands: 0 }
    }

    fn execute(&mut self, command: Command) -> Result<(), EngineError> {
        self.commands += 1;
        let id = CommandId::from_bytes([self.commands; 16]);
        self.engine.execute_one(self.tenant, Request { id, command }).map(|_| ())
    }

    fn takes(&mut self, command: Command) {
        self.execute(command).unwrap();
    }

    fn refuses(&mut self, command: Command) {
        let answer = self.execute(command);
        assert!(matches!(answer, Err(EngineError::Refused(_))), "{answer:?}");
    }

    /// Opens a round of one question.
    fn open_round(
        &mut self,
        identities: ScopeId,
        answers: ScopeId,
    ) -> Result<RoundId, EngineError> {
        let survey = SurveyId::from_bytes([0x61; 16].map(|byte: u8| byte + self.commands));
        let round = RoundId::from_bytes([0x71; 16].map(|byte: u8| byte + self.commands));
        let question =
            events::Question { text: "?".to_owned(), kind: events::QuestionKind::Agree5 };
        let questions = vec![question];
        self.execute(Command::DefineSurvey { survey, title: "later".to_owned(), questions })?;
        self.execute(Command::OpenRound {
            round,
            survey,
            name: "later".to_owned(),
            floor: 5,
            answers_scope: answers,
            identity_scope: identities,
            audience: None,
        })?;
        Ok(round)
    }
}

fn registration(person: Id, scope: ScopeId) -> Command {
    let identity = Identity { name: "Somebody".to_owned(), email: None };
    Command::RegisterPerson { person: SubjectId::from_bytes(person), scope, identity, import: None }
}

fn response(round: RoundId, pseudonym: Id) -> Command {
    Command::SubmitResponse {
        round,
        pseudonym: SubjectId::from_bytes(pseudonym),
        group: "one".to_owned(),
        answers: vec![Answer::Score(3)],
        import: None,
    }
}
