//! The policies and their schema, as they were compiled in.
//!
//! *Invariant:* a set that is given out was validated in strict mode, and each of its policies is
//! known by its `@id`.

use cedar_policy::{Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator};
use thiserror::Error;

/// The schema, in the form for readers.
const SCHEMA: &str = include_str!("../policies/schema.cedarschema");

/// The policies, one file for each capability.
const FILES: &[(&str, &str)] = &[
    ("organisation", include_str!("../policies/organisation.cedar")),
    ("people", include_str!("../policies/people.cedar")),
    ("access", include_str!("../policies/access.cedar")),
    ("survey", include_str!("../policies/survey.cedar")),
    ("observe", include_str!("../policies/observe.cedar")),
    ("agreement", include_str!("../policies/agreement.cedar")),
    ("breach", include_str!("../policies/breach.cedar")),
    ("request", include_str!("../policies/request.cedar")),
    ("retention", include_str!("../policies/retention.cedar")),
    ("sync", include_str!("../policies/sync.cedar")),
    ("register", include_str!("../policies/register.cedar")),
    ("trail", include_str!("../policies/trail.cedar")),
    ("journal", include_str!("../policies/journal.cedar")),
];

/// Why the policies cannot be used: always a mistake in this crate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// The schema is not one.
    #[error("the schema cannot be read: {0}")]
    Schema(String),
    /// A file of policies is not one.
    #[error("the policies of `{file}` cannot be read: {why}")]
    Unreadable {
        /// The capability.
        file: &'static str,
        /// What Cedar says.
        why: String,
    },
    /// A policy has no `@id`.
    #[error("a policy of `{0}` has no name")]
    Nameless(&'static str),
    /// Two policies have one name.
    #[error("the policies cannot stand together: {0}")]
    Conflicting(String),
    /// A policy does not fit the schema.
    #[error("the policies do not fit the schema: {0}")]
    Invalid(String),
    /// A policy that should be left out is not there.
    #[error("there is no policy `{0}`")]
    NoSuchPolicy(String),
}

/// The names of all policies, in the order of the files.
///
/// # Errors
/// If the policies are not in order.
pub fn policy_names() -> Result<Vec<String>, AuthorityError> {
    Ok(read()?.iter().map(|policy| policy.id().to_string()).collect())
}

/// The schema and the policies that fit it.
pub(crate) fn compiled_in() -> Result<(Schema, Vec<Policy>), AuthorityError> {
    let schema = schema()?;
    let policies = read()?;
    fit(&schema, &policies)?;
    Ok((schema, policies))
}

pub(crate) fn schema() -> Result<Schema, AuthorityError> {
    let read = Schema::from_cedarschema_str(SCHEMA);
    read.map(|(schema, _)| schema).map_err(|why| AuthorityError::Schema(why.to_string()))
}

fn read() -> Result<Vec<Policy>, AuthorityError> {
    let mut policies = Vec::new();
    for (file, text) in FILES {
        policies.extend(read_file(file, text)?);
    }
    Ok(policies)
}

fn read_file(file: &'static str, text: &str) -> Result<Vec<Policy>, AuthorityError> {
    let set: PolicySet =
        text.parse().map_err(|why| AuthorityError::Unreadable { file, why: format!("{why}") })?;
    // Cedar numbers policies in the order of the file, and lists them in none.
    let mut policies: Vec<&Policy> = set.policies().collect();
    policies.sort_by_key(|policy| (policy.id().to_string().len(), policy.id().to_string()));
    policies.into_iter().map(|policy| named(file, policy)).collect()
}

fn named(file: &'static str, policy: &Policy) -> Result<Policy, AuthorityError> {
    let name = policy.annotation("id").ok_or(AuthorityError::Nameless(file))?;
    Ok(policy.new_id(PolicyId::new(name)))
}

fn fit(schema: &Schema, policies: &[Policy]) -> Result<(), AuthorityError> {
    let set = together(policies.iter().cloned())?;
    let result = Validator::new(schema.clone()).validate(&set, ValidationMode::Strict);
    if result.validation_passed_without_warnings() {
        return Ok(());
    }
    let errors = result.validation_errors().map(ToString::to_string);
    let warnings = result.validation_warnings().map(ToString::to_string);
    Err(AuthorityError::Invalid(errors.chain(warnings).collect::<Vec<_>>().join("; ")))
}

/// Policies as one set; two of one name do not stand together.
pub(crate) fn together(
    policies: impl Iterator<Item = Policy>,
) -> Result<PolicySet, AuthorityError> {
    PolicySet::from_policies(policies).map_err(|why| AuthorityError::Conflicting(why.to_string()))
}
