//! Records without objects, as LDT 2 and GDT have them: what a field belongs to is told by the field before it.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use nahraum_domain::finding::Warning;

use super::date::{self, Day};
use super::line::Line;
use super::result::{Limits, REMARKS, Sent, Told};
use super::text::{Text, some};
use super::verdict::Stage;
use crate::number::written;
use crate::read::Warnings;

/// The name of the row that holds what a laboratory or a device says in words.
const RESULT_IN_WORDS: &str = "Ergebnis";

/// What the fields of one record say about results.
pub(super) struct Flat {
    text: Text,
    told: Vec<Told>,
    /// The result that is being read.
    now: Option<Told>,
    /// Whether a unit belongs to the range and not to the value.
    in_range: bool,
    /// The day of what is being read, for its time.
    day: Option<Date>,
    /// What stands before the first result holds for all of them.
    material: Vec<String>,
    request: Vec<String>,
    words: Vec<String>,
    remarks: Vec<String>,
    /// Words under a heading of their own.
    headed: Vec<(&'static str, Vec<String>)>,
}

impl Flat {
    pub(super) const fn new(text: Text) -> Self {
        Self {
            text,
            told: Vec::new(),
            now: None,
            in_range: false,
            day: None,
            material: Vec::new(),
            request: Vec::new(),
            words: Vec::new(),
            remarks: Vec::new(),
            headed: Vec::new(),
        }
    }

    /// Takes a field, if it is one about results.
    pub(super) fn take(&mut self, line: &Line<'_>, warnings: &mut Warnings) {
        let text = self.text.of(line);
        match line.field {
            8410 => self.begin(Told { code: some(text), ..Told::default() }),
            8411 => self.name(text),
            8420 => self.value(text, warnings),
            8421 => self.unit(text),
            8460..=8462 => self.limit(line.field, text),
            8418 | 8422 | 8432 | 8433 | 8439 | 8470 => self.about(line.field, text, warnings),
            8430 | 8431 => self.material(text),
            8434 => self.request.extend(some(text)),
            8480 => {
                let row = self.text.row(line);
                self.now.as_mut().map_or(&mut self.words, |told| &mut told.text).push(row);
            }
            8490 => self.remarks.push(self.text.row(line)),
            _ => {}
        }
    }

    /// A row of words under a heading.
    pub(super) fn headed(&mut self, heading: &'static str, row: String) {
        match self.headed.last_mut() {
            Some((last, rows)) if *last == heading => rows.push(row),
            Some(_) | None => self.headed.push((heading, vec![row])),
        }
    }

    /// The results, those in words last. `day`: when what has no day of its own was measured.
    pub(super) fn results(self, day: Option<Date>, at: Option<Timestamp>) -> Vec<Told> {
        let Self { mut told, now, material, request, words, remarks, headed, .. } = self;
        told.extend(now);
        let name = super::result::block(&request);
        let specimen = (!material.is_empty()).then(|| material.join(", "));
        for told in &mut told {
            told.group = name.clone();
            if told.specimen.is_none() {
                told.specimen.clone_from(&specimen);
            }
            if told.date.is_none() {
                (told.date, told.at) = (day, at);
            }
        }
        let of_words = |name: &str, text: Vec<String>| Told { date: day, at, ..Told::words(name, text) };
        if !words.is_empty() {
            let name = name.as_deref().unwrap_or(RESULT_IN_WORDS);
            told.push(Told { specimen, ..of_words(name, words) });
        }
        told.extend(headed.into_iter().map(|(heading, rows)| of_words(heading, rows)));
        if !remarks.is_empty() {
            told.push(of_words(REMARKS, remarks));
        }
        told
    }

    fn begin(&mut self, told: Told) {
        (self.in_range, self.day) = (false, None);
        let before = self.now.replace(told);
        self.told.extend(before);
    }

    /// A name without an identifier before it begins a result of its own.
    fn name(&mut self, text: Cow<'_, str>) {
        match self.now.as_mut() {
            Some(told) if told.name.is_none() => told.name = some(text),
            Some(_) | None => self.begin(Told { name: some(text), ..Told::default() }),
        }
    }

    fn value(&mut self, raw: Cow<'_, str>, warnings: &mut Warnings) {
        if written(&raw).is_some_and(|number| number.irregular) {
            warnings.add(Warning::ValueIrregular);
        }
        self.in_range = false;
        let values = &mut self.current().values;
        // Nearly always the only one: a vector makes room for four by itself.
        if values.is_empty() {
            values.reserve_exact(1);
        }
        values.push(Sent { raw: raw.into_owned(), unit: None });
    }

    fn unit(&mut self, text: Cow<'_, str>) {
        let in_range = self.in_range;
        let told = self.current();
        let place = if in_range {
            told.ranges.last_mut().map(|limits| &mut limits.unit)
        } else {
            told.values.last_mut().map(|sent| &mut sent.unit)
        };
        if let Some(place) = place {
            *place = some(text);
        }
    }

    fn limit(&mut self, field: u16, text: Cow<'_, str>) {
        self.in_range = true;
        let told = self.current();
        if told.ranges.is_empty() {
            told.ranges = vec![Limits::default()];
        }
        let Some(limits) = told.ranges.last_mut() else { return };
        match field {
            8461 => limits.low = some(text),
            8462 => limits.high = some(text),
            _ => limits.text.extend(some(text)),
        }
    }

    fn about(&mut self, field: u16, text: Cow<'_, str>, warnings: &mut Warnings) {
        let day = self.day;
        let told = self.current();
        match field {
            8418 => told.stage = some(text).map(|code| Stage::parse(&code)),
            8422 => told.flags.extend(some(text)),
            8432 => {
                let read = Day::parse(&text);
                if read == Day::Partial {
                    warnings.add(Warning::DatePartial);
                }
                told.date = read.full();
                self.day = read.full();
            }
            8433 | 8439 => told.at = date::at(day, Some(&text), None),
            _ => told.comment.push(text.into_owned()),
        }
    }

    /// What a result is made of, or all of them.
    fn material(&mut self, text: Cow<'_, str>) {
        let Some(text) = some(text) else { return };
        match self.now.as_mut() {
            Some(told) => {
                told.specimen = Some(match told.specimen.take() {
                    Some(before) => format!("{before}, {text}"),
                    None => text,
                });
            }
            None => self.material.push(text),
        }
    }

    /// The result that is being read; one without a name if none was begun.
    fn current(&mut self) -> &mut Told {
        self.now.get_or_insert_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charset::Charset;

    fn told(fields: &[(u16, &str)]) -> (Vec<Told>, Vec<Warning>) {
        let (mut flat, mut warnings) = (Flat::new(Text(Charset::Utf8)), Warnings::default());
        for (field, content) in fields {
            flat.take(&Line { number: 1, start: 0, field: *field, content: content.as_bytes() }, &mut warnings);
        }
        (flat.results(None, None), warnings.0)
    }

    #[test]
    fn a_unit_belongs_to_what_stands_before_it() {
        let (told, _) =
            told(&[(8410, "K"), (8420, "3.8"), (8421, "mmol/l"), (8461, "3500"), (8421, "µmol/l"), (8462, "5100")]);
        let [potassium] = told.as_slice() else { panic!("one result") };
        assert_eq!(potassium.values[0].unit.as_deref(), Some("mmol/l"));
        let range = &potassium.ranges[0];
        assert_eq!(
            (range.low.as_deref(), range.high.as_deref(), range.unit.as_deref()),
            (Some("3500"), Some("5100"), Some("µmol/l"))
        );
    }

    #[test]
    fn what_stands_before_the_first_result_holds_for_all() {
        let fields = [
            (8430, "Urin"),
            (8431, "Mittelstrahl"),
            (8410, "A"),
            (8420, "1"),
            (8410, "B"),
            (8430, "Blut"),
            (8420, "2"),
        ];
        let (told, _) = told(&fields);
        let of: Vec<_> = told.iter().map(|told| told.specimen.as_deref()).collect();
        assert_eq!(of, [Some("Urin, Mittelstrahl"), Some("Blut")]);
    }

    #[test]
    fn days_times_and_odd_numbers() {
        let (told, warnings) =
            told(&[(8411, "CRP"), (8420, "<0,5"), (8432, "20261118"), (8433, "0755"), (8411, "K"), (8432, "20260000")]);
        assert_eq!(told[0].at.map(|at| at.to_string()).as_deref(), Some("2026-11-18T06:55:00Z"));
        assert_eq!((told[1].name.as_deref(), told[1].date), (Some("K"), None));
        assert_eq!(warnings, [Warning::ValueIrregular, Warning::DatePartial]);
    }

    #[test]
    fn words_of_the_report_come_last() {
        let (told, _) = told(&[(8434, "Keimzahl"), (8480, "E. coli"), (8480, "  R"), (8490, "Bitte anrufen")]);
        assert_eq!(
            (told[0].name.as_deref(), told[0].text.as_slice()),
            (Some("Keimzahl"), &["E. coli".into(), "  R".into()][..])
        );
        assert_eq!((told[1].name.as_deref(), told.len()), (Some(REMARKS), 2));
    }
}
