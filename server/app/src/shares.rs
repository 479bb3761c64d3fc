//! Room shares: what residents open to others and close, what a recipient would see, and what the recipient finds.

mod history;

use jiff::Timestamp;
use nahraum_domain::{
    consent::{Data, Effect, Purpose, Reader, Recipient, Rights, Verdict, period},
    disclosure::{self, Disclosed, FindingRecord, SummaryRecord},
    ids::{ConsentId, FindingId, OrganisationId, ShareLinkId, StaffId},
    organisations::Duty,
    representation::Ground,
};
use nahraum_store::{Caller, Tx, actions, findings, shares as store};
use nahraum_texts::Language;

pub use self::history::DecisionHistory;
pub(crate) use self::history::histories;
pub use nahraum_store::{
    organisations::Organisation,
    shares::{Received, StoredRule},
};

use crate::{
    App, Call, Refusal,
    accounts::language_of,
    consents::{ShownText, texts},
    findings::{Document, FindingPage, Position},
    links::holder,
    refusal::Failure,
};

/// To whom somebody wants to show something.
#[derive(Debug, Clone, Copy)]
pub struct To {
    /// The organisation.
    pub organisation: OrganisationId,
    /// One of its people; without, everybody who works there.
    pub person: Option<StaffId>,
    /// Only those who do this there; of no meaning for one person.
    pub duty: Option<Duty>,
}

/// Whose eyes a resident looks through.
#[derive(Debug, Clone, Copy)]
pub enum Eyes {
    /// Those of an organisation, or of one of its people.
    Of(To),
    /// Those of whoever holds a link.
    Link(ShareLinkId),
}

/// What a resident wants to show.
#[derive(Debug, Clone)]
pub struct ShareRequest {
    /// To whom.
    pub to: To,
    /// Which findings.
    pub data: Data,
    /// What beyond looking.
    pub rights: Rights,
    /// For how many days, today being the first; the usual number for such a recipient if nothing is said.
    pub days: Option<u16>,
    /// How the resident wants to be called there.
    pub called: String,
    /// The text that was shown for it.
    pub text: Option<ShownText>,
}

/// What a resident wants to close.
#[derive(Debug, Clone)]
pub struct BlockRequest {
    /// To whom; to everybody if nobody is named.
    pub to: Option<To>,
    /// Which findings.
    pub data: Data,
}

impl App {
    /// The organisations with which findings can be shared.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn directory(&self, call: &Call) -> Result<Vec<Organisation>, Refusal> {
        self.in_own_or_anothers_place(call, |tx, _| Ok(store::directory(tx)?)).await
    }

    /// The caller's rules of one kind, newest first, also those that are over.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn rules(&self, call: &Call, effect: Effect) -> Result<Vec<StoredRule>, Refusal> {
        self.in_own_or_anothers_place(call, move |tx, caller| {
            Ok(store::own_open(tx, caller)?.into_iter().filter(|stored| stored.is_listed(effect)).collect())
        })
        .await
    }

    /// The caller lets somebody see findings.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::StepUpRequired`], [`Refusal::NotFound`] for a
    /// recipient that does not exist, [`Refusal::RecipientBlocked`], [`Refusal::TooManyRules`], [`Refusal::ConsentTextUnknown`].
    pub async fn share(&self, call: &Call, request: ShareRequest) -> Result<StoredRule, Refusal> {
        self.write_fresh(call, move |tx, caller| {
            caller.principal().ok_or(Refusal::Forbidden)?;
            refuse_more(tx, caller, &request.data, request.rights)?;
            let (organisation, recipient) = find(tx, request.to)?;
            refuse_blocked(tx, caller, organisation.id)?;
            let days = request.days.unwrap_or_else(|| period::usual_days(organisation.kind));
            let new = store::NewRule {
                effect: Effect::Permit,
                purpose: Purpose::Treatment,
                recipient,
                data: request.data.clone(),
                rights: request.rights,
                period: period::of_days(tx.now(), days),
                called: Some(request.called.clone()),
                recipient_called: None,
                reason: None,
                text: texts::shown(tx, request.text.as_ref())?,
                representation: None,
            };
            make(tx, caller, &new)
        })
        .await
    }

    /// The caller gives a permit another end: the end of the last of so many days, today being the first.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::StepUpRequired`], [`Refusal::NotFound`].
    pub async fn set_share_days(&self, call: &Call, id: ConsentId, days: u16) -> Result<StoredRule, Refusal> {
        self.write_fresh(call, move |tx, caller| {
            caller.principal().ok_or(Refusal::Forbidden)?;
            let until = period::of_days(tx.now(), days).until;
            let stored = own(tx, caller, id)?;
            refuse_in_place(tx, caller, &stored)?;
            // What the law or a court gives ends when they say.
            let by_law = stored.rule.representation.is_some_and(|r| r.ground != Ground::Appointed);
            let ends_by_itself = by_law || matches!(stored.rule.purpose, Purpose::Explanation | Purpose::Emergency);
            if stored.rule.effect != Effect::Permit || ends_by_itself || !store::set_end(tx, caller, id, until)? {
                return Err(Refusal::NotFound.into());
            }
            own(tx, caller, id)
        })
        .await
    }

    /// The caller closes findings to somebody, or to everybody. Who is blocked altogether loses what was open to them.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`] for somebody who does not exist,
    /// [`Refusal::TooManyRules`].
    pub async fn block(&self, call: &Call, request: BlockRequest) -> Result<StoredRule, Refusal> {
        self.in_own_or_anothers_place_writing(call, move |tx, caller| {
            let recipient = match request.to {
                Some(to) => find(tx, to)?.1,
                None => Recipient::Everyone,
            };
            let new = store::NewRule {
                effect: Effect::Deny,
                purpose: Purpose::Treatment,
                recipient,
                data: request.data.clone(),
                rights: Rights::default(),
                period: nahraum_domain::consent::Period { from: tx.now(), until: None },
                called: None,
                recipient_called: None,
                reason: None,
                text: None,
                representation: None,
            };
            let made = make(tx, caller, &new)?;
            if made.rule.closes_all() {
                end_permits(tx, caller, recipient)?;
            }
            Ok(made)
        })
        .await
    }

    /// The caller takes a rule back. It holds for the very next request of whomever it was for.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`].
    pub async fn end_rule(&self, call: &Call, id: ConsentId, effect: Effect) -> Result<(), Refusal> {
        self.in_own_or_anothers_place_writing(call, move |tx, caller| {
            let stored = own(tx, caller, id)?;
            refuse_in_place(tx, caller, &stored)?;
            if stored.rule.effect != effect || !store::end(tx, caller, id)? {
                return Err(Refusal::NotFound.into());
            }
            Ok(())
        })
        .await
    }

    /// What somebody would see of the caller's findings now, and by which rule each is open or closed.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`] for somebody who does not exist.
    pub async fn preview(
        &self,
        call: &Call,
        eyes: Eyes,
    ) -> Result<(Disclosed<Vec<(SummaryRecord, Verdict)>>, Language), Refusal> {
        let asked = call.language;
        let (sealed, language) = self
            .in_own_or_anothers_place(call, move |tx, caller| {
                let language = language_of(tx, caller, asked)?;
                let reader = reader(tx, caller, eyes)?;
                Ok((findings::preview(tx, caller, &reader)?, language))
            })
            .await?;
        let judged = sealed.unseal(self.store().access_log()).await?;
        Ok((disclosure::preview_to_owner(judged), language))
    }

    /// What others have opened to the caller, newest first.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn received_shares(
        &self,
        call: &Call,
        before: Option<ConsentId>,
        limit: u32,
    ) -> Result<(Vec<Received>, Option<ConsentId>), Refusal> {
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut items = self
            .read(call, move |tx, caller| {
                let scope = tx.scope::<actions::ListShared>(caller)?;
                Ok(store::list(tx, &scope, caller, before, i64::from(limit).saturating_add(1))?)
            })
            .await?;
        let more = items.len() > wanted;
        items.truncate(wanted);
        let next = items.last().filter(|_| more).map(|last| last.id);
        Ok((items, next))
    }

    /// What others had opened to the caller and is over since thirty days at most, with the moment at which it ended.
    ///
    /// # Errors
    /// As [`App::received_shares`].
    pub async fn ended_shares(&self, call: &Call) -> Result<Vec<(Received, Timestamp)>, Refusal> {
        self.read(call, move |tx, caller| {
            let scope = tx.scope::<actions::ListShared>(caller)?;
            Ok(store::ended(tx, &scope, caller)?)
        })
        .await
    }

    /// The caller gives up what was opened to them alone.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`].
    pub async fn give_up(&self, call: &Call, share: ConsentId) -> Result<(), Refusal> {
        self.write(call, move |tx, caller| {
            let scope = tx.scope::<actions::ListShared>(caller)?;
            let share = store::received(tx, &scope, caller, share)?.ok_or(Refusal::NotFound)?;
            if store::give_up(tx, caller, &share)? { Ok(()) } else { Err(Refusal::NotFound.into()) }
        })
        .await
    }

    /// A page of what somebody shows the caller, newest first.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`].
    pub async fn list_shared(
        &self,
        call: &Call,
        share: ConsentId,
        after: Option<Position>,
        limit: u32,
    ) -> Result<FindingPage, Refusal> {
        let page = self
            .read_by_rules(call, move |tx, caller| {
                let scope = tx.scope::<actions::ListShared>(caller)?;
                let share = store::received(tx, &scope, caller, share)?.ok_or(Refusal::NotFound)?;
                Ok(findings::list_shared(tx, &scope, caller, &share, after, limit)?)
            })
            .await?;
        let language = call.language.unwrap_or(Language::De);
        Ok(FindingPage { items: disclosure::list_to_recipient(page.items), next: page.next, language })
    }

    /// Opens a finding that somebody shows the caller.
    ///
    /// # Errors
    /// As [`App::list_shared`].
    pub async fn open_shared(
        &self,
        call: &Call,
        id: FindingId,
    ) -> Result<(Disclosed<FindingRecord>, Language), Refusal> {
        let record = self
            .read_by_rules(call, move |tx, caller| {
                let permit = tx.permit::<actions::OpenShared>(caller, id)?;
                Ok(findings::open_shared(tx, &permit)?)
            })
            .await?;
        Ok((disclosure::finding_to_recipient(record), call.language.unwrap_or(Language::De)))
    }

    /// The document of a finding that somebody shows the caller.
    ///
    /// # Errors
    /// As [`App::list_shared`], and [`Refusal::NoDocument`].
    pub async fn shared_document(&self, call: &Call, id: FindingId) -> Result<Document, Refusal> {
        let content = self
            .read_by_rules(call, move |tx, caller| {
                let permit = tx.permit::<actions::DownloadShared>(caller, id)?;
                Ok(findings::content_shared(tx, &permit)?)
            })
            .await?;
        content.map(Document::from).ok_or_else(|| {
            self.count_answer();
            Refusal::NoDocument
        })
    }
}

fn find(tx: &mut Tx<'_>, to: To) -> Result<(Organisation, Recipient), Failure> {
    let found = store::recipient(tx, to.organisation, to.person, to.duty)?;
    Ok(found.filter(|(organisation, _)| organisation.kind.is_shared_with()).ok_or(Refusal::NotFound)?)
}

fn reader(tx: &mut Tx<'_>, caller: &Caller<'_>, eyes: Eyes) -> Result<Reader, Failure> {
    let to = match eyes {
        Eyes::Of(to) => to,
        Eyes::Link(id) => return holder(tx, caller, id),
    };
    find(tx, to)?;
    // Just this one, or somebody of the organisation: nobody has an id of zeros.
    let person = to.person.unwrap_or(StaffId::from_bytes([0; 16]));
    Ok(Reader::AtWork { person, organisation: to.organisation, duty: to.duty })
}

pub(crate) fn own(tx: &mut Tx<'_>, caller: &Caller<'_>, id: ConsentId) -> Result<StoredRule, Failure> {
    // Links are a room of their own.
    let mut mine = store::own_open(tx, caller)?.into_iter().filter(|stored| stored.rule.purpose != Purpose::Link);
    Ok(mine.find(|stored| stored.rule.id == id).ok_or(Refusal::NotFound)?)
}

/// Nobody gives more in somebody's place than is open to themself.
pub(crate) fn refuse_more(tx: &mut Tx<'_>, caller: &Caller<'_>, data: &Data, rights: Rights) -> Result<(), Failure> {
    if store::may_give(tx, caller, data, rights)? { Ok(()) } else { Err(Refusal::Forbidden.into()) }
}

fn refuse_in_place(tx: &mut Tx<'_>, caller: &Caller<'_>, stored: &StoredRule) -> Result<(), Failure> {
    if store::may_end(tx, caller, stored)? { Ok(()) } else { Err(Refusal::Forbidden.into()) }
}

/// Whether the caller can have one more rule that stands.
pub(crate) fn refuse_too_many(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<(), Failure> {
    if store::count_standing(tx, caller)? >= store::MOST { Err(Refusal::TooManyRules.into()) } else { Ok(()) }
}

fn make(tx: &mut Tx<'_>, caller: &Caller<'_>, new: &store::NewRule) -> Result<StoredRule, Failure> {
    refuse_too_many(tx, caller)?;
    let id = store::make(tx, caller, new)?;
    own(tx, caller, id)
}

fn refuse_blocked(tx: &mut Tx<'_>, caller: &Caller<'_>, organisation: OrganisationId) -> Result<(), Failure> {
    let (now, blocked) = (tx.now(), Recipient::Organisation(organisation));
    let is_blocked = store::own(tx, caller)?.iter().any(|StoredRule { rule, .. }| {
        let denies = rule.effect == Effect::Deny && rule.recipient == blocked && rule.stands(now);
        denies && rule.closes_all()
    });
    if is_blocked { Err(Refusal::RecipientBlocked.into()) } else { Ok(()) }
}

fn end_permits(tx: &mut Tx<'_>, caller: &Caller<'_>, recipient: Recipient) -> Result<(), Failure> {
    let now = tx.now();
    for StoredRule { rule, .. } in store::own(tx, caller)? {
        if rule.effect == Effect::Permit && rule.recipient == recipient && rule.stands(now) {
            store::end(tx, caller, rule.id)?;
        }
    }
    Ok(())
}
