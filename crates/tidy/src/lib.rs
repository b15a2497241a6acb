//! Placeholder of the skeleton; the crate's own first line replaces it.
