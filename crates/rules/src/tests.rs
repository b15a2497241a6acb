//! Tests of the rules, in the words of the domain.
