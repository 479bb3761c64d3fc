//! Passkeys as people use them, and as others try to.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "../../../tests/support/soft_passkey.rs"]
mod soft_passkey;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use nahraum_passkeys::{Ceremony, NewPasskey, PasskeyError, Passkeys, Person, UsedPasskey, WrongAddress};
use proptest::prelude::*;
use serde_json::Value;
use soft_passkey::SoftPasskey;

const HERE: &str = "https://nahraum.example";
const ANNA: Person<'_> = Person { handle: [7; 16], login: "anna", shown: "Anna M." };

fn passkeys() -> Passkeys {
    Passkeys::new(HERE, "Nahraum").unwrap()
}

fn registered(key: &mut SoftPasskey) -> NewPasskey {
    let ceremony = passkeys().start_registration(ANNA, &[]).unwrap();
    passkeys().finish_registration(&ceremony.state, &key.register(&ceremony.options), &[]).unwrap()
}

/// A sign-in with one stored key, and what comes of it.
fn sign_in(key: &mut SoftPasskey, stored: &[u8]) -> Result<UsedPasskey, PasskeyError> {
    let ceremony = passkeys().start_authentication(&[stored]).unwrap();
    passkeys().finish_authentication(&ceremony.state, &key.sign_in(&ceremony.options), &[stored])
}

fn challenge(ceremony: &Ceremony) -> Vec<u8> {
    let options: Value = serde_json::from_str(&ceremony.options).unwrap();
    URL_SAFE_NO_PAD.decode(options["publicKey"]["challenge"].as_str().unwrap()).unwrap()
}

#[test]
fn sr_a02_a_registered_passkey_signs_in_again_and_again() {
    for counter in [Some(1), None] {
        let mut key = SoftPasskey::at(HERE);
        key.counter = counter;
        let new = registered(&mut key);
        assert_eq!(new.credential_id, key.id());
        let mut stored = new.stored;
        for _ in 0..3 {
            let used = sign_in(&mut key, &stored).unwrap();
            assert_eq!(used.credential_id, key.id());
            stored = used.stored;
        }
    }
}

#[test]
fn sr_a02_challenges_have_32_bytes_and_differ() {
    let mut key = SoftPasskey::at(HERE);
    let stored = registered(&mut key).stored;
    let mut seen: Vec<_> = (0..50)
        .flat_map(|_| {
            let first = passkeys().start_registration(ANNA, &[]).unwrap();
            let second = passkeys().start_authentication(&[&stored]).unwrap();
            [challenge(&first), challenge(&second)]
        })
        .collect();
    assert!(seen.iter().all(|challenge| challenge.len() == 32));
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 100);
}

#[test]
fn sr_a02_without_user_verification_nobody_gets_in() {
    let mut key = SoftPasskey::at(HERE);
    key.verifies_user = false;
    let ceremony = passkeys().start_registration(ANNA, &[]).unwrap();
    let refusal = passkeys().finish_registration(&ceremony.state, &key.register(&ceremony.options), &[]).unwrap_err();
    assert_eq!(refusal, PasskeyError::UserNotVerified);

    key.verifies_user = true;
    let stored = registered(&mut key).stored;
    key.verifies_user = false;
    assert_eq!(sign_in(&mut key, &stored).unwrap_err(), PasskeyError::UserNotVerified);

    let options: Value = serde_json::from_str(&ceremony.options).unwrap();
    assert_eq!(options["publicKey"]["authenticatorSelection"]["userVerification"], "required");
    let options: Value = serde_json::from_str(&passkeys().start_authentication(&[&stored]).unwrap().options).unwrap();
    assert_eq!(options["publicKey"]["userVerification"], "required");
}

#[test]
fn an_answer_from_another_site_is_refused() {
    for elsewhere in [
        "https://nahraum.example.evil.example",
        "http://nahraum.example",
        "https://a.nahraum.example",
        "https://nahraum.example:8443",
    ] {
        let mut key = SoftPasskey::at(HERE);
        let stored = registered(&mut key).stored;
        key.origin = elsewhere.to_owned();
        assert_eq!(sign_in(&mut key, &stored).unwrap_err(), PasskeyError::WrongSite, "{elsewhere}");
        let ceremony = passkeys().start_registration(ANNA, &[]).unwrap();
        let refusal =
            passkeys().finish_registration(&ceremony.state, &key.register(&ceremony.options), &[]).unwrap_err();
        assert_eq!(refusal, PasskeyError::WrongSite, "{elsewhere}");
    }
}

#[test]
fn a_key_for_another_site_is_refused() {
    let mut key = SoftPasskey::at(HERE);
    let stored = registered(&mut key).stored;
    let ceremony = passkeys().start_authentication(&[&stored]).unwrap();
    let elsewhere = ceremony.options.replace("\"rpId\":\"nahraum.example\"", "\"rpId\":\"evil.example\"");
    assert_ne!(elsewhere, ceremony.options);
    let answer = key.sign_in(&elsewhere);
    let refusal = passkeys().finish_authentication(&ceremony.state, &answer, &[&stored]).unwrap_err();
    assert_eq!(refusal, PasskeyError::WrongSite);
}

#[test]
fn sr_a02_an_answer_fits_its_own_challenge_only() {
    let mut key = SoftPasskey::at(HERE);
    key.counter = None;
    let stored = registered(&mut key).stored;
    let first = passkeys().start_authentication(&[&stored]).unwrap();
    let answer = key.sign_in(&first.options);
    let second = passkeys().start_authentication(&[&stored]).unwrap();
    let refusal = passkeys().finish_authentication(&second.state, &answer, &[&stored]).unwrap_err();
    assert_eq!(refusal, PasskeyError::WrongChallenge);
    passkeys().finish_authentication(&first.state, &answer, &[&stored]).unwrap();
    // a registration is no sign-in, and the other way round
    let registration = passkeys().start_registration(ANNA, &[]).unwrap();
    assert_eq!(
        passkeys().finish_authentication(&registration.state, &answer, &[&stored]).unwrap_err(),
        PasskeyError::Corrupt
    );
    let wrong = key.register(&passkeys().start_registration(ANNA, &[]).unwrap().options);
    assert_eq!(
        passkeys().finish_registration(&registration.state, &wrong, &[]).unwrap_err(),
        PasskeyError::WrongChallenge
    );
}

#[test]
fn a_counter_that_goes_back_is_reported() {
    let mut key = SoftPasskey::at(HERE);
    let mut stored = registered(&mut key).stored;
    key.counter = Some(10);
    stored = sign_in(&mut key, &stored).unwrap().stored;
    for counter in [Some(9), Some(10), None] {
        key.counter = counter;
        assert_eq!(sign_in(&mut key, &stored).unwrap_err(), PasskeyError::CounterWentBack, "{counter:?}");
    }
    key.counter = Some(11);
    sign_in(&mut key, &stored).unwrap();
}

#[test]
fn a_copy_of_a_key_is_noticed_when_both_sign_in_at_the_same_time() {
    let mut key = SoftPasskey::at(HERE);
    let stored = registered(&mut key).stored;
    let (first, second) =
        (passkeys().start_authentication(&[&stored]).unwrap(), passkeys().start_authentication(&[&stored]).unwrap());
    key.counter = Some(5);
    let one = key.sign_in(&first.options);
    key.counter = Some(5);
    let other = key.sign_in(&second.options);
    let used = passkeys().finish_authentication(&first.state, &one, &[&stored]).unwrap();
    let refusal = passkeys().finish_authentication(&second.state, &other, &[&used.stored]).unwrap_err();
    assert_eq!(refusal, PasskeyError::CounterWentBack);
}

#[test]
fn other_keys_and_removed_ones_open_nothing() {
    let (mut annas, mut other) = (SoftPasskey::at(HERE), SoftPasskey::at(HERE));
    let (stored, others) = (registered(&mut annas).stored, registered(&mut other).stored);
    assert_eq!(sign_in(&mut other, &stored).unwrap_err(), PasskeyError::Unknown);
    let ceremony = passkeys().start_authentication(&[&stored]).unwrap();
    let answer = annas.sign_in(&ceremony.options);
    let removed = passkeys().finish_authentication(&ceremony.state, &answer, &[&others]).unwrap_err();
    assert_eq!(removed, PasskeyError::Unknown);
    assert_eq!(passkeys().start_authentication(&[]).unwrap_err(), PasskeyError::Unknown);
}

#[test]
fn a_passkey_is_not_registered_twice_for_a_person() {
    let mut key = SoftPasskey::at(HERE);
    let stored = registered(&mut key).stored;
    let (first, second) =
        (passkeys().start_registration(ANNA, &[&stored]).unwrap(), passkeys().start_registration(ANNA, &[]).unwrap());
    assert!(first.options.contains("excludeCredentials"));
    for ceremony in [first, second] {
        let answer = key.register(&ceremony.options);
        let refusal = passkeys().finish_registration(&ceremony.state, &answer, &[&stored]).unwrap_err();
        assert_eq!(refusal, PasskeyError::AlreadyRegistered);
    }
}

#[test]
fn a_key_under_another_name_is_refused() {
    let mut key = SoftPasskey::at(HERE);
    let ceremony = passkeys().start_registration(ANNA, &[]).unwrap();
    let mut answer: Value = serde_json::from_str(&key.register(&ceremony.options)).unwrap();
    answer["rawId"] = URL_SAFE_NO_PAD.encode([8; 32]).into();
    let refusal = passkeys().finish_registration(&ceremony.state, &answer.to_string(), &[]).unwrap_err();
    assert_eq!(refusal, PasskeyError::Refused);
}

#[test]
fn a_wrong_signature_is_refused() {
    let mut key = SoftPasskey::at(HERE);
    let stored = registered(&mut key).stored;
    let ceremony = passkeys().start_authentication(&[&stored]).unwrap();
    let mut answer: Value = serde_json::from_str(&key.sign_in(&ceremony.options)).unwrap();
    let mut data = URL_SAFE_NO_PAD.decode(answer["response"]["authenticatorData"].as_str().unwrap()).unwrap();
    *data.last_mut().unwrap() += 1;
    answer["response"]["authenticatorData"] = URL_SAFE_NO_PAD.encode(data).into();
    let refusal = passkeys().finish_authentication(&ceremony.state, &answer.to_string(), &[&stored]).unwrap_err();
    assert_eq!(refusal, PasskeyError::Refused);
}

#[test]
fn addresses_without_a_name_have_no_passkeys() {
    for wrong in ["", "nahraum.example", "https://192.0.2.7", "https://[2001:db8::1]:8443", "mailto:a@b"] {
        assert_eq!(Passkeys::new(wrong, "Nahraum").unwrap_err(), WrongAddress, "{wrong}");
    }
    for right in ["https://nahraum.example", "https://nahraum.example/", "http://localhost:8080"] {
        Passkeys::new(right, "Nahraum").unwrap();
    }
}

#[test]
fn what_is_stored_survives_and_other_bytes_are_noticed() {
    let mut key = SoftPasskey::at(HERE);
    let stored = registered(&mut key).stored;
    assert!(stored.len() < 1_000, "{}", stored.len());
    assert_eq!(passkeys().start_authentication(&[b"{}"]).unwrap_err(), PasskeyError::Corrupt);
    assert_eq!(passkeys().finish_registration(b"", "{}", &[]).unwrap_err(), PasskeyError::Corrupt);
    let ceremony = passkeys().start_authentication(&[&stored]).unwrap();
    assert!(ceremony.state.len() < 2_000, "{}", ceremony.state.len());
    assert_eq!(format!("{ceremony:?}"), "Ceremony(•••)");
}

#[test]
fn sr_a07_a_login_that_nobody_has_looks_like_any_other() {
    let mut key = SoftPasskey::at(HERE);
    let ceremony = passkeys().start_registration(ANNA, &[]).unwrap();
    let mut answer: Value = serde_json::from_str(&key.register(&ceremony.options)).unwrap();
    answer["response"]["transports"] = serde_json::json!(["usb", "nfc"]);
    let stored = passkeys().finish_registration(&ceremony.state, &answer.to_string(), &[]).unwrap().stored;

    let real = passkeys().start_authentication(&[&stored]).unwrap();
    let decoy = passkeys().start_decoy(&[&[9; 32]]).unwrap();
    let shape = |ceremony: &Ceremony, id: &[u8]| {
        let challenge = URL_SAFE_NO_PAD.encode(challenge(ceremony));
        ceremony.options.replace(&challenge, "challenge").replace(&URL_SAFE_NO_PAD.encode(id), "id")
    };
    assert_eq!(shape(&real, key.id()), shape(&decoy, &[9; 32]));
    assert_ne!(challenge(&decoy), challenge(&passkeys().start_decoy(&[&[9; 32]]).unwrap()));
}

#[test]
fn nobody_signs_in_with_a_decoy() {
    let mut key = SoftPasskey::at(HERE);
    let stored = registered(&mut key).stored;
    let id = key.id().to_vec();
    let decoy = passkeys().start_decoy(&[&id]).unwrap();
    let answer = key.sign_in(&decoy.options);
    assert_eq!(passkeys().finish_authentication(&decoy.state, &answer, &[]).unwrap_err(), PasskeyError::Refused);
    assert_eq!(passkeys().finish_authentication(&decoy.state, &answer, &[&stored]).unwrap_err(), PasskeyError::Refused);
    assert_eq!(passkeys().start_decoy(&[]).unwrap_err(), PasskeyError::Unknown);
}

proptest! {
    #[test]
    fn any_answer_is_read_without_panic(answer in "\\PC{0,200}", data in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut key = SoftPasskey::at(HERE);
        let registration = passkeys().start_registration(ANNA, &[]).unwrap();
        let good = key.register(&registration.options);
        prop_assert!(passkeys().finish_registration(&registration.state, &answer, &[]).is_err());
        let mut changed: Value = serde_json::from_str(&good).unwrap();
        changed["response"]["attestationObject"] = URL_SAFE_NO_PAD.encode(&data).into();
        prop_assert!(passkeys().finish_registration(&registration.state, &changed.to_string(), &[]).is_err());
        let stored = passkeys().finish_registration(&registration.state, &good, &[]).unwrap().stored;
        let ceremony = passkeys().start_authentication(&[&stored]).unwrap();
        let mut changed: Value = serde_json::from_str(&key.sign_in(&ceremony.options)).unwrap();
        for part in ["authenticatorData", "clientDataJSON", "signature"] {
            let right = changed["response"][part].take();
            changed["response"][part] = URL_SAFE_NO_PAD.encode(&data).into();
            prop_assert!(passkeys().finish_authentication(&ceremony.state, &changed.to_string(), &[&stored]).is_err());
            changed["response"][part] = right;
        }
        passkeys().finish_authentication(&ceremony.state, &changed.to_string(), &[&stored]).unwrap();
    }
}
