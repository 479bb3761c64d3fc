//! Room consents: the published texts, and the resident's decisions.

use nahraum_domain::ids::ConsentId;
use nahraum_store::consents as store;

pub use nahraum_store::consents::{AgreedText, Consent};
use nahraum_texts::{ConsentText, Language, consent_text};

use crate::{App, Call, Refusal};

/// A published text.
///
/// # Errors
/// [`Refusal::NotFound`] when there is no text for this purpose.
pub fn published(purpose: &str, language: Language) -> Result<&'static ConsentText, Refusal> {
    consent_text(purpose, language).ok_or(Refusal::NotFound)
}

/// What a client says it has shown, checked against what is published: one cannot agree to a text that does not exist.
///
/// # Errors
/// [`Refusal::ConsentTextUnknown`].
pub fn agreed(purpose: &str, version: u32, language: &str, sha256: &str) -> Result<AgreedText, Refusal> {
    let text = Language::parse(language)
        .and_then(|language| consent_text(purpose, language))
        .filter(|text| text.version == version && text.sha256 == sha256)
        .ok_or(Refusal::ConsentTextUnknown)?;
    Ok(AgreedText {
        purpose: text.purpose.clone(),
        version: i32::try_from(text.version).map_err(|_| Refusal::Internal)?,
        language: text.language.tag().to_owned(),
        sha256: text.sha256.clone(),
    })
}

impl App {
    /// The caller's decisions, newest first.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn consents(&self, call: &Call) -> Result<Vec<Consent>, Refusal> {
        self.in_own_or_anothers_place(call, |tx, caller| Ok(store::own(tx, caller)?)).await
    }

    /// The caller agrees.
    ///
    /// # Errors
    /// As [`App::consents`].
    pub async fn grant_consent(&self, call: &Call, text: AgreedText) -> Result<Consent, Refusal> {
        self.in_own_or_anothers_place_writing(call, move |tx, caller| Ok(store::grant(tx, caller, &text)?)).await
    }

    /// The caller takes a decision back. It holds for the next upload.
    ///
    /// # Errors
    /// As [`App::consents`], and [`Refusal::NotFound`].
    pub async fn withdraw_consent(&self, call: &Call, id: ConsentId) -> Result<(), Refusal> {
        self.in_own_or_anothers_place_writing(call, move |tx, caller| {
            if store::withdraw(tx, caller, id)? { Ok(()) } else { Err(Refusal::NotFound.into()) }
        })
        .await
    }
}
