//! What the server knows to account for, as JSON: a resident's decisions with their history, and their access log in the
//! form that is verified offline (`mobile-api-spec/access-log.md`), piece by piece. The names are those of the API.

use jiff::Timestamp;
use nahraum_domain::{
    consent::{Data, Effect, Rule},
    corrections::Stage,
    ids::{
        CorrectionId, FindingId, OccurrenceId, OfferId, OrganisationId, QuestionId, RecommendationId, RegistrationId,
    },
    offers::occurrences::OccurrenceState,
    recommendations::RecommendationState,
    registrations::{Needs, RegistrationState},
};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::{
    consent::{AgreedTo, ConsentExport, Decided},
    export::put,
};

/// All decisions of one resident, UTF-8 JSON.
#[must_use]
pub fn decisions_json(decisions: &[ConsentExport<'_>]) -> Vec<u8> {
    let all: Vec<Json> = decisions.iter().map(decision).collect();
    format!("{:#}\n", json!({"decisions": all})).into_bytes()
}

/// What a resident says is wrong with a finding, and what its practice answered.
#[derive(Debug, Clone, Copy)]
pub struct CorrectionExport<'a> {
    /// The request.
    pub id: CorrectionId,
    /// The finding.
    pub finding: FindingId,
    /// Who sent it.
    pub practice: &'a str,
    /// Where the request stands.
    pub stage: Stage,
    /// What is wrong.
    pub said: &'a str,
    /// What the practice says to it.
    pub reason: Option<&'a str>,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// When it was answered last.
    pub answered_at: Option<Timestamp>,
}

/// All of them, UTF-8 JSON.
#[must_use]
pub fn corrections_json(corrections: &[CorrectionExport<'_>]) -> Vec<u8> {
    let all = corrections.iter().map(|correction| {
        let mut written = json!({
            "id": correction.id.to_string(),
            "finding_id": correction.finding.to_string(),
            "practice": correction.practice,
            "state": correction.stage.as_str(),
            "said": correction.said,
            "asked_at": correction.asked_at.to_string(),
        });
        put(&mut written, "reason", correction.reason);
        put(&mut written, "answered_at", correction.answered_at.map(|at| at.to_string()));
        written
    });
    format!("{:#}\n", json!({"corrections": all.collect::<Vec<_>>()})).into_bytes()
}

/// A question for the next visit.
#[derive(Debug, Clone, Copy)]
pub struct QuestionExport<'a> {
    /// The question.
    pub id: QuestionId,
    /// In the resident's words.
    pub said: &'a str,
    /// The finding it is about.
    pub finding: Option<FindingId>,
    /// When it was written.
    pub written_at: Timestamp,
    /// When it was ticked off.
    pub answered_at: Option<Timestamp>,
}

/// All of them, UTF-8 JSON.
#[must_use]
pub fn questions_json(questions: &[QuestionExport<'_>]) -> Vec<u8> {
    let all = questions.iter().map(|question| {
        let mut written = json!({
            "id": question.id.to_string(),
            "said": question.said,
            "written_at": question.written_at.to_string(),
        });
        put(&mut written, "finding_id", question.finding.map(|id| id.to_string()));
        put(&mut written, "answered_at", question.answered_at.map(|at| at.to_string()));
        written
    });
    format!("{:#}\n", json!({"questions": all.collect::<Vec<_>>()})).into_bytes()
}

/// What a resident takes part in.
#[derive(Debug, Clone)]
pub struct RegistrationExport<'a> {
    /// The registration.
    pub id: RegistrationId,
    /// The offer.
    pub offer: OfferId,
    /// What it is called.
    pub title: &'a str,
    /// Whose offer it is.
    pub organisation: &'a str,
    /// The date, when it begins, and how it stands.
    pub date: Option<(OccurrenceId, Timestamp, OccurrenceState)>,
    /// Where the resident stands.
    pub state: RegistrationState,
    /// What they say at the door.
    pub code: &'a str,
    /// What they need.
    pub needs: &'a Needs,
    /// What they want to be called.
    pub name: Option<&'a str>,
    /// Their number.
    pub phone: Option<&'a str>,
    /// When they registered.
    pub created_at: Timestamp,
}

/// All of them, UTF-8 JSON.
#[must_use]
pub fn registrations_json(registrations: &[RegistrationExport<'_>]) -> Vec<u8> {
    let all = registrations.iter().map(|one| {
        let mut needs = json!({"wheelchair": one.needs.wheelchair, "childcare": one.needs.childcare});
        put(&mut needs, "interpreter", one.needs.interpreter.as_ref().map(ToString::to_string));
        let mut contact = json!({});
        put(&mut contact, "name", one.name);
        put(&mut contact, "phone", one.phone);
        let mut written = json!({
            "id": one.id.to_string(),
            "offer_id": one.offer.to_string(),
            "title": one.title,
            "organisation": one.organisation,
            "state": one.state.as_str(),
            "code": one.code,
            "needs": needs,
            "created_at": one.created_at.to_string(),
        });
        let date = one.date.map(|(id, begins, state)| {
            json!({"id": id.to_string(), "starts_at": begins.to_string(), "state": state.as_str()})
        });
        put(&mut written, "date", date);
        put(&mut written, "contact", (one.name.is_some() || one.phone.is_some()).then_some(contact));
        written
    });
    format!("{:#}\n", json!({"registrations": all.collect::<Vec<_>>()})).into_bytes()
}

/// An offer that was recommended to a resident.
#[derive(Debug, Clone)]
pub struct RecommendationExport<'a> {
    /// The recommendation.
    pub id: RecommendationId,
    /// The offer.
    pub offer: OfferId,
    /// What it is called, if it is public.
    pub title: Option<&'a str>,
    /// Who recommends it.
    pub organisation: &'a str,
    /// Why, in their words.
    pub said: Option<&'a str>,
    /// What the resident makes of it.
    pub state: RecommendationState,
    /// When it was recommended.
    pub made_at: Timestamp,
}

/// What was recommended to a resident, and what they keep: each offer with its title, if it is public. UTF-8 JSON.
#[must_use]
pub fn offers_json(recommended: &[RecommendationExport<'_>], kept: &[(OfferId, Option<&str>)]) -> Vec<u8> {
    let recommended = recommended.iter().map(|one| {
        let mut written = json!({
            "id": one.id.to_string(),
            "offer_id": one.offer.to_string(),
            "organisation": one.organisation,
            "state": one.state.as_str(),
            "made_at": one.made_at.to_string(),
        });
        put(&mut written, "title", one.title);
        put(&mut written, "said", one.said);
        written
    });
    let kept = kept.iter().map(|(offer, title)| {
        let mut written = json!({"offer_id": offer.to_string()});
        put(&mut written, "title", *title);
        written
    });
    let all = json!({"recommended": recommended.collect::<Vec<_>>(), "kept": kept.collect::<Vec<_>>()});
    format!("{all:#}\n").into_bytes()
}

fn decision(export: &ConsentExport<'_>) -> Json {
    let events = export.events.iter().map(|event| {
        json!({"kind": event.kind.as_str(), "at": event.at.to_string(), "recorded_at": event.recorded_at.to_string()})
    });
    let mut written = json!({
        "id": Uuid::from_bytes(export.id).to_string(),
        "standing": export.standing.as_str(),
        "events": events.collect::<Vec<_>>(),
    });
    match export.decided {
        Decided::Text(AgreedTo { purpose, version, language, sha256 }) => put(
            &mut written,
            "text",
            Some(json!({"purpose": purpose, "version": version, "lang": language, "sha256": sha256})),
        ),
        Decided::Rule(one, name) => {
            let what = if one.effect == Effect::Permit { "permission" } else { "block" };
            put(&mut written, what, Some(rule(one, name)));
        }
    }
    written
}

fn rule(rule: &Rule, name: Option<&str>) -> Json {
    let (kind, id) = rule.recipient.parts();
    let mut written = json!({
        "recipient_kind": kind,
        "purpose": rule.purpose.as_str(),
        "may_download": rule.rights.download,
        "may_pass_on": rule.rights.pass_on,
        "from": rule.period.from.to_string(),
        "data": data(&rule.data),
    });
    put(&mut written, "recipient_id", id.map(|id| OrganisationId::from_bytes(*id).to_string()));
    put(&mut written, "recipient_name", name);
    put(&mut written, "until", rule.period.until.map(|until| until.to_string()));
    put(&mut written, "ended_at", rule.ended_at.map(|ended| ended.to_string()));
    written
}

fn data(data: &Data) -> Json {
    let mut written = json!({"sensitive": data.sensitive});
    let ids = |all: Vec<String>| Json::from(all);
    put(
        &mut written,
        "findings",
        data.documents.as_ref().map(|all| ids(all.iter().map(ToString::to_string).collect())),
    );
    put(&mut written, "kinds", data.kinds.as_ref().map(|all| ids(all.iter().map(|kind| (*kind).to_owned()).collect())));
    put(&mut written, "practices", data.authors.as_ref().map(|all| ids(all.iter().map(ToString::to_string).collect())));
    put(&mut written, "from", data.from.map(|day| day.to_string()));
    put(&mut written, "to", data.to.map(|day| day.to_string()));
    written
}

/// By what an access log is verified. Hashes, keys and signatures as hexadecimal digits.
#[derive(Debug, Clone, Copy)]
pub struct LogProofs<'a> {
    /// The public key of all signatures.
    pub key: &'a str,
    /// The hash that the first entry follows.
    pub begins_after: &'a str,
    /// The statement about where the log ends, and its signature.
    pub statement: (&'a str, &'a str),
    /// The newest checkpoint, and its signature.
    pub checkpoint: Option<(&'a str, &'a str)>,
}

/// The beginning of an access log: everything but its entries.
#[must_use]
pub fn log_begin(proofs: &LogProofs<'_>) -> String {
    let signed = |(text, signature): (&str, &str)| json!({"text": text, "signature": signature});
    let mut log = json!({
        "format": "nahraum-log-export-1",
        "key": proofs.key,
        "begins_after": proofs.begins_after,
        "statement": signed(proofs.statement),
    });
    put(&mut log, "checkpoint", proofs.checkpoint.map(signed));
    let text = log.to_string();
    format!("{},\"entries\":[", text.strip_suffix('}').unwrap_or(&text))
}

/// One entry: its number in the resident's chain and in that over all, its text, its hash.
#[must_use]
pub fn log_entry(is_first: bool, number: i64, seq: i64, body: &str, hash: &str) -> String {
    let entry = json!({"number": number, "seq": seq, "body": body, "hash": hash});
    format!("{}\n{entry}", if is_first { "" } else { "," })
}

/// The end of an access log.
#[must_use]
pub const fn log_end() -> &'static str {
    "\n]}\n"
}

#[cfg(test)]
mod tests {
    use nahraum_domain::consent::event::Standing;

    use super::*;

    #[test]
    fn the_pieces_of_a_log_are_one_document() {
        let signed = ("{\"seq\":1}", "ab");
        let proofs = LogProofs { key: "k", begins_after: "00", statement: signed, checkpoint: None };
        for entries in 0..3_i64 {
            let mut text = log_begin(&proofs);
            for number in 1..=entries {
                text.push_str(&log_entry(number == 1, number, number + 40, "{\"a\":\"\u{2028}\\\"\"}", "cd"));
            }
            text.push_str(log_end());
            let log: Json = serde_json::from_str(&text).unwrap();
            assert_eq!(log["entries"].as_array().unwrap().len(), usize::try_from(entries).unwrap());
            assert_eq!((&log["statement"]["text"], &log["format"]), (&json!(signed.0), &json!("nahraum-log-export-1")));
            assert!(log.get("checkpoint").is_none());
        }
    }

    #[test]
    fn a_consent_is_written_with_its_text() {
        let text = AgreedTo { purpose: "base", version: 3, language: "de", sha256: "ef" };
        let export = ConsentExport {
            shown: None,
            evidence: &[],
            id: [1; 16],
            resident: [2; 16],
            kept_by: "https://nahraum.example",
            standing: Standing::Withdrawn,
            events: &[],
            decided: Decided::Text(text),
        };
        let all: Json = serde_json::from_slice(&decisions_json(&[export])).unwrap();
        let one = &all["decisions"][0];
        assert_eq!((&one["standing"], &one["text"]["version"]), (&json!("withdrawn"), &json!(3)));
        assert!(one.get("permission").is_none() && one.get("block").is_none());
    }
}
