//! Room audit: the resident's own access log, in sentences.

use nahraum_domain::ids::AccessLogId;
use nahraum_store::audit::{self as store, Entry, Who};
use nahraum_texts::{AccessLine, ActorKind, Language, access_sentence};

use crate::{App, Call, Refusal, accounts::language_of, pages::cut};

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
    pub next: Option<AccessLogId>,
    /// The language of the sentences.
    pub language: Language,
}

impl App {
    /// A page of the caller's own log.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn own_access_log(
        &self,
        call: &Call,
        before: Option<AccessLogId>,
        limit: u32,
    ) -> Result<LogPage, Refusal> {
        let asked = call.language;
        self.as_resident(call, move |tx, caller| {
            let language = language_of(tx, caller, asked)?;
            let mut entries = store::own(tx, caller, before, i64::from(limit) + 1)?;
            let next = cut(&mut entries, limit).map(|e| e.id);
            Ok(LogPage { lines: entries.into_iter().map(|e| line(language, e)).collect(), next, language })
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
    let words =
        AccessLine { actor, organisation: entry.organisation.as_deref(), action: entry.action, outcome: entry.outcome };
    let sentence = access_sentence(language, &words);
    LogLine { entry, actor: actor.as_str(), sentence }
}
