//! The policies against the matrix, the schema against the actions, and questions of any kind.

mod matrix;

mod expectations;

mod schema;

mod questions;

mod document;

use crate::{Question, ScopeRef, ThingRef};

/// The account that asks.
const ACCOUNT: &str = "c4a8e377";

/// A question that nothing stands in the way of but the policies about role and action.
fn favourable(role: &'static str, action: &'static str) -> Question<'static> {
    Question {
        grant: "e2907d15",
        account: ACCOUNT,
        role,
        reach: ScopeRef::Board,
        suspended: false,
        second_factor: true,
        action,
        thing: ThingRef {
            kind: "observation",
            id: "91aa03fe",
            within: &[ScopeRef::Board, ScopeRef::Own(ACCOUNT)],
        },
        reason_given: true,
        support_open: true,
    }
}
