//! What each view shows.

use events::Forgotten;
use record::public::Cut;
use record::{Seq, TimestampMicros};

use super::story::*;
use crate::{
    ErasureStage, ImportProgress, PersonList, PersonRow, PublishedCell, QuestionRow, RoundBoard,
    RoundRow, SurveyList, SurveyRow,
};

#[test]
fn the_tenant_has_a_name_a_start_and_an_end() {
    let live = views([]);
    assert_eq!(live.tenancy().name(), "De Regenboog");
    assert_eq!(live.tenancy().started_at(), Some(TimestampMicros(1_000)));
    assert!(!live.tenancy().has_ended());
    let gone = Forgotten { tenant: true, ..Forgotten::default() };
    let ended = views([defined(), registered(1, None, leaf(1)), receipt(1, &gone)]);
    assert_eq!(ended.tenancy().ended_at(), Some(TimestampMicros(1_003)));
    assert_eq!(ended.people().list(0, 10).total, 0);
    assert!(ended.surveys().list().surveys.is_empty());
}

#[test]
fn people_are_listed_by_subject_and_page() {
    let views = views([
        registered(3, None, leaf(3)),
        registered(1, None, leaf(1)),
        registered(2, None, leaf(2)),
    ]);
    let page = views.people().list(1, 1);
    let row = PersonRow { subject: person(2), seq: Seq(3), import: None };
    assert_eq!(page, PersonList { total: 3, people: vec![row] });
    assert_eq!(views.people().registered_at(person(3)), Some(Seq(1)));
    assert_eq!(views.people().registered_at(person(4)), None);
}

#[test]
fn people_of_an_unfinished_import_do_not_count() {
    let before =
        [defined(), opened(0), import_started(0, 0, leaf(9)), registered(1, Some(0), leaf(1))];
    let unfinished = views(before.clone());
    assert_eq!(unfinished.people().list(0, 10).total, 0);
    assert_eq!(unfinished.people().registered_at(person(1)), None);
    let complete = views(before.into_iter().chain([import_completed(0)]));
    assert_eq!(complete.people().registered_at(person(1)), Some(Seq(4)));
}

#[test]
fn links_are_found_by_their_person() {
    let views = views([
        defined(),
        opened(0),
        linked(0, 1, 1, leaf(1)),
        linked(0, 2, 2, leaf(2)),
        linked(0, 1, 3, leaf(3)),
    ]);
    assert_eq!(views.people().links_of(person(1)), [Seq(3), Seq(5)]);
    assert_eq!(views.people().links_of(person(3)), []);
}

#[test]
fn the_board_counts_records_that_count() {
    let rows = (0..3).map(|number| responded(0, number, Some(0), leaf(number)));
    let before =
        [defined(), opened(0), responded(0, 50, None, leaf(50)), import_started(0, 0, leaf(9))];
    let before: Vec<_> = before.into_iter().chain(rows).collect();
    let unfinished = views(before.clone());
    assert_eq!(unfinished.surveys().round(round(0)).unwrap().responses, 1);
    assert_eq!(unfinished.surveys().response_ranges(round(0)), [(Seq(3), Seq(4))]);
    let complete = views(before.iter().cloned().chain([import_completed(0)]));
    assert_eq!(complete.surveys().round(round(0)).unwrap().responses, 4);
    let ranges = complete.surveys().response_ranges(round(0));
    assert_eq!(ranges, [(Seq(3), Seq(4)), (Seq(5), Seq(8))]);
    let given_up = views(before.into_iter().chain([import_abandoned(0)]));
    assert_eq!(given_up.surveys().round(round(0)).unwrap().responses, 1);
}

#[test]
fn the_board_does_not_change_at_an_erasure() {
    let mut views = views([defined(), opened(0), responded(0, 1, None, leaf(1))]);
    let board = views.surveys().board();
    let gone = Forgotten { leaves: [leaf(1)].into(), ..Forgotten::default() };
    views.forget(&gone);
    assert_eq!(views.surveys().board(), board);
    assert_eq!(board.rounds[0].responses, 1);
}

#[test]
fn a_round_is_open_until_it_closes() {
    let open = views([defined(), opened(0)]);
    let shown = RoundRow {
        round: round(0),
        survey: SURVEY,
        name: "Voorjaar".into(),
        floor: 5,
        audience: None,
        open: true,
        opened_at: 1_002,
        closed_at: None,
        responses: 0,
        answers_scope: answers_scope(0),
        identity_scope: identity_scope(0),
    };
    assert_eq!(open.surveys().board(), RoundBoard { rounds: vec![shown] });
    let closed = views([defined(), opened(0), closed(0)]).surveys().round(round(0)).unwrap();
    assert_eq!((closed.open, closed.closed_at), (false, Some(1_003)));
}

#[test]
fn surveys_show_their_questions() {
    let views = views([defined(), opened(0)]);
    let question = |text: &str, kind, options: &[&str]| QuestionRow {
        text: text.into(),
        kind,
        options: options.iter().map(|option| (*option).to_owned()).collect(),
    };
    let questions = vec![
        question("Wat vind je?", "agree-4", &[]),
        question("Wanneer?", "choice", &["ochtend", "middag"]),
    ];
    let row = SurveyRow { survey: SURVEY, title: "Leerlingen".into(), questions };
    assert_eq!(views.surveys().list(), SurveyList { surveys: vec![row] });
    assert_eq!(views.surveys().questions_of(round(0)).map(<[_]>::len), Some(2));
    assert_eq!(views.surveys().questions_of(round(1)), None);
}

#[test]
fn publications_stand_in_order_and_show_only_what_was_published() {
    let views = views([defined(), opened(0), published(0, 40), published(0, 30)]);
    let list = views.analyses().of_round(round(0)).analyses;
    assert_eq!(list.iter().map(|one| one.responses).collect::<Vec<_>>(), [40, 30]);
    assert_eq!(views.analyses().newest(round(0)), list.last().cloned());
    assert_eq!(views.analyses().newest(round(1)), None);
    let nothing = PublishedCell::default;
    let shown = [
        PublishedCell {
            n: Some(40),
            counts: Some(vec![Some(1), Some(2)]),
            mean_millionths: Some(3_000_000),
            deviation_millionths: Some(500_000),
            ..nothing()
        },
        PublishedCell { group: Some("H3a".into()), hidden: true, ..nothing() },
        PublishedCell {
            group: Some("H3b".into()),
            n: Some(7),
            counts: Some(vec![None, Some(5)]),
            ..nothing()
        },
    ];
    assert_eq!(list[0].questions[0].cells, shown);
}

#[test]
fn imports_show_their_progress() {
    let started =
        [defined(), opened(0), import_started(0, 0, leaf(9)), responded(0, 1, Some(0), leaf(1))];
    let live = views(started.clone());
    let row = live.imports().by_name("import 0").unwrap();
    assert_eq!((row.rows, row.recorded, row.started), (3, 1, 3));
    assert_eq!(row.progress, ImportProgress::Started);
    let given_up = views(started.into_iter().chain([import_abandoned(0)]));
    assert_eq!(given_up.imports().by_name("import 0"), None);
    assert_eq!(given_up.imports().list().imports[0].progress, ImportProgress::Abandoned);
}

#[test]
fn an_erasure_walks_through_its_stages() {
    let gone = Forgotten { leaves: [leaf(1)].into(), ..Forgotten::default() };
    let steps = [
        (ordered(1, vec![Cut::Subject(person(1))]), ErasureStage::Ordered),
        (approved(1), ErasureStage::Approved),
        (fenced(1, &gone), ErasureStage::Fenced),
        (receipt(1, &gone), ErasureStage::Destroyed),
        (completed(1), ErasureStage::Completed),
        (purged(1), ErasureStage::Completed),
    ];
    for count in 1..=steps.len() {
        let done = views(steps[..count].iter().map(|(event, _)| event.clone()));
        assert_eq!(done.erasures().order(order(1)).unwrap().stage, steps[count - 1].1);
    }
    let done = views(steps.map(|(event, _)| event));
    let row = &done.erasures().list().erasures[0];
    assert_eq!(
        (row.ordered, row.fenced, row.receipt, row.completed),
        (1, Some(3), Some(4), Some(5))
    );
    assert_eq!((row.epoch_before, row.epoch_after, row.level), (Some(3), Some(4), Some(1)));
    assert_eq!((row.leaves, row.scopes, row.purged, row.targets), (1, 0, 2, 1));
    assert_eq!(row.approved_by, Some(APPROVER));
    assert_eq!(done.erasures().receipt_for(leaf(1), PERMANENT), Some(Seq(4)));
    assert_eq!(done.erasures().receipt_for(leaf(2), PERMANENT), None);
    assert_eq!(done.erasures().last_receipt_after(Seq(4)), Some(Seq(4)));
    assert_eq!(done.erasures().last_receipt_after(Seq(5)), None);
}

#[test]
fn erasures_are_listed_in_the_order_they_were_asked_for() {
    let views = views([ordered(2, vec![Cut::Tenant]), ordered(1, vec![Cut::Tenant])]);
    let orders: Vec<_> = views.erasures().list().erasures.iter().map(|row| row.order).collect();
    assert_eq!(orders, [order(2), order(1)]);
}
