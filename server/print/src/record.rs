//! The page on top of the copy that a resident takes away: everything in words, for any browser, without a script and
//! without the network. And the text beside it, for those who do not open the page.

use std::fmt;

use jiff::civil::{Date, DateTime};
use nahraum_domain::{
    consent::event::Standing,
    disclosure::{FindingRecord, SummaryRecord},
    finding::{FindingState, Observation},
    private::Private,
};
use nahraum_texts::{
    Banner, Language, RecordTexts, banner, escape_html, fill, isolate, kind_label, localize_digits, long_date,
    record_texts,
};

use crate::{
    LogRow,
    values::{clock, made, range_words, result},
};

const STYLE: &str = include_str!("record.css");

/// Where the files of a finding lie, as links.
#[derive(Debug, Clone, Copy)]
pub struct FindingFiles<'a> {
    /// The document, if it has one.
    pub document: Option<&'a str>,
    /// The FHIR document.
    pub fhir: &'a str,
}

/// What a decision is about.
#[derive(Debug, Clone, Copy)]
pub enum DecisionSubject<'a> {
    /// A published text, by its title.
    Text(&'a str),
    /// Somebody may look; the organisation by name, if it is one.
    Permission(Option<&'a str>),
    /// Closed, for the same.
    Block(Option<&'a str>),
    /// Closed, for everybody.
    BlockForEveryone,
}

/// A decision in one line.
#[derive(Debug, Clone, Copy)]
pub struct DecisionLine<'a> {
    /// What it is about.
    pub subject: DecisionSubject<'a>,
    /// Where it stands.
    pub standing: Standing,
    /// From which day on.
    pub from: Option<Date>,
    /// Up to which day.
    pub until: Option<Date>,
}

/// The page, while it grows.
pub struct RecordPage {
    language: Language,
    app_name: String,
    as_of: DateTime,
    findings: String,
    decisions: String,
    log: String,
    shown: i64,
}

impl fmt::Debug for RecordPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordPage(•••)")
    }
}

impl RecordPage {
    /// An empty page. `as_of` is when the copy is made, where the resident lives.
    #[must_use]
    pub const fn new(language: Language, app_name: String, as_of: DateTime) -> Self {
        Self {
            language,
            app_name,
            as_of,
            findings: String::new(),
            decisions: String::new(),
            log: String::new(),
            shown: 0,
        }
    }

    fn texts(&self) -> &'static RecordTexts {
        record_texts(self.language)
    }

    /// A finding with its values.
    pub fn finding(&mut self, finding: &FindingRecord, files: FindingFiles<'_>) {
        let (texts, language) = (self.texts(), self.language);
        let mut html = heading(language, &finding.summary);
        if finding.summary.state == FindingState::Superseded {
            html.push_str(&format!("<p class=\"banner\">{}</p>", escape_html(banner(language, Banner::Superseded))));
        }
        let facts = [(&texts.author, &finding.author), (&texts.note, &finding.note)];
        let facts: String =
            facts.iter().filter_map(|(label, text)| text.as_ref().map(|text| fact(label, text.reveal()))).collect();
        html.push_str(&facts_of(language, &finding.summary, &facts));
        html.push_str(&values(texts, &finding.observations));
        html.push_str("<p class=\"files\">");
        if let Some(document) = files.document {
            html.push_str(&anchor(document, &texts.document));
        }
        html.push_str(&anchor(files.fhir, &texts.fhir));
        self.findings.push_str(&format!("<article>{html}</p></article>"));
    }

    /// A finding that was taken back before.
    pub fn stub(&mut self, summary: &SummaryRecord) {
        self.without_content(summary, banner(self.language, Banner::Recalled));
    }

    /// A finding that was taken back while the copy was made.
    pub fn left_out(&mut self, summary: &SummaryRecord) {
        self.without_content(summary, &self.texts().left_out);
    }

    fn without_content(&mut self, summary: &SummaryRecord, why: &str) {
        let bare = SummaryRecord { title: None, ..summary.clone() };
        let (heading, facts) = (heading(self.language, &bare), facts_of(self.language, &bare, ""));
        self.findings
            .push_str(&format!("<article>{heading}<p class=\"banner\">{}</p>{facts}</article>", escape_html(why)));
    }

    /// A decision.
    pub fn decision(&mut self, line: &DecisionLine<'_>) {
        let texts = self.texts();
        let (what, whom) = match line.subject {
            DecisionSubject::Text(title) => (&texts.consent, title),
            DecisionSubject::Permission(name) => (&texts.permission, name.unwrap_or(&texts.somebody)),
            DecisionSubject::Block(name) => (&texts.block, name.unwrap_or(&texts.somebody)),
            DecisionSubject::BlockForEveryone => (&texts.block, texts.everyone.as_str()),
        };
        let day = |template: &str, day: Option<Date>| {
            day.map(|day| format!(", {}", fill(template, &[("date", &long_date(self.language, day))])))
        };
        let (since, until) = (day(&texts.since, line.from), day(&texts.until, line.until));
        let when = format!("{}{}", since.unwrap_or_default(), until.unwrap_or_default());
        self.decisions.push_str(&format!(
            "<li>{}: <bdi>{}</bdi><br><span class=\"small\">{}{}</span></li>",
            escape_html(what),
            escape_html(whom),
            escape_html(texts.standing(line.standing)),
            escape_html(&when)
        ));
    }

    /// An entry of the access log, newest first.
    pub fn entry(&mut self, row: &LogRow) {
        let day = long_date(self.language, row.at.date());
        let time = clock(self.language, row.at);
        let basis = row.basis.map(|basis| format!("<br><span class=\"small\">{}</span>", escape_html(basis)));
        self.log.push_str(&format!(
            "<li><span class=\"small\">{} · {time}</span><br>{}{}</li>",
            escape_html(&day),
            escape_html(row.sentence.reveal()),
            basis.unwrap_or_default()
        ));
        self.shown += 1;
    }

    /// The whole page in pieces, in their order. `count` is how many entries the access log has, `key` the key of the
    /// server.
    #[must_use]
    pub fn finish(self, count: i64, key: &str) -> Vec<Private<String>> {
        let Self { language, app_name, as_of, findings, decisions, log, shown } = self;
        let texts = record_texts(language);
        let number = |number: i64| localize_digits(language, &number.to_string());
        let newest = fill(&texts.newest, &[("shown", &number(shown)), ("count", &number(count))]);
        let or_nothing = |html: String| {
            if html.is_empty() { format!("<p>{}</p>", escape_html(&texts.nothing)) } else { html }
        };
        let list = |html: String| if html.is_empty() { html } else { format!("<ul>{html}</ul>") };
        let section = |id: &str, title: &str| format!("<section id=\"{id}\"><h2>{}</h2>", escape_html(title));
        let top = format!("{}<main>{}", top(language, &app_name, as_of), section("reports", &texts.reports));
        let to_decisions = format!("</section>{}", section("decisions", &texts.decisions));
        let to_log = format!("</section>{}<p>{}</p>", section("log", &texts.log), escape_html(&newest));
        let end = format!(
            "</section>{}{}</section></main></body></html>\n",
            section("check", &texts.check),
            check(texts, key)
        );
        [top, or_nothing(findings), to_decisions, or_nothing(list(decisions)), to_log, or_nothing(list(log)), end]
            .map(Private::new)
            .into()
    }
}

/// The text beside the page: what lies where, and how it is checked.
#[must_use]
pub fn record_readme(language: Language, app_name: &str, as_of: DateTime, key: &str) -> String {
    let texts = record_texts(language);
    let files = [
        ("index.html", &texts.file_page),
        ("documents/", &texts.file_documents),
        ("fhir/", &texts.file_fhir),
        ("decisions.json, decisions/", &texts.file_decisions),
        ("corrections.json", &texts.file_corrections),
        ("registrations.json", &texts.file_registrations),
        ("offers.json", &texts.file_offers),
        ("questions.json", &texts.file_questions),
        ("access-log.json", &texts.file_log),
        ("manifest.json", &texts.file_manifest),
    ];
    let files: String =
        files.iter().map(|(name, what)| format!("{}\r\n    {what}\r\n", isolate(language, name))).collect();
    format!(
        "{}\r\n{}\r\n\r\n{}\r\n\r\n{}\r\n\r\n{files}\r\n{}\r\n\r\n{}\r\n\r\n{}\r\n",
        fill(&texts.heading, &[("app_name", &isolate(language, app_name))]),
        made(language, as_of),
        texts.intro,
        texts.keep,
        texts.check,
        texts.check_files,
        fill(&texts.check_log, &[("key", &isolate(language, key))]),
    )
}

fn top(language: Language, app_name: &str, as_of: DateTime) -> String {
    let texts = record_texts(language);
    let title = escape_html(&fill(&texts.heading, &[("app_name", &isolate(language, app_name))]));
    let sections =
        [("reports", &texts.reports), ("decisions", &texts.decisions), ("log", &texts.log), ("check", &texts.check)];
    let links: String = sections.iter().map(|(id, name)| anchor(&format!("#{id}"), name)).collect();
    format!(
        "<!doctype html>\n<html lang=\"{}\" dir=\"{}\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><header><h1>{title}</h1><p>{}</p><p>{}</p><p class=\"keep\">{}</p></header>\
         <nav>{links}</nav>",
        language.tag(),
        language.dir().as_str(),
        escape_html(&made(language, as_of)),
        escape_html(&texts.intro),
        escape_html(&texts.keep),
    )
}

fn check(texts: &RecordTexts, key: &str) -> String {
    let log = escape_html(&texts.check_log).replace("{key}", &format!("<bdi class=\"key\">{}</bdi>", escape_html(key)));
    format!("<p>{}</p><p>{log}</p>", escape_html(&texts.check_files))
}

/// The title, or the kind where there is none (any more).
fn heading(language: Language, summary: &SummaryRecord) -> String {
    let title = summary.title.as_ref().map_or_else(|| kind_label(language, summary.class.kind), |title| title.reveal());
    format!("<h3><bdi>{}</bdi></h3>", escape_html(title))
}

fn facts_of(language: Language, summary: &SummaryRecord, more: &str) -> String {
    let texts = record_texts(language);
    let (practice, day) =
        (fact(&texts.practice, &summary.practice.name), fact(&texts.day, &long_date(language, summary.date)));
    format!("<dl>{practice}{day}{more}</dl>")
}

fn fact(label: &str, text: &str) -> String {
    format!("<div><dt>{}</dt><dd><bdi>{}</bdi></dd></div>", escape_html(label), escape_html(text))
}

fn values(texts: &RecordTexts, observations: &[Observation]) -> String {
    if observations.is_empty() {
        return String::new();
    }
    let heads: String = [&texts.value, &texts.result, &texts.range]
        .iter()
        .map(|head| format!("<th scope=\"col\">{}</th>", escape_html(head)))
        .collect();
    let rows: String = observations.iter().map(|one| value(texts, one)).collect();
    format!("<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>")
}

/// One value as the sender gave it, with the laboratory's flag in words.
fn value(texts: &RecordTexts, one: &Observation) -> String {
    let result = result(one);
    let flag = one.flag.and_then(|flag| texts.flag(flag));
    let flag = flag.map(|flag| format!("<br><strong class=\"small\">{}</strong>", escape_html(&flag)));
    let comment =
        one.comment.as_ref().map(|text| format!("<br><bdi class=\"small\">{}</bdi>", escape_html(text.reveal())));
    let ranges: Vec<String> =
        one.ranges.iter().map(|range| format!("<bdi>{}</bdi>", escape_html(&range_words(range, &one.value)))).collect();
    format!(
        "<tr><th scope=\"row\"><bdi>{}</bdi></th><td><bdi>{}</bdi>{}{}</td><td>{}</td></tr>",
        escape_html(one.name.reveal()),
        escape_html(&result),
        flag.unwrap_or_default(),
        comment.unwrap_or_default(),
        ranges.join("<br>")
    )
}

fn anchor(to: &str, words: &str) -> String {
    format!("<a href=\"{}\">{}</a> ", escape_html(to), escape_html(words))
}

#[cfg(test)]
mod tests;
