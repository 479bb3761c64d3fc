//! Room approvals: acts that take two persons of the operator (SR-Z11), and what can be done with one: a look into a
//! resident's access log (SR-L05), or the cutting off of a lost phone (SR-S07). Keys are destroyed on the machine itself, see [`App::operator_erase_resident`].

use nahraum_domain::{
    approvals::Act,
    ids::{ApprovalId, ResidentId},
    private::Private,
};
use nahraum_store::{
    Caller, Tx,
    approvals::{self as store, Decision},
    audit, devices,
};

pub use nahraum_store::{approvals::Approval, audit::Entry};

use crate::{App, Call, Refusal, pages::cut, refusal::Failure};

/// The longest reason, in characters.
const LONGEST_REASON: usize = 500;

/// What somebody wants.
#[derive(Debug)]
pub struct AskedAct {
    /// The act, as its word.
    pub act: String,
    /// The kind of reason, as its word.
    pub why: String,
    /// The resident it is to be done to.
    pub resident: String,
    /// The reason in the person's own words.
    pub reason: Private<String>,
}

impl App {
    /// Asks for an act. Nothing happens before another person agrees. The sign-in must be fresh (SR-A08).
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::StepUpRequired`], [`Refusal::Invalid`]; [`Refusal::NotFound`]
    /// when there is no such resident.
    pub async fn ask_for_approval(&self, call: &Call, asked: AskedAct) -> Result<Approval, Refusal> {
        let AskedAct { act, why, resident, reason } = asked;
        let act = Act::parse(&act, &why).ok_or_else(|| {
            let detail = "destroy-key with asked, unused or mistake; read-access-log with resident-asked, suspected-misuse or authority; cut-off-phones with resident-asked or suspected-misuse.";
            Refusal::invalid("/act", "unknown-act", detail)
        })?;
        let reason = reason.map(|text| text.trim().to_owned());
        let text = reason.reveal();
        if !(1..=LONGEST_REASON).contains(&text.chars().count()) || text.chars().any(char::is_control) {
            return Err(Refusal::invalid("/reason", "invalid-length", "A reason has 1 to 500 characters on one line."));
        }
        let resident: ResidentId = resident.parse().map_err(|_| Refusal::NotFound)?;
        let approval = self
            .write_fresh(call, move |tx, caller| {
                caller.operator().ok_or(Refusal::Forbidden)?;
                Ok(store::ask(tx, caller, act, resident, &reason)?.ok_or(Refusal::NotFound)?)
            })
            .await?;
        note(call, "approval_asked", &approval);
        Ok(approval)
    }

    /// A page of all wishes, newest first, and where to go on.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn approvals(
        &self,
        call: &Call,
        before: Option<ApprovalId>,
        limit: u32,
    ) -> Result<(Vec<Approval>, Option<ApprovalId>), Refusal> {
        self.read(call, move |tx, caller| {
            caller.operator().ok_or(Refusal::Forbidden)?;
            let mut wishes = store::all(tx, caller, before, i64::from(limit) + 1)?;
            let next = cut(&mut wishes, limit).map(|wish| wish.id);
            Ok((wishes, next))
        })
        .await
    }

    /// Agrees to what another person asked for: from now on it can be done for half an hour. The sign-in must be fresh.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::StepUpRequired`], [`Refusal::NotFound`];
    /// [`Refusal::SecondPersonRequired`] for the one who asked, [`Refusal::StateConflict`] when it is too late.
    pub async fn approve(&self, call: &Call, id: ApprovalId) -> Result<Approval, Refusal> {
        let approval = self.write_fresh(call, move |tx, caller| decide(tx, caller, id, true)).await?;
        note(call, "approval_given", &approval);
        Ok(approval)
    }

    /// Says no, or takes it back: as long as nothing was done, by anybody of the operator.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`], [`Refusal::StateConflict`].
    pub async fn deny_approval(&self, call: &Call, id: ApprovalId) -> Result<Approval, Refusal> {
        let approval = self.write(call, move |tx, caller| decide(tx, caller, id, false)).await?;
        note(call, "approval_denied", &approval);
        Ok(approval)
    }

    /// A page of the access log of the resident whom an approval is about, newest first, for the one who asked. The look
    /// stands in that log before anything is shown, and with the first one the resident is told.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`]; [`Refusal::StateConflict`] when nobody has agreed,
    /// or no longer.
    pub async fn look_into_log(
        &self,
        call: &Call,
        id: ApprovalId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<Entry>, Option<i64>), Refusal> {
        self.store().access_log().settle().await?;
        let sealed = self
            .write(call, move |tx, caller| {
                let permit = store::permit_look(tx, caller, id)?;
                Ok(audit::inspect(tx, &permit, before, i64::from(limit) + 1)?)
            })
            .await?;
        let mut entries = sealed.unseal(self.store().access_log()).await?;
        let next = cut(&mut entries, limit).map(|entry| entry.number);
        Ok((entries, next))
    }
}

impl App {
    /// Cuts off every phone of the resident whom an approval is about, for the one who asked: for somebody who has lost the
    /// phone and calls a help line (SR-S07). Stands in the resident's log; the address that is stored is told. Says how many
    /// phones there were.
    ///
    /// # Errors
    /// As [`App::look_into_log`].
    pub async fn cut_off_phones(&self, call: &Call, id: ApprovalId) -> Result<usize, Refusal> {
        self.write(call, move |tx, caller| {
            let permit = store::permit_cut_off(tx, caller, id)?;
            Ok(devices::cut_off_all(tx, permit)?)
        })
        .await
    }
}

fn decide<'t>(tx: &mut Tx<'t>, caller: &Caller<'t>, id: ApprovalId, agree: bool) -> Result<Approval, Failure> {
    caller.operator().ok_or(Refusal::Forbidden)?;
    match store::decide(tx, caller, id, agree)? {
        Decision::Done(approval) => Ok(approval),
        Decision::Unknown => Err(Refusal::NotFound.into()),
        Decision::WrongPerson => Err(Refusal::SecondPersonRequired.into()),
        Decision::Late => Err(Refusal::StateConflict.into()),
    }
}

/// What people of the operator ask of each other stands in the technical log as well; about whom does not.
fn note(call: &Call, event: &'static str, approval: &Approval) {
    let (id, act, why) = (approval.id, approval.wish.act.as_str(), approval.wish.act.why());
    tracing::info!(event, request = %call.moment.request, approval = %id, act, why, "an act that takes two persons");
}
