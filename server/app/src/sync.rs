//! Room sync: what an app that keeps things has to be told.

use nahraum_domain::disclosure::{Disclosed, FindingRecord};
use nahraum_store::{actions, sessions, sync as store};
use nahraum_texts::Language;

pub use nahraum_store::sync::{Change, Item, Page, Position, Said};

use crate::{App, Call, Refusal, accounts::language_of, refusal::Failure};

/// Something that is handed out, with findings as whoever asks may see them.
pub type Shown = Item<Disclosed<FindingRecord>>;

impl App {
    /// What changed for the caller since a position, or everything that there is; and the language to label it in. None when the position
    /// is too old, or not theirs.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn sync(
        &self,
        call: &Call,
        since: Option<Position>,
        limit: u32,
    ) -> Result<Option<(Page<Shown>, Language)>, Refusal> {
        self.note_changes(call).await?;
        let asked = call.language;
        let (page, language) = self
            .read_by_rules(call, move |tx, caller| {
                let scope = tx.scope::<actions::ListFindings>(caller)?;
                let language = language_of(tx, caller, asked)?;
                Ok(store::page(tx, caller, &scope, since, limit)?.beside(language))
            })
            .await?;
        let Some(page) = page else { return Ok(None) };
        if page.changes.iter().any(Change::shows_finding) {
            self.count_answer();
        }
        Ok(Some((page.map(|item| item.map(|record| call.disclose(record))), language)))
    }

    /// Notes down what has changed for the caller. Mostly nothing has, and nothing is written.
    async fn note_changes(&self, call: &Call) -> Result<(), Refusal> {
        let is_current = self
            .read(call, |tx, caller| {
                let scope = tx.scope::<actions::ListFindings>(caller)?;
                Ok(store::is_current(tx, caller, &scope)?)
            })
            .await?;
        if is_current {
            return Ok(());
        }
        // Not as something that the caller does: who looks in somebody's place has changed nothing there.
        let shown = self.presented(call)?;
        let noted: Result<(), Failure> = self
            .store()
            .write(call.moment, move |tx| {
                let caller = sessions::authenticate(tx, &shown)?;
                let scope = tx.scope::<actions::ListFindings>(&caller)?;
                Ok(store::catch_up(tx, &caller, &scope)?)
            })
            .await;
        self.settle(noted).await
    }
}
