//! Tests of the views: what they show, and that live equals rebuilt.

mod fold;
mod law;
mod observe;
mod shown;
mod story;
