//! Every form of the console.

mod access;
mod agreement;
mod incidents;
mod organisation;

use crate::form::Form;

pub use access::{NEW_PASSWORD, SIGN_IN};

/// Every form for who is signed in.
pub fn all() -> impl Iterator<Item = &'static Form> {
    [organisation::FORMS, access::FORMS, agreement::FORMS, incidents::FORMS].into_iter().flatten()
}
