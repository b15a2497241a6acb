//! Tests of the rules, in the words of the domain: given, when, then.

mod agreement;
mod annex;
mod breach;
mod discover;
mod entrance;
mod erasure;
mod fold;
mod gate;
mod harness;
mod import;
mod law;
mod observe;
mod people;
mod repeat;
mod retention;
mod survey;
