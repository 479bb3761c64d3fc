//! Room corrections: residents say what is wrong with a finding, and the practice that sent it answers (GDPR, Art. 16).

use nahraum_domain::{
    corrections::Answer,
    ids::{CorrectionId, FindingId},
    private::Private,
};
use nahraum_store::{actions, corrections as store};

pub use nahraum_store::corrections::{Correction, OfPatient};

use crate::{App, Call, Refusal, pages::cut, refusal::words};

/// How long words about a finding are, in characters.
const SAID: std::ops::RangeInclusive<usize> = 3..=2000;

/// How many requests a resident is shown.
const SHOWN: i64 = 100;

/// A page of requests, and where to go on.
pub type CorrectionPage = (Vec<OfPatient>, Option<CorrectionId>);

impl App {
    /// The caller says what is wrong with a finding of theirs.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`]; [`Refusal::StateConflict`] when it was said
    /// already and is not answered, or the finding was taken back or replaced; [`Refusal::Invalid`].
    pub async fn ask_correction(
        &self,
        call: &Call,
        finding: FindingId,
        said: Private<String>,
    ) -> Result<Correction, Refusal> {
        let said = checked("/said", &said)?;
        self.write(call, move |tx, caller| {
            let permit = tx.permit::<actions::AskCorrection>(caller, finding)?;
            Ok(store::ask(tx, &permit, &said)?.ok_or(Refusal::StateConflict)?)
        })
        .await
    }

    /// What the caller has asked for, newest first.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn corrections(&self, call: &Call) -> Result<Vec<Correction>, Refusal> {
        self.as_resident(call, |tx, caller| Ok(store::own(tx, caller, SHOWN)?)).await
    }

    /// The caller does not ask any more.
    ///
    /// # Errors
    /// As [`App::corrections`], [`Refusal::NotFound`], and [`Refusal::StateConflict`] when it is answered already.
    pub async fn end_correction(&self, call: &Call, id: CorrectionId) -> Result<(), Refusal> {
        self.as_resident_writing(call, move |tx, caller| {
            let stood = store::take_back(tx, caller, id)?.ok_or(Refusal::NotFound)?;
            if stood.is_open() { Ok(()) } else { Err(Refusal::StateConflict.into()) }
        })
        .await
    }

    /// What residents ask the caller's practice to correct. Each sees in the log that it was read.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn practice_corrections(
        &self,
        call: &Call,
        settled: bool,
        before: Option<CorrectionId>,
        limit: u32,
    ) -> Result<CorrectionPage, Refusal> {
        let sealed = self
            .read(call, move |tx, caller| {
                let scope = tx.scope::<actions::ReadCorrections>(caller)?;
                Ok(store::of_practice(tx, &scope, settled, before, i64::from(limit) + 1)?)
            })
            .await?;
        let mut items = sealed.unseal(self.store().access_log()).await?;
        let next = cut(&mut items, limit).map(|(correction, _)| correction.id);
        Ok((items, next))
    }

    /// The caller's practice answers. The resident is told that something is new.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`]; [`Refusal::StateConflict`] when it is settled, or
    /// more time was taken before; [`Refusal::Invalid`] when a reason is missing.
    pub async fn answer_correction(
        &self,
        call: &Call,
        id: CorrectionId,
        answer: Answer,
        reason: Option<Private<String>>,
    ) -> Result<Correction, Refusal> {
        let reason = reason.map(|reason| checked("/reason", &reason)).transpose()?;
        if reason.is_none() && answer.needs_reason() {
            let detail = "Whoever declines, or needs more time, says why.";
            return Err(Refusal::invalid("/reason", "missing-field", detail));
        }
        self.write(call, move |tx, caller| {
            tx.scope::<actions::AnswerCorrection>(caller)?;
            let finding = store::finding_of(tx, id)?.ok_or(Refusal::NotFound)?;
            let permit = tx.permit::<actions::AnswerCorrection>(caller, finding)?;
            Ok(store::answer(tx, permit, id, answer, reason.as_ref())?.ok_or(Refusal::StateConflict)?)
        })
        .await
    }
}

fn checked(pointer: &'static str, said: &Private<String>) -> Result<Private<String>, Refusal> {
    words(pointer, said, SAID, "3 to 2000 characters, in your own words.")
}
