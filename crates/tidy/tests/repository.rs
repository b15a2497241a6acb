//! Every rule, on this repository.

use std::path::Path;

use tidy::{Finding, Tree, absences, arrows, documents, files, golden, manifest, obligations};

fn holds(rule: fn(&Tree) -> Vec<Finding>) -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tree = Tree::load(&root)?;
    assert!(tree.file("Cargo.toml").is_some(), "this is not the root of the repository");
    let found: Vec<String> = rule(&tree).iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
    Ok(())
}

macro_rules! rules {
    ($($name:ident = $rule:path;)*) => {
        $(
            #[test]
            fn $name() -> std::io::Result<()> {
                holds($rule)
            }
        )*
    };
}

rules! {
    imports_follow_the_arrows = arrows::followed;
    the_document_shows_the_tested_arrows = arrows::documented;
    members_inherit_lints_and_versions = manifest::inherits;
    the_crate_with_unsafe_stays_small = manifest::stays_small;
    nothing_shipped_is_wrong_on_purpose = manifest::wrong_on_purpose;
    one_crate_knows_each_outside_thing = absences::outside_things;
    only_the_vault_seals = absences::skipped_sealing;
    nothing_waits_below_the_edge = absences::waiting;
    rules_and_projections_are_pure = absences::impurities;
    no_test_is_weakened = absences::weak_tests;
    every_source_opens_with_its_purpose = files::openings;
    no_file_is_too_long = files::lengths;
    no_text_names_a_place_on_one_machine = files::places;
    golden_bytes_are_unchanged = golden::unchanged;
    links_lead_somewhere = documents::links;
    named_documents_exist = documents::named_documents;
    cited_decisions_exist = documents::decisions;
    named_tests_exist = obligations::proven;
}
