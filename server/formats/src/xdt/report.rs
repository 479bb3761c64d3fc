//! What the records of every kind of xDT have in common when they become a finding.

use std::collections::HashMap;
use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::Date;
use nahraum_domain::finding::{
    BusinessKey, EmbeddedDocument, Observation, ReadFinding, ReportStatus, ReportVersion, SourceFormat, Warning,
};
use nahraum_domain::kdl::DocumentClass;
use nahraum_domain::private::Private;

use super::XdtRefusal;
use super::patient::Patient;
use super::result::Told;
use super::verdict::Stage;
use crate::read::Warnings;
use crate::refusal::Position;

/// More reports or values no file has.
const MAX_REPORTS: usize = 500;
const MAX_VALUES: usize = 20_000;

/// A record on its way to become a finding.
pub(super) struct Report {
    pub(super) source_format: SourceFormat,
    /// The line it begins with, and all of its bytes.
    pub(super) line: usize,
    pub(super) part: Range<usize>,
    pub(super) class: &'static DocumentClass,
    pub(super) author: Option<String>,
    pub(super) patient: Patient,
    /// The practice's number of the order.
    pub(super) order: Option<String>,
    /// Which report it is, as its sender numbers them.
    pub(super) key: Option<String>,
    pub(super) issued_at: Option<Timestamp>,
    /// The day of the examination, if the record itself says it.
    pub(super) date: Option<Date>,
    /// What the sender says of the report as a whole.
    pub(super) status: ReportStatus,
    pub(super) note: Vec<String>,
    pub(super) results: Vec<Told>,
    pub(super) embedded: Option<EmbeddedDocument>,
    pub(super) warnings: Warnings,
}

/// Which report it is: its laboratory, its kind of record, and the first number it has.
pub(super) fn key<const N: usize>(
    laboratory: Option<&str>,
    record: u16,
    numbers: [(&str, Option<String>); N],
) -> Option<String> {
    let (kind, number) = numbers.into_iter().find_map(|(kind, number)| Some((kind, number?)))?;
    Some(format!("ldt|{}|{record}|{kind}|{number}", laboratory.unwrap_or_default()))
}

/// The findings of one file, as they come up.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) done: Vec<ReadFinding>,
    values: usize,
    keys: HashMap<String, u32>,
}

impl Findings {
    /// Takes a report in.
    pub(super) fn push(&mut self, report: Report) -> Result<(), XdtRefusal> {
        let Report { mut warnings, patient, status, results, .. } = report;
        let position = Position::at_line(report.line);
        if patient.is_two() {
            return Err(XdtRefusal::TwoPatients(position));
        }
        let cancelled = results.iter().any(|told| told.stage == Some(Stage::Cancelled));
        let preliminary = status == ReportStatus::Preliminary;
        let mut observations: Vec<Observation> = Vec::with_capacity(results.len());
        for told in results.into_iter().filter(|told| !told.is_empty()) {
            told.add_rows(preliminary, &mut observations, &mut warnings);
        }
        self.values += observations.len();
        if self.values > MAX_VALUES || self.done.len() == MAX_REPORTS {
            return Err(XdtRefusal::TooMany);
        }
        let status = overall(status, cancelled, &observations);
        let open = matches!(status, ReportStatus::Partial | ReportStatus::Preliminary);
        if observations.is_empty() && report.embedded.is_none() && !open {
            return Err(XdtRefusal::NothingToRead(position));
        }
        let subject = patient.subject(report.order.as_deref(), &mut warnings);
        let sampled = observations.iter().filter_map(|row| row.effective_date).min();
        let clinical_date = sampled.or(report.date);
        if clinical_date.is_none() {
            warnings.add(Warning::DateMissing);
        }
        let business_key = report.key.map(|key| self.business_key(key, report.issued_at));
        self.done.push(ReadFinding {
            source_format: report.source_format,
            class: report.class,
            title: Private::new(report.class.name.to_owned()),
            author: report.author.map(Private::new),
            note: super::result::block(&report.note).map(Private::new),
            subject,
            clinical_date,
            issued_at: report.issued_at,
            status,
            business_key,
            observations,
            embedded: report.embedded,
            retracts: false,
            warnings: warnings.0,
            part: Some(report.part),
        });
        Ok(())
    }

    /// Two reports of one file under one number are two reports, not two versions.
    fn business_key(&mut self, key: String, issued_at: Option<Timestamp>) -> BusinessKey {
        let times = self.keys.entry(key.clone()).or_default();
        *times += 1;
        let key = if *times == 1 { key } else { format!("{key}|{times}") };
        BusinessKey { key: Private::new(key), own: None, version: issued_at.map(ReportVersion::Issued), revision: None }
    }
}

/// What a report amounts to: what its sender says of it, unless its results say less or more.
fn overall(told: ReportStatus, cancelled: bool, observations: &[Observation]) -> ReportStatus {
    let any = |status: &str| observations.iter().any(|row| row.status == status);
    let all = |status: &str| !observations.is_empty() && observations.iter().all(|row| row.status == status);
    match () {
        () if told == ReportStatus::Partial => ReportStatus::Partial,
        () if all("cancelled") => ReportStatus::Cancelled,
        () if any("registered") => ReportStatus::Partial,
        () if any("preliminary") || any("unknown") => ReportStatus::Preliminary,
        () if any("corrected") || cancelled => ReportStatus::Corrected,
        () => told,
    }
}

#[cfg(test)]
mod tests {
    use nahraum_domain::kdl;

    use super::super::result::Sent;
    use super::*;

    fn report(status: ReportStatus, stages: &[&str]) -> Report {
        let told = |code: &&str| Told {
            stage: Some(Stage::parse(code)),
            values: vec![Sent { raw: "1".into(), unit: None }],
            ..Told::default()
        };
        Report {
            source_format: SourceFormat::Ldt3,
            line: 7,
            part: 0..0,
            class: &kdl::LABORATORY_REPORT,
            author: None,
            patient: Patient::default(),
            order: None,
            key: Some("L1".into()),
            issued_at: None,
            date: None,
            status,
            note: Vec::new(),
            results: stages.iter().map(told).collect(),
            embedded: None,
            warnings: Warnings::default(),
        }
    }

    fn status(told: ReportStatus, stages: &[&str]) -> ReportStatus {
        let mut findings = Findings::default();
        findings.push(report(told, stages)).unwrap();
        findings.done[0].status
    }

    #[test]
    fn a_report_is_what_its_results_make_of_it() {
        use ReportStatus::{Amended, Cancelled, Corrected, Final, Partial, Preliminary};
        for (told, stages, is) in [
            (Partial, &["05", "05", "02"][..], Partial),
            (Final, &["06", "06"], Final),
            (Final, &["07", "08"], Corrected),
            (Final, &["07", "12"], Corrected),
            (Final, &["06", "F"], Final),
            (Final, &["12", "12"], Cancelled),
            (Final, &["05"], Preliminary),
            (Final, &["06", "02"], Partial),
            (Final, &["06", "99"], Preliminary),
            (Amended, &["06"], Amended),
        ] {
            assert_eq!(status(told, stages), is, "{told:?} {stages:?}");
        }
    }

    #[test]
    fn two_reports_under_one_number_are_two() {
        let mut findings = Findings::default();
        findings.push(report(ReportStatus::Final, &["06"])).unwrap();
        findings.push(report(ReportStatus::Final, &["06"])).unwrap();
        let keys: Vec<_> = findings.done.iter().map(|f| f.business_key.clone().unwrap().key.into_revealed()).collect();
        assert_eq!(keys, ["L1", "L1|2"]);
    }

    #[test]
    fn a_finished_report_says_something_and_a_file_has_an_end() {
        let push = |status| Findings::default().push(report(status, &[]));
        assert_eq!(push(ReportStatus::Final), Err(XdtRefusal::NothingToRead(Position::at_line(7))));
        assert_eq!(push(ReportStatus::Partial), Ok(()));
        let mut findings = Findings::default();
        assert_eq!(findings.push(report(ReportStatus::Final, &vec!["06"; MAX_VALUES + 1])), Err(XdtRefusal::TooMany));
        let mut findings = Findings::default();
        let last = (0..=MAX_REPORTS).map(|_| findings.push(report(ReportStatus::Final, &["06"]))).last();
        assert_eq!(last, Some(Err(XdtRefusal::TooMany)));
    }
}
