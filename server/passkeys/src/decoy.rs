//! Passkeys of people who are not there: they look like any other in the options, and nobody can sign with them.

use webauthn_rs::prelude::{Credential, Passkey};

/// A passkey as the library writes it. Its key has no private part that anybody knows: x is the SHA-256 of
/// `nahraum decoy passkey 0`, and y belongs to it.
const FORM: &str = concat!(
    r#"{"cred_id":"","cred":{"type_":"ES256","key":{"EC_EC2":{"curve":"SECP256R1","#,
    r#""x":"MK2U0hoTqY3cQbApgE-seFKjnV972_Bc0H-1M6IimEs","y":"hyBlZi_RaiMsHne7Kv7jXY4KUeKNhcQ-6V2MVxDjYYw"}}},"#,
    r#""counter":0,"transports":null,"user_verified":true,"backup_eligible":false,"backup_state":false,"#,
    r#""registration_policy":"required","extensions":{},"attestation":{"data":"None","metadata":"None"},"#,
    r#""attestation_format":"none"}"#,
);

/// A decoy with this id.
pub(crate) fn with_id(id: &[u8]) -> Option<Passkey> {
    let mut credential: Credential = serde_json::from_str(FORM).ok()?;
    credential.cred_id = id.to_vec();
    Some(credential.into())
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        digest::{SHA256, digest},
        signature::{ECDSA_P256_SHA256_ASN1, ParsedPublicKey},
    };
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

    #[test]
    fn nobody_has_chosen_the_key_and_it_is_one() {
        let part = |name: &str| super::FORM.split(&format!(r#""{name}":""#)).nth(1).unwrap().split('"').next().unwrap();
        let [x, y] = ["x", "y"].map(|name| URL_SAFE_NO_PAD.decode(part(name)).unwrap());
        assert_eq!(x, digest(&SHA256, b"nahraum decoy passkey 0").as_ref());
        ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, [&[4], x.as_slice(), &y].concat()).unwrap();
        assert_eq!(super::with_id(b"any").unwrap().cred_id().as_slice(), b"any");
    }
}
