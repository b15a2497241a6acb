//! Names of invented people.

/// An id in letters alone: nine of its digits may look like a citizen number, which no name holds.
#[must_use]
pub fn in_letters(id: &str) -> String {
    let letter = |digit: char| digit.to_digit(10).and_then(|at| char::from_digit(at + 16, 26));
    id.chars().map(|digit| letter(digit).unwrap_or(digit)).collect()
}
