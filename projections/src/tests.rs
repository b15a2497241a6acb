//! Tests of the views: what they show, and that live equals rebuilt.

mod agreement;
mod annex;
mod fold;
mod law;
mod processing;
mod shown;
mod story;
