//! The claims of a receipt: what a resident has decided, as the installation signs it for them. `docs/consent.md` says what
//! each member means.

use jiff::Timestamp;
use nahraum_domain::{
    audit::statement::hex,
    consent::event::{EventKind, Standing},
};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::{consent::Decided, export::put};

/// A decision to confirm.
#[derive(Debug, Clone, Copy)]
pub struct ReceiptExport<'a> {
    /// The id of the decision.
    pub id: [u8; 16],
    /// The id of the resident.
    pub resident: [u8; 16],
    /// The address of the installation.
    pub issuer: &'a str,
    /// When it is confirmed.
    pub at: Timestamp,
    /// Where the decision stands.
    pub standing: Standing,
    /// What was decided.
    pub decided: Decided<'a>,
    /// Its steps, in the order in which they were written down.
    pub steps: &'a [ReceiptStep],
}

/// A step with who took it.
#[derive(Debug, Clone)]
pub struct ReceiptStep {
    /// What happened.
    pub kind: EventKind,
    /// From when it counts.
    pub at: Timestamp,
    /// When it was written down.
    pub recorded_at: Timestamp,
    /// The kind of actor.
    pub actor: String,
    /// Who; nobody when it was the server itself.
    pub actor_id: Option<[u8; 16]>,
    /// For which organisation.
    pub organisation: Option<[u8; 16]>,
    /// SHA-256 of the text that was shown for it, where the decision is not about the text itself.
    pub text_sha256: Option<String>,
    /// SHA-256 of the evidence that is kept about it.
    pub evidence: Option<[u8; 32]>,
}

/// The claims as JSON. The same input gives the same bytes.
#[must_use]
pub fn receipt_claims(receipt: &ReceiptExport<'_>) -> Vec<u8> {
    let mut claims = json!({
        "iss": receipt.issuer,
        "sub": uuid(&receipt.resident),
        "jti": uuid(&receipt.id),
        "iat": receipt.at.as_second(),
        "state": receipt.standing.as_str(),
        "steps": receipt.steps.iter().map(step).collect::<Vec<_>>(),
    });
    match receipt.decided {
        Decided::Text(text) => {
            put(&mut claims, "purpose", Some(text.purpose));
            let text = json!({"version": text.version, "lang": text.language, "sha256": text.sha256});
            put(&mut claims, "text", Some(text));
        }
        Decided::Rule(rule, _) => {
            let (kind, id) = rule.recipient.parts();
            let mut recipient = json!({"kind": kind});
            put(&mut recipient, "id", id.map(uuid));
            put(&mut claims, "purpose", Some(rule.purpose.as_str()));
            put(&mut claims, "effect", Some(rule.effect.as_str()));
            put(&mut claims, "recipient", Some(recipient));
            let rights = json!({"download": rule.rights.download, "pass_on": rule.rights.pass_on});
            put(&mut claims, "rights", Some(rights));
            put(&mut claims, "data", Some(data(&rule.data)));
            put(&mut claims, "from", Some(rule.period.from.to_string()));
            put(&mut claims, "until", rule.period.until.map(|until| until.to_string()));
            put(&mut claims, "ended_at", rule.ended_at.map(|ended| ended.to_string()));
        }
    }
    claims.to_string().into_bytes()
}

fn step(step: &ReceiptStep) -> Json {
    let mut written = json!({
        "kind": step.kind.as_str(),
        "at": step.at.to_string(),
        "recorded_at": step.recorded_at.to_string(),
        "actor": step.actor,
    });
    put(&mut written, "actor_id", step.actor_id.as_ref().map(uuid));
    put(&mut written, "organisation_id", step.organisation.as_ref().map(uuid));
    put(&mut written, "text_sha256", step.text_sha256.as_deref());
    put(&mut written, "evidence_sha256", step.evidence.as_ref().map(|digest| hex(digest)));
    written
}

fn data(data: &nahraum_domain::consent::Data) -> Json {
    let mut written = json!({"sensitive": data.sensitive});
    let findings = data.documents.as_ref().map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>());
    put(&mut written, "findings", findings);
    put(&mut written, "kinds", data.kinds.as_ref().map(|all| all.iter().copied().collect::<Vec<_>>()));
    let practices = data.authors.as_ref().map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>());
    put(&mut written, "practices", practices);
    put(&mut written, "from", data.from.map(|day| day.to_string()));
    put(&mut written, "to", data.to.map(|day| day.to_string()));
    written
}

fn uuid(id: &[u8; 16]) -> String {
    Uuid::from_bytes(*id).to_string()
}

#[cfg(test)]
mod tests {
    use nahraum_domain::{
        consent::{Data, Effect, Period, Purpose, Recipient, Rights, Rule},
        ids::{ConsentId, OrganisationId},
    };

    use super::*;
    use crate::AgreedTo;

    fn claims(decided: Decided<'_>, steps: &[ReceiptStep]) -> Json {
        let receipt = ReceiptExport {
            id: [1; 16],
            resident: [2; 16],
            issuer: "https://nahraum.example",
            at: Timestamp::from_second(1_790_000_000).unwrap(),
            standing: Standing::Granted,
            decided,
            steps,
        };
        assert_eq!(receipt_claims(&receipt), receipt_claims(&receipt));
        serde_json::from_slice(&receipt_claims(&receipt)).unwrap()
    }

    #[test]
    fn a_receipt_about_a_text_names_it_by_its_hash() {
        let text = AgreedTo { purpose: "base", version: 3, language: "tr", sha256: "ab" };
        let step = ReceiptStep {
            kind: EventKind::Granted,
            at: Timestamp::UNIX_EPOCH,
            recorded_at: Timestamp::UNIX_EPOCH,
            actor: "resident".into(),
            actor_id: Some([2; 16]),
            organisation: None,
            text_sha256: None,
            evidence: Some([255; 32]),
        };
        let claims = claims(Decided::Text(text), &[step]);
        assert_eq!(claims["text"], json!({"version": 3, "lang": "tr", "sha256": "ab"}));
        assert_eq!((claims["purpose"].as_str(), claims["state"].as_str()), (Some("base"), Some("granted")));
        assert_eq!(claims["steps"][0]["actor_id"], claims["sub"]);
        assert_eq!(claims["steps"][0]["evidence_sha256"], "ff".repeat(32));
    }

    #[test]
    fn a_receipt_about_a_rule_says_for_whom_what_and_how_long() {
        let rule = Rule {
            id: ConsentId::from_bytes([1; 16]),
            effect: Effect::Permit,
            recipient: Recipient::Organisation(OrganisationId::from_bytes([3; 16])),
            purpose: Purpose::Treatment,
            data: Data { kinds: Some(["letter"].into()), ..Data::default() },
            rights: Rights { download: true, pass_on: false },
            period: Period { from: Timestamp::UNIX_EPOCH, until: Some(Timestamp::UNIX_EPOCH) },
            ended_at: None,
            representation: None,
        };
        let claims = claims(Decided::Rule(&rule, Some("Praxis")), &[]);
        assert_eq!(claims["recipient"], json!({"kind": "organisation", "id": uuid(&[3; 16])}));
        assert_eq!(claims["rights"], json!({"download": true, "pass_on": false}));
        assert_eq!(claims["data"], json!({"kinds": ["letter"], "sensitive": false}));
        assert_eq!(claims["until"], "1970-01-01T00:00:00Z");
        assert!(!claims.to_string().contains("Praxis"), "ids, no names");
    }
}
