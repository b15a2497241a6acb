//! Tests of the views: what they show, and that live equals rebuilt.

mod agreement;
mod annex;
mod breach;
mod fold;
mod law;
mod observe;
mod processing;
mod shown;
mod story;
