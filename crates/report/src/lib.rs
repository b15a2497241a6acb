//! Documents that people read: one description, rendered as PDF, XLSX, CSV and HTML.
//!
//! *Invariant:* rendering is pure: no clock, disk, network, environment or randomness, and the same
//! document gives the same bytes.
//!
//! *Invariant:* a form holds what the document says and nothing else: its metadata names the title,
//! the issuer, the language and the moment of making. What each form holds, and what was not
//! validated, stands in docs/format/reports.md.
//!
//! What it costs: all four forms of a table of 10,000 rows and six columns together, 335 pages of
//! PDF among them, took 0.9 s and 142 MB at most on one of two cores, in the development profile:
//! `cargo build -p report --example forms`, then `/usr/bin/time -v forms FOLDER 10000`; 50,000 rows
//! took 4.3 s and 674 MB. The pages and their tags are held in memory until the document is whole.

mod model;
pub use model::{Block, Cell, Column, Document, Kind, Language, Level, Section, Table};

mod values;
pub use values::{DECIMALS_MAX, DIGITS_MAX, Date, Minutes, Moment, Number, WrongValue, YEARS};

mod check;
pub use check::{
    BLOCKS_MAX, COLUMNS_MAX, DOCUMENT_BYTES_MAX, ITEMS_MAX, LINE_BYTES_MAX, NAME_BYTES_MAX,
    PIECES_MAX, ROWS_MAX, Refused, Report, SECTIONS_MAX, TABLES_MAX, TEXT_BYTES_MAX,
};

mod words;

mod pdf;
pub use pdf::PdfFault;

mod xlsx;
pub use xlsx::XlsxFault;

mod csv;
pub use csv::{CsvFile, Mark};

mod html;
pub use html::{CONTENT_SECURITY_POLICY, STYLE, STYLE_HASH};
