//! Room recovery: the sheet for the day on which every phone is gone, and its slow use (SR-B07).

use jiff::civil::Date;
use nahraum_domain::{calendar, private::Private};
use nahraum_print::{RecoverySheet, recovery_sheet};
use nahraum_secrets::{OneTimeCode, OneTimeKind, PinFacts};
use nahraum_store::recovery as store;

pub use nahraum_store::recovery::{Progress, Recovery};

use crate::{App, Call, Refusal, accounts::language_of, device_links::NewPhone, paper::printed, refusal::Failure};

/// A new sheet, for the only time it is seen.
#[derive(Debug)]
pub struct MadeSheet {
    /// What the QR code says.
    pub qr_payload: Private<String>,
    /// The sheet to print, as PDF.
    pub pdf: Private<Vec<u8>>,
}

impl App {
    /// Makes a recovery sheet; an earlier one is void. The sign-in must be fresh (SR-A08).
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::StepUpRequired`].
    pub async fn make_recovery_sheet(&self, call: &Call) -> Result<MadeSheet, Refusal> {
        let code = OneTimeCode::generate(self.random(), OneTimeKind::Recovery);
        let (hash, asked) = (code.hash(), call.language);
        let language = self
            .write_fresh(call, move |tx, caller| {
                caller.resident().ok_or(Refusal::Forbidden)?;
                store::make_sheet(tx, caller, &hash)?;
                language_of(tx, caller, asked)
            })
            .await?;
        let now = call.moment.now;
        let qr_payload = self.one_time_link(&code);
        let sheet = RecoverySheet {
            language,
            app_name: self.settings().app_name.clone(),
            qr_payload: qr_payload.clone(),
            made_on: calendar::day(now),
        };
        let pdf = printed("recovery sheet", move || recovery_sheet(&sheet, now)).await?;
        Ok(MadeSheet { qr_payload, pdf })
    }

    /// Starts a recovery on a new phone, with code and birth date. It counts a day later, unless an earlier phone stops it.
    ///
    /// # Errors
    /// [`Refusal::CodeFailed`] for everything about code and birth date; [`Refusal::Invalid`] for what the resident chooses.
    pub async fn start_recovery(&self, call: &Call, phone: NewPhone, born: Private<Date>) -> Result<Progress, Refusal> {
        let facts = PinFacts { birth_date: Some(*born.reveal()), code: None };
        let (code, new) = self.newcomer(call, phone, OneTimeKind::Recovery, &facts).await?;
        let (hash, born) = (code.hash(), *born.reveal());
        let started: Result<_, Failure> =
            self.store().write(call.moment, move |tx| Ok(store::start(tx, &hash, born, &new)?)).await;
        self.settle(started).await?.ok_or_else(|| self.bad_code(call))
    }

    /// The new phone asks for the account.
    ///
    /// # Errors
    /// [`Refusal::CodeFailed`] when it does not get it, and will not.
    pub async fn complete_recovery(
        &self,
        call: &Call,
        code: &Private<String>,
        secret: Option<&Private<String>>,
    ) -> Result<Progress, Refusal> {
        let (hash, holder) = self.shown_again(call, code, secret, OneTimeKind::Recovery)?;
        let done: Result<_, Failure> =
            self.store().write(call.moment, move |tx| Ok(store::complete(tx, &hash, &holder)?)).await;
        self.settle(done).await?.ok_or_else(|| self.bad_code(call))
    }

    /// The recovery that runs for the caller's account.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn recovery(&self, call: &Call) -> Result<Option<Recovery>, Refusal> {
        self.as_resident(call, |tx, caller| Ok(store::own(tx, caller)?)).await
    }

    /// Stops it, if one runs.
    ///
    /// # Errors
    /// As [`App::recovery`].
    pub async fn cancel_recovery(&self, call: &Call) -> Result<(), Refusal> {
        self.as_resident_writing(call, |tx, caller| Ok(store::cancel(tx, caller).map(drop)?)).await
    }
}
