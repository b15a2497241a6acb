//! The vault against a simulated journal, a simulated crash and an attacker who keeps everything.

mod attacker;
mod crashes;
mod files;
mod mixes;
mod parts;
mod twokeys;
mod world;
