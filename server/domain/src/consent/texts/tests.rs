//! A model that carries every yes along by hand, against the rules that derive it.

use jiff::{SignedDuration, civil::date};
use proptest::{collection::vec, prelude::*};

use super::*;

const BEGIN: &str = "2026-11-27T09:00:00Z";

fn at(day: i64) -> Timestamp {
    BEGIN.parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * day)
}

fn asking(version: i32, days: i64) -> Asking {
    Asking { version, published_at: at(0), old_counts_until: at(days) }
}

const fn yes(version: i32) -> Yes {
    Yes { version, withdrawn: false }
}

#[test]
fn sr_z09_an_old_yes_counts_to_its_day_and_not_a_moment_longer() {
    let askings = [asking(2, 10)];
    assert!(agrees(&[yes(1)], &askings, at(10) - SignedDuration::from_nanos(1)));
    assert!(!agrees(&[yes(1)], &askings, at(10)));
    assert!(agrees(&[yes(1), yes(2)], &askings, at(10)), "a new yes counts on");
    assert_eq!(standing(yes(1), &askings, at(10)), Standing::Expired);
    assert_eq!(standing(Yes { withdrawn: true, ..yes(1) }, &askings, at(10)), Standing::Withdrawn);
    assert!(agrees(&[yes(1)], &[], at(10_000)), "a wording that asks nobody takes nothing away");
}

#[test]
fn the_first_end_counts_and_a_later_asking_does_not_put_it_off() {
    let askings = [asking(2, 10), asking(3, 40)];
    assert_eq!(counts_until(1, &askings), Some(at(10)));
    assert_eq!(counts_until(2, &askings), Some(at(40)));
    assert_eq!(counts_until(3, &askings), None);
}

#[test]
fn somebody_is_asked_about_the_newest_asking_until_they_have_answered_it() {
    let askings = [asking(2, 10), asking(4, 40)];
    let asked = |answers: &[Yes], refused| question(answers, refused, &askings).map(|question| question.version);
    assert_eq!(asked(&[], None), None, "who never agreed");
    assert_eq!(asked(&[yes(1)], None), Some(4));
    assert_eq!(asked(&[yes(1)], Some(2)), Some(4), "a no to the one before");
    assert_eq!(asked(&[yes(1)], Some(4)), None);
    assert_eq!(asked(&[yes(1)], Some(5)), None, "a no to a wording that asked nobody");
    assert_eq!(asked(&[yes(1), yes(5)], None), None);
    assert_eq!(asked(&[Yes { withdrawn: true, ..yes(1) }], None), None);
}

#[test]
fn sr_z09_a_version_is_the_next_one_and_leaves_a_week() {
    let now = at(0);
    let publish = |version, last, day| publish(version, last, day, now);
    assert_eq!(publish(4, Some(3), None), Ok(None));
    assert_eq!(publish(1, None, None), Ok(None));
    assert_eq!(publish(3, Some(3), None), Err(NotPublished::NotNext));
    assert_eq!(publish(5, Some(3), None), Err(NotPublished::NotNext));
    assert_eq!(publish(i32::MIN, Some(i32::MAX), None), Err(NotPublished::NotNext));
    assert_eq!(publish(1, None, Some(date(2027, 1, 1))), Err(NotPublished::NobodyToAsk));
    assert_eq!(publish(4, Some(3), Some(date(2026, 12, 3))), Err(NotPublished::TooSoon));
    let until = publish(4, Some(3), Some(date(2026, 12, 4))).unwrap().unwrap();
    assert_eq!(until.to_string(), "2026-12-04T23:00:00Z");
}

#[test]
fn a_version_has_a_german_text_and_tells_what_is_different_in_every_language() {
    assert_eq!(one_version(1, &[("de", false), ("tr", false)]), Ok(()));
    assert_eq!(one_version(2, &[("de", true), ("tr", true)]), Ok(()));
    assert_eq!(one_version(2, &[("de", true), ("tr", false)]), Err(NotOneVersion::Change));
    assert_eq!(one_version(1, &[("de", true)]), Err(NotOneVersion::Change));
    assert_eq!(one_version(1, &[("tr", false)]), Err(NotOneVersion::NoGerman));
    assert_eq!(one_version(1, &[("de", false), ("de", false)]), Err(NotOneVersion::Twice));
}

#[test]
fn purposes_are_short_plain_words() {
    for good in ["base", "district-record", "a1", "x".repeat(40).as_str()] {
        assert!(is_purpose(good), "{good}");
    }
    for bad in ["", "a", "Base", "ba se", "bäse", "a/b", "x".repeat(41).as_str()] {
        assert!(!is_purpose(bad), "{bad}");
    }
}

/// What happens to a resident and the texts.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// A new version; for how many more days the old yes counts, if everybody is asked again.
    Publish(Option<i64>),
    /// A yes to the newest version.
    Grant,
    /// A no to the newest version.
    Refuse,
    /// Every yes is taken back, also one that has run out.
    Withdraw,
    /// So many hours pass.
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => prop::option::of(7_i64..30).prop_map(Step::Publish),
        3 => Just(Step::Grant),
        2 => Just(Step::Refuse),
        1 => Just(Step::Withdraw),
        5 => (1_i64..400).prop_map(Step::Wait),
    ]
}

/// One yes as the model keeps it: the end is written into it when a version is published, and it dies on its day.
#[derive(Debug)]
struct Kept {
    version: i32,
    until: Option<Timestamp>,
    standing: Standing,
}

/// Somebody with a notebook: everything that happens changes the notes at once.
#[derive(Debug)]
struct Model {
    now: Timestamp,
    newest: i32,
    kept: Vec<Kept>,
    asked: Option<i32>,
}

impl Model {
    fn tick(&mut self, hours: i64) {
        self.now += SignedDuration::from_hours(hours);
        for kept in &mut self.kept {
            if kept.standing == Standing::Granted && kept.until.is_some_and(|until| until <= self.now) {
                kept.standing = Standing::Expired;
            }
        }
    }

    fn publish(&mut self, days: Option<i64>) {
        self.newest += 1;
        let Some(days) = days else { return };
        let until = self.now + SignedDuration::from_hours(24 * days);
        let mut somebody = false;
        for kept in self.kept.iter_mut().filter(|kept| kept.standing != Standing::Withdrawn) {
            kept.until = Some(kept.until.map_or(until, |before| before.min(until)));
            somebody = true;
        }
        if somebody {
            self.asked = Some(self.newest);
        }
    }

    fn grant(&mut self) {
        self.kept.push(Kept { version: self.newest, until: None, standing: Standing::Granted });
        self.asked = None;
    }

    fn withdraw(&mut self) {
        for kept in &mut self.kept {
            kept.standing = Standing::Withdrawn;
        }
        self.asked = None;
    }
}

/// The same as the store keeps it: rows, and nothing that follows from them.
#[derive(Debug, Default)]
struct Rows {
    yes: Vec<Yes>,
    refused: Option<i32>,
    askings: Vec<Asking>,
}

impl Rows {
    fn withdraw(&mut self) {
        for yes in &mut self.yes {
            yes.withdrawn = true;
        }
    }
}

fn play(steps: &[Step]) -> Result<(), TestCaseError> {
    let mut model = Model { now: at(0), newest: 1, kept: Vec::new(), asked: None };
    let mut rows = Rows::default();
    for step in steps {
        match *step {
            Step::Wait(hours) => model.tick(hours),
            Step::Publish(days) => {
                model.publish(days);
                rows.askings.extend(days.map(|days| Asking {
                    version: model.newest,
                    published_at: model.now,
                    old_counts_until: model.now + SignedDuration::from_hours(24 * days),
                }));
            }
            Step::Grant => {
                model.grant();
                rows.yes.push(yes(model.newest));
            }
            Step::Refuse => {
                model.asked = None;
                rows.refused = Some(model.newest);
            }
            Step::Withdraw => {
                model.withdraw();
                rows.withdraw();
            }
        }
        let stands: Vec<Standing> = rows.yes.iter().map(|yes| standing(*yes, &rows.askings, model.now)).collect();
        let kept: Vec<Standing> = model.kept.iter().map(|kept| kept.standing).collect();
        prop_assert_eq!(&stands, &kept, "after {:?}", step);
        prop_assert_eq!(agrees(&rows.yes, &rows.askings, model.now), kept.contains(&Standing::Granted));
        let asked = question(&rows.yes, rows.refused, &rows.askings);
        prop_assert_eq!(asked.map(|asked| asked.version), model.asked, "after {:?}", step);
        let least =
            model.kept.iter().filter(|kept| kept.standing != Standing::Withdrawn).max_by_key(|kept| kept.version);
        if let (Some(asked), Some(kept)) = (asked, least) {
            prop_assert_eq!(Some(asked.old_counts_until), kept.until);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn sr_z09_what_follows_from_the_rows_is_what_somebody_with_a_notebook_says(steps in vec(step(), 50)) {
        play(&steps)?;
    }
}
