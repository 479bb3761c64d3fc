//! Slips for parents and guardians: a practice attests that somebody acts for its patient, who need not have a phone.

use diesel::{prelude::*, update};
use jiff::civil::Date;
use nahraum_domain::{
    access::Actor,
    activation::{Binding, InvitationState},
    audit::LogAction,
    calendar::end_of,
    consent::{Data, Effect, Period, Purpose, Recipient, Rights},
    disclosure::PracticeName,
    encounters::MOST_REPRESENTATIVES,
    ids::{ConsentId, InvitationId, PatientId, PracticeId, ResidentId},
    private::Private,
    representation::{Ground, Representation, SlipFor, latest_end, steps},
};

use super::{
    activation::{link_patient, note, patient_of},
    close, confirmation,
};
use crate::{
    access::{Caller, Tx},
    accounts,
    consents::{self, AgreedText, Evidence},
    db::types::{Day, Sql},
    error::StoreError,
    notifications,
    schema::{consent_rules, invitations, patients},
    shares::{self, NewRule, Received, StoredRule},
    vault::{Place, Subject},
};

const COURT_FILE: &str = "invitations.court_file_sealed";

/// For whom a slip is, and what a practice attests with it.
#[derive(Debug, Clone)]
pub struct Attestation {
    /// For whom.
    pub is_for: SlipFor,
    /// A guardian: the last day.
    pub until: Option<Date>,
    /// A guardian: the court's file reference.
    pub court_file: Option<Private<String>>,
}

/// What somebody brings who is to act for a patient.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The patient's birth date, which was compared with the practice's.
    pub born: Date,
    /// How the patient is to be called.
    pub called: String,
    /// How the caller wants to be called by the patient.
    pub own_name: String,
    /// The language in which the patient's account speaks, as a tag.
    pub language: String,
    /// The text that was read, for an account that is made by this.
    pub consent: AgreedText,
    /// How it came about that they agree to it.
    pub evidence: Option<Evidence>,
}

/// What came of it.
#[derive(Debug)]
pub struct Represented {
    /// The permission by which the caller acts.
    pub share: Received,
    /// The practice that has attested it.
    pub practice: PracticeName,
    /// The number to say to the practice before it delivers; none when nothing has to be confirmed.
    pub confirmation_number: Option<u16>,
}

const fn place(id: &InvitationId) -> Place<'_> {
    Place { column: COURT_FILE, row: id.as_bytes() }
}

pub(super) fn seal_court_file(
    tx: &Tx<'_>,
    practice: PracticeId,
    id: InvitationId,
    said: &Attestation,
) -> Result<Option<Vec<u8>>, StoreError> {
    let seal = |file: &Private<String>| tx.vault().seal_text(Subject::Practice(practice), place(&id), file.reveal());
    said.court_file.as_ref().map(seal).transpose()
}

pub(super) type Row = (String, Option<Day>, Option<Vec<u8>>);

pub(super) fn read(tx: &Tx<'_>, practice: PracticeId, id: InvitationId, row: Row) -> Result<Attestation, StoreError> {
    let (is_for, until, court_file) = row;
    let open = |sealed| tx.vault().open_text(Subject::Practice(practice), place(&id), sealed);
    Ok(Attestation {
        is_for: SlipFor::parse(&is_for).ok_or(StoreError::Corrupt("invitations.is_for"))?,
        until: until.map(|day| day.date()),
        court_file: court_file.map(open).transpose()?.map(Private::new),
    })
}

/// What a slip gives now: the ground and the time; none for one that is the patient's own, and when its time is over.
fn given(tx: &mut Tx<'_>, id: InvitationId, born: Date) -> Result<Option<(Representation, Period)>, StoreError> {
    let (is_for, until): (String, Option<Day>) = invitations::table
        .find(Sql(id))
        .select((invitations::is_for, invitations::represents_until))
        .first(tx.conn())?;
    let now = tx.now();
    let (ground, narrows_at, until) = match SlipFor::parse(&is_for) {
        Some(SlipFor::Itself) => return Ok(None),
        Some(SlipFor::Parent) => {
            let steps = steps(born);
            (Ground::Parental, Some(steps.narrows_at), steps.ends_at)
        }
        Some(SlipFor::Guardian) => {
            let until = until.ok_or(StoreError::Corrupt("invitations.represents_until"))?.date();
            (Ground::Guardian, None, end_of(until.min(latest_end(nahraum_domain::calendar::day(now)))))
        }
        None => return Err(StoreError::Corrupt("invitations.is_for")),
    };
    let representation = Representation { ground, may_act: true, narrows_at };
    Ok((now < until).then_some((representation, Period { from: now, until: Some(until) })))
}

/// Uses an open slip for somebody who acts for its patient. Who has no account gets one without a phone, in which the caller
/// agrees in their place. None when somebody was faster, when its time is over, when it is the caller's own, when as many
/// already act as can, and when it came by letter and the patient has an account: a letter reaches into none that is there.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn represent(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    id: InvitationId,
    claim: &Claim,
    confirm_letter: bool,
) -> Result<Option<Represented>, StoreError> {
    let representative = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let (patient, practice, binding) = patient_of(tx, id)?;
    let Some((representation, period)) = given(tx, id, claim.born)? else { return Ok(None) };
    let linked: Option<Sql<ResidentId>> =
        patients::table.find(Sql(patient)).select(patients::resident_id).first(tx.conn())?;
    let hindered = linked.is_some_and(|Sql(other)| other == representative || binding == Binding::Letter);
    if hindered || full(tx, linked)? || !close(tx, id, InvitationState::Used)? {
        return Ok(None);
    }
    let resident = linked.map_or_else(|| accounts::create(tx, &claim.language), |Sql(resident)| Ok(resident))?;
    let rule = shares::make_for(tx, caller, resident, &rule(representative, claim, representation, period))?;
    update(consent_rules::table.find(Sql(rule)))
        .set(consent_rules::invitation_id.eq(Some(Sql(id))))
        .execute(tx.conn())?;
    let actor = Actor::Representative { representative, resident, by: rule };
    if linked.is_none() {
        let in_place = Caller::new(actor, None);
        consents::record(tx, resident, actor.into(), None, &claim.consent, claim.evidence.as_ref())?;
        note(tx, &in_place, LogAction::Activate)?;
        link_patient(tx, patient, resident, binding, binding == Binding::Letter && confirm_letter)?;
    }
    notifications::security(tx, resident)?;
    let confirmation_number = confirmation::number_of(tx, patient)?;
    let share = shares::stored(tx, rule)?.ok_or(StoreError::Corrupt("consent_rules.id"))?.into();
    Ok(Some(Represented { share, practice, confirmation_number }))
}

fn rule(who: ResidentId, claim: &Claim, representation: Representation, period: Period) -> NewRule {
    NewRule {
        effect: Effect::Permit,
        purpose: Purpose::Representation,
        recipient: Recipient::Resident(who),
        // What is delicate is the parents' until the first step; a guardian sees it where it is named.
        data: Data { sensitive: representation.ground == Ground::Parental, ..Data::default() },
        rights: Rights { download: true, pass_on: true },
        period,
        called: Some(claim.called.clone()),
        recipient_called: Some(Private::new(claim.own_name.clone())),
        reason: None,
        text: None,
        representation: Some(representation),
    }
}

fn full(tx: &mut Tx<'_>, resident: Option<Sql<ResidentId>>) -> Result<bool, StoreError> {
    let Some(Sql(resident)) = resident else { return Ok(false) };
    let now = tx.now();
    let acts = |stored: &StoredRule| stored.rule.purpose == Purpose::Representation && stored.rule.stands(now);
    Ok(shares::of(tx, resident)?.iter().filter(|stored| acts(stored)).count() >= MOST_REPRESENTATIVES)
}

/// A practice takes back what it has attested with a slip. Returns whether somebody acted by it.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no person of a practice; otherwise the database's.
pub fn withdraw_attestation(tx: &mut Tx<'_>, caller: &Caller<'_>, id: InvitationId) -> Result<bool, StoreError> {
    let (_, practice) = caller.staff().ok_or(StoreError::Unauthenticated)?;
    let theirs: i64 = invitations::table
        .find(Sql(id))
        .filter(invitations::practice_id.eq(Sql(practice)))
        .count()
        .get_result(tx.conn())?;
    if theirs == 0 { Ok(false) } else { end_attested(tx, caller, &[id]) }
}

/// Ends what was attested for a patient: it was not the practice's, after all.
pub(super) fn end_of_patient(tx: &mut Tx<'_>, caller: &Caller<'_>, patient: PatientId) -> Result<(), StoreError> {
    let slips: Vec<Sql<InvitationId>> =
        invitations::table.filter(invitations::patient_id.eq(Sql(patient))).select(invitations::id).load(tx.conn())?;
    let slips: Vec<InvitationId> = slips.into_iter().map(|Sql(id)| id).collect();
    end_attested(tx, caller, &slips).map(drop)
}

fn end_attested(tx: &mut Tx<'_>, caller: &Caller<'_>, slips: &[InvitationId]) -> Result<bool, StoreError> {
    let slips: Vec<Option<Sql<InvitationId>>> = slips.iter().map(|id| Some(Sql(*id))).collect();
    let rules: Vec<(Sql<ConsentId>, Sql<ResidentId>)> = consent_rules::table
        .filter(consent_rules::invitation_id.eq_any(slips))
        .filter(consent_rules::ended_at.is_null())
        .select((consent_rules::id, consent_rules::resident_id))
        .load(tx.conn())?;
    let mut ended = false;
    for (Sql(rule), Sql(resident)) in rules {
        ended |= shares::end_of(tx, caller, resident, rule)?;
    }
    Ok(ended)
}
