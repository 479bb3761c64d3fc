//! Acts that take two persons (SR-Z11, SR-L05): one of the operator asks and says why, another one agrees, and for half an
//! hour it can be done. Rules only: nothing here knows a clock or a database.

use jiff::{SignedDuration, Timestamp};

use crate::{
    access::{Basis, Role},
    erasure::ErasureReason,
    ids::StaffId,
};

/// How long a wish waits for a second person.
pub const WISH_WAITS: SignedDuration = SignedDuration::from_hours(24);
/// How long it can be done after the second person has agreed.
pub const APPROVAL_LASTS: SignedDuration = SignedDuration::from_mins(30);

/// Why somebody of the operator wants to look into a resident's access log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookReason {
    /// The resident asked for it.
    ResidentAsked,
    /// Misuse is suspected.
    SuspectedMisuse,
    /// An authority or a court demanded it.
    Authority,
}

impl LookReason {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::ResidentAsked, Self::SuspectedMisuse, Self::Authority];

    /// What the entry in the resident's log says.
    #[must_use]
    pub const fn basis(self) -> Basis {
        match self {
            Self::ResidentAsked => Basis::ResidentAsked,
            Self::SuspectedMisuse => Basis::SuspectedMisuse,
            Self::Authority => Basis::Authority,
        }
    }
}

/// Why somebody of the operator wants to cut a resident's phones off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CutOffReason {
    /// The resident called: the phone is lost or stolen.
    ResidentAsked,
    /// Somebody else seems to use it.
    SuspectedMisuse,
}

impl CutOffReason {
    /// Every reason.
    pub const ALL: [Self; 2] = [Self::ResidentAsked, Self::SuspectedMisuse];

    /// What the entry in the resident's log says.
    #[must_use]
    pub const fn basis(self) -> Basis {
        match self {
            Self::ResidentAsked => Basis::ResidentAsked,
            Self::SuspectedMisuse => Basis::SuspectedMisuse,
        }
    }
}

/// What is to be done to one resident, and for what kind of reason. Both are fixed when it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// The resident's key is destroyed, and everything goes with it. Once.
    DestroyKey(ErasureReason),
    /// The one who asked looks into the resident's access log, as often as there is time.
    ReadAccessLog(LookReason),
    /// The one who asked cuts all the resident's phones off, for somebody who calls a help line (SR-S07). Once.
    CutOffPhones(CutOffReason),
}

impl Act {
    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DestroyKey(_) => "destroy-key",
            Self::ReadAccessLog(_) => "read-access-log",
            Self::CutOffPhones(_) => "cut-off-phones",
        }
    }

    /// A stable word for the kind of reason.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::DestroyKey(reason) => reason.as_str(),
            Self::ReadAccessLog(reason) => reason.basis().as_str(),
            Self::CutOffPhones(reason) => reason.basis().as_str(),
        }
    }

    /// The act with these two words.
    #[must_use]
    pub fn parse(act: &str, why: &str) -> Option<Self> {
        let destroy = ErasureReason::ALL.into_iter().map(Self::DestroyKey);
        let look = LookReason::ALL.into_iter().map(Self::ReadAccessLog);
        let cut_off = CutOffReason::ALL.into_iter().map(Self::CutOffPhones);
        destroy.chain(look).chain(cut_off).find(|known| known.as_str() == act && known.why() == why)
    }

    /// Whether it is over when it was done once.
    const fn is_done_once(self) -> bool {
        match self {
            Self::DestroyKey(_) | Self::CutOffPhones(_) => true,
            Self::ReadAccessLog(_) => false,
        }
    }
}

/// Whether a role takes part in such acts at all.
#[must_use]
pub const fn role_may(role: Role) -> bool {
    match role {
        Role::Operator => true,
        Role::Resident | Role::Representative | Role::Staff | Role::District | Role::Software | Role::Holder => false,
    }
}

/// What was decided about a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// Nothing yet.
    Open,
    /// A second person agreed, at this moment.
    Agreed(Timestamp),
    /// Somebody said no, or the one who asked took it back.
    Denied,
}

/// A wish as it is stored.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    /// What is to be done.
    pub act: Act,
    /// Who asked.
    pub asked_by: StaffId,
    /// When.
    pub asked_at: Timestamp,
    /// What was decided.
    pub decided: Decided,
    /// When it was done, for the first time.
    pub used_at: Option<Timestamp>,
}

/// Where a wish stands by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It waits for a second person.
    Open,
    /// It can be done now.
    Approved,
    /// Somebody said no.
    Denied,
    /// It was done, and cannot be again.
    Used,
    /// Nobody agreed, or nobody did it, in time.
    Expired,
}

impl State {
    /// A stable word for it, in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Used => "used",
            Self::Expired => "expired",
        }
    }
}

/// The policy's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Yes,
    /// No: not this person.
    WrongPerson,
    /// No: not in the state it is in.
    Late,
}

impl Wish {
    /// When what can happen next cannot happen any more.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        match self.decided {
            Decided::Agreed(at) => at + APPROVAL_LASTS,
            Decided::Open | Decided::Denied => self.asked_at + WISH_WAITS,
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> State {
        let is_over = now >= self.ends_at();
        match self.decided {
            Decided::Denied => State::Denied,
            Decided::Agreed(_) if self.used_at.is_some() && (is_over || self.act.is_done_once()) => State::Used,
            Decided::Open | Decided::Agreed(_) if is_over => State::Expired,
            Decided::Open => State::Open,
            Decided::Agreed(_) => State::Approved,
        }
    }

    /// May this person agree? Not the one who asked.
    #[must_use]
    pub fn may_agree(&self, person: StaffId, now: Timestamp) -> Verdict {
        if person == self.asked_by {
            return Verdict::WrongPerson;
        }
        match self.state(now) {
            State::Open => Verdict::Yes,
            State::Approved | State::Denied | State::Used | State::Expired => Verdict::Late,
        }
    }

    /// May somebody say no, or take it back? Anybody who may take part, as long as nothing was done.
    #[must_use]
    pub fn may_deny(&self, now: Timestamp) -> Verdict {
        match self.state(now) {
            State::Open | State::Approved => Verdict::Yes,
            State::Denied | State::Used | State::Expired => Verdict::Late,
        }
    }

    /// May this person do it now? Only the one who asked.
    #[must_use]
    pub fn may_use(&self, person: StaffId, now: Timestamp) -> Verdict {
        if person != self.asked_by {
            return Verdict::WrongPerson;
        }
        match self.state(now) {
            State::Approved => Verdict::Yes,
            State::Open | State::Denied | State::Used | State::Expired => Verdict::Late,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: StaffId = StaffId::from_bytes([1; 16]);
    const TWO: StaffId = StaffId::from_bytes([2; 16]);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    fn wish(act: Act, decided: Decided, used: Option<i64>) -> Wish {
        Wish { act, asked_by: ONE, asked_at: at(0), decided, used_at: used.map(at) }
    }

    const DESTROY: Act = Act::DestroyKey(ErasureReason::Asked);
    const LOOK: Act = Act::ReadAccessLog(LookReason::Authority);

    #[test]
    fn words_lead_back_and_do_not_mix() {
        const CUT_OFF: Act = Act::CutOffPhones(CutOffReason::SuspectedMisuse);
        for act in [DESTROY, LOOK, CUT_OFF, Act::ReadAccessLog(LookReason::SuspectedMisuse)] {
            assert_eq!(Act::parse(act.as_str(), act.why()), Some(act));
        }
        assert_eq!(Act::parse("destroy-key", "authority"), None);
        assert_eq!(Act::parse("read-access-log", "unused"), None);
    }

    /// SR-Z11
    #[test]
    fn sr_z11_nobody_agrees_to_their_own_wish_and_nothing_is_done_before_somebody_did() {
        for act in [DESTROY, LOOK] {
            let open = wish(act, Decided::Open, None);
            assert_eq!(open.may_agree(ONE, at(1)), Verdict::WrongPerson);
            assert_eq!(open.may_agree(TWO, at(1)), Verdict::Yes);
            assert_eq!(open.may_use(ONE, at(1)), Verdict::Late);
            assert_eq!(open.may_agree(TWO, at(24 * 3600)), Verdict::Late, "a wish waits a day, to the second");
            let agreed = wish(act, Decided::Agreed(at(100)), None);
            assert_eq!(agreed.may_use(TWO, at(101)), Verdict::WrongPerson);
            assert_eq!(agreed.may_use(ONE, at(101)), Verdict::Yes);
            assert_eq!(agreed.may_use(ONE, at(100 + 30 * 60)), Verdict::Late, "it lasts half an hour");
            assert_eq!(agreed.may_agree(TWO, at(101)), Verdict::Late);
            assert_eq!(agreed.may_deny(at(101)), Verdict::Yes);
            let denied = wish(act, Decided::Denied, None);
            assert_eq!((denied.may_use(ONE, at(101)), denied.may_agree(TWO, at(101))), (Verdict::Late, Verdict::Late));
        }
    }

    #[test]
    fn a_key_is_destroyed_once_and_a_log_is_read_for_half_an_hour() {
        let agreed = Decided::Agreed(at(100));
        assert_eq!(wish(DESTROY, agreed, Some(110)).state(at(111)), State::Used);
        assert_eq!(wish(LOOK, agreed, Some(110)).may_use(ONE, at(111)), Verdict::Yes);
        assert_eq!(wish(LOOK, agreed, Some(110)).state(at(100 + 30 * 60)), State::Used);
        assert_eq!(wish(LOOK, agreed, None).state(at(100 + 30 * 60)), State::Expired);
    }

    #[test]
    fn only_the_operator_takes_part() {
        let all = [Role::Resident, Role::Staff, Role::District, Role::Operator, Role::Software, Role::Holder];
        assert_eq!(all.into_iter().filter(|role| role_may(*role)).collect::<Vec<_>>(), [Role::Operator]);
    }
}
