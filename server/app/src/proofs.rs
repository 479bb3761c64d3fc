//! Proofs of possession (RFC 9449): judged once per request, and never twice.

use std::{
    collections::HashSet,
    mem,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use nahraum_secrets::{
    DPOP_REPLAY_BY_CLOCK, DPOP_REPLAY_BY_NONCE, DpopError, DpopExpected, KeyThumbprint, NonceKey, Token, verify_dpop,
};

/// What stands in the `DPoP` header of a request, and what it has to fit.
#[derive(Debug, Clone, Copy)]
pub struct ProofHeader<'a> {
    /// The header's value.
    pub text: &'a str,
    /// The request's method.
    pub method: &'a str,
    /// The request's path, beginning with a slash.
    pub path: &'a str,
}

/// What a request has shown about its sender's key.
#[derive(Debug, Clone, Copy)]
pub enum Proof {
    /// Nothing.
    None,
    /// It holds this key.
    Holds(KeyThumbprint),
    /// Something that proves nothing.
    Refused(DpopError),
}

/// The most proofs of one generation. Anybody can make proofs with keys of their own, so a flood of them makes us forget
/// early rather than grow: some sixty megabytes at the very worst. It takes thousands of good proofs a second to get there.
const MOST: usize = 500_000;

/// The proofs seen lately, in this process.
///
/// Two kinds, because they can be repeated for differently long: one that stands on its time for two minutes, one that
/// stands on a server's nonce for ten. Each kind has two generations; the older one is forgotten when the newer one is
/// as old as a proof can get. A proof may therefore be remembered up to twice as long as needed, never shorter.
///
/// Several server processes do not share it: somebody who has broken TLS could show one proof to each of them, for the
/// same request, within a minute. `ops/deviations.md` says so.
#[derive(Debug)]
pub(crate) struct SeenProofs {
    timely: Mutex<Generations>,
    with_nonce: Mutex<Generations>,
}

#[derive(Debug)]
struct Generations {
    newer: HashSet<[u8; 16]>,
    older: HashSet<[u8; 16]>,
    since: Timestamp,
    turn: SignedDuration,
}

impl Generations {
    fn new(turn: SignedDuration) -> Self {
        Self { newer: HashSet::new(), older: HashSet::new(), since: Timestamp::UNIX_EPOCH, turn }
    }

    /// Whether it is the first time.
    fn first(&mut self, proof: [u8; 16], now: Timestamp) -> bool {
        let age = now.duration_since(self.since).abs();
        let full = self.newer.len() >= MOST;
        if age >= self.turn || full {
            self.older = if age < self.turn * 2 { mem::take(&mut self.newer) } else { HashSet::new() };
            self.newer = HashSet::new();
            self.since = now;
        }
        !self.older.contains(&proof) && self.newer.insert(proof)
    }
}

impl SeenProofs {
    pub(crate) fn new() -> Self {
        Self {
            timely: Mutex::new(Generations::new(DPOP_REPLAY_BY_CLOCK)),
            with_nonce: Mutex::new(Generations::new(DPOP_REPLAY_BY_NONCE)),
        }
    }

    /// Judges a proof for a request that carries this token, if it carries one.
    pub(crate) fn judge(
        &self,
        header: ProofHeader<'_>,
        token: Option<&Token>,
        public_url: &str,
        nonces: &NonceKey,
        now: Timestamp,
    ) -> Proof {
        let token = token.map(Token::hash);
        let url = format!("{public_url}{}", header.path);
        let expected = DpopExpected {
            method: header.method,
            url: &url,
            access_token: token.as_ref(),
            now,
            nonces,
            require_nonce: false,
        };
        let proven = match verify_dpop(header.text, &expected) {
            Ok(proven) => proven,
            Err(error) => return Proof::Refused(error),
        };
        let kind = if proven.with_nonce { &self.with_nonce } else { &self.timely };
        // Half of a SHA-256 is enough to tell proofs apart, and halves what must be remembered.
        let [first, ..] = proven.jti_hash.as_chunks::<16>().0 else { return Proof::Refused(DpopError::Replayed) };
        // A panic elsewhere while the lock was held leaves a set that is still a set.
        let new = kind.lock().unwrap_or_else(PoisonError::into_inner).first(*first, now);
        if new { Proof::Holds(proven.thumbprint) } else { Proof::Refused(DpopError::Replayed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    /// SR-A13: a proof counts once, for as long as its time would be right.
    #[test]
    fn sr_a13_a_proof_counts_once() {
        let mut seen = Generations::new(SignedDuration::from_secs(120));
        for start in [0, 100, 119, 121, 350] {
            let proof = [u8::try_from(start % 256).unwrap(); 16];
            assert!(seen.first(proof, at(start)));
            for later in [0, 1, 60, 119] {
                assert!(!seen.first(proof, at(start + later)), "{start} + {later}");
            }
        }
    }

    #[test]
    fn what_is_seen_is_forgotten_in_the_end() {
        let mut seen = Generations::new(SignedDuration::from_secs(120));
        for second in 0..1_000 {
            let [a, b] = u16::try_from(second).unwrap().to_be_bytes();
            assert!(seen.first([a, b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], at(second)));
            assert!(seen.newer.len() + seen.older.len() <= 241);
        }
    }
}
