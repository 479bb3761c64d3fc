//! Room audit: the resident's own access log, in sentences, and what they take away to verify it elsewhere.

use nahraum_domain::audit::chain::Position;
use nahraum_store::audit::{self as store, Entry, Who};
use nahraum_texts::{AccessLine, ActorKind, Language, access_sentence};

pub use nahraum_store::audit::{ExportedEntry, Filter, SignedCheckpoint, SignedStatement};

use crate::{App, Call, Refusal, accounts::language_of, pages::cut};

/// How many entries are read at once for an export.
const EXPORT_PAGE: i64 = 1_000;

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
        self.as_resident(call, move |tx, caller| {
            let language = language_of(tx, caller, asked)?;
            let (mut entries, head) = store::own(tx, caller, &filter, before, i64::from(limit) + 1)?;
            let next = cut(&mut entries, limit).map(|e| e.number);
            let lines = entries.into_iter().map(|e| line(language, e)).collect();
            Ok(LogPage { lines, next, head, language })
        })
        .await
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

fn line(language: Language, entry: Entry) -> LogLine {
    let actor = match entry.who {
        Who::You => ActorKind::You,
        Who::PracticeStaff | Who::DistrictStaff | Who::Operator => ActorKind::Staff,
        Who::PracticeSoftware => ActorKind::Software,
        Who::System => ActorKind::System,
        Who::SomeoneElse => ActorKind::Stranger,
    };
    let organisation = entry.organisation.as_ref().and_then(|(_, name)| name.as_deref());
    let words = AccessLine { actor, organisation, action: entry.action, outcome: entry.outcome };
    let sentence = access_sentence(language, &words);
    LogLine { entry, actor: actor.as_str(), sentence }
}
