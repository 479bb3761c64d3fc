//! The shape of files: a purpose on top, short, with functions that fit on a screen, and with a name that says something.

use crate::{
    lexer::closing,
    tree::{Breach, Tree, line_of, places},
};

const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 60;
const DRAWERS: [&str; 7] = ["utils", "util", "helpers", "helper", "common", "misc", "stuff"];

/// What may be longer: path, name of the function (empty: the file), lines it has today, and why. A length here is a
/// ceiling, and a line that is no longer needed fails the test, so the list only shrinks.
const LONGER: &[(&str, &str, usize, &str)] = &[];

/// The ceiling of a file or function: its own from the list, or everyone's.
fn ceiling(list: &[(&str, &str, usize, &str)], path: &str, function: &str, usual: usize) -> usize {
    list.iter().find(|(p, f, ..)| *p == path && *f == function).map_or(usual, |(_, _, lines, _)| *lines)
}

fn exceeded(path: &str, line: usize, what: &str, lines: usize, ceiling: usize) -> Option<Breach> {
    (lines > ceiling)
        .then(|| Breach::new(path, line, format!("{what} has {lines} lines, at most {ceiling} are allowed")))
}

/// Exceptions that are not needed (any more).
fn stale(
    list: &[(&str, &str, usize, &str)],
    lengths: &[(String, String, usize)],
    usual: usize,
    files: bool,
) -> Vec<Breach> {
    let needed = |path: &str, function: &str| lengths.iter().any(|(p, f, n)| p == path && f == function && *n > usual);
    list.iter()
        .filter(|(path, function, ..)| function.is_empty() == files && !needed(path, function))
        .map(|(path, function, ..)| {
            Breach::new(path, 0, format!("needs no exception for `{function}`: delete its line in shape.rs"))
        })
        .collect()
}

/// Every Rust file begins with `//!`.
pub(crate) fn purpose(tree: &Tree) -> Vec<Breach> {
    tree.rust()
        .filter(|f| !f.text.starts_with("//!"))
        .map(|f| Breach::new(&f.path, 1, "begin with `//!` and say what this file is for"))
        .collect()
}

/// Files have at most 400 lines.
pub(crate) fn long_files(tree: &Tree) -> Vec<Breach> {
    long_files_but(tree, LONGER)
}

fn long_files_but(tree: &Tree, list: &[(&str, &str, usize, &str)]) -> Vec<Breach> {
    let lengths: Vec<_> = tree.product().map(|f| (f.path.clone(), String::new(), f.text.lines().count())).collect();
    let mut breaches = stale(list, &lengths, FILE_LINES, true);
    breaches.extend(
        lengths.iter().filter_map(|(p, _, n)| exceeded(p, 0, "the file", *n, ceiling(list, p, "", FILE_LINES))),
    );
    breaches
}

/// Functions have at most 60 lines.
pub(crate) fn long_functions(tree: &Tree) -> Vec<Breach> {
    long_functions_but(tree, LONGER)
}

fn long_functions_but(tree: &Tree, list: &[(&str, &str, usize, &str)]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut lengths = Vec::new();
    for file in tree.product() {
        for (name, line, lines) in functions(&file.production()) {
            let most = ceiling(list, &file.path, &name, FUNCTION_LINES);
            breaches.extend(exceeded(&file.path, line, &format!("`fn {name}`"), lines, most));
            lengths.push((file.path.clone(), name, lines));
        }
    }
    breaches.extend(stale(list, &lengths, FUNCTION_LINES, false));
    breaches
}

/// Name, first line and number of lines of each function with a body.
fn functions(code: &str) -> Vec<(String, usize, usize)> {
    let starts_a_word = |at: usize| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    places(code, "fn ")
        .filter(|(at, _)| starts_a_word(*at))
        .filter_map(|(at, after)| {
            let name: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let body = at + body_start(&code[at..])?;
            let end = body + closing(&code[body..])?;
            let first = line_of(code, at);
            (!name.is_empty()).then(|| (name, first, line_of(code, end) - first + 1))
        })
        .collect()
}

/// Where the `{` of a function's body stands; nothing for a declaration that ends with `;`.
fn body_start(code: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.checked_sub(1)?,
            '{' if depth == 0 => return Some(at),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// No file or folder is a drawer for everything.
pub(crate) fn drawers(tree: &Tree) -> Vec<Breach> {
    tree.rust()
        .filter(|f| f.path.split('/').any(|part| DRAWERS.contains(&part.trim_end_matches(".rs"))))
        .map(|f| Breach::new(&f.path, 0, "name the file after what it does; this name is a drawer"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_purpose_is_found() {
        let tree = Tree::of(&[("a/src/x.rs", "use b;\n"), ("a/src/y.rs", "//! Why.\n")]);
        assert_eq!(purpose(&tree).iter().map(|b| b.path.as_str()).collect::<Vec<_>>(), ["a/src/x.rs"]);
    }

    #[test]
    fn a_long_file_is_found_unless_it_is_listed_and_never_beyond_its_ceiling() {
        let long = "//! Why.\n".repeat(401);
        let tree = Tree::of(&[("a/src/x.rs", &long), ("tests/house/x.rs", &long)]);
        assert_eq!(long_files_but(&tree, &[]).len(), 1);
        assert_eq!(long_files_but(&tree, &[("a/src/x.rs", "", 401, "so")]), []);
        assert_eq!(long_files_but(&tree, &[("a/src/x.rs", "", 400, "so")]).len(), 1);
        assert_eq!(long_files_but(&Tree::default(), &[("a/src/x.rs", "", 500, "so")]).len(), 1, "a stale line");
    }

    #[test]
    fn a_long_function_is_found_with_its_line() {
        let body = "    step();\n".repeat(59);
        let source = format!(
            "//! Why.\ntrait T {{ fn d(&self, x: [u8; 2]); }}\nfn short() {{}}\nfn long(x: [u8; 3]) {{\n{body}}}\n"
        );
        let tree = Tree::of(&[("a/src/x.rs", &source)]);
        assert_eq!(
            long_functions_but(&tree, &[]),
            [Breach::new("a/src/x.rs", 4, "`fn long` has 61 lines, at most 60 are allowed")]
        );
        assert_eq!(long_functions_but(&tree, &[("a/src/x.rs", "long", 61, "so")]), []);
        assert_eq!(long_functions_but(&tree, &[("a/src/x.rs", "gone", 61, "so")]).len(), 2);
        let in_tests = format!("//! Why.\n#[cfg(test)]\nmod tests {{\nfn long() {{\n{body}}}\n}}\n");
        assert_eq!(long_functions_but(&Tree::of(&[("a/src/x.rs", &in_tests)]), &[]), []);
    }

    #[test]
    fn a_drawer_is_found() {
        let tree = Tree::of(&[("a/src/utils.rs", ""), ("a/src/common/x.rs", ""), ("a/src/commonly.rs", "")]);
        assert_eq!(drawers(&tree).len(), 2);
    }
}
