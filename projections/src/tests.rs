//! Tests of the views: what they show, and that live equals rebuilt.

mod breach;
mod fold;
mod law;
mod observe;
mod shown;
mod story;
