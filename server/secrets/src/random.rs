//! Randomness as a port: the operating system's generator in production, a repeatable stream for demo and tests.

use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Where random bytes come from.
pub trait Random: Send + Sync {
    /// Overwrites all of `bytes` with random ones.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's cryptographic generator (`getrandom(2)` on Linux).
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    /// # Panics
    /// When the operating system has no randomness to give. There is nothing safe that could be done instead.
    #[expect(clippy::disallowed_methods, reason = "this is the one place where randomness enters the house")]
    #[expect(clippy::panic, reason = "no secret may ever be made of anything but random bytes")]
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            panic!("the operating system gives no random bytes: {error}");
        }
    }
}

/// A repeatable stream: SHA-256 over seed and counter.
///
/// For the demo data and for tests only. Whoever knows the seed knows every byte, so it must never make a secret of
/// a real installation.
#[derive(Debug)]
pub struct SeededRandom {
    seed: u64,
    next_block: AtomicU64,
}

impl SeededRandom {
    /// The stream that belongs to a seed. Equal seeds give equal bytes, as long as they are drawn in the same order.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, next_block: AtomicU64::new(0) }
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let block = self.next_block.fetch_add(1, Ordering::Relaxed);
            let stream = Sha256::new()
                .chain_update(b"nahraum seeded random")
                .chain_update(self.seed.to_be_bytes())
                .chain_update(block.to_be_bytes())
                .finalize();
            for (byte, fresh) in chunk.iter_mut().zip(stream) {
                *byte = fresh;
            }
        }
    }
}

/// `N` fresh random bytes.
pub fn random_bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    bytes
}

/// `N` numbers below `bound`, each equally likely: bytes in the uneven rest above the last multiple are thrown away.
pub(crate) fn random_below<const N: usize>(random: &dyn Random, bound: u8) -> [u8; N] {
    let fair = u8::MAX - u8::MAX % bound;
    let mut numbers = [0; N];
    let mut pool = Zeroizing::new([0_u8; 32]);
    let mut left = [].iter();
    for number in &mut numbers {
        *number = loop {
            match left.next() {
                Some(byte) if *byte < fair => break byte % bound,
                Some(_) => {}
                None => {
                    random.fill(&mut *pool);
                    left = pool.iter();
                }
            }
        };
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_gives_different_bytes_each_time() {
        let first: [u8; 32] = random_bytes(&OsRandom);
        let second: [u8; 32] = random_bytes(&OsRandom);
        assert_ne!(first, second);
    }

    #[test]
    fn equal_seeds_give_equal_streams_and_others_do_not() {
        let draw = |seed| -> [u8; 100] { random_bytes(&SeededRandom::new(seed)) };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        let stream = SeededRandom::new(7);
        assert_ne!(random_bytes::<32>(&stream), random_bytes::<32>(&stream));
    }

    #[test]
    fn bounded_numbers_are_even_over_the_whole_range() {
        let random = SeededRandom::new(1);
        let mut seen = [0_u32; 31];
        for _ in 0..3_100 {
            for number in random_below::<10>(&random, 31) {
                seen[usize::from(number)] += 1;
            }
        }
        // 1000 expected of each, standard deviation 31: six of them are a bug, not luck
        assert!(seen.iter().all(|count| (810..=1_190).contains(count)), "{seen:?}");
    }
}
