//! What a decision about a finding is made on, as it is stored.

use diesel::prelude::*;
use nahraum_domain::{
    access::{FindingFacts, Uploader},
    consent::{Item, Verdict},
    finding::FindingState,
    ids::{CredentialId, FindingId, PatientId, PracticeId, ResidentId, StaffId},
    kdl::FindingKind,
    release::Treatment,
};

use crate::{
    db::{
        Conn,
        types::{Day, Sql},
    },
    error::StoreError,
    schema::{findings, patients},
};

/// What is stored of a finding that a decision needs.
pub(super) struct Stored {
    pub(super) facts: FindingFacts,
    pub(super) item: Item,
}

/// The facts about a finding; none when there is no such finding.
pub(super) fn load_facts(conn: &mut Conn, finding: FindingId) -> Result<Option<Stored>, StoreError> {
    type Whose = (Option<Sql<ResidentId>>, Sql<PracticeId>, String, Vec<u8>, String, Option<Sql<PatientId>>);
    let row: Option<(Whose, ItemRow)> = findings::table
        .left_join(patients::table)
        .filter(findings::id.eq(Sql(finding)))
        .select((
            (
                findings::resident_id,
                findings::practice_id,
                findings::uploader_kind,
                findings::uploader_id,
                findings::state,
                patients::pending_on.nullable(),
            ),
            ITEM,
        ))
        .first(conn)
        .optional()?;
    row.map(|((owner, practice, kind, uploader, state, pending), item)| {
        let treatment = read_treatment(&item.4)?;
        let facts = FindingFacts {
            owner: owner.map(|o| o.0),
            practice: practice.0,
            uploader: read_uploader(&kind, &uploader)?,
            state: FindingState::parse(&state).ok_or(StoreError::Corrupt("findings.state"))?,
            pending: pending.is_some(),
            treatment,
            unlocked: false,
            verdict: Verdict::NotAsked,
        };
        Ok(Stored { facts, item: read_item(item)? })
    })
    .transpose()
}

/// What rules are about, as it is stored.
pub(crate) type ItemRow = (Sql<FindingId>, String, Sql<PracticeId>, Day, String);

type ItemColumns = (findings::id, findings::kind, findings::practice_id, findings::sort_date, findings::sensitivity);

/// The columns of an [`ItemRow`].
pub(crate) const ITEM: ItemColumns =
    (findings::id, findings::kind, findings::practice_id, findings::sort_date, findings::sensitivity);

pub(crate) fn read_item((id, kind, author, date, sensitivity): ItemRow) -> Result<Item, StoreError> {
    Ok(Item {
        id: id.0,
        kind: FindingKind::parse(&kind).ok_or(StoreError::Corrupt("findings.kind"))?,
        author: author.0,
        date: date.date(),
        sensitivity: read_treatment(&sensitivity)?.sensitivity(),
    })
}

fn read_treatment(word: &str) -> Result<Treatment, StoreError> {
    Treatment::parse(word).ok_or(StoreError::Corrupt("findings.sensitivity"))
}

fn read_uploader(kind: &str, id: &[u8]) -> Result<Uploader, StoreError> {
    let id: [u8; 16] = id.try_into().map_err(|_| StoreError::Corrupt("findings.uploader_id"))?;
    match kind {
        "staff" => Ok(Uploader::Staff(StaffId::from_bytes(id))),
        "software" => Ok(Uploader::Software(CredentialId::from_bytes(id))),
        _ => Err(StoreError::Corrupt("findings.uploader_kind")),
    }
}
