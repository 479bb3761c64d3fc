//! Germs that were found, and which drugs they withstand, as rows that can be read.

use std::collections::BTreeMap;

use super::super::result::{Sent, Told};
use super::super::text::Text;
use super::super::tree::Object;

/// The object of an antibiogram.
const ANTIBIOGRAM: &[u8] = b"Obj_0011";

/// The heading of germs.
const GERMS: &str = "Keime";

/// A row for each germ and for each drug that was tried on it. `base`: what holds for all of them.
pub(super) fn rows(object: &Object<'_>, base: &Told, text: Text) -> Vec<Told> {
    let of = |name: String, group: String, value: String, comment: Vec<String>| Told {
        code: None,
        loinc: None,
        name: Some(name),
        group: Some(group),
        stage: base.stage,
        values: vec![Sent { raw: value, unit: None }],
        in_words: true,
        comment,
        date: base.date,
        at: base.at,
        specimen: base.specimen.clone(),
        method: base.method.clone(),
        ..Told::default()
    };
    let germs = germs(object, text);
    let mut rows: Vec<Told> = germs
        .iter()
        .map(|(number, germ)| of(format!("Keim {number}"), GERMS.to_owned(), germ.name.clone(), germ.growth.clone()))
        .collect();
    for tried in object.all(ANTIBIOGRAM).into_iter().flat_map(|object| tried(object, text)) {
        let germ = germs.get(&tried.germ).map_or_else(|| format!("Keim {}", tried.germ), |germ| germ.name.clone());
        rows.push(of(tried.drug, format!("Antibiogramm: {germ}"), words(&tried.verdict), tried.concentration));
    }
    rows
}

#[derive(Default)]
struct Germ {
    name: String,
    growth: Vec<String>,
}

/// The germs by their numbers (field 7354), which their names and growth follow.
fn germs(object: &Object<'_>, text: Text) -> BTreeMap<String, Germ> {
    let mut germs: BTreeMap<String, Germ> = BTreeMap::new();
    let mut number = String::new();
    for line in object.fields() {
        match line.field {
            7354 => {
                number = text.of(line).into_owned();
                germs.entry(number.clone()).or_default();
            }
            7355 => germs.entry(number.clone()).or_default().name = text.of(line).into_owned(),
            7357 => germs.entry(number.clone()).or_default().growth.push(format!("Wachstum: {}", text.of(line))),
            _ => {}
        }
    }
    germs
}

/// One drug tried on one germ.
#[derive(Default)]
struct Tried {
    drug: String,
    germ: String,
    verdict: String,
    concentration: Vec<String>,
}

fn tried(object: &Object<'_>, text: Text) -> Vec<Tried> {
    let mut all: Vec<Tried> = Vec::new();
    let mut drug = String::new();
    for line in object.fields() {
        let content = text.of(line).into_owned();
        match line.field {
            7287 => drug = content,
            7354 => all.push(Tried { drug: drug.clone(), germ: content, ..Tried::default() }),
            7367 => {
                if let Some(last) = all.last_mut() {
                    last.verdict = content;
                }
            }
            7289 => {
                if let Some(last) = all.last_mut() {
                    last.concentration.push(format!("MHK: {content}"));
                }
            }
            7369 => {
                if let Some(concentration) = all.last_mut().and_then(|last| last.concentration.last_mut()) {
                    *concentration = format!("{concentration} {content}");
                }
            }
            _ => {}
        }
    }
    all
}

/// The letters that laboratories use (EUCAST), with their words.
fn words(verdict: &str) -> String {
    match verdict {
        "S" => "S (sensibel)".to_owned(),
        "I" => "I (sensibel bei erhöhter Exposition)".to_owned(),
        "R" => "R (resistent)".to_owned(),
        other => other.to_owned(),
    }
}
