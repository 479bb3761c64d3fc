//! Room areas: loaded by the operator on the machine itself, known to everybody.

use std::collections::BTreeMap;

use nahraum_domain::ids::AreaId;
use nahraum_formats::area_list::{AreaFault, AreaLine, read_areas};
use nahraum_store::{System, Tx, areas as store};

pub use nahraum_formats::area_list::LineFault;
pub use nahraum_store::areas::Area;

use crate::{App, Call, Refusal, refusal::Failure};

/// What a list has changed, or would change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Loaded {
    /// How many areas are new.
    pub new: usize,
    /// How many are called otherwise, are part of another area, or have another population.
    pub changed: usize,
    /// How many were so already.
    pub same: usize,
}

/// Scheme and key.
type Key = (String, String);

impl App {
    /// All areas, by scheme and key.
    ///
    /// # Errors
    /// The database's trouble, as a refusal.
    pub async fn areas(&self, call: &Call) -> Result<Vec<Area>, Refusal> {
        self.public(call, |tx| Ok(store::all(tx)?)).await
    }

    /// Loads a list of areas, or says what that would change. Areas that are not on the list stay. Blocking.
    ///
    /// # Errors
    /// The database's trouble, as a refusal. Inside, every line that is wrong: then nothing is written.
    pub fn operator_load_areas(&self, list: &[u8], write: bool) -> Result<Result<Loaded, Vec<LineFault>>, Refusal> {
        let lines = match read_areas(list) {
            Ok(lines) => lines,
            Err(faults) => return Ok(Err(faults)),
        };
        let system = System::because("the operator loads areas, on the machine itself");
        self.operate(|tx| {
            let known = store::all(tx)?;
            let faults = faults(&lines, &known);
            if !faults.is_empty() {
                return Ok(Err(faults));
            }
            let loaded = count(&lines, &known);
            if write {
                store_lines(tx, &system, &lines, &known)?;
            }
            Ok(Ok(loaded))
        })
    }
}

fn key_of(area: &Area) -> Key {
    (area.scheme.clone(), area.key.clone())
}

/// Of what each known area is a part, by its key.
fn parents(known: &[Area]) -> BTreeMap<Key, Option<Key>> {
    let by_id: BTreeMap<AreaId, Key> = known.iter().map(|area| (area.id, key_of(area))).collect();
    known.iter().map(|area| (key_of(area), area.parent.and_then(|id| by_id.get(&id).cloned()))).collect()
}

/// What is wrong with the lines together with what is known.
fn faults(lines: &[AreaLine], known: &[Area]) -> Vec<LineFault> {
    let mut parents = parents(known);
    parents.extend(lines.iter().map(|line| (line.name_in_scheme.clone(), line.parent.clone())));
    let fault = |line: &AreaLine| {
        let mut above = line.parent.as_ref();
        // As many steps as there are areas lead to the top, or never will.
        for _ in 0..=parents.len() {
            match parents.get(above?) {
                None => return Some(AreaFault::NoParent),
                Some(next) => above = next.as_ref(),
            }
        }
        Some(AreaFault::Circle)
    };
    lines.iter().filter_map(|line| fault(line).map(|why| LineFault { line: line.line, why })).collect()
}

fn count(lines: &[AreaLine], known: &[Area]) -> Loaded {
    let parents = parents(known);
    let by_key: BTreeMap<Key, &Area> = known.iter().map(|area| (key_of(area), area)).collect();
    let mut loaded = Loaded::default();
    for line in lines {
        let same = |area: &&Area| {
            let parent = parents.get(&line.name_in_scheme).and_then(Option::as_ref);
            area.name == line.name && area.population == line.population && parent == line.parent.as_ref()
        };
        match by_key.get(&line.name_in_scheme) {
            None => loaded.new += 1,
            Some(area) if same(area) => loaded.same += 1,
            Some(_) => loaded.changed += 1,
        }
    }
    loaded
}

fn store_lines(tx: &mut Tx<'_>, system: &System, lines: &[AreaLine], known: &[Area]) -> Result<(), Failure> {
    let mut ids: BTreeMap<Key, AreaId> = known.iter().map(|area| (key_of(area), area.id)).collect();
    for line in lines {
        if !ids.contains_key(&line.name_in_scheme) {
            let (scheme, key) = &line.name_in_scheme;
            let id = store::add(tx, system, scheme, key, &line.name)?;
            ids.insert(line.name_in_scheme.clone(), id);
        }
    }
    for line in lines {
        let parent = line.parent.as_ref().and_then(|key| ids.get(key).copied());
        if let Some(id) = ids.get(&line.name_in_scheme) {
            store::change(tx, system, *id, &line.name, parent, line.population)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(list: &str) -> Vec<AreaLine> {
        let head = "scheme,key,name,parent_scheme,parent_key,population\n";
        read_areas(format!("{head}{list}").as_bytes()).unwrap()
    }

    fn known(key: &str, id: u8, parent: Option<u8>) -> Area {
        Area {
            id: AreaId::from_bytes([id; 16]),
            scheme: "custom".to_owned(),
            key: key.to_owned(),
            name: key.to_owned(),
            parent: parent.map(|id| AreaId::from_bytes([id; 16])),
            population: None,
        }
    }

    #[test]
    fn an_area_is_part_of_one_that_is_known_and_never_of_itself() {
        let stored = [known("mitte", 1, None), known("horn", 2, Some(1))];
        let why =
            |list: &str| faults(&lines(list), &stored).iter().map(|fault| (fault.line, fault.why)).collect::<Vec<_>>();
        assert_eq!(why("custom,a,A,custom,b,\ncustom,b,B,custom,horn,\n"), []);
        assert_eq!(why("custom,a,A,custom,fremd,\n"), [(2, AreaFault::NoParent)]);
        assert_eq!(why("custom,a,A,custom,a,\n"), [(2, AreaFault::Circle)]);
        // Only together with what is known already.
        assert_eq!(why("custom,mitte,Mitte,custom,horn,\n"), [(2, AreaFault::Circle)]);
    }

    #[test]
    fn what_a_list_changes_is_told_before() {
        let stored = [known("mitte", 1, None), known("horn", 2, Some(1))];
        let list = lines("custom,mitte,mitte,,,\ncustom,horn,Horn,custom,mitte,\ncustom,neu,Neu,,,5\n");
        assert_eq!(count(&list, &stored), Loaded { new: 1, changed: 1, same: 1 });
    }
}
