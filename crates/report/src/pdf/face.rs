//! The two fonts, how wide a text is in them, and where its lines break.
//!
//! *Invariant:* text that was made [`Faces::settable`] has a glyph for each of its characters.
//! *Invariant:* the lines of a text, one after another, are the text without its line feeds.

use std::borrow::Cow;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider};

use crate::check::numbered;

// SOURCE: fonts/README.md.
static REGULAR: &[u8] = include_bytes!("../../fonts/NotoSans-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../../fonts/NotoSans-Bold.ttf");

/// How a piece of text looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Style {
    pub weight: Weight,
    /// Points.
    pub size: f32,
    /// From one baseline to the next, in points.
    pub leading: f32,
    pub ink: Ink,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ink(pub u8, pub u8, pub u8);

pub(super) struct Faces {
    regular: Face,
    bold: Face,
}

pub(super) struct Face {
    pub font: Font,
    charmap: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
    /// Font units in the size of the font.
    units: f32,
}

/// One line of a text; it keeps the space it broke at, which has no width here.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub text: String,
    /// Points.
    pub width: f32,
}

impl Faces {
    pub(super) fn read() -> Option<Self> {
        Some(Self { regular: Face::read(REGULAR)?, bold: Face::read(BOLD)? })
    }

    pub(super) fn of(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// The text, with the number of each character that the fonts cannot show.
    pub(super) fn settable<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let known = |letter: char| letter == '\n' || self.regular.glyph(letter).is_some();
        if text.chars().all(known) {
            return Cow::Borrowed(text);
        }
        let mut made = String::with_capacity(text.len());
        for letter in text.chars() {
            match letter {
                '\t' => made.push(' '),
                _ if known(letter) => made.push(letter),
                _ => made.push_str(&numbered(letter)),
            }
        }
        Cow::Owned(made)
    }

    /// How wide the text would be on one line, in points.
    pub(super) fn width(&self, text: &str, style: Style) -> f32 {
        let face = self.of(style.weight);
        text.chars().map(|letter| face.advance(letter)).sum::<f32>() * style.size
    }

    /// The text in lines of at most this width; at least one line.
    pub(super) fn lines(&self, text: &str, style: Style, width: f32) -> Vec<Line> {
        let mut lines = Vec::new();
        for paragraph in text.split('\n') {
            self.break_up(paragraph, style, width, &mut lines);
        }
        lines
    }

    /// Breaks after a space where there is one, else after a sign inside a long word, else anywhere.
    fn break_up(&self, text: &str, style: Style, width: f32, lines: &mut Vec<Line>) {
        let face = self.of(style.weight);
        let mut line = Open::default();
        for (at, letter) in text.char_indices() {
            let advance = face.advance(letter) * style.size;
            while letter != ' ' && line.width + advance > width && at > line.start {
                let (end, shown) = line.best_break(at);
                lines.push(Line { text: part(text, line.start, end), width: shown });
                let rest: f32 =
                    part(text, end, at).chars().map(|it| face.advance(it) * style.size).sum();
                line = Open { start: end, width: rest, ..Open::default() };
            }
            line.take(at, letter, advance);
        }
        let last = part(text, line.start, text.len());
        let width = self.width(last.trim_end(), style);
        lines.push(Line { text: last, width });
    }
}

/// A line that is still growing. A break is the byte after it and the width before it.
#[derive(Default)]
struct Open {
    start: usize,
    width: f32,
    after_space: Option<(usize, f32)>,
    after_sign: Option<(usize, f32)>,
}

impl Open {
    fn take(&mut self, at: usize, letter: char, advance: f32) {
        let end = at + letter.len_utf8();
        if letter == ' ' {
            let shown = match self.after_space {
                Some((before, shown)) if before == at => shown,
                _ => self.width,
            };
            self.after_space = Some((end, shown));
        }
        self.width += advance;
        if matches!(letter, '-' | '/' | '.' | '@' | '_' | ':' | ';' | ',' | '&' | '=' | '?') {
            self.after_sign = Some((end, self.width));
        }
    }

    fn best_break(&self, at: usize) -> (usize, f32) {
        self.after_space.or(self.after_sign).unwrap_or((at, self.width))
    }
}

fn part(text: &str, from: usize, to: usize) -> String {
    text.get(from..to).unwrap_or_default().to_owned()
}

impl Face {
    fn read(bytes: &'static [u8]) -> Option<Self> {
        let font = Font::new(bytes.into(), 0)?;
        let read = FontRef::new(bytes).ok()?;
        let units = font.units_per_em();
        let metrics = read.glyph_metrics(Size::unscaled(), LocationRef::default());
        Some(Self { font, charmap: read.charmap(), metrics, units })
    }

    fn glyph(&self, letter: char) -> Option<skrifa::GlyphId> {
        self.charmap.map(letter)
    }

    /// In parts of the size of the font.
    fn advance(&self, letter: char) -> f32 {
        let glyph = self.glyph(letter).unwrap_or_default();
        self.metrics.advance_width(glyph).unwrap_or_default() / self.units
    }

    /// One glyph for each character, from left to right.
    pub(super) fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let glyph = |(at, letter): (usize, char)| KrillaGlyph {
            glyph_id: GlyphId::new(self.glyph(letter).unwrap_or_default().to_u32()),
            text_range: at..at + letter.len_utf8(),
            x_advance: self.advance(letter),
            x_offset: 0.0,
            y_offset: 0.0,
            y_advance: 0.0,
            location: None,
        };
        text.char_indices().map(glyph).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style =
        Style { weight: Weight::Regular, size: 10.0, leading: 14.0, ink: Ink(0, 0, 0) };

    fn lines(text: &str, width: f32) -> Vec<String> {
        let faces = Faces::read().unwrap();
        faces.lines(text, STYLE, width).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn words_stay_whole_where_they_fit() {
        assert_eq!(lines("een twee drie", 50.0), ["een twee ", "drie"]);
        assert_eq!(lines("een\n\ntwee", 50.0), ["een", "", "twee"]);
        assert_eq!(lines("", 50.0), [""]);
    }

    #[test]
    fn a_long_word_breaks_after_a_sign_or_anywhere() {
        assert_eq!(lines("iemand@voorbeeld.nl", 60.0), ["iemand@", "voorbeeld.nl"]);
        assert_eq!(lines("aaaaaaaaaaaa", 30.0), ["aaaaa", "aaaaa", "aa"]);
        assert_eq!(lines("aaa", 0.0), ["a", "a", "a"], "a line takes one letter at least");
    }

    #[test]
    fn no_line_is_wider_than_asked_and_none_loses_text() {
        let faces = Faces::read().unwrap();
        let text = "De school  legt vast   waarom zij gegevens/verwerkt, voor wie@waar.nl en \
                    hoeveelheidsaanduidingsonderscheidingsteken tot wanneer.   ";
        for width in 10u8..200 {
            let width = f32::from(width);
            let lines = faces.lines(text, STYLE, width);
            let joined: String = lines.iter().map(|line| line.text.as_str()).collect();
            assert_eq!(joined, text);
            for line in lines {
                assert!(line.width <= width + 0.01, "{line:?} in {width}");
                let measured = faces.width(line.text.trim_end(), STYLE);
                assert!((measured - line.width).abs() < 0.01, "{line:?}: {measured}");
            }
        }
    }

    #[test]
    fn every_character_gets_a_glyph_or_its_number() {
        let faces = Faces::read().unwrap();
        assert_eq!(faces.settable("Łódź, Çağla ≤ 5 €"), "Łódź, Çağla ≤ 5 €");
        assert_eq!(faces.settable("a\tb \u{1f600} \u{e000}"), "a b [U+1F600] [U+E000]");
        let bold = faces.of(Weight::Bold);
        let missing: Vec<char> = ('\u{20}'..='\u{ffff}')
            .filter(|letter| {
                faces.regular.glyph(*letter).is_some() != bold.glyph(*letter).is_some()
            })
            .collect();
        assert_eq!(missing, [], "both fonts show the same");
    }
}
