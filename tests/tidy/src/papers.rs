//! Papers: decisions keep their form, and links between files lead somewhere.

use std::collections::BTreeSet;

use crate::tree::{Breach, File, Tree, line_of};

const PARTS: [&str; 4] = ["\n## Status\n", "\n## Context\n", "\n## Decision\n", "\n## Consequences\n"];

/// Every file of `docs/decisions` is `NNNN-name.md`, has a number of its own, and has its four parts in order.
pub(crate) fn decisions(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut numbers = BTreeSet::new();
    for file in tree.files.iter().filter(|f| f.path.starts_with("docs/decisions/")) {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let number: String = name.chars().take_while(char::is_ascii_digit).collect();
        if number.len() != 4 || !name.ends_with(".md") || !name[number.len()..].starts_with('-') {
            breaches.push(Breach::new(&file.path, 0, "a decision is called NNNN-what-was-decided.md"));
        } else if !numbers.insert(number.clone()) {
            breaches.push(Breach::new(&file.path, 0, format!("number {number} is taken")));
        }
        let found: Vec<Option<usize>> = PARTS.iter().map(|part| file.text.find(part)).collect();
        if found.iter().any(Option::is_none) || !found.is_sorted() {
            breaches.push(Breach::new(
                &file.path,
                0,
                "a decision has the parts Status, Context, Decision, Consequences, in this order",
            ));
        }
    }
    breaches
}

/// Every link of a Markdown file to a file of the tree resolves, and so does its heading.
pub(crate) fn links(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in tree.files.iter().filter(|f| f.path.ends_with(".md")) {
        let text = without_code(&file.text);
        for (at, target) in targets(&text) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (path, heading) = target.split_once('#').map_or((target, None), |(p, h)| (p, Some(h)));
            let Some(path) = resolve(&file.path, path) else {
                breaches.push(Breach::new(&file.path, line_of(&text, at), format!("`{target}` leaves the repository")));
                continue;
            };
            let there = path.is_empty() || tree.names.contains(&path);
            let heading_there =
                heading.is_none_or(|h| tree.files.iter().filter(|f| f.path == path).any(|f| has_heading(f, h)));
            if !there || !heading_there {
                breaches.push(Breach::new(&file.path, line_of(&text, at), format!("`{target}` leads nowhere")));
            }
        }
    }
    breaches
}

/// The targets of `[text](target)`.
fn targets(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices("](").filter_map(|(at, _)| {
        let target = text[at + 2..].split([')', '\n']).next()?;
        Some((at, target.split(" \"").next()?.trim()))
    })
}

/// The path in the tree that a relative link of `from` means.
fn resolve(from: &str, link: &str) -> Option<String> {
    if link.is_empty() {
        return Some(from.to_owned());
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.trim_end_matches('/').split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Blanks fenced blocks and `inline code`, in which brackets mean something else.
fn without_code(text: &str) -> String {
    let blank = |s: &str| s.chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect::<String>();
    let mut fenced = false;
    let mut kept = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let fence = line.trim_start().starts_with("```");
        if fence || fenced {
            kept.push_str(&blank(line));
        } else {
            let pieces = line.split('`').enumerate();
            kept.extend(pieces.map(|(n, piece)| if n % 2 == 1 { blank(piece) } else { piece.to_owned() }));
        }
        fenced ^= fence;
    }
    kept
}

/// Whether the file has a heading whose anchor is `anchor` (lower case, words joined by `-`, other signs left out).
fn has_heading(file: &File, anchor: &str) -> bool {
    file.text.lines().filter(|l| l.starts_with('#')).any(|line| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        let slug: String = words
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect();
        slug == anchor
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_without_its_parts_is_found() {
        let good = "# 0001. X\n\n## Status\n\nA\n\n## Context\n\nB\n\n## Decision\n\nC\n\n## Consequences\n\nD\n";
        let check = |name: &str, text: &str| decisions(&Tree::of(&[(&format!("docs/decisions/{name}"), text)])).len();
        assert_eq!(check("0001-x.md", good), 0);
        assert_eq!(check("0001-x.md", &good.replace("## Consequences", "## Effects")), 1);
        assert_eq!(check("0001-x.md", &good.replace("## Status", "## Late").replace("D\n", "\n## Status\n")), 1);
        assert_eq!(check("x.md", good), 1);
        let twice = Tree::of(&[("docs/decisions/0001-x.md", good), ("docs/decisions/0001-y.md", good)]);
        assert_eq!(decisions(&twice).len(), 1);
    }

    #[test]
    fn a_link_to_nowhere_is_found() {
        let other = ("docs/b.md", "# A house, and more\n");
        let check = |text: &str| links(&Tree::of(&[("docs/a.md", text), other, ("LICENSE", "x")])).len();
        let good = "[b](b.md) [l](../LICENSE) [d](../docs/) [h](b.md#a-house-and-more) [w](https://a.b/c) `[x](y)`\n";
        assert_eq!(check(good), 0);
        assert_eq!(check("```\n[x](y)\n```\n"), 0);
        for bad in ["[x](c.md)", "[x](../b.md)", "[x](b.md#nothing)", "[x](#nothing)", "[x](../../b.md)"] {
            assert_eq!(check(bad), 1, "{bad}");
        }
    }
}
