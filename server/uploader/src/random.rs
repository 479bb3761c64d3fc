//! Randomness, as an argument.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};

/// The randomness of the machine.
#[derive(Debug, Clone)]
pub(crate) struct Random(pub(crate) SystemRandom);

/// The machine gives no randomness.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("Der Rechner liefert keine Zufallszahlen.")]
pub(crate) struct NoRandomness;

impl Random {
    pub(crate) fn system() -> Self {
        Self(SystemRandom::new())
    }

    /// So many random bytes.
    pub(crate) fn bytes<const N: usize>(&self) -> Result<[u8; N], NoRandomness> {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes).map_err(|_| NoRandomness)?;
        Ok(bytes)
    }

    /// A number that says nothing, for spreading tries over time. Without randomness there is no spreading.
    pub(crate) fn spread(&self) -> u32 {
        self.bytes().map_or(0, u32::from_le_bytes)
    }
}
