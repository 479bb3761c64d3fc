//! Searches that found nothing, counted in memory: topic and area, and nothing else of a search. Once a day they are added to a table; a
//! process that ends loses what it has counted since.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Mutex, PoisonError},
};

use jiff::civil::Date;
use nahraum_domain::ids::AreaId;
use nahraum_store::wishes::Sought;

/// The most different things that are counted in a day.
const MOST: usize = 20_000;

/// What was counted, and on which day counting began.
#[derive(Debug, Default)]
pub(crate) struct Unmet(Mutex<(Option<Date>, BTreeMap<Sought, i64>)>);

impl Unmet {
    /// One search more for each of its topics in its area. A search for neither is for nothing that could be offered.
    pub(crate) fn count(&self, today: Date, topics: Vec<String>, area: Option<AreaId>) {
        let topics = if topics.is_empty() && area.is_some() { vec![String::new()] } else { topics };
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for topic in topics {
            let key = (topic, area);
            if counted.1.len() < MOST || counted.1.contains_key(&key) {
                counted.0.get_or_insert(today);
                let count = counted.1.entry(key).or_default();
                *count = count.saturating_add(1);
            }
        }
    }

    /// What was counted on an earlier day, which is forgotten here; none while there is nothing, or it is of today.
    pub(crate) fn take(&self, today: Date) -> Option<(Date, BTreeMap<Sought, i64>)> {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let day = counted.0.filter(|day| *day < today)?;
        counted.0 = None;
        Some((day, mem::take(&mut counted.1)))
    }

    /// Puts back what could not be stored.
    pub(crate) fn put_back(&self, day: Date, more: BTreeMap<Sought, i64>) {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counted.0 = Some(day);
        for (key, count) in more {
            let here = counted.1.entry(key).or_default();
            *here = here.saturating_add(count);
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn each_topic_counts_and_what_names_neither_does_not() {
        let (unmet, today) = (Unmet::default(), date(2026, 11, 27));
        let area = AreaId::from_bytes([7; 16]);
        unmet.count(today, vec!["heart".into(), "teeth".into()], Some(area));
        unmet.count(today, vec!["heart".into()], Some(area));
        unmet.count(today, Vec::new(), Some(area));
        unmet.count(today, Vec::new(), None);
        assert_eq!(unmet.take(today), None, "a day is added when it is over");
        let (day, counted) = unmet.take(date(2026, 11, 28)).unwrap();
        let told: Vec<(&str, i64)> = counted.iter().map(|((topic, _), count)| (topic.as_str(), *count)).collect();
        assert_eq!((day, told), (today, vec![("", 1), ("heart", 2), ("teeth", 1)]));
        assert_eq!(unmet.take(date(2026, 11, 29)), None, "and once");
        unmet.put_back(day, counted);
        assert_eq!(unmet.take(date(2026, 11, 28)).unwrap().1.len(), 3);
    }

    #[test]
    fn what_strangers_ask_for_does_not_fill_the_memory() {
        let unmet = Unmet::default();
        for n in 0..u32::try_from(MOST).unwrap() + 10 {
            let mut id = [0; 16];
            id[..4].copy_from_slice(&n.to_be_bytes());
            unmet.count(date(2026, 11, 27), vec!["heart".into()], Some(AreaId::from_bytes(id)));
        }
        assert_eq!(unmet.take(date(2026, 11, 28)).unwrap().1.len(), MOST);
    }
}
