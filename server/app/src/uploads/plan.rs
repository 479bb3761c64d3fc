//! The plan for one finding: whose is it, is it new, may it be delivered.

use jiff::Timestamp;
use nahraum_domain::{
    finding::{FindingState, ReadFinding, ReportStatus},
    ids::{FindingId, PatientId},
    kdl::DocumentClass,
    matching::{self, Match, MatchReason},
    private::Private,
    release::needs_a_person,
    versions::{Succession, succession},
};
use nahraum_store::{
    Caller, Scope, Tx, actions,
    findings::{self, Destination, Hold, KnownReport},
    practices::{self, PatientFacts},
};

use super::{Item, Parsed};
use crate::{Refusal, refusal::Failure};

/// What will become of a finding.
pub(super) struct Plan {
    pub(super) destination: Destination,
    pub(super) reason: MatchReason,
    pub(super) act: Act,
    pub(super) reference: Option<Private<String>>,
}

/// What is to be done.
pub(super) enum Act {
    /// Store it.
    Store,
    /// Store it in the place of this one.
    Replace(FindingId),
    /// Nothing: exactly this is there.
    Nothing(FindingId),
    /// Take this one back.
    Withdraw(FindingId),
    /// Take this one back, because some of it was never true of this person, and store what remains.
    Retract(FindingId),
}

/// What would become of a finding, for the practice to look at.
#[derive(Debug, Clone)]
pub struct Preview {
    /// Where it would be; nowhere, if it is refused.
    pub state: Option<FindingState>,
    /// Whether exactly this is there already.
    pub duplicate: bool,
    /// Why it is matched, or is not.
    pub reason: MatchReason,
    /// The practice's number of the patient.
    pub reference: Option<Private<String>>,
    /// Its document class.
    pub class: &'static DocumentClass,
    /// The day of the examination.
    pub date: Option<jiff::civil::Date>,
    /// How many values could be read.
    pub value_count: usize,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
    /// The finding whose place it would take.
    pub replaces: Option<FindingId>,
    /// That it would be held back.
    pub hold: Option<Hold>,
    /// What is odd about it, as codes.
    pub warnings: Vec<&'static str>,
}

impl Plan {
    pub(super) fn preview(self, read: &ReadFinding, parsed: &Parsed, held_until: Option<Timestamp>) -> Preview {
        let (duplicate, replaces, state) = match self.act {
            Act::Store => (false, None, state_of(self.destination)),
            Act::Replace(old) => (false, Some(old), state_of(self.destination)),
            Act::Nothing(_) => (true, None, state_of(self.destination)),
            Act::Withdraw(_) => (false, None, FindingState::Recalled),
            Act::Retract(_) => (false, None, state_of(self.destination)),
        };
        let arrives = state.is_current() && !duplicate;
        let hold = held_until.filter(|_| arrives).map(|until| Hold::of(until, needs_a_person(read)));
        Preview {
            state: Some(state),
            duplicate,
            replaces,
            hold,
            ..Preview::of(self.reason, self.reference, read, parsed)
        }
    }
}

impl Preview {
    fn of(reason: MatchReason, reference: Option<Private<String>>, read: &ReadFinding, parsed: &Parsed) -> Self {
        Self {
            state: None,
            duplicate: false,
            reason,
            reference,
            class: read.class,
            date: read.clinical_date,
            value_count: read.observations.len(),
            sha256: parsed.sha256,
            replaces: None,
            hold: None,
            warnings: read.warnings.iter().map(|w| w.as_str()).collect(),
        }
    }
}

/// A finding that is not taken, though others of its file may be.
struct Refused {
    why: Refusal,
    preview: Box<Preview>,
}

/// The word for what stands against one report alone. `None`: it stands against the whole file.
const fn alone(refusal: &Refusal) -> Option<&'static str> {
    if matches!(refusal, Refusal::ConsentMissing) {
        Some("consent-missing")
    } else if matches!(refusal, Refusal::OlderVersion) {
        Some("older-version")
    } else if matches!(refusal, Refusal::NothingToWithdraw) {
        Some("nothing-to-withdraw")
    } else {
        None
    }
}

/// Plans every finding of a file and carries each plan out by `carry_out`, or gives what would have become of what is refused alone. What
/// stands against all of them stands against the file.
pub(super) fn each<'t, T>(
    tx: &mut Tx<'t>,
    caller: &Caller<'t>,
    scope: &Scope<'t, actions::UploadFinding>,
    parsed: &Parsed,
    mut carry_out: impl FnMut(&mut Tx<'t>, Plan, &Item) -> Result<T, Failure>,
) -> Result<Vec<Result<T, Box<Preview>>>, Failure> {
    let mut outcomes = Vec::with_capacity(parsed.items.len());
    let mut refusal = None;
    for item in &parsed.items {
        outcomes.push(match outlook(tx, caller, scope, parsed, item)? {
            Ok(plan) => Ok(carry_out(tx, plan, item)?),
            Err(refused) => {
                refusal.get_or_insert(refused.why);
                Err(refused.preview)
            }
        });
    }
    match refusal {
        Some(refusal) if outcomes.iter().all(Result::is_err) => Err(refusal.into()),
        Some(_) | None => Ok(outcomes),
    }
}

/// The plan for one finding, or why there is none. In a file about several people what stands against one report does not
/// stand against the others: nobody waits for a result because somebody else has not agreed.
fn outlook<'t>(
    tx: &mut Tx<'t>,
    caller: &Caller<'t>,
    scope: &Scope<'t, actions::UploadFinding>,
    parsed: &Parsed,
    item: &Item,
) -> Result<Result<Plan, Refused>, Failure> {
    let read = &item.read;
    let why = match plan(tx, caller, scope, parsed, item) {
        Ok(plan) => return Ok(Ok(plan)),
        Err(Failure::Refusal(why)) if parsed.items.len() > 1 && read.part.is_some() => why,
        Err(failure) => return Err(failure),
    };
    let Some(word) = alone(&why) else { return Err(why.into()) };
    let (patient, reason) = match_patient(tx, scope, read)?;
    let reference = patient.map(|patient| practices::reference(tx, patient)).transpose()?;
    let mut preview = Preview::of(reason, reference, read, parsed);
    preview.warnings.insert(0, word);
    Ok(Err(Refused { why, preview: Box::new(preview) }))
}

const fn state_of(destination: Destination) -> FindingState {
    match destination {
        Destination::Delivered(..) => FindingState::Delivered,
        Destination::Waiting(_) => FindingState::Waiting,
        Destination::Inbox => FindingState::Inbox,
    }
}

/// Where a patient's finding goes: to the resident, or into waiting as long as there is none or
/// the practice has to confirm them; refused without consent.
pub(crate) fn destination(facts: &PatientFacts) -> Result<Destination, Refusal> {
    match (facts.consented, facts.resident.filter(|_| !facts.pending)) {
        (false, _) => Err(Refusal::ConsentMissing),
        (true, Some(resident)) => Ok(Destination::Delivered(facts.id, resident)),
        (true, None) => Ok(Destination::Waiting(facts.id)),
    }
}

/// Makes the plan for one finding of a file.
fn plan<'t>(
    tx: &mut Tx<'t>,
    caller: &Caller<'t>,
    scope: &Scope<'t, actions::UploadFinding>,
    parsed: &Parsed,
    item: &Item,
) -> Result<Plan, Failure> {
    let read = &item.read;
    let (patient, mut reason) = match_patient(tx, scope, read)?;
    let (allowed, reference) = match patient {
        Some(patient) => {
            let to = destination(&practices::patient_facts(tx, patient)?);
            (to, Some(practices::reference(tx, patient)?))
        }
        None => (Ok(Destination::Inbox), None),
    };
    let takes_back = read.retracts || read.status == ReportStatus::EnteredInError;
    let (mut destination, may_store) = match allowed {
        Ok(to) => (to, true),
        // What was never true vanishes, whatever somebody has agreed to.
        Err(_) if takes_back => (Destination::Inbox, false),
        Err(refusal) => return Err(refusal.into()),
    };
    let mut act = match act_by_content(tx, scope, parsed, item, patient)? {
        Act::Retract(old) if !may_store => Act::Withdraw(old),
        Act::Store | Act::Replace(_) if !may_store => return Err(Refusal::ConsentMissing.into()),
        act @ (Act::Store | Act::Replace(_) | Act::Nothing(_) | Act::Withdraw(_) | Act::Retract(_)) => act,
    };
    if belongs_to_another(tx, caller, &act, patient)? {
        if parsed.details.replaces.is_some() {
            return Err(Refusal::ReplacesOtherPatient.into());
        }
        // The sender's own name of the report points to another person than the patient's number does.
        (destination, reason) = (Destination::Inbox, MatchReason::Ambiguous);
        if matches!(act, Act::Replace(_)) {
            act = Act::Store;
        }
    }
    Ok(Plan { destination, reason, act, reference })
}

fn match_patient(
    tx: &mut Tx<'_>,
    scope: &Scope<'_, actions::UploadFinding>,
    read: &ReadFinding,
) -> Result<(Option<PatientId>, MatchReason), Failure> {
    let practice = scope.actor().practice().ok_or(Refusal::Forbidden)?;
    let references = &read.subject.references;
    let birth_date = read.subject.birth_date.as_ref().map(|d| *d.reveal());
    let candidates = practices::candidates(tx, practice, references, birth_date)?;
    let by_reference = matching::decide(!references.is_empty(), &candidates);
    let order = read.subject.order.as_ref().filter(|_| by_reference.leaves_it_to_the_order());
    let ordered = practices::ordered_for(tx, practice, order, birth_date)?;
    let decision = matching::decide_by_order(by_reference, &ordered);
    Ok(match decision {
        Match::Certain(_) if read.warnings.iter().any(|warning| warning.is_doubt()) => {
            (None, MatchReason::FileDoubtful)
        }
        Match::Certain(patient) if decision == by_reference => (Some(patient), MatchReason::ReferenceAndBirthDate),
        Match::Certain(patient) => (Some(patient), MatchReason::OrderAndBirthDate),
        Match::Unclear(reason) => (None, reason),
    })
}

fn act_by_content(
    tx: &mut Tx<'_>,
    scope: &Scope<'_, actions::UploadFinding>,
    parsed: &Parsed,
    item: &Item,
    patient: Option<PatientId>,
) -> Result<Act, Failure> {
    let read = &item.read;
    if let Some(old) = parsed.details.replaces {
        return Ok(Act::Replace(old));
    }
    let stored = match &read.business_key {
        Some(key) => findings::report_with_key(tx, scope, &key.key, item.content)?,
        None => None,
    };
    let Some(KnownReport { id: old, state, patient: old_patient, report }) = stored else {
        if read.status == ReportStatus::EnteredInError {
            return Err(Refusal::NothingToWithdraw.into());
        }
        let same = findings::duplicate(tx, scope, item.content, patient)?;
        // A bundle without keys holds its findings in order; without parts of their own only a single one can be compared.
        let one = parsed.items.len() == 1 || read.part.is_some();
        return Ok(same.first().filter(|_| one).map_or(Act::Store, |id| Act::Nothing(*id)));
    };
    let key = read.business_key.as_ref();
    let (version, revision) = key.map_or((None, None), |k| (k.version, k.revision));
    Ok(match succession(Some(report), read.status, version, revision) {
        Succession::First => Act::Store,
        Succession::Older => return Err(Refusal::OlderVersion.into()),
        Succession::Duplicate if is_gone(state) || (state == FindingState::Inbox && patient != old_patient) => {
            Act::Store
        }
        Succession::Duplicate => Act::Nothing(old),
        Succession::Withdraw if is_gone(state) => Act::Nothing(old),
        Succession::Withdraw => Act::Withdraw(old),
        Succession::Replace if read.retracts && !is_gone(state) => Act::Retract(old),
        Succession::Replace if state.is_current() => Act::Replace(old),
        Succession::Replace => Act::Store,
    })
}

const fn is_gone(state: FindingState) -> bool {
    matches!(state, FindingState::Recalled | FindingState::Rejected | FindingState::Expired)
}

/// Whether the finding whose place is to be taken is not this patient's. What is taken back is taken back all the same.
fn belongs_to_another<'t>(
    tx: &mut Tx<'t>,
    caller: &Caller<'t>,
    act: &Act,
    patient: Option<PatientId>,
) -> Result<bool, Failure> {
    match act {
        Act::Replace(old) => {
            let permit = tx.permit::<actions::ReplaceFinding>(caller, *old)?;
            Ok(patient.is_none() || permit.patient(tx)? != patient)
        }
        Act::Retract(old) => {
            let permit = tx.permit::<actions::WithdrawFinding>(caller, *old)?;
            let was = permit.patient(tx)?;
            Ok(was.is_some() && was != patient)
        }
        Act::Store | Act::Nothing(_) | Act::Withdraw(_) => Ok(false),
    }
}
