//! What is kept, sealed, about how a decision came about: the text that was shown, who explained it, what was signed.

use nahraum_domain::{
    consent::evidence,
    ids::{ConsentEventId, OrganisationId, ResidentId},
    private::Private,
};
use nahraum_secrets::sha256;
use serde::{Deserialize, Serialize};

use super::AgreedText;
use crate::{
    access::Tx,
    error::StoreError,
    vault::{Place, Subject},
};

const DETAIL: &str = "consent_events.detail_sealed";

/// How a decision came about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Where it was made.
    pub place: Option<evidence::Place>,
    /// The organisation that explained it.
    pub explained_by: Option<OrganisationId>,
    /// Who explained it there, in words.
    pub explained_role: Option<Private<String>>,
    /// The language it was explained in, as a tag.
    pub explained_in: Option<String>,
    /// How it was explained, in words.
    pub how: Option<Private<String>>,
    /// What the key of the resident's phone signed: a compact JWS.
    pub signature: Option<Private<String>>,
}

impl Evidence {
    /// Its six members in their order, by name.
    #[must_use]
    pub fn members(&self) -> [(&'static str, Option<Private<String>>); 6] {
        [
            ("place", self.place.map(|place| Private::new(place.as_str().to_owned()))),
            ("explained_by", self.explained_by.map(|id| Private::new(id.to_string()))),
            ("explained_role", self.explained_role.clone()),
            ("explained_in", self.explained_in.clone().map(Private::new)),
            ("how", self.how.clone()),
            ("signature", self.signature.clone()),
        ]
    }

    /// SHA-256 over its members, one a line, an empty line for what is not there; the lines are joined by line feeds, in UTF-8.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let lines = self.members().map(|(_, words)| words.map_or_else(String::new, Private::into_revealed));
        sha256(lines.join("\n").as_bytes())
    }
}

/// What is kept about one step of a decision.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detail {
    /// The text that was shown, where the decision is not about the text itself.
    pub text: Option<AgreedText>,
    /// How it came about.
    pub evidence: Option<Evidence>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<KeptText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<KeptEvidence>,
}

#[derive(Serialize, Deserialize)]
struct KeptText {
    purpose: String,
    version: i32,
    language: String,
    sha256: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct KeptEvidence {
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explained_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explained_role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explained_in: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    how: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
}

impl Detail {
    /// Only how it came about, if that was told.
    pub(super) fn of(evidence: Option<&Evidence>) -> Option<Self> {
        evidence.map(|evidence| Self { text: None, evidence: Some(evidence.clone()) })
    }

    /// Seals it for the step it belongs to.
    pub(crate) fn seal(&self, tx: &Tx<'_>, whose: ResidentId, step: ConsentEventId) -> Result<Vec<u8>, StoreError> {
        let words = |words: &Option<Private<String>>| words.as_ref().map(|words| words.reveal().clone());
        let kept = Kept {
            text: self.text.as_ref().map(|text| KeptText {
                purpose: text.purpose.clone(),
                version: text.version,
                language: text.language.clone(),
                sha256: text.sha256.clone(),
            }),
            evidence: self.evidence.as_ref().map(|evidence| KeptEvidence {
                place: evidence.place.map(|place| place.as_str().to_owned()),
                explained_by: evidence.explained_by.map(|id| id.to_string()),
                explained_role: words(&evidence.explained_role),
                explained_in: evidence.explained_in.clone(),
                how: words(&evidence.how),
                signature: words(&evidence.signature),
            }),
        };
        let json = serde_json::to_vec(&kept).map_err(|_| StoreError::Corrupt(DETAIL))?;
        tx.vault().seal(Subject::Resident(whose), Place { column: DETAIL, row: step.as_bytes() }, &json)
    }

    /// Opens it.
    pub(crate) fn open(
        tx: &Tx<'_>,
        whose: ResidentId,
        step: ConsentEventId,
        sealed: Vec<u8>,
    ) -> Result<Self, StoreError> {
        let place = Place { column: DETAIL, row: step.as_bytes() };
        let json = tx.vault().open(Subject::Resident(whose), place, sealed)?;
        let kept: Kept = serde_json::from_slice(&json).map_err(|_| StoreError::Corrupt(DETAIL))?;
        Ok(Self {
            text: kept.text.map(|text| {
                let KeptText { purpose, version, language, sha256 } = text;
                AgreedText { purpose, version, language, sha256 }
            }),
            evidence: kept.evidence.map(KeptEvidence::read).transpose()?,
        })
    }
}

impl KeptEvidence {
    fn read(self) -> Result<Evidence, StoreError> {
        let place = self.place.map(|word| evidence::Place::parse(&word).ok_or(StoreError::Corrupt(DETAIL)));
        let explained_by = self.explained_by.map(|id| id.parse().map_err(|_| StoreError::Corrupt(DETAIL)));
        Ok(Evidence {
            place: place.transpose()?,
            explained_by: explained_by.transpose()?,
            explained_role: self.explained_role.map(Private::new),
            explained_in: self.explained_in,
            how: self.how.map(Private::new),
            signature: self.signature.map(Private::new),
        })
    }
}
