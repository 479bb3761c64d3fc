//! Room questions: what residents want to ask at their next visit. Nobody else is told.

use nahraum_domain::{
    ids::{FindingId, QuestionId},
    private::Private,
};
use nahraum_store::questions as store;

pub use nahraum_store::questions::Question;

use crate::{App, Call, Refusal, refusal::words};

/// How long a question is, in characters.
const SAID: std::ops::RangeInclusive<usize> = 1..=500;

impl App {
    /// The caller's questions, the newest first.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn questions(&self, call: &Call) -> Result<Vec<Question>, Refusal> {
        self.as_resident(call, |tx, caller| Ok(store::own(tx, caller)?)).await
    }

    /// The caller writes a question down. Which finding it is about is a note to themself, and not looked up.
    ///
    /// # Errors
    /// As [`App::questions`]; [`Refusal::Invalid`], [`Refusal::StateConflict`] when a hundred are kept.
    pub async fn write_question(
        &self,
        call: &Call,
        said: Private<String>,
        finding: Option<FindingId>,
    ) -> Result<Question, Refusal> {
        let said = words("/said", &said, SAID, "1 to 500 characters.")?;
        self.as_resident_writing(call, move |tx, caller| {
            store::write(tx, caller, &said, finding)?.ok_or_else(|| Refusal::StateConflict.into())
        })
        .await
    }

    /// The caller ticks a question off, or opens it again.
    ///
    /// # Errors
    /// As [`App::questions`], [`Refusal::NotFound`].
    pub async fn tick_question(&self, call: &Call, id: QuestionId, answered: bool) -> Result<(), Refusal> {
        self.as_resident_writing(call, move |tx, caller| {
            if store::tick(tx, caller, id, answered)? { Ok(()) } else { Err(Refusal::NotFound.into()) }
        })
        .await
    }

    /// The caller throws a question away.
    ///
    /// # Errors
    /// As [`App::tick_question`].
    pub async fn throw_question_away(&self, call: &Call, id: QuestionId) -> Result<(), Refusal> {
        self.as_resident_writing(call, move |tx, caller| {
            if store::throw_away(tx, caller, id)? { Ok(()) } else { Err(Refusal::NotFound.into()) }
        })
        .await
    }
}
