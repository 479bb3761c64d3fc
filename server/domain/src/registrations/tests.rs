//! Nobody oversells, and nobody is passed over, whatever people do.

use proptest::prelude::*;

use super::*;
use RegistrationState as State;
use RegistrationStep as Step;

/// What happens at a date.
#[derive(Debug, Clone)]
enum Happening {
    Register,
    /// Somebody does this who is registered, by the number under which they came.
    Does(usize, Step),
    /// There are so many places from now on.
    Places(u32),
}

fn happening() -> impl Strategy<Value = Happening> {
    let does =
        (0..40_usize, prop_oneof![Just(Step::Accept), Just(Step::Decline), Just(Step::Expire), Just(Step::Cancel),]);
    prop_oneof![
        4 => Just(Happening::Register),
        4 => does.prop_map(|(who, step)| Happening::Does(who, step)),
        1 => (1..12_u32).prop_map(Happening::Places),
    ]
}

/// A date with those who have registered, in the order in which they came. It does what the store does.
struct Date {
    most: u32,
    waiting_list: bool,
    came: Vec<State>,
}

impl Date {
    fn places(&self) -> Places {
        let taken = self.came.iter().filter(|state| state.holds_place()).count();
        Places {
            most: Some(self.most),
            taken: u32::try_from(taken).unwrap(),
            somebody_waits: self.came.contains(&State::Waitlisted),
            waiting_list: self.waiting_list,
        }
    }

    fn settle(&mut self) {
        while self.places().offers_next() {
            let first = self.came.iter().position(|state| *state == State::Waitlisted).unwrap();
            self.came[first] = self.came[first].after(Step::Offer).unwrap();
        }
    }

    fn happens(&mut self, what: &Happening) {
        match what {
            Happening::Register => match self.places().entry() {
                Entry::Place => self.came.push(State::Confirmed),
                Entry::Waits => self.came.push(State::Waitlisted),
                Entry::Full => {}
            },
            Happening::Does(who, step) => {
                if let Some(state) = self.came.get_mut(*who) {
                    *state = state.after(*step).unwrap_or(*state);
                }
            }
            Happening::Places(most) => self.most = *most,
        }
        self.settle();
    }
}

proptest! {
    #[test]
    fn nobody_oversells_and_nobody_is_passed_over(
        most in 1..8_u32,
        waiting_list: bool,
        all in proptest::collection::vec(happening(), 1..80),
    ) {
        let mut date = Date { most, waiting_list, came: Vec::new() };
        // Who has ever been offered a place, in the order of the offers.
        let mut offers: Vec<usize> = Vec::new();
        for what in &all {
            let before = (date.places(), date.came.clone());
            date.happens(what);
            let now = date.places();
            // Places are taken up to their number; where there are fewer than before, nobody loses theirs and nobody gets one.
            prop_assert!(now.taken <= date.most.max(before.0.taken), "{what:?}: {now:?}");
            if now.taken > date.most {
                prop_assert!(now.taken <= before.0.taken);
            }
            // Nobody waits beside a free place.
            prop_assert!(!now.somebody_waits || now.free() == Some(0));
            let offered = |came: &[State], who: usize| came.get(who) == Some(&State::Offered);
            let new: Vec<usize> =
                (0..date.came.len()).filter(|who| offered(&date.came, *who) && !offered(&before.1, *who)).collect();
            // One offer at most for each place that became free.
            let freed = before.0.taken.saturating_sub(now.taken - u32::try_from(new.len()).unwrap());
            let raised = date.most.saturating_sub(before.0.most.unwrap());
            prop_assert!(u32::try_from(new.len()).unwrap() <= freed + raised, "{what:?}");
            offers.extend(new);
        }
        prop_assert!(offers.is_sorted(), "in the order of coming: {offers:?}");
        prop_assert!(waiting_list || offers.is_empty());
    }
}

#[test]
fn steps_lead_where_they_should_and_nowhere_else() {
    for state in State::ALL {
        assert_eq!(State::parse(state.as_str()), Some(state));
        let cancels = state.after(Step::Cancel);
        assert_eq!(cancels, state.is_live().then_some(State::Cancelled));
        let answers = [Step::Accept, Step::Decline, Step::Expire].map(|step| state.after(step));
        let expected = [State::Confirmed, State::Declined, State::Expired].map(Some);
        assert_eq!(answers, if state == State::Offered { expected } else { [None; 3] });
        // Who has gone is not marked, and who waits was not there.
        let was_there = matches!(state, State::Confirmed | State::Attended | State::Missed);
        assert_eq!(state.after(Step::Attend), was_there.then_some(State::Attended));
        assert_eq!(state.after(Step::Offer), (state == State::Waitlisted).then_some(State::Offered));
    }
}

#[test]
fn only_what_is_public_to_come_and_in_the_app_is_open() {
    let now: Timestamp = "2026-11-27T10:00:00Z".parse().unwrap();
    let (soon, before): (Timestamp, Timestamp) =
        ("2026-11-27T10:00:01Z".parse().unwrap(), "2026-11-27T10:00:00Z".parse().unwrap());
    let phone = Registration::Phone("+4940123456".to_owned());
    let scheduled = OccurrenceState::Scheduled;
    for (status, registration, date, expected) in [
        (Status::Published, &Registration::InApp, None, Ok(())),
        (Status::Published, &Registration::InApp, Some((scheduled, soon)), Ok(())),
        (Status::Published, &Registration::InApp, Some((OccurrenceState::Moved, soon)), Ok(())),
        (Status::Published, &Registration::InApp, Some((scheduled, before)), Err(NoPart::DateOver)),
        (Status::Published, &Registration::InApp, Some((OccurrenceState::Cancelled, soon)), Err(NoPart::DateCancelled)),
        (Status::Paused, &Registration::InApp, None, Err(NoPart::Paused)),
        (Status::Published, &phone, None, Err(NoPart::Elsewhere)),
        (Status::Published, &Registration::None, None, Err(NoPart::Elsewhere)),
        (Status::Published, &Registration::Referral, None, Err(NoPart::Elsewhere)),
    ] {
        assert_eq!(Occasion { status, registration, date }.is_open(now), expected, "{status:?} {date:?}");
    }
}

#[test]
fn a_place_is_kept_for_a_day_and_never_beyond_the_beginning() {
    let now: Timestamp = "2026-11-27T10:00:00Z".parse().unwrap();
    for (begins, until) in [
        (Some("2026-12-27T10:00:00Z"), Some("2026-11-28T10:00:00Z")),
        (Some("2026-11-29T10:00:01Z"), Some("2026-11-28T10:00:00Z")),
        (Some("2026-11-29T10:00:00Z"), Some("2026-11-27T12:00:00Z")),
        (Some("2026-11-27T11:00:00Z"), Some("2026-11-27T11:00:00Z")),
        (Some("2026-11-27T10:00:00Z"), None),
        (None, Some("2026-11-28T10:00:00Z")),
    ] {
        let kept = offered_until(now, begins.map(|at| at.parse().unwrap()));
        assert_eq!(kept.map(|at| at.to_string()), until.map(str::to_owned), "{begins:?}");
    }
}
