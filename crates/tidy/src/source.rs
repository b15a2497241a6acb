//! Rust source with its comments and literals blanked, so that a rule sees code and nothing else.
//!
//! *Invariant:* blanking keeps every line break, so line numbers stay true.

use std::iter::Peekable;
use std::str::Chars;

/// The code of a source text: comments and the insides of literals become spaces.
#[must_use]
pub fn code(text: &str) -> String {
    let mut blanker = Blanker { rest: text.chars().peekable(), out: String::new(), last: ' ' };
    while blanker.step() {}
    blanker.out
}

/// Identifiers and keywords of one line of code, in order.
pub fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|letter: char| !is_word(letter)).filter(|word| !word.is_empty())
}

/// Lines of the code that hold this word, counted from 1.
pub fn lines_with<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let numbered = code.lines().enumerate();
    numbered.filter(move |(_, line)| words(line).any(|found| found == word)).map(|(at, _)| at + 1)
}

/// Whether a letter can stand in an identifier.
#[must_use]
pub fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

struct Blanker<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
    last: char,
}

impl Blanker<'_> {
    fn step(&mut self) -> bool {
        let Some(letter) = self.rest.next() else { return false };
        let before = std::mem::replace(&mut self.last, letter);
        match letter {
            '/' if self.rest.peek() == Some(&'/') => self.line_comment(),
            '/' if self.rest.peek() == Some(&'*') => self.block_comment(),
            '"' => self.string(),
            'r' if !is_word(before) || before == 'b' => self.maybe_raw(),
            '\'' => self.maybe_letter(),
            _ => self.out.push(letter),
        }
        true
    }

    fn blank(&mut self, letter: char) {
        self.out.push(if letter == '\n' { '\n' } else { ' ' });
    }

    fn line_comment(&mut self) {
        self.out.push(' ');
        while let Some(letter) = self.rest.next_if(|letter| *letter != '\n') {
            self.blank(letter);
        }
    }

    fn block_comment(&mut self) {
        self.rest.next();
        self.out.push_str("  ");
        let mut depth = 1usize;
        let mut before = ' ';
        while depth > 0 {
            let Some(letter) = self.rest.next() else { return };
            self.blank(letter);
            match (before, letter) {
                ('*', '/') => depth -= 1,
                ('/', '*') => depth += 1,
                _ => {
                    before = letter;
                    continue;
                }
            }
            before = ' ';
        }
    }

    fn string(&mut self) {
        self.out.push('"');
        while let Some(letter) = self.rest.next() {
            match letter {
                '"' => break,
                '\\' => {
                    self.out.push(' ');
                    if let Some(escaped) = self.rest.next() {
                        self.blank(escaped);
                    }
                }
                _ => self.blank(letter),
            }
        }
        self.out.push('"');
    }

    /// After an `r` that may begin `r"…"`, `r#"…"#`, or a raw identifier.
    fn maybe_raw(&mut self) {
        self.out.push('r');
        let mut marks = 0usize;
        while self.rest.next_if_eq(&'#').is_some() {
            marks += 1;
            self.out.push(' ');
        }
        if self.rest.next_if_eq(&'"').is_none() {
            return;
        }
        self.out.push('"');
        let mut closing: Option<usize> = None;
        for letter in self.rest.by_ref() {
            closing = match (letter, closing) {
                ('"', _) => Some(0),
                ('#', Some(seen)) => Some(seen + 1),
                _ => None,
            };
            self.out.push(if letter == '\n' { '\n' } else { ' ' });
            if closing == Some(marks) {
                break;
            }
        }
        self.last = '"';
    }

    /// A character literal, or the tick of a lifetime.
    fn maybe_letter(&mut self) {
        self.out.push('\'');
        let mut ahead = self.rest.clone();
        let (first, second) = (ahead.next(), ahead.next());
        if first == Some('\\') {
            self.rest.next();
            self.rest.next();
            self.out.push_str("  ");
            while let Some(letter) = self.rest.next_if(|letter| *letter != '\'') {
                self.blank(letter);
            }
            self.rest.next();
            self.out.push('\'');
        } else if second == Some('\'') {
            self.rest.next();
            self.rest.next();
            self.out.push_str(" '");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_of(text: &str) -> Vec<String> {
        code(text).lines().flat_map(words).map(str::to_owned).collect()
    }

    #[test]
    fn comments_and_literals_are_blank_and_code_stays() {
        assert_eq!(words_of("a /* b /* c */ d */ e // f\ng"), ["a", "e", "g"]);
        assert_eq!(words_of(r#"let a = "b \" c"; d"#), ["let", "a", "d"]);
        assert_eq!(
            words_of("r\"a\" b r#\"c \" d\"# e br##\"f\"# g\"## h"),
            ["r", "b", "r", "e", "br", "h"]
        );
        assert_eq!(
            words_of("fn a<'b>(c: &'b str) -> char { 'd' } '\\'' e '\\u{61}' f"),
            ["fn", "a", "b", "c", "b", "str", "char", "e", "f"]
        );
    }

    #[test]
    fn a_quote_in_a_character_does_not_open_a_string() {
        assert_eq!(words_of("'\"' seen \"hidden\" 'x' b'\"' too"), ["seen", "b", "too"]);
    }

    #[test]
    fn a_word_that_ends_in_r_is_no_raw_string() {
        assert_eq!(words_of("for \"x\" var\"y\" z"), ["for", "var", "z"]);
    }

    #[test]
    fn lines_stay_where_they_are() {
        let text = "/* one\ntwo */ sled\n\"three\nfour\" sled\nsledge";
        let found: Vec<usize> = lines_with(&code(text), "sled").collect();
        assert_eq!(found, [2, 4]);
    }
}
