//! Questions of any kind, and several grants of one account.

use std::sync::LazyLock;

use proptest::prelude::{Strategy, any, prop_assert, proptest};

use super::favourable;
use crate::{
    ACCOUNT_HOLDER, ACTIONS, Authority, DEFAULT_DENY, Decision, NOT_EVALUATED, Question, ROLES,
    ScopeRef, ThingRef,
};

fn authority() -> Authority {
    Authority::new().unwrap()
}

#[test]
fn what_nobody_knows_is_refused() {
    for (role, action) in [
        ("privacy-officer", "no-such-action"),
        ("privacy-officer", "decides"),
        ("privacy-officer", ""),
        ("no-such-role", "see-organisation"),
        ("", "see-organisation"),
    ] {
        let decision = authority().decide(&favourable(role, action));
        assert_eq!(decision, Decision::refused(DEFAULT_DENY), "{role} {action}");
    }
}

#[test]
fn the_first_policy_by_name_is_said_to_have_decided() {
    let asked =
        Question { suspended: true, second_factor: false, ..favourable("fg", "grant-role") };
    let decision = authority().decide(&asked);
    assert_eq!(decision, Decision::refused("grave-acts-need-a-second-factor"));
}

#[test]
fn an_id_of_one_scope_is_no_id_of_another() {
    let alike = [ScopeRef::Team("a"), ScopeRef::Own("a")];
    let asked = favourable("observer", "plan-observation");
    let thing = ThingRef { within: &alike, ..asked.thing };
    for reach in [ScopeRef::School("a"), ScopeRef::Board, ScopeRef::Own("team:a")] {
        assert!(!authority().decide(&Question { reach, thing, ..asked }).is_allowed(), "{reach:?}");
    }
}

#[test]
fn one_of_several_grants_is_enough_and_is_named() {
    let grants = ["teacher", "observer", ACCOUNT_HOLDER];
    let asked = grants.map(|role| favourable(role, "plan-observation"));
    let (decision, by) = authority().decide_any(asked.into_iter());
    assert_eq!((decision.policy(), by), ("observers-observe-within-their-reach", Some(1)));
    let own = grants.map(|role| favourable(role, "set-own-password"));
    assert_eq!(authority().decide_any(own.into_iter()).1, Some(2));
}

#[test]
fn none_of_several_grants_is_a_refusal_that_names_what_forbids() {
    let asked = ["teacher", "fg"].map(|role| favourable(role, "decide-request"));
    let found = authority().decide_any(asked.into_iter());
    assert_eq!(found, (Decision::refused("the-fg-decides-nothing"), None));
    let nothing = authority().decide_any(std::iter::empty());
    assert_eq!(nothing, (Decision::refused(DEFAULT_DENY), None));
}

#[test]
fn a_suspension_in_one_grant_refuses_all() {
    let may = favourable("observer", "plan-observation");
    let suspended = Question { suspended: true, ..favourable("teacher", "plan-observation") };
    for asked in [[may, suspended], [suspended, may]] {
        let found = authority().decide_any(asked.into_iter());
        assert_eq!(found, (Decision::refused("suspended-accounts-do-nothing"), None));
    }
}

/// One for all cases: reading the policies takes longer than asking them.
static AUTHORITY: LazyLock<Authority> = LazyLock::new(authority);

proptest! {
    #[test]
    fn any_text_gets_an_answer_and_opens_nothing(
        texts in any::<[String; 5]>(),
        role in known_or_any(ROLES.to_vec()),
        action in known_or_any(ACTIONS.iter().map(|(action, _)| *action).collect()),
        conditions in any::<[bool; 4]>(),
    ) {
        let [grant, account, kind, id, scope] = &texts;
        let [suspended, second_factor, reason_given, support_open] = conditions;
        let reach = ScopeRef::School(scope);
        let within = [reach, reach, ScopeRef::Team(scope), ScopeRef::Own(scope)];
        let thing = ThingRef { kind, id, within: &within };
        let question = Question {
            grant, account, role: &role, reach, suspended, second_factor,
            action: &action, thing, reason_given, support_open,
        };
        let decision = AUTHORITY.decide(&question);
        let known = ROLES.contains(&role.as_str())
            && ACTIONS.iter().any(|(known, _)| *known == action);
        prop_assert!(known || !decision.is_allowed(), "{question:?}");
        prop_assert!(decision.policy() != NOT_EVALUATED, "{question:?}");
    }
}

/// Half of the time a name that policies know.
fn known_or_any(known: Vec<&'static str>) -> impl Strategy<Value = String> {
    let known = proptest::sample::select(known).prop_map(str::to_owned);
    proptest::prop_oneof![known, any::<String>()]
}
