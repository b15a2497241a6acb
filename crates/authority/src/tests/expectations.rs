//! Every cell of the matrix, asked from every reach, inside and outside, on every condition.

use std::collections::BTreeMap;

use super::matrix::{Cell, cells};
use super::{ACCOUNT, favourable};
use crate::{
    ACTIONS, Authority, DEFAULT_DENY, Decision, MANAGER_OBSERVATION, OPERATOR_INCIDENT, Question,
    ROLES, ScopeRef, ThingRef, policy_names,
};

const OWN: ScopeRef<'static> = ScopeRef::Own(ACCOUNT);
const TEAM: ScopeRef<'static> = ScopeRef::Team("7b1f6c0e");
const SCHOOL: ScopeRef<'static> = ScopeRef::School("5d0c2a91");
const BOARD: ScopeRef<'static> = ScopeRef::Board;
const REACHES: [ScopeRef<'static>; 4] = [OWN, TEAM, SCHOOL, BOARD];

/// Where a thing can be: of the asker, of a colleague in the team, elsewhere in the school, in
/// another school whose ids are the same in other places, and of the asker but in no reach.
const PLACES: [&[ScopeRef<'static>]; 5] = [
    &[OWN, TEAM, SCHOOL, BOARD],
    &[ScopeRef::Own("0d55be18"), TEAM, SCHOOL, BOARD],
    &[ScopeRef::Team("33e0d1f2"), SCHOOL, BOARD],
    &[ScopeRef::Team("5d0c2a91"), ScopeRef::School("7b1f6c0e"), BOARD],
    &[OWN],
];

const KINDS: [&str; 3] = ["observation", MANAGER_OBSERVATION, OPERATOR_INCIDENT];

/// From every reach, about every place and kind.
fn anywhere(cell: &Cell) -> impl Iterator<Item = Question<'static>> {
    let asked = favourable(cell.role, cell.action);
    REACHES.into_iter().flat_map(move |reach| {
        PLACES.into_iter().flat_map(move |within| {
            let about = move |kind| ThingRef { kind, within, ..asked.thing };
            KINDS.into_iter().map(move |kind| Question { reach, thing: about(kind), ..asked })
        })
    })
}

/// As it is, and with each condition in turn unmet.
fn conditions(asked: Question<'static>) -> [Question<'static>; 5] {
    [
        asked,
        Question { suspended: true, ..asked },
        Question { second_factor: false, ..asked },
        Question { reason_given: false, ..asked },
        Question { support_open: false, ..asked },
    ]
}

/// Everything that is asked about one cell.
fn questions(cell: &Cell) -> impl Iterator<Item = Question<'static>> {
    anywhere(cell).flat_map(conditions)
}

/// Whether an answer is what the matrix expects: yes or no, and whether a policy forbids.
fn fits(cell: &Cell, asked: &Question<'_>, decision: &Decision) -> bool {
    let nothing_unmet =
        !asked.suspended && asked.second_factor && asked.reason_given && asked.support_open;
    let says_why = cell.forbids() != (decision.policy() == DEFAULT_DENY);
    decision.is_allowed() == cell.allows(asked)
        && (decision.is_allowed() || !nothing_unmet || says_why)
}

#[test]
fn every_cell_is_decided_as_the_matrix_says() {
    let authority = Authority::new().unwrap();
    for cell in cells() {
        for asked in questions(&cell) {
            let decision = authority.decide(&asked);
            assert!(fits(&cell, &asked, &decision), "{}: {asked:?}, {decision:?}", cell.mark);
        }
    }
}

#[test]
fn the_matrix_has_every_action_and_every_role() {
    let expected = ACTIONS.iter().flat_map(|(action, _)| ROLES.iter().map(|role| (*action, *role)));
    let found = cells();
    let found: Vec<(&str, &str)> = found.iter().map(|cell| (cell.action, cell.role)).collect();
    assert_eq!(found, expected.collect::<Vec<_>>());
}

/// Only an answer that names a policy can change without it, so only those are asked again.
#[test]
fn without_any_one_policy_the_matrix_is_red() {
    let authority = Authority::new().unwrap();
    let names = policy_names().unwrap();
    let mut idle: BTreeMap<String, Authority> =
        names.iter().map(|name| (name.clone(), Authority::without(name).unwrap())).collect();
    for cell in cells() {
        for asked in questions(&cell).filter(|asked| asked.reach == SCHOOL) {
            let policy = authority.decide(&asked).policy().to_owned();
            let left = idle.get(&policy).map(|without| without.decide(&asked));
            if left.is_some_and(|decision| !fits(&cell, &asked, &decision)) {
                idle.remove(&policy);
            }
        }
    }
    eprintln!("{} of {} policies", names.len() - idle.len(), names.len());
    assert_eq!(idle.into_keys().collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn the_fg_is_forbidden_whatever_decides() {
    let authority = Authority::new().unwrap();
    let policy = |action| authority.decide(&favourable("fg", action)).policy().to_owned();
    let deciding = cells().into_iter().filter(|cell| cell.role == "fg" && cell.forbids());
    let deciding: Vec<&str> = deciding.map(|cell| cell.action).collect();
    assert!(deciding.len() > 50, "most actions decide something");
    assert!(deciding.into_iter().all(|action| policy(action) == "the-fg-decides-nothing"));
    assert_eq!(policy("advise"), "the-fg-advises");
}
