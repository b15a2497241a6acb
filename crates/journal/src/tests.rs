//! Tests of the journal, through its public API where that is enough.
