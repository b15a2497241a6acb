//! The console: what the API answered, as pages for people (docs/guides/school.md).
//!
//! *Invariant:* pure rendering: a page is made of a [`Frame`] and of what operations answered; it
//! asks nothing and decides nothing.
//! *Invariant:* everything that is shown is escaped by the templates; there is no script, and no
//! style outside the one stylesheet.
//! *Invariant:* every text stands in Dutch and in English.

mod chart;
mod fields;
mod form;
mod forms;
mod frame;
mod language;
mod moment;
mod names;
mod page;
mod style;

pub mod pages;

pub use fields::{Choices, Field, Kind, Option_};
pub use form::{Entry, Filled, Form, FormPage, Shown, Source};
pub use forms::{NEW_PASSWORD, SIGN_IN, all as forms};
pub use frame::{Frame, Place};
pub use language::{Language, Say};
pub use moment::{end_of_day, local_minute, micros_of_minute};
pub use names::name;
pub use page::{NotRendered, Page};
pub use pages::{Message, Welcome};
pub use style::{STYLE, style_name};
