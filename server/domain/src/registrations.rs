//! Room registrations: taking part in an offer. Who has a place, who waits for one, and to whom a place that became free is
//! offered; as pure functions, which the store asks before it writes.

mod needs;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};

pub use self::needs::Needs;
use crate::offers::{facts::Registration, lifecycle::Status, occurrences::OccurrenceState};

/// How long before it begins people are reminded.
pub const REMINDED_BEFORE: SignedDuration = SignedDuration::from_hours(24);

/// For how much of what is to come one resident can register: nobody takes the places of a whole district.
pub const MOST_TO_COME: i64 = 60;

/// Where somebody stands who has registered. Whether the date takes place at all is the date's, and not told here: who had a
/// place at a date that is cancelled by mistake has it again when it is restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RegistrationState {
    /// They have a place.
    Confirmed,
    /// They wait for one.
    Waitlisted,
    /// A place became free and is kept for them until they have answered, for a while.
    Offered,
    /// They did not want the place that was offered.
    Declined,
    /// They did not answer in time.
    Expired,
    /// They do not come.
    Cancelled,
    /// They were there.
    Attended,
    /// They were not.
    Missed,
}

/// What happens to a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RegistrationStep {
    /// A place became free.
    Offer,
    /// They take it.
    Accept,
    /// They do not want it.
    Decline,
    /// They have not answered in time.
    Expire,
    /// The date is cancelled: nothing is offered, and they keep their turn.
    Requeue,
    /// They do not come.
    Cancel,
    /// They were there.
    Attend,
    /// They were not.
    Miss,
}

impl RegistrationState {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Confirmed,
        Self::Waitlisted,
        Self::Offered,
        Self::Declined,
        Self::Expired,
        Self::Cancelled,
        Self::Attended,
        Self::Missed,
    ];

    /// Those that keep a place from others.
    pub const SEATED: [Self; 4] = [Self::Confirmed, Self::Offered, Self::Attended, Self::Missed];

    /// Those of people who want to come.
    pub const LIVE: [Self; 3] = [Self::Confirmed, Self::Waitlisted, Self::Offered];

    /// Those that stand on the list at the door.
    pub const LISTED: [Self; 5] = [Self::Confirmed, Self::Offered, Self::Waitlisted, Self::Attended, Self::Missed];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Waitlisted => "waitlisted",
            Self::Offered => "offered",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Attended => "attended",
            Self::Missed => "missed",
        }
    }

    /// The state with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether it keeps a place from others. An offered place is kept too, so that nobody else gets it meanwhile.
    #[must_use]
    pub fn holds_place(self) -> bool {
        Self::SEATED.contains(&self)
    }

    /// Whether they want to come.
    #[must_use]
    pub fn is_live(self) -> bool {
        Self::LIVE.contains(&self)
    }

    /// Where they stand after a step; none where that step is none.
    #[must_use]
    pub const fn after(self, step: RegistrationStep) -> Option<Self> {
        use RegistrationStep as S;
        match (self, step) {
            (Self::Waitlisted, S::Offer) => Some(Self::Offered),
            (Self::Offered, S::Accept) => Some(Self::Confirmed),
            (Self::Offered, S::Decline) => Some(Self::Declined),
            (Self::Offered, S::Expire) => Some(Self::Expired),
            (Self::Offered, S::Requeue) => Some(Self::Waitlisted),
            (Self::Confirmed | Self::Waitlisted | Self::Offered, S::Cancel) => Some(Self::Cancelled),
            (Self::Confirmed | Self::Attended | Self::Missed, S::Attend) => Some(Self::Attended),
            (Self::Confirmed | Self::Attended | Self::Missed, S::Miss) => Some(Self::Missed),
            (
                Self::Confirmed
                | Self::Waitlisted
                | Self::Offered
                | Self::Declined
                | Self::Expired
                | Self::Cancelled
                | Self::Attended
                | Self::Missed,
                S::Offer | S::Accept | S::Decline | S::Expire | S::Requeue | S::Cancel | S::Attend | S::Miss,
            ) => None,
        }
    }
}

/// The places of one date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// How many there are; none when nothing is counted.
    pub most: Option<u32>,
    /// How many are taken, or kept for somebody.
    pub taken: u32,
    /// Whether somebody waits.
    pub somebody_waits: bool,
    /// Whether one can wait.
    pub waiting_list: bool,
}

/// What becomes of somebody who registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// They get a place.
    Place,
    /// They wait, behind all others.
    Waits,
    /// There is no place and no waiting list.
    Full,
}

impl Places {
    /// How many are free; none when nothing is counted.
    #[must_use]
    pub fn free(self) -> Option<u32> {
        self.most.map(|most| most.saturating_sub(self.taken))
    }

    /// What becomes of somebody who registers now. Nobody gets in before those who wait.
    #[must_use]
    pub fn entry(self) -> Entry {
        match (self.free(), self.waiting_list) {
            (None | Some(1..), _) if !self.somebody_waits => Entry::Place,
            (_, true) => Entry::Waits,
            (_, false) => Entry::Full,
        }
    }

    /// Whether the first who waits is offered a place now.
    #[must_use]
    pub fn offers_next(self) -> bool {
        self.somebody_waits && self.free() != Some(0)
    }
}

/// Why somebody cannot register, or answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoPart {
    /// One registers elsewhere, or not at all.
    Elsewhere,
    /// For a while nobody can take part.
    Paused,
    /// That date does not take place.
    DateCancelled,
    /// It has begun.
    DateOver,
    /// All places are taken, and nobody can wait.
    Full,
    /// They have registered already.
    Already,
    /// No place is kept for them (any more).
    NotOffered,
}

/// What one registers for.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'a> {
    /// Where the offer stands. One that is not public is not there for residents.
    pub status: Status,
    /// How one registers.
    pub registration: &'a Registration,
    /// How the date stands, if it is one.
    pub date: Option<(OccurrenceState, Timestamp)>,
}

impl Occasion<'_> {
    /// Whether somebody can register now.
    ///
    /// # Errors
    /// Why not.
    pub fn is_open(&self, now: Timestamp) -> Result<(), NoPart> {
        match (self.registration, self.status) {
            (Registration::None | Registration::Phone(_) | Registration::Website(_) | Registration::Referral, _) => {
                return Err(NoPart::Elsewhere);
            }
            (Registration::InApp, Status::Published) => {}
            (Registration::InApp, Status::Draft | Status::InReview | Status::Paused | Status::Archived) => {
                return Err(NoPart::Paused);
            }
        }
        match self.date {
            Some((OccurrenceState::Cancelled, _)) => Err(NoPart::DateCancelled),
            Some((OccurrenceState::Scheduled | OccurrenceState::Moved, begins)) if begins <= now => {
                Err(NoPart::DateOver)
            }
            Some((OccurrenceState::Scheduled | OccurrenceState::Moved, _)) | None => Ok(()),
        }
    }

    /// Whether it takes place, as far as anybody knows. Who is registered for what does not is told so.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.status != Status::Archived && self.date.is_none_or(|(state, _)| state != OccurrenceState::Cancelled)
    }
}

/// How long a place that became free is kept for the one to whom it is offered: a day; two hours when it begins within two days;
/// never beyond its beginning. None when it has begun: then nothing is offered any more.
#[must_use]
pub fn offered_until(now: Timestamp, begins: Option<Timestamp>) -> Option<Timestamp> {
    let Some(begins) = begins else { return Some(now + SignedDuration::from_hours(24)) };
    let left = begins.duration_since(now);
    let kept = SignedDuration::from_hours(if left <= SignedDuration::from_hours(48) { 2 } else { 24 });
    (left > SignedDuration::ZERO).then(|| (now + kept).min(begins))
}
