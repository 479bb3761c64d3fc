//! Entries as they are stored, before and after they have their place in the chain.

use diesel::prelude::*;
use nahraum_domain::{
    audit::{
        chain::{Linked, Position},
        record::Record,
    },
    ids::{AccessLogId, ConsentId, FindingId, RequestId, ResidentId},
};

use crate::schema::{access_log, access_log_pending};

/// An entry as it is stored, before it has its place in the chain.
#[derive(Debug, Clone, Insertable, Queryable)]
#[diesel(table_name = access_log_pending, treat_none_as_default_value = false)]
pub(crate) struct Row {
    pub(super) id: Vec<u8>,
    resident_id: Option<Vec<u8>>,
    at: i64,
    actor_kind: String,
    actor_id: Option<Vec<u8>>,
    organisation_id: Option<Vec<u8>>,
    action: String,
    finding_id: Option<Vec<u8>>,
    basis: Option<String>,
    outcome: String,
    request_id: Vec<u8>,
    consent_id: Option<Vec<u8>>,
}

/// An entry with its place, as it is stored.
#[derive(Debug, Insertable, Queryable)]
#[diesel(table_name = access_log, treat_none_as_default_value = false)]
pub(crate) struct LinkedRow {
    pub(crate) seq: i64,
    hash: Vec<u8>,
    pub(super) number: Option<i64>,
    resident_hash: Option<Vec<u8>>,
    id: Vec<u8>,
    resident_id: Option<Vec<u8>>,
    pub(super) at: i64,
    actor_kind: String,
    actor_id: Option<Vec<u8>>,
    organisation_id: Option<Vec<u8>>,
    action: String,
    finding_id: Option<Vec<u8>>,
    basis: Option<String>,
    outcome: String,
    request_id: Vec<u8>,
    consent_id: Option<Vec<u8>>,
}

impl From<&Record<'_>> for Row {
    fn from(record: &Record<'_>) -> Self {
        Self {
            id: record.id.as_bytes().to_vec(),
            resident_id: record.resident.map(|id| id.as_bytes().to_vec()),
            at: record.at,
            actor_kind: record.actor.to_owned(),
            actor_id: record.actor_id.map(Vec::from),
            organisation_id: record.organisation.map(Vec::from),
            action: record.action.to_owned(),
            finding_id: record.finding.map(|id| id.as_bytes().to_vec()),
            basis: record.basis.map(str::to_owned),
            outcome: record.outcome.to_owned(),
            request_id: record.request.as_bytes().to_vec(),
            consent_id: record.consent.map(|id| id.as_bytes().to_vec()),
        }
    }
}

impl Row {
    pub(super) fn placed(self, seq: &Position, own: Option<&Position>) -> LinkedRow {
        LinkedRow {
            seq: seq.count,
            hash: seq.hash.to_vec(),
            number: own.map(|own| own.count),
            resident_hash: own.map(|own| own.hash.to_vec()),
            id: self.id,
            resident_id: self.resident_id,
            at: self.at,
            actor_kind: self.actor_kind,
            actor_id: self.actor_id,
            organisation_id: self.organisation_id,
            action: self.action,
            finding_id: self.finding_id,
            basis: self.basis,
            outcome: self.outcome,
            request_id: self.request_id,
            consent_id: self.consent_id,
        }
    }

    /// The entry in the domain's words; none when the row is none that this program writes.
    pub(super) fn record(&self) -> Option<Record<'_>> {
        Some(Record {
            id: AccessLogId::from_bytes(array(&self.id)?),
            resident: optional(self.resident_id.as_ref())?.map(ResidentId::from_bytes),
            at: self.at,
            actor: &self.actor_kind,
            actor_id: optional(self.actor_id.as_ref())?,
            organisation: optional(self.organisation_id.as_ref())?,
            action: &self.action,
            finding: optional(self.finding_id.as_ref())?.map(FindingId::from_bytes),
            basis: self.basis.as_deref(),
            consent: optional(self.consent_id.as_ref())?.map(ConsentId::from_bytes),
            outcome: &self.outcome,
            request: RequestId::from_bytes(array(&self.request_id)?),
        })
    }
}

impl LinkedRow {
    /// The entry in the domain's words; none when the row is none that this program writes.
    pub(crate) fn linked(&self) -> Option<Linked<'_>> {
        let own = match (self.number, &self.resident_hash) {
            (Some(count), Some(hash)) => Some(Position { count, hash: array(hash)? }),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return None,
        };
        let record = Record {
            id: AccessLogId::from_bytes(array(&self.id)?),
            resident: optional(self.resident_id.as_ref())?.map(ResidentId::from_bytes),
            at: self.at,
            actor: &self.actor_kind,
            actor_id: optional(self.actor_id.as_ref())?,
            organisation: optional(self.organisation_id.as_ref())?,
            action: &self.action,
            finding: optional(self.finding_id.as_ref())?.map(FindingId::from_bytes),
            basis: self.basis.as_deref(),
            consent: optional(self.consent_id.as_ref())?.map(ConsentId::from_bytes),
            outcome: &self.outcome,
            request: RequestId::from_bytes(array(&self.request_id)?),
        };
        Some(Linked { seq: self.seq, hash: array(&self.hash)?, own, record })
    }
}

/// Bytes of a fixed length.
pub(crate) fn array<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

/// None when the bytes have another length, and none inside when there are none.
fn optional(bytes: Option<&Vec<u8>>) -> Option<Option<[u8; 16]>> {
    bytes.map_or(Some(None), |bytes| array(bytes).map(Some))
}
