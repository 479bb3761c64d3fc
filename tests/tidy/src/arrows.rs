//! The arrows between crates, in words: who may know whom, and what each floor must never know.

use crate::tree::{Breach, Tree};

/// Each of our crates and those of ours it may know. A floor only ever knows what lies below it.
const FLOORS: &[(&str, &[&str])] = &[
    ("nahraum-server", &["web", "app", "store", "domain", "secrets", "passkeys", "texts", "print"]),
    ("nahraum-web", &["app", "domain", "texts", "api-spec"]),
    ("nahraum-app", &["store", "domain", "formats", "print", "texts", "secrets", "passkeys"]),
    ("nahraum-store", &["domain", "secrets"]),
    ("nahraum-formats", &["domain"]),
    ("nahraum-print", &["domain", "texts"]),
    ("nahraum-texts", &["domain"]),
    ("nahraum-secrets", &["domain"]),
    ("nahraum-passkeys", &[]),
    ("nahraum-domain", &[]),
    ("nahraum-uploader", &[]),
    ("nahraum-api-spec", &[]),
    ("nahraum-tidy", &[]),
    ("nahraum-fuzz", &["formats", "domain", "secrets"]),
    ("nahraum-bench", &["server", "web", "app", "store", "domain", "secrets", "texts", "print", "formats", "api-spec"]),
];

/// What a floor must never know. A name ending in `*` stands for all crates that begin so.
const NEVER: &[(&str, &[&str], &str)] = &[
    (
        "nahraum-web",
        &["diesel*", "rusqlite", "libsqlite3-sys", "tokio-postgres*", "lettre"],
        "web knows HTTP, and no SQL and no mail",
    ),
    (
        "nahraum-app",
        &["actix*", "diesel*", "libsqlite3-sys", "tokio-postgres*", "lettre", "serde_json", "utoipa*"],
        "a use case knows neither HTTP nor SQL nor mail nor JSON",
    ),
    ("nahraum-store", &["actix*", "lettre", "utoipa*"], "the store knows neither HTTP nor mail"),
    (
        "nahraum-formats",
        &["actix*", "diesel*", "lettre", "tokio*", "reqwest", "ureq"],
        "formats are pure functions from bytes to findings",
    ),
    (
        "nahraum-print",
        &["actix*", "diesel*", "lettre", "tokio*", "serde_json"],
        "paper is a pure function from words to bytes",
    ),
    ("nahraum-texts", &["actix*", "diesel*", "lettre", "tokio*"], "texts are words"),
    ("nahraum-secrets", &["actix*", "diesel*", "lettre", "utoipa*"], "a secret is neither stored nor sent from here"),
    (
        "nahraum-passkeys",
        &["actix*", "diesel*", "lettre", "tokio*", "utoipa*"],
        "passkeys are pure functions from bytes to bytes",
    ),
    (
        "nahraum-uploader",
        &["actix*", "diesel*", "libsqlite3-sys", "lettre", "tokio*"],
        "what a practice runs brings nothing of a server",
    ),
    ("nahraum-domain", &["actix*", "diesel*", "lettre", "serde*", "tokio*"], "the domain is pure: no I/O and no wire"),
];

/// The wire types need these and nothing else.
const SPEC_NEEDS: &[&str] = &["serde", "serde_json", "utoipa"];

/// One dependency line of a `Cargo.toml`.
struct Dependency {
    line: usize,
    name: String,
    only_for_tests: bool,
}

struct Manifest {
    path: String,
    package: String,
    dependencies: Vec<Dependency>,
}

/// Reads the parts of `Cargo.toml` that matter here. Dependencies stand one a line in this house; a table of its own
/// (`[dependencies.x]`) and a new name (`package = "x"`) are understood too.
fn manifests(tree: &Tree) -> Vec<Manifest> {
    let mut manifests = Vec::new();
    for file in tree.files.iter().filter(|f| f.path.ends_with("/Cargo.toml")) {
        let mut manifest = Manifest { path: file.path.clone(), package: String::new(), dependencies: Vec::new() };
        let mut table = String::new();
        for (at, text) in file.text.lines().enumerate() {
            let text = text.trim();
            let only_for_tests = table.contains("dev-dependencies");
            let mut found = None;
            if let Some(header) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
                header.clone_into(&mut table);
                found = header.split_once("dependencies.").map(|(_, name)| name.to_owned());
            } else if table == "package" && text.starts_with("name") {
                manifest.package = quoted(text).unwrap_or_default();
            } else if let Some(after) = text.find("package = ").filter(|_| table.contains("dependencies")) {
                found = quoted(&text[after..]);
            } else if table.ends_with("dependencies") {
                found = dependency_name(text);
            }
            let dependency = |name| Dependency { line: at + 1, name, only_for_tests };
            manifest.dependencies.extend(found.map(dependency));
        }
        manifests.push(manifest);
    }
    manifests
}

fn quoted(text: &str) -> Option<String> {
    text.split('"').nth(1).map(str::to_owned)
}

fn dependency_name(text: &str) -> Option<String> {
    let name = text.split(['=', '.', ' ']).next()?;
    (!name.is_empty() && !name.starts_with('#')).then(|| name.trim_matches('"').to_owned())
}

/// Crates of ours know only those that the table allows, in tests as well.
pub(crate) fn between_floors(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for manifest in manifests(tree) {
        let Some((_, allowed)) = FLOORS.iter().find(|(floor, _)| *floor == manifest.package) else {
            breaches.push(Breach::new(
                &manifest.path,
                0,
                format!("`{}` is on no floor: give it a line in arrows.rs", manifest.package),
            ));
            continue;
        };
        for dependency in &manifest.dependencies {
            if let Some(ours) = dependency.name.strip_prefix("nahraum-").filter(|ours| !allowed.contains(ours)) {
                let message = format!("`{}` must not know `nahraum-{ours}`", manifest.package);
                breaches.push(Breach::new(&manifest.path, dependency.line, message));
            }
        }
    }
    breaches
}

/// No floor depends on what it must never know. Tests may.
pub(crate) fn to_the_outside(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for manifest in manifests(tree) {
        for dependency in manifest.dependencies.iter().filter(|d| !d.only_for_tests) {
            if let Some(reason) = forbidden(&manifest.package, &dependency.name) {
                let message = format!("`{}` must not know `{}`: {reason}", manifest.package, dependency.name);
                breaches.push(Breach::new(&manifest.path, dependency.line, message));
            }
        }
    }
    breaches
}

fn forbidden(package: &str, name: &str) -> Option<&'static str> {
    if package == "nahraum-api-spec" {
        return (!SPEC_NEEDS.contains(&name)).then_some("wire types need serde, serde_json and utoipa only");
    }
    let (_, never, reason) = NEVER.iter().find(|(floor, ..)| *floor == package)?;
    let is = |pattern: &str| pattern.strip_suffix('*').map_or(name == pattern, |start| name.starts_with(start));
    never.iter().any(|pattern| is(pattern)).then_some(*reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(package: &str, rest: &str) -> Tree {
        Tree::of(&[("x/Cargo.toml", &format!("[package]\nname = \"{package}\"\n{rest}"))])
    }

    #[test]
    fn an_arrow_upwards_is_found_however_it_is_written() {
        for line in
            ["nahraum-web.workspace = true", "nahraum-web = { path = \"..\" }", "w = { package = \"nahraum-web\" }"]
        {
            let tree = tree("nahraum-store", &format!("[dependencies]\nnahraum-domain.workspace = true\n{line}\n"));
            assert_eq!(
                between_floors(&tree),
                [Breach::new("x/Cargo.toml", 5, "`nahraum-store` must not know `nahraum-web`")]
            );
        }
        assert_eq!(between_floors(&tree("nahraum-store", "[dependencies.nahraum-web]\npath = \"x\"\n")).len(), 1);
        assert_eq!(
            between_floors(&tree("nahraum-store", "[dev-dependencies]\nnahraum-web.workspace = true\n")).len(),
            1
        );
        assert_eq!(
            between_floors(&tree("nahraum-web", "[target.'cfg(unix)'.dependencies]\nnahraum-store.workspace = true\n"))
                .len(),
            1
        );
    }

    #[test]
    fn a_crate_without_a_floor_is_found() {
        assert_eq!(between_floors(&tree("nahraum-new", "")).len(), 1);
    }

    #[test]
    fn forbidden_knowledge_is_found() {
        for (package, name) in [
            ("nahraum-web", "diesel"),
            ("nahraum-app", "actix-web"),
            ("nahraum-app", "serde_json"),
            ("nahraum-domain", "serde"),
            ("nahraum-store", "lettre"),
            ("nahraum-api-spec", "jiff"),
        ] {
            let tree = tree(package, &format!("[dependencies]\nthiserror.workspace = true\n{name}.workspace = true\n"));
            assert!(to_the_outside(&tree).iter().any(|b| b.line == 5), "{package} knows {name}");
        }
        assert_eq!(to_the_outside(&tree("nahraum-domain", "[dev-dependencies]\nserde.workspace = true\n")), []);
        assert_eq!(to_the_outside(&tree("nahraum-domain", "[dependencies]\njiff.workspace = true\n")), []);
    }
}
