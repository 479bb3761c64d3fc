//! Words that must not stand in the tree: what was left over, names of machines and registries, SQL glued from pieces.

use crate::{
    lexer::closing,
    tree::{Breach, Tree, line_of, places},
};

/// In code, tests included.
const IN_CODE: &[(&str, &str)] = &[
    ("todo!", "finish it, or leave it out"),
    ("unimplemented!", "finish it, or leave it out"),
    ("dbg!", "left over from a search"),
    ("#[allow(", "use #[expect(…, reason = \"…\")], which says so when it is no longer needed"),
    ("#![allow(", "use #[expect(…, reason = \"…\")], which says so when it is no longer needed"),
    ("#[ignore", "a test that does not run proves nothing"),
];

/// Files that several crates take in by path, each using its own part: there an `expect` would be wrong in some.
const SHARED: &str = "tests/support/";

/// In comments.
const IN_COMMENTS: &[(&str, &str)] = &[
    ("FIXME", "mend it, or open an issue"),
    ("XXX", "mend it, or open an issue"),
    ("TODO", "do it, or open an issue"),
];

/// Places of one machine, and the hosts packages come from. Written in two pieces, so as not to find this file.
const PLACES: &[&str] = &[
    concat!("/wo", "rk"),
    concat!("/ro", "ot"),
    concat!("/tmp/", "house"),
    concat!("index.crates", ".io"),
    concat!("static.crates", ".io"),
    concat!("registry.npmjs", ".org"),
    concat!("files.pythonhosted", ".org"),
    concat!("pypi", ".org"),
    concat!("proxy.golang", ".org"),
    concat!("deb.debian", ".org"),
];

/// Nothing unfinished, no debugging and no silent exception is left in the code.
pub(crate) fn left_over(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in tree.rust() {
        for (list, text) in [(IN_CODE, file.code()), (IN_COMMENTS, file.comments())] {
            for (word, why) in list.iter().filter(|(word, _)| *word != "#![allow(" || !file.path.starts_with(SHARED)) {
                let found = places(&text, word).filter(|(at, after)| stands_alone(&text, *at, word, after));
                breaches.extend(
                    found.map(|(at, _)| Breach::new(&file.path, line_of(&text, at), format!("`{word}`: {why}"))),
                );
            }
        }
    }
    breaches
}

/// Whether the needle at `at` is a word of its own and not a part of a longer one.
fn stands_alone(text: &str, at: usize, needle: &str, after: &str) -> bool {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-');
    let joined_before = joins(text[..at].chars().next_back());
    let joined_after = needle.ends_with(|c: char| c.is_alphanumeric()) && joins(after.chars().next());
    !joined_before && !joined_after
}

/// No file names a folder of the machine it was written on, or a package registry's host.
fn places_named(tree: &Tree, needles: &[&str]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    // What cargo itself writes is not ours to word.
    for file in tree.files.iter().filter(|f| f.path != "Cargo.lock") {
        for needle in needles {
            let found = places(&file.text, needle).filter(|(at, after)| is_a_place(&file.text, *at, needle, after));
            breaches.extend(found.map(|(at, _)| {
                Breach::new(
                    &file.path,
                    line_of(&file.text, at),
                    format!("`{needle}` exists on somebody's machine or network only"),
                )
            }));
        }
    }
    breaches
}

/// Whether the needle begins a path or is a host, and not a part of a longer name: `<data_dir>/root.key` is none.
fn is_a_place(text: &str, at: usize, needle: &str, after: &str) -> bool {
    let goes_on = after.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric()));
    let relative = needle.starts_with('/') && text[..at].ends_with(['>', '}', '.', ')']);
    stands_alone(text, at, needle, after) && !goes_on && !relative
}

/// [`places_named`] with our list.
pub(crate) fn machine_places(tree: &Tree) -> Vec<Breach> {
    places_named(tree, PLACES)
}

/// Who may glue SQL: statements that take no bound values, from our own constants.
const GLUE: &[(&str, &str)] = &[
    ("server/store/src/db/pg_settings.rs", "asks for settings by name, from a constant"),
    ("server/store/src/db/sqlite.rs", "a PRAGMA takes no bound values; names and values are constants"),
];

/// SQL is a text known at compile time; values are bound (SR-I10).
pub(crate) fn glued_sql(tree: &Tree) -> Vec<Breach> {
    let (listed, mut breaches): (Vec<_>, Vec<_>) =
        glued(tree).into_iter().partition(|b| GLUE.iter().any(|(path, _)| *path == b.path));
    let unused = GLUE.iter().filter(|(path, _)| !listed.iter().any(|b| b.path == *path));
    breaches.extend(unused.map(|(path, _)| Breach::new(path, 0, "glues no SQL any more: delete its line in words.rs")));
    breaches
}

fn glued(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in tree.product() {
        let code = file.production();
        for (call, constant_only) in [("sql_query(", true), ("batch_execute(", false)] {
            for (at, after) in places(&code, call) {
                let argument = &after[..closing(&code[at + call.len() - 1..]).map_or(after.len(), |end| end - 1)];
                let definition = code[..at].trim_end().ends_with("fn");
                if !definition && (glues(argument) || (constant_only && !is_constant(argument))) {
                    let message = format!("`{call}…)` takes a text known at compile time, and values by `bind`");
                    breaches.push(Breach::new(&file.path, line_of(&code, at), message));
                }
            }
        }
    }
    breaches
}

fn glues(argument: &str) -> bool {
    ["format!", "push_str", "concat(", ".join(", " + "].iter().any(|word| argument.contains(word))
}

/// A literal, a `CONSTANT` or `path::CONSTANT`, `include_str!` or `concat!`.
fn is_constant(argument: &str) -> bool {
    let argument = argument.trim().trim_end_matches(',').trim_end();
    let last = argument.rsplit("::").next().unwrap_or(argument);
    let shouted = !last.is_empty() && last.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    shouted || ["\"", "r\"", "r#", "include_str!", "concat!"].iter().any(|start| argument.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(source: &str) -> Tree {
        Tree::of(&[("a/src/x.rs", source)])
    }

    #[test]
    fn what_was_left_over_is_found() {
        for bad in [
            "fn f() { todo!() }",
            "fn f() { dbg!(1); }",
            "fn f() { unimplemented!(\"x\") }",
            "#[allow(dead_code)]",
            "#![allow(dead_code)]",
            "#[ignore]",
            "// FIXME later",
            "/* TODO: more */",
            "// XXX",
        ] {
            assert_eq!(
                left_over(&one(&format!("//! Why.\n{bad}\n"))).iter().map(|b| b.line).collect::<Vec<_>>(),
                [2],
                "{bad}"
            );
        }
        for good in ["let x = \"todo!\";", "// the list of TODOS", "fn my_dbg!()", "#[expect(x, reason = \"y\")]"] {
            assert_eq!(left_over(&one(good)), [], "{good}");
        }
    }

    #[test]
    fn files_taken_in_by_path_may_allow_and_nothing_else_may() {
        let found = |path: &str| left_over(&Tree::of(&[(path, "#![allow(dead_code)]")])).len();
        assert_eq!((found("tests/support/x.rs"), found("tests/house/x.rs")), (0, 1));
    }

    #[test]
    fn a_licence_to_glue_that_is_not_used_is_found() {
        assert_eq!(glued_sql(&Tree::default()).len(), GLUE.len());
    }

    #[test]
    fn a_place_of_one_machine_is_found() {
        let needles = ["/secret", "host.example"];
        let found = |text: &str| places_named(&Tree::of(&[("a.md", text)]), &needles).len();
        assert_eq!(found("see /secret/x"), 1);
        assert_eq!(found("see (/secret)"), 1);
        assert_eq!(found("from https://host.example/y"), 1);
        assert_eq!(found("it lies in /secret."), 1);
        assert_eq!(found("see ../secrets, a/secret, ${x}/secret, /secret.key"), 0);
    }

    #[test]
    fn glued_sql_is_found() {
        for bad in [
            "sql_query(format!(\"SELECT {x}\"))",
            "sql_query(&text)",
            "sql_query(\"SELECT \".to_owned() + name)",
            "c.batch_execute(&format!(\"SET x = {y}\"))",
        ] {
            assert_eq!(glued(&one(&format!("fn f() {{ {bad}; }}"))).len(), 1, "{bad}");
        }
        for good in [
            "sql_query(\"SELECT 1\").bind::<Integer, _>(x)",
            "sql_query(PRAGMAS)",
            "sql_query(\n  include_str!(\"x.sql\"),\n)",
            "c.batch_execute(query)",
            "fn sql_query(text: &str) {}",
        ] {
            assert_eq!(glued(&one(&format!("fn f() {{ {good}; }}"))), [], "{good}");
        }
    }
}
