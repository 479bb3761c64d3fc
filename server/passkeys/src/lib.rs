//! Passkeys of people who work here: WebAuthn (W3C, level 3), with bytes in and bytes out (SR-A02).
//!
//! A ceremony has two halves. The first gives the options for the browser and a state for the database; the second takes
//! the browser's answer and that state. Whoever keeps the state sees to it that it is taken **once** and not later than
//! [`CEREMONY_LIFETIME`] after it was made: that is what makes a replay impossible, and this crate cannot do it.
//!
//! The authenticator has to have verified its user, by finger, face or PIN. Attestation is not asked for: which model
//! somebody holds is not our business.
//!
//! `webauthn-rs` does the verifying and stays behind this door: none of its types are in a signature here. It takes its
//! challenges (32 bytes) from its own generator, seeded by the operating system, and the time from the system's clock, for
//! certificates of attestation only, which we do not take. Both ports of this house do not reach it.

mod decoy;
mod error;
mod passkeys;

use std::time::Duration;

pub use error::{PasskeyError, WrongAddress};
pub use passkeys::{Ceremony, NewPasskey, Passkeys, Person, UsedPasskey};

/// How long a ceremony may take, and how long its state is kept.
pub const CEREMONY_LIFETIME: Duration = Duration::from_secs(300);
