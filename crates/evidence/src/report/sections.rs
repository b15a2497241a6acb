//! Where the format asks for a rule: what a finding points an auditor to.
//!
//! *Invariant:* the table of docs/format/bundle.md §8 says the same; a test compares them.

/// The section of the format that a rule stands in.
pub(crate) fn section(rule: &str) -> &'static str {
    match rule {
        "archive-canonical" => "bundle.md §9",
        "file-present" | "file-listed" | "limit" => "bundle.md §2",
        "file-digest" | "manifest-form" | "manifest-lines" | "manifest-checkpoint" => {
            "bundle.md §3"
        }
        "note-form" | "signature" => "checkpoint.md §1",
        "checkpoint-form" => "checkpoint.md §2",
        "keys" | "key-reached" | "genesis-key" => "bundle.md §4",
        "entry" | "tile" | "tree-root" => "bundle.md §5",
        "header-length" | "body-length" | "recomputed" | "census" | "witness" => "bundle.md §6",
        "header-form" | "salt-once" => "record.md §3",
        "sequence" | "origin" | "chain" | "time" => "record.md §4",
        "body-digest" => "record.md §5",
        "public-part" => "public-parts.md §1",
        "genesis" | "stands-in" | "tenant-registered" => "public-parts.md §4",
        "order-once" | "order-first" => "public-parts.md §3 rule 1",
        "approval-order" | "approval-once" => "public-parts.md §3 rule 2",
        "four-eyes" => "public-parts.md §3 rules 3 and 9",
        "fence-order" | "fence-approval" | "fence-once" => "public-parts.md §3 rule 4",
        "fence-targets" => "public-parts.md §3 rules 5 and 6",
        "fence-beyond" => "public-parts.md §3 rule 6",
        "part-after-fence" => "public-parts.md §3 rule 7",
        "receipt-order" | "receipt-approval" | "receipt-fence" | "receipt-once" => {
            "public-parts.md §3 rule 8"
        }
        "receipt-ground" | "receipt-approver" => "public-parts.md §3 rule 9",
        "receipt-backup" => "public-parts.md §2",
        "receipt-empty" => "public-parts.md §3 rule 12",
        "receipt-lists" | "receipt-targets" => "public-parts.md §3 rule 10",
        "receipt-epoch" => "public-parts.md §3 rule 11",
        "completed-receipt" => "public-parts.md §3 rule 13",
        "purge-receipt" => "public-parts.md §3 rule 14",
        "purge-part" | "purge-left" => "public-parts.md §3 rule 15",
        "era" => "public-parts.md §3 rules 17 and 18",
        "era-unseen" => "public-parts.md §3 rule 18",
        "restore-size" | "restore-era" => "public-parts.md §3 rule 19",
        "part-after-loss" => "public-parts.md §3 rule 20",
        "body-absent" | "public-body" => "public-parts.md §3 rule 16",
        "beside-verdict"
        | "operator-journal"
        | "operator-registered"
        | "operator-witnessed"
        | "operator-latest"
        | "operator-closing"
        | "tenant-shown" => "bundle.md §12",
        _ => "bundle.md §8",
    }
}
