//! What comes along with a decision, checked: words of people, and the signature of their phone.

use nahraum_domain::{consent::evidence::Place, ids::OrganisationId, private::Private};
use nahraum_secrets::{KeyThumbprint, SignedDecision, verify_decision};
use nahraum_store::{
    Tx,
    consents::{AgreedText, Evidence},
    shares,
};

use super::Decision;
use crate::{Refusal, refusal::Failure};

/// How a decision came about, as it comes in.
#[derive(Debug, Clone, Default)]
pub struct EvidenceRequest {
    /// Where it was made, as a word.
    pub place: Option<String>,
    /// The organisation that explained it.
    pub explained_by: Option<OrganisationId>,
    /// Who explained it there, in words.
    pub explained_role: Option<Private<String>>,
    /// The language it was explained in.
    pub explained_in: Option<String>,
    /// How it was explained, in words.
    pub how: Option<Private<String>>,
    /// What the phone's key signed.
    pub signature: Option<Private<String>>,
}

/// Whether a text has 1 to so many characters and no line break.
pub(super) fn is_line(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// Checks what comes along with a decision about a text. `key` is the one that this request has proven.
pub(crate) fn evidence(
    tx: &mut Tx<'_>,
    request: &EvidenceRequest,
    text: &AgreedText,
    decision: Decision,
    key: Option<KeyThumbprint>,
) -> Result<Evidence, Failure> {
    let place = request.place.as_deref().map(|word| {
        let detail = "phone, practice, kiosk or paper.";
        Place::parse(word).ok_or_else(|| Refusal::invalid("/evidence/place", "unknown-word", detail))
    });
    if let Some(organisation) = request.explained_by {
        shares::recipient(tx, organisation, None, None)?.filter(|(found, _)| found.kind.is_shared_with()).ok_or_else(
            || {
                let detail = "No organisation of the directory has this id.";
                Refusal::invalid("/evidence/explained_by", "unknown-organisation", detail)
            },
        )?;
    }
    let tag = |tag: &String| {
        let plain = (2..=35).contains(&tag.len()) && tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let detail = "A language as a BCP 47 tag.";
        if plain { Ok(tag.clone()) } else { Err(Refusal::invalid("/evidence/explained_in", "invalid-tag", detail)) }
    };
    let signature = request.signature.as_ref().map(|jws| signed(tx, jws, text, decision, key));
    Ok(Evidence {
        place: place.transpose()?,
        explained_by: request.explained_by,
        explained_role: words("/evidence/explained_role", 80, request.explained_role.as_ref())?,
        explained_in: request.explained_in.as_ref().map(tag).transpose()?,
        how: words("/evidence/how", 500, request.how.as_ref())?,
        signature: signature.transpose()?,
    })
}

fn words(
    pointer: &'static str,
    most: usize,
    words: Option<&Private<String>>,
) -> Result<Option<Private<String>>, Refusal> {
    let Some(words) = words else { return Ok(None) };
    let trimmed = words.clone().map(|text| text.trim().to_owned());
    let detail = "A role of 1 to 80 characters, a way of 1 to 500; no line breaks.";
    if is_line(trimmed.reveal(), most) {
        Ok(Some(trimmed))
    } else {
        Err(Refusal::invalid(pointer, "invalid-length", detail))
    }
}

/// The signature of the phone from which the request comes, over just this decision.
fn signed(
    tx: &Tx<'_>,
    jws: &Private<String>,
    text: &AgreedText,
    decision: Decision,
    key: Option<KeyThumbprint>,
) -> Result<Private<String>, Refusal> {
    let refused = || {
        let detail = "A JWS by the key that this request proves, over purpose, version, sha256, decision and iat.";
        Refusal::invalid("/evidence/signature", "signature-refused", detail)
    };
    let version = u32::try_from(text.version).map_err(|_| Refusal::Internal)?;
    let decision =
        SignedDecision { purpose: &text.purpose, version, sha256: &text.sha256, decision: decision.as_str() };
    verify_decision(jws.reveal(), key.ok_or_else(refused)?, &decision, tx.now()).map_err(|_| refused())?;
    Ok(jws.clone())
}
