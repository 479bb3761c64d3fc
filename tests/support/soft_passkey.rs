//! An authenticator without hardware, and the browser around it: makes passkeys (ES256, no attestation) and signs with
//! them, and lies on request. For tests of any crate that knows aws-lc-rs, base64 and serde_json.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::{SystemRandom, fill},
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// Somebody is there (WebAuthn, 6.1).
const USER_PRESENT: u8 = 0x01;
/// And it is the right one.
const USER_VERIFIED: u8 = 0x04;
/// The data holds a new key.
const KEY_INCLUDED: u8 = 0x40;

/// One passkey in one browser tab.
pub(crate) struct SoftPasskey {
    key: EcdsaKeyPair,
    id: [u8; 32],
    /// Where the tab is, such as `https://nahraum.example`.
    pub(crate) origin: String,
    /// Whether the authenticator asks for finger, face or PIN.
    pub(crate) verifies_user: bool,
    /// The next counter; `None` for keys that do not count.
    pub(crate) counter: Option<u32>,
}

impl SoftPasskey {
    /// A fresh key in a tab at this origin. It verifies its user, and counts from 1.
    pub(crate) fn at(origin: &str) -> Self {
        let mut id = [0; 32];
        fill(&mut id).expect("randomness");
        Self {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key"),
            id,
            origin: origin.to_owned(),
            verifies_user: true,
            counter: Some(1),
        }
    }

    /// What `navigator.credentials.create` gives for these options.
    pub(crate) fn register(&mut self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).expect("options");
        let options = &options["publicKey"];
        let rp_id = options["rp"]["id"].as_str().expect("an id");
        let mut data = self.authenticator_data(rp_id, KEY_INCLUDED);
        // no model (AAGUID), then the id with its length in two bytes, then the key (WebAuthn, 6.5.1)
        data.extend([0; 16]);
        data.extend([0, 32]);
        data.extend(self.id);
        data.extend(self.cose_key());
        let mut object = b"\xA3\x63fmt\x64none\x67attStmt\xA0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).expect("less than 256 bytes"));
        object.extend(data);
        json!({
            "id": self.text_id(), "rawId": self.text_id(), "type": "public-key", "extensions": {},
            "response": {
                "attestationObject": URL_SAFE_NO_PAD.encode(object),
                "clientDataJSON": URL_SAFE_NO_PAD.encode(self.client_data("webauthn.create", options)),
            },
        })
        .to_string()
    }

    /// What `navigator.credentials.get` gives for these options.
    pub(crate) fn sign_in(&mut self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).expect("options");
        let options = &options["publicKey"];
        let data = self.authenticator_data(options["rpId"].as_str().expect("an id"), 0);
        let client_data = self.client_data("webauthn.get", options);
        let signed = [data.as_slice(), digest(&SHA256, client_data.as_bytes()).as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).expect("a signature");
        json!({
            "id": self.text_id(), "rawId": self.text_id(), "type": "public-key", "extensions": {},
            "response": {
                "authenticatorData": URL_SAFE_NO_PAD.encode(data),
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
                "signature": URL_SAFE_NO_PAD.encode(signature),
                "userHandle": null,
            },
        })
        .to_string()
    }

    /// The name of the key.
    pub(crate) fn id(&self) -> &[u8] {
        &self.id
    }

    fn text_id(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.id)
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        json!({"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false})
            .to_string()
    }

    /// Whose site, what was checked, how often the key was used (WebAuthn, 6.1).
    fn authenticator_data(&mut self, rp_id: &str, more: u8) -> Vec<u8> {
        let verified = if self.verifies_user { USER_VERIFIED } else { 0 };
        let counter = self.counter.unwrap_or(0);
        self.counter = self.counter.map(|counter| counter + 1);
        let mut data = digest(&SHA256, rp_id.as_bytes()).as_ref().to_vec();
        data.push(USER_PRESENT | verified | more);
        data.extend(counter.to_be_bytes());
        data
    }

    /// `{1: 2, 3: -7, -1: 1, -2: x, -3: y}` in CBOR (RFC 9052, 7; RFC 9053, 7.1.1): P-256, ES256.
    fn cose_key(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let (x, y) = (&point[1..33], &point[33..65]);
        [b"\xA5\x01\x02\x03\x26\x20\x01\x21\x58\x20", x, b"\x22\x58\x20", y].concat()
    }
}
