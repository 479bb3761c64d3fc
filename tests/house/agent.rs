//! Software of a practice with a key of its own: it is let in by a code, proves its key, and gets tokens.

use std::{
    sync::Arc,
    sync::atomic::{AtomicU64, Ordering},
};

use serde_json::{Value, json};

use crate::{
    house::number,
    http::{Call, Reply},
    people::CANARY,
    phone::{Phone, text},
    proof_maker::SigningKey,
    server::Server,
};

static NUMBER: AtomicU64 = AtomicU64::new(0);

/// The name of software that no practice knows yet.
const UNPAIRED: &str = "nahraum-agent";
/// RFC 7523
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// RFC 8628
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Software with a key for its assertions and one for its proofs.
pub(crate) struct Agent {
    server: Arc<Server>,
    pub(crate) key: SigningKey,
    pub(crate) dpop: Phone,
    /// Where its clock stands, in seconds since 1970, if it stands.
    clock: Option<u64>,
}

impl Agent {
    pub(crate) fn new(server: &Arc<Server>) -> Self {
        Self { server: Arc::clone(server), key: SigningKey::es256(), dpop: Phone::new(server), clock: None }
    }

    /// Stops its clock and the server's.
    pub(crate) fn stop_clocks(&mut self, second: u64) {
        self.clock = Some(second);
        self.server.stop_clock_at(second);
    }

    fn now(&self) -> i64 {
        i64::try_from(self.clock.unwrap_or_else(|| self.server.now())).expect("a time")
    }

    fn form(fields: &[(&str, &str)]) -> String {
        let one = |(name, value): &(&str, &str)| format!("{name}={}", encoded(value));
        fields.iter().map(one).collect::<Vec<_>>().join("&")
    }

    /// Asks to be let in.
    pub(crate) fn ask(&self) -> Reply {
        self.server.call("POST", "/oauth/device_authorization").form(&Self::wish_of(&self.key)).send()
    }

    /// Asks to be let in, and says with a header of proxies where from.
    pub(crate) fn ask_from(&self, forwarded: &str) -> Reply {
        let call = self.server.call("POST", "/oauth/device_authorization").header("x-forwarded-for", forwarded);
        call.form(&Self::wish_of(&self.key)).send()
    }

    /// The wish of software with a key that nobody has seen.
    pub(crate) fn wish() -> String {
        Self::wish_of(&SigningKey::es256())
    }

    fn wish_of(key: &SigningKey) -> String {
        let label = format!("Programm {CANARY} {}", number());
        Self::form(&[("client_id", UNPAIRED), ("client_name", &label), ("jwk", &key.jwk())])
    }

    /// A request to the token endpoint, proven by the other key unless the server takes bearers.
    fn token_call(&self, form: &str) -> Reply {
        let now = self.now();
        let proof = self.dpop.proof_at("POST", "/oauth/token", None, now, None);
        self.server.call("POST", "/oauth/token").header("dpop", &proof).form(form).send()
    }

    /// Asks whether it was let in.
    pub(crate) fn poll(&self, codes: &Value) -> Reply {
        let device_code = text(codes, "device_code");
        self.token_call(&Self::form(&[
            ("grant_type", DEVICE_GRANT),
            ("device_code", &device_code),
            ("client_id", UNPAIRED),
        ]))
    }

    /// A call with a token, proven.
    pub(crate) fn call(&self, method: &str, path: &str, token: &str) -> Call<'_> {
        let now = self.now();
        let proof = self.dpop.proof_at(method, path, Some(token), now, None);
        self.server.call(method, path).header("authorization", &format!("DPoP {token}")).header("dpop", &proof)
    }

    /// The claims of a good assertion.
    pub(crate) fn claims(&self, client: &str) -> Value {
        let now = self.now();
        let id = format!("{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        json!({"iss": client, "sub": client, "aud": self.server.public("/oauth/token"), "iat": now, "exp": now + 60, "jti": id})
    }

    /// These claims, signed.
    pub(crate) fn assertion(&self, claims: &Value) -> String {
        self.key.jws(&format!(r#"{{"alg":"{}"}}"#, self.key.algorithm()), &claims.to_string())
    }

    /// Signs in with an assertion.
    pub(crate) fn show(&self, assertion: &str) -> Reply {
        self.token_call(&Self::form(&[
            ("grant_type", "client_credentials"),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion),
        ]))
    }

    /// Signs in.
    pub(crate) fn sign_in(&self, client: &str) -> Reply {
        self.show(&self.assertion(&self.claims(client)))
    }

    /// A token.
    #[track_caller]
    pub(crate) fn token(&self, client: &str) -> String {
        self.sign_in(client).expect(200).text("/access_token")
    }

    /// Puts this key in the place of its own.
    pub(crate) fn renew(&self, client: &str, new: &SigningKey) -> Reply {
        let assertion = self.assertion(&self.claims(client));
        let form = Self::form(&[
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &assertion),
            ("jwk", &new.jwk()),
        ]);
        self.server.call("POST", "/oauth/key").form(&form).send()
    }

    /// Gets a certificate for its key.
    pub(crate) fn certificate(&self, client: &str) -> Reply {
        let assertion = self.assertion(&self.claims(client));
        let form = Self::form(&[("client_assertion_type", ASSERTION_TYPE), ("client_assertion", &assertion)]);
        self.server.call("POST", "/oauth/certificate").form(&form).send()
    }

    /// Gives a token back, with an assertion and without a proof.
    pub(crate) fn give_back(&self, client: &str, token: &str) -> Reply {
        let assertion = self.assertion(&self.claims(client));
        let form = Self::form(&[
            ("token", token),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &assertion),
        ]);
        self.server.call("POST", "/oauth/revoke").form(&form).send()
    }
}

/// A value of a form.
pub(crate) fn encoded(value: &str) -> String {
    let one = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    value.bytes().map(one).collect()
}
