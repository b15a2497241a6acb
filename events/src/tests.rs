//! Tests of the events: the catalogue, golden bytes, and laws over arbitrary bytes.

mod catalogue;
mod golden;
mod laws;
