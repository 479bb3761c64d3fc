//! Wire types of the API, one file per room, and the committed OpenAPI document beside them.
//!
//! Rules (kept by tests): requests refuse unknown fields; responses carry no `null` (absent is absent), no closed
//! enumerations and no `oneOf`, so that an installed app never breaks on a new word. Times are RFC 3339 in UTC,
//! days are `YYYY-MM-DD`, ids are opaque strings.

pub mod accounts;
pub mod approvals;
pub mod areas;
pub mod audit;
pub mod catalogue;
pub mod clients;
pub mod consents;
pub mod corrections;
pub mod decisions;
pub mod device_links;
pub mod devices;
pub mod encounters;
pub mod feedback;
pub mod findings;
pub mod freshness;
pub mod glossary;
pub mod health;
pub mod hsds;
pub mod images;
pub mod imports;
pub mod invitations;
pub mod links;
pub mod oauth;
pub mod offers;
pub mod places;
pub mod practices;
pub mod problem;
pub mod push;
pub mod questions;
pub mod recommendations;
pub mod registrations;
pub mod schedules;
pub mod security;
pub mod sessions;
pub mod shares;
pub mod software;
pub mod staff;
pub mod summaries;
pub mod sync;
pub mod well_known;
pub mod wishes;

/// The OpenAPI 3.1 document as it was last generated and committed.
pub const COMMITTED_DOCUMENT: &str = include_str!("../openapi.json");
