//! Reading the matrix of expectations, and what a cell of it says about a question.

use crate::{MANAGER_OBSERVATION, OPERATOR_INCIDENT, Question, ScopeRef};

const MATRIX: &str = include_str!("matrix.txt");

/// What is expected of one role and one action.
#[derive(Clone, Copy)]
pub(super) struct Cell {
    pub(super) action: &'static str,
    pub(super) role: &'static str,
    pub(super) mark: &'static str,
}

/// Every cell, row by row.
pub(super) fn cells() -> Vec<Cell> {
    let mut rows = MATRIX.lines().filter(|line| !line.starts_with('#'));
    let roles: Vec<&str> = rows.next().unwrap().split_whitespace().skip(1).collect();
    let cells = rows.flat_map(|row| {
        let mut words = row.split_whitespace();
        let action = words.next().unwrap();
        let marks: Vec<&str> = words.collect();
        assert_eq!(marks.len(), roles.len(), "{action}");
        let pairs: Vec<_> = roles.iter().copied().zip(marks).collect();
        pairs.into_iter().map(move |(role, mark)| Cell { action, role, mark })
    });
    cells.collect()
}

impl Cell {
    /// Whether the cell lets a question through.
    pub(super) fn allows(&self, question: &Question<'_>) -> bool {
        let lies_in = |scope: ScopeRef<'_>| question.thing.within.contains(&scope);
        !question.suspended
            && self.mark.split(',').all(|word| match word {
                "." | "never" => false,
                "any" => true,
                "reach" => lies_in(question.reach),
                "own" => lies_in(ScopeRef::Own(question.account)),
                "reason" => question.reason_given,
                "open" => question.support_open,
                "factor" => question.second_factor,
                "manager" => question.thing.kind == MANAGER_OBSERVATION,
                "operator" => question.thing.kind == OPERATOR_INCIDENT,
                other => panic!("the matrix has no mark `{other}`"),
            })
    }

    /// Whether a policy forbids it, whatever else permits it.
    pub(super) fn forbids(&self) -> bool {
        self.mark == "never"
    }
}
