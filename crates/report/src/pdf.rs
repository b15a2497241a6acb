//! A document as tagged PDF, for PDF/UA-1 and PDF/A-2a.
//!
//! The text is laid out to pages first, so that each footer knows how many there are; then the pages
//! are drawn, and the marks on them become the leaves of the structure tree.
//!
//! *Invariant:* every mark on a page is either a leaf of the structure tree or an artifact, and the
//! marks of a page stand in reading order.

mod face;

mod flow;

mod grid;

mod compose;

mod draw;

use crate::check::Report;

/// A PDF that was not made: our fault, not that of the document.
#[derive(Debug, thiserror::Error)]
pub enum PdfFault {
    /// The fonts in this crate cannot be read.
    #[error("a font of the report cannot be read")]
    Font,
    /// The library refused the tags, the text or the size; its words hold no text of the document.
    #[error("the document was not made: {0}")]
    Library(String),
}

impl Report {
    /// The whole document as PDF 1.7, upright A4, or lying where a table has more than six columns.
    ///
    /// The library checks PDF/UA-1 and PDF/A-2a while it writes, and a document that breaks a rule
    /// it knows is a fault.
    ///
    /// # Errors
    /// The library refused what the limits allow.
    pub fn pdf(&self) -> Result<Vec<u8>, PdfFault> {
        let faces = face::Faces::read().ok_or(PdfFault::Font)?;
        let laid = compose::lay(self, &faces);
        draw::draw(self.document(), &faces, laid)
    }
}
