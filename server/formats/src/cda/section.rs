//! The body: sections with their narrative, and the results that their entries hold.
//!
//! The narrative is what its author has signed (CDA R2, section 1.2.3), so it is always shown, with one exception: where the sender
//! says that it was made from the entries (`typeCode="DRIV"`) and every one of them was read as a value, it would only repeat them.

use std::collections::HashMap;

use nahraum_domain::finding::{EmbeddedDocument, Observation, ReportStatus, Value, Warning};
use nahraum_domain::private::Private;

use super::CdaRefusal;
use super::code::Coded;
use super::document::{self, NonXml};
use super::header::{Facts, when};
use super::narrative;
use super::node::{Element, brief};
use super::result::{self, Inherited};
use crate::hl7::{Moment, ResultStatus, TEXT};
use crate::read::Warnings;

/// More sections and values than any document has.
const MAX_ROWS: usize = 5000;

/// Codes (LOINC) of sections that hold results: those of the clinical guides, vital signs, and the specialties of laboratories
/// (IHE XD-LAB, table 2.3.2-1).
const RESULT_SECTIONS: &[&str] = &[
    "30954-2", "8716-3", "11502-2", "26436-6", "18717-9", "18718-7", "18719-5", "18720-3", "18721-1", "18722-9",
    "18723-7", "18724-5", "18725-2", "18727-8", "18728-6", "18729-4", "18767-4", "18768-2", "18769-0", "26435-8",
    "26437-4", "26438-2",
];

/// The body of a document.
#[derive(Default)]
pub(super) struct Body<'a, 'i> {
    pub(super) rows: Vec<Observation>,
    pub(super) statuses: Vec<ResultStatus>,
    pub(super) document: Option<EmbeddedDocument>,
    /// The elements of the narrative that entries refer to.
    pub(super) ids: Ids<'a, 'i>,
}

/// Elements of narratives by their `ID`.
#[derive(Default)]
pub(super) struct Ids<'a, 'i>(HashMap<&'a str, Element<'a, 'i>>);

/// A name is no longer, in bytes.
const MAX_NAME: usize = 300;

/// What entries refer to is no longer, in bytes. As many may refer to one, it must not be endless.
const MAX_REMARK: usize = 4000;

impl<'a, 'i> Ids<'a, 'i> {
    fn of(body: Element<'a, 'i>) -> Self {
        let mut ids = HashMap::new();
        for element in body.below() {
            if let Some(id) = element.attribute("ID") {
                ids.entry(id).or_insert(element);
            }
        }
        Self(ids)
    }

    fn target(&self, text: Element<'a, 'i>) -> Option<Element<'a, 'i>> {
        let id = text.child("reference")?.attribute("value")?.strip_prefix('#')?;
        let target = *self.0.get(id)?;
        (target.0.range().len() <= 4 * MAX_REMARK).then_some(target)
    }

    /// The short words that an element refers to. A whole row or paragraph is no name.
    pub(super) fn name(&self, text: Element<'a, '_>) -> Option<String> {
        let target = self.0.get(text.child("reference")?.attribute("value")?.strip_prefix('#')?)?;
        let is_narrow =
            matches!(target.name(), "content" | "td" | "th" | "caption") && target.0.range().len() <= 4 * MAX_NAME;
        narrative::line(*target).filter(|words| is_narrow && words.len() <= MAX_NAME)
    }

    /// The words in an element, else those that it refers to.
    pub(super) fn words(&self, text: Element<'a, 'i>) -> Option<String> {
        let target = || narrative::words(self.target(text)?).filter(|words| words.len() <= MAX_REMARK);
        narrative::words(text).or_else(target)
    }
}

/// Reads the body. The narrative stands where the sender put it, each section as a row of words under the heading of the one around it.
pub(super) fn read<'a, 'i>(
    root: Element<'a, 'i>,
    facts: &Facts,
    warnings: &mut Warnings,
) -> Result<Body<'a, 'i>, CdaRefusal> {
    let mut body = Body::default();
    let when = Moment::of_day(facts.clinical_date);
    let inherited = Inherited { status: facts.status, when, specimen: None, group: None, is_negated: false };
    for component in root.all("component") {
        if let Some(text) = component.path(&["nonXMLBody", "text"]) {
            match document::of_body(text, warnings)? {
                NonXml::Document(document) => body.document = Some(document),
                NonXml::Text(words) => {
                    body.narrative(None, words, &inherited)?;
                    body.statuses.push(ResultStatus::of(None, Some(facts.status)));
                }
                NonXml::Empty => {}
            }
        }
        if let Some(structured) = component.child("structuredBody") {
            body.document = document::within(structured, warnings)?;
            body.ids = Ids::of(structured);
            for section in structured.all_at(&["component", "section"]) {
                body.section(section, &inherited, warnings)?;
            }
        }
    }
    Ok(body)
}

impl<'a, 'i> Body<'a, 'i> {
    fn section(
        &mut self,
        section: Element<'a, 'i>,
        inherited: &Inherited,
        warnings: &mut Warnings,
    ) -> Result<(), CdaRefusal> {
        let code = section.child("code").map(|code| Coded::of(code, &self.ids));
        let code_words = || code.as_ref().and_then(Coded::words).map(str::to_owned);
        let title = section.child("title").and_then(narrative::line).or_else(code_words);
        let of_results = code.iter().filter_map(Coded::loinc).any(|code| RESULT_SECTIONS.contains(&code));
        let words = section.child("text").filter(|text| !document::is_binary(*text)).and_then(narrative::words);
        let at = self.rows.len();
        if let Some(words) = words {
            self.narrative(title.as_deref(), words, inherited)?;
        }
        let with_narrative = self.rows.len();
        let heading = title.as_deref().map(brief);
        let within = Inherited { group: heading.or_else(|| inherited.group.clone()), ..inherited.clone() };
        // Somebody else's values, as a child's or a relative's, are told in the narrative only.
        let mut is_repeated = section.child("subject").is_none();
        if is_repeated {
            for entry in section.all("entry") {
                let is_derived = entry.attribute("typeCode") == Some("DRIV");
                let is_read = result::entry(entry, of_results, &within, self, warnings)?;
                is_repeated &= is_derived && is_read;
            }
        } else if section.child("entry").is_some() {
            warnings.add(Warning::EntriesIgnored);
        }
        if with_narrative > at {
            if is_repeated && self.rows.len() > with_narrative {
                self.rows.remove(at);
            } else {
                self.statuses.push(ResultStatus::of(None, Some(inherited.status)));
            }
        }
        for part in section.all_at(&["component", "section"]) {
            self.section(part, &within, warnings)?;
        }
        Ok(())
    }

    /// A row of words.
    fn narrative(&mut self, title: Option<&str>, words: String, inherited: &Inherited) -> Result<(), CdaRefusal> {
        let status = ResultStatus::of(None, Some(inherited.status));
        let raw = Private::new(words.clone());
        self.push(Observation {
            local_code: None,
            loinc: None,
            name: Private::new(title.unwrap_or(TEXT).to_owned()),
            group: inherited.group.clone(),
            status: status.as_str().to_owned(),
            value: Value::Text(Private::new(words)),
            raw_text: raw,
            flag: None,
            flag_raw: None,
            ranges: Vec::new(),
            effective_at: None,
            effective_date: inherited.when.date,
            method: None,
            specimen: None,
            comment: None,
        })
    }

    /// Adds a row.
    pub(super) fn push(&mut self, row: Observation) -> Result<(), CdaRefusal> {
        if self.rows.len() >= MAX_ROWS {
            return Err(CdaRefusal::TooManyEntries);
        }
        self.rows.push(row);
        Ok(())
    }
}

/// The time of an act, else what it inherits.
pub(super) fn when_of(act: Element<'_, '_>, inherited: Moment, warnings: &mut Warnings) -> Moment {
    let Some(moment) = act.child("effectiveTime").and_then(when) else { return inherited };
    if moment.is_partial {
        warnings.add(Warning::DatePartial);
    }
    moment
}

/// The state of an act (`statusCode`), else that of what it is part of.
pub(super) fn status_of(act: Element<'_, '_>, inherited: ReportStatus) -> ReportStatus {
    match act.child("statusCode").and_then(|code| code.attribute("code")) {
        // What is finished in an unfinished document is not yet signed.
        Some("completed") if inherited == ReportStatus::Preliminary => ReportStatus::Preliminary,
        Some("completed") => ReportStatus::Final,
        Some("aborted" | "cancelled") => ReportStatus::Cancelled,
        Some("nullified") => ReportStatus::EnteredInError,
        Some(_) => ReportStatus::Preliminary,
        None => inherited,
    }
}
