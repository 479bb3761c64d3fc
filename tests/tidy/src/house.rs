//! Every rule against the tree as it lies on the disk.

use std::sync::OnceLock;

use crate::{
    arrows, doors, evidence, migrations, papers, shape,
    tree::{Breach, Tree},
    wire, words,
};

fn here() -> &'static Tree {
    static TREE: OnceLock<Tree> = OnceLock::new();
    TREE.get_or_init(|| Tree::load().unwrap())
}

fn keep(rule: fn(&Tree) -> Vec<Breach>) {
    let breaches: Vec<String> = rule(here()).iter().map(ToString::to_string).collect();
    assert!(breaches.is_empty(), "\n\n{}\n", breaches.join("\n"));
}

macro_rules! house_rules {
    ($($name:ident: $rule:path,)+) => {$(
        #[test]
        fn $name() {
            keep($rule);
        }
    )+};
}

house_rules! {
    every_file_says_what_it_is_for: shape::purpose,
    files_stay_short: shape::long_files,
    functions_stay_short: shape::long_functions,
    no_file_is_a_drawer: shape::drawers,
    the_floors_know_only_those_below: arrows::between_floors,
    the_floors_do_not_know_what_they_must_not: arrows::to_the_outside,
    nothing_is_left_over: words::left_over,
    no_machine_and_no_registry_is_named: words::machine_places,
    sql_is_never_glued_together: words::glued_sql,
    private_values_are_revealed_in_known_places: doors::reveals,
    the_system_acts_in_known_places: doors::system_authority,
    the_log_is_never_switched_off: doors::unlogged,
    every_migration_has_a_twin: migrations::twins,
    decisions_have_four_parts: papers::decisions,
    links_lead_somewhere: papers::links,
    every_requirement_is_shown_or_explained: evidence::is_complete,
    the_evidence_is_what_the_tests_say: evidence::is_true,
    requests_refuse_unknown_fields: wire::strict_requests,
}
