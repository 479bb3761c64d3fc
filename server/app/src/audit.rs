//! Room audit: the resident's own access log, in sentences, on paper, and what they take away to verify it elsewhere.

use nahraum_domain::{
    access::Basis,
    audit::{LogOutcome, chain::Position, statement::hex},
    calendar,
    private::Private,
};
use nahraum_print::{AccessLogPaper, LogProof, LogRow, access_log};
use nahraum_store::audit::{self as store, Entry, Who};
use nahraum_texts::{AccessLine, ActorKind, Language, access_sentence, basis_sentence};

pub use nahraum_store::audit::{ExportedEntry, Filter, SignedCheckpoint, SignedStatement};

use crate::{App, Call, Refusal, accounts::language_of, pages::cut, paper::printed};

/// How many entries are read at once for an export.
pub(crate) const EXPORT_PAGE: i64 = 1_000;

/// How many entries one paper holds: some 90 pages, and less than 30 MiB of memory while they are set. Older ones are on
/// the next.
pub(crate) const PAPER: u32 = 1_000;

/// A line of the log with its sentence.
#[derive(Debug)]
pub struct LogLine {
    /// The line.
    pub entry: Entry,
    /// Who acted, as a word for machines.
    pub actor: &'static str,
    /// The same in a sentence.
    pub sentence: String,
}

/// A page of the log.
#[derive(Debug)]
pub struct LogPage {
    /// The lines, newest first.
    pub lines: Vec<LogLine>,
    /// Where to go on, if there is more.
    pub next: Option<i64>,
    /// Where the resident's whole log ends, whatever the filter.
    pub head: Position,
    /// The language of the sentences.
    pub language: Language,
}

/// Everything a resident needs to verify their own log without us.
#[derive(Debug)]
pub struct LogExport {
    /// All entries, oldest first.
    pub entries: Vec<ExportedEntry>,
    /// What the first of them follows.
    pub begins_after: Position,
    /// Where the log ends, signed.
    pub statement: SignedStatement,
    /// The newest checkpoint.
    pub checkpoint: Option<SignedCheckpoint>,
}

impl App {
    /// A page of the caller's own log.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`]; [`Refusal::Overloaded`] while the log cannot be linked.
    pub async fn own_access_log(
        &self,
        call: &Call,
        filter: Filter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<LogPage, Refusal> {
        let asked = call.language;
        // What happened a moment ago is in the list, and the head is that of the list.
        self.store().access_log().settle().await?;
        self.in_own_or_anothers_place(call, move |tx, caller| {
            let language = language_of(tx, caller, asked)?;
            let (mut entries, head) = store::own(tx, caller, &filter, before, i64::from(limit) + 1)?;
            let next = cut(&mut entries, limit).map(|e| e.number);
            let lines = entries.into_iter().map(|e| line(language, e)).collect();
            Ok(LogPage { lines, next, head, language })
        })
        .await
    }

    /// The newest thousand entries of the caller's own log with a number below `before`, as PDF in their language.
    ///
    /// # Errors
    /// As [`App::own_access_log`].
    pub async fn print_access_log(&self, call: &Call, before: Option<i64>) -> Result<Private<Vec<u8>>, Refusal> {
        let asked = call.language;
        self.store().access_log().settle().await?;
        let (lines, has_older, language, statement, checkpoint) = self
            .as_resident(call, move |tx, caller| {
                let language = language_of(tx, caller, asked)?;
                let all = Filter::default();
                let (mut entries, _) = store::own(tx, caller, &all, before, i64::from(PAPER) + 1)?;
                let has_older = cut(&mut entries, PAPER).is_some();
                // What strangers said of themselves may be in letters that the paper does not have.
                let unnamed = |e: Entry| Entry { says: None, ..e };
                let lines: Vec<LogLine> = entries.into_iter().map(|e| line(language, unnamed(e))).collect();
                let signed = (store::statement(tx, caller)?, store::newest_checkpoint(tx)?);
                Ok((lines, has_older, language, signed.0, signed.1))
            })
            .await?;
        let now = call.moment.now;
        let proof = LogProof {
            count: statement.statement.own.count,
            head: hex(&statement.statement.own.hash),
            key: hex(self.log_key().as_bytes()),
            statement: (statement.statement.text(), hex(&statement.signature)),
            checkpoint: checkpoint.map(|signed| (signed.checkpoint.text(), hex(&signed.signature))),
        };
        let paper = AccessLogPaper {
            language,
            app_name: self.settings().app_name.clone(),
            as_of: calendar::local(now),
            rows: lines.into_iter().map(|line| row(language, line)).collect(),
            has_older,
            proof,
        };
        printed("access log", move || access_log(&paper, now)).await
    }

    /// The caller's whole log with its chain and a signed statement.
    ///
    /// # Errors
    /// As [`App::own_access_log`].
    pub async fn export_access_log(&self, call: &Call) -> Result<LogExport, Refusal> {
        self.store().access_log().settle().await?;
        self.as_resident(call, |tx, caller| {
            let mut entries: Vec<ExportedEntry> = Vec::new();
            loop {
                let after = entries.last().map_or(0, |e| e.number);
                let page = store::entries_of(tx, caller, after, EXPORT_PAGE)?;
                let last = i64::try_from(page.len()).is_ok_and(|n| n < EXPORT_PAGE);
                entries.extend(page);
                if last {
                    break;
                }
            }
            let statement = store::statement(tx, caller)?;
            let (begins_after, checkpoint) = (store::own_anchor(tx, caller)?, store::newest_checkpoint(tx)?);
            Ok(LogExport { entries, begins_after, statement, checkpoint })
        })
        .await
    }
}

pub(crate) fn row(language: Language, line: LogLine) -> LogRow {
    let LogLine { entry, sentence, .. } = line;
    // Why a look into the log was allowed stands in its sentence.
    let in_sentence = |basis: &Basis| matches!(basis, Basis::ResidentAsked | Basis::SuspectedMisuse | Basis::Authority);
    let basis = entry.basis.filter(|basis| !in_sentence(basis));
    LogRow {
        number: entry.number,
        at: calendar::local(entry.at),
        sentence: Private::new(sentence),
        basis: basis.filter(|_| entry.outcome == LogOutcome::Done).map(|basis| basis_sentence(language, basis)),
        finding: entry.finding.map(|id| id.to_string()),
        person: entry.actor,
    }
}

pub(crate) fn line(language: Language, entry: Entry) -> LogLine {
    let actor = match entry.who {
        Who::You => ActorKind::You,
        Who::PracticeStaff | Who::DistrictStaff => ActorKind::Staff,
        Who::Operator => ActorKind::Operator,
        Who::PracticeSoftware => ActorKind::Software,
        Who::LinkHolder => ActorKind::Holder,
        Who::System => ActorKind::System,
        Who::Representative => ActorKind::Representative,
        Who::SomeoneElse if entry.basis == Some(Basis::Representation) => ActorKind::Representative,
        Who::SomeoneElse => ActorKind::Stranger,
    };
    let named = entry.organisation.as_ref().and_then(|(_, name)| name.as_deref());
    let organisation = named.or_else(|| entry.says.as_ref().map(|says| says.reveal().as_str()));
    let words = AccessLine { actor, organisation, action: entry.action, outcome: entry.outcome, basis: entry.basis };
    let sentence = access_sentence(language, &words);
    LogLine { entry, actor: actor.as_str(), sentence }
}
