//! A small seeded generator, so that the demo district is the same on every machine.
//!
//! `SplitMix64` (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014). Nothing secret is
//! ever made from it.

/// The generator. Two with the same state give the same numbers.
#[derive(Debug, Clone)]
pub(super) struct SplitMix(u64);

impl SplitMix {
    /// A generator for one thing, named by `words`, so that adding another thing elsewhere leaves this one unchanged.
    pub(super) fn for_words(seed: u64, words: &[&str]) -> Self {
        // FNV-1a over the words, with a separator that no word contains.
        let mut hash = seed ^ 0xcbf2_9ce4_8422_2325;
        for byte in words.iter().flat_map(|word| word.bytes().chain([0])) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Self(hash)
    }

    /// The next 64 bits.
    pub(super) fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The upper half of the next 64 bits.
    fn next_u32(&mut self) -> u32 {
        let [a, b, c, d, ..] = self.next_u64().to_be_bytes();
        u32::from_be_bytes([a, b, c, d])
    }

    /// A number from 0 to `limit` - 1; 0 if `limit` is 0.
    pub(super) fn below(&mut self, limit: u32) -> u32 {
        self.next_u32().checked_rem(limit).unwrap_or(0)
    }

    /// A number in [0, 1).
    pub(super) fn unit(&mut self) -> f64 {
        f64::from(self.next_u32()) / (f64::from(u32::MAX) + 1.0)
    }

    /// Natural scatter: mean 0, standard deviation 1, never beyond ±3 (three uniform numbers summed up).
    pub(super) fn scatter(&mut self) -> f64 {
        (self.unit() + self.unit() + self.unit() - 1.5) * 2.0
    }

    /// The text of a UUID (RFC 9562, version 8: our own bits).
    pub(super) fn uuid(&mut self) -> String {
        let high = (self.next_u64() & !0xf000) | 0x8000;
        let low = (self.next_u64() & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000;
        let (time_low, time_mid, time_high) = (high >> 32, (high >> 16) & 0xffff, high & 0xffff);
        format!("{time_low:08x}-{time_mid:04x}-{time_high:04x}-{:04x}-{:012x}", low >> 48, low & 0xffff_ffff_ffff)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_paper() {
        let mut generator = SplitMix(1_234_567);
        assert_eq!(generator.next_u64(), 6_457_827_717_110_365_317);
        assert_eq!(generator.next_u64(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn words_do_not_run_together_and_scatter_is_centred() {
        let mut ab = SplitMix::for_words(1, &["a", "b"]);
        assert_ne!(ab.next_u64(), SplitMix::for_words(1, &["ab"]).next_u64());
        let sum: f64 = (0..10_000).map(|_| ab.scatter()).sum();
        assert!((sum / 10_000.0).abs() < 0.05);
        let uuid = ab.uuid();
        assert_eq!((uuid.len(), uuid.chars().nth(14)), (36, Some('8')));
    }
}
