//! What the laboratory finds in a sample: the person's course, natural scatter, computed values, rounding and flags.

use super::{
    DistrictError, Sex,
    analytes::{self, Analyte, Answer, Band, Derived, Kind, Measure, Who},
    courses,
    plan::{Addressee, Report, Version},
    random::SplitMix,
};

/// One line of a report.
pub(super) struct Reading {
    /// What was examined.
    pub(super) analyte: &'static Analyte,
    /// The result.
    pub(super) result: Outcome,
    /// The laboratory's flag, HL7 code; none for words.
    pub(super) flag: Option<&'static str>,
    /// What the laboratory remarks, for a corrected value.
    pub(super) remark: Option<&'static str>,
}

/// A result as it is reported.
pub(super) enum Outcome {
    /// A number.
    Number {
        /// `<` or `>`.
        comparator: Option<&'static str>,
        /// The exact digits.
        digits: String,
        /// How it is reported.
        measure: &'static Measure,
        /// The range that holds for the person.
        band: Option<&'static Band>,
    },
    /// A coded answer.
    Answer {
        /// The answer.
        answer: &'static Answer,
        /// What would be normal.
        normal: &'static str,
    },
    /// Words.
    Words(&'static str),
}

/// The values known so far of one sample, and whose it is.
struct Sample<'r> {
    to: &'r Addressee,
    report: &'r Report,
    age: i16,
    known: Vec<(&'static str, f64)>,
}

/// Examines the sample of a report.
pub(super) fn readings(to: &Addressee, report: &Report, seed: u64) -> Result<Vec<Reading>, DistrictError> {
    let born = to.resident.birth_date;
    let on = report.sampled.date();
    let birthday_to_come = (on.month(), on.day()) < (born.month(), born.day());
    let age = on.year() - born.year() - i16::from(birthday_to_come);
    let mut sample = Sample { to, report, age, known: Vec::new() };
    report.panel.keys().map(|key| sample.examine(key, seed)).collect()
}

impl Sample<'_> {
    fn examine(&mut self, key: &'static str, seed: u64) -> Result<Reading, DistrictError> {
        let analyte = analytes::find(key).ok_or(DistrictError::Table("analytes"))?;
        let mut random = SplitMix::for_words(seed, &[&self.report.number, key]);
        let (result, flag) = match &analyte.kind {
            Kind::Number(measure) => self.measure(key, measure, &mut random, seed),
            Kind::Answers(answers) => self.answer(key, answers)?,
            Kind::Words(texts) => {
                let place = nearest(self.course(key).unwrap_or(0.0));
                let text = texts.get(place).ok_or(DistrictError::Table("texts"))?;
                (Outcome::Words(text), None)
            }
        };
        let remark = self.report.correction.and_then(|(correction, version)| {
            (version == Version::Corrected && correction.key == key).then_some(correction.remark)
        });
        Ok(Reading { analyte, result, flag, remark })
    }

    fn course(&self, key: &str) -> Option<f64> {
        courses::value_on(self.to.index, key, self.report.days_ago)
    }

    fn answer(&self, key: &str, answers: &'static [Answer]) -> Result<(Outcome, Option<&'static str>), DistrictError> {
        let place = nearest(self.course(key).unwrap_or(0.0));
        let (Some(answer), Some(normal)) = (answers.get(place), answers.first()) else {
            return Err(DistrictError::Table("answers"));
        };
        let flag = if place == 0 { "N" } else { "A" };
        Ok((Outcome::Answer { answer, normal: normal.text }, Some(flag)))
    }

    fn measure(
        &mut self,
        key: &'static str,
        measure: &'static Measure,
        random: &mut SplitMix,
        seed: u64,
    ) -> (Outcome, Option<&'static str>) {
        let band = measure.ranges.iter().find(|band| self.holds(band.who));
        let value = match measure.derived {
            Some(derived) => self.compute(derived),
            None => {
                let usual = self.course(key).unwrap_or_else(|| self.usual(key, band, seed));
                usual * measure.scatter.mul_add(random.scatter() * 0.7, 1.0) * self.mistake(key)
            }
        };
        let (comparator, limited) = match (measure.floor, measure.cap) {
            (Some(floor), _) if value < floor => (Some("<"), floor),
            (_, Some(cap)) if value > cap => (Some(">"), cap),
            _ => (None, value),
        };
        let digits = format!("{limited:.*}", measure.decimals);
        // Everything that follows, flags and computed values, starts from the number on the report.
        let reported = digits.parse().unwrap_or(limited);
        self.known.push((key, reported));
        let flag = band.map(|band| verdict(reported, measure, band));
        (Outcome::Number { comparator, digits, measure, band }, flag)
    }

    /// What the first version of a corrected report had wrong.
    fn mistake(&self, key: &str) -> f64 {
        match self.report.correction {
            Some((correction, Version::Mistaken)) if correction.key == key => correction.factor,
            Some((_, Version::Mistaken | Version::Corrected)) | None => 1.0,
        }
    }

    /// A person's own usual value where the tables tell no story: within the range, and the same on every day.
    fn usual(&self, key: &str, band: Option<&Band>, seed: u64) -> f64 {
        let mut own = SplitMix::for_words(seed, &[self.to.resident.device_secret, key]);
        match band.map(|band| (band.low, band.high)) {
            Some((Some(low), Some(high))) => low + (high - low) * own.unit().mul_add(0.4, 0.3),
            Some((None, Some(high))) => high * own.unit().mul_add(0.35, 0.4),
            Some((Some(low), None)) => low * own.unit().mul_add(0.3, 1.2),
            Some((None, None)) | None => 1.0,
        }
    }

    fn holds(&self, who: Who) -> bool {
        let sex = self.to.resident.sex;
        match who {
            Who::All => true,
            Who::Child => self.age < 14,
            Who::Female => sex == Sex::Female,
            Who::Male => sex == Sex::Male,
            Who::Pregnant | Who::Anticoagulated | Who::HeartPatient => courses::CONDITIONS.iter().any(|condition| {
                condition.resident == self.to.index
                    && condition.who == who
                    && condition.since_days_ago >= self.report.days_ago
            }),
        }
    }

    fn value(&self, key: &str) -> f64 {
        self.known.iter().find(|(known, _)| *known == key).map_or(f64::NAN, |(_, value)| *value)
    }

    fn compute(&self, derived: Derived) -> f64 {
        match derived {
            Derived::Haematocrit => self.value("hb") / self.value("mchc") * 100.0,
            Derived::RedCells => self.value("hct") * 10.0 / self.value("mcv"),
            Derived::MeanHaemoglobin => self.value("hb") * 10.0 / self.value("ery"),
            Derived::Neutrophils => {
                100.0 - self.value("lymph") - self.value("mono") - self.value("eos") - self.value("baso")
            }
            Derived::Filtration => self.filtration(),
            Derived::GlycatedIfcc => (self.value("hba1c") - 2.15) * 10.929,
            Derived::Cholesterol => self.value("ldl") + self.value("hdl") + self.value("tg") / 5.0,
            Derived::NonHdl => self.value("chol") - self.value("hdl"),
            Derived::Quick => 100.0 / self.value("inr").powf(1.3),
        }
    }

    fn filtration(&self) -> f64 {
        let (scale, constant, slope) = match self.to.resident.sex {
            Sex::Female => (144.0, 0.7, -0.329),
            Sex::Male => (141.0, 0.9, -0.411),
        };
        let ratio = self.value("crea") / constant;
        let exponent: f64 = if ratio <= 1.0 { slope } else { -1.209 };
        scale * ratio.powf(exponent) * 0.993_f64.powi(i32::from(self.age))
    }
}

/// The place in a list of answers.
fn nearest(value: f64) -> usize {
    [0.5, 1.5, 2.5, 3.5].iter().filter(|limit| value >= **limit).count()
}

fn verdict(value: f64, measure: &Measure, band: &Band) -> &'static str {
    let below = |limit: Option<f64>| limit.is_some_and(|limit| value < limit);
    let above = |limit: Option<f64>| limit.is_some_and(|limit| value > limit);
    if below(measure.alarm_low) {
        "LL"
    } else if above(measure.alarm_high) {
        "HH"
    } else if below(band.low) {
        "L"
    } else if above(band.high) {
        "H"
    } else {
        "N"
    }
}
