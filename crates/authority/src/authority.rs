//! Asking the policies.
//!
//! Of every action is kept what can decide on it: its place among the groups and the policies that
//! name it or one of them. A question then brings two entities of its own, the grant and the thing,
//! with their scopes as parents; that a team lies in a school is told by naming both.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use cedar_policy::{
    ActionConstraint, Authorizer, Context, Entities, Entity, EntityId, EntityTypeName, EntityUid,
    Policy, PolicySet, Request, Response, RestrictedExpression, Schema,
};

use crate::policies::{compiled_in, together};
use crate::question::{DEFAULT_DENY, NOT_EVALUATED};
use crate::{AuthorityError, Decision, Question, ScopeRef};

/// Whoever decides who may do what.
pub struct Authority {
    authorizer: Authorizer,
    types: Types,
    /// Every action of the schema, by its name.
    actions: BTreeMap<String, Action>,
}

/// What can decide on one action.
struct Action {
    name: EntityUid,
    place: Entity,
    policies: PolicySet,
}

/// The entity types of the schema, read once.
struct Types {
    grant: EntityTypeName,
    role: EntityTypeName,
    scope: EntityTypeName,
    thing: EntityTypeName,
}

impl Authority {
    /// With all policies.
    ///
    /// # Errors
    /// If the policies or their schema are not in order, which the tests of this crate exclude.
    pub fn new() -> Result<Self, AuthorityError> {
        let (schema, policies) = compiled_in()?;
        Self::with(&schema, &policies)
    }

    /// With all policies but one: how a test sees that each of them is needed.
    ///
    /// # Errors
    /// As [`Self::new`], and if there is no policy of that name.
    pub fn without(policy: &str) -> Result<Self, AuthorityError> {
        let (schema, mut policies) = compiled_in()?;
        let all = policies.len();
        policies.retain(|kept| AsRef::<str>::as_ref(kept.id()) != policy);
        if policies.len() == all {
            return Err(AuthorityError::NoSuchPolicy(policy.to_owned()));
        }
        Self::with(&schema, &policies)
    }

    fn with(schema: &Schema, policies: &[Policy]) -> Result<Self, AuthorityError> {
        let groups = schema.action_entities().map_err(unfit)?;
        let actions = schema.actions().map(|name| {
            let action = Action::new(name, &groups, policies)?;
            Ok((name.id().unescaped().to_owned(), action))
        });
        Ok(Self {
            authorizer: Authorizer::new(),
            types: Types::new()?,
            actions: actions.collect::<Result<_, AuthorityError>>()?,
        })
    }

    /// Whether one grant lets an account do something with a thing.
    #[must_use]
    pub fn decide(&self, question: &Question<'_>) -> Decision {
        let Some(action) = self.actions.get(question.action) else {
            return Decision::refused(DEFAULT_DENY);
        };
        let response = self.ask(action, question);
        response.map_or_else(|| Decision::refused(NOT_EVALUATED), |response| told(&response))
    }

    /// Whether any of an account's grants lets it, with the place of the first that does.
    ///
    /// A suspension found in one of them refuses all. A refusal names the first policy that
    /// forbids, if one does.
    #[must_use]
    pub fn decide_any<'a>(
        &self,
        grants: impl Iterator<Item = Question<'a>>,
    ) -> (Decision, Option<usize>) {
        let mut found = (Decision::refused(DEFAULT_DENY), None);
        for (at, grant) in grants.enumerate() {
            let decision = self.decide(&grant);
            match (decision.is_allowed(), found.1) {
                (false, _) if grant.suspended => return (decision, None),
                (true, None) => found = (decision, Some(at)),
                (false, None) if found.0.policy() == DEFAULT_DENY => found.0 = decision,
                _ => {}
            }
        }
        found
    }

    /// `None` if the question cannot be put, which no text of a caller can bring about.
    fn ask(&self, action: &Action, question: &Question<'_>) -> Option<Response> {
        let (grant, thing) = (self.types.grant(question)?, self.types.thing(question)?);
        let request = Request::new(
            grant.uid(),
            action.name.clone(),
            thing.uid(),
            circumstances(question)?,
            None,
        );
        let entities = Entities::from_entities([action.place.clone(), grant, thing], None).ok()?;
        Some(self.authorizer.is_authorized(&request.ok()?, &action.policies, &entities))
    }
}

impl Action {
    fn new(
        name: &EntityUid,
        groups: &Entities,
        policies: &[Policy],
    ) -> Result<Self, AuthorityError> {
        let above: HashSet<EntityUid> =
            groups.ancestors(name).into_iter().flatten().cloned().collect();
        let names = |uid: &EntityUid| uid == name || above.contains(uid);
        let decides = |policy: &&Policy| match policy.action_constraint() {
            ActionConstraint::Any => true,
            ActionConstraint::Eq(one) => names(&one),
            ActionConstraint::In(several) => several.iter().any(names),
        };
        let policies = together(policies.iter().filter(decides).cloned())?;
        Ok(Self {
            name: name.clone(),
            place: Entity::new_no_attrs(name.clone(), above.clone()),
            policies,
        })
    }
}

impl Types {
    fn new() -> Result<Self, AuthorityError> {
        let read = |name: &str| name.parse::<EntityTypeName>().map_err(unfit);
        Ok(Self {
            grant: read("Grant")?,
            role: read("Role")?,
            scope: read("Scope")?,
            thing: read("Thing")?,
        })
    }

    fn grant(&self, question: &Question<'_>) -> Option<Entity> {
        let scope = |scope| RestrictedExpression::new_entity_uid(self.scope(scope));
        let attributes = HashMap::from([
            ("reach".to_owned(), scope(question.reach)),
            ("own".to_owned(), scope(ScopeRef::Own(question.account))),
            ("suspended".to_owned(), RestrictedExpression::new_bool(question.suspended)),
            ("second_factor".to_owned(), RestrictedExpression::new_bool(question.second_factor)),
        ]);
        let role = named(&self.role, question.role);
        Entity::new(named(&self.grant, question.grant), attributes, HashSet::from([role])).ok()
    }

    fn thing(&self, question: &Question<'_>) -> Option<Entity> {
        let kind = RestrictedExpression::new_string(question.thing.kind.to_owned());
        let within = question.thing.within.iter().map(|scope| self.scope(*scope)).collect();
        let name = named(&self.thing, question.thing.id);
        Entity::new(name, HashMap::from([("kind".to_owned(), kind)]), within).ok()
    }

    fn scope(&self, scope: ScopeRef<'_>) -> EntityUid {
        let id = match scope {
            ScopeRef::Own(account) => format!("own:{account}"),
            ScopeRef::Team(team) => format!("team:{team}"),
            ScopeRef::School(school) => format!("school:{school}"),
            ScopeRef::Board => "board".to_owned(),
        };
        named(&self.scope, &id)
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("actions", &self.actions.len()).finish_non_exhaustive()
    }
}

fn named(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

fn circumstances(question: &Question<'_>) -> Option<Context> {
    let told = [
        ("reason_given".to_owned(), RestrictedExpression::new_bool(question.reason_given)),
        ("support_open".to_owned(), RestrictedExpression::new_bool(question.support_open)),
    ];
    Context::from_pairs(told).ok()
}

/// A policy that failed might have forbidden, so a failure refuses.
fn told(response: &Response) -> Decision {
    if response.diagnostics().errors().next().is_some() {
        return Decision::refused(NOT_EVALUATED);
    }
    let first = response.diagnostics().reason().map(ToString::to_string).min();
    let policy = first.unwrap_or_else(|| DEFAULT_DENY.to_owned());
    match response.decision() {
        cedar_policy::Decision::Allow => Decision::Allowed { policy },
        cedar_policy::Decision::Deny => Decision::Refused { policy },
    }
}

fn unfit(why: impl fmt::Display) -> AuthorityError {
    AuthorityError::Schema(why.to_string())
}
