//! The promises, room by room. Each test's name says what is promised; what it does says how that was seen.

/// The tests of a file, by name.
macro_rules! promises {
    ($($test:ident),+ $(,)?) => {
        pub(crate) const PROMISES: &[(&str, crate::Test)] = &[$((stringify!($test), $test)),+];
    };
}

pub(crate) mod logs;

mod activation;
mod approvals;
mod audit;
mod authorizations;
mod binding;
mod catalogue;
mod cda;
mod codes;
mod consents;
mod corrections;
mod crash;
mod directories;
mod encounters;
mod endpoint_rules;
mod endpoints;
mod exports;
mod families;
mod feedback;
mod files;
mod findings;
mod freshness;
mod glossary;
mod hl7;
mod images;
mod imports;
mod inbox;
mod inspection;
mod keys;
mod laboratory;
mod links;
mod mail;
mod mtls;
mod offers;
mod operating;
mod paging;
mod phones;
mod places;
mod proofs;
mod pushes;
mod questions;
mod receipts;
mod recommendations;
mod registrations;
mod release;
mod representation;
mod retries;
mod schedules;
mod security;
mod shares;
mod sign_in;
mod software;
mod staff;
mod summaries;
mod sync;
mod tls;
mod uploads;
mod versions;
mod waiting;
mod wire;

use crate::Test;

/// Every test: its room and name, and what it does.
pub(crate) fn all() -> Vec<(String, Test)> {
    let rooms = [
        // The slowest first, so that nothing long is left at the end.
        ("crash", crash::PROMISES),
        ("keys", keys::PROMISES),
        ("codes", codes::PROMISES),
        ("mail", mail::PROMISES),
        ("freshness", freshness::PROMISES),
        ("pushes", pushes::PROMISES),
        ("waiting", waiting::PROMISES),
        ("audit", audit::PROMISES),
        ("corrections", corrections::PROMISES),
        ("registrations", registrations::PROMISES),
        ("schedules", schedules::PROMISES),
        ("places", places::PROMISES),
        ("approvals", approvals::PROMISES),
        ("staff", staff::PROMISES),
        ("authorizations", authorizations::PROMISES),
        ("sign_in", sign_in::PROMISES),
        ("software", software::PROMISES),
        ("proofs", proofs::PROMISES),
        ("questions", questions::PROMISES),
        ("summaries", summaries::PROMISES),
        ("sync", sync::PROMISES),
        ("glossary", glossary::PROMISES),
        ("phones", phones::PROMISES),
        ("security", security::PROMISES),
        ("binding", binding::PROMISES),
        ("files", files::PROMISES),
        ("consents", consents::PROMISES),
        ("shares", shares::PROMISES),
        ("encounters", encounters::PROMISES),
        ("families", families::PROMISES),
        ("release", release::PROMISES),
        ("representation", representation::PROMISES),
        ("exports", exports::PROMISES),
        ("laboratory", laboratory::PROMISES),
        ("links", links::PROMISES),
        ("endpoints", endpoint_rules::PROMISES),
        ("activation", activation::PROMISES),
        ("uploads", uploads::PROMISES),
        ("hl7", hl7::PROMISES),
        ("retries", retries::PROMISES),
        ("versions", versions::PROMISES),
        ("inbox", inbox::PROMISES),
        ("inspection", inspection::PROMISES),
        ("images", images::PROMISES),
        ("offers", offers::PROMISES),
        ("feedback", feedback::PROMISES),
        ("imports", imports::PROMISES),
        ("catalogue", catalogue::PROMISES),
        ("cda", cda::PROMISES),
        ("directories", directories::PROMISES),
        ("findings", findings::PROMISES),
        ("paging", paging::PROMISES),
        ("receipts", receipts::PROMISES),
        ("recommendations", recommendations::PROMISES),
        ("wire", wire::PROMISES),
        ("tls", tls::PROMISES),
        ("mtls", mtls::PROMISES),
        ("operating", operating::PROMISES),
        ("logs", logs::PROMISES),
    ];
    let named = |(room, tests): (&'static str, &'static [(&'static str, Test)])| {
        tests.iter().map(move |(name, test)| (format!("{room}::{name}"), *test))
    };
    rooms.into_iter().flat_map(named).collect()
}
