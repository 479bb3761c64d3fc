//! Room schedules: when an offer takes place. Its publisher gives rules; from them come the dates, and what is done with one of
//! them (it is cancelled, it moves) outlives a change of the rules.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::DateTime, tz::TimeZone};
use nahraum_domain::{
    ids::{OccurrenceId, OfferId, PlaceId, ScheduleId},
    offers::{
        lifecycle::Status,
        occurrences::{OccurrenceState, OccurrenceStep},
    },
};
use nahraum_formats::recurrence::{Recurrence, RecurrenceError, moment_of};
use nahraum_store::{
    Caller, Tx, places,
    schedules::{self as store, Date, Dates, Plan, Wanted},
};

pub use nahraum_formats::recurrence::{ClockChange, Wanted as WantedRecurrence};
pub use nahraum_store::schedules::{Occurrence, Place, Schedule};

use crate::{App, Call, Refusal, pages::cut, refusal::Failure};

/// How many schedules an offer can have: opening hours of a week, and some more.
pub const MOST_SCHEDULES: usize = 20;

/// How far ahead dates stand in the table, at least, in months.
const AHEAD: i64 = 13;

/// How far away a date can move.
const FARTHEST: SignedDuration = SignedDuration::from_hours(400 * 24);

/// A schedule as somebody wants it.
#[derive(Debug, Clone)]
pub struct Order {
    /// The one that stands and becomes this; none for a new one.
    pub id: Option<ScheduleId>,
    /// What it says.
    pub wanted: WantedRecurrence,
}

/// A schedule, and what the clocks do to its dates.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The schedule.
    pub schedule: Schedule,
    /// The dates at which the clocks change.
    pub clock_changes: Vec<(DateTime, ClockChange)>,
}

/// What is done with one date.
#[derive(Debug, Clone, Copy)]
pub enum Change {
    /// It does not take place.
    Cancel,
    /// It takes place at another time, or somewhere else.
    Move {
        /// When it begins, on the clock of its schedule.
        starts_local: Option<DateTime>,
        /// How long it takes.
        minutes: Option<i32>,
        /// Where it is.
        place: Option<PlaceId>,
    },
    /// It takes place as its schedule has it.
    Restore,
}

/// Why schedules were not set.
#[derive(Debug)]
pub struct NotSet {
    /// Which of them is at fault, from 0; none when it is no single one.
    pub at: Option<usize>,
    /// Why.
    pub refusal: Refusal,
}

impl From<Refusal> for NotSet {
    fn from(refusal: Refusal) -> Self {
        Self { at: None, refusal }
    }
}

/// An order that was looked at.
pub(crate) type Checked = (Option<ScheduleId>, Plan, Dates);

impl App {
    /// Gives an offer these schedules and no others. Those that stay keep their id, and their dates what has become of them; a
    /// future date that no schedule gives any more is cancelled.
    ///
    /// # Errors
    /// [`NotSet`] with [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`] when the offer is none of the
    /// organisation's, [`Refusal::StateConflict`] when it is archived, [`Refusal::Invalid`].
    pub async fn set_schedules(&self, call: &Call, offer: OfferId, orders: Vec<Order>) -> Result<Vec<Shown>, NotSet> {
        if orders.len() > MOST_SCHEDULES {
            return Err(Refusal::invalid("/schedules", "too-many", "At most 20 schedules.").into());
        }
        // Rules cost time to look at, so that nobody's are looked at but those of who may set them.
        self.as_publisher(call, move |tx, caller| open_offer(tx, caller, offer)).await?;
        let now = call.moment.now;
        let checked = tokio::task::spawn_blocking(move || check_all(&orders, now)).await;
        let checked = checked.map_err(|_| Refusal::Internal)??;
        let set = self
            .as_publisher_writing(call, move |tx, caller| {
                open_offer(tx, caller, offer)?;
                let standing = store::of_offer(tx, offer)?;
                match matched(&checked, &standing) {
                    Ok(wanted) => Ok(Ok(store::replace(tx, offer, &wanted)?)),
                    Err(at) => Ok(Err(at)),
                }
            })
            .await?;
        match set {
            Ok(schedules) => Ok(schedules.into_iter().map(shown).collect::<Result<_, _>>()?),
            Err(at) => {
                let refusal = Refusal::invalid(
                    "/id",
                    "unknown-schedule",
                    "The offer has no such schedule, or it is there twice.",
                );
                Err(NotSet { at: Some(at), refusal })
            }
        }
    }

    /// The schedules of an offer.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`].
    pub async fn schedules(&self, call: &Call, offer: OfferId) -> Result<Vec<Shown>, Refusal> {
        let found = self
            .as_publisher(call, move |tx, caller| {
                store::own_offer(tx, caller, offer)?.ok_or(Refusal::NotFound)?;
                Ok(store::of_offer(tx, offer)?)
            })
            .await?;
        found.into_iter().map(shown).collect()
    }

    /// The dates of an offer that begin in `from..to`; from now on, and to the last one, if that is not said.
    ///
    /// # Errors
    /// As [`App::schedules`].
    pub async fn occurrences(
        &self,
        call: &Call,
        offer: OfferId,
        (from, to): (Option<Timestamp>, Option<Timestamp>),
        after: Option<Place>,
        limit: u32,
    ) -> Result<(Vec<Occurrence>, Option<Place>), Refusal> {
        let (from, to) = (from.unwrap_or(call.moment.now), to.unwrap_or(Timestamp::MAX));
        self.as_publisher(call, move |tx, caller| {
            store::own_offer(tx, caller, offer)?.ok_or(Refusal::NotFound)?;
            let mut items = store::list(tx, offer, from, to, after, i64::from(limit) + 1)?;
            let next = cut(&mut items, limit).map(|last| (last.starts_at, last.id));
            Ok((items, next))
        })
        .await
    }

    /// Does something with one date that has not begun.
    ///
    /// # Errors
    /// As [`App::schedules`]; [`Refusal::StateConflict`] when it has begun, its offer is archived, or nothing of the kind can be
    /// done with it as it stands; [`Refusal::Invalid`].
    pub async fn change_occurrence(
        &self,
        call: &Call,
        id: OccurrenceId,
        change: Change,
    ) -> Result<Occurrence, Refusal> {
        self.as_publisher_writing(call, move |tx, caller| {
            let found = store::of_publisher(tx, caller, id)?.ok_or(Refusal::NotFound)?;
            open_offer(tx, caller, found.offer)?;
            if let Change::Move { place: Some(place), .. } = change {
                let unknown = || Refusal::invalid("/place_id", "unknown-place", "Your organisation has no such place.");
                places::own(tx, caller, place)?.ok_or_else(unknown)?;
            }
            let changed = changed(&found, change, tx.now())?;
            Ok(store::put(tx, &changed)?)
        })
        .await
    }
}

/// The offer has to be one of the caller's organisation, and not archived.
fn open_offer(tx: &mut Tx<'_>, caller: &Caller<'_>, offer: OfferId) -> Result<(), Failure> {
    match store::own_offer(tx, caller, offer)? {
        None => Err(Refusal::NotFound.into()),
        Some(Status::Archived) => Err(Refusal::StateConflict.into()),
        Some(Status::Draft | Status::InReview | Status::Published | Status::Paused) => Ok(()),
    }
}

fn check_all(orders: &[Order], now: Timestamp) -> Result<Vec<Checked>, NotSet> {
    let check = |(at, order): (usize, &Order)| {
        let recurrence =
            Recurrence::parse(&order.wanted).map_err(|why| NotSet { at: Some(at), refusal: refused(why) })?;
        let plan = plan(&order.wanted, &recurrence);
        Ok((order.id, plan, dates(&recurrence, now)))
    };
    orders.iter().enumerate().map(check).collect()
}

/// Which of the standing schedules becomes which: by id, and without one, by saying the same. Fails with the place of one that is not
/// there.
pub(crate) fn matched(checked: &[Checked], standing: &[Schedule]) -> Result<Vec<Wanted>, usize> {
    let mut free: Vec<&Schedule> = standing.iter().collect();
    let mut take = |fits: &dyn Fn(&Schedule) -> bool| {
        let found = free.iter().position(|one| fits(one));
        found.map(|at| free.remove(at).id)
    };
    let mut ids = Vec::new();
    for (at, (id, _, _)) in checked.iter().enumerate() {
        let taken = id.map(|id| take(&|one| one.id == id).ok_or(at)).transpose()?;
        ids.push(taken);
    }
    let wanted = checked.iter().zip(ids).map(|((_, plan, dates), id)| {
        let id = id.or_else(|| take(&|one| one.plan == *plan));
        Wanted { id, plan: plan.clone(), dates: dates.clone() }
    });
    Ok(wanted.collect())
}

/// A plan, as it is kept.
pub(crate) fn plan(wanted: &WantedRecurrence, recurrence: &Recurrence) -> Plan {
    Plan {
        time_zone: recurrence.time_zone().to_owned(),
        starts_local: wanted.starts,
        minutes: wanted.minutes,
        rule: recurrence.rule(),
        skip_holidays_in: wanted.skip_holidays_in,
        skip: wanted.skip.iter().copied().collect::<BTreeSet<_>>(),
        extra: wanted.extra.iter().copied().collect::<BTreeSet<_>>(),
    }
}

/// A standing schedule, looked at again. It was good when it was set.
pub(crate) fn recurrence(plan: &Plan) -> Result<Recurrence, Refusal> {
    let wanted = WantedRecurrence {
        time_zone: plan.time_zone.clone(),
        starts: plan.starts_local,
        minutes: plan.minutes,
        rule: plan.rule.clone(),
        skip: plan.skip.iter().copied().collect(),
        extra: plan.extra.iter().copied().collect(),
        skip_holidays_in: plan.skip_holidays_in,
    };
    Recurrence::parse(&wanted).map_err(|why| {
        tracing::error!(why = why.code(), "a schedule that stands is not good any more");
        Refusal::Internal
    })
}

fn shown(schedule: Schedule) -> Result<Shown, Refusal> {
    let clock_changes = recurrence(&schedule.plan)?.clock_changes();
    Ok(Shown { schedule, clock_changes })
}

/// Up to when dates have to stand in the table at a moment.
pub(crate) fn needed_until(now: Timestamp) -> Timestamp {
    months_after(now, AHEAD)
}

/// The dates from a moment on: a month more than has to stand in the table, so that phones that keep a copy of the offer hear of
/// new dates once a month and not every day.
pub(crate) fn dates(recurrence: &Recurrence, now: Timestamp) -> Dates {
    let until = months_after(now, AHEAD + 1);
    let dates = recurrence.between(now, until).into_iter();
    let dates =
        dates.map(|one| Date { starts_local: one.starts_local, starts_at: one.starts_at, ends_at: one.ends_at });
    Dates { from_local: recurrence.local(now), dates: dates.collect(), until }
}

fn months_after(now: Timestamp, months: i64) -> Timestamp {
    now.to_zoned(TimeZone::UTC).saturating_add(months.months()).timestamp()
}

/// How a date stands after a change.
fn changed(found: &Occurrence, change: Change, now: Timestamp) -> Result<Occurrence, Refusal> {
    let step = match change {
        Change::Cancel => OccurrenceStep::Cancel,
        Change::Move { .. } => OccurrenceStep::Move,
        Change::Restore => OccurrenceStep::Restore,
    };
    let state = found.state.after(step).filter(|_| !found.dropped && found.starts_at > now);
    let next = Occurrence { state: state.ok_or(Refusal::StateConflict)?, ..found.clone() };
    match change {
        Change::Cancel => Ok(next),
        Change::Move { starts_local, minutes, place } => moved(next, (starts_local, minutes, place), now),
        Change::Restore => {
            let starts_at = moment_of(&found.time_zone, found.planned_local).ok_or(Refusal::Internal)?;
            if starts_at <= now {
                return Err(Refusal::StateConflict);
            }
            let ends_at = starts_at + SignedDuration::from_mins(i64::from(found.minutes));
            debug_assert_eq!(next.state, OccurrenceState::Scheduled);
            Ok(Occurrence { starts_at, ends_at, place: None, ..next })
        }
    }
}

fn moved(
    date: Occurrence,
    (starts_local, minutes, place): (Option<DateTime>, Option<i32>, Option<PlaceId>),
    now: Timestamp,
) -> Result<Occurrence, Refusal> {
    if starts_local.is_none() && minutes.is_none() && place.is_none() {
        let detail = "Another time, another length or another place.";
        return Err(Refusal::invalid("/starts_local", "missing-field", detail));
    }
    let starts_at = starts_local.map_or(Some(date.starts_at), |local| moment_of(&date.time_zone, local));
    let starts_at = starts_at
        .filter(|at| *at > now && at.duration_since(now) <= FARTHEST)
        .ok_or_else(|| Refusal::invalid("/starts_local", "out-of-range", "A time to come, within 400 days."))?;
    let lasts = match minutes {
        None => date.ends_at.duration_since(date.starts_at),
        Some(minutes @ 1..=1440) => SignedDuration::from_mins(i64::from(minutes)),
        Some(_) => return Err(refused_at("/minutes", RecurrenceError::OddMinutes)),
    };
    Ok(Occurrence { starts_at, ends_at: starts_at + lasts, place: place.or(date.place), ..date })
}

/// A reason and the field that it is about.
pub(crate) fn refused(why: RecurrenceError) -> Refusal {
    use RecurrenceError as E;
    let pointer = match why {
        E::UnknownZone => "/time_zone",
        E::OddStart => "/starts_local",
        E::OddMinutes => "/minutes",
        E::TooManyExceptions | E::DoubledException => "/skip",
        E::Malformed
        | E::DoubledPart
        | E::UnknownPart
        | E::SetPosition
        | E::OddFrequency
        | E::SubDaily
        | E::OddInterval
        | E::OddCount
        | E::LocalUntil
        | E::TwoEnds
        | E::OddDay
        | E::OrdinalDay
        | E::OddMonthDay
        | E::MonthDayInWeek
        | E::OddMonth
        | E::NoDate => "/rule",
    };
    refused_at(pointer, why)
}

fn refused_at(pointer: &'static str, why: RecurrenceError) -> Refusal {
    Refusal::invalid(pointer, why.code(), why.sentence())
}
