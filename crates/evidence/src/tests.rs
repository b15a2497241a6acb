//! The bundle of a small journal, and every way to damage it.

mod cuts;
mod document;
mod eras;
mod mutations;
mod school;
mod trust;
mod writing;
