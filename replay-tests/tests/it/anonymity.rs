//! Published rounds, attacked: `scripts/attack.py` shares no code with what it attacks.
//!
//! Made-up rounds go through the real engine, with erasures and further publications in between;
//! whatever views show in the end is handed to the attacker, who must conclude nothing.
//! Controls: the same answers published with each cell judged alone are broken.
//! Long form: `ZEGEL_ANONYMITY_ROUNDS=200`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command as Process;

use engine::{EngineError, SurveyId};
use events::{Answer, Question, QuestionKind};
use record::public::Cut;
use record::{JournalId, SubjectId};
use rules::{Command, Gathered, Refusal};
use serde_json::{Value, json};

use crate::school::{Round, School};

const ROUNDS: usize = 12;
const FLOOR: usize = 5;

/// What the attacker says of a file.
#[derive(Debug)]
struct Attack {
    broken: bool,
    said: String,
}

fn attack(arguments: &[&str], file: &Path) -> Attack {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/attack.py");
    let output = Process::new("python3").arg(script).args(arguments).arg(file).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    // A crash of the attacker must not pass for an attack that failed, or that succeeded.
    let code = output.status.code();
    let summed_up = said.trim_end().lines().last().is_some_and(|line| line.contains("conclusions"));
    assert!(summed_up, "{code:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(matches!(code, Some(0 | 1)), "{code:?}: {said}");
    Attack { broken: code == Some(1), said }
}

/// One made-up round: who answered what.
struct Made {
    kinds: Vec<QuestionKind>,
    /// The group and the answers of each respondent; the order is that of the people.
    answers: Vec<(String, Vec<Answer>)>,
    /// Whether everybody answered everything.
    complete: bool,
}

fn kinds(school: &mut School) -> Vec<QuestionKind> {
    let options = || vec!["red".to_owned(), "green".to_owned(), "blue".to_owned()];
    let any = |dice: &mut replay_tests::dice::Dice| match dice.below(6) {
        0 => QuestionKind::Agree4,
        1 => QuestionKind::Agree5,
        2 => QuestionKind::Grade10,
        3 => QuestionKind::Choice { options: options() },
        4 => QuestionKind::YesNo,
        _ => QuestionKind::Open,
    };
    (0..3).map(|_| any(&mut school.dice)).collect()
}

fn made(school: &mut School, kinds: &[QuestionKind]) -> Made {
    let dice = &mut school.dice;
    let groups = 2 + dice.below(3);
    let people = 5 + dice.below(26);
    let complete = dice.below(2) == 0;
    let answer = |dice: &mut replay_tests::dice::Dice, kind: &QuestionKind| {
        if !complete && dice.below(6) == 0 {
            return Answer::NotApplicable;
        }
        // The smaller of two: most people agree with most.
        let small = |dice: &mut replay_tests::dice::Dice, end: usize| {
            u8::try_from(dice.below(end).min(dice.below(end))).unwrap()
        };
        match (kind.score_max(), kind.option_count()) {
            (Some(max), _) => Answer::Score(1 + small(dice, usize::from(max))),
            (None, Some(count)) => Answer::Choice(small(dice, count)),
            (None, None) => Answer::Text("fine".to_owned()),
        }
    };
    let one = |_| {
        let group = format!("group {}", dice.below(groups).min(dice.below(groups)));
        (group, kinds.iter().map(|kind| answer(dice, kind)).collect())
    };
    Made { answers: (0..people).map(one).collect(), kinds: kinds.to_vec(), complete }
}

/// Lets the people of a school answer; says under which pseudonyms.
fn respond(
    school: &mut School,
    tenant: JournalId,
    round: Round,
    people: &[SubjectId],
    made: &Made,
) -> Vec<SubjectId> {
    let pseudonyms: Vec<_> =
        people.iter().map(|_| SubjectId::from_bytes(school.dice.id())).collect();
    let submit = |(pseudonym, (group, answers)): (&SubjectId, &(String, Vec<Answer>))| {
        Command::SubmitResponse {
            round: round.id,
            pseudonym: *pseudonym,
            group: group.clone(),
            answers: answers.clone(),
            import: None,
        }
    };
    let link = |(pseudonym, person): (&SubjectId, &SubjectId)| Command::LinkRespondent {
        round: round.id,
        person: *person,
        pseudonym: *pseudonym,
        import: None,
    };
    let commands = pseudonyms.iter().zip(&made.answers).map(submit);
    let links = pseudonyms.iter().zip(people).map(link);
    let commands = commands.chain(links).collect();
    school.run_all(tenant, commands);
    pseudonyms
}

/// All publications of a round as the views show them, and beside each question the number of its
/// answers, which every respondent has seen.
fn published(school: &mut School, tenant: JournalId, round: Round) -> Value {
    let views = school.engine().tenant(tenant).unwrap().views();
    let kinds: Vec<_> = views.surveys().questions_of(round.id).unwrap().to_vec();
    let mut all = serde_json::to_value(views.analyses().of_round(round.id)).unwrap();
    for analysis in all["analyses"].as_array_mut().unwrap() {
        for (question, asked) in
            analysis["questions"].as_array_mut().unwrap().iter_mut().zip(&kinds)
        {
            question["buckets"] = buckets(&asked.kind).into();
        }
    }
    all
}

/// How many answers there are to choose from; an open text is there or not.
fn buckets(kind: &QuestionKind) -> usize {
    kind.score_max().map_or(kind.option_count().unwrap_or(1), usize::from)
}

fn write(school: &School, value: &Value) -> std::path::PathBuf {
    let file = school.file("published.json");
    std::fs::write(&file, value.to_string()).unwrap();
    file
}

/// Erases people, and tries to publish again after each of them; says how many publications the
/// round has in the end.
fn erase_and_publish(
    school: &mut School,
    tenant: JournalId,
    round: Round,
    people: &[SubjectId],
) -> usize {
    let mut publications = vec![0];
    for (place, person) in people.iter().enumerate() {
        school.erase(tenant, vec![Cut::Subject(*person)]).unwrap();
        let erased = place + 1;
        let small = |before: &usize| erased - before < FLOOR;
        match school.engine().publish_again(tenant, round.id) {
            Ok(_) => {
                assert!(!publications.iter().any(small), "{erased} erased, {publications:?}");
                publications.push(erased);
            }
            Err(EngineError::Refused(Refusal::TooCloseToEarlier)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    publications.len()
}

/// A round in which the people answer, closed.
fn held(
    school: &mut School,
    tenant: JournalId,
    survey: SurveyId,
    people: &[SubjectId],
    made: &Made,
) -> Round {
    let round = school.open_round(tenant, survey, u16::try_from(FLOOR).unwrap()).unwrap();
    respond(school, tenant, round, people, made);
    school.engine().close_round(tenant, round.id).unwrap();
    round
}

fn concluded_nothing(school: &mut School, tenant: JournalId, round: Round, seed: usize) {
    let all = published(school, tenant, round);
    let attack = attack(&[], &write(school, &all));
    assert!(!attack.broken, "round {seed}: {}\n{all}", attack.said);
}

/// With each cell judged alone; what the attacker needs as a control.
fn naive(made: &Made, gathered: &[Gathered]) -> Value {
    let mut groups: Vec<Option<&str>> = vec![None];
    let names: BTreeSet<&str> = gathered.iter().map(|one| one.group.as_str()).collect();
    groups.extend(names.into_iter().map(Some));
    let cell = |question: usize, group: Option<&str>| {
        let of_group = gathered.iter().filter(|one| group.is_none_or(|name| one.group == name));
        let answers: Vec<_> = of_group.map(|one| &one.answers[question]).collect();
        naive_cell(group, &made.kinds[question], &answers)
    };
    let question = |number: usize| {
        let cells: Vec<_> = groups.iter().map(|group| cell(number, *group)).collect();
        json!({ "question": number, "cells": cells })
    };
    let questions: Vec<_> = (0..made.kinds.len()).map(question).collect();
    json!([{ "round": "naive", "floor": FLOOR, "responses": gathered.len(), "questions": questions }])
}

fn naive_cell(group: Option<&str>, kind: &QuestionKind, answers: &[&Answer]) -> Value {
    let mut counts = vec![0_u64; buckets(kind)];
    for answer in answers {
        match answer {
            Answer::NotApplicable => {}
            Answer::Score(score) => counts[usize::from(*score) - 1] += 1,
            Answer::Choice(option) => counts[usize::from(*option)] += 1,
            Answer::Text(_) => counts[0] += 1,
        }
    }
    let n: u64 = counts.iter().sum();
    if n < FLOOR as u64 {
        return json!({ "group": group, "hidden": true });
    }
    let small = |count: &u64| (1..FLOOR as u64).contains(count);
    match counts.iter().any(small) {
        true => json!({ "group": group, "hidden": false, "n": n }),
        false => json!({ "group": group, "hidden": false, "n": n, "counts": counts }),
    }
}

#[test]
fn an_attacker_concludes_nothing_from_what_is_published() {
    let rounds = std::env::var("ZEGEL_ANONYMITY_ROUNDS").ok().and_then(|text| text.parse().ok());
    let mut school = School::new(2026);
    let tenant = school.engine().start_tenant("anonymous").unwrap();
    let (mut naive_broken, mut republished) = (0, 0);
    for seed in 0..rounds.unwrap_or(ROUNDS) {
        school.dice = replay_tests::dice::Dice::new(seed as u64);
        eprintln!("round {seed}");
        let kinds = kinds(&mut school);
        let question = |kind: &QuestionKind| Question { text: "?".to_owned(), kind: kind.clone() };
        let survey = school.define(tenant, kinds.iter().map(question).collect());
        let first = made(&mut school, &kinds);
        let people: Vec<_> =
            first.answers.iter().map(|_| school.register(tenant).unwrap()).collect();
        let round = held(&mut school, tenant, survey, &people, &first);
        concluded_nothing(&mut school, tenant, round, seed);
        if first.complete {
            let all = published(&mut school, tenant, round);
            let file = write(&school, &all);
            let knowing = attack(&["--everybody"], &file);
            assert!(!knowing.broken, "round {seed}, everybody answered: {}", knowing.said);
        }
        let engine = school.engine();
        let gathered = engine.gather(engine.tenant(tenant).unwrap(), round.id).unwrap();
        let file = write(&school, &naive(&first, &gathered));
        naive_broken += usize::from(attack(&[], &file).broken);

        // Another round of the same survey: some of these people again, and some new ones.
        let second = made(&mut school, &kinds);
        let mut others: Vec<_> = people.iter().copied().step_by(2).collect();
        others.truncate(second.answers.len());
        while others.len() < second.answers.len() {
            others.push(school.register(tenant).unwrap());
        }
        let again = held(&mut school, tenant, survey, &others, &second);
        concluded_nothing(&mut school, tenant, again, seed);

        // Erasures reach both rounds; then whatever may still be published is.
        let leaving: Vec<_> = people.iter().copied().take(2 + school.dice.below(9)).collect();
        let published = erase_and_publish(&mut school, tenant, round, &leaving);
        let other = school.engine().publish_again(tenant, again.id);
        for (round, more) in [(round, published > 1), (again, other.is_ok())] {
            republished += usize::from(more);
            if more {
                concluded_nothing(&mut school, tenant, round, seed);
            }
        }
    }
    eprintln!("{naive_broken} rounds broken when naive, {republished} published again");
    assert!(naive_broken > 0, "the control: naively published, some of these rounds are broken");
}

#[test]
fn one_person_less_is_never_published() {
    let mut school = School::new(3);
    let tenant = school.engine().start_tenant("anonymous").unwrap();
    let question = Question { text: "?".to_owned(), kind: QuestionKind::Agree5 };
    let survey = school.define(tenant, vec![question]);
    let score = |place: u8| (format!("group {}", place % 2), vec![Answer::Score(1 + place % 5)]);
    let made = Made {
        kinds: vec![QuestionKind::Agree5],
        answers: (0..60).map(score).collect(),
        complete: true,
    };
    let people: Vec<_> = made.answers.iter().map(|_| school.register(tenant).unwrap()).collect();
    let round = held(&mut school, tenant, survey, &people, &made);
    let refused = school.engine().publish_again(tenant, round.id);
    assert!(matches!(refused, Err(EngineError::Refused(Refusal::NothingChanged))), "{refused:?}");
    for person in &people[..FLOOR - 1] {
        school.erase(tenant, vec![Cut::Subject(*person)]).unwrap();
        let refused = school.engine().publish_again(tenant, round.id);
        let expected = matches!(refused, Err(EngineError::Refused(Refusal::TooCloseToEarlier)));
        assert!(expected, "{refused:?}");
    }
    // The control: had the first refusal not been given, the attacker would know who left.
    let mut leaky = published(&mut school, tenant, round);
    let analyses = leaky["analyses"].as_array_mut().unwrap();
    let mut later = analyses[0].clone();
    later["responses"] = 59.into();
    for (cell, n, left) in [(0, 59, 11), (1, 29, 5)] {
        let cell = &mut later["questions"][0]["cells"][cell];
        cell["n"] = n.into();
        cell["counts"][0] = left.into();
        for name in ["mean_millionths", "deviation_millionths"] {
            cell[name] = Value::Null;
        }
    }
    analyses.push(later);
    let attack = attack(&[], &write(&school, &leaky));
    assert!(attack.broken, "{}", attack.said);
}

#[test]
fn enough_people_less_may_be_published() {
    let mut school = School::new(4);
    let tenant = school.engine().start_tenant("anonymous").unwrap();
    let kinds = vec![QuestionKind::YesNo];
    let question = Question { text: "?".to_owned(), kind: QuestionKind::YesNo };
    let survey = school.define(tenant, vec![question]);
    // Two groups of forty, half of each says yes; five of each half leave.
    let choice = |place: u8| (format!("group {}", place % 2), vec![Answer::Choice(place / 2 % 2)]);
    let made = Made { kinds, answers: (0..80).map(choice).collect(), complete: true };
    let people: Vec<_> = made.answers.iter().map(|_| school.register(tenant).unwrap()).collect();
    let round = held(&mut school, tenant, survey, &people, &made);
    school.erase(tenant, people[..20].iter().copied().map(Cut::Subject).collect()).unwrap();
    school.engine().publish_again(tenant, round.id).unwrap();
    let all = published(&mut school, tenant, round);
    assert_eq!(all["analyses"][1]["responses"], 60);
    assert_eq!(all["analyses"][1]["questions"][0]["cells"][0]["counts"], json!([30, 30]));
    concluded_nothing(&mut school, tenant, round, 0);
}

#[test]
fn each_cell_judged_alone_is_broken() {
    let answers = |group: &str, score: u8, people: usize| {
        let one = Gathered { group: group.to_owned(), answers: vec![Answer::Score(score)] };
        vec![one; people]
    };
    // Three people are hidden, and stand in the difference of everyone and the other group.
    let gathered =
        [answers("large", 2, 9), answers("large", 4, 8), answers("small", 4, 3)].concat();
    let made = Made { kinds: vec![QuestionKind::Agree5], answers: Vec::new(), complete: true };
    let holder = tempfile::tempdir().unwrap();
    let file = holder.path().join("naive.json");
    std::fs::write(&file, naive(&made, &gathered).to_string()).unwrap();
    let found = attack(&[], &file);
    assert!(found.broken && found.said.contains("small"), "{}", found.said);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    found.said.lines().for_each(|line| *counts.entry(line).or_default() += 1);
    assert!(counts.values().all(|count| *count == 1), "each conclusion is told once");
}
