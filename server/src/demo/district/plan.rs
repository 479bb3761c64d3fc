//! Puts everything that the tables say in order of time: working days, hours, corrections, and what became of it.

use jiff::{
    Span, Zoned,
    civil::{Date, Weekday},
};

use nahraum_domain::calendar::berlin;

use super::{
    District, DistrictError, Practice, Registration, Resident, SeedAfter, Standing,
    examinations::EXAMINATIONS,
    letters::LETTERS,
    panels::Panel,
    random::SplitMix,
    schedule::{CORRECTIONS, Correction, Fault, Form, LAB_NOTES, SERIES, STRAYS, Series},
    sheets::{Fate, Sheet},
};

/// Days on which practices are closed everywhere: month and day.
const HOLIDAYS: &[(i8, i8)] = &[(1, 1), (5, 1), (10, 3), (10, 31), (12, 24), (12, 25), (12, 26), (12, 31)];

/// Whom an upload is about and who sends it.
#[derive(Clone, Copy)]
pub(super) struct Addressee {
    /// Place in the district's residents.
    pub(super) index: usize,
    /// The person.
    pub(super) resident: &'static Resident,
    /// The person as the sender's patient.
    pub(super) registration: &'static Registration,
    /// The sender.
    pub(super) practice: &'static Practice,
    /// What is wrong with the address.
    pub(super) fault: Option<Fault>,
}

/// One upload to be.
#[derive(Clone)]
pub(super) struct Planned {
    /// Whom it is about.
    pub(super) to: Addressee,
    /// When it was signed and sent.
    pub(super) issued: Zoned,
    /// What it is.
    pub(super) what: What,
    /// What happens afterwards.
    pub(super) then: SeedAfter,
}

impl Planned {
    /// The laboratory report in it, if it is this resident's with this panel and reaches them.
    fn report_of(&mut self, resident: usize, panel: &Panel) -> Option<&mut Report> {
        match &mut self.what {
            What::Report(report) if std::ptr::eq(report.panel, panel) => {
                (self.to.index == resident && self.to.fault.is_none()).then_some(report)
            }
            What::Report(_) | What::Sheet(_) => None,
        }
    }
}

/// What is sent.
#[derive(Clone)]
pub(super) enum What {
    /// A laboratory report.
    Report(Report),
    /// A document.
    Sheet(&'static Sheet),
}

/// One laboratory report.
#[derive(Clone)]
pub(super) struct Report {
    /// What was examined.
    pub(super) panel: &'static Panel,
    /// How it is sent.
    pub(super) form: Form,
    /// The laboratory's number; a correction has the number of what it corrects.
    pub(super) number: String,
    /// When the sample was taken.
    pub(super) sampled: Zoned,
    /// The same in days before today, for the courses.
    pub(super) days_ago: i32,
    /// The correction that this report needs, or is.
    pub(super) correction: Option<(&'static Correction, Version)>,
    /// What the practice tells the patient.
    pub(super) note: Option<&'static str>,
}

/// Which of two versions of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// With the mistake.
    Mistaken,
    /// Put right.
    Corrected,
}

struct Planner {
    district: &'static District,
    today: Date,
    seed: u64,
}

/// Everything in order of time.
pub(super) fn plan(district: &'static District, today: Date, seed: u64) -> Result<Vec<Planned>, DistrictError> {
    let planner = Planner { district, today, seed };
    let mut planned = Vec::new();
    for series in SERIES {
        planner.add_series(series, None, &mut planned)?;
    }
    for stray in STRAYS {
        planner.add_series(&stray.series, Some(stray.fault), &mut planned)?;
    }
    for sheet in EXAMINATIONS.iter().chain(LETTERS) {
        for days_ago in sheet.days_ago {
            planned.push(planner.sheet(sheet, *days_ago)?);
        }
    }
    for correction in CORRECTIONS {
        planner.correct(correction, &mut planned)?;
    }
    planned.sort_by_cached_key(|item| item.issued.timestamp());
    for note in LAB_NOTES {
        let newest = planned.iter_mut().rev().find_map(|item| item.report_of(note.resident, note.panel));
        newest.ok_or(DistrictError::Table("notes"))?.note = Some(note.text);
    }
    Ok(planned)
}

impl Planner {
    fn addressee(&self, index: usize, practice: usize, fault: Option<Fault>) -> Result<Addressee, DistrictError> {
        let resident = self.district.residents.get(index).ok_or(DistrictError::Table("residents"))?;
        let registration =
            resident.patients.iter().find(|p| p.practice == practice).ok_or(DistrictError::Table("registrations"))?;
        let practice = self.district.practices.get(practice).ok_or(DistrictError::Table("practices"))?;
        Ok(Addressee { index, resident, registration, practice, fault })
    }

    fn add_series(&self, series: &Series, fault: Option<Fault>, out: &mut Vec<Planned>) -> Result<(), DistrictError> {
        let to = self.addressee(series.resident, series.practice, fault)?;
        let mut due = series.first_days_ago;
        while due >= series.last_days_ago {
            let words = [to.registration.reference, series.panel.title, &due.to_string()];
            let mut random = SplitMix::for_words(self.seed, &words);
            // People come a few days early, except for the first time.
            let early = if due == series.first_days_ago || series.every_days < 20 { 0 } else { random.below(4) };
            out.push(self.report(to, series, due.saturating_add_unsigned(early), &mut random)?);
            due -= series.every_days.max(1);
        }
        Ok(())
    }

    fn report(
        &self,
        to: Addressee,
        series: &Series,
        days_ago: i32,
        random: &mut SplitMix,
    ) -> Result<Planned, DistrictError> {
        let sampled_on = self.working_day_until(days_ago)?;
        let issued_on = self.working_day_after(sampled_on, i32::from(series.panel.turnaround))?;
        let sampled = self.moment(sampled_on, 7, 180, random)?;
        let issued = self.moment(issued_on, 13, 300, random)?;
        let number = format!("{:02}L{:07}", sampled_on.year() % 100, random.below(10_000_000));
        let then = self.fate_of(to, issued_on, random)?;
        let report =
            Report { panel: series.panel, form: series.form, number, sampled, days_ago, correction: None, note: None };
        Ok(Planned { to, issued, what: What::Report(report), then })
    }

    fn sheet(&self, sheet: &'static Sheet, days_ago: i32) -> Result<Planned, DistrictError> {
        let (fault, recall) = match sheet.fate {
            Fate::Arrives => (None, None),
            Fate::Recalled(reason) => (None, Some(SeedAfter::Recall { reason })),
            Fate::Astray(fault) => (Some(fault), None),
        };
        let to = self.addressee(sheet.resident, sheet.practice, fault)?;
        let words = [to.registration.reference, sheet.class, sheet.title, &days_ago.to_string()];
        let mut random = SplitMix::for_words(self.seed, &words);
        let day = self.working_day_until(days_ago)?;
        let issued = self.moment(day, 9, 480, &mut random)?;
        let then = recall.unwrap_or(self.fate_of(to, day, &mut random)?);
        Ok(Planned { to, issued, what: What::Sheet(sheet), then })
    }

    /// Marks the report that has the mistake and adds its corrected version.
    fn correct(&self, correction: &'static Correction, planned: &mut Vec<Planned>) -> Result<(), DistrictError> {
        let mut matching: Vec<&mut Planned> = planned
            .iter_mut()
            .filter_map(|item| item.report_of(correction.resident, correction.panel).is_some().then_some(item))
            .collect();
        matching.sort_by_key(|item| item.issued.timestamp());
        let mistaken = matching.into_iter().nth(correction.occurrence).ok_or(DistrictError::Table("corrections"))?;
        let mut corrected = mistaken.clone();
        let words = [correction.key, correction.remark];
        let mut random = SplitMix::for_words(self.seed, &words);
        let day = self.working_day_after(mistaken.issued.date(), correction.days_later)?;
        corrected.issued = self.moment(day, 13, 300, &mut random)?;
        mistaken.then = SeedAfter::OpenedByResident;
        for (item, version) in [(mistaken, Version::Mistaken), (&mut corrected, Version::Corrected)] {
            if let What::Report(report) = &mut item.what {
                report.correction = Some((correction, version));
            }
        }
        planned.push(corrected);
        Ok(())
    }

    /// Most people read most findings after some weeks; new ones are new.
    fn fate_of(&self, to: Addressee, issued_on: Date, random: &mut SplitMix) -> Result<SeedAfter, DistrictError> {
        let age = self.today.since(issued_on)?.get_days();
        let (marked, opened) = match age {
            ..8 => (0, 15),
            8..45 => (45, 65),
            45.. => (84, 95),
        };
        let dice = random.below(100);
        let reachable = to.fault.is_none() && to.resident.standing == Standing::Activated;
        Ok(match dice {
            _ if !reachable => SeedAfter::Nothing,
            dice if dice < marked => SeedAfter::MarkRead,
            dice if dice < opened => SeedAfter::OpenedByResident,
            _ => SeedAfter::Nothing,
        })
    }

    /// The last working day that is at least so many days before today.
    fn working_day_until(&self, days_ago: i32) -> Result<Date, DistrictError> {
        let mut day = self.today.checked_sub(days(days_ago)?)?;
        while !is_working_day(day) {
            day = day.yesterday()?;
        }
        Ok(day)
    }

    /// So many working days later, but never later than yesterday.
    fn working_day_after(&self, from: Date, count: i32) -> Result<Date, DistrictError> {
        let mut day = from;
        for _ in 0..count {
            day = day.tomorrow()?;
            while !is_working_day(day) {
                day = day.tomorrow()?;
            }
        }
        Ok(day.min(self.today.yesterday()?))
    }

    /// A moment of a day in Berlin: from an hour on, within so many minutes.
    fn moment(&self, day: Date, hour: i8, within: u32, random: &mut SplitMix) -> Result<Zoned, DistrictError> {
        let later = Span::new().try_seconds(i64::from(random.below(within * 60)))?;
        Ok(day.at(hour, 0, 0, 0).checked_add(later)?.to_zoned(berlin().clone())?)
    }
}

fn days(count: i32) -> Result<Span, DistrictError> {
    Ok(Span::new().try_days(i64::from(count))?)
}

fn is_working_day(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !HOLIDAYS.contains(&(day.month(), day.day()))
}
