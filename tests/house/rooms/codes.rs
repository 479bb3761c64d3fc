//! Guessing codes: half knowledge burns a code, strangers cannot, and no answer tells which half was right.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    house::{Engine, House},
    http::Reply,
    people::{Patient, Practice, Slip, activation, device_secret},
    server::{Server, Setup},
};

promises![
    sr_b03_strangers_cannot_burn_a_code,
    sr_a07_no_answer_tells_which_half_of_a_slip_was_wrong,
    sr_b03_five_half_right_tries_burn_a_code,
    the_secret_part_alone_is_counted_too,
    sr_b03_three_burnt_codes_block_the_patient_for_eight_hours,
];

const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/// A code with these eleven characters and the check character that fits: position times value sums up to a multiple
/// of 31.
fn checked(eleven: &str) -> String {
    let value = |c: char| ALPHABET.iter().position(|a| char::from(*a) == c).expect("a character of codes");
    let sum: usize = eleven.chars().enumerate().map(|(at, c)| (at + 1) * value(c)).sum();
    let check = (0..31).find(|check| (sum + 12 * check).is_multiple_of(31)).unwrap();
    format!("{eleven}{}", char::from(ALPHABET[check]))
}

/// The slip's code with another secret part.
fn wrong_secret(slip: &Slip, n: usize) -> String {
    let plain = slip.code.replace('-', "");
    let other = if plain.as_bytes()[4 + n % 7] == b'2' { '3' } else { '2' };
    let mut eleven: Vec<char> = plain.chars().take(11).collect();
    eleven[4 + n % 7] = other;
    checked(&eleven.iter().collect::<String>())
}

/// A sound code that nobody has, most likely.
fn random_code() -> String {
    let secret = u128::from_str_radix(&device_secret(), 16).unwrap();
    let digit = |n: u32| char::from(ALPHABET[usize::try_from(secret / 31_u128.pow(n) % 31).unwrap()]);
    checked(&(0..11).map(digit).collect::<String>())
}

fn entered(server: &Server, slip: &Slip, code: &str, birth_date: &str) -> Value {
    let mut body = activation(server, &slip.code, birth_date, &device_secret(), "de");
    body["code"] = json!(code);
    // The PIN must not be the reason: it may stand in no code.
    body["pin"] = json!("739184");
    body
}

/// Tries until the hasher has time for it.
fn patiently(server: &Server, body: &Value) -> Reply {
    loop {
        let reply = server.post("/v1/activations", body);
        if reply.status != 503 {
            return reply;
        }
        assert!(reply.header("retry-after").is_some());
        thread::sleep(Duration::from_millis(100));
    }
}

fn state(practice: &Practice, slip: &Slip) -> Value {
    practice.staff.get(&format!("/v1/practice/invitations/{}", slip.id)).expect(200).json()["state"].clone()
}

/// A thousand guesses with both halves wrong, many of them at this very code, leave it as good as new.
fn sr_b03_strangers_cannot_burn_a_code(house: &House) {
    let guesses = if house.engine == Engine::Sqlite { 1_000 } else { 30 };
    let practice = house.practice();
    let slip = practice.staff.invite(&Patient::new());
    let body = entered(house.server(), &slip, "", "1977-07-07");
    let done = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let n = done.fetch_add(1, Ordering::Relaxed);
                    if n >= guesses {
                        return;
                    }
                    let mut guess = body.clone();
                    guess["code"] = json!(if n.is_multiple_of(10) { wrong_secret(&slip, n) } else { random_code() });
                    patiently(house.server(), &guess).problem(403, "activation-failed");
                }
            });
        }
    });
    assert_eq!(state(&practice, &slip), "open");
    let good = entered(house.server(), &slip, &slip.code, &slip.patient.birth_date);
    patiently(house.server(), &good).expect(201);
}

/// Unknown, used, burnt, taken back and expired codes, wrong birth dates, wrong secret parts, typing errors: one answer,
/// byte for byte.
fn sr_a07_no_answer_tells_which_half_of_a_slip_was_wrong(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let [open, used, revoked, expired] = [(); 4].map(|()| practice.staff.invite(&Patient::new()));
    let birth_date = open.patient.birth_date.as_str();
    patiently(&server, &entered(&server, &used, &used.code, birth_date)).expect(201);
    practice.staff.call("DELETE", &format!("/v1/practice/invitations/{}", revoked.id)).send().expect(204);
    let qr_of_nobody =
        open.qr.split_once('#').map(|(url, _)| format!("{url}#1.localhost.AAAAAAAAAAAAAAAAAAAAAA")).unwrap();
    let tries = [
        ("unknown", random_code(), birth_date),
        ("unknown by QR", qr_of_nobody, birth_date),
        ("wrong birth date", open.code.clone(), "1977-07-07"),
        ("wrong birth date by QR", open.qr.clone(), "1977-07-07"),
        ("wrong secret", wrong_secret(&open, 0), birth_date),
        ("both wrong", wrong_secret(&open, 1), "1977-07-07"),
        ("used", used.code.clone(), birth_date),
        ("used, by QR", used.qr.clone(), birth_date),
        ("taken back", revoked.code.clone(), birth_date),
        ("typing error", open.code.replace(['A', '2', 'K'], "7"), "1977-07-07"),
        ("no code at all", "hello".into(), birth_date),
        ("empty", String::new(), birth_date),
        ("a later QR form", "https://x.example/a#2.nahraum.AAAAAAAAAAAAAAAAAAAAAA".into(), birth_date),
    ];
    let mut answers = BTreeSet::new();
    for (name, code, birth_date) in &tries {
        let reply = patiently(&server, &entered(&server, &open, code, birth_date));
        answers.insert(reply.problem(403, "activation-failed").fingerprint());
        assert_eq!(answers.len(), 1, "{name}: {answers:#?}");
    }
    server.move_clock(15 * 86_400);
    let reply = patiently(&server, &entered(&server, &expired, &expired.code, birth_date));
    answers.insert(reply.problem(403, "activation-failed").fingerprint());
    assert_eq!(answers.len(), 1, "expired: {answers:#?}");
}

fn sr_b03_five_half_right_tries_burn_a_code(house: &House) {
    let practice = house.practice();
    let slip = practice.staff.invite(&Patient::new());
    let wrong = entered(house.server(), &slip, &slip.code, "1977-07-07");
    for _ in 0..4 {
        patiently(house.server(), &wrong).problem(403, "activation-failed");
    }
    assert_eq!(state(&practice, &slip), "open", "four are forgiven");
    patiently(house.server(), &wrong).problem(403, "activation-failed");
    assert_eq!(state(&practice, &slip), "burnt");
    let good = entered(house.server(), &slip, &slip.code, &slip.patient.birth_date);
    patiently(house.server(), &good).problem(403, "activation-failed");
    // The QR form of the same slip is burnt with it, and the practice can print a new one.
    let qr = entered(house.server(), &slip, &slip.qr, &slip.patient.birth_date);
    patiently(house.server(), &qr).problem(403, "activation-failed");
    let new = practice.staff.invite(&slip.patient);
    patiently(house.server(), &entered(house.server(), &new, &new.code, &new.patient.birth_date)).expect(201);
}

/// Somebody who knows the birth date and saw the first four characters.
fn the_secret_part_alone_is_counted_too(house: &House) {
    let practice = house.practice();
    let slip = practice.staff.invite(&Patient::new());
    for n in 0..5 {
        let guess = entered(house.server(), &slip, &wrong_secret(&slip, n), &slip.patient.birth_date);
        patiently(house.server(), &guess).problem(403, "activation-failed");
    }
    assert_eq!(state(&practice, &slip), "burnt");
}

fn sr_b03_three_burnt_codes_block_the_patient_for_eight_hours(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let patient = Patient::new();
    for _ in 0..3 {
        let slip = practice.staff.invite(&patient);
        let wrong = entered(&server, &slip, &slip.code, "1977-07-07");
        for _ in 0..5 {
            patiently(&server, &wrong).problem(403, "activation-failed");
        }
    }
    let invitation = json!({"patient_reference": patient.reference, "birth_date": patient.birth_date});
    let invite = || practice.staff.post("/v1/practice/invitations", &invitation);
    let blocked = invite().problem(409, "invitation-blocked");
    let wait: i64 = blocked.header("retry-after").expect("when").parse().unwrap();
    assert!((8 * 3_600 - 60..=8 * 3_600).contains(&wait), "{wait} s");
    practice.staff.invite(&Patient::new());
    server.move_clock(wait + 1);
    invite().expect(201);
}
