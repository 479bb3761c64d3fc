//! Server nonces for DPoP (RFC 9449, 8): a number of the last minutes, so that no client's clock has to be right.
//!
//! Nothing is stored: a nonce is the HMAC over the five minutes it was given out in. It is taken during these and the next
//! five, so it lives between five and ten minutes. All clients of a moment get the same one; what makes a proof single is
//! its `jti`.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use subtle::ConstantTimeEq;

use crate::keyed::NonceKey;

/// Seconds in which the nonce stays the same.
const BUCKET: i64 = 300;
/// HMAC-SHA-256 cut to 128 bits (RFC 2104, 5: not below half of the hash).
const BYTES: usize = 16;
/// 16 bytes as base64url without padding.
const LENGTH: usize = 22;

impl NonceKey {
    /// The nonce of this moment, for the `DPoP-Nonce` header: 22 characters of base64url.
    #[must_use]
    pub fn issue(&self, now: Timestamp) -> String {
        self.of(bucket(now))
    }

    /// Whether a nonce is of these five minutes or the five before.
    #[must_use]
    pub fn accepts(&self, nonce: &str, now: Timestamp) -> bool {
        self.accepted_until(nonce, now).is_some()
    }

    /// The moment from which on a nonce is refused, if it is taken now.
    pub(crate) fn accepted_until(&self, nonce: &str, now: Timestamp) -> Option<Timestamp> {
        if nonce.len() != LENGTH {
            return None;
        }
        let current = bucket(now);
        // both are always computed, so that the time does not tell which one it is
        let is = [current, current - 1].map(|bucket| bool::from(self.of(bucket).as_bytes().ct_eq(nonce.as_bytes())));
        let given_out = match is {
            [true, _] => current,
            [false, true] => current - 1,
            [false, false] => return None,
        };
        Timestamp::from_second((given_out + 2) * BUCKET).ok()
    }

    fn of(&self, bucket: i64) -> String {
        let mac = self.mac(&bucket.to_be_bytes());
        URL_SAFE_NO_PAD.encode(mac.first_chunk::<BYTES>().unwrap_or(&[0; BYTES]))
    }
}

/// Which five minutes since 1970.
fn bucket(now: Timestamp) -> i64 {
    now.as_second().div_euclid(BUCKET)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;
    use crate::{RootSecret, SeededRandom};

    fn key(seed: u64) -> NonceKey {
        RootSecret::from_random(&SeededRandom::new(seed)).keys().nonces
    }

    proptest! {
        #[test]
        fn a_nonce_lives_between_five_and_ten_minutes(second in -1_000_000_000_i64..4_000_000_000, later in 0_i64..2_000) {
            let key = key(1);
            let given = Timestamp::from_second(second).unwrap();
            let nonce = key.issue(given);
            let now = given + SignedDuration::from_secs(later);
            let accepted = key.accepts(&nonce, now);
            prop_assert!(accepted || later > 300);
            prop_assert!(!accepted || later < 600);
            prop_assert_eq!(accepted, key.accepted_until(&nonce, given).unwrap() > now);
        }

        #[test]
        fn other_texts_are_refused(text in "\\PC{0,30}", exact in "[A-Za-z0-9_-]{22}") {
            let now = Timestamp::UNIX_EPOCH;
            prop_assert!(!key(1).accepts(&text, now));
            prop_assert!(!key(1).accepts(&exact, now));
        }
    }

    #[test]
    fn nonces_of_the_future_of_others_and_of_another_house_are_refused() {
        let now = Timestamp::from_second(1_000_000_000).unwrap();
        let nonce = key(1).issue(now);
        assert_eq!(nonce.len(), LENGTH);
        assert!(key(1).accepts(&nonce, now));
        assert!(!key(2).accepts(&nonce, now));
        assert!(!key(1).accepts(&nonce, now - SignedDuration::from_mins(10)));
        assert!(!key(1).accepts(&nonce.to_lowercase(), now));
    }
}
