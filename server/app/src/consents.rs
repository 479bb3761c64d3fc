//! Room consents: the texts, what residents answer, and what they are asked again.

pub(crate) mod checks;
pub(crate) mod texts;

use jiff::Timestamp;
use nahraum_domain::ids::ConsentId;
use nahraum_store::consents as store;
use nahraum_texts::{ConsentText, Language};

pub use self::{
    checks::EvidenceRequest,
    texts::{Agreement, Agreements, Count, NewText, NewVersion, Publication, Text},
};
pub use nahraum_store::consents::{AgreedText, Consent, Detail, Evidence};

use crate::{App, Call, Refusal, accounts::language_of};

/// What a client says it has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownText {
    /// The purpose.
    pub purpose: String,
    /// Its version.
    pub version: u32,
    /// The language it was read in, as a tag.
    pub language: String,
    /// Its hash.
    pub sha256: String,
}

impl From<&ConsentText> for ShownText {
    fn from(text: &ConsentText) -> Self {
        Self {
            purpose: text.purpose.clone(),
            version: text.version,
            language: text.language.tag().to_owned(),
            sha256: text.sha256.clone(),
        }
    }
}

/// What somebody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Yes.
    Granted,
    /// No.
    Refused,
}

impl Decision {
    /// A stable word for it, in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Refused => "refused",
        }
    }

    /// The decision with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Granted, Self::Refused].into_iter().find(|decision| decision.as_str() == word)
    }
}

/// A question that waits.
#[derive(Debug)]
pub struct Question {
    /// The text to answer: the newest one.
    pub text: Text,
    /// What is different in each version since the one that was agreed to, oldest first.
    pub changes: Vec<String>,
    /// Until when the old yes counts without an answer, and not with.
    pub old_counts_until: Timestamp,
}

impl App {
    /// The caller's decisions, newest first.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn consents(&self, call: &Call) -> Result<Vec<Consent>, Refusal> {
        self.in_own_or_anothers_place(call, |tx, caller| Ok(store::own(tx, caller)?)).await
    }

    /// The caller answers: agrees to exactly the text that was shown, or refuses it. A refusal takes nothing away: an older yes
    /// counts to its day.
    ///
    /// # Errors
    /// As [`App::consents`]; [`Refusal::ConsentTextUnknown`] for another text than the newest; [`Refusal::Invalid`] for what
    /// comes along; [`Refusal::StateConflict`] for refusing what the caller agrees to, which is taken back instead.
    pub async fn answer_consent(
        &self,
        call: &Call,
        shown: ShownText,
        decision: Decision,
        evidence: Option<EvidenceRequest>,
    ) -> Result<Consent, Refusal> {
        let key = self.proven(call)?;
        self.in_own_or_anothers_place_writing(call, move |tx, caller| {
            let text = texts::agreed(tx, &shown)?;
            let evidence = evidence.as_ref().map(|request| checks::evidence(tx, request, &text, decision, key));
            let evidence = evidence.transpose()?;
            match decision {
                Decision::Granted => Ok(store::grant(tx, caller, &text, evidence.as_ref())?),
                Decision::Refused => {
                    Ok(store::refuse(tx, caller, &text, evidence.as_ref())?.ok_or(Refusal::StateConflict)?)
                }
            }
        })
        .await
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

    /// What the caller is asked, in their language, by purpose.
    ///
    /// # Errors
    /// As [`App::consents`].
    pub async fn consent_questions(&self, call: &Call) -> Result<(Vec<Question>, Language), Refusal> {
        let asked = call.language;
        self.as_resident(call, move |tx, caller| {
            let language = language_of(tx, caller, asked)?;
            let mut questions = Vec::new();
            for asked in store::asked(tx, caller)? {
                let newest = texts::newest(tx, &asked.purpose)?.ok_or(Refusal::Internal)?;
                let agreed = u32::try_from(asked.agreed).map_err(|_| Refusal::Internal)?;
                let mut changes = Vec::new();
                for version in agreed.saturating_add(1)..=newest {
                    let text = texts::find(tx, &asked.purpose, version, language)?;
                    changes.extend(text.and_then(|text| text.change));
                }
                let text = texts::find(tx, &asked.purpose, newest, language)?.ok_or(Refusal::Internal)?;
                questions.push(Question { text, changes, old_counts_until: asked.old_counts_until });
            }
            Ok((questions, language))
        })
        .await
    }
}
