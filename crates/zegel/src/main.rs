//! The binary: clock, configuration, commands.

fn main() {}
