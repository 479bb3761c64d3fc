//! Pure words and rules: ids, access policy, disclosure, the finding model. No I/O, no clock, no wire format.
//!
//! Everything here can be read, tested and argued about without a database or a server.

pub mod access;
pub mod activation;
pub mod approvals;
pub mod audit;
pub mod calendar;
pub mod clients;
pub mod consent;
pub mod corrections;
pub mod disclosure;
pub mod encounters;
pub mod erasure;
pub mod factors;
pub mod feedback;
pub mod finding;
pub mod holds;
pub mod identifiers;
pub mod ids;
pub mod kdl;
pub mod links;
pub mod matching;
pub mod network;
pub mod observation;
pub mod offers;
pub mod organisations;
pub mod private;
pub mod push;
pub mod recommendations;
pub mod registrations;
pub mod release;
pub mod representation;
pub mod security;
pub mod sessions;
pub mod software;
pub mod statistics;
pub mod sync;
pub mod throttle;
pub mod understanding;
pub mod versions;
