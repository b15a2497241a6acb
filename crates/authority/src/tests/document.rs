//! The table for readers says what the matrix says.

use std::fmt::Write;

use super::matrix::{Cell, cells};
use crate::{ACTIONS, ROLES};

const DOCUMENT: &str = include_str!("../../../../docs/authorisation.md");

/// One row for each group of actions, one line for each way that a role may do something of it.
fn table() -> String {
    let cells = cells();
    let mut text = String::from("| role | may | with what |\n| --- | --- | --- |\n");
    for role in ROLES {
        let of_role: Vec<&Cell> = cells.iter().filter(|cell| cell.role == *role).collect();
        let mut marks: Vec<&str> = of_role.iter().map(|cell| cell.mark).collect();
        marks.sort_unstable();
        marks.dedup();
        for mark in marks.into_iter().filter(|mark| !matches!(*mark, "." | "never")) {
            let same = of_role.iter().filter(|cell| cell.mark == mark);
            let actions: Vec<&str> = same.map(|cell| cell.action).collect();
            writeln!(text, "| {role} | {} | {} |", actions.join(", "), mark.replace(',', ", "))
                .unwrap();
        }
    }
    text
}

#[test]
fn the_table_for_readers_says_what_the_matrix_says() {
    assert!(DOCUMENT.contains(&table()), "docs/authorisation.md should hold\n\n{}", table());
    assert!(DOCUMENT.contains(&format!("{} actions", ACTIONS.len())));
}
