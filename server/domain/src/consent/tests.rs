//! The rules as a model, step by step, and what must hold for all of them.

use jiff::{SignedDuration, civil::date};
use proptest::prelude::*;

use super::*;
use crate::{
    ids::{EncounterId, OrganisationId, ResidentId, ShareLinkId, StaffId},
    organisations::Duty,
};

fn id<T>(make: impl Fn(Timestamp, [u8; 10]) -> T, n: u8) -> T {
    make(Timestamp::UNIX_EPOCH, [n; 10])
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn item(n: u8) -> Item {
    Item {
        id: id(FindingId::new, n),
        kind: FindingKind::ALL[usize::from(n) % FindingKind::ALL.len()],
        author: id(PracticeId::new, n % 3),
        date: date(2026, 1, 1 + i8::try_from(n % 28).unwrap()),
        sensitivity: if n.is_multiple_of(5) { Sensitivity::Sensitive } else { Sensitivity::Normal },
    }
}

fn practice_person(organisation: u8) -> Reader {
    Reader::AtWork {
        person: id(StaffId::new, organisation),
        organisation: id(OrganisationId::new, organisation),
        duty: Some(Duty::Physician),
    }
}

fn rule(n: u8, effect: Effect, recipient: Recipient) -> Rule {
    Rule {
        id: id(ConsentId::new, n),
        effect,
        recipient,
        purpose: Purpose::Treatment,
        data: Data { sensitive: true, ..Data::default() },
        rights: Rights::default(),
        period: Period { from: at(0), until: None },
        ended_at: None,
        representation: None,
    }
}

#[test]
fn where_nothing_applies_the_answer_is_no() {
    assert_eq!(decide(&[], &practice_person(1), Right::View, &item(1), at(1)), Verdict::NotAsked);
}

#[test]
fn deny_beats_permit_in_any_order() {
    let (reader, organisation) = (practice_person(1), Recipient::Organisation(id(OrganisationId::new, 1)));
    let permit = rule(1, Effect::Permit, organisation);
    for denied in [organisation, Recipient::Person(id(StaffId::new, 1)), Recipient::Everyone] {
        let deny = rule(2, Effect::Deny, denied);
        for rules in [vec![permit.clone(), deny.clone()], vec![deny.clone(), permit.clone()]] {
            assert_eq!(decide(&rules, &reader, Right::View, &item(1), at(1)), Verdict::Denied(deny.id));
        }
    }
}

#[test]
fn nobody_can_open_for_everyone() {
    let rules = [rule(1, Effect::Permit, Recipient::Everyone)];
    assert_eq!(decide(&rules, &practice_person(1), Right::View, &item(1), at(1)), Verdict::NotAsked);
}

#[test]
fn delicate_findings_are_named_or_expressly_meant() {
    let (delicate, reader) = (item(5), practice_person(1));
    let mut permit = rule(1, Effect::Permit, Recipient::Organisation(id(OrganisationId::new, 1)));
    permit.data = Data::default();
    let ask = |rule: &Rule| decide(std::slice::from_ref(rule), &reader, Right::View, &delicate, at(1)).is_permitted();
    assert!(!ask(&permit));
    permit.data.documents = Some([delicate.id].into());
    assert!(ask(&permit));
    permit.data = Data { sensitive: true, ..Data::default() };
    assert!(ask(&permit));
}

#[test]
fn a_denial_means_delicate_findings_as_well() {
    let delicate = item(5);
    let mut deny = rule(2, Effect::Deny, Recipient::Everyone);
    deny.data = Data::default();
    let rules = [rule(1, Effect::Permit, Recipient::Organisation(id(OrganisationId::new, 1))), deny.clone()];
    assert_eq!(decide(&rules, &practice_person(1), Right::View, &delicate, at(1)), Verdict::Denied(deny.id));
}

#[test]
fn looking_is_not_downloading_and_not_passing_on() {
    let rules = [rule(1, Effect::Permit, Recipient::Organisation(id(OrganisationId::new, 1)))];
    for right in Right::ALL {
        let open = decide(&rules, &practice_person(1), right, &item(1), at(1)).is_permitted();
        assert_eq!(open, right == Right::View, "{right:?}");
    }
}

#[test]
fn every_word_means_one_thing() {
    for purpose in Purpose::ALL {
        assert_eq!(Purpose::parse(purpose.as_str()), Some(purpose));
    }
    for recipient in recipients() {
        let (kind, bytes) = recipient.parts();
        assert_eq!(Recipient::from_parts(kind, bytes.copied()), Some(recipient));
    }
}

fn recipients() -> Vec<Recipient> {
    vec![
        Recipient::Everyone,
        Recipient::Organisation(id(OrganisationId::new, 1)),
        Recipient::Organisation(id(OrganisationId::new, 2)),
        Recipient::Person(id(StaffId::new, 1)),
        Recipient::Person(id(StaffId::new, 2)),
        Recipient::Duty(id(OrganisationId::new, 1), Duty::Physician),
        Recipient::Duty(id(OrganisationId::new, 1), Duty::Office),
        Recipient::Duty(id(OrganisationId::new, 2), Duty::Physician),
        Recipient::Resident(id(ResidentId::new, 1)),
        Recipient::Explain(id(EncounterId::new, 1)),
        Recipient::Link(id(ShareLinkId::new, 1)),
    ]
}

fn readers() -> Vec<Reader> {
    vec![
        practice_person(1),
        practice_person(2),
        Reader::Explaining {
            conversation: id(EncounterId::new, 1),
            person: id(StaffId::new, 3),
            organisation: id(OrganisationId::new, 3),
            duty: Some(Duty::Office),
        },
        Reader::Representative(id(ResidentId::new, 1)),
        Reader::Holder(id(ShareLinkId::new, 1)),
    ]
}

/// One thing that a resident does.
#[derive(Debug, Clone)]
enum Step {
    /// Permits or denies.
    Make {
        permit: bool,
        recipient: usize,
        documents: Option<Vec<u8>>,
        author: Option<u8>,
        sensitive: bool,
        days: u8,
        download: bool,
    },
    /// Takes back one of the rules.
    End { rule: usize },
    /// Lets time pass.
    Wait { hours: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<bool>(), 0..8_usize, proptest::option::of(proptest::collection::vec(0..8_u8, 1..3)),
              proptest::option::of(0..3_u8), any::<bool>(), 0..4_u8, any::<bool>())
            .prop_map(|(permit, recipient, documents, author, sensitive, days, download)| {
                Step::Make { permit, recipient, documents, author, sensitive, days, download }
            }),
        2 => (0..60_usize).prop_map(|rule| Step::End { rule }),
        1 => (1..72_u8).prop_map(|hours| Step::Wait { hours }),
    ]
}

/// What a person would say who keeps a table of every reader, finding and right, and crosses things out.
#[derive(Debug, Clone)]
struct Line {
    permit: bool,
    who: Recipient,
    what: Vec<bool>,
    download: bool,
    until: Option<i64>,
    gone: bool,
}

fn is_meant(who: Recipient, reader: &Reader) -> bool {
    reader.recipients().contains(&who)
}

fn table_says(lines: &[Line], reader: &Reader, right: Right, n: usize, now: i64) -> bool {
    let applies = |line: &&Line| {
        !line.gone && line.until.is_none_or(|until| now < until) && is_meant(line.who, reader) && line.what[n]
    };
    if lines.iter().filter(applies).any(|line| !line.permit) {
        return false;
    }
    lines.iter().filter(applies).any(|line| {
        let allowed = match right {
            Right::View => true,
            Right::Download => line.download,
            Right::PassOn => false,
        };
        line.permit && line.who != Recipient::Everyone && allowed
    })
}

/// The rules and the table, side by side.
#[derive(Default)]
struct Both {
    rules: Vec<Rule>,
    lines: Vec<Line>,
    now: i64,
}

impl Both {
    fn take(&mut self, step: &Step) {
        match step {
            Step::Wait { hours } => self.now += i64::from(*hours) * 3600,
            Step::End { rule } => {
                if let (Some(rule), Some(line)) = (self.rules.get_mut(*rule), self.lines.get_mut(*rule)) {
                    rule.ended_at.get_or_insert(at(self.now));
                    line.gone = true;
                }
            }
            Step::Make { permit, recipient, documents, author, sensitive, days, download } => {
                let who = recipients()[*recipient];
                let until = (*days > 0).then(|| self.now + i64::from(*days) * 86_400);
                let n = u8::try_from(self.rules.len()).unwrap();
                self.rules.push(Rule {
                    effect: if *permit { Effect::Permit } else { Effect::Deny },
                    data: Data {
                        documents: documents.as_ref().map(|all| all.iter().map(|n| id(FindingId::new, *n)).collect()),
                        authors: author.map(|n| [id(PracticeId::new, n)].into()),
                        sensitive: *sensitive,
                        ..Data::default()
                    },
                    rights: Rights { download: *download, pass_on: false },
                    period: Period { from: at(self.now), until: until.map(at) },
                    ..rule(n, Effect::Permit, who)
                });
                let what = (0..8_u8).map(|n| {
                    let named = documents.as_ref().is_none_or(|all| all.contains(&n));
                    let delicate = n.is_multiple_of(5);
                    let by = author.is_none_or(|author| author == n % 3);
                    named && by && (!*permit || !delicate || *sensitive || documents.is_some())
                });
                self.lines.push(Line {
                    permit: *permit,
                    who,
                    what: what.collect(),
                    download: *download,
                    until,
                    gone: false,
                });
            }
        }
    }

    /// Asks both as one reader, for every right and finding.
    fn agree(&self, reader: &Reader) -> Result<(), TestCaseError> {
        for right in Right::ALL {
            for n in 0..8_u8 {
                let verdict = decide(&self.rules, reader, right, &item(n), at(self.now));
                let said = table_says(&self.lines, reader, right, usize::from(n), self.now);
                prop_assert_eq!(verdict.is_permitted(), said, "{:?} {:?} {}", reader, right, n);
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// After every step the policy says what the table says: one reader after the other, and at the end all of them.
    #[test]
    fn the_policy_is_the_table_that_a_person_would_keep(steps in proptest::collection::vec(step(), 50)) {
        let mut both = Both::default();
        for (step, reader) in steps.iter().zip(readers().iter().cycle()) {
            both.take(step);
            both.agree(reader)?;
        }
        for reader in readers() {
            both.agree(&reader)?;
        }
    }

    /// The order in which rules are loaded says nothing.
    #[test]
    fn the_order_of_rules_does_not_matter(steps in proptest::collection::vec(step(), 12), turn in 0..12_usize) {
        let mut both = Both::default();
        for step in &steps {
            both.take(step);
        }
        let mut turned = both.rules.clone();
        if !turned.is_empty() {
            let by = turn % turned.len();
            turned.rotate_left(by);
        }
        for reader in readers() {
            for n in 0..8_u8 {
                let ask = |rules: &[Rule]| decide(rules, &reader, Right::View, &item(n), at(both.now));
                prop_assert_eq!(ask(&both.rules), ask(&turned));
            }
        }
    }

    /// Taking a permit back or adding a denial never opens anything.
    #[test]
    fn closing_never_opens(steps in proptest::collection::vec(step(), 12), which in 0..12_usize) {
        let mut both = Both::default();
        for step in &steps {
            both.take(step);
        }
        let now = both.now + 1;
        let mut fewer = both.rules.clone();
        if let Some(rule) = fewer.get_mut(which).filter(|rule| rule.effect == Effect::Permit) {
            rule.ended_at = Some(at(now) - SignedDuration::from_nanos(1));
        }
        fewer.push(rule(200, Effect::Deny, Recipient::Organisation(id(OrganisationId::new, 1))));
        for reader in readers() {
            for n in 0..8_u8 {
                let open = |rules: &[Rule]| decide(rules, &reader, Right::View, &item(n), at(now)).is_permitted();
                prop_assert!(!open(&fewer) || open(&both.rules));
            }
        }
    }
}
