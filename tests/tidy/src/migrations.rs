//! Migrations come in pairs: one for each engine, there and back.

use std::collections::BTreeSet;

use crate::tree::{Breach, Tree};

const ENGINES: [&str; 2] = ["sqlite", "postgres"];
/// The main database's, and the key store's.
const FOLDERS: [&str; 2] = ["migrations/", "migrations/keys/"];
const FILES: [&str; 2] = ["up.sql", "down.sql"];

/// Every migration exists for both engines under one name, with an `up.sql` and a `down.sql` that say something.
pub(crate) fn twins(tree: &Tree) -> Vec<Breach> {
    FOLDERS.iter().flat_map(|folder| twins_in(tree, folder)).collect()
}

fn twins_in(tree: &Tree, folder: &str) -> Vec<Breach> {
    let mut names = BTreeSet::new();
    for file in tree.files.iter().filter_map(|f| f.path.strip_prefix(folder)) {
        if let Some((engine, (name, _))) = file.split_once('/').and_then(|(e, rest)| Some((e, rest.split_once('/')?))) {
            if FOLDERS.contains(&format!("{folder}{engine}/").as_str()) {
                continue;
            }
            if !ENGINES.contains(&engine) {
                return vec![Breach::new(&format!("{folder}{engine}"), 0, "is no engine of ours")];
            }
            names.insert(name.to_owned());
        }
    }
    let paths = names.iter().flat_map(|name| {
        ENGINES.iter().flat_map(move |engine| FILES.iter().map(move |file| format!("{folder}{engine}/{name}/{file}")))
    });
    paths
        .filter_map(|path| match tree.files.iter().find(|f| f.path == path) {
            None => Some(Breach::new(&path, 0, "is missing: every migration goes up and down on both engines")),
            Some(file) if !says_something(&file.text) => {
                Some(Breach::new(&path, 0, "is empty; say in SQL what it does, or `SELECT 1;`"))
            }
            Some(_) => None,
        })
        .collect()
}

fn says_something(sql: &str) -> bool {
    sql.lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with("--"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_twin_and_an_empty_way_back_are_found() {
        let mut files = vec![
            ("migrations/README.md", "x"),
            ("migrations/sqlite/1_a/up.sql", "CREATE"),
            ("migrations/sqlite/1_a/down.sql", "DROP"),
            ("migrations/postgres/1_a/up.sql", "CREATE"),
            ("migrations/postgres/1_a/down.sql", "DROP"),
        ];
        assert_eq!(twins(&Tree::of(&files)), []);
        files.pop();
        assert_eq!(twins(&Tree::of(&files)).len(), 1);
        files.push(("migrations/postgres/1_a/down.sql", "-- nothing\n\n"));
        assert_eq!(twins(&Tree::of(&files)).len(), 1);
        files.push(("migrations/sqlite/2_b/up.sql", "CREATE"));
        assert_eq!(twins(&Tree::of(&files)).len(), 4);
        files.push(("migrations/keys/sqlite/1_c/up.sql", "CREATE"));
        assert_eq!(twins(&Tree::of(&files)).len(), 7);
    }
}
