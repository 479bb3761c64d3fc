//! Use cases: who, may they, rule, write, audit. Clock, randomness and mail are ports.
//!
//! A use case reads like a sentence and is one unit of work. It knows nothing of HTTP or SQL: requests come in as
//! domain words, answers go out as [`nahraum_domain::disclosure::Disclosed`] or as a [`Refusal`].

mod call;
mod pages;
mod ports;
mod refusal;
mod spool;

pub mod accounts;
pub mod activations;
pub mod audit;
pub mod consents;
pub mod erasure;
pub mod exports;
pub mod findings;
pub mod inbox;
pub mod invitations;
pub mod jobs;
pub mod practices;
pub mod receipts;
pub mod sessions;
pub mod uploads;

pub use call::{App, Call, Parts, Settings};
pub use nahraum_secrets::{Secret, Token};
pub use nahraum_store::Moment;
pub use ports::{Clock, MailError, Mailer, OutgoingMail};
pub use refusal::{Fault, Refusal};
pub use spool::{Spool, Spooled};
