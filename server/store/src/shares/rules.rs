//! The rules of residents as they are stored, and what they say about a caller who wants to see something.
//!
//! Everything here happens in the caller's own unit of work: what is decided and what is read is the same state of the
//! database. That it is still the same when the reading is written down, the log's writer sees by the epoch
//! ([`crate::access::chain`]).

use std::collections::BTreeSet;

use diesel::{prelude::*, update};
use jiff::civil::Date;
use nahraum_domain::{
    audit::RulesEpoch,
    consent::{self, Data, Effect, Item, Period, Purpose, Reader, Recipient, Right, Rights, Rule, Verdict},
    ids::{ConsentId, ResidentId},
    kdl::FindingKind,
    representation::{Ground, Representation},
};
use serde::{Deserialize, Serialize};

use super::NewRule;
use crate::{
    access::{Caller, Tx, chain},
    db::types::{Instant, Sql},
    encounters,
    error::StoreError,
    schema::{consent_rules, residents},
    vault::{Place, Subject},
};

/// What stands sealed of a rule.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Terms {
    #[serde(skip_serializing_if = "Option::is_none")]
    documents: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kinds: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authors: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Date>,
    sensitive: bool,
    /// How the resident wants to be called there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) called: Option<String>,
    /// How the recipient wants to be called, where it is another resident.
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient_called: Option<String>,
    /// Why it was made without the resident, in an emergency.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

const TERMS: &str = "consent_rules.terms_sealed";

impl Terms {
    pub(super) fn new(rule: &NewRule) -> Self {
        let NewRule { data, called, recipient_called, reason, .. } = rule;
        Self {
            documents: data.documents.as_ref().map(|all| all.iter().map(ToString::to_string).collect()),
            kinds: data.kinds.as_ref().map(|all| all.iter().map(|kind| (*kind).to_owned()).collect()),
            authors: data.authors.as_ref().map(|all| all.iter().map(ToString::to_string).collect()),
            from: data.from,
            to: data.to,
            sensitive: data.sensitive,
            called: called.clone(),
            recipient_called: recipient_called.as_ref().map(|called| called.reveal().clone()),
            reason: reason.as_ref().map(|reason| reason.reveal().clone()),
        }
    }

    pub(super) fn seal(&self, tx: &Tx<'_>, resident: ResidentId, rule: ConsentId) -> Result<Vec<u8>, StoreError> {
        let json = serde_json::to_vec(self).map_err(|_| StoreError::Corrupt(TERMS))?;
        tx.vault().seal(Subject::Resident(resident), Place { column: TERMS, row: rule.as_bytes() }, &json)
    }

    fn open(tx: &Tx<'_>, resident: ResidentId, rule: ConsentId, sealed: Vec<u8>) -> Result<Self, StoreError> {
        let place = Place { column: TERMS, row: rule.as_bytes() };
        let json = tx.vault().open(Subject::Resident(resident), place, sealed)?;
        serde_json::from_slice(&json).map_err(|_| StoreError::Corrupt(TERMS))
    }

    fn data(&self) -> Result<Data, StoreError> {
        let kinds = self.kinds.as_ref().map(|all| {
            let kinds = all.iter().map(|word| FindingKind::parse(word).map(FindingKind::as_str));
            kinds.collect::<Option<BTreeSet<_>>>().ok_or(StoreError::Corrupt(TERMS))
        });
        Ok(Data {
            documents: ids(self.documents.as_ref())?,
            kinds: kinds.transpose()?,
            authors: ids(self.authors.as_ref())?,
            from: self.from,
            to: self.to,
            sensitive: self.sensitive,
        })
    }
}

fn ids<I: std::str::FromStr + Ord>(texts: Option<&Vec<String>>) -> Result<Option<BTreeSet<I>>, StoreError> {
    let read = |all: &Vec<String>| all.iter().map(|text| text.parse()).collect::<Result<BTreeSet<I>, _>>();
    texts.map(read).transpose().map_err(|_| StoreError::Corrupt(TERMS))
}

/// A rule, and what belongs to it without having a say in decisions.
#[derive(Debug, Clone, Hash)]
pub struct StoredRule {
    /// Whose it is.
    pub resident: ResidentId,
    /// The rule.
    pub rule: Rule,
    /// How the resident wants to be called by the recipient.
    pub called: Option<nahraum_domain::private::Private<String>>,
    /// How the recipient wants to be called, where it is another resident.
    pub recipient_called: Option<nahraum_domain::private::Private<String>>,
    /// Why it was made without the resident, in an emergency.
    pub reason: Option<nahraum_domain::private::Private<String>>,
}

impl StoredRule {
    /// Whether the list of the rules with this effect has it: links are listed by themselves.
    #[must_use]
    pub fn is_listed(&self, effect: Effect) -> bool {
        self.rule.effect == effect && self.rule.purpose != Purpose::Link
    }
}

pub(crate) type Row = (
    (Sql<ConsentId>, Sql<ResidentId>),
    (String, String, String, Option<Vec<u8>>),
    (i32, i32, Vec<u8>),
    (Instant, Option<Instant>, Option<Instant>),
    (Option<String>, i32, Option<Instant>),
);

pub(crate) type Columns = (
    (consent_rules::id, consent_rules::resident_id),
    (consent_rules::effect, consent_rules::purpose, consent_rules::recipient_kind, consent_rules::recipient_id),
    (consent_rules::may_download, consent_rules::may_pass_on, consent_rules::terms_sealed),
    (consent_rules::starts_at, consent_rules::ends_at, consent_rules::ended_at),
    (consent_rules::ground, consent_rules::may_act, consent_rules::narrows_at),
);

pub(crate) const COLUMNS: Columns = (
    (consent_rules::id, consent_rules::resident_id),
    (consent_rules::effect, consent_rules::purpose, consent_rules::recipient_kind, consent_rules::recipient_id),
    (consent_rules::may_download, consent_rules::may_pass_on, consent_rules::terms_sealed),
    (consent_rules::starts_at, consent_rules::ends_at, consent_rules::ended_at),
    (consent_rules::ground, consent_rules::may_act, consent_rules::narrows_at),
);

pub(super) fn recipient_of(kind: &str, id: Option<&Vec<u8>>) -> Result<Recipient, StoreError> {
    let corrupt = || StoreError::Corrupt("consent_rules.recipient_id");
    let id = id.map(|id| chain::array(id).ok_or_else(corrupt)).transpose()?;
    Recipient::from_parts(kind, id).ok_or_else(corrupt)
}

pub(crate) fn read(tx: &Tx<'_>, row: Row) -> Result<StoredRule, StoreError> {
    let ((id, resident), (effect, purpose, kind, recipient), (download, pass_on, terms), times, acting) = row;
    let ((from, until, ended), (ground, may_act, narrows)) = (times, acting);
    let ground =
        ground.map(|word| Ground::parse(&word).ok_or(StoreError::Corrupt("consent_rules.ground"))).transpose()?;
    let narrows_at = narrows.map(|at| at.timestamp());
    let terms = Terms::open(tx, resident.0, id.0, terms)?;
    let rule = Rule {
        id: id.0,
        effect: Effect::parse(&effect).ok_or(StoreError::Corrupt("consent_rules.effect"))?,
        recipient: recipient_of(&kind, recipient.as_ref())?,
        purpose: Purpose::parse(&purpose).ok_or(StoreError::Corrupt("consent_rules.purpose"))?,
        data: terms.data()?,
        rights: Rights { download: download != 0, pass_on: pass_on != 0 },
        period: Period { from: from.timestamp(), until: until.map(|until| until.timestamp()) },
        ended_at: ended.map(|ended| ended.timestamp()),
        representation: ground.map(|ground| Representation { ground, may_act: may_act != 0, narrows_at }),
    };
    let (called, recipient_called) = (terms.called.map(Into::into), terms.recipient_called.map(Into::into));
    Ok(StoredRule { resident: resident.0, rule, called, recipient_called, reason: terms.reason.map(Into::into) })
}

/// The rules of a resident that stand now and are for this reader.
pub(crate) fn standing(tx: &mut Tx<'_>, resident: ResidentId, reader: &Reader) -> Result<Vec<Rule>, StoreError> {
    let now = Instant::from(tx.now());
    let theirs = reader.recipients().into_iter().filter_map(|recipient| recipient.parts().1.map(|id| id.to_vec()));
    let theirs: Vec<Option<Vec<u8>>> = theirs.map(Some).collect();
    let rows: Vec<Row> = consent_rules::table
        .filter(consent_rules::resident_id.eq(Sql(resident)))
        // For everyone there is no id.
        .filter(consent_rules::recipient_id.eq_any(theirs).or(consent_rules::recipient_id.is_null()))
        .filter(consent_rules::ended_at.is_null())
        .filter(consent_rules::ends_at.is_null().or(consent_rules::ends_at.gt(now)))
        .select(COLUMNS)
        .load(tx.conn())?;
    let mut rules = Vec::new();
    for row in rows {
        let (_, (_, _, kind, recipient), ..) = &row;
        if reader.is(recipient_of(kind, recipient.as_ref())?) {
            rules.push(read(tx, row)?.rule);
        }
    }
    Ok(rules)
}

/// As whom the caller could be let in: also as who takes part in a conversation that goes on.
pub(crate) fn reader(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Option<Reader>, StoreError> {
    let Some(reader) = caller.actor().reader() else { return Ok(None) };
    Ok(Some(match reader {
        Reader::AtWork { person, organisation, .. } => {
            let duty = caller.session().and_then(|session| session.duty);
            match encounters::conversation(tx, person, organisation)? {
                Some(conversation) => Reader::Explaining { conversation, person, organisation, duty },
                None => Reader::AtWork { person, organisation, duty },
            }
        }
        Reader::Explaining { .. } | Reader::Representative(_) | Reader::Holder(_) => reader,
    }))
}

/// What the owner's rules say about this caller and this finding, and the state of the rules that it rests on.
pub(crate) fn verdict(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    owner: Option<ResidentId>,
    right: Right,
    item: &Item,
) -> Result<(Verdict, Option<RulesEpoch>), StoreError> {
    let (Some(owner), Some(reader)) = (owner, reader(tx, caller)?) else { return Ok((Verdict::NotAsked, None)) };
    let epoch = epoch(tx, owner)?;
    let rules = standing(tx, owner, &reader)?;
    Ok((consent::decide(&rules, &reader, right, item, tx.now()), epoch))
}

/// How often the rules of a resident have changed.
pub(crate) fn epoch(tx: &mut Tx<'_>, resident: ResidentId) -> Result<Option<RulesEpoch>, StoreError> {
    Ok(chain::rules_epoch(tx.conn(), resident)?)
}

/// To be called with every change of a resident's rules: whatever was decided by the old ones and not written down yet is
/// decided anew.
pub(crate) fn changed(tx: &mut Tx<'_>, resident: ResidentId) -> Result<(), StoreError> {
    update(residents::table.find(Sql(resident)))
        .set(residents::rules_epoch.eq(residents::rules_epoch + 1))
        .execute(tx.conn())?;
    Ok(())
}
