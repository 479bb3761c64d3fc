//! Use cases: who, may they, rule, write, audit. Clock, randomness and mail are ports.
//!
//! A use case reads like a sentence and is one unit of work. It knows nothing of HTTP or SQL: requests come in as
//! domain words, answers go out as [`nahraum_domain::disclosure::Disclosed`] or as a [`Refusal`].

mod anew;
mod bursts;
mod call;
mod incoming;
mod pages;
mod paper;
mod ports;
mod proofs;
mod refusal;
mod settings;
mod spool;

pub mod accounts;
pub mod activations;
pub mod approvals;
pub mod areas;
pub mod audit;
pub mod authorizations;
pub mod bookmarks;
pub mod catalogue;
pub mod confirmation;
pub mod consents;
pub mod corrections;
pub mod device_links;
pub mod devices;
pub mod emergencies;
pub mod encounters;
pub mod enrolments;
pub mod erasure;
pub mod exports;
pub mod factors;
pub mod feedback;
pub mod findings;
pub mod freshness;
mod gates;
pub mod imports;
pub mod inbox;
pub mod invitations;
pub mod jobs;
pub mod kept;
pub mod links;
pub mod offers;
pub mod organisations;
pub mod places;
pub mod practices;
pub mod push;
pub mod questions;
pub mod receipts;
pub mod recommendations;
pub mod recovery;
pub mod registrations;
pub mod schedules;
pub mod security;
pub mod sessions;
pub mod shares;
pub mod software;
pub mod staff;
pub mod summaries;
pub mod sync;
pub mod uploads;
pub mod wishes;
pub mod withdrawals;

pub use call::{App, Call, Parts};
pub use incoming::{Incoming, ShownToken};
pub use nahraum_secrets::{DpopError, PushEndpoint, SIGNING_ALGORITHMS, Secret, ShownCertificate, Token};
pub use nahraum_store::Moment;
pub use ports::{Clock, Inspection, MailError, Mailer, Objection, OutgoingMail, OutgoingPush, PushError, Pusher};
pub use proofs::{Proof, ProofHeader};
pub use refusal::{Fault, Refusal};
pub use settings::{About, AndroidApp, PushSettings, Settings, Shop};
pub use spool::{Spool, Spooled};
