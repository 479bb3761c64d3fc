//! Two doors that anyone could walk through and that few should: taking a private value out of its wrapper, and acting
//! with the system's authority. The files that do it are listed here, each with its reason.

use crate::tree::{Breach, Tree, line_of, places};

/// How a value is taken out of `Private`.
const REVEAL: &[&str] = &[".reveal()", ".into_revealed()", "Private::into_revealed"];

/// Who takes values out of `Private`. A path that ends in `/` stands for the folder.
const REVEALS: &[(&str, &str)] = &[
    ("server/app/src/activations.rs", "hands code, birth date and PIN to the secrets floor"),
    ("server/app/src/approvals.rs", "measures the reason for an act that takes two persons"),
    ("server/app/src/device_links.rs", "hands a new phone's code and PIN to the secrets floor, measures its name"),
    ("server/app/src/devices.rs", "hands a new PIN to the secrets floor, measures a name"),
    ("server/app/src/factors.rs", "hands the answer of a new passkey to the passkeys floor"),
    ("server/app/src/exports.rs", "makes the FHIR document that its owner asked for"),
    ("server/web/src/recommendations.rs", "tells the resident which offer was recommended, and why"),
    ("server/store/src/recommendations.rs", "encrypts which offer was recommended, and why"),
    ("server/web/src/corrections.rs", "tells resident and practice what is said to be wrong"),
    ("server/app/src/refusal.rs", "measures what people write in their own words"),
    ("server/app/src/registrations.rs", "measures a name and a number, and binds a request to its idempotency key"),
    ("server/store/src/registrations.rs", "seals how somebody who takes part can be reached"),
    ("server/web/src/registrations.rs", "tells how somebody can be reached whom that person lets reach them"),
    ("server/store/src/corrections.rs", "encrypts what a resident says is wrong, and the answer"),
    ("server/app/src/exports/registrations.rs", "writes what its owner takes part in into their copy"),
    ("server/app/src/exports/record.rs", "puts into the archive what its owner takes away"),
    ("server/app/src/audit.rs", "tells the resident what somebody with a link said of themselves"),
    ("server/app/src/consents/checks.rs", "measures words about a decision, hands its signature to the secrets floor"),
    ("server/app/src/links.rs", "encrypts a finding for whoever has the link"),
    ("server/app/src/jobs/push.rs", "writes a code into the message that only its phone reads"),
    (
        "server/app/src/push.rs",
        "hands a phone's address and keys to the secrets floor, compares the code that was pushed",
    ),
    ("server/src/push.rs", "calls the address at which a phone is woken"),
    ("server/store/src/push.rs", "encrypts where a phone is woken, and compares it with what is stored"),
    ("server/app/src/inbox.rs", "compares the birth date that was asked again"),
    ("server/app/src/invitations.rs", "checks the practice's patient number, puts the code on its slip"),
    ("server/app/src/staff.rs", "hands the answer of a passkey to the passkeys floor"),
    ("server/app/src/recovery.rs", "hands code and birth date on to be compared by hash"),
    ("server/app/src/uploads/", "binds a request to its idempotency key, hashes an embedded document"),
    (
        "server/domain/src/holds.rs",
        "reads in titles and names what a finding is about; gives a topic and no word of them",
    ),
    ("server/domain/src/understanding.rs", "compares values with the laboratory's range and with an older version"),
    ("server/formats/src/summary.rs", "writes values into what is signed for their owner's paper"),
    ("server/print/src/summary.rs", "draws the paper that is for them"),
    ("server/print/src/values.rs", "writes values as their owner reads them"),
    ("server/store/src/questions.rs", "encrypts what a resident wants to ask"),
    ("server/web/src/questions.rs", "shows the resident what they want to ask"),
    ("server/web/src/summaries.rs", "hands the resident the paper with what is theirs"),
    ("server/domain/src/finding.rs", "prints how many bytes a document has, in place of the bytes"),
    ("server/formats/src/consent.rs", "writes how a decision came about into its owner's copy"),
    ("server/formats/src/export.rs", "writes the finding that its owner asked for as FHIR"),
    ("server/formats/src/fhir/subject.rs", "sees whether all parts of a file are about one person"),
    ("server/print/src/access_log.rs", "draws the sentences on the paper that is for them"),
    ("server/print/src/record.rs", "writes the page that is for them"),
    ("server/print/src/recovery.rs", "draws the code on the paper that is for it"),
    ("server/print/src/report.rs", "draws the words on the paper that is for them"),
    ("server/print/src/slip.rs", "draws the code on the paper that is for it"),
    ("server/src/mail.rs", "the relay needs the password and the envelope the address"),
    ("server/web/src/accounts.rs", "shows the resident their own address"),
    ("server/web/src/approvals.rs", "shows people of the operator each other's reasons"),
    ("server/web/src/audit.rs", "hands the resident the paper with their own log"),
    ("server/web/src/decisions.rs", "shows the resident how their decisions came about"),
    ("server/web/src/device_links.rs", "shows a code this once, and the resident what they call their phones"),
    ("server/web/src/devices.rs", "shows the resident what they call their phones"),
    ("server/web/src/exports.rs", "hands the resident the archive with what is theirs"),
    ("server/web/src/finding_views.rs", "writes what was disclosed as JSON"),
    ("server/web/src/encounters.rs", "shows people side by side what the other wants to be called"),
    ("server/app/src/feedback.rs", "measures what people say in their own words, and whether it leads to somebody"),
    ("server/store/src/feedback.rs", "seals what people say about an offer"),
    ("server/store/src/wishes.rs", "seals what people say that they miss"),
    ("server/web/src/feedback.rs", "shows an organisation what was said about its offer"),
    ("server/web/src/wishes.rs", "shows the district office what people miss"),
    ("server/web/src/freshness.rs", "shows an organisation where it is written to"),
    ("server/store/src/freshness/contact.rs", "stores where an organisation is written to"),
    ("server/web/src/findings.rs", "names a trend that was disclosed"),
    ("server/web/src/invitations.rs", "shows the practice its patient number, and a code this once"),
    ("server/web/src/links.rs", "tells a link this once, and the resident how they call it"),
    ("server/web/src/shl.rs", "tells whoever was let in where the files are"),
    ("server/web/src/receipts.rs", "shows the practice its own patient number"),
    ("server/web/src/security.rs", "shows a sheet this once, and the resident what they call their phones"),
    ("server/web/src/shares.rs", "shows the resident how they want to be called"),
    ("server/web/src/shared.rs", "shows somebody whom a resident has let in how they want to be called"),
    ("server/web/src/uploads.rs", "shows the practice its own patient number"),
    ("server/src/operator.rs", "hands a password to the hasher"),
    ("server/web/src/inbox.rs", "shows the practice whom its file names"),
    ("server/store/src/accounts.rs", "seals them on the way into the database"),
    ("server/store/src/consents/evidence.rs", "seals how a decision came about, and hashes it"),
    ("server/store/src/approvals.rs", "seals the reason for an act that takes two persons"),
    ("server/store/src/devices.rs", "seals the name of a phone"),
    ("server/store/src/db/mod.rs", "reads the address of the database out of its URL"),
    ("server/store/src/db/pg_wire.rs", "binds values to statements"),
    ("server/store/src/findings/", "seals them, and looks up whose finding it is"),
    ("server/store/src/invitations/", "seals them, and compares birth dates by keyed hash"),
    ("server/store/src/newcomers.rs", "seals the name of a phone"),
    ("server/store/src/shares/rules.rs", "seals how a representative wants to be called"),
    ("server/store/src/practices.rs", "looks a patient up by the keyed hash of the practice's reference"),
];

/// Who acts without a person behind it.
const SYSTEM: &[(&str, &str)] = &[
    ("server/app/src/jobs/", "notices and sweeping happen without anyone asking"),
    ("server/app/src/areas.rs", "the operator's commands, on the machine itself"),
    ("server/app/src/enrolments.rs", "the operator's commands, on the machine itself"),
    ("server/app/src/organisations.rs", "the operator's commands, on the machine itself"),
    (
        "server/app/src/erasure.rs",
        "two persons of the operator want a resident erased, and a restored database forgets them again",
    ),
    ("server/src/demo/mod.rs", "marks a demo's database as seeded"),
    ("server/src/wiring.rs", "marks a database as demo, test or production at its first start"),
];

/// `.reveal()` stands in the listed files only.
pub(crate) fn reveals(tree: &Tree) -> Vec<Breach> {
    pinned(tree, REVEAL, REVEALS)
}

/// `System::because` stands in the listed files only.
pub(crate) fn system_authority(tree: &Tree) -> Vec<Breach> {
    pinned(tree, &["System::because"], SYSTEM)
}

/// The feature that lets health data out without an entry in the access log, so that its cost can be measured.
const UNLOGGED: &str = "unlogged-for-measuring";

/// Where the feature is declared, where it acts, and who may build with it or speak of it. A path that ends in `/` stands
/// for the folder.
const UNLOGGED_IN: [&str; 6] = [
    "server/store/Cargo.toml",
    "server/store/src/access/log.rs",
    "tests/bench/",
    "tests/tidy/src/doors.rs",
    "docs/performance.md",
    "docs/decisions/",
];

/// No crate of the product, no script and no service file switches the access log off.
pub(crate) fn unlogged(tree: &Tree) -> Vec<Breach> {
    let allowed = |path: &str| UNLOGGED_IN.iter().any(|p| path == *p || (p.ends_with('/') && path.starts_with(p)));
    let mut breaches = Vec::new();
    for file in tree.files.iter().filter(|file| !allowed(&file.path)) {
        let found = places(&file.text, UNLOGGED);
        breaches.extend(found.map(|(at, _)| {
            let message = format!("`{UNLOGGED}` is for tests/bench only: the product never runs without its log");
            Breach::new(&file.path, line_of(&file.text, at), message)
        }));
    }
    breaches
}

fn pinned(tree: &Tree, calls: &[&str], list: &[(&str, &str)]) -> Vec<Breach> {
    let covers = |entry: &str, path: &str| path == entry || (entry.ends_with('/') && path.starts_with(entry));
    let mut breaches = Vec::new();
    let mut users = Vec::new();
    for file in tree.product() {
        let code = file.production();
        for (call, at) in calls.iter().flat_map(|call| places(&code, call).map(move |(at, _)| (call, at))) {
            users.push(file.path.as_str());
            if !list.iter().any(|(entry, _)| covers(entry, &file.path)) {
                let message =
                    format!("`{call}` is pinned: find a way without it, or list this file with a reason in doors.rs");
                breaches.push(Breach::new(&file.path, line_of(&code, at), message));
            }
        }
    }
    let unused = list.iter().filter(|(entry, _)| !users.iter().any(|user| covers(entry, user)));
    breaches.extend(unused.map(|(entry, _)| {
        Breach::new(entry, 0, format!("does not use {calls:?} any more: delete its line in doors.rs"))
    }));
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: &[&str] = &[".reveal()"];

    #[test]
    fn a_door_used_from_an_unlisted_file_is_found() {
        let tree = Tree::of(&[
            (
                "a/src/x.rs",
                "//! Why.\nfn f() { log(title.reveal()) }\n#[cfg(test)]\nmod tests { fn g() { t.reveal(); } }",
            ),
            ("a/tests/y.rs", "fn h() { t.reveal(); }"),
            ("a/src/z.rs", "// .reveal() in words, and \".reveal()\"\n"),
        ]);
        assert_eq!(
            pinned(&tree, CALL, &[]).iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["a/src/x.rs:2: `.reveal()` is pinned: find a way without it, or list this file with a reason in doors.rs"]
        );
        assert_eq!(pinned(&tree, CALL, &[("a/src/x.rs", "so")]), []);
        assert_eq!(pinned(&tree, CALL, &[("a/src/", "so")]), []);
    }

    #[test]
    fn a_product_without_its_log_is_found() {
        let line = "nahraum-store = { workspace = true, features = [\"unlogged-for-measuring\"] }";
        assert_eq!(unlogged(&Tree::of(&[("server/Cargo.toml", line)])).len(), 1);
        assert_eq!(unlogged(&Tree::of(&[("tests/bench/src/log_cost.rs", line)])), []);
    }

    #[test]
    fn a_line_that_is_no_longer_needed_is_found() {
        assert_eq!(pinned(&Tree::default(), &["System::because"], &[("a/src/x.rs", "so")]).len(), 1);
    }

    #[test]
    fn every_listed_door_has_a_reason() {
        assert!(REVEALS.iter().chain(SYSTEM).all(|(_, reason)| reason.split_whitespace().count() > 2));
    }
}
