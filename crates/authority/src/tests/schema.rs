//! The schema, the actions and the policies say the same.

use std::collections::BTreeSet;

use cedar_policy::{Entities, EntityUid};

use crate::policies::{compiled_in, schema};
use crate::{ACTIONS, AuthorityError, policy_names};

/// Longest name of a policy, in bytes, as the journal records it.
const NAME_BYTES_MAX: usize = 100;

fn parents(groups: &Entities, action: &EntityUid) -> Vec<String> {
    let above = groups.ancestors(action).unwrap().map(|group| group.id().unescaped().to_owned());
    above.filter(|group| !["changes", "decides", "reads-content"].contains(&&**group)).collect()
}

#[test]
fn the_schema_has_the_same_actions_in_the_same_groups() {
    let schema = schema().unwrap();
    let groups = schema.action_entities().unwrap();
    let asked: BTreeSet<&EntityUid> = schema
        .actions()
        .filter(|action| schema.resources_for_action(action).unwrap().next().is_some())
        .collect();
    let written: BTreeSet<(String, Vec<String>)> = asked
        .iter()
        .map(|action| (action.id().unescaped().to_owned(), parents(&groups, action)))
        .collect();
    let known: BTreeSet<(String, Vec<String>)> = ACTIONS
        .iter()
        .map(|(action, group)| ((*action).to_owned(), vec![(*group).to_owned()]))
        .collect();
    assert_eq!(written, known);
    assert_eq!(known.len(), ACTIONS.len(), "no action stands there twice");
}

#[test]
fn the_policies_fit_the_schema_in_strict_mode() {
    assert!(compiled_in().is_ok(), "{:?}", compiled_in().err());
}

#[test]
fn the_name_of_a_policy_reads_as_a_sentence_and_fits_the_journal() {
    for name in policy_names().unwrap() {
        let kebab = |letter: char| letter.is_ascii_lowercase() || letter == '-';
        assert!(name.len() <= NAME_BYTES_MAX, "{name}");
        assert!(name.chars().all(kebab) && name.matches('-').count() >= 2, "{name}");
    }
}

#[test]
fn leaving_out_what_is_not_there_is_a_mistake() {
    let left_out = crate::Authority::without("no-such-policy");
    assert!(matches!(left_out, Err(AuthorityError::NoSuchPolicy(_))));
}
