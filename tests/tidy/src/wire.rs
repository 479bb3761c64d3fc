//! Requests refuse fields they do not know, so that a misspelt field is told and never lost (SR-Z03).

use crate::tree::{Breach, Tree, line_of, places};

/// Types that are read back but never requests: clients (and stored answers that are replayed) may know more fields.
const ANSWERS: &[&str] = &["Hold", "Match", "Problem", "ProblemError", "Receipt", "UploadResult"];

/// Requests of other people's specifications, which want fields that are not known to be ignored.
const FOREIGN: &[&str] = &["ManifestRequest"];

/// Every struct of the wire crate that can be read from JSON says `deny_unknown_fields`.
pub(crate) fn strict_requests(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in tree.product().filter(|f| f.path.starts_with("mobile-api-spec/src/")) {
        let code = file.production();
        for (at, after) in places(&code, "#[derive(") {
            let Some((derives, rest)) = after.split_once(')') else { continue };
            let Some((attributes, name)) = declaration(rest) else { continue };
            let reads = derives.split(',').any(|d| d.trim().rsplit("::").next() == Some("Deserialize"));
            if reads
                && !attributes.contains("deny_unknown_fields")
                && ![ANSWERS, FOREIGN].concat().contains(&name.as_str())
            {
                let message = format!("`{name}` can be read from a request: add #[serde(deny_unknown_fields)]");
                breaches.push(Breach::new(&file.path, line_of(&code, at), message));
            }
        }
    }
    breaches
}

/// The attributes between a derive and its struct, and the struct's name; nothing for an enum or a newtype.
fn declaration(after_derive: &str) -> Option<(&str, String)> {
    let (attributes, rest) = after_derive.split_once("struct ")?;
    if attributes.contains('{') || attributes.contains("enum ") {
        return None;
    }
    let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let newtype = rest[name.len()..].trim_start().starts_with('(');
    (!newtype).then_some((attributes, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lax_request_is_found() {
        let check = |text: &str| strict_requests(&Tree::of(&[("mobile-api-spec/src/a.rs", text)])).len();
        assert_eq!(check("#[derive(Debug, Deserialize)]\npub struct A { b: u8 }"), 1);
        assert_eq!(check("#[derive(serde::Deserialize)]\n#[serde(rename_all = \"x\")]\npub struct A { b: u8 }"), 1);
        assert_eq!(check("#[derive(Serialize)]\npub struct B {}\n#[derive(Deserialize)]\npub struct A { b: u8 }"), 1);
        assert_eq!(check("#[derive(Deserialize)]\n#[serde(deny_unknown_fields)]\npub struct A { b: u8 }"), 0);
        assert_eq!(check("#[derive(Serialize)]\npub struct A { b: u8 }"), 0);
        assert_eq!(check("#[derive(Deserialize)]\npub enum A { B }\npub struct C {}"), 0);
        assert_eq!(check("#[derive(Deserialize)]\npub struct A(String);"), 0);
        assert_eq!(check("#[derive(Deserialize)]\npub struct Problem { b: u8 }"), 0);
    }
}
