//! Where marks come to stand: pages that fill from top to bottom.
//!
//! *Invariant:* a mark stands on the page that was open when it was placed; what is kept together
//! asks for room before it places its first mark.

use krilla::tagging::ArtifactType;

use super::face::{Ink, Style};

/// A page, in points; y grows downwards.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sheet {
    pub width: f32,
    pub height: f32,
}

// SOURCE: ISO 216, A4 is 210 by 297 millimetres.
pub(super) const UPRIGHT: Sheet = Sheet { width: 595.28, height: 841.89 };
pub(super) const LYING: Sheet = Sheet { width: UPRIGHT.height, height: UPRIGHT.width };

/// Left and right of the text.
pub(super) const SIDE: f32 = 56.7;
/// Above the text; the running header stands in it.
pub(super) const TOP: f32 = 68.0;
/// Below the text; the running footer stands in it.
pub(super) const BOTTOM: f32 = 68.0;

/// A leaf of the structure tree, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leaf(pub usize);

/// What a mark is to somebody who does not see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Role {
    Content(Leaf),
    Artifact(ArtifactType),
}

#[derive(Clone, Debug)]
pub(super) enum Mark {
    /// A line of text from `x` on, with its baseline at `y`.
    Text { role: Role, x: f32, y: f32, style: Style, text: String },
    /// A filled rectangle; always an artifact.
    Box { x: f32, y: f32, width: f32, height: f32, ink: Ink },
}

pub(super) struct Flow {
    pub sheet: Sheet,
    pub pages: Vec<Vec<Mark>>,
    /// Where the next line begins.
    pub y: f32,
    leaves: usize,
}

impl Flow {
    pub(super) fn new(sheet: Sheet) -> Self {
        Self { sheet, pages: vec![Vec::new()], y: TOP, leaves: 0 }
    }

    pub(super) fn leaf(&mut self) -> Leaf {
        self.leaves += 1;
        Leaf(self.leaves - 1)
    }

    pub(super) fn leaves(&self) -> usize {
        self.leaves
    }

    pub(super) fn page(&self) -> usize {
        self.pages.len() - 1
    }

    pub(super) fn text_width(&self) -> f32 {
        self.sheet.width - 2.0 * SIDE
    }

    /// What is left of the page.
    pub(super) fn left(&self) -> f32 {
        self.sheet.height - BOTTOM - self.y
    }

    /// What a page holds.
    pub(super) fn whole(&self) -> f32 {
        self.sheet.height - BOTTOM - TOP
    }

    pub(super) fn is_fresh(&self) -> bool {
        self.y <= TOP
    }

    pub(super) fn break_page(&mut self) {
        self.pages.push(Vec::new());
        self.y = TOP;
    }

    /// A new page where this much does not fit. True if one was begun.
    pub(super) fn room(&mut self, height: f32) -> bool {
        let short = self.left() < height && !self.is_fresh();
        if short {
            self.break_page();
        }
        short
    }

    /// Space between two things; none at the top of a page.
    pub(super) fn gap(&mut self, height: f32) {
        if !self.is_fresh() {
            self.y += height;
        }
    }

    pub(super) fn place(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// A line, or a band, from the left margin on.
    pub(super) fn rule(&mut self, y: f32, width: f32, height: f32, ink: Ink) {
        self.place(Mark::Box { x: SIDE, y, width, height, ink });
    }
}
