//! A page: a template over what operations answered.

use std::error::Error;
use std::fmt;

use serde::de::DeserializeOwned;

use crate::frame::Frame;

/// A template failed, which is a bug of ours.
#[derive(Debug)]
pub struct NotRendered;

impl fmt::Display for NotRendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page could not be rendered")
    }
}

impl Error for NotRendered {}

/// What operations answered, and how it is shown.
pub trait Page: DeserializeOwned {
    /// The page as HTML.
    ///
    /// # Errors
    /// [`NotRendered`] on a bug of ours.
    fn html(&self, frame: &Frame) -> Result<String, NotRendered>;
}

/// Gives what operations answered its template.
macro_rules! page {
    ($( $answer:ty => $name:ident $path:literal; )+) => { $(
        #[derive(askama::Template)]
        #[template(path = $path)]
        struct $name<'a> {
            frame: &'a $crate::Frame,
            it: &'a $answer,
        }

        impl $crate::Page for $answer {
            fn html(&self, frame: &$crate::Frame) -> Result<String, $crate::NotRendered> {
                let page = $name { frame, it: self };
                askama::Template::render(&page).map_err(|_| $crate::NotRendered)
            }
        }
    )+ };
}
pub(crate) use page;
