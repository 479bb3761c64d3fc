//! The policy as a matrix that people can read, and what must hold in all of it.

use std::fmt::Write;

use jiff::Timestamp;

use super::*;
use crate::{
    consent::Purpose,
    ids::{ConsentId, LinkVisitId, OrganisationId, ShareLinkId},
};

const GOLDEN: &str = include_str!("../../tests/access-matrix.txt");

fn id<T>(make: impl Fn(Timestamp, [u8; 10]) -> T, n: u8) -> T {
    make(Timestamp::UNIX_EPOCH, [n; 10])
}

/// Each actor seen from one finding: owner, stranger, sender, colleague, other practice, other credential.
fn actors() -> Vec<(&'static str, Actor)> {
    let (here, there) = (id(PracticeId::new, 1), id(PracticeId::new, 2));
    let elsewhere = id(OrganisationId::new, 3);
    vec![
        ("the resident it belongs to", Actor::Resident(id(ResidentId::new, 1))),
        ("another resident", Actor::Resident(id(ResidentId::new, 2))),
        ("staff of the sending practice", Actor::Staff { staff: id(StaffId::new, 1), practice: here }),
        ("staff of another practice", Actor::Staff { staff: id(StaffId::new, 2), practice: there }),
        ("a person of the kiosk", Actor::District { staff: id(StaffId::new, 3), organisation: elsewhere }),
        ("the operator", Actor::Operator { staff: id(StaffId::new, 4), organisation: elsewhere }),
        ("the software that sent it", Actor::Software { credential: id(CredentialId::new, 1), practice: here }),
        ("other software, same practice", Actor::Software { credential: id(CredentialId::new, 2), practice: here }),
        ("software of another practice", Actor::Software { credential: id(CredentialId::new, 3), practice: there }),
        (
            "a resident in the place of the one it belongs to",
            Actor::Representative {
                representative: id(ResidentId::new, 2),
                resident: id(ResidentId::new, 1),
                by: ConsentId::from_bytes([9; 16]),
            },
        ),
        (
            "a resident in the place of another one",
            Actor::Representative {
                representative: id(ResidentId::new, 2),
                resident: id(ResidentId::new, 3),
                by: ConsentId::from_bytes([9; 16]),
            },
        ),
        ("the holder of a link", Actor::Holder { link: id(ShareLinkId::new, 1), visit: id(LinkVisitId::new, 1) }),
    ]
}

const LET_IN: Verdict = Verdict::Permitted(ConsentId::from_bytes([9; 16]), Purpose::Treatment);

/// The rows of the matrix: an actor, whether the practice still has to confirm the owner, and what the owner's rules say.
fn rows() -> Vec<(&'static str, Actor, bool, Verdict)> {
    let nothing = Verdict::NotAsked;
    let mut rows: Vec<_> = actors().into_iter().map(|(name, actor)| (name, actor, false, nothing)).collect();
    rows.insert(1, ("the same, while the practice has not confirmed a posted slip", rows[0].1, true, nothing));
    let let_in = [
        ("another resident, whom the owner has let in", 1),
        ("staff of another practice, whom the owner has let in", 3),
        ("a person of the kiosk, whom the owner has let in", 4),
        ("the operator, if the owner could let them in", 5),
        ("software of another practice, if the owner could let it in", 8),
        ("a resident in the place of the one it belongs to, who has let them act", 9),
        ("a resident in the place of another one, if the owner had let them act", 10),
        ("the holder of a link of the owner's", 11),
    ];
    rows.extend(let_in.map(|(name, actor)| (name, actors()[actor].1, false, LET_IN)));
    rows
}

fn facts(state: FindingState, pending: bool) -> FindingFacts {
    let owner = match state {
        FindingState::Inbox | FindingState::Waiting | FindingState::Rejected | FindingState::Expired => None,
        FindingState::Delivered | FindingState::Superseded | FindingState::Recalled => Some(id(ResidentId::new, 1)),
    };
    FindingFacts {
        owner,
        practice: id(PracticeId::new, 1),
        uploader: Uploader::Software(id(CredentialId::new, 1)),
        state,
        pending,
        treatment: Treatment::Normal,
        unlocked: false,
        verdict: Verdict::NotAsked,
    }
}

fn matrix() -> String {
    let mut out = String::from(
        "Who may do what with one finding, state by state. Written by the test of `domain::access`; do not edit.\n\
         yes = allowed · - = looks as if it did not exist · no = never for this role · late = not in this state\n",
    );
    for (name, actor, pending, verdict) in rows() {
        write!(out, "\n{name}\n{:18}", "").unwrap();
        for state in FindingState::ALL {
            write!(out, "{:11}", state.as_str()).unwrap();
        }
        out.push('\n');
        for action in Action::ALL {
            write!(out, "{:18}", format!("{action:?}")).unwrap();
            for state in FindingState::ALL {
                let facts = FindingFacts { verdict, ..facts(state, pending) };
                let cell = match decide(&actor, action, &facts) {
                    Decision::Allow(_) => "yes",
                    Decision::Hide => "-",
                    Decision::Forbid => "no",
                    Decision::Conflict => "late",
                };
                write!(out, "{cell:11}").unwrap();
            }
            out.truncate(out.trim_end_matches(' ').len());
            out.push('\n');
        }
    }
    out
}

#[test]
fn the_printed_matrix_is_the_policy() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/access-matrix.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, matrix()).unwrap();
    }
    assert_eq!(matrix(), std::fs::read_to_string(path).unwrap_or_else(|_| GOLDEN.into()), "UPDATE_GOLDEN=1 writes it");
}

#[test]
fn nobody_reads_content_but_its_owner() {
    let content = [Action::OpenFinding, Action::DownloadContent, Action::ExportFinding, Action::ReadTrend];
    for (name, actor) in actors() {
        for action in content {
            for state in FindingState::ALL {
                let allowed = matches!(decide(&actor, action, &facts(state, false)), Decision::Allow(_));
                let owner = name == "the resident it belongs to" && state.is_listed();
                assert_eq!(allowed, owner, "{name} {action:?} {state:?}");
            }
        }
    }
}

#[test]
fn a_waiting_finding_is_unreadable_for_everyone() {
    for (name, actor) in actors() {
        for action in [Action::OpenFinding, Action::DownloadContent, Action::ExportFinding] {
            let decision = decide(&actor, action, &facts(FindingState::Waiting, false));
            assert!(!matches!(decision, Decision::Allow(_)), "{name} {action:?}");
        }
    }
}

#[test]
fn whom_the_owner_has_let_in_sees_what_is_delivered_and_confirmed_and_nothing_else() {
    let shared = [Action::ListShared, Action::OpenShared, Action::DownloadShared];
    for (name, actor, _, verdict) in rows() {
        for action in shared {
            for state in FindingState::ALL {
                for pending in [false, true] {
                    let facts = FindingFacts { verdict, ..facts(state, pending) };
                    let allowed = matches!(decide(&actor, action, &facts), Decision::Allow(_));
                    let may = verdict == LET_IN && actor.reader().is_some() && actor.role() != Role::Representative;
                    let there = state == FindingState::Delivered && !pending;
                    assert_eq!(allowed, may && there, "{name} {action:?} {state:?}");
                }
            }
        }
    }
}

/// What is held back or put away is nothing for its owner, and what is held back is nothing for anybody they have let in. For
/// the sender it makes no difference.
#[test]
fn what_does_not_show_looks_as_if_it_did_not_exist() {
    for (name, actor, pending, verdict) in rows() {
        for action in Action::ALL {
            for state in FindingState::ALL {
                for (treatment, unlocked) in Treatment::ALL.into_iter().flat_map(|t| [(t, false), (t, true)]) {
                    let shown = FindingFacts { verdict, ..facts(state, pending) };
                    let before = decide(&actor, action, &shown);
                    let now = decide(&actor, action, &FindingFacts { treatment, unlocked, ..shown });
                    let for_owner = matches!(actor, Actor::Resident(_)) && action.right().is_none();
                    let hides = match treatment {
                        Treatment::Normal | Treatment::Sensitive => false,
                        Treatment::PutAway => for_owner && !unlocked,
                        Treatment::Held => for_owner || right_needed(&actor, action).is_some(),
                    };
                    // Nor does it say that something could be done if it were in another state.
                    let told = matches!(before, Decision::Allow(_) | Decision::Conflict);
                    let expected = if told && hides { Decision::Hide } else { before };
                    assert_eq!(now, expected, "{name} {action:?} {state:?} {treatment:?}");
                }
            }
        }
    }
}

/// Being let in opens the way of those who were let in, and not the owner's or the sender's.
#[test]
fn being_let_in_changes_nothing_else() {
    for (name, actor) in actors() {
        for action in Action::ALL.into_iter().filter(|action| right_needed(&actor, *action).is_none()) {
            for state in FindingState::ALL {
                let without = facts(state, false);
                let with = FindingFacts { verdict: LET_IN, ..without };
                assert_eq!(decide(&actor, action, &with), decide(&actor, action, &without), "{name} {action:?}");
            }
        }
    }
}

/// SR-B05: a letter may have been opened by anybody.
#[test]
fn sr_b05_nobody_sees_anything_of_a_practice_that_has_not_confirmed() {
    for (name, actor) in actors() {
        for action in Action::ALL {
            for state in FindingState::ALL {
                let (pending, confirmed) =
                    (decide(&actor, action, &facts(state, true)), decide(&actor, action, &facts(state, false)));
                let told = matches!(confirmed, Decision::Allow(Basis::Own) | Decision::Conflict);
                let hidden = matches!(actor, Actor::Resident(_)) && told;
                assert_eq!(pending, if hidden { Decision::Hide } else { confirmed }, "{name} {action:?} {state:?}");
            }
        }
    }
}
