//! Dutch citizen numbers (BSN) in running text.
//!
//! *Invariant:* nine digits that pass the test of eleven are found, together or with single
//! separators between them. A longer row of digits is something else.
// SOURCE: the test of eleven with −1 for the last digit, Logisch Ontwerp BSN.

const DIGITS: usize = 9;
const WEIGHTS: [i32; DIGITS] = [9, 8, 7, 6, 5, 4, 3, 2, -1];
const SEPARATORS: &[char] = &[' ', '.', '-', '/', '_'];

/// Whether a text holds a number that may be somebody's citizen number.
pub(crate) fn is_in(text: &str) -> bool {
    let together = text.split(|letter: char| !letter.is_ascii_digit());
    together.map(digits).any(|run| passes(&run)) || separated(text).iter().any(|run| passes(run))
}

fn digits(run: &str) -> Vec<i32> {
    run.chars().filter_map(|digit| i32::try_from(digit.to_digit(10)?).ok()).collect()
}

/// Rows of digits, where one separator between two digits does not end a row.
fn separated(text: &str) -> Vec<Vec<i32>> {
    let mut runs = vec![Vec::new()];
    let mut gap = false;
    for letter in text.chars() {
        match letter.to_digit(10).and_then(|digit| i32::try_from(digit).ok()) {
            Some(digit) => {
                gap = false;
                if let Some(run) = runs.last_mut() {
                    run.push(digit);
                }
            }
            None if SEPARATORS.contains(&letter) && !gap => gap = true,
            None => {
                gap = false;
                runs.push(Vec::new());
            }
        }
    }
    runs
}

fn passes(run: &[i32]) -> bool {
    let sum: i32 = run.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    run.len() == DIGITS && sum % 11 == 0 && run.iter().any(|digit| *digit != 0)
}

#[cfg(test)]
mod tests {
    use super::is_in;

    #[test]
    fn nine_digits_that_pass_are_found_and_others_are_not() {
        for text in [
            "123456782",
            "van 123456782.",
            "1234.56.782",
            "x123456782@school.example",
            "a 111222333",
        ] {
            assert!(is_in(text), "{text}");
        }
        for text in
            ["", "123456783", "000000000", "1234567823", "12345678", "12--3456782", "Jansen"]
        {
            assert!(!is_in(text), "{text}");
        }
    }
}
