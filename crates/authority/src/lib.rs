//! Who may do what, decided by policies that anybody can read (docs/authorisation.md).
//!
//! *Invariants:* nothing is allowed that no policy permits, and what one forbids stays forbidden
//! whatever permits it; an action, role or text that nobody knows is refused and never a fault;
//! the policies are compiled in and checked against their schema in strict mode before the first
//! question, and nothing is read, kept or drawn while one is answered; the policy named in a
//! decision is the first by its name, so that the same question always gets the same answer.
//!
//! What a decision costs is printed by `examples/authority_cost.rs`: 17 µs
//! for one grant in a release build, on a shared core; reading the policies takes 40 ms, once.

mod question;

mod actions;

mod authority;

mod policies;

#[cfg(test)]
mod tests;

pub use actions::ACTIONS;
pub use authority::Authority;
pub use policies::{AuthorityError, policy_names};
pub use question::{
    ACCOUNT_HOLDER, DEFAULT_DENY, Decision, MANAGER_OBSERVATION, NOT_EVALUATED, OPERATOR_INCIDENT,
    Question, ROLES, ScopeRef, ThingRef,
};
