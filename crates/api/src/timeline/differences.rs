//! What differs between two standings of one thing.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// Most differences that are told of one step.
const CHANGES_MAX: usize = 200;

/// One place where two standings differ.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Change {
    /// Members and indexes, as in `row.clocks[0].words`.
    pub path: String,
    /// What stood there; null when nothing did.
    pub before: Value,
    /// What stands there; null when nothing does.
    pub after: Value,
}

/// Where two values differ, as deep as both have the same shape; the first [`CHANGES_MAX`].
pub(super) fn between(before: &Value, after: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    walk(String::new(), before, after, &mut changes);
    changes
}

fn walk(path: String, before: &Value, after: &Value, changes: &mut Vec<Change>) {
    if before == after || changes.len() >= CHANGES_MAX {
        return;
    }
    match (before, after) {
        (Value::Object(one), Value::Object(other)) => {
            let mut names: Vec<&String> = one.keys().chain(other.keys()).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                let dot = if path.is_empty() { "" } else { "." };
                let (old, new) = (one.get(name), other.get(name));
                let (old, new) = (old.unwrap_or(&Value::Null), new.unwrap_or(&Value::Null));
                walk(format!("{path}{dot}{name}"), old, new, changes);
            }
        }
        (Value::Array(one), Value::Array(other)) => {
            for at in 0..one.len().max(other.len()) {
                let (old, new) = (one.get(at), other.get(at));
                let (old, new) = (old.unwrap_or(&Value::Null), new.unwrap_or(&Value::Null));
                walk(format!("{path}[{at}]"), old, new, changes);
            }
        }
        _ => changes.push(Change { path, before: before.clone(), after: after.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_place_that_differs_is_named_once() {
        let before = json!({ "step": "reported", "rows": [1, 2], "same": [{ "a": 1 }] });
        let after =
            json!({ "step": "closed", "rows": [1, 3, 4], "same": [{ "a": 1 }], "new": true });
        let told: Vec<_> = between(&before, &after)
            .into_iter()
            .map(|Change { path, before, after }| format!("{path}: {before} {after}"))
            .collect();
        let expected =
            ["new: null true", "rows[1]: 2 3", "rows[2]: null 4", r#"step: "reported" "closed""#];
        assert_eq!(told, expected);
        assert_eq!(between(&after, &after), Vec::new());
    }

    #[test]
    fn a_thing_that_begins_is_one_change() {
        let changes = between(&Value::Null, &json!({ "a": 1 }));
        assert_eq!(changes.len(), 1);
        assert_eq!(changes.first().unwrap().path, "");
    }

    #[test]
    fn differences_have_a_limit() {
        let many: Vec<u32> = (0..1_000).collect();
        assert_eq!(between(&json!([]), &json!(many)).len(), CHANGES_MAX);
    }
}
