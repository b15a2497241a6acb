//! Ids and numbers as query results and digests show them.

use std::fmt::Display;

use serde::Serializer;

/// Writes an id as 32 hexadecimal digits.
pub(crate) fn id<T: Display, S: Serializer>(id: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

/// Writes an id that may be absent.
pub(crate) fn id_if_any<T: Display, S: Serializer>(
    id: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match id {
        Some(id) => serializer.collect_str(id),
        None => serializer.serialize_none(),
    }
}
