//! The tree under test: the names of all files, and the text of those that are text.

use std::{collections::BTreeSet, fmt, fs, io, path::Path};

use crate::lexer;

/// Folders that hold what was built or started here, at any depth. Hidden folders other than `.ci` are skipped too.
const NOT_OURS: [&str; 3] = ["target", "nahraum-demo", "node_modules"];

/// One place where a rule is broken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Breach {
    pub(crate) path: String,
    /// Counted from 1; 0 stands for the file as a whole.
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl Breach {
    pub(crate) fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.message),
            line => write!(f, "{}:{line}: {}", self.path, self.message),
        }
    }
}

/// One text file. The path is relative to the top of the tree, with `/`.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Files under a folder `tests`, and modules called `tests`, are tests from the first line to the last.
    pub(crate) fn is_test(&self) -> bool {
        self.path.split('/').any(|part| part == "tests" || part == "tests.rs") || self.path.starts_with("fuzz/")
    }

    /// The code without comments and without the content of strings, line by line as in the file.
    pub(crate) fn code(&self) -> String {
        lexer::split(&self.text).code
    }

    /// The comments alone, line by line as in the file.
    pub(crate) fn comments(&self) -> String {
        lexer::split(&self.text).comments
    }

    /// [`File::code`] without its test modules.
    pub(crate) fn production(&self) -> String {
        lexer::without_test_modules(&self.code())
    }
}

/// Everything in the repository that people wrote.
#[derive(Default)]
pub(crate) struct Tree {
    pub(crate) files: Vec<File>,
    /// Every file and folder, text or not.
    pub(crate) names: BTreeSet<String>,
}

impl Tree {
    /// The repository this package lies in.
    pub(crate) fn load() -> io::Result<Self> {
        let mut tree = Self::default();
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        tree.walk(&top, "")?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    /// A tree made up for a test.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let mut tree = Self::default();
        for (path, text) in files {
            tree.names.insert((*path).to_owned());
            let mut folder = *path;
            while let Some((parent, _)) = folder.rsplit_once('/') {
                tree.names.insert(parent.to_owned());
                folder = parent;
            }
            tree.files.push(File { path: (*path).to_owned(), text: (*text).to_owned() });
        }
        tree
    }

    pub(crate) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|f| f.is_rust())
    }

    /// Rust that runs in the product: no tests, no benches, no house rules.
    pub(crate) fn product(&self) -> impl Iterator<Item = &File> {
        self.rust().filter(|f| !f.is_test())
    }

    fn walk(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
            let kind = entry.file_type()?;
            if kind.is_dir() {
                let hidden = name.starts_with('.') && name != ".ci";
                if !hidden && !NOT_OURS.contains(&name.as_str()) {
                    self.names.insert(path.clone());
                    self.walk(&entry.path(), &path)?;
                }
            } else if kind.is_file() && name != ".git" {
                self.names.insert(path.clone());
                if let Ok(text) = String::from_utf8(fs::read(entry.path())?) {
                    self.files.push(File { path, text });
                }
            }
        }
        Ok(())
    }
}

/// The line (from 1) in which the byte `at` lies.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|b| *b == b'\n').count() + 1
}

/// What follows each place where `needle` stands, with the byte position of the needle.
pub(crate) fn places<'t>(text: &'t str, needle: &'t str) -> impl Iterator<Item = (usize, &'t str)> {
    text.match_indices(needle).map(move |(at, _)| (at, &text[at + needle.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_read_and_what_was_built_is_not() {
        let tree = Tree::load().unwrap();
        assert!(tree.files.iter().any(|f| f.path == "tests/tidy/src/tree.rs"));
        assert!(tree.names.contains("server/web"));
        assert!(!tree.names.iter().any(|n| n.starts_with("target") || n.starts_with(".git/")));
    }

    #[test]
    fn a_breach_names_file_and_line() {
        assert_eq!(Breach::new("a.rs", 3, "too long").to_string(), "a.rs:3: too long");
        assert_eq!(Breach::new("a.rs", 0, "too long").to_string(), "a.rs: too long");
        assert_eq!(line_of("a\nb\nc", 4), 3);
    }
}
