//! Software of a practice as rules: how long its key is good, how it is let in by a code that a person types, and how
//! often it may ask (security paper, b1 and b5; RFC 8628). Nothing here knows a clock or a database.

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};

use crate::throttle::{Failures, Gate};

/// How long a key is good (SR-K10).
pub const KEY_LASTS: SignedDuration = SignedDuration::from_hours(90 * 24);
/// From which age on software puts a new key in the place of its own.
pub const KEY_RENEWABLE: SignedDuration = SignedDuration::from_hours(60 * 24);
/// How long a pairing waits for a person.
pub const PAIRING_LASTS: SignedDuration = SignedDuration::from_mins(10);
/// How many seconds software waits between two questions, at first.
pub const POLL_SECONDS: i32 = 5;
/// How many pairings may wait for a person at once, in the whole installation: anybody can begin one.
const MOST_PAIRINGS: i64 = 1_000;
/// How many of them from one network. Lenient: many practices may sit behind one address of a carrier or a data centre.
const MOST_OF_A_NETWORK: i64 = 50;

/// Wrong codes in a row after which a person waits.
const WRONG_CODES: i32 = 10;
/// How long they wait, and after which time without a wrong one the count begins anew.
const WRONG_CODES_WAIT: SignedDuration = SignedDuration::from_hours(1);

/// Whether software may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Yes.
    Good,
    /// Its practice has taken it away.
    Revoked,
    /// It showed too many bad assertions; a person of the practice decides whether it may go on.
    Suspended,
    /// Its key was not renewed in time.
    Expired,
}

/// What the columns of a client say together.
#[must_use]
pub fn standing(revoked: bool, suspended: bool, expires_at: Timestamp, now: Timestamp) -> Standing {
    match () {
        () if revoked => Standing::Revoked,
        () if now >= expires_at => Standing::Expired,
        () if suspended => Standing::Suspended,
        () => Standing::Good,
    }
}

/// Where a pairing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairingState {
    /// Nobody has typed the code yet.
    Open,
    /// A person has let the software in, and it has not asked since.
    Approved,
    /// A person has turned it away.
    Denied,
    /// The software has its first token.
    Done,
}

impl PairingState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Open, Self::Approved, Self::Denied, Self::Done];

    /// A stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Done => "done",
        }
    }

    /// The state with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// The pairings of one network that wait for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue<N> {
    /// A name of the network.
    pub network: N,
    /// How many.
    pub count: i64,
    /// When the one that waits longest was begun.
    pub oldest: Timestamp,
}

/// The queue whose oldest pairing gives way to a new one of the network `mine`, if one has to (SR-A06).
///
/// A network that has its fill, or as many as any other when the house is full, makes room itself. Otherwise the longest
/// queue does, and of several the one that has waited longest. So nobody is turned away, and who fills the house pushes out
/// others only from as many networks as there are places.
#[must_use]
pub fn gives_way<'q, N: Eq>(queues: &'q [Queue<N>], mine: &N) -> Option<&'q Queue<N>> {
    let own = queues.iter().find(|queue| queue.network == *mine);
    let longest = queues.iter().max_by_key(|queue| (queue.count, Reverse(queue.oldest)))?;
    let full = queues.iter().map(|queue| queue.count).sum::<i64>() >= MOST_PAIRINGS;
    match own {
        Some(own) if own.count >= MOST_OF_A_NETWORK => Some(own),
        Some(own) if full && own.count >= longest.count => Some(own),
        Some(_) | None => full.then_some(longest),
    }
}

/// A pairing as it stands when its software asks.
#[derive(Debug, Clone, Copy)]
pub struct Waiting {
    /// Its state.
    pub state: PairingState,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When the software asked before.
    pub polled_at: Option<Timestamp>,
    /// The seconds it was told to wait.
    pub interval: i32,
}

/// What software that asks is told (RFC 8628, 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Poll {
    /// Nobody has decided yet.
    Pending,
    /// It asks too often; from now on it waits for so many seconds.
    SlowDown(i32),
    /// A person has turned it away.
    Denied,
    /// Nobody decided in time.
    Expired,
    /// Its tokens, this once.
    Tokens,
    /// It had them already.
    Done,
}

/// What the software of a pairing is told now.
#[must_use]
pub fn judge_poll(waiting: Waiting, now: Timestamp) -> Poll {
    match waiting.state {
        PairingState::Done => Poll::Done,
        PairingState::Denied => Poll::Denied,
        PairingState::Open | PairingState::Approved if now >= waiting.expires_at => Poll::Expired,
        PairingState::Open | PairingState::Approved if too_early(waiting, now) => {
            Poll::SlowDown(waiting.interval.saturating_add(POLL_SECONDS))
        }
        PairingState::Open => Poll::Pending,
        PairingState::Approved => Poll::Tokens,
    }
}

/// A second less than it was told, because its clock is not ours.
fn too_early(waiting: Waiting, now: Timestamp) -> bool {
    let pause = SignedDuration::from_secs(i64::from(waiting.interval.saturating_sub(1)));
    waiting.polled_at.is_some_and(|last| now.duration_since(last).abs() < pause)
}

/// Whether a person may type a code now.
#[must_use]
pub fn code_gate(failures: Failures, now: Timestamp) -> Gate {
    match failures.last_at {
        Some(last) if failures.count >= WRONG_CODES => {
            // A clock that jumped back must not lock anyone out for longer than an hour.
            let until = last.min(now) + WRONG_CODES_WAIT;
            if now < until { Gate::Wait(until) } else { Gate::Open }
        }
        Some(_) | None => Gate::Open,
    }
}

/// The count after one more wrong code.
#[must_use]
pub fn wrong_code(failures: Failures, now: Timestamp) -> Failures {
    let old = failures.last_at.is_none_or(|last| now.duration_since(last) >= WRONG_CODES_WAIT);
    Failures { count: if old { 1 } else { failures.count.saturating_add(1) }, last_at: Some(now) }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, VecDeque};

    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    fn waiting(state: PairingState, polled: Option<i64>, interval: i32) -> Waiting {
        Waiting { state, expires_at: at(600), polled_at: polled.map(at), interval }
    }

    /// SR-K10: the key ends on the second.
    #[test]
    fn sr_k10_a_key_ends_on_the_second() {
        assert_eq!(standing(false, false, at(10), at(9)), Standing::Good);
        assert_eq!(standing(false, false, at(10), at(10)), Standing::Expired);
        assert_eq!(standing(false, true, at(10), at(9)), Standing::Suspended);
        assert_eq!(standing(true, true, at(10), at(99)), Standing::Revoked);
    }

    #[test]
    fn software_that_asks_too_often_waits_longer() {
        use PairingState::{Approved, Denied, Done, Open};
        assert_eq!(judge_poll(waiting(Open, None, 5), at(0)), Poll::Pending);
        assert_eq!(judge_poll(waiting(Open, Some(0), 5), at(3)), Poll::SlowDown(10));
        assert_eq!(judge_poll(waiting(Open, Some(0), 10), at(8)), Poll::SlowDown(15));
        assert_eq!(judge_poll(waiting(Open, Some(0), 5), at(5)), Poll::Pending);
        assert_eq!(judge_poll(waiting(Approved, Some(0), 5), at(5)), Poll::Tokens);
        assert_eq!(judge_poll(waiting(Approved, Some(0), 5), at(1)), Poll::SlowDown(10));
        assert_eq!(judge_poll(waiting(Denied, Some(0), 5), at(1)), Poll::Denied);
        assert_eq!(judge_poll(waiting(Done, None, 5), at(1)), Poll::Done);
        for state in [Open, Approved] {
            assert_eq!(judge_poll(waiting(state, None, 5), at(600)), Poll::Expired);
            assert_ne!(judge_poll(waiting(state, None, 5), at(599)), Poll::Expired);
        }
    }

    #[test]
    fn ten_wrong_codes_cost_an_hour() {
        let mut failures = Failures::default();
        for second in 0..10 {
            assert_eq!(code_gate(failures, at(second)), Gate::Open);
            failures = wrong_code(failures, at(second));
        }
        assert_eq!(code_gate(failures, at(9)), Gate::Wait(at(9 + 3_600)));
        assert_eq!(code_gate(failures, at(9 + 3_600)), Gate::Open);
        assert_eq!(wrong_code(failures, at(9 + 3_600)).count, 1);
        assert_eq!(code_gate(failures, at(-99_999)), Gate::Wait(at(-99_999 + 3_600)));
    }

    /// Pairings that wait, by network, and the moment of the last.
    struct House(BTreeMap<u32, VecDeque<Timestamp>>, Timestamp);

    impl House {
        const fn new() -> Self {
            Self(BTreeMap::new(), Timestamp::UNIX_EPOCH)
        }

        fn begin(&mut self, network: u32) {
            let queue = |(network, begun): (&u32, &VecDeque<Timestamp>)| {
                let count = i64::try_from(begun.len()).unwrap();
                begun.front().map(|oldest| Queue { network: *network, count, oldest: *oldest })
            };
            let queues: Vec<_> = self.0.iter().filter_map(queue).collect();
            if let Some(out) = gives_way(&queues, &network) {
                self.0.get_mut(&out.network).unwrap().pop_front();
            }
            self.1 += SignedDuration::from_millis(1);
            self.0.entry(network).or_default().push_back(self.1);
        }

        fn count(&self, network: u32) -> usize {
            self.0.get(&network).map_or(0, VecDeque::len)
        }

        fn all(&self) -> usize {
            self.0.values().map(VecDeque::len).sum()
        }
    }

    #[test]
    fn sr_a06_a_network_that_has_its_fill_makes_room_itself() {
        let mut house = House::new();
        house.begin(1);
        for _ in 0..500 {
            house.begin(2);
        }
        assert_eq!((house.count(1), house.count(2)), (1, 50));
    }

    #[test]
    fn sr_a06_in_a_full_house_the_longest_queue_makes_room_and_the_oldest_of_equals() {
        let mut house = House::new();
        (0..1_000).for_each(|n| house.begin(n % 20));
        assert_eq!(house.all(), 1_000);
        house.begin(20);
        assert_eq!((house.count(0), house.count(1), house.count(20)), (49, 50, 1));
        house.begin(0);
        assert_eq!((house.count(0), house.count(1)), (50, 49));
        house.begin(2);
        assert_eq!((house.count(1), house.count(2)), (49, 50), "as many as anybody: its own");
        let alone: Vec<_> =
            (0..1_000).map(|network| Queue { network, count: 1, oldest: at(-i64::from(network)) }).collect();
        assert_eq!(gives_way(&alone, &5_000).map(|queue| queue.network), Some(999));
        assert_eq!(gives_way(&alone, &7).map(|queue| queue.network), Some(7));
        assert_eq!(gives_way(&alone[1..], &5_000), None);
        assert_eq!(gives_way::<u32>(&[], &1), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn sr_a06_nobody_is_pushed_out_by_a_flood_from_fewer_networks_than_places(
            networks in 1_u32..900, flood in 1_000_usize..2_500, late in 0_usize..1_000, seed in any::<u32>(),
        ) {
            let (mut house, mut random) = (House::new(), seed);
            for n in 0..flood {
                if n == late {
                    house.begin(u32::MAX);
                }
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                house.begin((random >> 8) % networks);
            }
            prop_assert!(house.all() <= 1_000);
            prop_assert_eq!(house.count(u32::MAX), 1);
            prop_assert!((0..networks).all(|network| house.count(network) <= 50));
        }
    }

    #[test]
    fn words_of_states_are_unique() {
        for state in PairingState::ALL {
            assert_eq!(PairingState::parse(state.as_str()), Some(state));
        }
    }
}
